"""The cache of long computations: never stale, never computed twice, never noisy."""

import os
import subprocess
import sys
import textwrap
import time

import nbformat
import numpy as np
import pytest
import torch
from nbclient import NotebookClient

from descent import core, experiments
from descent.experiments import cache, experiment, fingerprint, progress, watched
from descent.oracles import gradient

CALLS = []


@experiment
def squares(n=3, scale=1.0, names=("a", "b")):
    CALLS.append(n)
    return {"x": scale * np.arange(n) ** 2, "t": torch.ones(2), "k": len(names)}


@experiment(threads=1)
def threads():
    return {"n": torch.get_num_threads()}


@experiment
def wrong():
    return [1, 2]


@experiment
def unstorable():
    return {"f": len}


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("DESCENT_CACHE", str(tmp_path / "cache"))
    # The file of this test may be newer than the process under xdist or an editor's save.
    monkeypatch.setattr(cache, "_STARTED", time.time() + 1e6)
    CALLS.clear()
    return tmp_path / "cache"


def test_a_result_is_computed_once_and_comes_back_as_arrays():
    first, second = squares(4), squares(n=4, scale=1.0)
    assert CALLS == [4]
    for result in (first, second):
        assert result["x"].tolist() == [0, 1, 4, 9] and result["x"].dtype == np.float64
        assert result["t"].dtype == np.float32 and result["k"] == 2
    first["x"][:] = 7  # A caller that writes into its arrays harms nobody.
    assert squares(4)["x"].tolist() == [0, 1, 4, 9]


@pytest.mark.parametrize("changed", [{"n": 5}, {"scale": 2.0}, {"names": ("a", "c")}, {"n": True}])
def test_every_argument_is_part_of_the_key(changed):
    base = {"n": 1, "scale": 1.0, "names": ("a", "b")}
    assert squares.key(**base) != squares.key(**(base | changed))
    assert squares.key(1) == squares.key(**base) == squares.key(1, names=["a", "b"])


def test_functions_with_the_same_arguments_do_not_meet():
    assert threads.key() != wrong.key()


def test_threads_are_fixed_while_computing_and_restored(monkeypatch):
    set_to = []
    monkeypatch.setattr(torch, "set_num_threads", set_to.append)
    threads()
    assert set_to == [1, torch.get_num_threads()]


def test_code_that_changes_after_the_start_is_not_cached(monkeypatch, folder):
    monkeypatch.setattr(cache, "_STARTED", 0.0)
    assert squares(2)["x"].tolist() == squares(2)["x"].tolist() == [0, 1]
    assert CALLS == [2, 2] and not folder.exists()


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: experiment(lambda: {}), ValueError, "<lambda> .* cannot be an experiment"),
        (wrong, TypeError, "wrong returned list; it must be a dict of arrays"),
        (unstorable, TypeError, "result.'f'. is builtin_function_or_method"),
        (lambda: squares(n=np.arange(3)), TypeError, "n is a ndarray"),
        (lambda: squares(m=3), TypeError, "unexpected keyword argument 'm'"),
    ],
)
def test_clear_errors(make, error, message):
    with pytest.raises(error, match=message):
        make()


def test_a_failure_is_not_stored():
    for _ in range(2):
        with pytest.raises(TypeError):
            wrong()


# --- what a result depends on -------------------------------------------------------------------


def write(path, text):
    path.write_text(textwrap.dedent(text), encoding="utf-8")
    os.utime(path, ns=(time.time_ns(), time.time_ns()))


@pytest.fixture
def package(tmp_path, monkeypatch):
    """A copy of the layout in small, that can be edited."""
    root = tmp_path / "descent"
    (root / "sub").mkdir(parents=True)
    write(root / "__init__.py", "")
    write(root / "used.py", "from descent.sub import deep\nY = 2\n")
    write(root / "sub" / "__init__.py", "from descent.sub import beside\n")
    write(root / "sub" / "deep.py", "Z = 3\n")
    write(root / "sub" / "beside.py", "")
    write(root / "other.py", "A = 1\n")
    write(root / "plots.py", "from descent import other\n")
    write(
        root / "work.py",
        """
        '''Work.'''
        from descent import plots
        def f(x):
            '''Say what.'''
            import descent.used
            return x + 1
        """,
    )
    monkeypatch.setattr(fingerprint, "PACKAGE", root)
    scope = {"__name__": "descent.work"}
    exec(
        compile(
            (root / "work.py").read_text().replace("from descent import plots", ""),
            str(root / "work.py"),
            "exec",
        ),
        scope,
    )
    return root, scope["f"]


def test_imports_are_followed_wherever_they_stand(package):
    root, f = package
    names = {str(p.relative_to(root)) for p in fingerprint.reachable(f)}
    assert names == {
        "__init__.py",
        "work.py",
        "used.py",
        "sub/__init__.py",
        "sub/deep.py",
        "sub/beside.py",
    }


@pytest.mark.parametrize("name", ["work.py", "used.py", "sub/deep.py", "sub/beside.py"])
def test_any_reachable_code_changes_the_fingerprint(package, name):
    root, f = package
    before = fingerprint.fingerprint(f)
    write(root / name, (root / name).read_text() + "\nW = 4\n")
    assert fingerprint.fingerprint(f) != before


def test_comments_docstrings_and_strangers_do_not(package):
    root, f = package
    before = fingerprint.fingerprint(f)
    work = (root / "work.py").read_text()
    write(
        root / "work.py", "# New.\n" + work.replace("Say what.", "Say more.").replace("Work", "W")
    )
    write(root / "other.py", "A = 2\n")
    write(root / "plots.py", "B = 2\n")
    assert fingerprint.fingerprint(f) == before


def test_library_versions_count(monkeypatch, package):
    _, f = package
    before = fingerprint.fingerprint(f)
    assert any(
        line.startswith(f"torch {torch.__version__.split('+')[0]}")
        for line in fingerprint._versions()
    )
    monkeypatch.setattr(fingerprint, "_versions", lambda: ("torch 0.1",))
    assert fingerprint.fingerprint(f) != before


def test_relative_imports_are_refused(package):
    root, f = package
    write(root / "used.py", "from . import other\n")
    with pytest.raises(ValueError, match="relative import"):
        fingerprint.fingerprint(f)


def test_everything_an_experiment_of_the_book_imports_is_seen():
    """The modules that importing a chapter's experiments loads are those its keys depend on."""
    code = """
    import sys
    from descent.experiments import ill_conditioning as runs
    from descent.experiments.fingerprint import NOT_NUMERIC, reachable
    seen = {str(p) for p in reachable(runs.edge_of_stability)}
    loaded = {m.__file__ for n, m in sys.modules.items() if n.split(".")[0] == "descent"
              and not set(n.split(".")) & NOT_NUMERIC}
    assert loaded <= seen, loaded - seen
    """
    subprocess.run([sys.executable, "-c", textwrap.dedent(code)], check=True)


# --- processes, terminals and notebooks ---------------------------------------------------------

SLOW = """
import pathlib, time
from descent.experiments import experiment

@experiment
def slow(log, seconds=1.0):
    with open(log, "a") as f:
        f.write("computed\\n")
    time.sleep(seconds)
    return {"x": 3.0}
"""


def child_environment(tmp_path):
    return os.environ | {"PYTHONPATH": str(tmp_path), "IPYTHONDIR": str(tmp_path / "ipython")}


def test_processes_that_want_the_same_result_compute_it_once(tmp_path):
    write(tmp_path / "slow_module.py", SLOW)
    os.utime(tmp_path / "slow_module.py", (0, 0))
    log = tmp_path / "log"
    code = f"from slow_module import slow; assert slow({str(log)!r})['x'] == 3"
    children = [
        subprocess.Popen(
            [sys.executable, "-W", "error", "-c", code], env=child_environment(tmp_path)
        )
        for _ in range(3)
    ]
    assert [child.wait() for child in children] == [0, 0, 0]
    assert log.read_text() == "computed\n"


def test_a_broken_file_is_computed_again(folder):
    squares(3)
    [stored] = folder.rglob("output.pkl")
    stored.write_bytes(b"not a pickle")
    assert squares(3)["x"].tolist() == [0, 1, 4]
    assert CALLS == [3, 3]
    assert squares(3)["x"].tolist() == [0, 1, 4]
    assert CALLS == [3, 3]


def test_progress_says_nothing_without_a_terminal(capsys):
    assert list(progress(range(3), "walking")) == [0, 1, 2]
    f = lambda x: (x**2).sum(-1)  # noqa: E731
    oracle = watched(gradient, 2, "running")
    from descent import SGD

    done = core.run(f, SGD(lr=0.25), torch.ones(1), 2, oracle=oracle)
    assert done.final_x.item() == 0.25
    assert capsys.readouterr() == ("", "")


def test_nothing_reaches_the_outputs_of_a_notebook(tmp_path):
    write(tmp_path / "slow_module.py", SLOW)
    os.utime(tmp_path / "slow_module.py", (0, 0))
    cell = f"""
    from slow_module import slow
    from descent.experiments import progress
    for _ in progress(range(3), "walking"):
        pass
    slow({str(tmp_path / "log")!r}, 0.0)["x"]
    """
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(textwrap.dedent(cell))])
    NotebookClient(notebook, kernel_name="python3").execute(env=child_environment(tmp_path))
    [output] = notebook.cells[0].outputs
    assert output["data"]["text/plain"] == "array(3.)"


def test_the_folder_by_default_is_beside_the_project(monkeypatch):
    monkeypatch.delenv("DESCENT_CACHE")
    root = cache.cache_folder().parent
    assert (root / "pyproject.toml").exists() and cache.cache_folder().name == ".descent_cache"
    assert experiments.experiment is experiment
