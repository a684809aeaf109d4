"""Generated Python source as machine code: written to a file, compiled by numba, kept on disk."""

from __future__ import annotations

import hashlib
import importlib.util
import logging
import os
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

log = logging.getLogger(__name__)
_LOADED: dict[str, ModuleType] = {}


def cache_folder() -> Path:
    """Where generated sources and machine code are kept.

    Returns:
        `$DESCENT_CACHE/numba`, else `.descent_cache/numba` in the working copy of the project,
        else in the working directory.
    """
    root = Path(__file__).resolve().parents[3]
    home = root if (root / "pyproject.toml").exists() else Path.cwd()
    return Path(os.environ.get("DESCENT_CACHE") or home / ".descent_cache") / "numba"


def load(source: str) -> ModuleType:
    """Import generated source from a file named by its hash, which is what numba caches by.

    Args:
        source: A module that uses `numba.njit(cache=True)`.

    Returns:
        The module. Its functions compile when first called, once per machine.

    Raises:
        ImportError: If the file cannot be imported.
    """
    name = f"descent_loop_{hashlib.sha256(source.encode()).hexdigest()[:24]}"
    if name not in _LOADED:
        _use_whole_vectors()
        path = cache_folder() / f"{name}.py"
        if not path.exists():
            _announce(f"compiling a loop, once on this machine; kept in {path.parent}")
            path.parent.mkdir(parents=True, exist_ok=True)
            draft = path.with_suffix(f".{os.getpid()}")
            draft.write_text(source, encoding="utf-8")
            draft.replace(path)  # whole or not at all, whoever else is writing it
        spec = importlib.util.spec_from_file_location(name, path)
        if spec is None or spec.loader is None:
            raise ImportError(f"{path} cannot be imported")
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module  # numba looks for the module of a cached function here
        spec.loader.exec_module(module)
        _LOADED[name] = module
    return _LOADED[name]


def _announce(message: str) -> None:
    """Tell who waits at a terminal; a notebook or a log gets it through `logging` alone."""
    log.info(message)
    if sys.stderr.isatty():
        print(message, file=sys.stderr)


def _use_whole_vectors() -> None:
    """Let LLVM use 512-bit vectors where the processor has them; by default it uses half.

    It must be said before numba compiles anything. It changes no result: lanes are independent.
    """
    from numba.core import codegen, config

    settings: Any = config
    if settings.CPU_FEATURES is None and settings.CPU_NAME is None:
        features = codegen.get_host_cpu_features()
        if "+avx512f" in features.split(","):
            settings.CPU_FEATURES = f"{features},-prefer-256-bit"
