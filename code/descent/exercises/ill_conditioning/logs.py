"""Three sick training runs, made by real runs of gradient descent, and their diagnosis."""

from functools import cache

import torch

from descent import SGD, run
from descent.exercises.cases import called, each_has_its_own
from descent.exercises.model import Exercise, Wrong
from descent.objectives import Quadratic
from descent.oracles import langevin

ILLNESSES = ("ill-conditioned", "step too large", "noise floor")
DIAGNOSIS = {"A": "noise floor", "B": "ill-conditioned", "C": "step too large"}

# Condition number, learning rate and gradient noise of each run; the largest curvature is 1.
_RUNS = {
    "noise floor": (4.0, 0.4, 0.1),
    "ill-conditioned": (3000.0, 1.0, 0.0),
    "step too large": (100.0, 2.03, 0.0),
}
_SHOWN = (0, 1, 3, 10, 30, 100, 300)


def train(illness: str, halved: bool) -> torch.Tensor:
    """Run gradient descent in 20 dimensions and return the losses of 300 steps, (301,)."""
    kappa, lr, sigma = _RUNS[illness]
    bowl = Quadratic(torch.logspace(0, -1, 20, base=kappa, dtype=torch.float64))
    start = torch.ones(20, dtype=torch.float64)
    rate = lr / 2 if halved else lr
    return run(bowl, SGD(lr=rate), start, 300, oracle=langevin(sigma=sigma, seed=4)).loss


@cache
def table() -> str:
    """Lay out the three logs as a Markdown table."""
    columns = {
        (letter, halved): train(illness, halved)
        for letter, illness in DIAGNOSIS.items()
        for halved in (False, True)
    }
    head = "| step |" + "".join(f" {x}{', half rate' if h else ''} |" for x, h in columns)
    rows = [
        f"| {step} |" + "".join(f" {float(loss[step]):.2g} |" for loss in columns.values())
        for step in _SHOWN
    ]
    return "\n".join([head, "|-:|" + "-:|" * len(columns), *rows])


EXERCISE = Exercise(
    id="ill_conditioning.logs",
    kind="diagnose",
    title="Three sick runs",
    stars=2,
    minutes=10,
    name="diagnosis",
    prompt=rf"""
Each of three training runs is sick in its own way. The table shows their losses, and beside each
the loss of the same run with half the learning rate.

{table()}

One suffers from ill-conditioning, one from a step that is too large, one from gradient noise.
Name the illness of each: `"ill-conditioned"`, `"step too large"` or `"noise floor"`.
""",
    stub='diagnosis = {"A": ..., "B": ..., "C": ...}',
    solution="""
diagnosis = {
    "A": "noise floor",
    "B": "ill-conditioned",
    "C": "step too large",
}
""",
    hints=(
        "Which loss ends above where it has been before? Which stops falling, and which only slows "
        "down?",
        "Compare each log with its half-rate neighbor. A smaller step cures one, lowers the floor "
        "of "
        "another, and makes the third slower.",
        "Noise leaves a floor proportional to the learning rate. A step beyond the stability limit "
        "makes one component grow. What remains creeps down along flat directions.",
    ),
    checks=(each_has_its_own("log", "illness", DIAGNOSIS, ILLNESSES),),
    wrong={
        "growth_called_noise": Wrong(
            'diagnosis = {"A": "step too large", "B": "ill-conditioned", "C": "noise floor"}',
            "Look at C again: noise makes a loss wander around a level. This one first falls, then "
            "grows without end, and half the rate removes the growth altogether.",
            like=called("C", "noise floor"),
        ),
        "growth_called_curvature": Wrong(
            'diagnosis = {"A": "noise floor", "B": "step too large", "C": "ill-conditioned"}',
            "Look at C again: ill-conditioning alone makes progress slow, never negative. "
            "This loss grows.",
            like=called("C", "ill-conditioned"),
        ),
        "stalls_swapped": Wrong(
            'diagnosis = {"A": "ill-conditioned", "B": "noise floor", "C": "step too large"}',
            "A and B both seem to stall. But halving the rate *lowers* where A ends and *raises* "
            "where B ends. A noise floor shrinks with the learning rate; a slow direction only "
            "gets "
            "slower.",
            like=called("A", "ill-conditioned"),
        ),
        "stall_called_growth": Wrong(
            'diagnosis = {"A": "step too large", "B": "ill-conditioned", "C": "step too large"}',
            "C is the one that grows. A settles on a level.",
            like=called("A", "step too large"),
        ),
    },
    explanation=r"""
A falls at once and then wanders around a level; half the rate halves the level, so the cause is
noise
in the gradient, whose floor is proportional to $\eta$.
B falls smoothly and ever more slowly, and with half the rate it is behind at every step: nothing is
wrong but the flat directions, which a larger step would serve and the steep ones forbid.
C falls at first, while the well-behaved components shrink, and then grows: $\eta$ is a little above
$2/L$, so one component is multiplied by $|1-\eta L| > 1$ each step. Half the rate cures it.
""",
)
