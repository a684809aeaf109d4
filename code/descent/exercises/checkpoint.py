"""A check inside a chapter: one question, answered in a minute, between two paragraphs."""

from collections.abc import Mapping

from descent.exercises.model import Choice, Exercise, Number, Wrong

_CHOOSE = "[answer] = [option for option, true in holds.items() if true]"


def checkpoint(
    id: str,
    title: str,
    prompt: str,
    question: Number | Choice,
    solution: str,
    hints: tuple[str, str, str],
    explanation: str,
    wrong: Mapping[str, Wrong | str],
) -> Exercise:
    """Build a check from what is particular to it.

    A choice is decided by a measurement: the solution fills `holds`, a dictionary that says of
    every option whether it is true. Exactly one may be.

    Args:
        id: `<stem>.<name>`.
        title: A few words.
        prompt: The question, in Markdown.
        question: The form of the answer.
        solution: Code that computes `answer`, or `holds` for a choice.
        hints: Exactly three, rising.
        explanation: Why the answer is right, in Markdown.
        wrong: Known wrong answers by name. For a choice: the feedback to each other option.

    Returns:
        An exercise of kind "check".
    """
    if isinstance(question, Choice):
        solution = f"{solution.rstrip()}\n{_CHOOSE}\n"
    mistakes = {
        name: Wrong(f'answer = "{name}"', mistake) if isinstance(mistake, str) else mistake
        for name, mistake in wrong.items()
    }
    return Exercise(
        id=id,
        kind="check",
        title=title,
        stars=1,
        minutes=1,
        prompt=prompt,
        name="answer",
        stub="answer = ...",
        question=question,
        solution=solution,
        hints=hints,
        explanation=explanation,
        wrong=mistakes,
    )
