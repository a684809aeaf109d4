"""The best step along a noisy gradient."""

import torch

from descent.exercises.measure import expect_close, number
from descent.exercises.model import Exercise, Wrong

CASES = (
    (1.0, 2.0, 30.0, 1.0),
    (1.0, 2.0, 30.0, 15.0),
    (4.0, 0.5, 8.0, 1000.0),
    (0.1, 1.0, 0.0, 8.0),
)


def best(gg: float, curved: float, noise: float, batch: float) -> float:
    """Largest expected gain, by a search over learning rates."""
    top = 3 * gg / (curved + noise / batch)
    rates = torch.linspace(0, top, 200_001, dtype=torch.float64)
    return float((rates * gg - rates**2 / 2 * (curved + noise / batch)).max())


def check_search(gain) -> None:
    """The closed form is the largest value of the search."""
    for case in CASES:
        mine = number(gain(*case), "the gain")
        expect_close(mine, best(*case), f"the largest gain for {case}", rtol=1e-6)


EXERCISE = Exercise(
    id="mini_batching.best_gain",
    kind="prove",
    title="The best step along a guess",
    stars=2,
    minutes=20,
    name="gain",
    prompt=r"""
A step along the gradient $\hat g$ of a batch of $B$ examples, drawn with replacement, on a
quadratic with Hessian $H$. One example's gradient has the mean $g$ and the covariance $\Sigma$.

1. Show that the loss falls on average by
   $\eta\,g^\top g - \tfrac{\eta^2}{2}\bigl(g^\top Hg + \tr(H\Sigma)/B\bigr)$.
2. Find the best learning rate, and the largest average gain.

Enter the largest gain as `gain(gg, gHg, trHS, B)`, with `gg` for $g^\top g$, `gHg` for $g^\top Hg$
and `trHS` for $\tr(H\Sigma)$; it is compared with a search over learning rates.
""",
    stub='''
def gain(gg, gHg, trHS, B):
    """Return the largest average gain of one step."""
    ...
''',
    solution="""
def gain(gg, gHg, trHS, B):
    return gg**2 / (2 * (gHg + trHS / B))
""",
    hints=(
        "Expand $f(x-\\eta\\hat g)$ to second order: on a quadratic nothing else is there.",
        "$\\mathbb E\\,\\hat g^\\top H\\hat g = g^\\top Hg + \\operatorname{tr}(H\\Sigma)/B$, "
        "because $\\hat g\\hat g^\\top$ has the mean $gg^\\top+\\Sigma/B$.",
        "A parabola in $\\eta$: its top is at $\\eta = g^\\top g / (\\dots)$.",
    ),
    checks=(check_search,),
    probe=lambda answer: [float(answer(*case)) for case in CASES],
    wrong={
        "no_half": Wrong(
            """
def gain(gg, gHg, trHS, B):
    return gg**2 / (gHg + trHS / B)
""",
            "At the best rate the curvature takes back half of what the slope gives.",
        ),
        "noise_undivided": Wrong(
            """
def gain(gg, gHg, trHS, B):
    return gg**2 / (2 * (gHg + trHS))
""",
            "A batch of $B$ has $1/B$ of one example's covariance.",
        ),
        "noise_in_front": Wrong(
            """
def gain(gg, gHg, trHS, B):
    return (gg + trHS / B) ** 2 / (2 * (gHg + trHS / B))
""",
            "Noise has mean zero: on average it does not contribute to the slope, only to the "
            "curvature that a step meets.",
        ),
        "root": Wrong(
            """
def gain(gg, gHg, trHS, B):
    return gg**2 / (2 * (gHg + trHS / B**0.5))
""",
            "The *length* of the noise falls with the root of $B$; here its square enters.",
        ),
    },
    explanation=r"""
$f(x-\eta\hat g) = f - \eta\,g^\top\hat g + \tfrac{\eta^2}2\hat g^\top H\hat g$ exactly, and the
mean of $\hat g\hat g^\top$ is $gg^\top + \Sigma/B$.
The parabola has its top at $\eta^\star = g^\top g/(g^\top Hg+\tr(H\Sigma)/B)$ with the value
$\tfrac12\eta^\star g^\top g$.
Write $B_{\text{noise}}=\tr(H\Sigma)/g^\top Hg$ and it is $\Delta_{\max}/(1+B_{\text{noise}}/B)$:
for small batches proportional to $B$, for large ones constant. The best rate has the same bend,
which is the linear scaling rule and its end.
""",
)
