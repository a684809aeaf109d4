"""The house: every room complete and on the map, dependencies pointing one way."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

from claims import ROOT
from descent.exercises import MACHINERY
from descent.publish.toc import documents, stems

PACKAGE = ROOT / "code" / "descent"
STEMS = stems(ROOT)

# Rows of the house. A module imports from its own row and the rows above it, never from below.
ROWS = {
    "core": "blocks core devices informed optimizers oracles references sweeps torch_bridge "
    "trace validate",
    "shared": "compare concordance conformance curvature data museum networks objectives",
    "chapters": " ".join(STEMS),
    "experiments": "experiments",
    "figures and exercises": "checking exercises explore plot_fields plot_marks plots",
    "publishing": "publish",
}
LEVEL = {name: level for level, row in enumerate(ROWS.values()) for name in row.split()}
LEVEL["__init__"] = LEVEL["publish"]

PARTS = {
    "module": "code/descent/{}",
    "exercises": "code/descent/exercises/{}",
    "figures": "code/descent/explore/gallery/{}",
    "chapter": "book/chapters/{}.md",
    "lab": "book/labs/{}.ipynb",
    "notebook of exercises": "book/exercises/{}.ipynb",
    "test": "tests/test_{}.py",
}


def exists(root: Path, pattern: str, stem: str) -> bool:
    path = root / pattern.format(stem)
    if path.suffix:
        return path.is_file()
    return path.with_suffix(".py").is_file() or (path / "__init__.py").is_file()


HIDDEN = re.compile(r"^```\{code-cell\}[^\n]*\n:tags: \[remove-input\]\n(.*?)^```$", re.M | re.S)


# --- rooms -------------------------------------------------------------------------------------


def test_the_map_has_rooms():
    assert "ill_conditioning" in STEMS
    assert len(set(STEMS)) == len(STEMS)


@pytest.mark.parametrize("stem", STEMS)
def test_code_that_a_page_hides_defines_nothing(stem):
    """What a reader sees can be run in its order, by `make live` or by copying it."""
    hidden = HIDDEN.findall((ROOT / PARTS["chapter"].format(stem)).read_text("utf-8"))
    assert hidden, "each chapter has figures"
    for code in hidden:
        assert all(isinstance(line, ast.Expr) for line in ast.parse(code).body), code


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("stem", STEMS)
def test_every_room_is_complete(stem, part):
    assert exists(ROOT, PARTS[part], stem), f"the room {stem} lacks {PARTS[part].format(stem)}"


@pytest.mark.parametrize("folder", ["chapters", "labs", "exercises"])
def test_no_room_is_missing_from_the_map(folder):
    pages = (ROOT / "book" / folder).glob("*.*")
    named = [p for p in pages if p.suffix in (".md", ".ipynb")]
    assert sorted(p.stem for p in named) == sorted(STEMS)
    for page in named:
        assert f"book/{folder}/{page.stem}" in documents(ROOT)


@pytest.mark.parametrize("folder", ["exercises", "explore/gallery"])
def test_no_source_belongs_to_an_unknown_room(folder):
    machinery = {"__init__", "__pycache__", "museum", *MACHINERY}  # the museum is a page alone
    assert {path.stem for path in (PACKAGE / folder).iterdir()} - machinery == set(STEMS)


def test_a_missing_part_is_noticed(tmp_path):
    (tmp_path / "code/descent").mkdir(parents=True)
    (tmp_path / "code/descent/momentum.py").touch()
    assert exists(tmp_path, PARTS["module"], "momentum")
    assert not exists(tmp_path, PARTS["module"], "saddles")
    assert not exists(tmp_path, PARTS["chapter"], "momentum")


# --- dependencies ------------------------------------------------------------------------------


def imports(path: Path, package: Path = PACKAGE) -> set[str]:
    """Top-level parts of the package that a file imports, inside functions too."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        for name in names:
            root, _, rest = name.partition(".")
            part = rest.partition(".")[0]
            if root == package.name and ((package / part).is_dir() or part in LEVEL):
                found.add(part)
    return found


def sources() -> list[Path]:
    return sorted(PACKAGE.rglob("*.py"))


def part_of(path: Path) -> str:
    return path.relative_to(PACKAGE).with_suffix("").parts[0]


def test_every_module_stands_in_a_row():
    unplaced = {part_of(path) for path in sources()} - set(LEVEL)
    assert not unplaced, f"give {sorted(unplaced)} a row in ROWS"


@pytest.mark.parametrize("path", sources(), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_dependencies_point_one_way(path):
    own = part_of(path)
    below = {name for name in imports(path) if LEVEL[name] > LEVEL[own]}
    assert not below, f"{path.name} stands above {sorted(below)} and imports it"
    if own in STEMS:
        assert not imports(path) & (set(STEMS) - {own}), "a chapter imports no other chapter"


def test_imports_are_seen_wherever_they_stand(tmp_path):
    source = "import descent.plots\ndef f():\n    from descent import explore, run\n"
    (tmp_path / "x.py").write_text(source + "    from descent.core import run\n")
    assert imports(tmp_path / "x.py") == {"plots", "explore", "core"}


def test_chapter_modules_load_no_pictures():
    pictures = {"matplotlib", "ipywidgets", "anywidget", "IPython", "sphinx"}
    script = f"import sys\nfor stem in {STEMS}:\n    __import__(f'descent.{{stem}}')\n"
    script += f"    loaded = {pictures} & set(sys.modules)\n    assert not loaded, (stem, loaded)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_the_code_folder_is_no_package():
    assert not (ROOT / "code" / "__init__.py").exists()


def test_nothing_in_the_package_talks_to_the_network():
    clients = {"requests", "urllib", "httpx", "aiohttp", "socket"}
    for path in sources():
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Import):
                names = {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module:
                names = {node.module.partition(".")[0]}
            else:
                continue
            assert not names & clients, f"{path} imports {names & clients}"
