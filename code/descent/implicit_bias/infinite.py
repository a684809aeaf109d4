"""Kernels of infinitely wide fully connected ReLU networks, of any depth, exactly."""

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor
from tqdm import tqdm

from descent import validate
from descent.implicit_bias.duals import duals_into

# Three buffers of 128 x 128 numbers in double precision stay in a core's cache.
TILE = 128


@dataclass(frozen=True, eq=False)
class Kernels:
    r"""Two kernels of one infinitely wide network.

    Args:
        ntk: Tangent kernel $\Theta$, shape (n, n'): all layers are trained.
        nngp: Covariance $\Sigma$ of the outputs at the start, shape (n, n'); it is also the tangent
            kernel when the last layer alone is trained.
    """

    ntk: Tensor
    nngp: Tensor


def relu_kernels(inputs: Tensor, others: Tensor | None = None, *, depth: int) -> Kernels:
    r"""Return the tangent kernel and the covariance of a wide ReLU network without biases.

    $$\Sigma^{(0)} = u^\top u', \qquad
    \Sigma^{(h)} = \kappa_1(c)\,\abs u\,\abs{u'}, \qquad
    \Theta^{(h)} = \kappa_0(c)\,\Theta^{(h-1)} + \Sigma^{(h)}, \qquad
    c = \frac{\Sigma^{(h-1)}}{\abs u\,\abs{u'}}$$

    The scale is that of `WideNet`: weights have variance 1, and each hidden layer is multiplied by
    $\sqrt{2/m}$. Then $\Sigma^{(h)}(u,u)=\abs u^2$ at every depth, so correlations alone travel
    through the layers. The work goes tile by tile in buffers of fixed size; of a symmetric matrix
    only the tiles on and above the diagonal are computed.

    Args:
        inputs: Examples, shape (n, d).
        others: Examples (n', d) of the columns; None for `inputs` again.
        depth: Number of hidden layers, at least 0.

    Returns:
        Both kernels after `depth` hidden layers.

    Raises:
        ValueError: If the shapes do not fit.

    >>> u = torch.tensor([[1.0, 0.0], [0.0, 1.0]], dtype=torch.float64)
    >>> relu_kernels(u, depth=1).ntk
    tensor([[2.0000, 0.3183],
            [0.3183, 2.0000]], dtype=torch.float64)

    Reference: Jacot, Gabriel, Hongler (2018), arXiv:1806.07572, theorem 1.
    """
    depth = validate.count("depth", depth, low=0)
    left = _rows("inputs", inputs)
    right = left if others is None else _rows("others", others)
    if left.shape[1] != right.shape[1]:
        raise ValueError(
            f"others has width {right.shape[1]}; inputs has {left.shape[1]}, and they must agree"
        )
    lengths, unit = _polar(left)
    lengths_right, unit_right = (lengths, unit) if others is None else _polar(right)
    size = (len(left), len(right))
    ntk, nngp = left.new_empty(size), left.new_empty(size)
    for rows, cols in tiles(*size, symmetric=others is None):
        c = unit[rows] @ unit_right[cols].mT
        pair = _through_layers(c, depth)
        outer = lengths[rows, None] * lengths_right[cols]
        for whole, part in zip((ntk, nngp), pair, strict=True):
            whole[rows, cols] = part.mul_(outer)
            if others is None and rows != cols:
                whole[cols, rows] = part.mT
    return Kernels(ntk, nngp)


def tiles(n: int, other: int, *, symmetric: bool) -> Iterator[tuple[slice, slice]]:
    """Cut a matrix into tiles, and show how far the work is on a terminal.

    Args:
        n: Rows.
        other: Columns.
        symmetric: Leave out the tiles below the diagonal.

    Yields:
        Rows and columns of a tile.
    """
    rows = [slice(a, min(a + TILE, n)) for a in range(0, n, TILE)]
    cols = [slice(a, min(a + TILE, other)) for a in range(0, other, TILE)]
    pairs = [(r, c) for r in rows for c in cols if not symmetric or c.start >= r.start]
    yield from tqdm(pairs, "tiles", leave=False, disable=None, delay=1)


def _through_layers(c: Tensor, depth: int) -> tuple[Tensor, Tensor]:
    """Return the tangent kernel and the covariance for unit inputs of correlation `c`."""
    ntk, k0, k1 = c.clone(), torch.empty_like(c), torch.empty_like(c)
    for _ in range(depth):
        duals_into(c, k0, k1)
        ntk.mul_(k0).add_(k1)
        c, k1 = k1, c
    return ntk, c


def _rows(name: str, inputs: Tensor) -> Tensor:
    """Require finite examples (n, d)."""
    inputs = validate.point(name, inputs)
    if inputs.ndim != 2:
        raise ValueError(f"{name} has shape {tuple(inputs.shape)}; it must be (n, d)")
    return inputs


def _polar(inputs: Tensor) -> tuple[Tensor, Tensor]:
    """Return lengths (n,) and unit vectors (n, d); a zero vector stays zero."""
    lengths = inputs.norm(dim=1)
    return lengths, inputs / torch.where(lengths > 0, lengths, 1.0)[:, None]
