"""Where the cliff of a one-unit network stands."""

import torch

from descent.exercises.measure import array, expect_close
from descent.exercises.model import Exercise, Wrong
from descent.long_term_dependencies import OneUnit

CASES = ((0.5, 5.0), (0.5, 6.5), (0.0, 4.5), (-0.4, 7.0))


def edge_of(start: float, w: float) -> list[float]:
    """Bias of the edge, and the factor per step there."""
    unit, weight = OneUnit(start=start), torch.tensor(w, dtype=torch.float64)
    return [float(unit.edge(weight)), float(unit.factor(weight))]


def check_edge(edge) -> None:
    """Both numbers, for several starts and weights."""
    for case in CASES:
        mine = array(edge(*case), "the pair", (2,))
        want = edge_of(*case)
        for got, right, what in zip(mine, want, ("bias", "factor per step"), strict=True):
            expect_close(got, right, f"the {what} for x0 = {case[0]:g}, w = {case[1]:g}", rtol=1e-6)


EXERCISE = Exercise(
    id="long_term_dependencies.edge",
    kind="prove",
    title="The edge of the cliff",
    stars=2,
    minutes=15,
    name="edge",
    prompt=r"""
A unit repeats $x\to w\,\sigma(x)+b$ from $x_0$. Its loss has a cliff where the start stands on an
unstable fixed point of this map.

Derive the bias $b$ at which the start is a fixed point, and the factor by which a small deviation
from it grows in each step. Enter them as `edge(x0, w)`, which returns the pair.
For which $w$ is there a cliff?
""",
    stub='''
def edge(x0, w):
    """Return the bias of the edge, and the factor per step on it."""
    ...
''',
    solution="""
import math


def edge(x0, w):
    s = 1 / (1 + math.exp(-x0))
    return x0 - w * s, w * s * (1 - s)
""",
    hints=(
        "At a fixed point one step changes nothing: write that down for $x_0$.",
        "$x_0 = w\\sigma(x_0)+b$. The factor is the derivative of the map there.",
        "$\\sigma' = \\sigma(1-\\sigma)$.",
    ),
    checks=(check_edge,),
    probe=lambda answer: torch.tensor([answer(*case) for case in CASES]).double(),
    wrong={
        "sign": Wrong(
            """
import math


def edge(x0, w):
    s = 1 / (1 + math.exp(-x0))
    return w * s - x0, w * s * (1 - s)
""",
            "The sign of the bias: put your $b$ into $w\\sigma(x_0)+b$. Is it $x_0$?",
        ),
        "no_weight": Wrong(
            """
import math


def edge(x0, w):
    s = 1 / (1 + math.exp(-x0))
    return x0 - w * s, s * (1 - s)
""",
            "The map is $w\\,\\sigma(x)+b$. Its derivative has a factor that yours lacks.",
        ),
        "after_output": Wrong(
            """
import math


def edge(x0, w):
    s = 1 / (1 + math.exp(-x0))
    return s - w * s, w * s * (1 - s)
""",
            "The state is $x$, not $\\sigma(x)$: which of them must come back after one step?",
        ),
    },
    explanation=r"""
$b=x_0-w\sigma(x_0)$ is a straight line in the plane of the parameters, and deviations grow by
$w\sigma'(x_0)$ per step. There is a cliff where that exceeds 1: $w>1/\sigma'(x_0)$, at least 4 for
any start. After $T$ steps the loss changes over a width of about $(w\sigma'(x_0))^{-T}$, so the
wall is as thin as it is steep.
""",
)
