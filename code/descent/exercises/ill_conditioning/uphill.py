"""A diagonal that does send the step uphill must have a negative entry, and a large one."""

import torch
from torch import Tensor

from descent.exercises.measure import array, expect
from descent.exercises.model import Exercise, Wrong


def gradients() -> list[Tensor]:
    """Random gradients without a zero entry."""
    generator = torch.Generator().manual_seed(9)
    return list(torch.randn(6, 4, dtype=torch.float64, generator=generator))


def check_one_negative(uphill) -> None:
    """Exactly one entry is negative."""
    for g in gradients():
        d = array(uphill(g.clone()), "the diagonal", g.shape)
        negative = int((d < 0).sum())
        expect(
            negative == 1 and bool((d != 0).all()),
            f"exactly one entry is negative and none is zero; yours has {negative} negative of 4",
        )


def check_climbs(uphill) -> None:
    """Every small step along -Dg goes up."""
    for g in gradients():
        d = array(uphill(g.clone()), "the diagonal", g.shape)
        slope = float(-(d * g * g).sum())
        expect(slope > 0, f"the slope along -Dg is positive; with yours it is {slope:.4g}")


EXERCISE = Exercise(
    id="ill_conditioning.uphill",
    kind="prove",
    title="A diagonal that climbs",
    stars=1,
    minutes=10,
    name="uphill",
    prompt=r"""
A step $-tDg$ with a positive diagonal $D$ starts downhill. Is one negative entry enough to turn it
uphill? Prove when it is, and write `uphill(g)`: for a gradient without zeros, return the entries
$d_i$ of a diagonal, exactly one of them negative and none zero, for which *every* small enough step
$-tDg$, $t > 0$, raises the cost.
""",
    stub='''
def uphill(g):
    """Return a diagonal with one negative entry along which -D g climbs."""
    ...
''',
    solution="""
def uphill(g):
    d = torch.ones_like(g)
    rest = (g[1:] ** 2).sum()
    d[0] = -2 * rest / g[0] ** 2
    return d
""",
    hints=(
        "For small steps only the slope along $-Dg$ counts. Which sum is it?",
        "The slope is $-\\sum_i d_i g_i^2$. One negative $d_j$ has to outweigh all the others.",
        "With ones elsewhere you need $-d_j g_j^2 > \\sum_{i \\ne j} g_i^2$.",
    ),
    checks=(check_one_negative, check_climbs),
    probe=lambda answer: torch.stack([answer(g.clone()) for g in gradients()]),
    wrong={
        "minus_one": Wrong(
            """
def uphill(g):
    d = torch.ones_like(g)
    d[g.abs().argmax()] = -1.0
    return d
""",
            "A negative entry on the largest component turns *that* component uphill. The others "
            "still go down, and together they may win: a wrong sign can hide in a falling cost.",
        ),
        "all_negative": Wrong(
            """
def uphill(g):
    return -torch.ones_like(g)
""",
            "This turns the whole step around, so it climbs; but the question allows one negative "
            "entry only.",
        ),
        "not_squared": Wrong(
            """
def uphill(g):
    d = torch.ones_like(g)
    d[0] = -2 * g[1:].abs().sum() / g[0].abs()
    return d
""",
            "The balance is between the *squares* $d_i g_i^2$: the gradient enters once through "
            "the "
            "step and once through the slope.",
        ),
        "balanced": Wrong(
            """
def uphill(g):
    d = torch.ones_like(g)
    d[0] = -(g[1:] ** 2).sum() / g[0] ** 2
    return d
""",
            "Exactly balanced: the slope along your step is zero, so nothing is decided for small "
            "steps. Tip the balance.",
            like=lambda answer: all(
                abs(float((answer(g.clone()) * g * g).sum())) < 1e-9 for g in gradients()
            ),
        ),
    },
    explanation=r"""
The slope along $-Dg$ is $-\sum_i d_i g_i^2$. With ones elsewhere it is positive exactly when
$|d_j|\, g_j^2 > \sum_{i\ne j} g_i^2$. So a sign error in one coordinate is harmless as long as that
coordinate carries a small share of the gradient: the cost falls, and the error goes unnoticed.
""",
)
