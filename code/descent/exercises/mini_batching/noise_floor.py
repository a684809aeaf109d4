"""The floor of a constant rate."""

import torch

from descent.exercises.measure import expect_close, number
from descent.exercises.model import Exercise, Wrong

CASES = ((0.1, 1.0, 1.0), (0.5, 2.0, 0.3), (1.5, 1.0, 2.0), (0.01, 30.0, 1.0))


def settled(lr: float, lam: float, sigma: float) -> float:
    """Mean loss after many steps of the exact second moment."""
    square = torch.zeros((), dtype=torch.float64)
    for _ in range(5000):
        square = (1 - lr * lam) ** 2 * square + (lr * sigma) ** 2
    return float(lam * square / 2)


def check_settled(floor) -> None:
    """The closed form is where the recursion settles."""
    for case in CASES:
        mine = number(floor(*case), "the mean loss")
        expect_close(mine, settled(*case), f"the mean loss for (lr, lam, sigma) = {case}")


EXERCISE = Exercise(
    id="mini_batching.noise_floor",
    kind="prove",
    title="As low as a constant rate can go",
    stars=2,
    minutes=15,
    name="floor",
    prompt=r"""
On $f=\tfrac\lambda2x^2$ the gradient comes with noise, $\lambda x+\sigma\xi$, fresh at every step.
SGD keeps its rate $\eta$.

1. Find the recursion of $\E x^2$.
2. Find the mean loss at which it rests.

Enter it as `floor(lr, lam, sigma)`; it is compared with the recursion after many steps.
""",
    stub='''
def floor(lr, lam, sigma):
    """Return the mean loss in the end."""
    ...
''',
    solution="""
def floor(lr, lam, sigma):
    return lr * sigma**2 / (2 * (2 - lr * lam))
""",
    hints=(
        "Square $x_{k+1} = (1-\\eta\\lambda)x_k - \\eta\\sigma\\xi_k$. What is the mean of the "
        "mixed term?",
        "$a = (1-\\eta\\lambda)^2a + \\eta^2\\sigma^2$ for the $\\mathbb E x^2$ that does not "
        "change any more.",
        "$1-(1-\\eta\\lambda)^2 = \\eta\\lambda(2-\\eta\\lambda)$. The loss is "
        "$\\tfrac\\lambda2a$.",
    ),
    checks=(check_settled,),
    probe=lambda answer: [float(answer(*case)) for case in CASES],
    wrong={
        "square_not_loss": Wrong(
            """
def floor(lr, lam, sigma):
    return lr * sigma**2 / (lam * (2 - lr * lam))
""",
            "That is the mean of $x^2$. The loss is $\\lambda/2$ times that.",
        ),
        "small_rate": Wrong(
            """
def floor(lr, lam, sigma):
    return lr * sigma**2 / 4
""",
            "Right for small rates. What becomes of it as $\\eta\\lambda\\to2$?",
        ),
        "rate_squared": Wrong(
            """
def floor(lr, lam, sigma):
    return lam * lr**2 * sigma**2 / 2
""",
            "That is what a single step brings in. Older noise has not been forgotten yet.",
        ),
    },
    explanation=r"""
$\E x_{k+1}^2=(1-\eta\lambda)^2\,\E x_k^2+\eta^2\sigma^2$ rests at
$\E x^2 = \frac{\eta\sigma^2}{\lambda(2-\eta\lambda)}$, so
$\E f = \frac{\eta\sigma^2}{2(2-\eta\lambda)}$.
For small rates it is $\eta\sigma^2/4$, whatever the curvature: every direction of a bowl holds the
same share of the noise's energy, which physicists call equipartition.
Halving the rate halves the floor; so does doubling the batch.
""",
)
