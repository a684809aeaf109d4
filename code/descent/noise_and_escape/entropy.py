r"""Temperature and entropy of a diffusion: what the Fokker-Planck equation says.

$$dw = -E'(w)\,dt + \sqrt{2T}\,dW, \qquad
\dot p = \partial_w\bigl(p\,E' + T\,\partial_w p\bigr), \qquad p_\infty \propto e^{-E/T}$$

$$\dot S = T\int\frac{(\partial_w p)^2}{p}\,dw - \E_p[E'']$$

Diffusion creates entropy, curvature destroys it, and at Gibbs's law the two are equal.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from descent import validate

Number = float | Tensor


def temperature(noise: Number) -> Number:
    r"""Temperature of $dw = -\nabla E\,dt + s\,dW$: $T = s^2/2$.

    With $s=\beta^{-1}$ the stationary law is $e^{-2\beta^2E}$; for $e^{-\beta E}$ the noise must be
    $s=\sqrt{2/\beta}$.

    Args:
        noise: Factor $s$ in front of the white noise.

    Returns:
        $T$.
    """
    validate.at_least("noise", noise, 0)
    return noise**2 / 2


def settling_variance(start: Number, curvature: Number, heat: Number, time: Number) -> Tensor:
    r"""Variance of a Gaussian cloud in a bowl.

    $$v(t) = \frac T\lambda + \Bigl(v_0-\frac T\lambda\Bigr)e^{-2\lambda t}$$

    Args:
        start: $v_0$.
        curvature: $\lambda$.
        heat: Temperature $T$.
        time: $t$.

    Returns:
        $v(t)$.
    """
    rest = heat / curvature
    decay = torch.exp(-2 * torch.as_tensor(curvature * time, dtype=torch.float64))
    return rest + (start - rest) * decay


def gaussian_entropy(variance: Tensor) -> Tensor:
    r"""Differential entropy $\tfrac12\ln(2\pi e\,v)$ in nats; negative when $v < 1/2\pi e$."""
    return 0.5 * torch.log(2 * math.pi * math.e * variance)


def gibbs(energies: Tensor, beta: Number) -> Tensor:
    r"""Probabilities $e^{-\beta E_i}/Z$ of states with given energies, (*batch, m)."""
    return torch.softmax(-beta * energies, -1)


def surprise_of_one(p: Tensor) -> tuple[Tensor, Tensor]:
    r"""Entropy of a state that is nearly certain: the part $-p\ln p$, and all of it.

    $$-p\ln p \quad\text{and}\quad -p\ln p - (1-p)\ln(1-p)$$

    Args:
        p: Probability of the state, in (0, 1).

    Returns:
        Both, in nats.
    """
    part = -p * torch.log(p)
    return part, part - (1 - p) * torch.log1p(-p)


@dataclass(frozen=True)
class FokkerPlanck:
    r"""The density of a diffusion on a grid, by finite volumes that know Gibbs's law.

    The flow between two cells is that of the exact stationary problem between their centers
    (Scharfetter and Gummel), so mass is kept to rounding and Gibbs's law stands still exactly.

    Args:
        energy: $E$ at the centers of the cells, (n,), float64.
        width: Width of a cell.
        heat: Temperature $T$.
    """

    energy: Tensor
    width: float
    heat: float

    def generator(self) -> Tensor:
        """Rates of change of the densities, (n, n), to be applied from the left."""
        step = self.energy.diff() / self.heat
        ahead, back = _bernoulli(step), _bernoulli(-step)
        scale = self.heat / self.width**2
        n = len(self.energy)
        out = torch.zeros(n, n, dtype=torch.float64)
        i = torch.arange(n - 1)
        # Between i and i + 1 flows scale (ahead p_i - back p_{i+1}).
        out[i, i] -= scale * ahead
        out[i, i + 1] += scale * back
        out[i + 1, i] += scale * ahead
        out[i + 1, i + 1] -= scale * back
        return out

    def evolve(self, density: Tensor, time: float, frames: int) -> Tensor:
        """Follow a density.

        Args:
            density: At the start, (n,).
            time: How long.
            frames: Number of equal parts of that time.

        Returns:
            Densities, (frames + 1, n).
        """
        jump = torch.linalg.matrix_exp(self.generator() * (time / frames))
        rows = [density]
        for _ in range(frames):
            rows.append(jump @ rows[-1])
        return torch.stack(rows)

    def entropy(self, density: Tensor) -> Tensor:
        r"""Entropy $-\int p\ln p$, (*batch,)."""
        return -torch.xlogy(density, density).sum(-1) * self.width

    def created(self, density: Tensor) -> Tensor:
        r"""Entropy that diffusion creates, $T\int (\partial p)^2/p$, (*batch,)."""
        jump = density.diff(dim=-1)
        ratio = torch.log(density[..., 1:] / density[..., :-1])
        return self.heat * (jump * ratio).sum(-1) / self.width

    def destroyed(self, density: Tensor, bend: Callable[[Tensor], Tensor], x: Tensor) -> Tensor:
        r"""Entropy that curvature destroys, $\E_p[E'']$, (*batch,)."""
        return (density * bend(x)).sum(-1) * self.width


def _bernoulli(u: Tensor) -> Tensor:
    """U / (exp(u) - 1), smooth at zero."""
    small = u.abs() < 1e-6
    return torch.where(small, 1 - u / 2, u / torch.expm1(torch.where(small, 1.0, u)))
