"""Text alternatives: what a figure shows, with its numbers."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from descent.explore import numbers
from descent.explore.controls import Control
from descent.explore.names import Field, Series, Value
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
        Title, axes, and for each mark where it runs.
    """
    parts = [_mark_text(mark, names) for mark in panel["marks"]]
    found = "; ".join(part for part in parts if part)
    axes = f"{panel['y']['label']} against {panel['x']['label']}"
    return f"{panel['title']}: {axes}. {found}." if found else f"{panel['title']}: {axes}."


def _mark_text(mark: Mapping[str, Any], names: Mapping[str, Value]) -> str:
    """Describe one mark; empty for those that say nothing by themselves."""
    label = mark.get("label") or ""
    if mark["kind"] in ("line", "path", "cloud", "bars"):
        series = names[mark.get("xy") or mark.get("of") or mark["y"]]
        assert isinstance(series, Series)
        last = max(series.count - 1, 0)
        ends = (_place(series.values[0]), _place(series.values[last]))
        return f"{label or mark['kind']} from {ends[0]} to {ends[1]}"
    if mark["kind"] == "heat":
        field = names[mark["field"]]
        assert isinstance(field, Field)
        finite = field.values[np.isfinite(field.values)]
        low, high = (numbers.text(v, 3) for v in (finite.min(), finite.max()))
        return f"{mark['label']} between {low} and {high}"
    if mark["kind"] == "rule":
        which = "x" if "x" in mark else "y"
        return f"line {label} at {_place(_number(mark[which], names))}"
    if mark["kind"] == "dot":
        at = [_number(mark[axis], names) for axis in ("x", "y")]
        return f"{label or 'point'} at {_place(np.array(at))}"
    return ""


def _number(source: Any, names: Mapping[str, Value]) -> Any:
    return names[source] if isinstance(source, str) else source


def _place(value: Any) -> str:
    """Write a number or a point."""
    if np.ndim(value):
        return "(" + ", ".join(numbers.text(float(v), 3) for v in value) + ")"
    return numbers.text(float(value), 3)
