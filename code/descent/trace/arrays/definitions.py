"""aten operations that are defined by simpler ones, in the order that is best for loops."""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor

from descent.trace.arrays.registry import defined_by


@defined_by("mean.default", "mean.dim")
def _mean(a: Tensor, dims: Any = None, keepdim: bool = False, **_: Any) -> Tensor:
    total = a.sum(keepdim=keepdim, dim=dims) if dims is not None else a.sum()
    return total / (a.numel() / total.numel())


@defined_by("linalg_vector_norm.default")
def _norm(a: Tensor, order: float = 2, dims: Any = None, keepdim: bool = False, **_: Any) -> Tensor:
    size, axes = a.abs(), list(range(a.ndim)) if dims is None else dims
    if abs(order) == math.inf:
        return size.amax(axes, keepdim) if order > 0 else size.amin(axes, keepdim)
    return (size**order).sum(axes, keepdim) ** (1.0 / order)


@defined_by("logsumexp.default")
def _logsumexp(a: Tensor, dims: Any, keepdim: bool = False) -> Tensor:
    top = a.amax(dims, keepdim=True)
    shift = torch.where(top.abs() == math.inf, 0.0, top)
    total = (a - shift).exp().sum(dims, keepdim=True).log() + shift
    return total if keepdim else total.squeeze(dims)


@defined_by("addmm.default", "addmv.default", "baddbmm.default")
def _addmm(c: Tensor, a: Tensor, b: Tensor, *, beta: float = 1, alpha: float = 1) -> Tensor:
    product = a @ b
    return (c if beta == 1 else c * beta) + (product if alpha == 1 else product * alpha)


@defined_by("var.correction")
def _var(
    a: Tensor, dims: Any = None, *, correction: float | None = 1, keepdim: bool = False
) -> Tensor:
    axes = list(range(a.ndim)) if dims is None else dims
    center = a.mean(axes, keepdim=True)
    total = ((a - center) ** 2).sum(axes, keepdim=keepdim)
    left = a.numel() / total.numel() - (1 if correction is None else correction)
    return total / left


@defined_by("std.correction")
def _std(a: Tensor, dims: Any = None, **options: Any) -> Tensor:
    return a.var(dims, **options).sqrt()


@defined_by("select_scatter.default")
def _select_scatter(a: Tensor, source: Tensor, dim: int, index: int) -> Tensor:
    out = a.clone()
    out.select(dim, index).copy_(source)
    return out


@defined_by("slice_scatter.default")
def _slice_scatter(
    a: Tensor, source: Tensor, dim: int = 0, start: Any = None, end: Any = None, step: int = 1
) -> Tensor:
    out = a.clone()
    out[(slice(None),) * (dim % a.ndim) + (slice(start, end, step),)] = source
    return out


@defined_by("select_backward.default")
def _select_backward(g: Tensor, sizes: list[int], dim: int, index: int) -> Tensor:
    out = g.new_zeros(sizes)
    out.select(dim, index).copy_(g)
    return out


@defined_by("diagonal_backward.default")
def _diagonal_backward(g: Tensor, sizes: list[int], offset: int, dim1: int, dim2: int) -> Tensor:
    out = g.new_zeros(sizes)
    out.diagonal(offset, dim1, dim2).copy_(g)
    return out


@defined_by("roll.default")
def _roll(a: Tensor, shifts: list[int], dims: list[int] | None = None) -> Tensor:
    if not dims:
        return a.reshape(-1).roll(shifts, 0).reshape(a.shape)
    for shift, dim in zip(shifts, dims, strict=True):
        n = a.shape[dim]
        cut = (-shift) % n
        a = torch.cat([a.narrow(dim, cut, n - cut), a.narrow(dim, 0, cut)], dim)
    return a


@defined_by("tril.default")
def _tril(a: Tensor, diagonal: int = 0) -> Tensor:
    return torch.where(torch.ones(a.shape).tril(diagonal) > 0, a, 0.0)


@defined_by("triu.default")
def _triu(a: Tensor, diagonal: int = 0) -> Tensor:
    return torch.where(torch.ones(a.shape).triu(diagonal) > 0, a, 0.0)


@defined_by("_log_softmax.default")
def _log_softmax(a: Tensor, dim: int, _: bool) -> Tensor:
    shifted = a - a.amax(dim, keepdim=True)
    return shifted - shifted.exp().sum(dim, keepdim=True).log()


@defined_by("_softmax.default")
def _softmax(a: Tensor, dim: int, _: bool) -> Tensor:
    size = (a - a.amax(dim, keepdim=True)).exp()
    return size / size.sum(dim, keepdim=True)


@defined_by("logaddexp.default")
def _logaddexp(a: Tensor, b: Tensor) -> Tensor:
    # Equal infinities must not be subtracted from each other.
    apart = torch.maximum(a, b) + (-(a - b).abs()).exp().log1p()
    return torch.where(a == b, a + math.log(2), apart)
