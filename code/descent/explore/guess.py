"""A guess before the answer: what a reader commits to before a figure shows it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from descent.explore.marks import Mark
from descent.explore.panels import Panel


@dataclass(frozen=True)
class Guess:
    """A question about one number of the readout, which stays hidden until it is answered.

    Args:
        name: Name of the number; it must be in the readout.
        question: What the reader is asked.
        within: Largest relative error of a right guess.
        hides: Further names; marks and readouts that show one of them stay hidden too.

    Raises:
        ValueError: If `within` is not positive.
    """

    name: str
    question: str
    within: float = 0.1
    hides: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.within <= 0:
            raise ValueError(f"guess {self.name!r}: within is {self.within}; it must be positive")

    def covers(self, mark: Mark) -> bool:
        """Whether a mark stays hidden."""
        return any(name in self.hidden for name in mark.names)

    @property
    def hidden(self) -> tuple[str, ...]:
        """All names that stay hidden."""
        return (self.name, *self.hides)

    def spec(self) -> dict[str, Any]:
        """Return what the page needs to know."""
        return {"name": self.name, "within": self.within, "hides": list(self.hidden)}


def guess(name: str, question: str, *, within: float = 0.1, hides: Sequence[str] = ()) -> Guess:
    """Ask the reader for a number, or for a verdict, before the figure shows it.

    Args:
        name: Name of a number of the readout; for a verdict the reader chooses among its words.
        question: What is asked.
        within: Largest relative error of a right guess.
        hides: Further names; marks and readouts that show one of them stay hidden too.

    Returns:
        The question.
    """
    return Guess(name, question, within, tuple(hides))


def without_hidden(
    guess: Guess | None, panels: Sequence[Panel], specs: Sequence[dict[str, Any]]
) -> list[dict[str, Any]]:
    """Return the specs of panels without the marks that a guess hides.

    Args:
        guess: The guess, if the figure has one.
        panels: Panels of the figure.
        specs: Their specs.

    Returns:
        Specs for still pictures and texts; "hidden" counts the marks that are left out.
    """
    if guess is None:
        return list(specs)
    shown = []
    for panel, spec in zip(panels, specs, strict=True):
        pairs = zip(panel.marks, spec["marks"], strict=True)
        marks = [s for mark, s in pairs if not guess.covers(mark)]
        shown.append({**spec, "marks": marks, "hidden": len(panel.marks) - len(marks)})
    return shown
