"""What every mark is: a kind, options for the two renderers, and the names that it draws."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

KINDS = (
    "contours",
    "heat",
    "iso",
    "band",
    "line",
    "path",
    "rule",
    "circle",
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

    @property
    def look(self) -> tuple[Any, ...] | None:
        """What tells this mark from others without its color; None if it needs no telling apart."""
        if self.kind not in ("line", "path", "cloud") or not self.options["label"]:
            return None
        return self.kind, self.options.get("dash"), self.options.get("marker")


def make(kind: str, sources: Sequence[Source | None], **options: Any) -> Mark:
    """Make a mark.

    Args:
        kind: One of `KINDS`.
        sources: Everything that may be a name; numbers are left out.
        **options: What the two renderers need to know; None stands for what is not asked for.

    Returns:
        The mark.
    """
    return Mark(kind, options, tuple(s for s in sources if isinstance(s, str)))
