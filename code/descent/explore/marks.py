"""What a panel is made of: marks over two axes.

Every kind of picture is a list of marks: a path on contours is `contours`, `path`, `points` and
`handle`; a phase diagram is `heat`, `line` and `handle`. To add a kind of picture, add a mark here,
its drawing in `draw.js` and in `descent.plots`, and its name in `KINDS`.

Where a mark takes a number it also takes the name of one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

KINDS = (
    "contours",
    "heat",
    "band",
    "line",
    "path",
    "rule",
    "points",
    "cloud",
    "dot",
    "bars",
    "handle",
)

Source = str | float


@dataclass(frozen=True)
class Mark:
    """One drawn thing.

    Args:
        kind: One of `KINDS`.
        options: What the two renderers need to know.
        names: Names that must be known to the figure.
    """

    kind: str
    options: dict[str, Any]
    names: tuple[str, ...] = ()

    def spec(self) -> dict[str, Any]:
        """Return what the page needs to know."""
        return {"kind": self.kind, **{k: v for k, v in self.options.items() if v is not None}}


def _mark(kind: str, sources: Sequence[Source], **options: Any) -> Mark:
    return Mark(kind, options, tuple(s for s in sources if isinstance(s, str)))


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
    return _mark("contours", [name], field=name, levels=levels, power=power)


def heat(
    name: str,
    *,
    low: float,
    high: float,
    label: str,
    ramp: Literal["sequential", "diverging"] = "sequential",
) -> Mark:
    """Draw a field as colored cells, with a color bar.

    Args:
        name: A field.
        low: Value of the first color; lower values share it.
        high: Value of the last color.
        label: Label of the color bar.
        ramp: "diverging" has a neutral color halfway between `low` and `high`.

    Returns:
        The mark.
    """
    return _mark("heat", [name], field=name, low=low, high=high, label=label, ramp=ramp)


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
    return _mark(
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
    return _mark("band", [low, high], low=low, high=high, label=label, color=color)


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
    return _mark("path", [name], xy=name, label=label, color=color, marker=marker, dash=dash)


def rule(
    label: str = "",
    *,
    x: Source | None = None,
    y: Source | None = None,
    color: int = 4,
    legend: bool = False,
) -> Mark:
    """Draw a reference line across the panel.

    Args:
        label: Text beside the line.
        x: Where a vertical line stands; give either `x` or `y`.
        y: Where a horizontal line stands.
        color: Number of the color.
        legend: Put the label into the legend, where a curve runs along the line.

    Returns:
        The mark.

    Raises:
        ValueError: If both or neither of `x` and `y` are given.
    """
    if (x is None) == (y is None):
        raise ValueError(f"rule {label!r} needs either x or y")
    sources = [s for s in (x, y) if s is not None]
    options = {"x": x, "y": y, "label": label, "color": color, "legend": legend or None}
    return _mark("rule", sources, **options)


def points(
    at: Sequence[tuple[float, float]], label: str = "", *, color: int = 2, marker: int = 4
) -> Mark:
    """Mark fixed points, such as minima.

    Args:
        at: Points.
        label: Text of the legend.
        color: Number of the color.
        marker: Number of the marker.

    Returns:
        The mark.
    """
    fixed = [[float(v) for v in p] for p in at]
    return _mark("points", [], at=fixed, label=label, color=color, marker=marker)


def cloud(name: str, label: str = "", *, color: int = 0, marker: int = 0) -> Mark:
    """Mark every row of a series: measurements, particles, eigenvalues.

    Args:
        name: A series of numbers over its grid, or of points of the plane.
        label: Text of the legend.
        color: Number of the color.
        marker: Number of the marker.

    Returns:
        The mark.
    """
    return _mark("cloud", [name], of=name, label=label, color=color, marker=marker)


def dot(x: Source, y: Source, label: str = "", *, color: int = 1, marker: int = 0) -> Mark:
    """Mark one computed point.

    Args:
        x: Horizontal place.
        y: Vertical place.
        label: Text of the legend.
        color: Number of the color.
        marker: Number of the marker.

    Returns:
        The mark.
    """
    return _mark("dot", [x, y], x=x, y=y, label=label, color=color, marker=marker)


def bars(name: str, label: str = "", *, color: int = 0) -> Mark:
    """Draw a series of numbers as bars from zero, such as a histogram.

    Args:
        name: A series over evenly spaced centers.
        label: Text of the legend.
        color: Number of the color.

    Returns:
        The mark.
    """
    return _mark("bars", [name], y=name, label=label, color=color)


def handle(*controls: str, label: str = "start point") -> Mark:
    """Place a grip that the reader drags, taps elsewhere, or moves by arrow keys.

    Args:
        *controls: The name of one `Point`, or of the two sliders of the horizontal and vertical
            axis.
        label: What a screen reader says.

    Returns:
        The mark.

    Raises:
        ValueError: If neither one nor two names are given.
    """
    if len(controls) not in (1, 2):
        raise ValueError(f"handle takes the name of a point or of two sliders, not {controls}")
    return _mark("handle", controls, controls=list(controls), label=label)
