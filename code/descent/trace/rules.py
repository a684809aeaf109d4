"""Which rule of the tables an aten operation follows, returning or in place."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch._ops import OpOverload

from descent.trace import extremes, indexing, reductions, special  # noqa: F401 (they register)
from descent.trace.aten import ELEMENTWISE, TABLE
from descent.trace.expr import elementwise
from descent.trace.refusal import UnsupportedOperation
from descent.trace.scalars import BOOL, FLOAT, INT
from descent.trace.views import VIEWS

KINDS = {torch.float64: FLOAT, torch.int64: FLOAT, torch.int32: INT, torch.bool: BOOL}
CASTS = ("_to_copy.default", "to.dtype")
# Of their tensor argument these read the shape alone.
SHAPES = {
    f"{name}.default"
    for name in "zeros_like ones_like full_like empty_like new_zeros new_ones new_full".split()
}
# int64 is stored as float64, which is exact for counting and wrong for anything that overflows.
COUNTING = {
    *(f"where.{kind}" for kind in ("self", "Scalar", "ScalarSelf", "ScalarOther")),
    "add.Tensor",
    "sub.Tensor",
    "sum.default",
    "sum.dim_IntList",
    "argmax.default",
    "argmin.default",
    *CASTS,
}
# Names that differ between the form that writes in place and the one that returns.
PLAIN = {"pow.Scalar": "pow.Tensor_Scalar"}

Rule = Callable[..., Any]


def short_name(func: OpOverload) -> str:
    """The name of an operation as the tables write it: `add.Tensor`."""
    return str(func).removeprefix("aten.")


def find_rule(func: OpOverload) -> Rule | None:
    """What an operation does to scalars, or None if it is not in the tables.

    Args:
        func: The operation.

    Returns:
        Function of the arguments, with arrays of scalars in the place of tensors.

    Raises:
        UnsupportedOperation: If it writes in place and has no form that returns.
    """
    name = short_name(func)
    if name in VIEWS:
        return VIEWS[name]
    if func._schema.is_mutable:
        return _in_place(func, name)
    if name == "_local_scalar_dense.default":
        raise UnsupportedOperation(str(func), "a Python number or branch depends on an input")
    return (lambda a, *_, **__: a) if name in CASTS else _functional(name)


def _functional(name: str) -> Rule | None:
    """The rule of an operation that returns a new tensor."""
    if name in ELEMENTWISE:
        return lambda *args, **kwargs: elementwise(
            lambda *a: ELEMENTWISE[name](*a, **kwargs), *args
        )
    return TABLE.get(name)


def _in_place(func: OpOverload, name: str) -> Rule:
    """Overwrite the scalars of the first argument; its views and its base share them."""
    operation, overload = name.split(".")
    if name == "copy_.default":
        return lambda target, source, *_: _assign(target, source)
    plain = f"{operation.removesuffix('_')}.{overload}"
    plain = PLAIN.get(plain, plain)
    if plain in VIEWS:  # as in squeeze_, which changes a shape and no element
        return VIEWS[plain]
    rule = _functional(plain) if operation.endswith("_") else None
    if rule is None:
        raise UnsupportedOperation(str(func), "it writes in place")
    return lambda target, *args, **kwargs: _assign(target, rule(target, *args, **kwargs))


def _assign(target: np.ndarray, source: np.ndarray | float) -> np.ndarray:
    if target.size:
        kind = target.flat[0].kind
        target[...] = elementwise(lambda e: target.flat[0].lift(e).cast(kind), source)
    return target
