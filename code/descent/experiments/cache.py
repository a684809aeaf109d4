"""The disk cache of long computations.

A result is found again only under everything that could change it: the function, its arguments,
the code of every module of the package that it can reach, and the versions of the numerical
libraries. Comments and docstrings do not count. So a stale result cannot be read, and editing one
chapter does not recompute another.

Results live in `.descent_cache/` beside the package's project, or where the environment variable
`DESCENT_CACHE` says. The folder may be deleted at any time.
"""

import functools
import inspect
import os
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, TypeVar

import joblib
import numpy as np
import torch
from filelock import FileLock
from torch import Tensor
from tqdm import tqdm

from descent.experiments.fingerprint import fingerprint, newest_change
from descent.oracles import Oracle

Result = dict[str, np.ndarray]
T = TypeVar("T")

# Code edited after this moment is not the code in memory.
_STARTED = time.time()


class Experiment:
    """A cached function; call it with its own arguments.

    Args:
        function: Deterministic, defined at the top level of a module file, with arguments that
            are numbers, strings, None, or sequences of them. Returns a dict of arrays.
        threads: Torch threads while it computes: sums in another order round differently, so the
            number is part of the experiment.
    """

    def __init__(self, function: Callable[..., dict[str, Any]], threads: int = 1) -> None:
        if "<" in function.__qualname__ or function.__module__ == "__main__":
            raise ValueError(
                f"{function.__qualname__} in {function.__module__} cannot be an experiment; it "
                "must be defined at the top level of a module file"
            )
        functools.update_wrapper(self, function)
        self.function, self.threads = function, threads

    def __call__(self, *args: Any, **kwargs: Any) -> Result:
        """Return the result, from disk if it is there.

        Raises:
            TypeError: If an argument or a result has a type that cannot be stored.
        """
        arguments = self.arguments(*args, **kwargs)
        if newest_change(self.function) > _STARTED:
            # The files no longer say what this process runs: its results belong to no key.
            return _compute(self.function, arguments, self.threads)
        key = self.key(**arguments)
        folder = cache_folder()
        stored = joblib.Memory(folder, verbose=0).cache(_compute_keyed, ignore=["compute"])
        compute = functools.partial(_compute, self.function, arguments, self.threads)
        name = f"{self.function.__module__}.{self.function.__qualname__}"
        with FileLock(folder / f"{key}.lock"):  # One process computes; the others wait and read.
            return stored(name, key, compute)

    def arguments(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Return all arguments by name, defaults included."""
        bound = inspect.signature(self.function).bind(*args, **kwargs)
        bound.apply_defaults()
        for name, value in bound.arguments.items():
            _check_plain(name, value)
        return dict(bound.arguments)

    def key(self, *args: Any, **kwargs: Any) -> str:
        """Return the name under which the result for these arguments is kept."""
        arguments = self.arguments(*args, **kwargs)
        return joblib.hash((fingerprint(self.function), self.threads, _frozen(arguments)))


def experiment(function: Callable[..., dict[str, Any]] | None = None, *, threads: int = 1) -> Any:
    """Cache a long deterministic computation on disk.

    Args:
        function: See `Experiment`. A budget such as `steps` belongs among its arguments, so that
            a short run in a test and the long one in the book are different results.
        threads: Torch threads while it computes.

    Returns:
        The cached function, or a decorator when only options are given.

    Raises:
        ValueError: If the function is not at the top level of a module file.
    """
    if function is None:
        return functools.partial(experiment, threads=threads)
    return Experiment(function, threads)


def progress(items: Iterable[T], label: str = "", total: int | None = None) -> Iterable[T]:
    """Show a progress bar on a terminal; say nothing in notebooks, logs and tests.

    Args:
        items: What is iterated over.
        label: Text before the bar.
        total: Number of items where `len(items)` is unknown.

    Returns:
        The same items.
    """
    return tqdm(items, label, total, leave=False, disable=None)


def watched(oracle: Oracle, steps: int, label: str = "") -> Oracle:
    """Return an oracle that shows the progress of a run of `steps` steps on a terminal.

    Args:
        oracle: The oracle to ask.
        steps: Number of steps of the run.
        label: Text before the bar.

    Returns:
        An oracle with the same answers.
    """
    bar = tqdm(None, label, steps, leave=False, disable=None)

    def ask(objective: Callable[[Tensor], Tensor], x: Tensor, step: int) -> Tensor:
        bar.update()
        if step + 1 == steps:
            bar.close()
        return oracle(objective, x, step)

    return ask


def cache_folder() -> Path:
    """Return the folder of the results, made if it is missing."""
    root = Path(__file__).resolve().parents[3]
    default = (root if (root / "pyproject.toml").exists() else Path.cwd()) / ".descent_cache"
    folder = Path(os.environ.get("DESCENT_CACHE") or default)
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _compute_keyed(name: str, key: str, compute: Callable[[], Result]) -> Result:
    """Compute a result; the name of this function and the first two arguments file it."""
    return compute()


def _compute(function: Callable[..., Any], arguments: dict[str, Any], threads: int) -> Result:
    """Run the function with its own number of threads and turn the result into arrays."""
    before = torch.get_num_threads()
    torch.set_num_threads(threads)
    try:
        result = function(**arguments)
    finally:
        torch.set_num_threads(before)
    if not isinstance(result, dict):
        raise TypeError(
            f"{function.__qualname__} returned {type(result).__name__}; it must be a dict of arrays"
        )
    return {name: _array(name, value) for name, value in result.items()}


def _array(name: str, value: Any) -> np.ndarray:
    """Turn a tensor, an array or a number into an array of a numeric or text dtype."""
    array = value.detach().cpu().numpy() if isinstance(value, Tensor) else np.asarray(value)
    if array.dtype.kind not in "biufcU":
        raise TypeError(f"result[{name!r}] is {type(value).__name__}; it must be a numeric array")
    return array


def _check_plain(name: str, value: Any) -> None:
    """Require an argument whose value says everything about it."""
    if isinstance(value, list | tuple):
        for item in value:
            _check_plain(name, item)
    elif value is not None and not isinstance(value, bool | int | float | str):
        raise TypeError(
            f"{name} is a {type(value).__name__}; it must be a number, a string, None, or a "
            "sequence of them"
        )


def _frozen(value: Any) -> Any:
    """Write arguments so that equal ones hash alike and 1, 1.0 and True do not."""
    if isinstance(value, dict):
        return [(name, _frozen(item)) for name, item in sorted(value.items())]
    if isinstance(value, list | tuple):
        return [_frozen(item) for item in value]
    return f"{type(value).__name__}:{value!r}"
