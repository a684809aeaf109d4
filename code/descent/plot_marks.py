"""Each mark of a panel, drawn with matplotlib: arrays in, pictures out."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.patheffects import withStroke

from descent.explore.style import DASHES, MARKERS, Theme, ramp

Names = Mapping[str, Any]
Spec = Mapping[str, Any]
Style = dict[str, Any]

_SHAPES = dict(zip(MARKERS, ("o", "s", "^", "D", "x"), strict=True))


def _number(names: Names, source: Any) -> float:
    return names[source] if isinstance(source, str) else source


def _color(theme: Theme, mark: Spec) -> str:
    return theme[f"c{mark['color']}"]


def _dash(mark: Spec) -> Any:
    pattern = DASHES[mark["dash"]]
    return (0, tuple(v / 1.5 for v in pattern)) if pattern else "solid"


def _contours(ax: Axes, mark: Spec, names: Names, theme: Theme) -> None:
    field = names[mark["field"]]
    finite = field.values[np.isfinite(field.values)]
    low, high = finite.min(), finite.max()
    n = mark["levels"]
    levels = low + (high - low) * (np.arange(n + 1) / n) ** mark["power"]
    tint = LinearSegmentedColormap.from_list("tint", ramp("tint", theme))
    colors = [tint(i / (n - 1)) for i in range(n)]
    ax.contourf(field.x, field.y, field.values, levels, colors=colors)
    ax.contour(
        field.x,
        field.y,
        field.values,
        levels[1:-1],
        colors=theme["muted"],
        linewidths=0.5,
        alpha=0.45,
    )


def _heat(ax: Axes, mark: Spec, names: Names, theme: Theme) -> None:
    field = names[mark["field"]]
    stops = ramp(mark["ramp"], theme)
    colors = LinearSegmentedColormap.from_list("heat", stops, bad=theme["muted"])
    mesh = ax.pcolormesh(
        field.x,
        field.y,
        np.ma.masked_invalid(field.values),
        cmap=colors,
        vmin=mark["low"],
        vmax=mark["high"],
        rasterized=True,
    )
    bar = ax.figure.colorbar(mesh, ax=ax, label=mark["label"], fraction=0.05, pad=0.03)
    bar.outline.set_linewidth(0.5)  # type: ignore[operator]


def _line(ax: Axes, mark: Spec, names: Names, theme: Theme) -> None:
    series = names[mark["y"]]
    rows = (series.values, series.at) if mark.get("transpose") else (series.at, series.values)
    style: Style = {"color": _color(theme, mark), "linestyle": _dash(mark), "linewidth": 1.5}
    ax.plot(*rows, label=mark["label"] or None, **style)


def _band(ax: Axes, mark: Spec, names: Names, theme: Theme) -> None:
    low, high = names[mark["low"]], names[mark["high"]]
    label = mark["label"] or None
    ax.fill_between(
        low.at, low.values, high.values, color=_color(theme, mark), alpha=0.2, lw=0, label=label
    )


def _path(ax: Axes, mark: Spec, names: Names, theme: Theme) -> None:
    series = names[mark["xy"]]
    x, y = series.values.T
    color, shape = _color(theme, mark), _SHAPES[MARKERS[mark["marker"]]]
    marked: Style = {"marker": shape, "markersize": 3.0} if series.count <= 150 else {}
    style: Style = {"color": color, "linestyle": _dash(mark), "linewidth": 1.3}
    ax.plot(x, y, label=mark["label"] or None, markeredgewidth=0, **marked, **style)
    last = max(series.count - 1, 0)
    ax.plot(x[last], y[last], shape, color=color, markersize=7, markeredgecolor=theme["ground"])


def _rule(ax: Axes, mark: Spec, names: Names, theme: Theme) -> None:
    color = _color(theme, mark)
    style: Style = {"color": color, "linestyle": (0, (5, 3)), "linewidth": 1.1}
    label = "" if mark.get("legend") else mark["label"]
    if not label:
        style["label"] = mark["label"] or None
    offset: Style
    halo = [withStroke(linewidth=2.5, foreground=theme["ground"])]
    text: Style = {"color": color, "path_effects": halo, "clip_on": True}
    if "x" in mark:
        at = _number(names, mark["x"])
        ax.axvline(at, **style)
        row = sum(1 for line in ax.texts if line.get_verticalalignment() == "top")
        place = ax.get_xaxis_transform()
        offset = {"xytext": (3, -3 - 12 * row), "textcoords": "offset points"}
        ax.annotate(label, (at, 1), xycoords=place, va="top", **offset, **text)
    else:
        at = _number(names, mark["y"])
        ax.axhline(at, **style)
        place = ax.get_yaxis_transform()
        offset = {"xytext": (-3, 3), "textcoords": "offset points"}
        ax.annotate(label, (1, at), xycoords=place, ha="right", **offset, **text)


def _scatter(ax: Axes, mark: Spec, theme: Theme, x: Any, y: Any, size: float = 7) -> None:
    shape = _SHAPES[MARKERS[mark["marker"]]]
    cross = shape == "x"
    edge = _color(theme, mark) if cross else theme["ground"]
    style: Style = {"color": _color(theme, mark), "markersize": size, "markeredgecolor": edge}
    width = 1.8 if cross else 0.8
    ax.plot(x, y, shape, label=mark["label"] or None, markeredgewidth=width, **style)


def _cloud(ax: Axes, mark: Spec, names: Names, theme: Theme) -> None:
    series = names[mark["of"]]
    x, y = (series.at, series.values) if series.values.ndim == 1 else series.values.T
    _scatter(ax, mark, theme, x, y, size=5)


def _points(ax: Axes, mark: Spec, names: Names, theme: Theme) -> None:
    _scatter(ax, mark, theme, *np.array(mark["at"]).T)


def _dot(ax: Axes, mark: Spec, names: Names, theme: Theme) -> None:
    _scatter(ax, mark, theme, _number(names, mark["x"]), _number(names, mark["y"]))


def _bars(ax: Axes, mark: Spec, names: Names, theme: Theme) -> None:
    series = names[mark["y"]]
    width = 0.92 * float(series.at[1] - series.at[0])
    color = _color(theme, mark)
    ax.bar(series.at, series.values, width, color=color, alpha=0.75, label=mark["label"] or None)


def _handle(ax: Axes, mark: Spec, names: Names, theme: Theme) -> None:
    found = [names[name] for name in mark["controls"]]
    x, y = found if len(found) == 2 else found[0]
    style: Style = {"markersize": 11, "markerfacecolor": theme["ground"], "markeredgewidth": 2}
    ax.plot(x, y, "o", markeredgecolor=theme["accent"], **style)


DRAW: dict[str, Callable[[Axes, Spec, Names, Theme], None]] = {
    "contours": _contours,
    "heat": _heat,
    "band": _band,
    "line": _line,
    "path": _path,
    "rule": _rule,
    "cloud": _cloud,
    "points": _points,
    "dot": _dot,
    "bars": _bars,
    "handle": _handle,
}
