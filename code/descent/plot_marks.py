"""Each mark of a panel, drawn with matplotlib: arrays in, pictures out."""

from collections.abc import Callable, Mapping
from typing import Any

from matplotlib.axes import Axes
from matplotlib.patches import Circle
from matplotlib.patheffects import withStroke

from descent.explore import drawn, numbers
from descent.explore.style import MARKERS, Theme
from descent.plot_fields import contours, dash, heat, iso

Names = Mapping[str, Any]
Spec = Mapping[str, Any]
Style = dict[str, Any]

_SHAPES = dict(zip(MARKERS, ("o", "s", "^", "D", "x"), strict=True))
# Bars of one series are full; further series beside them are hatched.
HATCHES = ("", "////", "....")


def _color(theme: Theme, mark: Spec) -> str:
    return theme[f"c{mark['color']}"]


def _halo(theme: Theme) -> list[Any]:
    return [withStroke(linewidth=2.5, foreground=theme["ground"])]


def _line(ax: Axes, mark: Spec, names: Names, theme: Theme) -> None:
    style: Style = {"color": _color(theme, mark), "linestyle": dash(mark), "linewidth": 1.5}
    ax.plot(*drawn.columns(mark, names), label=mark["label"] or None, **style)


def _band(ax: Axes, mark: Spec, names: Names, theme: Theme) -> None:
    low, high = names[mark["low"]], names[mark["high"]]
    style: Style = {"color": _color(theme, mark), "alpha": 0.2, "lw": 0}
    ax.fill_between(low.at, low.values, high.values, label=mark["label"] or None, **style)


def _path(ax: Axes, mark: Spec, names: Names, theme: Theme) -> None:
    series = names[mark["xy"]]
    x, y = drawn.columns(mark, names)
    color, shape = _color(theme, mark), _SHAPES[MARKERS[mark["marker"]]]
    marked: Style = {"marker": shape, "markersize": 3.0} if series.count <= 150 else {}
    style: Style = {"color": color, "linestyle": dash(mark), "linewidth": 1.3}
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
    text: Style = {"color": color, "path_effects": _halo(theme), "clip_on": True}
    if "x" in mark:
        at = drawn.number(names, mark["x"])
        ax.axvline(at, **style)
        row = sum(1 for line in ax.texts if line.get_verticalalignment() == "top")
        place = ax.get_xaxis_transform()
        offset = {"xytext": (3, -3 - 12 * row), "textcoords": "offset points"}
        ax.annotate(label, (at, 1), xycoords=place, va="top", **offset, **text)
    else:
        at = drawn.number(names, mark["y"])
        ax.axhline(at, **style)
        place = ax.get_yaxis_transform()
        offset = {"xytext": (-3, 3), "textcoords": "offset points"}
        ax.annotate(label, (1, at), xycoords=place, ha="right", **offset, **text)


def _circle(ax: Axes, mark: Spec, names: Names, theme: Theme) -> None:
    x, y, radius = (drawn.number(names, mark[key]) for key in ("x", "y", "radius"))
    style: Style = {"edgecolor": _color(theme, mark), "linestyle": dash(mark), "linewidth": 1.3}
    ax.add_patch(Circle((x, y), radius, fill=False, label=mark["label"] or None, **style))


def _points(ax: Axes, mark: Spec, names: Names, theme: Theme) -> None:
    shape = _SHAPES[MARKERS[mark["marker"]]]
    cross = shape == "x"
    edge = _color(theme, mark) if cross else theme["ground"]
    size = 5 if mark["kind"] == "cloud" else 7
    style: Style = {"color": _color(theme, mark), "markersize": size, "markeredgecolor": edge}
    rows, width = drawn.columns(mark, names), 1.8 if cross else 0.8
    ax.plot(*rows, shape, label=mark["label"] or None, markeredgewidth=width, **style)


def _bars(ax: Axes, mark: Spec, names: Names, theme: Theme) -> None:
    i, count = mark.get("place", (0, 1))
    across = mark.get("transpose", False)
    rows = drawn.columns(mark, names)
    at, values = rows[::-1] if across else rows
    room = float(at[1] - at[0]) if len(at) > 1 else 1.0
    width = 0.92 * room / count
    color = _color(theme, mark)
    style: Style = {"color": color, "alpha": 0.75, "label": mark["label"] or None}
    if HATCHES[i]:
        style |= {"facecolor": "none", "edgecolor": color, "hatch": HATCHES[i]}
    shifted = at + (i - (count - 1) / 2) * width
    found = (ax.barh if across else ax.bar)(shifted, values, width, **style)
    if "digits" in mark:
        words = [numbers.text(float(v), mark["digits"], trim=True) for v in values]
        halo = _halo(theme)
        ax.bar_label(found, words, padding=2, fontsize=7.5, color=theme["ink"], path_effects=halo)


def _handle(ax: Axes, mark: Spec, names: Names, theme: Theme) -> None:
    found = [names[name] for name in mark["controls"]]
    x, y = found if len(found) == 2 else found[0]
    style: Style = {"markersize": 11, "markerfacecolor": theme["ground"], "markeredgewidth": 2}
    ax.plot(x, y, "o", markeredgecolor=theme["accent"], **style)


DRAW: dict[str, Callable[[Axes, Spec, Names, Theme], None]] = {
    "contours": contours,
    "heat": heat,
    "iso": iso,
    "band": _band,
    "line": _line,
    "path": _path,
    "rule": _rule,
    "circle": _circle,
    "cloud": _points,
    "points": _points,
    "dot": _points,
    "bars": _bars,
    "handle": _handle,
}
