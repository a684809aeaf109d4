"""Norms of long products, without underflow."""

import torch

from descent.exercises.measure import array, expect, expect_close
from descent.exercises.model import Exercise, Wrong


def factors(seed: int, count: int, scale: float) -> list[torch.Tensor]:
    """Random matrices in single precision."""
    g = torch.Generator().manual_seed(seed)
    return [scale * torch.randn(5, 5, generator=g) for _ in range(count)]


def check_short(product_logs) -> None:
    """Short products agree with multiplying."""
    given = factors(0, 12, 0.4)
    product, want = torch.eye(5, dtype=torch.float64), []
    for matrix in given:
        product = matrix.double() @ product
        want.append(torch.linalg.matrix_norm(product, 2).log())
    got = array(product_logs(given), "the logarithms", (12,))
    expect_close(got, torch.stack(want), "the logarithms", rtol=1e-4, atol=1e-3)


def check_long(product_logs) -> None:
    """Long products stay finite and keep falling."""
    got = array(product_logs(factors(1, 800, 0.1)), "the logarithms of 800 factors", (800,))
    expect(got[-1] < -400, f"800 small factors are far below e^-400; yours was e^{got[-1]:.0f}")


SOLUTION = """
def product_logs(matrices):
    product, scale, logs = torch.eye(len(matrices[0])), 0.0, []
    for matrix in matrices:
        product = matrix @ product
        size = torch.linalg.matrix_norm(product, 2)
        product, scale = product / size, scale + size.log()
        logs.append(scale)
    return torch.stack(logs)
"""

EXERCISE = Exercise(
    id="long_term_dependencies.product_logs",
    kind="code",
    title="Below the smallest number",
    stars=2,
    minutes=15,
    name="product_logs",
    prompt=r"""
Write `product_logs(matrices)`: for square matrices $A_1, A_2, \dots$ in single precision return the
logarithms of the largest singular values of $A_1$, $A_2A_1$, $A_3A_2A_1$, …

It must work for 800 factors whose product is smaller than any number in single precision.
""",
    stub='''
def product_logs(matrices):
    """Return log ‖A_k ... A_1‖ for k = 1, 2, ..."""
    ...
''',
    solution=SOLUTION,
    hints=(
        "The product underflows; its direction does not. Keep them apart.",
        "After each factor divide the product by its norm.",
        "The logarithm of the norm of the whole is the sum of the logarithms that you divided out.",
    ),
    checks=(check_short, check_long),
    probe=lambda answer: answer(factors(2, 6, 0.5)),
    wrong={
        "bound": Wrong(
            """
def product_logs(matrices):
    sizes = [torch.linalg.matrix_norm(m, 2).log() for m in matrices]
    return torch.stack(sizes).cumsum(0)
""",
            "This adds up the norms of the *factors*: an upper bound. The largest direction of one "
            "factor need not meet that of the next.",
        ),
        "only_last": Wrong(
            SOLUTION.replace("scale + size.log()", "size.log()"),
            "You report the growth of each step. Add it to what came before.",
        ),
        "underflow": Wrong(
            """
def product_logs(matrices):
    product, logs = torch.eye(len(matrices[0])), []
    for matrix in matrices:
        product = matrix @ product
        logs.append(torch.linalg.matrix_norm(product, 2).log())
    return torch.stack(logs)
""",
            "After a few hundred factors the product is 0 in single precision, and its logarithm "
            "minus infinity. Take the size out at every step.",
        ),
        "wrong_side": Wrong(
            SOLUTION.replace("matrix @ product", "product @ matrix"),
            "The order: the new factor stands on the *left*.",
        ),
    },
    explanation=r"""
Rescaling costs one division per step and keeps every digit. The sum of logarithms over the number
of steps tends to the largest Lyapunov exponent of the product: for fresh Gaussian matrices
$\log g$ plus a small correction for the width.
""",
)
