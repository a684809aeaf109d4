"""What exercises of the kind "diagnose" share: lettered cases, each of which has its own cause."""

from collections.abc import Callable, Collection, Mapping
from typing import Any

from descent.exercises.model import Failed, NotYet


def each_has_its_own(
    case: str, cause: str, right: Mapping[str, str], offered: Collection[str]
) -> Callable[[Any], None]:
    """Make the check of a diagnosis: a dictionary from the letters of the cases to causes.

    Args:
        case: What the letters stand for, such as "log".
        cause: What the reader assigns, such as "illness".
        right: The right diagnosis.
        offered: All causes, in the order in which a failure names them.

    Returns:
        The check; its failures do not tell which of the letters are wrong.

    >>> check = each_has_its_own("log", "illness", {"A": "noise", "B": "rate"}, ("rate", "noise"))
    >>> check({"A": "noise", "B": "rate"})
    >>> check({"A": "rate", "B": "rate"})
    Traceback (most recent call last):
    descent.exercises.model.Failed: every log has its own illness; 1 of 2 are right
    """
    *most, last = map(repr, right)

    def check(diagnosis: Any) -> None:
        if not isinstance(diagnosis, dict) or set(diagnosis) != set(right):
            raise Failed(f"the answer is a dictionary with the keys {', '.join(most)} and {last}")
        if None in diagnosis.values() or ... in diagnosis.values():
            raise NotYet
        if not set(diagnosis.values()) <= set(offered):
            raise Failed(f"each value is one of {', '.join(map(repr, offered))}")
        hits = sum(diagnosis[letter] == right[letter] for letter in right)
        if hits < len(right):
            raise Failed(f"every {case} has its own {cause}; {hits} of {len(right)} are right")

    return check


def called(letter: str, cause: str) -> Callable[[Mapping[str, str]], bool]:
    """Make the mark of a known wrong answer: the reader gave this case this cause."""
    return lambda diagnosis: diagnosis[letter] == cause
