"""What aten operations do to arrays: loops with one scalar expression, and running values."""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor

from descent.trace.arrays.recorder import Recorder
from descent.trace.arrays.registry import Operation, operation
from descent.trace.aten import ELEMENTWISE
from descent.trace.expr import Expr
from descent.trace.rules import CASTS
from descent.trace.scalars import FLOAT


def elementwise_of(name: str) -> Operation | None:
    """An operation of the scalar table, applied element by element."""
    rule = ELEMENTWISE.get(name)
    if rule is None:
        return None

    def record(recorder: Recorder, result: Tensor, *args: Any, **kwargs: Any) -> None:
        recorder.map(result, lambda *a: rule(*a, **kwargs), *args)

    return record


@operation("clone.default", "lift_fresh_copy.default", "contiguous.default", *CASTS)
def _copy(recorder: Recorder, result: Tensor, source: Tensor, *_: Any, **__: Any) -> None:
    recorder.map(result, lambda a: a, source)


@operation("copy_.default")
def _copy_into(recorder: Recorder, result: Tensor, _: Tensor, source: Tensor, *__: Any) -> None:
    recorder.map(result, lambda a: a, source)


@operation("clamp.default", "clamp.Tensor", "clamp_.default", "hardtanh.default")
def _clamp(
    recorder: Recorder, result: Tensor, a: Tensor, low: Any = None, high: Any = None
) -> None:
    def bounded(a: Expr, low: Any, high: Any) -> Expr:
        a = a if low is None else a.op("max", a.lift(low).cast(FLOAT))
        return a if high is None else a.op("min", a.lift(high).cast(FLOAT))

    recorder.map(result, bounded, a, low, high)


@operation("cat.default", "stack.default")
def _join(recorder: Recorder, result: Tensor, parts: list[Tensor], dim: int = 0) -> None:
    at = 0
    for part in parts:
        if part.ndim < result.ndim and part.ndim + 1 == result.ndim:
            piece, at = result.select(dim, at), at + 1
        else:
            n = part.shape[dim] if part.ndim == result.ndim else 0
            piece, at = result.narrow(dim, at, n), at + n
        if piece.numel():
            recorder.map(piece, lambda a: a, part)


def _register_folds() -> None:
    kinds = {
        "add": (0.0, "sum.default sum.dim_IntList"),
        "mul": (1.0, "prod.default prod.dim_int"),
        "max": (-math.inf, "amax.default max.default"),
        "min": (math.inf, "amin.default min.default"),
        "or": (False, "any.default any.dim any.dims"),
        "and": (True, "all.default all.dim all.dims"),
    }
    for op, (start, names) in kinds.items():

        def record(
            recorder: Recorder,
            result: Tensor,
            a: Tensor,
            dims: Any = None,
            keepdim: bool = False,
            *,
            op: str = op,
            start: float = start,
            **_: Any,
        ) -> None:
            recorder.fold(result, tuple(a.shape), kept_axes(a.ndim, dims), op, start, _same, a)

        operation(*names.split())(record)


def _same(a: Expr) -> Expr:
    return a


def kept_axes(ndim: int, dims: Any) -> tuple[int, ...]:
    """The axes that a reduction leaves; of none given it takes all."""
    dims = [dims] if isinstance(dims, int) else dims
    gone = {d % ndim for d in dims} if dims and ndim else set(range(ndim))
    return tuple(d for d in range(ndim) if d not in gone)


_register_folds()


@operation("mm.default", "bmm.default", "mv.default", "dot.default", "vdot.default")
def _matmul(recorder: Recorder, result: Tensor, a: Tensor, b: Tensor) -> None:
    left = a.unsqueeze(-2) if a.ndim > 1 else a[None, None]  # (..., i, 1, k)
    right = b.mT.unsqueeze(-3) if b.ndim > 1 else b[None, None]  # (..., 1, j, k)
    shape = torch.broadcast_shapes(left.shape, right.shape)
    kept = tuple(range(len(shape) - 1))
    wide = result.reshape(shape[:-1])
    recorder.fold(wide, tuple(shape), kept, "add", 0.0, lambda x, y: x * y, left, right)
