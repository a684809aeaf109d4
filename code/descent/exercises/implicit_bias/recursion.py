"""The tangent kernel of an infinitely wide network."""

import torch

from descent.exercises.measure import expect_close, number
from descent.exercises.model import Exercise, Wrong
from descent.implicit_bias import relu_kernels


def draw(seed: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Two inputs of different lengths."""
    generator = torch.Generator().manual_seed(seed)
    u, v = torch.randn(2, 4, generator=generator, dtype=torch.float64)
    return u, 2 * v


def check_unit(ntk) -> None:
    """Inputs of length 1."""
    u, v = (x / x.norm() for x in draw(0))
    for depth in (1, 3):
        exact = relu_kernels(torch.stack((u, v)), depth=depth).ntk[0, 1]
        mine = number(ntk(u, v, depth), "the kernel")
        expect_close(mine, exact, f"the kernel of unit inputs with depth {depth}")


def check_lengths(ntk) -> None:
    """Inputs of any length, and an input with itself."""
    u, v = draw(1)
    for a, b in ((u, v), (v, v)):
        exact = relu_kernels(torch.stack((a, b)), depth=2).ntk[0, 1]
        mine = number(ntk(a, b, 2), "the kernel")
        expect_close(mine, exact, "the kernel of inputs of other lengths", rtol=1e-5)


SOLUTION = """
import math


def ntk(u, v, depth):
    size = float(u.norm() * v.norm())
    sigma = theta = float(u @ v) / size
    for _ in range(depth):
        angle = math.acos(max(-1.0, min(1.0, sigma)))
        slope = 1 - angle / math.pi
        sigma = math.sin(angle) / math.pi + sigma * slope
        theta = theta * slope + sigma
    return size * theta
"""

EXERCISE = Exercise(
    id="implicit_bias.recursion",
    kind="code",
    title="A network of infinite width in ten lines",
    stars=2,
    minutes=20,
    name="ntk",
    prompt=r"""
Write `ntk(u, v, depth)`: the tangent kernel of an infinitely wide ReLU network with `depth` hidden
layers, for two vectors of *any* length. The scale is that of the chapter, so `ntk(u, u, depth)` is
$(\text{depth}+1)\abs u^2$.

Mind the rounding of correlations that should be 1.
""",
    stub='''
def ntk(u, v, depth):
    """Return the tangent kernel of two inputs."""
    ...
''',
    solution=SOLUTION,
    hints=(
        "A ReLU lets a positive factor through. So what does the length of an input do to the "
        "output, and what to the kernel?",
        "Divide by both lengths, run the recursion of the chapter on the correlation, and multiply "
        "by both lengths at the end.",
        "In each layer: $\\theta\\leftarrow\\theta\\,\\kappa_0(\\sigma)+\\kappa_1(\\sigma)$ and "
        "$\\sigma\\leftarrow\\kappa_1(\\sigma)$, both with the *old* $\\sigma$ inside.",
    ),
    checks=(check_unit, check_lengths),
    probe=lambda answer: [float(answer(*draw(s), depth)) for s in (0, 1) for depth in (1, 2)],
    wrong={
        "new_slope": Wrong(
            SOLUTION.replace(
                "        slope = 1 - angle / math.pi\n"
                "        sigma = math.sin(angle) / math.pi + sigma * slope\n",
                "        sigma = math.sin(angle) / math.pi + sigma * (1 - angle / math.pi)\n"
                "        slope = 1 - math.acos(max(-1.0, min(1.0, sigma))) / math.pi\n",
            ),
            "The slopes belong to the pre-activations *before* this layer's ReLU: use the old "
            "correlation.",
        ),
        "covariance": Wrong(
            SOLUTION.replace("return size * theta", "return size * sigma"),
            "This is the covariance of the outputs, the kernel of training the last layer alone.",
        ),
        "no_lengths": Wrong(
            SOLUTION.replace("return size * theta", "return theta"),
            "Right for inputs of length 1. The function is proportional to the length of its "
            "input, and so is its gradient.",
        ),
        "product_only": Wrong(
            SOLUTION.replace("theta * slope + sigma", "theta * slope"),
            "Each layer has weights of its own, which add their part.",
        ),
    },
    explanation=r"""
Without biases a ReLU network is homogeneous: $f(cu)=cf(u)$ for $c>0$, and the gradient with respect
to the weights is proportional to $c$ as well. So lengths can be taken out, and what travels through
the layers is one number, the correlation. Near 1 the derivative of $\arccos$ is infinite: an error
of $10^{-16}$ in $\sigma$ becomes one of $10^{-8}$ in the kernel, and in single precision one of
$10^{-3}$.
""",
)
