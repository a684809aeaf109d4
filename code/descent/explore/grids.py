"""Places where functions are evaluated: a range, and a rectangle."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Grid:
    """A range of one variable.

    Args:
        name: Name of the variable: the argument that runs over the range.
        low: First value.
        high: Last value.
        n: Count of values, at least 2.
        log: Space them evenly in the logarithm; both ends must be positive.

    Raises:
        ValueError: If the range is empty, or not positive where `log` is set.
    """

    name: str
    low: float
    high: float
    n: int = 101
    log: bool = False

    def __post_init__(self) -> None:
        if self.n < 2 or not self.low < self.high or (self.log and self.low <= 0):
            raise ValueError(
                f"grid {self.name!r} has {self.n} values from {self.low} to {self.high}; it needs "
                "at least 2 increasing values, positive ones if log"
            )

    def array(self) -> NDArray[np.float64]:
        """Return the values, (n,)."""
        t = np.arange(self.n) / (self.n - 1)
        if self.log:
            return self.low * (self.high / self.low) ** t
        return self.low + (self.high - self.low) * t

    def spec(self) -> dict[str, Any]:
        """Return what the page needs to know."""
        return {"low": self.low, "high": self.high, "n": self.n, "log": self.log}


@dataclass(frozen=True)
class Plane:
    """A rectangle of a variable that is a point (x, y).

    Args:
        name: Name of the variable: an argument of shape (2,).
        x: Range of the first coordinate.
        y: Range of the second coordinate.
        n: Count of values along each side.
    """

    name: str
    x: tuple[float, float]
    y: tuple[float, float]
    n: int = 60

    @property
    def grids(self) -> tuple[Grid, Grid]:
        """The two sides."""
        return Grid(self.name, *self.x, n=self.n), Grid(self.name, *self.y, n=self.n)
