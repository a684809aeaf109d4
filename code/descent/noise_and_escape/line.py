r"""One coordinate, solved: the stationary law, the mean time of an escape, and who gets what share.

$$dx = -f'(x)\,dt + \sqrt{\varepsilon D(x)}\,dW$$

Everything follows from $\Phi_\varepsilon(x) = \frac2\varepsilon\int^x f'/D$, by integrals on a
grid. The noise acts before the step, as in SGD (Itô's reading), which is what puts $1/D$ in front.
"""

import math
from collections.abc import Callable

import torch
from torch import Tensor

from descent import validate

Number = float | Tensor
Function = Callable[[Tensor], Tensor]


def quasi_potential(slope: Function, variance: Function, x: Tensor) -> Tensor:
    r"""The quasi-potential along a grid, zero at its first point.

    $$\varphi(x) = 2\int_{x_0}^x \frac{f'(y)}{D(y)}\,dy$$

    Args:
        slope: $f'$.
        variance: $D$.
        x: Increasing grid (n,), float64.

    Returns:
        $\varphi$, (n,), by the trapezoidal rule.
    """
    return _cumulative(2 * slope(x) / variance(x), x)


def stationary(slope: Function, variance: Function, eps: Number, x: Tensor) -> Tensor:
    r"""The stationary density.

    $$p(x) \propto \frac1{D(x)}\,e^{-\varphi(x)/\varepsilon}$$

    Args:
        slope: $f'$.
        variance: $D$.
        eps: Noise strength $\varepsilon$.
        x: Increasing grid (n,) that holds nearly all of the mass.

    Returns:
        Density, (n,); its integral over the grid is 1.
    """
    validate.positive("eps", eps)
    level = -quasi_potential(slope, variance, x) / eps - variance(x).log()
    density = (level - level.max()).exp()
    return density / torch.trapezoid(density, x)


def share_below(density: Tensor, x: Tensor, at: float) -> Tensor:
    """Mass on the left of a point of the grid.

    Args:
        density: Density on the grid, (n,).
        x: The grid, (n,).
        at: Where to cut.

    Returns:
        A number.
    """
    left = torch.where(x <= at, density, torch.zeros_like(density))
    return torch.trapezoid(left, x) / torch.trapezoid(density, x)


def mean_exit_time(
    slope: Function, variance: Function, eps: float, x: Tensor, start: float
) -> Tensor:
    r"""Mean time until the right end of a grid is reached for the first time.

    $$\E\,\tau = \frac2\varepsilon \int_{\text{start}}^{b} e^{\varphi(y)/\varepsilon}
    \int_{-\infty}^{y} \frac{e^{-\varphi(z)/\varepsilon}}{D(z)}\,dz\,dy$$

    Args:
        slope: $f'$.
        variance: $D$.
        eps: Noise strength.
        x: Increasing grid (n,) from far on the left, where nobody goes, to $b$.
        start: Where the particle begins.

    Returns:
        Mean time.
    """
    phi = quasi_potential(slope, variance, x) / eps
    phi = phi - phi[(x - start).abs().argmin()]
    inner = _cumulative((-phi).exp() / variance(x), x)
    outer = torch.where(x >= start, phi.exp() * inner, torch.zeros_like(x))
    return 2 / eps * torch.trapezoid(outer, x)


def eyring(bottom: float, top: float, barrier: float, eps: Number, variance: Number = 1.0):
    r"""Mean time from one minimum to the next, for small noise of constant strength.

    $$\E\,\tau \approx \frac{2\pi}{\sqrt{f''(a)\,\abs{f''(s)}}}\;
    e^{2\Delta f/(\varepsilon D)}$$

    Args:
        bottom: Curvature $f''(a) > 0$ at the minimum that is left.
        top: Size $\abs{f''(s)} > 0$ of the curvature at the barrier.
        barrier: Height $\Delta f$.
        eps: Noise strength $\varepsilon$.
        variance: Noise variance $D$.

    Returns:
        Mean time.

    Reference: Kramers (1940), Physica 7, 284-304.
    """
    for name, value in (("bottom", bottom), ("top", top), ("eps", eps), ("variance", variance)):
        validate.positive(name, value)
    prefactor = 2 * math.pi / math.sqrt(bottom * top)
    power = torch.as_tensor(2 * barrier / (eps * variance), dtype=torch.float64)
    return prefactor * power.exp()


def laplace_ratio(barrier: float, left: Number, right: Number, eps: Number) -> Tensor:
    r"""How much more time is spent left than right of a symmetric barrier.

    $$\frac{P_L}{P_R} \approx \sqrt{\frac{D_R}{D_L}}\;
    \exp\Bigl(\frac{2\Delta f}{\varepsilon}\Bigl(\frac1{D_L}-\frac1{D_R}\Bigr)\Bigr)$$

    Args:
        barrier: Height $\Delta f$, the same from both sides.
        left: Noise variance $D_L$ on the left, along the way out.
        right: Noise variance $D_R$ on the right.
        eps: Noise strength $\varepsilon$.

    Returns:
        The ratio.
    """
    left, right, eps = (torch.as_tensor(v, dtype=torch.float64) for v in (left, right, eps))
    return (right / left).sqrt() * (2 * barrier / eps * (1 / left - 1 / right)).exp()


def grid(low: float, high: float, n: int = 8001) -> Tensor:
    """Evenly spaced places, (n,), float64."""
    return torch.linspace(low, high, n, dtype=torch.float64)


def _cumulative(values: Tensor, x: Tensor) -> Tensor:
    """Integral from the first point of the grid to each point."""
    sums = torch.cumulative_trapezoid(values, x)
    return torch.cat([torch.zeros_like(sums[:1]), sums])
