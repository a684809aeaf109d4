"""Classic landscapes in one and two dimensions, each hard in its own way."""

from dataclasses import dataclass, field
from typing import ClassVar

import torch
from torch import Tensor

from descent import validate

Domain = tuple[tuple[float, float], ...]


def _points(*rows: tuple[float, ...]) -> Tensor:
    """Write known points as a float64 tensor."""
    return torch.tensor(rows, dtype=torch.float64)


def _symmetric(*entries: Tensor) -> Tensor:
    """Assemble 2 x 2 Hessians from their entries (xx, xy, yy), each (*batch,)."""
    xx, xy, yy = torch.broadcast_tensors(*entries)
    return torch.stack([torch.stack([xx, xy], -1), torch.stack([xy, yy], -1)], -2)


@dataclass(frozen=True)
class Rosenbrock:
    r"""A curved valley whose floor is nearly flat.

    $$f(x, y) = (1-x)^2 + b\,(y-x^2)^2$$

    Args:
        b: Steepness of the walls, positive; the condition number at the minimum is about 25 b.

    Raises:
        ValueError: If `b` is not positive and finite.

    Reference: Rosenbrock (1960), An automatic method for finding the greatest or least value.
    """

    b: float = 100.0
    dim: ClassVar[int] = 2
    domain: ClassVar[Domain] = ((-2.0, 2.0), (-1.0, 3.0))
    minima: Tensor = field(default_factory=lambda: _points((1, 1)), init=False, repr=False)
    start: Tensor = field(default_factory=lambda: _points((-1.2, 1))[0], init=False, repr=False)

    def __post_init__(self) -> None:
        validate.positive("b", self.b)

    def __call__(self, x: Tensor) -> Tensor:
        """Return the losses."""
        x, y = x.unbind(-1)
        return (1 - x) ** 2 + self.b * (y - x**2) ** 2

    def hessian(self, x: Tensor) -> Tensor:
        """Return the Hessians, (*batch, 2, 2)."""
        x, y = x.unbind(-1)
        two_b = torch.full_like(x, 2 * self.b)
        return _symmetric(2 - 4 * self.b * (y - 3 * x**2), -4 * self.b * x, two_b)


@dataclass(frozen=True)
class Beale:
    r"""Plateaus at the sides, one minimum in a bent valley.

    $$f(x,y) = \sum_{j=1}^3 \bigl(c_j - x\,(1-y^j)\bigr)^2,\qquad c = (1.5,\,2.25,\,2.625)$$

    Reference: Moré, Garbow, Hillstrom (1981), Testing unconstrained optimization software, no. 5.
    """

    dim: ClassVar[int] = 2
    domain: ClassVar[Domain] = ((-4.5, 4.5), (-4.5, 4.5))
    minima: Tensor = field(default_factory=lambda: _points((3, 0.5)), init=False, repr=False)
    start: Tensor = field(default_factory=lambda: _points((1, 1))[0], init=False, repr=False)

    def __call__(self, x: Tensor) -> Tensor:
        """Return the losses."""
        x, y = x.unbind(-1)
        return sum((c - x * (1 - y**j)) ** 2 for j, c in self._terms())  # type: ignore[return-value]

    def hessian(self, x: Tensor) -> Tensor:
        """Return the Hessians, (*batch, 2, 2)."""
        x, y = x.unbind(-1)
        xx, xy, yy = torch.zeros_like(x), torch.zeros_like(x), torch.zeros_like(x)
        for j, c in self._terms():
            residual, slope, bend = (
                c - x * (1 - y**j),
                j * y ** (j - 1),
                j * (j - 1) * y ** max(j - 2, 0),
            )
            xx = xx + 2 * (1 - y**j) ** 2
            xy = xy + 2 * slope * (residual - x * (1 - y**j))
            yy = yy + 2 * (x * slope) ** 2 + 2 * residual * x * bend
        return _symmetric(xx, xy, yy)

    @staticmethod
    def _terms() -> tuple[tuple[int, float], ...]:
        return ((1, 1.5), (2, 2.25), (3, 2.625))


@dataclass(frozen=True)
class Himmelblau:
    r"""Four minima of equal value: which one is found depends on the start alone.

    $$f(x, y) = (x^2 + y - 11)^2 + (x + y^2 - 7)^2$$

    Reference: Himmelblau (1972), Applied Nonlinear Programming.
    """

    dim: ClassVar[int] = 2
    domain: ClassVar[Domain] = ((-5.0, 5.0), (-5.0, 5.0))
    minima: Tensor = field(
        default_factory=lambda: _points(
            (3, 2),
            (-2.805118086952745, 3.131312518250573),
            (-3.779310253377747, -3.283185991286170),
            (3.584428340330492, -1.848126526964404),
        ),
        init=False,
        repr=False,
    )
    start: Tensor = field(default_factory=lambda: _points((0, 0))[0], init=False, repr=False)

    def __call__(self, x: Tensor) -> Tensor:
        """Return the losses."""
        x, y = x.unbind(-1)
        return (x**2 + y - 11) ** 2 + (x + y**2 - 7) ** 2

    def hessian(self, x: Tensor) -> Tensor:
        """Return the Hessians, (*batch, 2, 2)."""
        x, y = x.unbind(-1)
        return _symmetric(12 * x**2 + 4 * y - 42, 4 * (x + y), 12 * y**2 + 4 * x - 26)


@dataclass(frozen=True)
class StyblinskiTang:
    r"""Separable in its coordinates, each with a deep and a shallow well.

    $$f(x) = \tfrac12 \sum_i \bigl(x_i^4 - 16 x_i^2 + 5 x_i\bigr)$$

    Args:
        dim: Number of coordinates; there are $2^{\text{dim}}$ local minima, one of them global.

    Raises:
        TypeError: If `dim` is not an integer.
        ValueError: If `dim` < 1.

    Reference: Styblinski, Tang (1990), Neural Networks 3(4), 467-483.
    """

    dim: int = 2

    def __post_init__(self) -> None:
        validate.count("dim", self.dim)

    @property
    def minima(self) -> Tensor:
        """The global minimum, (1, dim); its coordinate is the least root of 4x³ - 32x + 5 = 0."""
        return torch.full((1, self.dim), -2.9035340277711770, dtype=torch.float64)

    @property
    def start(self) -> Tensor:
        """The origin."""
        return torch.zeros(self.dim, dtype=torch.float64)

    @property
    def domain(self) -> Domain:
        """The cube from -4.5 to 4.5."""
        return ((-4.5, 4.5),) * self.dim

    def __call__(self, x: Tensor) -> Tensor:
        """Return the losses."""
        return 0.5 * (x**4 - 16 * x**2 + 5 * x).sum(-1)

    def hessian(self, x: Tensor) -> Tensor:
        """Return the Hessians, (*batch, dim, dim)."""
        return torch.diag_embed(6 * x**2 - 16)


@dataclass(frozen=True)
class Hill:
    r"""A hill between two plains: the lower plain is never reached, the higher one attracts too.

    $$f(x) = \frac{1}{1+e^{x}} + \frac{1.5}{\cosh x}$$

    Left of the top every descent drifts to the asymptote 1, right of it to 0. There is no minimum.
    The hill's tail $3e^{-|x|}$ must outweigh the step's tail $e^{-|x|}$ for that: with a Gaussian
    hill the left plain would hold a shallow minimum.

    Reference: Goodfellow, Bengio, Courville (2016), figure 8.4.
    """

    dim: ClassVar[int] = 1
    domain: ClassVar[Domain] = ((-8.0, 8.0),)
    minima: Tensor = field(
        default_factory=lambda: torch.zeros(0, 1, dtype=torch.float64), init=False, repr=False
    )
    start: Tensor = field(default_factory=lambda: _points((-1,))[0], init=False, repr=False)

    def __call__(self, x: Tensor) -> Tensor:
        """Return the losses."""
        x = x[..., 0]
        return torch.sigmoid(-x) + 1.5 / torch.cosh(x)

    def hessian(self, x: Tensor) -> Tensor:
        """Return the Hessians, (*batch, 1, 1)."""
        x = x[..., None]
        s, sech = torch.sigmoid(-x), 1 / torch.cosh(x)
        return s * (1 - s) * (1 - 2 * s) + 1.5 * sech * (1 - 2 * sech**2)


@dataclass(frozen=True)
class StrictSaddle:
    r"""A saddle at the origin between two minima.

    $$f(x, y) = 5x^2 - y^2 + \tfrac14 y^4$$

    Reference: the model of Dauphin et al. (2014), arXiv:1406.2572, figure 1, with a quartic wall.
    """

    dim: ClassVar[int] = 2
    domain: ClassVar[Domain] = ((-1.5, 1.5), (-2.2, 2.2))
    minima: Tensor = field(
        default_factory=lambda: _points((0, 2**0.5), (0, -(2**0.5))), init=False, repr=False
    )
    start: Tensor = field(default_factory=lambda: _points((0.5, 0.1))[0], init=False, repr=False)

    def __call__(self, x: Tensor) -> Tensor:
        """Return the losses."""
        x, y = x.unbind(-1)
        return 5 * x**2 - y**2 + y**4 / 4

    def hessian(self, x: Tensor) -> Tensor:
        """Return the Hessians, (*batch, 2, 2)."""
        x, y = x.unbind(-1)
        return _symmetric(torch.full_like(x, 10), torch.zeros_like(x), 3 * y**2 - 2)


@dataclass(frozen=True)
class MonkeySaddle:
    r"""A degenerate saddle: three ways down, three ways up, and a Hessian that is zero.

    $$f(x, y) = x^3 - 3xy^2$$

    It is unbounded below: a run that leaves the origin diverges.

    Reference: Dauphin et al. (2014), arXiv:1406.2572, figure 1c.
    """

    dim: ClassVar[int] = 2
    domain: ClassVar[Domain] = ((-1.5, 1.5), (-1.5, 1.5))
    minima: Tensor = field(
        default_factory=lambda: torch.zeros(0, 2, dtype=torch.float64), init=False, repr=False
    )
    start: Tensor = field(default_factory=lambda: _points((0.3, 0.1))[0], init=False, repr=False)

    def __call__(self, x: Tensor) -> Tensor:
        """Return the losses."""
        x, y = x.unbind(-1)
        return x**3 - 3 * x * y**2

    def hessian(self, x: Tensor) -> Tensor:
        """Return the Hessians, (*batch, 2, 2)."""
        x, y = x.unbind(-1)
        return _symmetric(6 * x, -6 * y, -6 * x)


@dataclass(frozen=True)
class Plateau:
    r"""A slope that never ends: the loss tends to 0 and no critical point exists.

    $$f(x) = e^{-x}$$

    Gradient descent from 0 obeys $x_k \approx \log(1+\eta k)$: ever slower, never done.
    """

    dim: ClassVar[int] = 1
    domain: ClassVar[Domain] = ((-1.0, 8.0),)
    minima: Tensor = field(
        default_factory=lambda: torch.zeros(0, 1, dtype=torch.float64), init=False, repr=False
    )
    start: Tensor = field(default_factory=lambda: _points((0,))[0], init=False, repr=False)

    def __call__(self, x: Tensor) -> Tensor:
        """Return the losses."""
        return torch.exp(-x[..., 0])

    def hessian(self, x: Tensor) -> Tensor:
        """Return the Hessians, (*batch, 1, 1)."""
        return torch.exp(-x)[..., None]
