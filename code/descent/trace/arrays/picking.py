"""aten operations that ask where an element stands, or for the elements at given places."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor

from descent.trace.arrays.nest import COUNTER, Access, Fold, Nest
from descent.trace.arrays.operations import kept_axes
from descent.trace.arrays.recorder import Recorder
from descent.trace.arrays.registry import operation
from descent.trace.expr import Expr
from descent.trace.scalars import FLOAT, INT


@operation("argmax.default")
def _argmax(
    recorder: Recorder, result: Tensor, a: Tensor, dim: int | None = None, keepdim: bool = False
) -> None:
    _place_of_extreme(recorder, result, a, dim, "gt", -math.inf)


@operation("argmin.default")
def _argmin(
    recorder: Recorder, result: Tensor, a: Tensor, dim: int | None = None, keepdim: bool = False
) -> None:
    _place_of_extreme(recorder, result, a, dim, "lt", math.inf)


def _place_of_extreme(
    recorder: Recorder, result: Tensor, a: Tensor, dim: int | None, better: str, start: float
) -> None:
    """The first extreme along an axis, or of all; NaN counts as extreme, as in torch."""
    order = list(range(a.ndim)) if dim is None else [*kept_axes(a.ndim, dim), dim % a.ndim]
    wide = a.permute(order)
    inner = a.ndim if dim is None else 1
    nest = Nest(tuple(wide.shape), inner)
    value = recorder.read(nest, wide, tuple(wide.shape)).cast(FLOAT)
    turns = torch.empty(wide.shape[a.ndim - inner :]).stride()
    zeros = (0,) * (a.ndim - inner)
    count = Expr(nest.graph, nest.read(Access(COUNTER, 0, (*zeros, *turns), INT))).cast(FLOAT)
    best, at = (Expr(nest.graph, nest.graph.input()) for _ in range(2))
    beats = value.compare(better, best).logic("or", value.compare("ne", value))
    beats = beats.logic("and", best.compare("eq", best))
    nest.folds.append(Fold(None, start, best.id, beats.where(value, best).id))
    place = recorder.memory.access(result.reshape(wide.shape[: a.ndim - inner]))
    place = replace(place, strides=(*place.strides, *(0,) * inner))
    nest.folds.append(Fold(place, 0.0, at.id, beats.where(count, at).id))
    recorder.nests.append(nest)


@operation("index.Tensor")
def _index(recorder: Recorder, result: Tensor, a: Tensor, indices: list[Tensor | None]) -> None:
    known = [d for d, i in enumerate(indices) if i is not None]
    if known != list(range(known[0], known[-1] + 1)):
        raise NotImplementedError("its indices are not next to each other")
    picks = torch.broadcast_tensors(*(i for i in indices if i is not None))
    if any(i.dtype == torch.bool for i in picks):
        raise NotImplementedError("a mask makes the shape depend on the inputs")
    _pick(recorder, result, a, known, picks)


@operation("index_select.default")
def _index_select(recorder: Recorder, result: Tensor, a: Tensor, dim: int, index: Tensor) -> None:
    _pick(recorder, result, a, [dim % a.ndim], [index])


@operation("embedding.default")
def _embedding(recorder: Recorder, result: Tensor, a: Tensor, index: Tensor, *_: Any) -> None:
    _pick(recorder, result, a, [0], [index])


def _pick(
    recorder: Recorder, result: Tensor, a: Tensor, dims: list[int], picks: Sequence[Tensor]
) -> None:
    """Record `result = a[..., picks, ...]`; the axes of the picks stand where `dims` stood."""
    nest, first, shape = Nest(tuple(result.shape)), dims[0], tuple(result.shape)
    after = result.ndim - first - picks[0].ndim
    index = []
    for dim, pick in zip(dims, picks, strict=True):
        wide = pick.reshape(*pick.shape, *(1,) * after)
        index.append((recorder.read(nest, wide, shape).cast(INT).id, a.stride(dim)))
    base = recorder.access(a)
    middle = (0,) * picks[0].ndim
    strides = (*base.strides[:first], *middle, *base.strides[first + len(dims) :])
    place = Access(base.storage, base.offset, strides, base.kind, tuple(index))
    target = recorder.memory.access(result)
    nest.stores[target] = nest.read(place)
    recorder.nests.append(nest)


@operation("flip.default")
def _flip(recorder: Recorder, result: Tensor, a: Tensor, dims: list[int]) -> None:
    place, gone = recorder.access(a), {d % a.ndim for d in dims}
    last = sum((a.shape[d] - 1) * place.strides[d] for d in gone)
    strides = tuple(-s if d in gone else s for d, s in enumerate(place.strides))
    nest = Nest(tuple(a.shape))
    turned = replace(place, offset=place.offset + last, strides=strides)
    nest.stores[recorder.memory.access(result)] = nest.read(turned)
    recorder.nests.append(nest)
