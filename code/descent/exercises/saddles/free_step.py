"""Newton's step without the sign."""

import torch

from descent.exercises.measure import array, expect, expect_close
from descent.exercises.model import Exercise, Wrong


def cases() -> list[tuple[torch.Tensor, torch.Tensor]]:
    """Draw Hessians of all indices, and gradients."""
    rng = torch.Generator().manual_seed(2)
    out = []
    for signs in ((1, 1, 1), (1, 1, -1), (1, -1, -1), (-1, -1, -1)):
        q = torch.linalg.qr(torch.randn(3, 3, generator=rng, dtype=torch.float64)).Q
        sizes = torch.tensor([0.5, 2.0, 8.0], dtype=torch.float64)
        values = torch.tensor(signs, dtype=torch.float64) * sizes
        out.append(((q * values) @ q.T, torch.randn(3, generator=rng, dtype=torch.float64)))
    return out


def check_descends(step) -> None:
    """The step goes down at every kind of point."""
    for hessian, grad in cases():
        move = array(step(hessian, grad), "the step", (3,))
        expect(float(move @ grad) < 0, "the slope along the step is negative everywhere")


def check_lengths(step) -> None:
    """Each component is divided by the size of its curvature."""
    for hessian, grad in cases():
        values, vectors = torch.linalg.eigh(hessian)
        move = array(step(hessian, grad), "the step", (3,))
        exact = -vectors.T @ grad / values.abs()
        expect_close(vectors.T @ move, exact, "the step along the eigenvectors")


EXERCISE = Exercise(
    id="saddles.free_step",
    kind="code",
    title="Newton without the sign",
    stars=2,
    minutes=15,
    name="step",
    prompt=r"""
Newton's step $-H^{-1}g$ climbs along directions of negative curvature.

Write `step(hessian, grad)`, the saddle-free step $-\abs{H}^{-1}g$: every component of the gradient
along an eigenvector is divided by the *size* of that eigenvalue. The Hessian is symmetric and
invertible.
""",
    stub='''
def step(hessian, grad):
    """Return the saddle-free Newton step."""
    ...
''',
    solution="""
def step(hessian, grad):
    values, vectors = torch.linalg.eigh(hessian)
    return -vectors @ (vectors.T @ grad / values.abs())
""",
    hints=(
        "$\\abs{H}$ is not the matrix of the sizes of its entries. Use its eigenvectors.",
        "`torch.linalg.eigh` gives eigenvalues and, as columns, eigenvectors.",
        "Turn the gradient into the eigenbasis with `vectors.T`, divide, turn back with `vectors`.",
    ),
    checks=(check_descends, check_lengths),
    probe=lambda answer: [answer(h, g).tolist() for h, g in cases()],
    wrong={
        "newton": Wrong(
            """
def step(hessian, grad):
    return -torch.linalg.solve(hessian, grad)
""",
            "That is Newton's step itself: it goes to the critical point, uphill where the "
            "curvature is negative.",
        ),
        "entries": Wrong(
            """
def step(hessian, grad):
    return -torch.linalg.solve(hessian.abs(), grad)
""",
            "This takes the size of each *entry*. The size of a matrix goes by its eigenvalues.",
        ),
        "ascends": Wrong(
            """
def step(hessian, grad):
    values, vectors = torch.linalg.eigh(hessian)
    return vectors @ (vectors.T @ grad / values.abs())
""",
            "Right size, wrong side: the step goes uphill.",
        ),
        "rows": Wrong(
            """
def step(hessian, grad):
    values, vectors = torch.linalg.eigh(hessian)
    return -vectors.T @ (vectors @ grad / values.abs())
""",
            "The eigenvectors are the *columns*: turn into their basis with the transpose.",
        ),
    },
    explanation=r"""
$\abs{H}=\sum\abs{\lambda_i}q_iq_i^\top$ is positive definite, so $-\abs{H}^{-1}g$ is a direction of
descent everywhere: $-g^\top\abs{H}^{-1}g<0$. Near a minimum it is Newton's step. Beside a saddle it
leaves along a direction of curvature $-\abs\lambda$ by doubling the distance in each step, whatever
$\abs\lambda$ is.
""",
)
