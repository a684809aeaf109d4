"""Text alternatives: what a figure shows, with its numbers."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from descent.explore import drawn, numbers
from descent.explore.controls import Control
from descent.explore.names import Series, Value
from descent.explore.readouts import Readout


def settings_text(controls: Sequence[Control], values: Mapping[str, Any]) -> str:
    """Name every setting.

    Args:
        controls: Controls of the figure.
        values: Their settings.

    Returns:
        "condition number κ = 30, start point = (1, 0.5)".
    """
    return ", ".join(f"{c.label} = {c.text(values[c.name])}" for c in controls)


def readout_text(readouts: Sequence[Readout], names: Mapping[str, Value]) -> str:
    """Name every number of the readout.

    Args:
        readouts: The readout.
        names: Known names.

    Returns:
        "rate: 0.93; outcome: converges".
    """
    return "; ".join(f"{r.label}: {r.text(names)}" for r in readouts)


def panel_text(panel: Mapping[str, Any], names: Mapping[str, Value]) -> str:
    """Describe one panel.

    Args:
        panel: Spec of the panel.
        names: Known names.

    Returns:
        Title, axes, for each mark what it draws, with its numbers, and how many a guess hides.
    """
    words = panel["x"].get("names") or panel["y"].get("names") or ()
    parts = [_TEXTS.get(m["kind"], _nothing)(m, names, words) for m in panel["marks"]]
    if hidden := panel.get("hidden", 0):
        parts.append(f"hidden until you commit to a guess: {hidden} of {hidden + len(parts)} marks")
    found = "; ".join(part for part in parts if part)
    axes = f"{panel['y']['label']} against {panel['x']['label']}"
    return f"{panel['title']}: {axes}. {found}." if found else f"{panel['title']}: {axes}."


def _nothing(mark: Mapping[str, Any], names: Mapping[str, Value], words: Sequence[str]) -> str:
    return ""


def _curve(mark: Mapping[str, Any], names: Mapping[str, Value], words: Sequence[str]) -> str:
    series = names[mark.get("xy") or mark["y"]]
    assert isinstance(series, Series)
    last = max(series.count - 1, 0)
    ends = (_place(series.values[0]), _place(series.values[last]))
    return f"{mark['label'] or mark['kind']} from {ends[0]} to {ends[1]}"


def _cloud(mark: Mapping[str, Any], names: Mapping[str, Value], words: Sequence[str]) -> str:
    x, y = drawn.columns(mark, names)
    if not (np.isfinite(x).any() and np.isfinite(y).any()):
        return f"{mark['label'] or 'cloud'}: no finite points"
    sides = (f"{axis} from {_span(rows)}" for axis, rows in (("x", x), ("y", y)))
    return f"{mark['label'] or 'cloud'}: {len(x)} points, {', '.join(sides)}"


def _bars(mark: Mapping[str, Any], names: Mapping[str, Value], words: Sequence[str]) -> str:
    rows = drawn.columns(mark, names)
    at, values = rows[::-1] if mark.get("transpose") else rows
    if len(words) == len(values):
        each = ", ".join(f"{w} {_place(v)}" for w, v in zip(words, values, strict=True))
        return f"{mark['label'] or 'bars'}: {each}"
    top = int(np.argmax(np.where(np.isfinite(values), values, -np.inf)))
    tallest = f"the tallest, {_place(values[top])}, at {_place(at[top])}"
    return f"{mark['label'] or 'bars'}: {len(values)} bars, {tallest}"


def _heat(mark: Mapping[str, Any], names: Mapping[str, Value], words: Sequence[str]) -> str:
    low, high = _span(drawn.field(names, mark["field"]).values).split(" to ")
    return f"{mark['label']} between {low} and {high}"


def _iso(mark: Mapping[str, Any], names: Mapping[str, Value], words: Sequence[str]) -> str:
    levels = ", ".join(_place(v) for v in mark["at"])
    return f"{mark['label'] or 'lines of equal value'} where {mark['field']} is {levels}"


def _band(mark: Mapping[str, Any], names: Mapping[str, Value], words: Sequence[str]) -> str:
    low, high = (names[mark[key]].values[-1] for key in ("low", "high"))  # type: ignore[union-attr]
    return f"{mark['label'] or 'band'} between {_place(low)} and {_place(high)} at its end"


def _rule(mark: Mapping[str, Any], names: Mapping[str, Value], words: Sequence[str]) -> str:
    at = _place(drawn.number(names, mark["x" if "x" in mark else "y"]))
    return f"line {mark['label']} at {at}"


def _circle(mark: Mapping[str, Any], names: Mapping[str, Value], words: Sequence[str]) -> str:
    x, y, radius = (drawn.number(names, mark[key]) for key in ("x", "y", "radius"))
    center = _place(np.array([x, y]))
    return f"{mark['label'] or 'circle'} of radius {_place(radius)} around {center}"


def _dot(mark: Mapping[str, Any], names: Mapping[str, Value], words: Sequence[str]) -> str:
    at = np.ravel(drawn.columns(mark, names))
    return f"{mark['label'] or 'point'} at {_place(at)}"


_TEXTS = {
    "line": _curve,
    "path": _curve,
    "cloud": _cloud,
    "bars": _bars,
    "heat": _heat,
    "iso": _iso,
    "band": _band,
    "rule": _rule,
    "circle": _circle,
    "dot": _dot,
}


def _span(values: Any) -> str:
    """Write the least and the greatest finite number."""
    finite = values[np.isfinite(values)]
    return f"{_place(finite.min())} to {_place(finite.max())}"


def _place(value: Any) -> str:
    """Write a number or a point."""
    if np.ndim(value):
        return "(" + ", ".join(numbers.text(float(v), 3) for v in value) + ")"
    return numbers.text(float(value), 3)
