"""How far back a gradient must look on a chain."""

import torch

from descent.exercises.measure import expect, number
from descent.exercises.model import Exercise, Wrong
from descent.long_term_dependencies import Chain

CASES = ((23, 10), (5, 2), (9, 4), (12, 3))


def check_shortest(shortest) -> None:
    """It is the horizon from which on the sign is right."""
    for units, near in CASES:
        mine = number(shortest(units, near), "the horizon")
        want = Chain(units, near).needed()
        expect(
            mine == want,
            f"the horizon for {units} units, {near} of them near, is right; yours was {mine:g}",
        )


SOLUTION = """
def shortest(units, near):
    signs = torch.ones(units, dtype=torch.float64)
    signs[near:] = -1
    row = torch.zeros(units, dtype=torch.float64)
    row[0] = 1
    total, horizon = 0.0, 0
    while total >= 0:
        total += float(row @ signs)
        horizon += 1
        row = 0.5 * (row + torch.cat([row.new_zeros(1), row[:-1]]))
    return horizon
"""

EXERCISE = Exercise(
    id="long_term_dependencies.shortest",
    kind="replicate",
    title="The sign of a truncated gradient",
    stars=3,
    minutes=30,
    name="shortest",
    prompt=r"""
In the chapter's chain $x^i_{t+1}=\tfrac12x^i_t+\tfrac12x^{i+1}_t+s_i\theta$, with nothing behind
the last unit; $s_i=1$ for the first `near` units and $-1$ for the others, which are more.
The derivative of $x^1$ by $\theta$, cut after $K$ steps, counts what $\theta$ did in the last $K$
steps only.

Write `shortest(units, near)`: the smallest $K$ at which the cut derivative has the right sign, that
of the whole. Replicate the chapter's number for 23 units, 10 of them near.
""",
    stub='''
def shortest(units, near):
    """Return the shortest horizon with the right sign."""
    ...
''',
    solution=SOLUTION,
    hints=(
        "What $\\theta$ did $\\tau$ steps ago reaches $x^1$ through $e_1^\\top A^\\tau s$.",
        "Carry the row $e_1^\\top A^\\tau$: each step keeps half of an entry and moves half of it "
        "to the next unit.",
        "Add up the products of the row with the signs until the sum is negative; count the terms.",
    ),
    checks=(check_shortest,),
    probe=lambda answer: torch.tensor([float(answer(*case)) for case in CASES]),
    wrong={
        "far_enough": Wrong(
            "def shortest(units, near):\n    return near + 1\n",
            "After `near + 1` steps a far unit is heard for the first time, through a factor of "
            "$2^{-\\text{near}}$. One whisper does not turn the sum.",
        ),
        "one_less": Wrong(
            SOLUTION.replace("return horizon", "return horizon - 1"),
            "Off by one: at your $K$ the sum is still positive.",
        ),
        "instant": Wrong(
            SOLUTION.replace("total += float(row @ signs)", "total = float(row @ signs)"),
            "You ask when a *single* lag turns negative. The gradient adds up all lags within the "
            "horizon.",
        ),
    },
    explanation=r"""
For 23 units with 10 near the answer is 41, although the far units are heard from lag 10 on.
The influence arrives spread out, as a binomial: half of what unit $i$ does needs more than
$2(i-1)$ steps. A horizon equal to the longest dependency is not enough.
""",
)
