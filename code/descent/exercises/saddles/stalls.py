"""Three runs that have stalled, made by real runs, and why."""

from functools import cache
from typing import Any

import torch

from descent import SGD, gradient, run
from descent.exercises.cases import called, each_has_its_own
from descent.exercises.model import Exercise, Wrong
from descent.objectives import Plateau, Quadratic, StrictSaddle

REASONS = ("saddle", "tail", "rate gone")
DIAGNOSIS = {"A": "rate gone", "B": "saddle", "C": "tail"}
_LANDS: dict[str, Any] = {
    "saddle": StrictSaddle(),
    "tail": Plateau(),
    "rate gone": Quadratic(torch.tensor([0.5, 1.0], dtype=torch.float64)),
}
_SHOWN = (0, 10, 30, 60, 90, 120, 150)


def log(reason: str) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Losses, gradient norms and smallest eigenvalues of 151 points of a run."""
    steps, f = _SHOWN[-1], _LANDS[reason]
    if reason == "saddle":
        x = torch.tensor([0.4, 1e-8], dtype=torch.float64)
        path = run(f, SGD(0.03), x, steps).x
    elif reason == "tail":
        x = torch.zeros(1, dtype=torch.float64)
        path = run(f, SGD(1.0), x, steps).x
    else:
        x, rows = torch.tensor([1.0, 0.5], dtype=torch.float64), []
        for k in range(steps + 1):
            rows.append(x)
            x = x - 0.1 * 0.85**k * gradient(f, x)
        path = torch.stack(rows)
    low = torch.linalg.eigvalsh(f.hessian(path))[:, 0]
    return f(path), gradient(f, path).norm(dim=-1), low


@cache
def table() -> str:
    """Lay out the three logs as a Markdown table."""
    head = "| step |" + "".join(f" {x}: loss | norm of g | smallest λ |" for x in DIAGNOSIS)
    columns = [column for reason in DIAGNOSIS.values() for column in log(reason)]
    rows = [f"| {k} |" + "".join(f" {float(c[k]):.2g} |" for c in columns) for k in _SHOWN]
    return "\n".join([head, "|-:|" + "-:|" * len(columns), *rows])


EXERCISE = Exercise(
    id="saddles.stalls",
    kind="diagnose",
    title="Three stalled runs",
    stars=2,
    minutes=15,
    name="diagnosis",
    prompt=rf"""
Three runs of gradient descent have stalled. Beside each loss stand the norm of the gradient and the
smallest eigenvalue of the Hessian.

{table()}

One rests beside a saddle, one creeps along a tail without end, and one has a learning rate that has
decayed to nothing. Name the reason of each: `"saddle"`, `"tail"` or `"rate gone"`.
""",
    stub='diagnosis = {"A": ..., "B": ..., "C": ...}',
    solution="""
diagnosis = {
    "A": "rate gone",
    "B": "saddle",
    "C": "tail",
}
""",
    hints=(
        "Which gradient is not small at all? Which smallest eigenvalue is negative?",
        "A rate that has decayed stops the run anywhere: the gradient stays where it was.",
        "Along a tail the loss, the gradient and the curvature all shrink together, like one over "
        "the number of steps.",
    ),
    checks=(each_has_its_own("log", "reason", DIAGNOSIS, REASONS),),
    wrong={
        "rate_called_saddle": Wrong(
            'diagnosis = {"A": "saddle", "B": "rate gone", "C": "tail"}',
            "A has no negative curvature, so it is no saddle. And its gradient does not shrink.",
            like=called("A", "saddle"),
        ),
        "rate_called_tail": Wrong(
            'diagnosis = {"A": "tail", "B": "saddle", "C": "rate gone"}',
            "On a tail the gradient becomes small. In A it stays the same to the end, and nothing "
            "moves.",
            like=called("A", "tail"),
        ),
        "saddle_called_tail": Wrong(
            'diagnosis = {"A": "rate gone", "B": "tail", "C": "saddle"}',
            "B has negative curvature, and its gradient grows again by a constant factor. C has "
            "neither.",
            like=called("B", "tail"),
        ),
    },
    explanation=r"""
A: the loss is constant and the gradient is not small: no kind of critical point explains that. The
steps have become too short.
B: the gradient falls while the other components settle, and then grows by $1+\eta\abs\lambda$ a
step. The eigenvalue of $-2$ predicts the rest of the wait.
C: loss, gradient and curvature are all equal to $e^{-x}$ here, and fall like $1/k$. There is no
critical point to arrive at.
""",
)
