r"""Momentum: why a method that overshoots arrives sooner, and where it stops helping.

| part | idea |
|---|---|
| `modes` | one eigen-direction: roots, regimes, stability, best constants |
| `noise` | what gradient noise leaves behind |
| `physics` | a particle with drag; explicit and semi-implicit steps; the velocity as a sum |
| `polynomials` | Chebyshev's bound, his method, and conjugate gradients |
| `worst` | functions that are as hard as they can be |
| `accelerated` | growing momentum and restarts |
"""

from descent.momentum.accelerated import Accelerated
from descent.momentum.modes import (
    METHODS,
    REGIMES,
    Mode,
    best_nesterov,
    critical_beta,
    critical_beta_nesterov,
    explicit,
    heavy_ball,
    nesterov,
    stability_limit,
)
from descent.momentum.noise import effective_lr, spread, stationary_variance
from descent.momentum.physics import (
    ExplicitMomentum,
    lr_and_beta,
    oscillator,
    terminal_velocity,
    time_step_and_drag,
    velocity,
)
from descent.momentum.polynomials import Chebyshev, chebyshev_factor, conjugate_gradient
from descent.momentum.worst import (
    Bend,
    Staircase,
    WorstFunction,
    accelerated_bound,
    descent_bound,
    lower_bound,
)

__all__ = [
    "METHODS",
    "REGIMES",
    "Accelerated",
    "Bend",
    "Chebyshev",
    "ExplicitMomentum",
    "Mode",
    "Staircase",
    "WorstFunction",
    "accelerated_bound",
    "best_nesterov",
    "chebyshev_factor",
    "conjugate_gradient",
    "critical_beta",
    "critical_beta_nesterov",
    "descent_bound",
    "effective_lr",
    "explicit",
    "heavy_ball",
    "lower_bound",
    "lr_and_beta",
    "nesterov",
    "oscillator",
    "spread",
    "stability_limit",
    "stationary_variance",
    "terminal_velocity",
    "time_step_and_drag",
    "velocity",
]
