"""The learning rate that a kernel allows."""

import torch

from descent.exercises.measure import expect, number
from descent.exercises.model import Exercise, Wrong
from descent.implicit_bias import relu_kernels


def kernel(n: int) -> torch.Tensor:
    """The tangent kernel of n random inputs."""
    generator = torch.Generator().manual_seed(n)
    return relu_kernels(torch.randn(n, 6, generator=generator, dtype=torch.float64), depth=2).ntk


def error_after(matrix: torch.Tensor, lr: float, steps: int = 2000) -> float:
    """Follow the error of a network with this kernel, from 1 on every example."""
    error = torch.ones(len(matrix), dtype=matrix.dtype)
    for _ in range(steps):
        error = error - lr / len(matrix) * (matrix @ error)
    return float(error.norm())


def check_edge(rate) -> None:
    """A little below, training converges; a little above, it diverges."""
    for n in (5, 30):
        matrix = kernel(n)
        mine = number(rate(matrix), "the rate")
        expect(mine > 0, f"a learning rate is positive; yours was {mine:g}")
        below, above = (error_after(matrix, mine * part) for part in (0.98, 1.02))
        start = n**0.5
        expect(
            below < start,
            f"with {n} examples, 2 % below the largest rate the error shrinks; with yours it went "
            f"from {start:.3g} to {below:.3g}",
        )
        expect(
            above > 10 * start,
            f"with {n} examples, 2 % above the largest rate training diverges; with yours the "
            f"error went from {start:.3g} to {above:.3g}",
        )


EXERCISE = Exercise(
    id="implicit_bias.largest_rate",
    kind="code",
    title="How fast may a wide network learn?",
    stars=2,
    minutes=15,
    name="rate",
    prompt=r"""
A very wide network is trained by gradient descent on $\frac{1}{2n}\sum_i(f(u_i)-y_i)^2$. Its
tangent kernel on the $n$ training inputs is a matrix that you know before training.

Write `rate(kernel)`: the largest learning rate with which training does not diverge.
""",
    stub='''
def rate(kernel):
    """Return the largest stable learning rate."""
    ...
''',
    solution="""
def rate(kernel):
    return 2 * len(kernel) / torch.linalg.eigvalsh(kernel)[-1]
""",
    hints=(
        "Write one step of gradient descent as a step of the vector of outputs.",
        "$f-y$ is multiplied by $I-\\frac\\eta n\\Theta$ in each step.",
        "The largest eigenvalue of $\\Theta$ must satisfy $\\eta\\lambda/n<2$.",
    ),
    checks=(check_edge,),
    probe=lambda answer: [float(answer(kernel(n))) for n in (5, 30)],
    wrong={
        "no_mean": Wrong(
            "def rate(kernel):\n    return 2 / torch.linalg.eigvalsh(kernel)[-1]",
            "That belongs to a loss that is a *sum* over examples. Here it is a mean.",
        ),
        "trace": Wrong(
            "def rate(kernel):\n    return 2 * len(kernel) / kernel.trace()",
            "The trace bounds the largest eigenvalue, so this rate is safe. It is not the largest.",
        ),
        "one": Wrong(
            "def rate(kernel):\n    return len(kernel) / torch.linalg.eigvalsh(kernel)[-1]",
            "At this rate the leading component reaches its target in one step. It may overshoot "
            "and still converge.",
        ),
        "smallest": Wrong(
            "def rate(kernel):\n    return 2 * len(kernel) / torch.linalg.eigvalsh(kernel)[0]",
            "The smallest eigenvalue says how slowly the last component is learned. Which one "
            "diverges first?",
        ),
    },
    explanation=r"""
The nonzero eigenvalues of $\Theta/n=JJ^\top/n$ are those of $J^\top J/n$, the Gauss–Newton part of
the Hessian. So this is the rule $\eta<2/\lambda_{\max}$ of the chapter on conditioning, computed
from an $n\times n$ matrix instead of one as large as the network. A network that is not lazy may
train at a larger rate: its kernel shrinks.
""",
)
