"""The tables of what aten operations do to arrays."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from torch._ops import OpOverload

from descent.trace.refusal import UnsupportedOperation

EMPTY = ("empty", "empty_like", "new_empty", "empty_strided", "new_empty_strided")

# These change the shape of a tensor and no element.
VIEWS_IN_PLACE = (
    "squeeze.dim",
    "squeeze.default",
    "unsqueeze.default",
    "t.default",
    "transpose.int",
)

Operation = Callable[..., None]
ARRAYS: dict[str, Operation] = {}
BY: dict[str, Callable[..., Any]] = {}


def operation(*names: str) -> Callable:
    """Register `(recorder, result, *args, **kwargs)`, which records nests that write `result`."""

    def register(fn: Operation) -> Operation:
        ARRAYS.update(dict.fromkeys(names, fn))
        return fn

    return register


def defined_by(*names: str) -> Callable:
    """Register a torch function that computes an operation by simpler ones."""

    def register(fn: Callable) -> Callable:
        BY.update(dict.fromkeys(names, fn))
        return fn

    return register


def find(func: OpOverload, name: str) -> Operation | None:
    """How to write an operation down.

    Args:
        func: The operation.
        name: Its short name.

    Returns:
        Its entry; None if it can be written only as simpler operations.

    Raises:
        UnsupportedOperation: If it writes in place and has no form that returns.
    """
    from descent.trace.arrays import definitions, picking  # noqa: F401 (they register)
    from descent.trace.arrays.operations import elementwise_of

    if name in ARRAYS:
        return ARRAYS[name]
    if not func._schema.is_mutable:
        return elementwise_of(name)
    base, overload = name.split(".")
    record = elementwise_of(f"{base.removesuffix('_')}.{overload}")
    if record is None or not base.endswith("_"):
        raise UnsupportedOperation(str(func), "it writes in place")
    return record
