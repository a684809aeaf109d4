r"""Convex functions that are as hard as they can be.

`WorstFunction(k)` defeats every method for k steps; it must be built anew for each k, in dimension
2k + 1. `Bend(k)` is the worst function for gradient descent alone. `Staircase` is a strongly convex
function on which the heavy ball cycles.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from descent import validate


@dataclass(frozen=True)
class WorstFunction:
    r"""Nesterov's worst function in the world, for k steps.

    $$f(x) = \frac14\Bigl(\tfrac12 x^\top Ax - x_1\Bigr), \qquad
    A = \operatorname{tridiag}(-1, 2, -1), \quad x\in\R^{2k+1}$$

    Its curvature is at most $L = 1$. Started at 0, a gradient reaches one coordinate further than
    the last, so after k steps at most k coordinates have moved: $k+1$ of them still stand at 0.

    Args:
        k: Number of steps for which it is worst.

    Raises:
        TypeError: If `k` is not an integer.
        ValueError: If `k` < 1.

    Reference: Nesterov (2018), theorem 2.1.7.
    """

    k: int

    def __post_init__(self) -> None:
        validate.count("k", self.k)

    @property
    def dim(self) -> int:
        """Number of coordinates, 2 k + 1."""
        return 2 * self.k + 1

    @property
    def start(self) -> Tensor:
        """The origin, float64."""
        return torch.zeros(self.dim, dtype=torch.float64)

    @property
    def minimizer(self) -> Tensor:
        """The minimum, a straight ramp from 1 down to 0, (dim,)."""
        place = torch.arange(1, self.dim + 1, dtype=torch.float64)
        return 1 - place / (self.dim + 1)

    @property
    def minimum(self) -> float:
        """Value at the minimum."""
        return -(1 - 1 / (self.dim + 1)) / 8

    def __call__(self, x: Tensor) -> Tensor:
        """Return the losses."""
        return 0.125 * (x * self._apply(x)).sum(-1) - 0.25 * x[..., 0]

    def grad(self, x: Tensor) -> Tensor:
        """Return the gradients, the shape of `x`."""
        first = torch.zeros(self.dim, dtype=x.dtype, device=x.device)
        first[0] = 1
        return 0.25 * (self._apply(x) - first)

    def hessian(self, x: Tensor) -> Tensor:
        """Return A / 4 for every point, (*batch, dim, dim)."""
        eye = torch.eye(self.dim, dtype=x.dtype, device=x.device)
        return 0.25 * self._apply(eye).expand(*x.shape, self.dim)

    def _apply(self, x: Tensor) -> Tensor:
        """A x, in place of the matrix."""
        padded = torch.nn.functional.pad(x, (1, 1))
        return 2 * x - padded[..., :-2] - padded[..., 2:]


def lower_bound(k: int) -> float:
    r"""What no method built from gradients can be below after k steps on `WorstFunction(k)`.

    $$f(x_k) - f^\star \ge \frac{3L\,\norm{x_0-x^\star}^2}{32\,(k+1)^2}$$

    Args:
        k: Number of steps.

    Returns:
        The bound on the gap, for L = 1.

    Reference: Nesterov (2018), theorem 2.1.7.
    """
    return 3 * float(WorstFunction(k).minimizer.square().sum()) / (32 * (k + 1) ** 2)


def accelerated_bound(k: int, distance: float = 1.0) -> float:
    r"""What Nesterov's accelerated method is below after k steps on any convex function.

    $$f(x_k) - f^\star \le \frac{2L\,\norm{x_0-x^\star}^2}{(k+1)^2}$$

    Args:
        k: Number of steps.
        distance: $\norm{x_0-x^\star}$.

    Returns:
        The bound on the gap, for L = 1.

    Reference: Beck, Teboulle (2009), theorem 4.4.
    """
    return 2 * distance**2 / (k + 1) ** 2


def descent_bound(k: int, distance: float = 1.0) -> float:
    r"""What gradient descent with $\eta=1/L$ is below after k steps on any convex function.

    $$f(x_k) - f^\star \le \frac{L\,\norm{x_0-x^\star}^2}{2(2k+1)}$$

    Args:
        k: Number of steps.
        distance: $\norm{x_0-x^\star}$.

    Returns:
        The bound on the gap, for L = 1; `Bend(k)` attains it.

    Reference: Drori, Teboulle (2014), section 3.
    """
    return distance**2 / (2 * (2 * k + 1))


@dataclass(frozen=True)
class Bend:
    r"""The worst convex function for k steps of gradient descent: a bowl with straight walls.

    $$f(x) = \begin{cases}\tfrac12x^2 & \abs x\le\tau\\ \tau\abs x-\tfrac12\tau^2 & \abs x>\tau
    \end{cases}, \qquad \tau = \frac{1}{2k+1}$$

    From 1 every step of $\eta=1/L=1$ has the length $\tau$: the bottom of the bowl comes one step
    too late, for every k.

    Args:
        k: Number of steps for which it is worst.

    Raises:
        TypeError: If `k` is not an integer.
        ValueError: If `k` < 1.

    Reference: Drori, Teboulle (2014), section 3.
    """

    k: int

    def __post_init__(self) -> None:
        validate.count("k", self.k)

    def __call__(self, x: Tensor) -> Tensor:
        """Return the losses."""
        tau = 1 / (2 * self.k + 1)
        size = x.abs()
        return torch.where(size > tau, tau * size - tau**2 / 2, size**2 / 2).sum(-1)

    def grad(self, x: Tensor) -> Tensor:
        """Return the gradients, the shape of `x`."""
        tau = 1 / (2 * self.k + 1)
        return torch.clamp(x, -tau, tau)


@dataclass(frozen=True)
class Staircase:
    r"""A strongly convex function of one variable whose curvature switches between 25 and 1.

    $$f'(x) = \begin{cases}25x & x<1\\ x+24 & 1\le x<2\\ 25x-24 & x\ge2\end{cases}$$

    On every quadratic with curvatures from 1 to 25 the heavy ball with Polyak's constants
    converges. Here it runs in a circle.

    Reference: Lessard, Recht, Packard (2016).
    """

    def __call__(self, x: Tensor) -> Tensor:
        """Return the losses."""
        low, middle = 12.5 * x**2, 0.5 * x**2 + 24 * x - 12
        high = 12.5 * x**2 - 24 * x + 36
        return torch.where(x < 1, low, torch.where(x < 2, middle, high)).sum(-1)

    def grad(self, x: Tensor) -> Tensor:
        """Return the gradients, the shape of `x`."""
        return torch.where(x < 1, 25 * x, torch.where(x < 2, x + 24, 25 * x - 24))
