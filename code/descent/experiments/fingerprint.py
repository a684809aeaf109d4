"""What a computation depends on: a hash of the code it can reach and of the libraries below.

Imports are followed through the source text, those inside functions included, so nothing has to be
executed to know them.
"""

import ast
import functools
import hashlib
import importlib.metadata
import inspect
import platform
from collections.abc import Callable, Iterator
from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[1]
# Nothing that computes imports these (tests/test_rooms.py), though `import descent` loads some.
NOT_NUMERIC = {"checking", "exercises", "explore", "plot_marks", "plots", "publish"}
LIBRARIES = ("joblib", "mnist1d", "numba", "numpy", "scikit-learn", "scipy", "torch")


def fingerprint(function: Callable) -> str:
    """Hash the name of a function, the code it can reach, and the libraries' versions.

    Args:
        function: Defined in a module file.

    Returns:
        Hexadecimal digits. Comments, docstrings and layout do not change them.
    """
    digest = hashlib.sha256(f"{function.__module__}.{function.__qualname__}".encode())
    for path in reachable(function):
        digest.update(f"\0{path.name}\0{_meaning(path, path.stat().st_mtime_ns)}".encode())
    for line in (platform.python_version(), platform.machine(), *_versions()):
        digest.update(f"\0{line}".encode())
    return digest.hexdigest()


def newest_change(function: Callable) -> float:
    """Return when the code that a function can reach was last edited, in seconds of the epoch."""
    return max(path.stat().st_mtime for path in reachable(function))


def reachable(function: Callable) -> list[Path]:
    """Return the function's own file and all files of the package that it imports, sorted.

    Args:
        function: Defined in a module file.

    Returns:
        Paths; imports of imports are included.
    """
    own = inspect.getfile(inspect.unwrap(function))
    todo, seen = [Path(own).resolve()], set()
    while todo:
        path = todo.pop()
        if path not in seen:
            seen.add(path)
            todo += _imports(path, path.stat().st_mtime_ns)
    return sorted(seen)


@functools.lru_cache(maxsize=512)
def _imports(path: Path, changed: int) -> list[Path]:
    """Return the package's files that one file imports; `changed` keys the cache."""
    found: list[Path] = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            names = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
        elif isinstance(node, ast.ImportFrom) and node.level:
            raise ValueError(f"{path} has a relative import; write it from `descent`")
        else:
            continue
        for name in names:
            found += _files(name)
    return found


def _files(name: str) -> Iterator[Path]:
    """Yield the files that importing `name` runs: its packages' `__init__` and the module."""
    first, *rest = name.split(".")
    if first != PACKAGE.name or (rest and rest[0] in NOT_NUMERIC):
        return
    folder = PACKAGE
    yield folder / "__init__.py"
    for part in rest:
        if (folder / f"{part}.py").exists():
            yield folder / f"{part}.py"
        folder = folder / part
        if not (folder / "__init__.py").exists():
            return
        yield folder / "__init__.py"


@functools.lru_cache(maxsize=512)
def _meaning(path: Path, changed: int) -> str:
    """Return the syntax tree of a file without docstrings; `changed` keys the cache."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and ast.get_docstring(
            node
        ):
            del node.body[0]
    return ast.dump(tree)


@functools.cache
def _versions() -> tuple[str, ...]:
    """Return the versions of the numerical libraries that are installed."""
    installed = {d.name.lower(): d.version for d in importlib.metadata.distributions() if d.name}
    return tuple(f"{name} {installed.get(name, 'absent')}" for name in LIBRARIES)
