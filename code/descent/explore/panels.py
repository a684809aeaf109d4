"""Axes and panels: where marks stand."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from descent.explore.marks import Mark


@dataclass(frozen=True)
class Axis:
    """One axis of a panel.

    Args:
        label: Quantity and symbol.
        low: Lower end; None fits the data of each setting.
        high: Upper end; None fits the data of each setting.
        log: Use a logarithmic scale.
        unit: Unit, "" for a pure number.

    Raises:
        ValueError: If the ends do not increase, or are not positive on a logarithmic scale.
    """

    label: str
    low: float | None = None
    high: float | None = None
    log: bool = False
    unit: str = ""

    def __post_init__(self) -> None:
        ends = [v for v in (self.low, self.high) if v is not None]
        if ends != sorted(set(ends)) or (self.log and any(v <= 0 for v in ends)):
            raise ValueError(
                f"axis {self.label!r} runs from {self.low} to {self.high}; its ends must increase"
                f"{' and be positive' if self.log else ''}"
            )

    def spec(self) -> dict[str, Any]:
        """Return what the page needs to know."""
        label = f"{self.label} ({self.unit})" if self.unit else self.label
        return {"label": label, "low": self.low, "high": self.high, "log": self.log}


@dataclass(frozen=True)
class Panel:
    """Marks over two axes, drawn in the order given.

    Args:
        title: What the panel shows, in a few words.
        x: Horizontal axis.
        y: Vertical axis.
        marks: What is drawn.
        ratio: Height over width.

    Raises:
        ValueError: If there are no marks.
    """

    title: str
    x: Axis
    y: Axis
    marks: Sequence[Mark]
    ratio: float = 0.8

    def __post_init__(self) -> None:
        if not self.marks:
            raise ValueError(f"panel {self.title!r} has no marks")

    def spec(self) -> dict[str, Any]:
        """Return what the page needs to know."""
        return {
            "title": self.title,
            "x": self.x.spec(),
            "y": self.y.spec(),
            "marks": [m.spec() for m in self.marks],
            "ratio": self.ratio,
        }
