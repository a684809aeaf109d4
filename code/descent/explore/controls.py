"""What a reader can move: sliders over a list of values, and points that are dragged."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from descent.explore import numbers


@dataclass(frozen=True)
class Slider:
    """A named number with a list of allowed values.

    Args:
        name: Name by which signals ask for the value.
        label: What the reader sees.
        values: Allowed values, increasing, at least 2.
        start: Value of the first frame, one of `values`.
        unit: Unit, "" for a pure number.
        words: Text for each value, where a number alone says too little.

    Raises:
        ValueError: If the values do not increase, `start` is not among them, or `words` differs in
            length.
    """

    name: str
    label: str
    values: tuple[float, ...]
    start: float
    unit: str = ""
    words: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if len(self.values) < 2 or not np.all(np.diff(self.values) > 0):
            raise ValueError(f"{self.name}: values must be at least two increasing numbers")
        if self.start not in self.values:
            raise ValueError(f"{self.name}: start is {self.start}; it must be one of the values")
        if self.words and len(self.words) != len(self.values):
            raise ValueError(f"{self.name}: {len(self.words)} words for {len(self.values)} values")

    def check(self, value: Any) -> float:
        """Return a setting as a float.

        Args:
            value: The proposed setting; values between those of the list are allowed.

        Returns:
            The setting.

        Raises:
            ValueError: If it lies outside of the slider.
        """
        number = float(value)
        if not self.values[0] <= number <= self.values[-1]:
            raise ValueError(
                f"{self.name} is {value!r}; it must lie in [{self.values[0]}, {self.values[-1]}]"
            )
        return number

    def text(self, value: float) -> str:
        """Write a setting for the reader.

        Args:
            value: The setting.

        Returns:
            Word or number with unit.
        """
        if self.words and value in self.values:
            return self.words[self.values.index(value)]
        return numbers.with_unit(numbers.text(value, 4, trim=True), self.unit)

    def spec(self) -> dict[str, Any]:
        """Return what the page needs to know."""
        texts = [self.text(value) for value in self.values] if self.words else []
        return {**asdict(self), "kind": "slider", "words": texts}


@dataclass(frozen=True)
class Point:
    """A named point of the plane that is dragged, tapped or moved by arrow keys.

    Args:
        name: Name by which signals ask for the two coordinates.
        label: What a screen reader says, "start point".
        start: Coordinates of the first frame.
        x: Allowed range of the first coordinate.
        y: Allowed range of the second coordinate.
    """

    name: str
    label: str
    start: tuple[float, float]
    x: tuple[float, float]
    y: tuple[float, float]

    def check(self, value: Any) -> tuple[float, float]:
        """Return a setting as two floats.

        Args:
            value: The proposed point.

        Returns:
            The point.

        Raises:
            ValueError: If it does not have two coordinates inside of the ranges.
        """
        pair = tuple(float(v) for v in value)
        ranges = (self.x, self.y)
        if len(pair) != 2 or any(
            not low <= v <= high for v, (low, high) in zip(pair, ranges, strict=True)
        ):
            raise ValueError(f"{self.name} is {value!r}; it must be a point of {self.x} × {self.y}")
        return pair[0], pair[1]

    def text(self, value: Sequence[float]) -> str:
        """Write a setting for the reader.

        Args:
            value: The point.

        Returns:
            Both coordinates, "(0.5, −1)".
        """
        return "({}, {})".format(*(numbers.text(v, 3, trim=True) for v in value))

    def spec(self) -> dict[str, Any]:
        """Return what the page needs to know."""
        return {**asdict(self), "kind": "point"}


Control = Slider | Point


def slider(
    name: str,
    low: float,
    high: float,
    start: float,
    *,
    label: str,
    unit: str = "",
    log: bool = False,
    include: Sequence[float] = (),
    stops: int = 200,
) -> Slider:
    """Make a slider whose values are short decimal numbers, so that what is read is what is used.

    Args:
        name: Name by which signals ask for the value.
        low: Lower end.
        high: Upper end.
        start: Value of the first frame.
        label: What the reader sees.
        unit: Unit, "" for a pure number.
        log: Space the values evenly in the logarithm; `low` must be positive.
        include: Values that must be reachable exactly, such as a theoretical threshold.
        stops: About how many values.

    Returns:
        The slider.

    Raises:
        ValueError: If the range is empty, or not positive where `log` is set.

    >>> slider("lr", 0.001, 1, 0.1, label="η", log=True, stops=3).values
    (0.001, 0.0316, 0.1, 1.0)
    """
    if not low < high or (log and low <= 0):
        raise ValueError(f"{name}: range [{low}, {high}] is empty or, for log, not positive")
    grid = np.geomspace(low, high, stops) if log else np.linspace(low, high, stops + 1)
    digits = 3 if log else max(0, int(np.ceil(-np.log10((high - low) / stops))) + 1)
    short = {float(f"{v:.{digits}g}" if log else f"{v:.{digits}f}") for v in grid}
    kept = {v for v in short if low <= v <= high}
    values = sorted(kept | {float(v) for v in (low, high, start, *include)})
    return Slider(name, label, tuple(values), float(start), unit)


def choice(
    name: str,
    values: Sequence[float],
    start: float,
    *,
    label: str,
    unit: str = "",
    words: Sequence[str] = (),
) -> Slider:
    """Make a slider over the settings of a shipped table.

    Args:
        name: Name by which signals ask for the value; for a table, the name of its axis.
        values: The settings.
        start: Value of the first frame.
        label: What the reader sees.
        unit: Unit, "" for a pure number.
        words: Text for each value, where a number alone says too little.

    Returns:
        The slider.
    """
    numbers_ = tuple(float(v) for v in values)
    return Slider(name, label, numbers_, float(start), unit, tuple(words))


def point(
    name: str,
    start: tuple[float, float],
    *,
    x: tuple[float, float],
    y: tuple[float, float],
    label: str = "start point",
) -> Point:
    """Make a point that the reader drags in a panel that holds `marks.handle(name)`.

    Args:
        name: Name by which signals ask for the two coordinates.
        start: Coordinates of the first frame.
        x: Allowed range of the first coordinate.
        y: Allowed range of the second coordinate.
        label: What a screen reader says.

    Returns:
        The point.
    """
    return Point(name, label, start, x, y)
