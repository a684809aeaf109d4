"""Inner products of gradients without gradients."""

import torch

from descent.exercises.measure import expect_close, number
from descent.exercises.model import Exercise, Wrong


def draw(n: int, m: int) -> tuple[torch.Tensor, ...]:
    """Inputs and returned errors of a layer for two examples."""
    generator = torch.Generator().manual_seed(n)
    return tuple(torch.randn(k, generator=generator).double() for k in (m, n, m, n))


def check_small(inner) -> None:
    """The answer is the inner product of the two gradients."""
    for n, m in ((3, 4), (5, 2)):
        a, d, b, e = draw(n, m)
        exact = (torch.outer(d, a) * torch.outer(e, b)).sum()
        mine = number(inner(a, d, b, e), "the inner product")
        expect_close(mine, exact, f"the inner product of two {n} × {m} gradients")


def check_large(inner) -> None:
    """A layer with a trillion weights."""
    a, d, b, e = draw(1_000_000, 1_000_001)
    mine = number(inner(a, d, b, e), "the inner product")
    expect_close(mine, (a @ b) * (d @ e), "the inner product in a layer of a trillion weights")


EXERCISE = Exercise(
    id="implicit_bias.outer_products",
    kind="prove",
    title="Gradients that nobody forms",
    stars=1,
    minutes=10,
    name="inner",
    prompt=r"""
A layer $z=Wa$ with $W$ of shape $n\times m$ receives $a$ from below and $\delta=\partial f/\partial
z$ from above. For a second example it receives $a'$ and $\delta'$.

Show that the two gradients with respect to $W$ have an inner product that can be computed with
$n+m$ multiplications and one more. Enter it as `inner(a, delta, other_a, other_delta)`. It is tried
on a layer with a trillion weights.
""",
    stub='''
def inner(a, delta, other_a, other_delta):
    """Return the inner product of the gradients of two examples."""
    ...
''',
    solution="""
def inner(a, delta, other_a, other_delta):
    return (a @ other_a) * (delta @ other_delta)
""",
    hints=(
        "Write the entry $(i,j)$ of the gradient with the chain rule.",
        "$\\partial f/\\partial W_{ij}=\\delta_ia_j$. Sum $\\delta_ia_j\\,\\delta'_ia'_j$ over "
        "both indices.",
        "The double sum is a product of two sums.",
    ),
    checks=(check_small, check_large),
    probe=lambda answer: [float(answer(*draw(n, m))) for n, m in ((3, 4), (5, 2))],
    wrong={
        "sum": Wrong(
            "def inner(a, delta, b, e):\n    return (a @ b) + (delta @ e)",
            "A sum over pairs of indices of a product factors into a *product* of sums.",
        ),
        "activations": Wrong(
            "def inner(a, delta, b, e):\n    return a @ b",
            "That is the kernel if only the next layer's weights mattered. What came back from "
            "above is missing.",
        ),
        "errors": Wrong(
            "def inner(a, delta, b, e):\n    return delta @ e",
            "That is what a bias contributes. The weights see the inputs as well.",
        ),
    },
    explanation=r"""
$\sum_{ij}\delta_ia_j\delta'_ia'_j=\bigl(\sum_i\delta_i\delta'_i\bigr)\bigl(\sum_ja_ja'_j\bigr)$.
For $N$ examples this is an elementwise product of two $N\times N$ matrices, each of which is one
matrix product. So the tangent kernel of a layer costs as much as two layers, and not as much as a
gradient for each example.
""",
)
