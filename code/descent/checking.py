"""`descent.check`: hold a reader's answer to an exercise against the properties it should have."""

from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

import torch

from descent.exercises import Exercise, Failed, NotYet, find


@dataclass(frozen=True)
class Result:
    """The verdict on an answer; true when it passed.

    Args:
        exercise_id: Which exercise.
        state: "passed", "failed" or "not yet" (the stub is unchanged).
        text: What was found: for a failed answer the property it lacks, with the numbers.
        mistake: Name of the known wrong answer that it behaves like; empty if none.
        feedback: What the author of that wrong answer needs to hear.
    """

    exercise_id: str
    state: Literal["passed", "failed", "not yet"]
    text: str
    mistake: str = ""
    feedback: str = ""

    def __bool__(self) -> bool:
        return self.state == "passed"

    def __repr__(self) -> str:
        sign = {"passed": "✓", "failed": "✗", "not yet": "…"}[self.state]
        lines = [f"{sign} {self.exercise_id}: {self.state}. {self.text}"]
        return "\n".join(lines + ([self.feedback] if self.feedback else []))

    def _repr_markdown_(self) -> str:
        return repr(self).replace("\n", "\n\n")


def check(exercise_id: str, answer: Any) -> Result:
    """Check an answer to an exercise.

    A wrong answer is never an exception: the result names the property that failed, and, when the
    answer behaves like a known mistake, says what that mistake is.

    Args:
        exercise_id: `<stem>.<name>`, such as "ill_conditioning.step_size".
        answer: What the exercise asks for: a function, a number, a choice or an array.

    Returns:
        The verdict. It prints itself, and is true when the answer passed.

    Example:
        >>> check("ill_conditioning.largest_step", lambda g, H: 1 / (g @ H @ g)).state
        'failed'
    """
    exercise = find(exercise_id)
    try:
        _examine(exercise, answer)
    except NotYet:
        text = f"Replace the dots in the cell above: `{exercise.name}` has no value yet."
        return Result(exercise_id, "not yet", text)
    except Failed as failure:
        mistake = _mistake(exercise, answer)
        feedback = exercise.wrong[mistake].feedback if mistake else ""
        return Result(exercise_id, "failed", f"It should hold that {failure}.", mistake, feedback)
    text = "Every property holds."
    if exercise.question is None:
        text += f" Its pass code on the page is {exercise.pass_code}."
    return Result(exercise_id, "passed", text)


@cache
def solution(exercise_id: str) -> Any:
    """Return the answer that an exercise's own solution gives, computed by running it once."""
    exercise = find(exercise_id)
    return exercise.define(exercise.solution)


def _examine(exercise: Exercise, answer: Any) -> None:
    if answer is None or answer is ...:
        raise NotYet
    if callable(_stub(exercise.id)) and not callable(answer):
        name = exercise.name
        raise Failed(f"the answer is a function: pass `{name}`, not `{name}(...)`")
    try:
        if exercise.question is not None:
            computed = solution(exercise.id)
            if not exercise.question.accepts(answer, computed):
                raise Failed(exercise.question.compare(answer, computed))
        for test in exercise.checks:
            test(answer)
    except (Failed, NotYet):
        raise
    except Exception as error:  # Any error of the reader's code is a verdict, not a crash.
        raise Failed(f"the answer runs; it raised {type(error).__name__}: {error}") from error


def _mistake(exercise: Exercise, answer: Any) -> str:
    """Name the known wrong answer that this one behaves like, or return an empty string."""
    behavior = cache(lambda: _behavior(exercise, answer))
    for name, wrong in exercise.wrong.items():
        try:
            if wrong.like is not None:
                alike = wrong.like(answer)
            elif exercise.question is not None:
                alike = exercise.question.accepts(answer, known(exercise.id, name))
            else:
                alike = _same(behavior(), _known_behavior(exercise.id, name))
        except Exception:  # An answer that cannot be read is like none that can.
            alike = False
        if alike:
            return name
    return ""


def _behavior(exercise: Exercise, answer: Any) -> Any:
    """Return what the probe sees; an answer that cannot be run behaves like nothing but itself."""
    try:
        return exercise.probe(answer)
    except Exception:
        return object()


@cache
def _known_behavior(exercise_id: str, name: str) -> Any:
    return _behavior(find(exercise_id), known(exercise_id, name))


@cache
def known(exercise_id: str, name: str) -> Any:
    """Return a catalogued wrong answer, computed by running it once."""
    exercise = find(exercise_id)
    return exercise.define(exercise.wrong[name].code)


@cache
def _stub(exercise_id: str) -> Any:
    exercise = find(exercise_id)
    return exercise.define(exercise.stub)


def _same(one: Any, other: Any) -> bool:
    """Compare behaviours: numbers to six digits, anything else exactly."""
    try:
        a, b = (torch.as_tensor(v, dtype=torch.float64).detach() for v in (one, other))
    except (TypeError, ValueError, RuntimeError):
        return bool(one == other)
    return a.shape == b.shape and torch.allclose(a, b, rtol=1e-6, atol=1e-9, equal_nan=True)
