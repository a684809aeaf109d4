"""Weights that differ and functions that do not: the symmetries of a multilayer perceptron."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor

from descent import validate
from descent.networks import MLP


def log_arrangements(widths: Sequence[int], signs: bool = False) -> float:
    r"""Logarithm of the number of weight vectors that permutations make of one.

    $$\log \prod_l n_l!\,(2^{n_l})$$

    Args:
        widths: Numbers of hidden units.
        signs: Count sign flips as well, for an odd activation such as tanh.

    Returns:
        The natural logarithm.

    >>> round(math.exp(log_arrangements([3, 3])))
    36
    """
    each = (math.lgamma(validate.count("widths", n) + 1) for n in widths)
    return sum(each) + (sum(widths) * math.log(2) if signs else 0.0)


def permute(network: MLP, x: Tensor, layer: int, order: Tensor) -> Tensor:
    """Reorder the hidden units of one layer, with everything that is attached to them.

    Args:
        network: The architecture.
        x: Parameters, (*batch, P).
        layer: Hidden layer, counted from 0.
        order: Which unit comes first, second, ..., (n,) or (*batch, n).

    Returns:
        Parameters of the same function, (*batch, P).
    """
    layers = _hidden(network, x, layer)
    (w, b), (w2, b2) = layers[layer : layer + 2]
    order = order.expand(*b.shape[:-1], -1)
    rows = order[..., None].expand(*order.shape, w.shape[-1])
    columns = order[..., None, :].expand(*b2.shape, order.shape[-1])
    layers[layer] = w.gather(-2, rows), b.gather(-1, order)
    layers[layer + 1] = w2.gather(-1, columns), b2
    return network.flatten(layers)


def rescale(network: MLP, x: Tensor, layer: int, factor: Tensor | float) -> Tensor:
    r"""Multiply what enters hidden units and divide what leaves them.

    $$(W_l, b_l, W_{l+1}) \mapsto (cW_l, cb_l, W_{l+1}c^{-1})$$

    It keeps the function if the activation is positively homogeneous, $\varphi(cz)=c\,\varphi(z)$
    for $c>0$, as ReLU is. With $c=-1$ it keeps the function if the activation is odd, as tanh is.

    Args:
        network: The architecture.
        x: Parameters, (*batch, P).
        layer: Hidden layer, counted from 0.
        factor: One number, or one for each unit, (n,); not 0.

    Returns:
        Parameters, (*batch, P).
    """
    layers = _hidden(network, x, layer)
    (w, b), (w2, b2) = layers[layer : layer + 2]
    c = torch.as_tensor(factor, dtype=x.dtype, device=x.device).expand(b.shape[-1])
    layers[layer] = w * c[:, None], b * c
    layers[layer + 1] = w2 / c, b2
    return network.flatten(layers)


def _hidden(network: MLP, x: Tensor, layer: int) -> list[tuple[Tensor, Tensor]]:
    """Layers of a network, of which one is known to be hidden."""
    if not 0 <= layer < len(network.sizes) - 2:
        last = len(network.sizes) - 3
        raise ValueError(f"layer is {layer}; it must be a hidden layer, 0 to {last}")
    return list(network.unflatten(x))


@dataclass(frozen=True)
class TwoFactors:
    r"""Two weights in a row, the smallest network with a scaling symmetry.

    $$f(a, b) = \tfrac12\,(ab-1)^2$$

    The points with $ab=1$ all compute the same function, and form a curve of minima. The sharpness
    along it is $a^2+b^2$: 2 at the middle, as large as you like at the ends.
    """

    dim: ClassVar[int] = 2

    def __call__(self, x: Tensor) -> Tensor:
        """Return the losses."""
        a, b = x.unbind(-1)
        return 0.5 * (a * b - 1) ** 2

    def grad(self, x: Tensor) -> Tensor:
        """Return the gradients, the shape of `x`."""
        a, b = x.unbind(-1)
        return (a * b - 1)[..., None] * torch.stack([b, a], -1)

    def hessian(self, x: Tensor) -> Tensor:
        """Return the Hessians, (*batch, 2, 2)."""
        a, b = x.unbind(-1)
        mixed = 2 * a * b - 1
        return torch.stack([torch.stack([b**2, mixed], -1), torch.stack([mixed, a**2], -1)], -2)
