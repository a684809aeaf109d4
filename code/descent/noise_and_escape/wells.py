"""The walks of the chapter: two and three wells, unequal noise, an absorbing minimum, bowls."""

from dataclasses import dataclass

import torch
from torch import Tensor

from descent import validate
from descent.noise_and_escape.laws import (
    Law,
    double_well,
    double_well_slope,
    switch,
    three_wells_slope,
)
from descent.noise_and_escape.samples import scattered_law


def _plain(x, z):
    return (z,)


TWO_WELLS = Law(lambda x: (double_well_slope(x),), _plain)
BOWL = Law(lambda x: (x,), _plain)
# Noise variances of the two wells in the data set with batches.
LEFT, RIGHT = 3.0, 5.4


def three(height: float = 0.12) -> Law:
    """Three wells in a row, with unit noise.

    Args:
        height: Factor in front of the slope.
    """
    validate.positive("height", height)
    return Law(lambda x: (three_wells_slope(x, height),), _plain)


def unequal(left: tuple[float, float], right: tuple[float, float], width: float = 0.1) -> Law:
    r"""Two equal wells in the plane whose noise differs.

    $$f(x,y) = \tfrac14(x^2-1)^2 + \tfrac12y^2, \qquad
    D = \diag(d_L) \text{ for } x\ll0, \quad \diag(d_R) \text{ for } x\gg0$$

    Args:
        left: Noise variances of the left well, along the way out (x) and across it (y).
        right: Those of the right well.
        width: Width of the transition around $x=0$.

    Returns:
        The law.
    """
    for name, pair in (("left", left), ("right", right)):
        for value in pair:
            validate.positive(name, value)
    out_l, across_l = left
    out_r, across_r = right

    def kick(x, y, z, w):
        along, across = switch(x, out_l, out_r, width), switch(x, across_l, across_r, width)
        return along**0.5 * z, across**0.5 * w

    return Law(lambda x, y: (double_well_slope(x), y), kick, dim=2)


def absorbing(strength: float = 1.5) -> Law:
    r"""Two equal wells, the left of which every example agrees on: $\sigma(x) = c\,\abs{x+1}$.

    Args:
        strength: The factor $c$.
    """
    validate.positive("strength", strength)
    return Law(lambda x: (double_well_slope(x),), lambda x, z: (strength * abs(x + 1.0) * z,))


def batch_variance(x):
    """Variance of the examples' slopes: 3 on the left, 5.4 on the right."""
    return switch(x, LEFT, RIGHT)


def batch_deviation(x):
    """The root of `batch_variance`."""
    return switch(x, LEFT, RIGHT) ** 0.5


UNEQUAL_BATCHES = scattered_law(double_well_slope, batch_deviation)

# A tilted bowl with noise that is tilted otherwise: A, and a lower triangular root of D.
HESSIAN = ((2.0, 0.8), (0.8, 1.0))
ROOT = ((1.0, 0.0), (-0.5, 0.8))

BOWL_IN_PLANE = Law(
    lambda x, y: (2.0 * x + 0.8 * y, 0.8 * x + 1.0 * y),
    lambda x, y, z, w: (1.0 * z, -0.5 * z + 0.8 * w),
    dim=2,
)


def round_bowl(along: float, across: float) -> Law:
    r"""The bowl $\tfrac12\norm x^2$ with noise variances of its own along the two axes.

    Args:
        along: Variance along x.
        across: Variance along y.
    """
    p, q = along**0.5, across**0.5
    return Law(lambda x, y: (x, y), lambda x, y, z, w: (p * z, q * w), dim=2)


@dataclass(frozen=True)
class CurvedValley:
    r"""Two wells joined by a curved valley.

    $$f(x, y) = \tfrac14(x^2-1)^2 + \tfrac k2\bigl(y-1+x^2\bigr)^2$$

    Minima at $(\pm1, 0)$, a barrier of $\tfrac14$ at $(0, 1)$.

    Args:
        stiffness: The factor $k$.
    """

    stiffness: float = 2.0

    @property
    def minima(self) -> Tensor:
        """The two minima, (2, 2)."""
        return torch.tensor([[-1.0, 0.0], [1.0, 0.0]], dtype=torch.float64)

    @property
    def saddle(self) -> Tensor:
        """The top of the barrier, (2,)."""
        return torch.tensor([0.0, 1.0], dtype=torch.float64)

    def __call__(self, x: Tensor) -> Tensor:
        """Return the losses."""
        u, v = x.unbind(-1)
        return double_well(u) + 0.5 * self.stiffness * (v - 1 + u**2) ** 2

    def grad(self, x: Tensor) -> Tensor:
        """Return the gradients, the shape of `x`."""
        u, v = x.unbind(-1)
        off = self.stiffness * (v - 1 + u**2)
        return torch.stack([double_well_slope(u) + 2 * u * off, off], -1)
