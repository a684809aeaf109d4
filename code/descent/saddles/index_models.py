r"""Three models of how likely a critical point is a minimum.

A model is a law for the Hessian $H$, $n\times n$. Only one of the three is about critical points.

| model | Hessian | probability that all eigenvalues are positive |
|---|---|---|
| coin flips | $n$ independent signs | $2^{-n}$ |
| Gaussian matrix | $G$: variance 1, on the diagonal 2 | $e^{-cn^2}$ |
| Gaussian field | $G+\xi I$, weighted by $\lvert\det\rvert$ | near $2^{-n}$ |
"""

import math

import numpy as np
import torch
from numpy.polynomial import legendre
from torch import Tensor

from descent import validate
from descent.saddles.pfaffian import Array, log_integral, mean_sum

# Where a density of eigenvalues has fallen below the precision of a double.
_MARGIN = 9.0


def coin(n: int) -> float:
    """Probability of n heads, $2^{-n}$."""
    return 0.5 ** validate.count("n", n)


def log_positive(n: int) -> float:
    r"""Logarithm of the probability that a Gaussian symmetric matrix is positive definite.

    $$P = \frac{\int_{0<x_1<\dots<x_n}\prod_{i<j}(x_j-x_i)\prod_i e^{-x_i^2/4}}
    {\int_{x_1<\dots<x_n}\prod_{i<j}(x_j-x_i)\prod_i e^{-x_i^2/4}}$$

    Args:
        n: Size of the matrix; entries have variance 1, those on the diagonal 2.

    Returns:
        log P; exact up to rounding for n up to about 100.

    >>> round(math.exp(log_positive(2)), 6), round((2 - 2**0.5) / 4, 6)
    (0.146447, 0.146447)

    Reference: Dean, Majumdar (2006), for the decay $e^{-\frac{\ln 3}{4}n^2}$.
    """
    end = 2 * math.sqrt(validate.count("n", n)) + _MARGIN
    return log_integral(n, (0.0, end), _gauss) - log_integral(n, (-end, end), _gauss)


def log_minima(n: int, nodes: int = 100) -> float:
    r"""Logarithm of the share of minima among the critical points of a Gaussian field.

    The field is stationary and isotropic, so its Hessian at a critical point is $G+\xi I$ with
    $\xi\sim\mathcal N(0,1)$, weighted by $\abs{\det}$ (Kac and Rice). With $x=-\xi$ the weight
    $\prod\abs{\lambda_i-x}$ makes $x$ one more eigenvalue of a Gaussian matrix of size $n+1$, the
    smallest one at a minimum:

    $$P = \frac{\mathbb E\,e^{-\lambda_1^2/4}}{\mathbb E\sum_j e^{-\lambda_j^2/4}}
    \quad\text{over the eigenvalues } \lambda_1<\dots<\lambda_{n+1} .$$

    Args:
        n: Dimension.
        nodes: Nodes of the integral over the smallest eigenvalue.

    Returns:
        log P; exact up to rounding for n up to about 24.

    >>> round(math.exp(log_minima(3)), 6), round((29 - 6 * 6**0.5) / 116, 6)
    (0.123302, 0.123302)

    Reference: Fyodorov (2004), for the extra eigenvalue.
    """
    end = 2 * math.sqrt(validate.count("n", n) + 1) + _MARGIN
    t, w = legendre.leggauss(nodes)
    low, high = -end, 6.0
    places = (low + high) / 2 + (high - low) / 2 * t
    logs = np.array([log_integral(n, (x, end), _above(x)) for x in places]) - places**2 / 2
    peak = logs.max()
    lowest = peak + math.log(float((np.exp(logs - peak) * w).sum() * (high - low) / 2))
    everywhere = log_integral(n + 1, (-end, end), _gauss)
    count = mean_sum(n + 1, (-end, end), _gauss, _gauss)
    return lowest - everywhere - math.log(count)


def gaussian_matrices(n: int, count: int, generator: torch.Generator) -> Tensor:
    """Draw symmetric matrices with variance 1, and 2 on the diagonal, (count, n, n), float64."""
    a = torch.randn(count, n, n, generator=generator, dtype=torch.float64)
    return (a + a.mT) / math.sqrt(2)


def sampled_index(n: int, count: int, generator: torch.Generator) -> Tensor:
    r"""Share of critical points of a Gaussian field with each index, by importance sampling.

    The shift $\xi$ is drawn with variance $1+n$ instead of 1: a minimum needs a shift of the order
    of the spectrum's radius $2\sqrt n$, which the law itself almost never draws.

    Args:
        n: Dimension.
        count: Number of matrices.
        generator: Source of randomness.

    Returns:
        Shares of index 0, ..., n, (n + 1,).
    """
    eigenvalues = torch.linalg.eigvalsh(gaussian_matrices(n, count, generator))
    width = math.sqrt(1 + n)
    shift = width * torch.randn(count, generator=generator, dtype=torch.float64)
    shifted = eigenvalues + shift[:, None]
    log_weight = shifted.abs().log().sum(-1) - shift**2 / 2 + shift**2 / (2 * width**2)
    weight = (log_weight - log_weight.max()).exp()
    index = (shifted < 0).sum(-1)
    shares = torch.zeros(n + 1, dtype=torch.float64).index_add_(0, index, weight)
    return shares / shares.sum()


def semicircle(x: Tensor) -> Tensor:
    r"""Part of Wigner's semicircle on $[-1, 1]$ that lies below $x$.

    $$F(x) = \tfrac12 + \frac{x\sqrt{1-x^2}+\arcsin x}{\pi}$$

    >>> semicircle(torch.tensor([-1.0, 0.0, 1.0]))
    tensor([0.0000, 0.5000, 1.0000])
    """
    x = x.clamp(-1, 1)
    # The arc sine by way of an arc tangent, which a traced figure can compute.
    angle = torch.atan2(x, torch.sqrt(1 - x**2))
    return 0.5 + (x * torch.sqrt(1 - x**2) + angle) / math.pi


def _gauss(x: Array) -> Array:
    return np.exp(-(x**2) / 4)


def _above(place: float):
    """Weight of an eigenvalue that repels one more at `place`, from above."""
    return lambda x: (x - place) * _gauss(x)
