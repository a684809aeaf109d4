"""Numbers and words beneath a figure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from descent.explore import numbers
from descent.explore.names import Value, number


@dataclass(frozen=True)
class Readout:
    """One labeled value.

    Args:
        label: What the value is.
        name: Name of the number.
        digits: Significant digits.
        unit: Unit, "" for a pure number.
        words: Text for the values 0, 1, 2, ... of a number that stands for a case.
    """

    label: str
    name: str
    digits: int = 4
    unit: str = ""
    words: tuple[str, ...] = ()

    def value(self, names: Mapping[str, Value]) -> float:
        """Return the number.

        Args:
            names: Known names.

        Returns:
            The number.
        """
        return number(names, self.name, f"readout {self.label!r}")

    def text(self, names: Mapping[str, Value]) -> str:
        """Return what the reader sees.

        Args:
            names: Known names.

        Returns:
            Word, or number with unit.
        """
        value = self.value(names)
        if self.words:
            known = value == value and 0 <= round(value) < len(self.words)
            return self.words[round(value)] if known else "–"
        return numbers.with_unit(numbers.text(value, self.digits), self.unit)

    def spec(self) -> dict[str, Any]:
        """Return what the page needs to know."""
        base = {"label": self.label, "name": self.name, "digits": self.digits, "unit": self.unit}
        return {**base, "words": list(self.words)} if self.words else base


def readout(label: str, name: str, *, digits: int = 4, unit: str = "") -> Readout:
    """Show a number.

    Args:
        label: What the value is.
        name: Name of the number.
        digits: Significant digits.
        unit: Unit, "" for a pure number.

    Returns:
        The readout.
    """
    return Readout(label, name, digits, unit)


def verdict(label: str, name: str, words: Sequence[str]) -> Readout:
    """Show a word for each case.

    Args:
        label: What the value is.
        name: Name of a number that is 0, 1, 2, ...
        words: The words.

    Returns:
        The readout.
    """
    return Readout(label, name, words=tuple(words))
