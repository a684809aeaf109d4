"""Write the exercise notebook of a room: `book/exercises/<stem>.ipynb`.

The cells serve two readers at once. JupyterLab knows no MyST, so hints and solutions are plain
`<details>`; the page turns the comments `<!-- predict: ... -->` and `<!-- passed: ... -->` into
forms that need no kernel, and hides the cells that a form replaces.
"""

import json
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

from descent.exercises import Exercise, load
from descent.exercises.model import SETUP

FOLDER = Path(__file__).resolve().parents[3] / "book" / "exercises"

INTRO = """\
Replace the dots, then run the check below them.
The check names the property that your answer lacks, and recognizes common mistakes.
Three hints open one after the other, each saying more than the last; the solution follows them.
Exercises marked *predict* also work on this page, without Python.
An answer that passes prints a code; entered on the page, it counts in your
[progress](../progress.md).
[How to run this book](../how_to_run.md) tells how to run the cells, in JupyterLab or on this page.

Stars give the difficulty, from ★ to ★★★."""


def notebook(stem: str) -> str:
    """Return the exercise notebook of a room as the text of its file.

    Args:
        stem: The room.

    Returns:
        JSON in notebook format 4.5, the same for the same sources.
    """
    cells = list(_head(stem))
    for position, exercise in enumerate(load(stem), 1):
        cells += _cells(exercise, position)
    metadata = {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }
    content = {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(content, indent=1, ensure_ascii=False, sort_keys=True) + "\n"


def write(stem: str, folder: Path = FOLDER) -> Path:
    """Write the exercise notebook of a room, and return its path."""
    path = folder / f"{stem}.ipynb"
    path.write_text(notebook(stem), encoding="utf-8")
    return path


def dropdown(kind: str, title: str, body: str) -> str:
    """Wrap Markdown in a `<details>` that looks like the book's callouts."""
    return (
        f'<details class="admonition {kind}">\n'
        f'<summary class="admonition-title">{title}</summary>\n\n{body.strip()}\n\n</details>'
    )


def explained(exercise: Exercise) -> str:
    """Return the solution's code and why it is right, as Markdown."""
    return f"```python\n{exercise.solution.strip()}\n```\n\n{exercise.explanation.strip()}"


def _head(stem: str) -> Iterator[dict[str, Any]]:
    title = import_module(f"descent.exercises.{stem}").TITLE
    rows = [
        f"| {position} | {exercise.title} | {exercise.kind} | {_stars(exercise)} "
        f"| {exercise.minutes} |"
        for position, exercise in enumerate(load(stem), 1)
    ]
    table = "\n".join(["| no. | exercise | kind | stars | minutes |", "|-:|-|-|-|-:|", *rows])
    yield _markdown("title", f"# {title}\n\n{INTRO}\n\n{table}")
    yield _code("setup", SETUP)


def _cells(exercise: Exercise, position: int) -> Iterator[dict[str, Any]]:
    name = exercise.id.partition(".")[2].replace("_", "-")
    facts = f"*{exercise.kind} · {_stars(exercise)} · about {exercise.minutes} minutes*"
    prompt = exercise.prompt.strip()
    yield _markdown(f"{name}-task", f"## {position}. {exercise.title}\n\n{facts}\n\n{prompt}")
    # The form on the page asks, answers and explains, so the page needs no cells for that.
    form = ("remove-cell",) if exercise.question else ()
    if exercise.given:
        yield _code(f"{name}-given", exercise.given, *form)
    yield _code(f"{name}-stub", exercise.stub, *form)
    check = f'descent.check("{exercise.id}", {exercise.name})'
    yield _code(f"{name}-check", check, *(form or ("remove-output",)))
    if not exercise.question:
        yield _markdown(f"{name}-passed", f"<!-- passed: {exercise.id} -->")
    hints = (dropdown("hint", f"Hint {n}", hint) for n, hint in enumerate(exercise.hints, 1))
    yield _markdown(f"{name}-hints", "\n\n".join(hints))
    if exercise.question:
        yield _markdown(f"{name}-predict", f"<!-- predict: {exercise.id} -->")
    yield _markdown(
        f"{name}-solution", dropdown("solution", "Solution", explained(exercise)), *form
    )


def _stars(exercise: Exercise) -> str:
    return "★" * exercise.stars + "☆" * (3 - exercise.stars)


def _markdown(name: str, text: str, *tags: str) -> dict[str, Any]:
    metadata = {"tags": list(tags)} if tags else {}
    lines = text.strip().splitlines(keepends=True)
    return {"cell_type": "markdown", "id": name, "metadata": metadata, "source": lines}


def _code(name: str, text: str, *tags: str) -> dict[str, Any]:
    cell = _markdown(name, text, *tags)
    return cell | {"cell_type": "code", "execution_count": None, "outputs": []}
