"""Marks of places: points, clouds, reference lines, and what the reader grips."""

from collections.abc import Sequence

from descent.explore.marks.base import Mark, Source, make


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
    options = {"x": x, "y": y, "label": label, "color": color, "legend": legend or None}
    return make("rule", [x, y], **options)


def circle(
    radius: Source,
    label: str = "",
    *,
    center: tuple[Source, Source] = (0.0, 0.0),
    color: int = 4,
    dash: int = 1,
) -> Mark:
    """Draw a circle, such as the unit circle around stable eigenvalues.

    Args:
        radius: Its radius.
        label: Text of the legend.
        center: Its center.
        color: Number of the color.
        dash: Number of the dash pattern.

    Returns:
        The mark.
    """
    options = {"x": center[0], "y": center[1], "radius": radius}
    sources = [radius, *center]
    return make("circle", sources, **options, label=label, color=color, dash=dash)


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
    return make("points", [], at=fixed, label=label, color=color, marker=marker)


def cloud(
    name: str, label: str = "", *, y: str | None = None, color: int = 0, marker: int = 0
) -> Mark:
    """Mark many points: measurements, particles, eigenvalues.

    Args:
        name: A series of numbers over its grid, a series of points of the plane, or a vector of
            points, such as `<series>_now` for particles; with `y`, a vector of their x.
        label: Text of the legend.
        y: A vector of their y.
        color: Number of the color.
        marker: Number of the marker.

    Returns:
        The mark.
    """
    return make("cloud", [name, y], of=name, y=y, label=label, color=color, marker=marker)


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
    return make("dot", [x, y], x=x, y=y, label=label, color=color, marker=marker)


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
    return make("handle", controls, controls=list(controls), label=label)
