r"""Kernels of infinitely wide convolutional ReLU networks, exactly, for all pairs of images.

The recursion runs over pairs of positions. Flattening the last layer needs a position only with
itself, global average pooling every position with every other: for images of P pixels, P or P^2
numbers for each pair of images. Pairs of images are the last axis of every array, so that each
operation is one pass over contiguous memory, and a block of them fits a core's cache.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor
from tqdm import tqdm

from descent import validate
from descent.implicit_bias.duals import duals_into
from descent.implicit_bias.infinite import Kernels

# Numbers in one buffer of a block. Measured on digits: half or twice as many cost a quarter more.
BLOCK = 2**17


def conv_kernels(
    images: Tensor, others: Tensor | None = None, *, depth: int, pooling: bool, size: int = 3
) -> Kernels:
    r"""Return the tangent kernel and the covariance of a wide convolutional ReLU network.

    For positions p of one image and q of the other, with $\mathcal P$ the sum over the positions of
    a patch, moved along both images together, and zeros beyond the border:

    $$\Sigma^{(1)}_{pq} = \mathcal P[u u'], \qquad
    K_{pq} = \frac{\kappa_1(c_{pq})}{q^2}\sqrt{v_p v'_q}, \qquad
    \Theta \leftarrow \mathcal P\Bigl[\frac{\kappa_0(c)}{q^2}\,\Theta + K\Bigr], \qquad
    \Sigma \leftarrow \mathcal P[K]$$

    where $v_p=\Sigma_{pp}(u,u)$ and $c_{pq}=\Sigma_{pq}/\sqrt{v_pv'_q}$. The last layer leaves
    $\mathcal P$ out. The output is the sum over $p=q$ when it is flattened, and the mean over all
    pairs of positions after global average pooling.

    Args:
        images: Shape (n, channels, height, width).
        others: Images (n', channels, height, width) of the columns; None for `images` again.
        depth: Number of convolutional layers, at least 1; one dense layer follows them.
        pooling: Average over all positions before the dense layer, instead of flattening.
        size: Odd width q of the filters.

    Returns:
        Both kernels, shape (n, n').

    Raises:
        ValueError: If a shape or the filter size is not allowed.

    >>> spot = torch.zeros(1, 1, 3, 3)
    >>> spot[0, 0, 1, 1] = 1.0
    >>> conv_kernels(spot, depth=1, pooling=False).nngp  # nine positions see the one pixel
    tensor([[1.]])

    Reference: Arora, Du, Hu, Li, Salakhutdinov, Wang (2019), arXiv:1904.11955, section 4.
    """
    depth, size = validate.count("depth", depth), _odd("size", size)
    left = _images("images", images)
    right = left if others is None else _images("others", others)
    if left.shape[1:] != right.shape[1:]:
        raise ValueError(
            f"others has images of shape {tuple(right.shape[1:])}; images has "
            f"{tuple(left.shape[1:])}, and they must agree"
        )
    layout = _Layout(left.shape[2], left.shape[3], size, pooling)
    sides = [_Side.of(side, depth, size) for side in (left, right)]
    shape = (len(left), len(right))
    ntk, nngp = left.new_empty(shape), left.new_empty(shape)
    buffers = left.new_empty(5, layout.positions * layout.block)
    for i, j in _pairs(*shape, layout.block, symmetric=others is None):
        views = buffers[:, : layout.positions * len(i)].view(5, *layout.shape, len(i))
        pair = _block(layout, sides[0].take(i), sides[1].take(j), views)
        for whole, part in zip((ntk, nngp), pair, strict=True):
            whole[i, j] = part
            if others is None:
                whole[j, i] = part
    return Kernels(ntk, nngp)


@dataclass(frozen=True)
class _Layout:
    """How the positions of a pair of images lie in memory: (h, w), or (h, w, h', w') if pooled."""

    height: int
    width: int
    size: int
    pooling: bool

    @property
    def shape(self) -> tuple[int, ...]:
        h, w = self.height, self.width
        return (h, w, h, w) if self.pooling else (h, w)

    @property
    def positions(self) -> int:
        """Numbers for each pair of images."""
        return math.prod(self.shape)

    @property
    def block(self) -> int:
        """Pairs of images in a block."""
        return max(1, BLOCK // self.positions)

    def left(self, t: Tensor) -> Tensor:
        """Lay values (h, w, pairs) of the first image out for all positions of the second."""
        return t[:, :, None, None] if self.pooling else t

    def right(self, t: Tensor) -> Tensor:
        """The same for the second image."""
        return t[None, None] if self.pooling else t

    def patch(self, t: Tensor, scratch: Tensor) -> Tensor:
        """Sum over patches, rows and then columns; `t` is used up and holds the result."""
        for axis, source, out in ((0, t, scratch), (1, scratch, t)):
            out.copy_(source)
            for a in range(1, self.size // 2 + 1):
                low, high = (self._cut(axis, part) for part in (slice(None, -a), slice(a, None)))
                out[high] += source[low]
                out[low] += source[high]
        return t

    def _cut(self, axis: int, part: slice) -> tuple[slice, ...]:
        """Cut an axis of positions, and the same one of the second image."""
        before = (slice(None),) * axis
        return (*before, part, slice(None), part) if self.pooling else (*before, part)

    def read(self, t: Tensor) -> Tensor:
        """Return what the dense layer sees, one number for each pair of images."""
        axes = tuple(range(t.ndim - 1))
        return t.mean(axes) if self.pooling else t.sum(axes)


@dataclass(frozen=True, eq=False)
class _Side:
    """One image of each pair: pixels (c, h, w, n), and standard deviations (depth, h, w, n)."""

    pixels: Tensor
    roots: Tensor

    @classmethod
    def of(cls, images: Tensor, depth: int, size: int) -> "_Side":
        pixels = images.movedim(0, -1)
        flat = _Layout(images.shape[2], images.shape[3], size, pooling=False)
        v = flat.patch(pixels.square().sum(0), torch.empty_like(pixels[0]))
        roots = [v]
        for _ in range(depth - 1):
            roots.append(flat.patch(roots[-1] / size**2, torch.empty_like(v)))
        return cls(pixels, torch.stack(roots).sqrt_())

    def take(self, index: Tensor) -> "_Side":
        return _Side(self.pixels[..., index], self.roots[..., index])


def _block(layout: _Layout, a: _Side, b: _Side, buffers: Tensor) -> tuple[Tensor, Tensor]:
    """Run the recursion for a block of pairs; return tangent kernel and covariance, (pairs,)."""
    sigma, theta, outer, c, k0 = buffers
    torch.mul(layout.left(a.pixels[0]), layout.right(b.pixels[0]), out=sigma)
    for one, other in zip(a.pixels[1:], b.pixels[1:], strict=True):
        sigma.addcmul_(layout.left(one), layout.right(other))
    theta.copy_(layout.patch(sigma, c))
    share, zero = 1 / layout.size**2, sigma.new_zeros(())
    tiny = torch.finfo(sigma.dtype).tiny
    for h, (root, other) in enumerate(zip(a.roots, b.roots, strict=True)):
        if h:
            layout.patch(theta, c), layout.patch(sigma, c)
        torch.mul(layout.left(root), layout.right(other), out=outer)
        # A blank patch has deviation 0 and covariance 0 with all others: 0 / 0 becomes 0.
        torch.div(sigma, torch.clamp(outer, min=tiny, out=c), out=c)
        duals_into(c, k0, sigma)
        torch.addcmul(zero, sigma, outer, value=share, out=sigma)
        torch.addcmul(sigma, theta, k0, value=share, out=theta)
    return layout.read(theta), layout.read(sigma)


def _pairs(n: int, other: int, block: int, *, symmetric: bool) -> Iterator[tuple[Tensor, Tensor]]:
    """Yield blocks of pairs of indices: each pair once, of a symmetric matrix i <= j alone."""
    if symmetric:
        i, j = torch.triu_indices(n, n)
    else:
        i, j = torch.arange(n).repeat_interleave(other), torch.arange(other).repeat(n)
    with tqdm(total=len(i), desc="pairs", leave=False, disable=None, delay=1) as bar:
        for pair in zip(i.split(block), j.split(block), strict=True):
            yield pair
            bar.update(len(pair[0]))


def _images(name: str, images: Tensor) -> Tensor:
    """Require finite images (n, channels, height, width)."""
    images = validate.point(name, images)
    if images.ndim != 4:
        raise ValueError(
            f"{name} has shape {tuple(images.shape)}; it must be (n, channels, height, width)"
        )
    return images


def _odd(name: str, value: int) -> int:
    """Require an odd count."""
    if validate.count(name, value) % 2 == 0:
        raise ValueError(f"{name} is {value}; it must be odd, so that a patch has a middle")
    return value
