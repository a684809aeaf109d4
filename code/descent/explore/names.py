"""What a figure knows at one setting: names bound to numbers, vectors, series and fields."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Series:
    """Values over a step index or a grid.

    Args:
        at: Where the values stand, (n,).
        values: Numbers (n,), or points (n, size).
        count: How many rows came before the run diverged; n when it did not.
        timed: Whether `at` is the time that play and step move through.
    """

    at: Array
    values: Array
    count: int
    timed: bool = False

    def row(self, time: float) -> int:
        """Return the last row that is not later than `time`; the last row if time is no matter."""
        if not self.timed:
            return len(self.at) - 1
        return max(int(np.searchsorted(self.at, time, side="right")) - 1, 0)


@dataclass(frozen=True, eq=False)
class Field:
    """Values over a rectangle.

    Args:
        x: Grid of the horizontal axis, (nx,).
        y: Grid of the vertical axis, (ny,).
        values: One number per cell, (ny, nx).
    """

    x: Array
    y: Array
    values: Array


Value = float | Array | Series | Field
Names = dict[str, Value]


def bind_series(names: Names, name: str, series: Series, time: float | None = None) -> None:
    """Bind a series, and the numbers that can be asked of it.

    `<name>_first`, `<name>_half`, `<name>_last` and `<name>_now` are the rows at the start,
    halfway, at the last row before divergence and at the time that is shown; `<name>_steps` is the
    index of the last row. Series of numbers also have `_min`, `_max` and `_at_max`, the place of
    the largest value.

    Args:
        names: Dictionary that receives them.
        name: Name of the series.
        series: The series.
        time: Time that is shown, in the units of `series.at`; None for the last.
    """
    rows = series.values
    last = max(series.count - 1, 0)
    now = last if time is None else min(series.row(time), last)
    names[name] = series
    names[f"{name}_steps"] = float(last)
    for suffix, row in (("first", 0), ("half", last // 2), ("last", last), ("now", now)):
        value = rows[row]
        names[f"{name}_{suffix}"] = float(value) if rows.ndim == 1 else value
    if rows.ndim == 1:
        finite = rows[np.isfinite(rows)]
        names[f"{name}_min"] = float(finite.min()) if finite.size else np.nan
        names[f"{name}_max"] = float(finite.max()) if finite.size else np.nan
        top = int(np.argmax(np.where(np.isfinite(rows), rows, -np.inf)))
        names[f"{name}_at_max"] = float(series.at[top])


def look_up(names: Mapping[str, Value], name: str, asked_by: str) -> Value:
    """Return what a name is bound to.

    Args:
        names: Known names.
        name: The name.
        asked_by: Who asks, for the message.

    Returns:
        The value.

    Raises:
        ValueError: If the name is unknown.
    """
    if name not in names:
        raise ValueError(f"{asked_by} asks for {name!r}; known names are {', '.join(names)}")
    return names[name]


def number(names: Mapping[str, Value], source: str | float, asked_by: str) -> float:
    """Return a number given as such or by name.

    Args:
        names: Known names.
        source: A number, or the name of one.
        asked_by: Who asks, for the message.

    Returns:
        The number.

    Raises:
        ValueError: If the name is unknown or is not bound to a single number.
    """
    value: Any = look_up(names, source, asked_by) if isinstance(source, str) else source
    if isinstance(value, Series | Field) or np.ndim(value):
        raise ValueError(f"{asked_by} needs a number; {source!r} is a {type(value).__name__}")
    return float(value)
