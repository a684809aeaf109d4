"""aten operations that pick elements by constant indices, and their backward formulas.

An index must be known when the function is traced: a path that depends on the data has no place in
a flat list of scalar operations.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from descent.trace.aten import aten
from descent.trace.views import _diagonal, _select, _slice


def _constant(index: np.ndarray | None) -> Any:
    """An index as integers (or truth values), or a full slice where torch leaves None."""
    if index is None:
        return slice(None)
    values = [e.constant for e in index.flat]
    if any(v is None for v in values):
        raise NotImplementedError("the index depends on the inputs")
    # Kept as objects, an index would be read as an object array; its own type says what it means.
    kind = bool if values and isinstance(values[0], bool) else np.int64
    return np.array(values).astype(kind).reshape(index.shape)


def _zeros(like: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    return np.full(shape, like.flat[0].lift(0.0), dtype=object)


@aten("index.Tensor")
def _index(a, indices):
    return a[tuple(_constant(i) for i in indices)]


@aten("index_select.default")
def _index_select(a, dim, index):
    return np.take(a, _constant(index), axis=dim)


@aten("gather.default")
def _gather(a, dim, index, **_):
    return np.take_along_axis(a, _constant(index), axis=dim)


@aten("index_put.default", "_unsafe_index_put.default")
def _index_put(a, indices, values, accumulate=False):
    out, where = a.copy(), tuple(_constant(i) for i in indices)
    if accumulate:
        np.add.at(out, where, values)
    else:
        out[where] = values
    return out


@aten("select_scatter.default")
def _select_scatter(a, source, dim, index):
    out = a.copy()
    _select(out, dim, index)[...] = source
    return out


@aten("slice_scatter.default")
def _slice_scatter(a, source, dim=0, start=None, end=None, step=1):
    out = a.copy()
    _slice(out, dim, start, end, step)[...] = source
    return out


@aten("select_backward.default")
def _select_backward(g, sizes, dim, index):
    return _select_scatter(_zeros(g, tuple(sizes)), g, dim, index)


@aten("slice_backward.default")
def _slice_backward(g, sizes, dim, start, end, step):
    return _slice_scatter(_zeros(g, tuple(sizes)), g, dim, start, end, step)


@aten("diagonal_backward.default")
def _diagonal_backward(g, sizes, offset, dim1, dim2):
    out = _zeros(g, tuple(sizes))
    _diagonal(out, offset, dim1, dim2)[...] = g
    return out


@aten("diag_embed.default")
def _diag_embed(a, offset=0, dim1=-2, dim2=-1):
    n = a.shape[-1] + abs(offset)
    out = _zeros(a, (*a.shape[:-1], n, n))
    _diagonal(out, offset, -2, -1)[...] = a
    return np.moveaxis(out, (-2, -1), (dim1, dim2))


@aten("constant_pad_nd.default")
def _pad(a, pad, value=0.0):
    widths = [(0, 0)] * (a.ndim - len(pad) // 2) + list(zip(pad[::2], pad[1::2], strict=True))[::-1]
    inside = tuple(
        slice(max(-low, 0), n - max(-high, 0))
        for n, (low, high) in zip(a.shape, widths, strict=True)
    )
    grown = [(max(low, 0), max(high, 0)) for low, high in widths]
    return np.pad(a[inside], grown, constant_values=a.flat[0].lift(float(value)))


@aten("tril.default")
def _tril(a, diagonal=0):
    return np.where(np.tril(np.ones(a.shape, bool), diagonal), a, _zeros(a, a.shape))


@aten("triu.default")
def _triu(a, diagonal=0):
    return np.where(np.triu(np.ones(a.shape, bool), diagonal), a, _zeros(a, a.shape))
