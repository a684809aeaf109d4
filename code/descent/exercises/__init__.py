"""The exercises of the book, one source for each room.

`python -m descent.exercises` writes the notebooks of `book/exercises` from these sources.
"""

from functools import cache
from importlib import import_module
from pkgutil import iter_modules

from descent.exercises.model import Choice, Exercise, Failed, NotYet, Number, Wrong

__all__ = [
    "Choice",
    "Exercise",
    "Failed",
    "NotYet",
    "Number",
    "Wrong",
    "checks",
    "find",
    "load",
    "stems",
]

MACHINERY = frozenset({"__main__", "cases", "checkpoint", "measure", "model", "notebook"})


def stems() -> tuple[str, ...]:
    """List the rooms that have exercises."""
    return tuple(sorted(module.name for module in iter_modules(__path__)
                        if module.name not in MACHINERY))  # fmt: skip


@cache
def load(stem: str) -> tuple[Exercise, ...]:
    """Return the exercises of a room.

    Args:
        stem: The room, such as "ill_conditioning".

    Returns:
        Its exercises, in the order of the notebook.

    Raises:
        ValueError: If there is no such room, or an exercise stands in the wrong one.
    """
    return _listed(stem, "EXERCISES")


@cache
def checks(stem: str) -> tuple[Exercise, ...]:
    """Return the checks inside a room's chapter, in the order of the text; none if it has none."""
    return _listed(stem, "CHECKS")


def _listed(stem: str, name: str) -> tuple[Exercise, ...]:
    if stem not in stems():
        raise ValueError(f"stem is {stem!r}; it must be one of {', '.join(stems())}")
    exercises = tuple(getattr(import_module(f"{__name__}.{stem}"), name, ()))
    for exercise in exercises:
        if exercise.stem != stem:
            raise ValueError(f"exercise {exercise.id!r} stands in the room {stem!r}")
    return exercises


def find(exercise_id: str) -> Exercise:
    """Return the exercise, or the check inside a chapter, of an id.

    Args:
        exercise_id: `<stem>.<name>`, such as "ill_conditioning.step_size".

    Returns:
        The exercise.

    Raises:
        TypeError: If the id is not a string.
        ValueError: If there is no such exercise; the message lists those of its room.
    """
    if not isinstance(exercise_id, str):
        kind = type(exercise_id).__name__
        raise TypeError(f"exercise_id is a {kind}; it must be a string '<stem>.<name>'")
    stem = exercise_id.partition(".")[0]
    room = {exercise.id: exercise for exercise in (*load(stem), *checks(stem))}
    if exercise_id not in room:
        raise ValueError(f"exercise_id is {exercise_id!r}; it must be one of {', '.join(room)}")
    return room[exercise_id]
