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
        names: What stands at 0, 1, 2, ...: layers, parameters. A vertical axis then starts at the
            top, and the ends follow from the names.

    Raises:
        ValueError: If the ends do not increase, are not positive on a logarithmic scale, or are
            given together with names.
    """

    label: str
    low: float | None = None
    high: float | None = None
    log: bool = False
    unit: str = ""
    names: Sequence[str] = ()

    def __post_init__(self) -> None:
        ends = [v for v in (self.low, self.high) if v is not None]
        if ends != sorted(set(ends)) or (self.log and any(v <= 0 for v in ends)):
            raise ValueError(
                f"axis {self.label!r} runs from {self.low} to {self.high}; its ends must increase"
                f"{' and be positive' if self.log else ''}"
            )
        if self.names and (ends or self.log):
            raise ValueError(f"axis {self.label!r} has names; its ends and scale follow from them")

    def spec(self) -> dict[str, Any]:
        """Return what the page needs to know."""
        label = f"{self.label} ({self.unit})" if self.unit else self.label
        base = {"label": label, "low": self.low, "high": self.high, "log": self.log}
        if not self.names:
            return base
        return {**base, "low": -0.5, "high": len(self.names) - 0.5, "names": list(self.names)}


class Panel:
    """Marks over two axes, drawn in the order given.

    Args:
        title: What the panel shows, in a few words.
        x: Horizontal axis, or its label.
        y: Vertical axis, or its label.
        marks: What is drawn; a list within the list counts as its marks.
        ratio: Height over width.
        equal: Give both axes the same scale, so that circles are round.

    Raises:
        ValueError: If there are no marks, or two curves differ in nothing but their color.
    """

    def __init__(
        self,
        title: str,
        x: Axis | str,
        y: Axis | str,
        marks: Sequence[Mark | Sequence[Mark]],
        ratio: float = 0.8,
        equal: bool = False,
    ) -> None:
        self.title, self.ratio, self.equal = title, ratio, equal
        self.x, self.y = (Axis(a) if isinstance(a, str) else a for a in (x, y))
        self.marks = [
            m for part in marks for m in ((part,) if isinstance(part, Mark) else tuple(part))
        ]
        if not self.marks:
            raise ValueError(f"panel {title!r} has no marks")
        looks = [m.look for m in self.marks if m.look]
        if len(set(looks)) < len(looks):
            raise ValueError(
                f"panel {title!r} has curves or clouds that differ in nothing but their color; "
                "give them different dashes or markers"
            )

    def spec(self) -> dict[str, Any]:
        """Return what the page needs to know."""
        specs = [m.spec() for m in self.marks]
        bars = [s for s in specs if s["kind"] == "bars"]
        for i, one in enumerate(bars if len(bars) > 1 else []):
            one["place"] = [i, len(bars)]
        return {
            "title": self.title,
            "x": self.x.spec(),
            "y": self.y.spec(),
            "marks": specs,
            "ratio": self.ratio,
            **({"equal": True} if self.equal else {}),
        }
