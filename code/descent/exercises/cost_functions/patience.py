"""Early stopping as a program."""

import torch

from descent.cost_functions import stop
from descent.exercises.measure import array, expect
from descent.exercises.model import Exercise, Wrong


def curves() -> list[list[float]]:
    """Validation curves with noise, ties, and one that never turns."""
    generator = torch.Generator().manual_seed(0)
    noisy = torch.linspace(2, -2, 40).square() + torch.randn(6, 40, generator=generator) * 0.3
    tied = [3.0, 2.0, 2.0, 2.0, 1.0, 1.0, 4.0, 4.0, 4.0]
    return [*noisy.tolist(), tied, [5.0, 4.0, 3.0, 2.0, 1.0]]


def answers(early) -> list[list[int]]:
    """What a program says about every curve, for several patiences."""
    pairs = [early(curve, p) for curve in curves() for p in (1, 3, 8)]
    return [[int(v) for v in array(pair, "the answer", (2,))] for pair in pairs]


def check_stop(early) -> None:
    """It halts and returns as the definition says."""
    cases = [(curve, p) for curve in curves() for p in (1, 3, 8)]
    for (curve, p), mine in zip(cases, answers(early), strict=True):
        halted = stop(torch.tensor(curve), p)
        want = [int(halted.at), int(halted.best)]
        what = f"for patience {p} and the curve that begins {curve[0]:.2f}, {curve[1]:.2f}, …"
        expect(mine == want, f"{what} it halts at and returns {want}; yours was {mine}")


EXERCISE = Exercise(
    id="cost_functions.patience",
    kind="code",
    title="Early stopping",
    stars=1,
    minutes=15,
    name="early",
    prompt=r"""
`values` is a list of validation losses, one for each evaluation. Training halts at the first
evaluation where `patience` evaluations in a row brought no new minimum (an equal value is not new),
or at the last one. Write `early(values, patience)`: the index of the evaluation at which it halts,
and the index of the best one so far, whose weights are returned.
""",
    stub='''
def early(values, patience):
    """Return (where it halts, which weights are returned)."""
    ...
''',
    solution="""
def early(values, patience):
    best = 0
    for t, value in enumerate(values):
        if value < values[best]:
            best = t
        if t - best >= patience:
            return t, best
    return len(values) - 1, best
""",
    hints=(
        "Keep the index of the best evaluation so far. How long ago was it?",
        "Update `best` only if the value is *strictly* lower.",
        "Halt when `t - best >= patience`.",
    ),
    checks=(check_stop,),
    probe=answers,
    wrong={
        "last_weights": Wrong(
            """
def early(values, patience):
    best = 0
    for t, value in enumerate(values):
        if value < values[best]:
            best = t
        if t - best >= patience:
            return t, t
    return len(values) - 1, len(values) - 1
""",
            "You return the weights of the last evaluation. Patience was spent to find out that "
            "they are worse: go back to the best.",
        ),
        "rises": Wrong(
            """
def early(values, patience):
    best = bad = 0
    for t, value in enumerate(values):
        if value < values[best]:
            best = t
        bad = bad + 1 if t and value > values[t - 1] else 0
        if bad >= patience:
            return t, best
    return len(values) - 1, best
""",
            "You count rises in a row. A curve that saw-tooths above its minimum would never halt.",
        ),
        "hindsight": Wrong(
            """
def early(values, patience):
    best = min(range(len(values)), key=values.__getitem__)
    return min(best + patience, len(values) - 1), best
""",
            "This knows the whole curve before it begins. At the moment of halting, later values "
            "do not exist.",
        ),
    },
    explanation=r"""
Three lines of state: the best value, when it was, and how long ago that is. The two indices differ
by the patience, which is the price of the decision: the last `patience` evaluations are thrown
away.
""",
)
