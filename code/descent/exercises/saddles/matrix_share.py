"""How often is a random symmetric matrix positive definite?"""

import math

from descent.exercises.measure import expect, number
from descent.exercises.model import Exercise, Wrong

EXACT = {2: (2 - 2**0.5) / 4, 3: (math.pi - 2 * 2**0.5) / (4 * math.pi)}
COUNT = 40_000


def check_between(share) -> None:
    """It is a probability."""
    for n in EXACT:
        value = number(share(n, 500, 0), "the share")
        expect(0 <= value <= 1, f"the share lies in [0, 1]; for n = {n} it was {value:g}")


def check_exact(share) -> None:
    """It agrees with the closed forms."""
    for n, exact in EXACT.items():
        value = number(share(n, COUNT, 1), "the share")
        error = (exact * (1 - exact) / COUNT) ** 0.5
        expect(
            abs(value - exact) < 5 * error,
            f"for n = {n} the share is {exact:.4f} within sampling error; yours was {value:.4f}",
        )


SOLUTION = """
def share(n, count, seed):
    generator = torch.Generator().manual_seed(seed)
    A = torch.randn(count, n, n, generator=generator, dtype=torch.float64)
    G = (A + A.mT) / 2**0.5
    return (torch.linalg.eigvalsh(G) > 0).all(-1).double().mean()
"""

EXERCISE = Exercise(
    id="saddles.matrix_share",
    kind="replicate",
    title="Coins that repel each other",
    stars=2,
    minutes=20,
    name="share",
    prompt=r"""
If the signs of $n$ eigenvalues were independent coins, all of them would be positive with
probability $2^{-n}$. Replicate the first two rows of the chapter's table for Gaussian matrices.

Write `share(n, count, seed)`: draw `count` symmetric matrices whose entries are normal with
variance 1 off the diagonal and 2 on it, and return the share of those with all eigenvalues
positive. It is compared with the closed forms for $n=2$ and $n=3$.
""",
    stub='''
def share(n, count, seed):
    """Return the share of Gaussian matrices that are positive definite."""
    ...
''',
    solution=SOLUTION,
    hints=(
        "Start with a matrix $A$ of independent standard normal entries and make it symmetric.",
        "$(A+A^\\top)/\\sqrt2$ has the right variances, on and off the diagonal.",
        "`torch.linalg.eigvalsh` takes the whole batch of matrices; then `(values > 0).all(-1)`.",
    ),
    checks=(check_between, check_exact),
    probe=lambda answer: [float(answer(n, 4000, 3)) for n in (2, 3)],
    wrong={
        "coins": Wrong(
            """
def share(n, count, seed):
    generator = torch.Generator().manual_seed(seed)
    signs = torch.randn(count, n, generator=generator)
    return (signs > 0).all(-1).double().mean()
""",
            "These are independent signs. The eigenvalues of one matrix are not independent: "
            "draw matrices.",
        ),
        "diagonal": Wrong(
            """
def share(n, count, seed):
    generator = torch.Generator().manual_seed(seed)
    A = torch.randn(count, n, n, generator=generator, dtype=torch.float64)
    G = torch.triu(A) + torch.triu(A, 1).mT
    return (torch.linalg.eigvalsh(G) > 0).all(-1).double().mean()
""",
            "Your diagonal has variance 1. It must be 2, so that the law does not depend on the "
            "choice of axes.",
        ),
        "not_symmetric": Wrong(
            """
def share(n, count, seed):
    generator = torch.Generator().manual_seed(seed)
    A = torch.randn(count, n, n, generator=generator, dtype=torch.float64)
    return (torch.linalg.eigvals(A).real > 0).all(-1).double().mean()
""",
            "A Hessian is symmetric. Make the matrix symmetric before you take eigenvalues.",
        ),
        "determinant": Wrong(
            SOLUTION.replace("(torch.linalg.eigvalsh(G) > 0).all(-1)", "(torch.linalg.det(G) > 0)"),
            "A positive determinant allows an even number of negative eigenvalues.",
        ),
    },
    explanation=r"""
0.1464 for $n=2$ and 0.0249 for $n=3$, where coins would give 0.25 and 0.125. The density of the
eigenvalues contains $\prod\abs{\lambda_i-\lambda_j}$: they repel each other, and to have all on one
side they must be squeezed together. For large $n$ the probability falls like
$e^{-\frac{\ln3}{4}n^2}$.
But a Hessian at a *critical point* of a random field follows another law, which brings the number
back to nearly $2^{-n}$.
""",
)
