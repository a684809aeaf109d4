"""Four runs that do not go on, and why."""

from functools import cache

import torch

from descent.exercises.cases import called, each_has_its_own
from descent.exercises.model import Exercise, Wrong

CAUSES = ("noise floor", "rates sum up", "sorted examples", "late gradients")
DIAGNOSIS = {
    "A": "rates sum up",
    "B": "late gradients",
    "C": "noise floor",
    "D": "sorted examples",
}
_SHOWN = (0, 10, 20, 30, 40, 60, 80, 81, 82, 83, 84, 85)


def follow(cause: str, steps: int = 85) -> list[float]:
    """Positions on f = x² / 2, the mean of ten parabolas, from 3."""
    generator = torch.Generator().manual_seed(2)
    a = torch.linspace(-1, 1, 10, dtype=torch.float64).tolist()
    path = [3.0]
    for k in range(steps):
        x = path[-1]
        if cause == "noise floor":
            push, lr = x + 0.5 * float(torch.randn((), generator=generator)), 0.2
        elif cause == "rates sum up":
            push, lr = x, 0.3 * (k + 1) ** -1.6
        elif cause == "sorted examples":
            push, lr = x - a[k % 10], 0.2
        else:
            push, lr = path[max(k - 3, 0)], 0.44
        path.append(x - lr * push)
    return path


@cache
def table() -> str:
    """Lay out the four paths as a Markdown table."""
    paths = {letter: follow(cause) for letter, cause in DIAGNOSIS.items()}
    rows = [f"| {k} |" + "".join(f" {path[k]:.2f} |" for path in paths.values()) for k in _SHOWN]
    return "\n".join(["| step | A | B | C | D |", "|-:|-:|-:|-:|-:|", *rows])


EXERCISE = Exercise(
    id="mini_batching.four_runs",
    kind="diagnose",
    title="Four runs that do not arrive",
    stars=2,
    minutes=15,
    name="diagnosis",
    prompt=rf"""
Four runs on $f=\tfrac12x^2$ start at 3. None of them reaches 0. Here is where they are:

{table()}

One has a constant rate and noisy gradients: `"noise floor"`. One has rates with a finite sum:
`"rates sum up"`. One takes ten examples one by one, always in the same sorted order:
`"sorted examples"`. One uses gradients that are three steps old: `"late gradients"`. Name each.
""",
    stub='diagnosis = {"A": ..., "B": ..., "C": ..., "D": ...}',
    solution="""
diagnosis = {
    "A": "rates sum up",
    "B": "late gradients",
    "C": "noise floor",
    "D": "sorted examples",
}
""",
    hints=(
        "One of them hardly moves any more, far from 0. Which illness makes steps vanish?",
        "One repeats itself every ten steps, to the digit. Compare steps 30, 40, 60 and 80.",
        "Of the last two, one swings with a regular rhythm and the other without any.",
    ),
    checks=(each_has_its_own("run", "cause", DIAGNOSIS, CAUSES),),
    wrong={
        "swing_is_noise": Wrong(
            'diagnosis = {"A": "rates sum up", "B": "noise floor", "C": "late gradients", '
            '"D": "sorted examples"}',
            "B and C both wander around 0. Noise has no rhythm; a delay swings over and back. "
            "Look at the last six rows.",
            like=called("B", "noise floor"),
        ),
        "cycle_is_delay": Wrong(
            'diagnosis = {"A": "rates sum up", "B": "sorted examples", "C": "noise floor", '
            '"D": "late gradients"}',
            "D reads the same at steps 30, 40, 60 and 80. What has a period of ten?",
            like=called("D", "late gradients"),
        ),
        "rest_is_order": Wrong(
            'diagnosis = {"A": "sorted examples", "B": "late gradients", '
            '"C": "noise floor", '
            '"D": "rates sum up"}',
            "A sorted order keeps moving within the epoch. A run that stands still has run out of "
            "rate.",
            like=called("A", "sorted examples"),
        ),
    },
    explanation=r"""
A has used up its rates, $\sum\eta_k<\infty$, and stands still with a gradient that is not small.
B swings regularly: at $\eta\lambda=0.44$ a gradient that is three steps old is just within the
stable range, which ends at 0.445.
C hovers without a rhythm at its noise floor. A smaller rate lowers it.
D has converged to a cycle: at the end of every epoch the last examples have pulled it to their
side. A shuffle cures it.
""",
)
