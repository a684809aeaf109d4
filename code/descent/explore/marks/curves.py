"""Marks of series: lines, bands, paths and bars."""

from collections.abc import Mapping

from descent.explore.marks.base import Mark, make

# Curves that are told apart take these colors in turn; each has a dash and a marker of its own.
TURNS = (0, 1, 3, 2, 4)


def line(
    name: str, label: str = "", *, color: int = 0, dash: int = 0, transpose: bool = False
) -> Mark:
    """Draw a series of numbers against its grid or its steps.

    Args:
        name: A series.
        label: Text of the legend.
        color: Number of the color.
        dash: Number of the dash pattern, 0 for a full line.
        transpose: Put the grid on the vertical axis.

    Returns:
        The mark.
    """
    return make(
        "line", [name], y=name, label=label, color=color, dash=dash, transpose=transpose or None
    )


def band(low: str, high: str, label: str = "", *, color: int = 0) -> Mark:
    """Fill between two series over the same grid.

    Args:
        low: Series of the lower edge.
        high: Series of the upper edge.
        label: Text of the legend.
        color: Number of the color.

    Returns:
        The mark.
    """
    return make("band", [low, high], low=low, high=high, label=label, color=color)


def path(name: str, label: str = "", *, color: int = 1, marker: int = 0, dash: int = 0) -> Mark:
    """Draw a series of points of the plane in the order of its steps.

    Args:
        name: A series of points.
        label: Text of the legend.
        color: Number of the color.
        marker: Number of the marker set at each step.
        dash: Number of the dash pattern.

    Returns:
        The mark.
    """
    return make("path", [name], xy=name, label=label, color=color, marker=marker, dash=dash)


def bars(
    name: str,
    label: str = "",
    *,
    color: int = 0,
    transpose: bool = False,
    digits: int | None = None,
) -> Mark:
    """Draw numbers as bars from zero: a histogram, or one bar for each parameter.

    Several of them in one panel stand side by side.

    Args:
        name: A series over evenly spaced centers, or a vector, whose bars stand at 0, 1, 2, ...
        label: Text of the legend.
        color: Number of the color.
        transpose: Let the bars lie, with their centers on the vertical axis.
        digits: Write each value beside its bar with this many digits.

    Returns:
        The mark.
    """
    options = {"transpose": transpose or None, "digits": digits}
    return make("bars", [name], y=name, label=label, color=color, **options)


def lines(labels: Mapping[str, str]) -> list[Mark]:
    """Draw several series, each with a color and a dash of its own.

    Args:
        labels: Series to text of the legend; at most five.

    Returns:
        The marks.
    """
    return [line(name, text, color=c, dash=i) for name, text, c, i in _turns(labels)]


def paths(labels: Mapping[str, str]) -> list[Mark]:
    """Draw several paths, each with a color, a dash and a marker of its own.

    Args:
        labels: Series of points to text of the legend; at most five. In the same order, `lines`
            gives the same colors and dashes.

    Returns:
        The marks.
    """
    return [path(name, text, color=c, marker=i, dash=i) for name, text, c, i in _turns(labels)]


def spread(name: str, label: str = "", *, color: int = 0, dash: int = 0) -> list[Mark]:
    """Draw the middle of many runs as a line, in a band of the others; `quantiles` gives them.

    Args:
        name: Series of the middle; the edges are `<name>_low` and `<name>_high`.
        label: Text of the legend.
        color: Number of the color.
        dash: Number of the dash pattern.

    Returns:
        The marks.
    """
    edges = band(f"{name}_low", f"{name}_high", color=color)
    return [edges, line(name, label, color=color, dash=dash)]


def _turns(labels: Mapping[str, str]) -> list[tuple[str, str, int, int]]:
    if len(labels) > len(TURNS):
        raise ValueError(f"{len(labels)} curves; at most {len(TURNS)} can be told apart")
    return [(*item, TURNS[i], i) for i, item in enumerate(labels.items())]
