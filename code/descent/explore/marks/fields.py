"""Marks of fields: contours, colored cells, and lines of equal value."""

from collections.abc import Sequence
from typing import Literal

from descent.explore.marks.base import Mark, make


def contours(name: str, *, levels: int = 12, power: float = 3.0) -> Mark:
    r"""Draw filled contours of a field.

    Level $i$ of $n$ stands at $m + (M - m)\,(i/n)^p$ between the least and the greatest value:
    a power above 1 crowds the levels near the minimum.

    Args:
        name: A field.
        levels: Number of levels $n$.
        power: Exponent $p$.

    Returns:
        The mark.
    """
    return make("contours", [name], field=name, levels=levels, power=power)


def heat(
    name: str,
    *,
    label: str,
    low: float | None = None,
    high: float | None = None,
    log: bool = False,
    ramp: Literal["sequential", "diverging"] = "sequential",
    digits: int | None = None,
) -> Mark:
    """Draw a field as colored cells, with a color bar.

    Args:
        name: A field, or a series of vectors: one row of cells for each component, over the steps.
        label: Label of the color bar.
        low: Value of the first color; lower values share it. None takes the least value shown.
        high: Value of the last color; None takes the greatest.
        log: Space the colors evenly in the logarithm.
        ramp: "diverging" has a neutral color halfway between `low` and `high`.
        digits: Write each value into its cell with this many digits, where cells are large enough.

    Returns:
        The mark.

    Raises:
        ValueError: If the ends do not increase, or are not positive on a logarithmic scale.
    """
    ends = [v for v in (low, high) if v is not None]
    if ends != sorted(set(ends)) or (log and any(v <= 0 for v in ends)):
        raise ValueError(
            f"heat {label!r} runs from {low} to {high}; its ends must increase"
            f"{' and be positive' if log else ''}"
        )
    options = {"low": low, "high": high, "log": log or None, "digits": digits}
    return make("heat", [name], field=name, label=label, ramp=ramp, **options)


def iso(name: str, at: Sequence[float], label: str = "", *, color: int = 4, dash: int = 0) -> Mark:
    """Draw lines of equal value over a field: level lines, or where a theory puts a boundary.

    Args:
        name: A field.
        at: Its values; each line is labeled with its own.
        label: Text of the legend; a single line is labeled with it.
        color: Number of the color.
        dash: Number of the dash pattern.

    Returns:
        The mark.
    """
    levels = sorted(float(v) for v in at)
    return make("iso", [name], field=name, at=levels, label=label, color=color, dash=dash)
