"""aten operations that rearrange elements without computing.

Those that torch defines as views are numpy views here, so that writing into a view (as `a[0] = x`
and some backward formulas do) writes into its base, exactly as in torch.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

VIEWS: dict[str, Callable[..., np.ndarray]] = {}


def view(*names: str) -> Callable:
    """Register a rearrangement under its aten names."""

    def register(fn: Callable) -> Callable:
        VIEWS.update(dict.fromkeys(names, fn))
        return fn

    return register


@view("view.default", "_unsafe_view.default", "reshape.default", "_reshape_alias.default")
def _view(a, shape, *_):
    return a.reshape(tuple(shape))


@view("permute.default")
def _permute(a, dims):
    return a.transpose(dims)


@view("transpose.int")
def _transpose(a, d0, d1):
    return a.swapaxes(d0, d1)


@view("t.default", "numpy_T.default", "mT.default")
def _t(a):
    return a.swapaxes(-1, -2) if a.ndim > 1 else a


@view("expand.default")
def _expand(a, shape, **_):
    lead = len(shape) - a.ndim
    full = [a.shape[i - lead] if s == -1 else s for i, s in enumerate(shape)]
    return np.broadcast_to(a, full)


@view("unsqueeze.default")
def _unsqueeze(a, dim):
    return np.expand_dims(a, dim)


@view("squeeze.default")
def _squeeze(a):
    return a.squeeze()


@view("squeeze.dim", "squeeze.dims")
def _squeeze_dims(a, dims):
    dims = [dims] if isinstance(dims, int) else dims
    return a.squeeze(tuple(d for d in dims if a.ndim and a.shape[d] == 1))


@view("select.int")
def _select(a, dim, index):
    return a[(slice(None),) * (dim % a.ndim) + (index, ...)]


@view("slice.Tensor")
def _slice(a, dim=0, start=None, end=None, step=1):
    return a[(slice(None),) * (dim % a.ndim) + (slice(start, end, step),)]


@view("diagonal.default")
def _diagonal(a, offset=0, dim1=0, dim2=1):
    out = a.diagonal(offset, dim1, dim2)
    out.flags.writeable = True  # numpy returns a read-only view; torch a writable one.
    return out


@view("unbind.int")
def _unbind(a, dim=0):
    return [_select(a, dim, i) for i in range(a.shape[dim])]


@view("split.Tensor", "split.sizes", "split_with_sizes.default")
def _split(a, size, dim=0):
    n = a.shape[dim]
    sizes = [size] * (n // size) + [n % size] * bool(n % size) if isinstance(size, int) else size
    ends = np.cumsum(sizes)
    return [_slice(a, dim, e - s, e) for s, e in zip(sizes, ends, strict=True)]


@view("detach.default", "alias.default", "lift_fresh.default", "_conj.default")
def _same(a):
    return a


def copies(fn: Callable) -> Callable:
    """Mark a rearrangement whose result shares no memory."""
    return lambda *args, **kwargs: fn(*args, **kwargs).copy()


view("clone.default", "lift_fresh_copy.default", "contiguous.default")(copies(lambda a, **_: a))
view("cat.default")(
    copies(
        lambda parts, dim=0: np.concatenate(
            [p for p in parts if p.ndim > 1 or p.size] or parts, dim
        )
    )
)  # torch lets cat skip empty vectors
view("stack.default")(copies(lambda parts, dim=0: np.stack(parts, dim)))
view("flip.default")(copies(lambda a, dims: np.flip(a, dims)))
view("roll.default")(copies(lambda a, shifts, dims=(): np.roll(a, shifts, dims or None)))
view("repeat.default")(copies(np.tile))
