r"""One curvature with noise: what a learning rate leaves behind, exactly.

$$x_{k+1} = x_k - \eta_k(\lambda x_k + \sigma\xi_k)$$

Mean and variance follow without drawing a number; the functions are torch, so that figures run
them too.
"""

import math

import torch
from torch import Tensor

from descent import validate
from descent.validate import Number


def floor(lr: Number, curvature: Number = 1.0, sigma: Number = 1.0) -> Number:
    r"""Mean loss at which a constant rate settles.

    $$\E f = \frac{\eta\sigma^2}{2(2-\eta\lambda)}, \qquad f = \tfrac\lambda2x^2$$

    Args:
        lr: Learning rate $\eta$, with $\eta\lambda<2$.
        curvature: $\lambda$.
        sigma: Standard deviation of the gradient noise.

    Returns:
        The mean loss, the broadcast shape.
    """
    return lr * sigma**2 / (2 * (2 - lr * curvature))


def spread(square: Tensor, lr: Number, curvature: Number = 1.0, sigma: Number = 1.0) -> Tensor:
    r"""One step of the mean square, $\E x^2\to(1-\eta\lambda)^2\,\E x^2+\eta^2\sigma^2$.

    Args:
        square: $\E x_k^2$, any shape.
        lr: Learning rate of this step.
        curvature: $\lambda$.
        sigma: Standard deviation of the gradient noise.

    Returns:
        $\E x_{k+1}^2$.
    """
    return (1 - lr * curvature) ** 2 * square + (lr * sigma) ** 2


def power_rates(first: float, power: float, steps: int) -> Tensor:
    r"""Rates $\eta_k = a\,k^{-p}$ for $k=1,\dots,K$.

    Robbins and Monro ask for $\sum\eta_k=\infty$ and $\sum\eta_k^2<\infty$, that is
    $\tfrac12<p\le1$.

    Args:
        first: $a>0$.
        power: $p\ge0$.
        steps: $K$.

    Returns:
        The rates, (K,), float64.

    Raises:
        ValueError: If an argument is out of range.

    Reference: Robbins and Monro (1951), *A stochastic approximation method*.
    """
    validate.positive("first", first)
    validate.at_least("power", power, 0)
    k = torch.arange(1, validate.count("steps", steps) + 1, dtype=torch.float64)
    return first * k**-power


def bias_and_variance(rates: Tensor, curvature: float = 1.0) -> tuple[Tensor, Tensor]:
    r"""What is left of the start, and what the noise has brought in.

    $$\frac{\E x_K}{x_0} = \prod_k(1-\eta_k\lambda), \qquad
    \frac{\Var x_K}{\sigma^2} = \sum_k\eta_k^2\prod_{j>k}(1-\eta_j\lambda)^2$$

    Args:
        rates: $\eta_1,\dots,\eta_K$, (K, ...); further axes are other schedules.
        curvature: $\lambda$.

    Returns:
        Both after $0,1,\dots,K$ steps, (K + 1, ...).
    """
    bias, variance = [torch.ones_like(rates[0])], [torch.zeros_like(rates[0])]
    for lr in rates:
        bias.append(bias[-1] * (1 - lr * curvature))
        variance.append(spread(variance[-1], lr, curvature))
    return torch.stack(bias), torch.stack(variance)


def averaged_variance(lr: float, steps: int, curvature: float = 1.0) -> float:
    r"""Variance of the mean of the iterates $x_1,\dots,x_K$ at a constant rate, for σ = 1, x₀ = 0.

    $$\bar x = -\sum_j w_j\xi_j, \qquad w_j = \frac{1-(1-\eta\lambda)^{K-j}}{K\lambda}$$

    Each noise enters all later iterates, with weights that add up to almost $1/\lambda$: so the
    variance tends to $1/(\lambda^2K)$, whatever the rate is.

    Args:
        lr: Learning rate with $0<\eta\lambda<2$.
        steps: $K$.
        curvature: $\lambda$.

    Returns:
        The variance.

    Reference: Polyak and Juditsky (1992), *Acceleration of stochastic approximation by averaging*.
    """
    left = torch.arange(1, validate.count("steps", steps) + 1, dtype=torch.float64)
    weights = (1 - (1 - lr * curvature) ** left) / (steps * curvature)
    return float(weights.square().sum())


def interpolating_factor(lr: Number, curvatures: Tensor) -> Tensor:
    r"""Factor of the mean square per step where every example has its minimum at the same place.

    $$\frac{\E x_{k+1}^2}{\E x_k^2} = \frac1N\sum_i(1-\eta h_i)^2, \qquad f_i=\tfrac{h_i}2x^2$$

    There is no floor: a constant rate converges while the factor is below 1, that is for
    $\eta<2\bar h/\overline{h^2}$.

    Args:
        lr: Learning rate, any shape.
        curvatures: $h_i$, (N,).

    Returns:
        The factor, the shape of `lr`.

    Reference: Ma, Bassily, Belkin (2018), arXiv:1712.06559.
    """
    return 1 - 2 * lr * curvatures.mean() + lr**2 * curvatures.square().mean()


def delay_limit(delay: Number) -> Number:
    r"""Largest $\eta\lambda$ for which gradients that are $\tau$ steps old still converge.

    $$\eta\lambda < 2\sin\frac{\pi}{2(2\tau+1)}$$

    Args:
        delay: $\tau\ge0$.

    Returns:
        The limit: 2 without delay, 1 for one step, about $\pi/(2\tau+1)$ for many.
    """
    angle = math.pi / (2 * (2 * delay + 1))
    return 2 * (torch.sin(angle) if isinstance(angle, Tensor) else math.sin(angle))


def delay_radius(product: float, delay: int) -> float:
    r"""Factor per step of $x_{k+1}=x_k-\eta\lambda\,x_{k-\tau}$.

    The largest root of $r^{\tau+1}=r^\tau-\eta\lambda$ in length.

    Args:
        product: $\eta\lambda$.
        delay: $\tau$.

    Returns:
        The spectral radius of the companion matrix.
    """
    size = validate.count("delay", delay, low=0) + 1
    step = torch.diag(torch.ones(size - 1, dtype=torch.float64), -1)
    step[0, 0] = 1.0
    step[0, -1] -= product
    return float(torch.linalg.eigvals(step).abs().max())
