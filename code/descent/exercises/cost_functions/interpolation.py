"""What memorizing costs: the true risk of least squares."""

import torch

from descent.exercises.measure import expect_close, number
from descent.exercises.model import Exercise, Wrong

CASES = ((5, 50, 1.0), (20, 40, 0.5), (1, 10, 2.0), (30, 100, 0.1))


def simulated(dim: int, n: int, variance: float) -> float:
    """True risk, averaged over training sets, with the noise averaged exactly."""
    generator = torch.Generator().manual_seed(0)
    u = torch.randn(4000, n, dim, generator=generator, dtype=torch.float64)
    spread = torch.linalg.inv(u.mT @ u).diagonal(dim1=-2, dim2=-1).sum(-1)
    return variance * (1 + float(spread.mean()))


def check_risk(true_risk) -> None:
    """The closed form is the mean over training sets."""
    for case in CASES:
        mine = number(true_risk(*case), "the true risk")
        what = "the true risk for d = {}, n = {}, σ² = {:g}".format(*case)
        expect_close(mine, simulated(*case), what, rtol=0.02)


EXERCISE = Exercise(
    id="cost_functions.interpolation",
    kind="prove",
    title="The price of a parameter",
    stars=3,
    minutes=30,
    name="true_risk",
    prompt=r"""
Inputs are $u\sim\mathcal N(0,I_d)$, targets $y=w^\top u+\varepsilon$ with noise of variance
$\sigma^2$. Least squares on $n > d+1$ examples gives $\hat w$.

Derive the expected squared error on a *fresh* example, averaged over training sets, and enter it as
`true_risk(d, n, variance)`. You may use that
$\mathbb E\,(U^\top U)^{-1} = \frac{1}{n-d-1}I$ for a matrix $U$ of $n$ such inputs.
It is compared with a simulation.
""",
    stub='''
def true_risk(d, n, variance):
    """Return the mean squared error on fresh examples."""
    ...
''',
    solution="""
def true_risk(d, n, variance):
    return variance * (1 + d / (n - d - 1))
""",
    hints=(
        "Write $\\hat w-w$ in terms of the noise vector: $\\hat w = (U^\\top U)^{-1}U^\\top y$.",
        "A fresh example has error $\\sigma^2+|\\hat w-w|^2$ on average, since its input is "
        "standard normal.",
        "$\\mathbb E|\\hat w-w|^2 = \\sigma^2\\,\\mathbb E\\operatorname{tr}(U^\\top U)^{-1}$, and "
        "the trace has $d$ equal entries.",
    ),
    checks=(check_risk,),
    probe=lambda answer: [float(answer(*case)) for case in CASES],
    wrong={
        "training": Wrong(
            """
def true_risk(d, n, variance):
    return variance * (1 - d / n)
""",
            "That is the expected *training* risk. It falls with every feature.",
        ),
        "fixed_inputs": Wrong(
            """
def true_risk(d, n, variance):
    return variance * (1 + d / n)
""",
            "That is the error at the *same inputs* with fresh noise. A fresh input can point "
            "where the training inputs did not.",
        ),
        "no_noise": Wrong(
            """
def true_risk(d, n, variance):
    return variance * d / (n - d - 1)
""",
            "This is the distance of the weights. The fresh example has noise of its own.",
        ),
    },
    explanation=r"""
$\hat w-w=(U^\top U)^{-1}U^\top\varepsilon$, so
$\mathbb E|\hat w-w|^2=\sigma^2\,\mathbb E\operatorname{tr}(U^\top U)^{-1}=\sigma^2\frac{d}{n-d-1}$.
The fresh example adds $\sigma^2$. Training risk is $\sigma^2(1-d/n)$: the same $d$ that lowers the
one raises the other, and near $d=n$ the true risk has no bound while the training risk is zero.
""",
)
