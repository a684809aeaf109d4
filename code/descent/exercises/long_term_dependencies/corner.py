"""The transient of a matrix with a double eigenvalue, in closed form."""

import torch

from descent.exercises.measure import expect_close, number
from descent.exercises.model import Exercise, Wrong

CASES = ((0.9, 10.0, 1), (0.9, 10.0, 9), (0.5, 3.0, 4), (1.0, 0.1, 50), (0.99, 2.0, 100))


def power(lam: float, c: float, t: int) -> float:
    """The entry in the corner, by multiplying."""
    w = torch.tensor([[lam, c], [0.0, lam]], dtype=torch.float64)
    return float(torch.linalg.matrix_power(w, t)[0, 1])


def check_corner(corner) -> None:
    """The closed form is the entry of the power."""
    for case in CASES:
        mine = number(corner(*case), "the entry")
        what = "the entry for λ = {:g}, c = {:g}, t = {:d}".format(*case)
        expect_close(mine, power(*case), what, rtol=1e-9)


EXERCISE = Exercise(
    id="long_term_dependencies.corner",
    kind="prove",
    title="Growth that the eigenvalues hide",
    stars=1,
    minutes=10,
    name="corner",
    prompt=r"""
Let $W=\begin{pmatrix}\lambda&c\\0&\lambda\end{pmatrix}$. Its eigenvalues do not depend on $c$.

1. Derive the entry in the upper right corner of $W^t$, and enter it as `corner(lam, c, t)`.
2. At which $t$ is it largest, for $\lambda<1$? How does the peak grow as $\lambda\to1$?

Your formula is compared with products of the matrix.
""",
    stub='''
def corner(lam, c, t):
    """Return the upper right entry of the t-th power."""
    ...
''',
    solution="""
def corner(lam, c, t):
    return t * c * lam ** (t - 1)
""",
    hints=(
        "Write $W=\\lambda I+cN$. What is $N^2$?",
        "$N^2=0$, so only two terms of the binomial formula are left.",
        "$W^t=\\lambda^tI+t\\lambda^{t-1}cN$.",
    ),
    checks=(check_corner,),
    probe=lambda answer: [float(answer(*case)) for case in CASES],
    wrong={
        "entrywise": Wrong(
            "def corner(lam, c, t):\n    return c**t\n",
            "A power of a matrix is not the matrix of the powers.",
        ),
        "one_too_many": Wrong(
            "def corner(lam, c, t):\n    return t * c * lam**t\n",
            "Count the factors: one of the $t$ factors is $c$, so how many are $\\lambda$?",
        ),
        "no_count": Wrong(
            "def corner(lam, c, t):\n    return c * lam ** (t - 1)\n",
            "The step through $c$ may happen at any of the $t$ factors. Add up all ways.",
        ),
    },
    explanation=r"""
With $W=\lambda I+cN$ and $N^2=0$ the binomial formula has two terms, and the corner is
$t\,c\,\lambda^{t-1}$. It is largest near $t=-1/\log\lambda$, about $1/(1-\lambda)$, where it is
$c\,/\,(e(1-\lambda))$ to leading order: a spectral radius of 0.99 allows peaks ten times as high as
one of 0.9, and as late.
""",
)
