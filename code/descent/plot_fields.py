"""Marks of fields, drawn with matplotlib: contours, colored cells, lines of equal value."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap, LogNorm, Normalize, to_rgb
from matplotlib.patheffects import withStroke

from descent.explore import drawn, numbers
from descent.explore.names import Array, Field
from descent.explore.style import DASHES, Theme, ramp

Names = Mapping[str, Any]
Spec = Mapping[str, Any]

# A number is written into a cell of at least this size, in inches.
CELL = (0.36, 0.16)


def dash(mark: Spec) -> Any:
    """Return a dash pattern as matplotlib wants it."""
    pattern = DASHES[mark["dash"]]
    return (0, tuple(v / 1.5 for v in pattern)) if pattern else "solid"


def contours(ax: Axes, mark: Spec, names: Names, theme: Theme) -> None:
    """Draw filled contours."""
    field = drawn.field(names, mark["field"])
    finite = field.values[np.isfinite(field.values)]
    low, high = finite.min(), finite.max()
    n = mark["levels"]
    levels = low + (high - low) * (np.arange(n + 1) / n) ** mark["power"]
    tint = LinearSegmentedColormap.from_list("tint", ramp("tint", theme))
    colors = [tint(i / (n - 1)) for i in range(n)]
    rows = (field.x, field.y, field.values)
    ax.contourf(*rows, levels, colors=colors)
    ax.contour(*rows, levels[1:-1], colors=theme["muted"], linewidths=0.5, alpha=0.45)


def scale_of(mark: Spec, values: Array) -> Normalize:
    """Return how the values of a heat map become places on its color ramp."""
    log = mark.get("log", False)
    usable = values[np.isfinite(values) & ((values > 0) | (not log))]
    span = (float(usable.min()), float(usable.max())) if usable.size else (0.1, 1.0)
    low, high = (mark.get(key, end) for key, end in zip(("low", "high"), span, strict=True))
    return LogNorm(low, high, clip=True) if log else Normalize(low, high, clip=True)


def heat(ax: Axes, mark: Spec, names: Names, theme: Theme) -> None:
    """Draw colored cells and their color bar."""
    field = drawn.field(names, mark["field"])
    stops = ramp(mark["ramp"], theme)
    colors = LinearSegmentedColormap.from_list("heat", stops, bad=theme["muted"])
    values = np.ma.masked_invalid(field.values)
    scale = scale_of(mark, field.values)
    edges = (
        drawn.cell_edges(field.x, ax.get_xscale() == "log"),
        drawn.cell_edges(field.y, ax.get_yscale() == "log"),
    )
    mesh = ax.pcolormesh(*edges, values, cmap=colors, norm=scale, rasterized=True)
    bar = ax.figure.colorbar(mesh, ax=ax, label=mark["label"], fraction=0.05, pad=0.03)
    bar.outline.set_linewidth(0.5)  # type: ignore[operator]
    if mark.get("digits"):
        _write_cells(ax, field, mark["digits"], lambda v: colors(float(scale(v))))


def _write_cells(ax: Axes, field: Field, digits: int, color: Any) -> None:
    """Write the value of each cell, where the cells are large enough."""
    box = ax.get_position()
    width, height = ax.figure.get_size_inches()  # type: ignore[union-attr]
    if box.width * width / len(field.x) < CELL[0] or box.height * height / len(field.y) < CELL[1]:
        return
    for y, row in zip(field.y, field.values, strict=True):
        for x, value in zip(field.x, row, strict=True):
            if np.isfinite(value):
                ink = "#000000" if sum(to_rgb(color(value))) > 1.5 else "#ffffff"
                words = numbers.text(float(value), digits)
                ax.text(x, y, words, color=ink, ha="center", va="center", size=7)


def iso(ax: Axes, mark: Spec, names: Names, theme: Theme) -> None:
    """Draw lines of equal value, each with its label."""
    field = drawn.field(names, mark["field"])
    values = np.ma.masked_invalid(field.values)
    inside = [v for v in mark["at"] if values.min() < v < values.max()]
    color, at = theme[f"c{mark['color']}"], mark["at"]
    ax.plot([], [], color=color, linestyle=dash(mark), label=mark["label"] or None)
    if not inside:
        return
    lines = ax.contour(
        field.x, field.y, values, inside, colors=color, linestyles=[dash(mark)], linewidths=1.5
    )
    one = len(at) == 1 and mark["label"]
    words = {v: mark["label"] if one else numbers.text(v, 3, trim=True) for v in inside}
    for text in ax.clabel(lines, fmt=words, fontsize=8):
        text.set_path_effects([withStroke(linewidth=2.5, foreground=theme["ground"])])
