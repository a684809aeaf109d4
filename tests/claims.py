"""Compare what a test measured with what the book prints.

``claimed("ic-gd-rate-100").matches(measured)`` passes when ``measured`` rounds to the printed
number. The id must be a literal and the call must stand inside the test: that is how the ledger
finds which test verifies which claim.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from math import isfinite
from pathlib import Path
from typing import SupportsFloat

from descent.publish.claims import Claim, Ledger

ROOT = Path(__file__).resolve().parents[1]


@cache
def ledger() -> Ledger:
    return Ledger.read(ROOT)


def claimed(claim_id: str) -> "Claimed":
    """Look up what the book prints under an id."""
    return Claimed(ledger()[claim_id])


@dataclass(frozen=True)
class Claimed:
    """A printed claim and the ways to hold a measurement against it."""

    claim: Claim

    @property
    def values(self) -> tuple[float, ...]:
        """The printed numbers, in reading order; a percentage is a fraction."""
        return tuple(float(number.value) for number in self.claim.numbers)

    @property
    def value(self) -> float:
        """The printed number, when there is exactly one."""
        self._expect_numbers(1)
        return self.values[0]

    def matches(self, *measured: SupportsFloat, tol: float = 0.0, reason: str = "") -> None:
        """Assert that each measured number rounds to the printed one in its place.

        Args:
            *measured: One value for each printed number, in reading order.
            tol: How far a value may lie from the print instead, for numbers that differ between
                seeds or machines. It must be smaller than every printed number.
            reason: Why ``tol`` is what it is, such as the spread over seeds; required with it.
        """
        self._expect_numbers(len(measured))
        self._check_tolerance(tol, reason)
        for number, value in zip(self.claim.numbers, map(_finite, measured), strict=True):
            near = abs(value - float(number.value)) <= tol
            if not (near or number.rounds_from(value)):
                allowed = max(tol, float(number.half_unit))
                self._fail(f"prints {number.text}, measured {value!r}, allowed ±{allowed:g}")

    def holds_for(
        self, measured: Iterable[SupportsFloat], *, slack: float = 0.0, reason: str = ""
    ) -> None:
        """Assert that a printed range, low end first, holds every value and is not too wide.

        Args:
            measured: The values, such as one for each seed.
            slack: How much wider than the measured values the print may be, at each end; by
                default each end is the rounded extreme itself.
            reason: Why ``slack`` is needed; required with it.
        """
        self._expect_numbers(2)
        values = _all_finite(measured)
        self._bounded_below(self.claim.numbers[0], values, slack, reason)
        self._bounded_above(self.claim.numbers[1], values, slack, reason)

    def at_least(
        self, measured: Iterable[SupportsFloat], *, slack: float = 0.0, reason: str = ""
    ) -> None:
        """Assert that the one printed number bounds every value from below, within ``slack``."""
        self._expect_numbers(1)
        self._bounded_below(self.claim.numbers[0], _all_finite(measured), slack, reason)

    def at_most(
        self, measured: Iterable[SupportsFloat], *, slack: float = 0.0, reason: str = ""
    ) -> None:
        """Assert that the one printed number bounds every value from above, within ``slack``."""
        self._expect_numbers(1)
        self._bounded_above(self.claim.numbers[0], _all_finite(measured), slack, reason)

    def _bounded_below(self, number, values: Sequence[float], slack: float, reason: str) -> None:
        self._check_reason("slack", slack, reason)
        low = min(values)
        if not (number.rounds_from(low) or 0 <= low - float(number.value) <= slack):
            self._fail(f"prints {number.text} as the lower end, the smallest value is {low!r}")

    def _bounded_above(self, number, values: Sequence[float], slack: float, reason: str) -> None:
        self._check_reason("slack", slack, reason)
        high = max(values)
        if not (number.rounds_from(high) or 0 <= float(number.value) - high <= slack):
            self._fail(f"prints {number.text} as the upper end, the largest value is {high!r}")

    def _expect_numbers(self, count: int) -> None:
        if (found := len(self.claim.numbers)) != count:
            self._fail(f"prints {found} numbers ({self.claim.text!r}), the test expects {count}")

    def _check_tolerance(self, tol: float, reason: str) -> None:
        self._check_reason("tol", tol, reason)
        smallest = min(abs(value) for value in self.values)
        if tol and not tol < smallest:
            raise ValueError(f"tol must be below the printed {smallest:g}, or nothing can fail")

    def _check_reason(self, name: str, size: float, reason: str) -> None:
        if not (isfinite(size) and size >= 0):
            raise ValueError(f"{name} must be a finite number ≥ 0, got {size!r}")
        if size and not reason.strip():
            raise ValueError(f"{name}={size!r} needs reason=..., such as the spread over seeds")

    def _fail(self, message: str) -> None:
        where = f"{self.claim.path}:{self.claim.line}"
        raise AssertionError(f"claim {self.claim.id} ({where}) {message}")


def _finite(measured: SupportsFloat) -> float:
    value = float(measured)
    if not isfinite(value):
        raise AssertionError(f"measured value must be finite, got {value!r}")
    return value


def _all_finite(measured: Iterable[SupportsFloat]) -> list[float]:
    values = [_finite(value) for value in measured]
    if not values:
        raise AssertionError("there is no measured value to compare with the claim")
    return values
