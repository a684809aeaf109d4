"""aten operations that combine elements: sums, extremes, norms, products of matrices."""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce
from itertools import accumulate

import numpy as np

from descent.trace.aten import aten
from descent.trace.expr import Expr, elementwise
from descent.trace.scalars import FLOAT

Combine = Callable[[Expr, Expr], Expr]


def _plus(a: Expr, b: Expr) -> Expr:
    return a + b


def _times(a: Expr, b: Expr) -> Expr:
    return a * b


def _extreme(name: str) -> Combine:
    return lambda a, b: a.cast(FLOAT).op(name, b.cast(FLOAT))


def _logic(name: str) -> Combine:
    return lambda a, b: a.logic(name, b)


def _reduce(fn: Combine, a: np.ndarray, dims=None, keepdim: bool = False) -> np.ndarray:
    """Combine the elements along `dims` (all of them if None or empty), left to right."""
    dims = [dims] if isinstance(dims, int) else dims
    axes = sorted(d % a.ndim for d in dims) if dims and a.ndim else list(range(a.ndim))
    kept = [i for i in range(a.ndim) if i not in axes]
    rows = a.transpose(kept + axes).reshape(*[a.shape[i] for i in kept], -1)
    if not rows.shape[-1]:
        raise NotImplementedError("it combines no elements")
    out = np.empty(rows.shape[:-1], dtype=object)
    for i in np.ndindex(out.shape):
        out[i] = reduce(fn, rows[i])
    return np.expand_dims(out, axes) if keepdim else out


def _reduction(names: str, fn: Combine) -> None:
    def apply(a: np.ndarray, dims=None, keepdim: bool = False, **_) -> np.ndarray:
        return _reduce(fn, a, dims, keepdim)

    aten(*names.split())(apply)


def _accumulation(name: str, fn: Combine) -> None:
    def apply(a: np.ndarray, dim: int, **_) -> np.ndarray:
        lines = np.moveaxis(a, dim, -1) if a.ndim else a
        out = np.empty(lines.shape, dtype=object)
        for i in np.ndindex(lines.shape[:-1]):
            out[i] = list(accumulate(lines[i], fn))
        return np.moveaxis(out, -1, dim)

    aten(name)(apply)


_reduction("sum.default sum.dim_IntList", _plus)
_reduction("prod.default prod.dim_int", _times)
_reduction("amax.default max.default", _extreme("max"))
_reduction("amin.default min.default", _extreme("min"))
_reduction("any.default any.dim any.dims", _logic("or"))
_reduction("all.default all.dim all.dims", _logic("and"))
_accumulation("cumsum.default", _plus)
_accumulation("cumprod.default", _times)


@aten("mean.default", "mean.dim")
def _mean(a, dims=None, keepdim=False, **_):
    total = _reduce(_plus, a, dims, keepdim)
    return elementwise(lambda s: s / (a.size / total.size), total)


@aten("var.correction")
def _var(a, dims=None, *, correction=1, keepdim=False):
    center = _mean(a, dims, True)
    total = _reduce(_plus, elementwise(lambda x, c: (x - c) ** 2, a, center), dims, keepdim)
    return elementwise(lambda s: s / (a.size / total.size - correction), total)


@aten("std.correction")
def _std(a, dims=None, *, correction=1, keepdim=False):
    variance = _var(a, dims, correction=correction, keepdim=keepdim)
    return elementwise(lambda v: v.op("sqrt"), variance)


@aten("var_mean.correction")
def _var_mean(a, dims=None, *, correction=1, keepdim=False):
    return _var(a, dims, correction=correction, keepdim=keepdim), _mean(a, dims, keepdim)


@aten("linalg_vector_norm.default")
def _vector_norm(a, order=2, dims=None, keepdim=False, **_):
    size = elementwise(lambda x: x.op("abs"), a)
    if abs(order) == float("inf"):
        return _reduce(_extreme("max" if order > 0 else "min"), size, dims, keepdim)
    total = _reduce(_plus, elementwise(lambda x: x**order, size), dims, keepdim)
    return elementwise(lambda s: s ** (1.0 / order), total)


@aten("logsumexp.default")
def _logsumexp(a, dims, keepdim=False):
    top = _reduce(_extreme("max"), a, dims, True)
    # An infinite maximum must not be subtracted from itself.
    shift = elementwise(lambda m: m.op("abs").compare("eq", float("inf")).where(0.0, m), top)
    total = _reduce(_plus, elementwise(lambda x, m: (x - m).op("exp"), a, shift), dims, True)
    out = elementwise(lambda s, m: s.op("log") + m, total, shift)
    return out if keepdim else out.reshape(_reduce(_plus, a, dims).shape)


@aten("logaddexp.default")
def _logaddexp(a, b):
    a, b = np.broadcast_arrays(a, b)
    return _logsumexp(np.stack([a, b]), 0)


@aten("huber_loss.default")
def _huber(a, b, reduction=1, delta=1.0):
    d = elementwise(lambda x, y: (x - y).op("abs"), a, b)
    each = elementwise(
        lambda e: e.compare("le", delta).where(0.5 * e * e, delta * (e - 0.5 * delta)), d
    )
    return each if reduction == 0 else _mean(each) if reduction == 1 else _reduce(_plus, each)


@aten("mm.default", "bmm.default", "mv.default", "dot.default", "vdot.default")
def _matmul(a, b):
    return np.asarray(a @ b, dtype=object)


@aten("addmm.default", "addmv.default", "baddbmm.default")
def _addmm(c, a, b, *, beta=1, alpha=1):
    return elementwise(lambda x, y: x * beta + y * alpha, c, a @ b)
