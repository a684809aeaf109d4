r"""Depth without time: products of different random matrices, and the gain that keeps a signal."""

import math

import numpy as np
import torch
from torch import Tensor

from descent import validate


def drift(width: int, gain: float = 1.0) -> tuple[float, float]:
    r"""Return mean and standard deviation of the growth that one random layer causes.

    For $G$ with independent entries $\mathcal N(0, g^2/n)$ and any fixed $u$,
    $\norm{Gu}^2/\norm u^2$ is $g^2/n$ times a chi-squared number, so that

    $$\E\log\frac{\norm{Gu}}{\norm u} = \log g + \tfrac12\Bigl(\psi(\tfrac n2)-\log\tfrac n2\Bigr)
    \approx \log g - \frac1{2n}, \qquad
    \Var = \tfrac14\psi'(\tfrac n2) \approx \frac1{2n}.$$

    Layers are independent: over depth the logarithm walks with this drift.

    Args:
        width: Width n.
        gain: $g > 0$.

    Returns:
        Mean and standard deviation per layer, in units of the natural logarithm.

    Raises:
        TypeError: If `width` is not an integer.
        ValueError: If `width` < 1 or `gain` is not positive.

    >>> mean, spread = drift(100, 1.0)
    >>> f"{mean:.4f} {spread:.4f}"
    '-0.0050 0.0711'
    """
    validate.positive("gain", gain)
    half = torch.tensor(validate.count("width", width) / 2, dtype=torch.float64)
    mean = math.log(gain) + 0.5 * float(torch.digamma(half) - half.log())
    return mean, 0.5 * math.sqrt(float(torch.special.polygamma(1, half)))


def product_norms(
    width: int, depth: int, gain: float, seeds: int, *, shared: bool = False, first: int = 0
) -> Tensor:
    r"""Follow one vector through random linear layers, fresh ones or one matrix again and again.

    $$u_l = G_l u_{l-1}, \qquad G_l \sim \mathcal N(0, g^2/n)$$

    Args:
        width: Width n.
        depth: Number of layers.
        gain: $g > 0$.
        seeds: Number of independent networks.
        shared: Use the first matrix at every layer.
        first: First seed.

    Returns:
        $\log\norm{u_l}$ for $l = 0, \dots$, (depth + 1, seeds), float64.
    """
    validate.positive("gain", gain)
    g = torch.Generator().manual_seed(first)
    shape = validate.count("seeds", seeds), validate.count("width", width), width
    draw = {"generator": g, "dtype": torch.float64}
    u = torch.randn(*shape[:2], **draw)  # type: ignore[call-overload]
    u = u / u.norm(dim=-1, keepdim=True)
    layer = torch.randn(*shape, **draw)  # type: ignore[call-overload]
    total, logs = torch.zeros(seeds, dtype=torch.float64), []
    for _ in range(validate.count("depth", depth)):
        logs.append(total)
        u = gain / math.sqrt(width) * (layer @ u[..., None])[..., 0]
        size = u.norm(dim=-1)
        u, total = u / size[:, None], total + size.log()
        if not shared:
            layer = torch.randn(*shape, **draw)  # type: ignore[call-overload]
    return torch.stack([*logs, total])


def quadrature(n: int = 61) -> tuple[Tensor, Tensor]:
    """Return nodes and weights for means over a standard normal variable, float64."""
    z, w = np.polynomial.hermite_e.hermegauss(n)
    return torch.from_numpy(z), torch.from_numpy(w / w.sum())


def variance_step(q: Tensor, weight: Tensor, bias: Tensor) -> tuple[Tensor, Tensor]:
    r"""Push the variance of the pre-activations through one wide tanh layer.

    $$q' = \sigma_w^2\,\E\tanh^2(\sqrt q z) + \sigma_b^2, \qquad
    \chi = \sigma_w^2\,\E\bigl[\tanh'(\sqrt q z)^2\bigr]$$

    Args:
        q: Variance $q \ge 0$, any shape.
        weight: $\sigma_w$; weights have variance $\sigma_w^2/n$.
        bias: $\sigma_b$, the standard deviation of the biases.

    Returns:
        The next variance, and χ: the mean square of a gradient is multiplied by it on the way back
        through the layer.

    Reference: Poole et al. (2016), arXiv:1606.05340; Schoenholz et al. (2017), arXiv:1611.01232.
    """
    z, p = quadrature()
    a = torch.tanh(torch.sqrt(q)[..., None] * z)
    return (
        weight**2 * (p * a**2).sum(-1) + bias**2,
        weight**2 * (p * (1 - a**2) ** 2).sum(-1),
    )


def gradient_factor(weight: Tensor, bias: Tensor, steps: int = 400) -> Tensor:
    r"""Return χ at the variance where it settles, for infinitely wide tanh layers.

    Below 1 gradients vanish with depth, above 1 they explode; χ = 1 is the critical line.

    Args:
        weight: $\sigma_w$.
        bias: $\sigma_b$, broadcast against it.
        steps: Layers after which the variance counts as settled.

    Returns:
        χ, float64.
    """
    weight, bias = torch.broadcast_tensors(weight.double(), bias.double())
    q = torch.ones_like(weight)
    for _ in range(validate.count("steps", steps)):
        q, chi = variance_step(q, weight, bias)
    return chi


def critical_line(q: Tensor) -> tuple[Tensor, Tensor]:
    r"""Return the pairs at which χ = 1, as a curve with the settled variance as parameter.

    $$\sigma_w^2 = \frac{1}{\E[\tanh'(\sqrt q z)^2]}, \qquad
    \sigma_b^2 = q - \sigma_w^2\,\E\tanh^2(\sqrt q z)$$

    Args:
        q: Variances, q >= 0.

    Returns:
        $\sigma_w$ and $\sigma_b$.
    """
    one, none = torch.ones_like(q), torch.zeros_like(q)
    mean, slope = variance_step(q, one, none)
    weight = 1 / slope
    return weight.sqrt(), (q - weight * mean).clamp(min=0).sqrt()
