"""The figure of the bug museum."""

import numpy as np

from descent.explore import Axis, Explorer, Panel, choice, marks, readout, table, verdict
from descent.museum import EXHIBITS, TRIALS
from descent.museum.trials import STEPS

SHOWN = [e for e in EXHIBITS if e.name in TRIALS]


def bugs() -> Explorer:
    """One bug at a time: what its user sees, and what its law sees."""
    numbers = range(len(SHOWN))
    cases = [(TRIALS[e.name], e) for e in SHOWN]
    runs = [(trial.run(e.healthy), trial.run(e.mutant)) for trial, e in cases]
    sides = {"healthy": [h for h, _ in runs], "sick": [s for _, s in runs]}
    paths = {f"x_{side}": np.stack([r["x"] for r in found]) for side, found in sides.items()}
    seen = {f"seen_{side}": np.stack([r["seen"] for r in found]) for side, found in sides.items()}
    facts = {
        "must": np.array([float(trial.must) for trial, _ in cases]),
        "at": np.array(
            [float(t.broken(s["seen"])) for (t, _), s in zip(cases, sides["sick"], strict=True)]
        ),
        "which": np.arange(len(SHOWN), dtype=float),
    }
    axes = {"bug": numbers}
    return Explorer(
        "museum/bugs",
        title="Ten bugs, and the laws that catch them",
        question="Which bugs could you have found in the left panel? Which of them in the right?",
        controls=[choice("bug", numbers, 3, label="bug", words=[e.name for e in SHOWN])],
        signals=[
            table(paths, axes=axes, timed=True),
            table(seen, axes=axes, at=np.arange(1, STEPS + 1), timed=True),
            table(facts, axes=axes),
        ],
        panels=[
            Panel(
                "What the user sees",
                Axis("step k", 0, STEPS),
                "x",
                [
                    marks.line("x_healthy", "healthy", color=0),
                    marks.line("x_sick", "with the bug", color=1, dash=1),
                ],
            ),
            Panel(
                "What the law looks at",
                Axis("step k", 0, STEPS),
                "must not leave the line",
                [
                    marks.rule("the law", y="must", color=2),
                    marks.line("seen_healthy", "healthy", color=0),
                    marks.line("seen_sick", "with the bug", color=1, dash=1),
                ],
            ),
        ],
        readout=[
            verdict("the law", "which", [law_in_words(e.law) for e in SHOWN]),
            verdict("what it looks at", "which", [trial.what for trial, _ in cases]),
            readout("what that must be", "must", digits=1),
            verdict("the bug breaks it at step", "at", [str(k) for k in range(STEPS + 1)]),
        ],
        caption="One coordinate, from 1, with the rules of the museum. A line ends where a number "
        "is no longer finite.",
    )


def law_in_words(law) -> str:
    """Take a law's sentence from its docstring."""
    return law.__doc__.partition("\n")[0]


FIGURES = {"bugs": bugs}

__all__ = ["FIGURES", "bugs"]
