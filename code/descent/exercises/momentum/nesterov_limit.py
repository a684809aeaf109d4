"""How long a step Nesterov's method allows."""

import torch

from descent.exercises.measure import expect, number
from descent.exercises.model import Exercise, Wrong

BETAS = (0.0, 0.3, 0.5, 0.9, 0.99)


def grows(product: float, beta: float) -> bool:
    """Whether the component of Nesterov's method grows."""
    step = torch.tensor(
        [[(1 + beta) * (1 - product), -beta * (1 - product)], [1, 0]], dtype=torch.float64
    )
    return float(torch.linalg.eigvals(step).abs().max()) > 1


def check_edge(limit) -> None:
    """It shrinks just below the limit and grows just above."""
    for beta in BETAS:
        edge = number(limit(beta), "the limit")
        expect(edge > 0, f"the limit is positive; for beta = {beta:g} it was {edge:.4g}")
        expect(
            not grows(0.999 * edge, beta),
            f"the component shrinks just below the limit; with your {edge:.4g} for beta = "
            f"{beta:g} it grows",
        )
        expect(
            grows(1.001 * edge, beta),
            f"the component grows just above the limit; with your {edge:.4g} for beta = "
            f"{beta:g} it shrinks",
        )


EXERCISE = Exercise(
    id="momentum.nesterov_limit",
    kind="prove",
    title="Looking ahead has a price",
    stars=2,
    minutes=15,
    name="limit",
    prompt=r"""
Along an eigenvector, with $p=\eta\lambda$, Nesterov's method obeys

$$x_{k+1} = (1+\beta)(1-p)\,x_k - \beta(1-p)\,x_{k-1} .$$

Derive the largest $p$ for which the component does not grow, in closed form, and enter it as
`limit(beta)`. It is compared with the matrix of the step, just below and just above.

Then compare it with the heavy ball's $2(1+\beta)$.
""",
    stub='''
def limit(beta):
    """Return the largest stable product of learning rate and curvature."""
    ...
''',
    solution="""
def limit(beta):
    return 2 * (1 + beta) / (1 + 2 * beta)
""",
    hints=(
        "A recurrence $x_{k+1} = t\\,x_k - d\\,x_{k-1}$ is stable exactly for $d<1$ and "
        "$|t| < 1+d$. Which condition breaks first as $p$ grows?",
        "For $p>1$ both $t$ and $d$ are negative: $d<1$ holds, and the root on the left reaches "
        "$-1$ first.",
        "At $r=-1$: $1+t+d=0$ with $t=(1+\\beta)(1-p)$ and $d=\\beta(1-p)$. Solve for $p$.",
    ),
    checks=(check_edge,),
    probe=lambda answer: [float(answer(beta)) for beta in BETAS],
    wrong={
        "heavy_ball": Wrong(
            """
def limit(beta):
    return 2 * (1 + beta)
""",
            "That is the heavy ball's limit. Nesterov's gradient is taken further along, where a "
            "steep component has already overshot.",
        ),
        "gradient_descent": Wrong(
            """
def limit(beta):
    return 2.0
""",
            "Right without momentum only. Put $\\beta = 0.5$ and $p = 1.9$ into the recurrence.",
        ),
        "monotone": Wrong(
            """
def limit(beta):
    return 1.0
""",
            "At $p = 1$ both roots are zero: the component is gone in one step. That is far from "
            "the limit.",
        ),
        "end_of_range": Wrong(
            """
def limit(beta):
    return 4 / 3
""",
            "That is what remains for $\\beta$ close to 1. For less momentum the range is wider.",
        ),
    },
    explanation=r"""
For $p>1$ the determinant is negative, so the roots are real, one of each sign, and the negative one
is longer. It reaches $-1$ when $1+t+d = 1+(1+2\beta)(1-p) = 0$, at

$$p = 1+\frac{1}{1+2\beta} = \frac{2(1+\beta)}{1+2\beta} .$$

It falls from 2 to 4/3 as $\beta$ grows, where the heavy ball's range grows from 2 to 4.
Looking ahead damps the ripples of the flat directions, and pays with the steep ones.
""",
)
