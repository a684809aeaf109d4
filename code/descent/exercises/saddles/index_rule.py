"""Count the descending directions of a linear autoencoder."""

import torch

from descent.exercises.measure import expect, number
from descent.exercises.model import Exercise, Wrong
from descent.saddles import LinearAutoencoder

SPECTRUM = (1.0, 4.0, 2.0, 3.0)


def compare(rule, width: int) -> None:
    """Compare with the eigenvalues of the Hessian at every critical set."""
    f = LinearAutoencoder(torch.tensor(SPECTRUM, dtype=torch.float64), width)
    for kept in f.subsets():
        x = f.critical_point(kept)
        hessian = torch.autograd.functional.hessian(f, x)
        exact = int((torch.linalg.eigvalsh(hessian) < -1e-9).sum())
        mine = number(rule(list(SPECTRUM), list(kept), width), "the index")
        expect(
            mine == exact,
            f"with variances {list(SPECTRUM)}, width {width} and components {list(kept)} kept, "
            f"the index is {exact}; yours was {mine:g}",
        )


def check_full(rule) -> None:
    """Sets that use every hidden unit."""
    f = LinearAutoencoder(torch.tensor(SPECTRUM, dtype=torch.float64), 2)
    for kept in ((1, 3), (0, 2)):
        mine = number(rule(list(SPECTRUM), list(kept), 2), "the index")
        expect(
            mine == f.index(kept),
            f"with variances {list(SPECTRUM)}, width 2 and components {list(kept)} kept, the index "
            f"is {f.index(kept)}; yours was {mine:g}",
        )


def check_all(rule) -> None:
    """Every set, those with idle units too."""
    for width in (1, 2, 3):
        compare(rule, width)


SOLUTION = """
def index(variances, kept, width):
    missing = [j for j in range(len(variances)) if j not in kept]
    better = sum(variances[j] > variances[i] for i in kept for j in missing)
    return better + (width - len(kept)) * len(missing)
"""

EXERCISE = Exercise(
    id="saddles.index_rule",
    kind="prove",
    title="Every way down",
    stars=3,
    minutes=30,
    name="index",
    prompt=r"""
A linear autoencoder of some width has a critical point for every set of at most that many kept
components. Its loss is half the variance of the components that are missing.

1. Show that exchanging a kept component $i$ for a missing one $j$, by turning one hidden unit from
   $e_i$ towards $e_j$, goes down exactly if $\lambda_j>\lambda_i$.
2. Show that a hidden unit that keeps nothing gives one descending direction for every missing
   component.

Write the resulting count as `index(variances, kept, width)`, with `kept` a list of positions. It is
compared with the eigenvalues of the full Hessian.
""",
    stub='''
def index(variances, kept, width):
    """Return the number of descending directions at this set."""
    ...
''',
    solution=SOLUTION,
    hints=(
        "Turn the unit by an angle $\\varphi$: it keeps $\\cos^2\\varphi$ of one variance and "
        "$\\sin^2\\varphi$ of the other.",
        "The kept variance is $\\lambda_i\\cos^2\\varphi+\\lambda_j\\sin^2\\varphi$. For an idle "
        "unit with weights $\\epsilon$ in and $\\delta$ out, the loss changes by "
        "$-\\epsilon\\delta\\lambda_j$ to second order.",
        "The form $-\\epsilon\\delta\\lambda_j$ has one negative direction, $\\epsilon=\\delta$. "
        "So there are (width − number kept) times (number missing) of them, plus the exchanges.",
    ),
    checks=(check_full, check_all),
    probe=lambda answer: [
        float(answer(list(SPECTRUM), kept, width))
        for kept, width in (([1, 3], 2), ([0, 2], 2), ([0], 2), ([], 3), ([1], 3))
    ],
    wrong={
        "exchanges_only": Wrong(
            SOLUTION.replace(" + (width - len(kept)) * len(missing)", ""),
            "Right as long as every unit keeps something. An idle unit can take up any missing "
            "component.",
        ),
        "one_for_each_unit": Wrong(
            SOLUTION.replace("(width - len(kept)) * len(missing)", "(width - len(kept))"),
            "An idle unit has not one way down but one for every missing component: they are "
            "independent directions.",
        ),
        "twice": Wrong(
            SOLUTION.replace("(width - len(kept)) *", "2 * (width - len(kept)) *"),
            "The form $-\\epsilon\\delta\\lambda$ has two directions, of which one leads down and "
            "the other up.",
        ),
        "by_position": Wrong(
            SOLUTION.replace("variances[j] > variances[i]", "j < i"),
            "This counts by position. The variances need not be sorted.",
        ),
    },
    explanation=r"""
Turning by $\varphi$ changes the loss by $-\tfrac12(\lambda_j-\lambda_i)\sin^2\varphi$: down exactly
for stronger $j$. Idle units add one negative direction for each missing component. All other
directions are flat (an invertible change of basis between the two layers changes nothing) or lead
up. So the index is zero only if the strongest components are kept and no unit is idle: every local
minimum is global.
""",
)
