"""A Hessian-vector product that never makes a Hessian."""

import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode

from descent.exercises.measure import array, expect, expect_close
from descent.exercises.model import Exercise, Wrong


def valley(x: Tensor) -> Tensor:
    """A function of any dimension whose Hessian changes from place to place."""
    return torch.logsumexp(3 * x, 0) + (x[1:] - x[:-1] ** 2).square().sum()


def bowl(x: Tensor) -> Tensor:
    """Curvatures 1, 2, 3, ... along the axes."""
    return 0.5 * (torch.arange(1, len(x) + 1, dtype=x.dtype) * x * x).sum()


def cases() -> list[tuple]:
    """Function, point and vector, with and without third derivatives."""
    generator = torch.Generator().manual_seed(11)
    return [
        (f, *torch.randn(2, dim, dtype=torch.float64, generator=generator))
        for f, dim in ((bowl, 3), (valley, 5), (valley, 12))
    ]


class Watch(TorchDispatchMode):
    """Count operations and remember the largest array that was made."""

    def __init__(self) -> None:
        super().__init__()
        self.largest, self.operations = 0, 0

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        """Run the operation and look at what it returns."""
        out = func(*args, **(kwargs or {}))
        self.operations += 1
        if isinstance(out, Tensor):
            self.largest = max(self.largest, out.numel())
        return out


def watched(hvp, dim: int = 64) -> Watch:
    """Run one product in a space where a Hessian would be conspicuous."""
    x, v = torch.linspace(-1, 1, 2 * dim, dtype=torch.float64).reshape(2, dim)
    with Watch() as watch:
        hvp(valley, x.clone(), v.clone())
    return watch


def check_product(hvp) -> None:
    """The product is exact."""
    for f, x, v in cases():
        got = array(hvp(f, x.clone(), v.clone()), "Hv", x.shape)
        want = torch.autograd.functional.hessian(f, x) @ v
        expect_close(got, want, f"Hv for the function `{f.__name__}`", rtol=1e-9)


def check_cost(hvp) -> None:
    """No Hessian is made, neither at once nor row by row."""
    watch = watched(hvp)
    expect(
        watch.largest < 64 * 64 and watch.operations < 400,
        "a product in 64 dimensions needs no array of 4096 numbers and few operations; yours made "
        f"one of {watch.largest} in {watch.operations} operations",
    )


def makes_hessian(hvp) -> bool:
    """Say whether a right product was bought with a whole Hessian."""
    check_product(hvp)
    watch = watched(hvp)
    return watch.largest >= 64 * 64 or watch.operations >= 400


def lost_graph(hvp) -> bool:
    """Say whether the second derivative fails because the first kept no graph."""
    try:
        hvp(*cases()[1])
    except RuntimeError as error:
        return "does not require grad" in str(error)
    return False


EXERCISE = Exercise(
    id="ill_conditioning.hessian_vector",
    kind="code",
    title="Curvature without the Hessian",
    stars=2,
    minutes=15,
    name="hvp",
    prompt=r"""
A network with a million weights has a Hessian with $10^{12}$ entries.
Yet the curvature along one direction $v$ needs only the product $Hv$, and that costs about as much
as two gradients.

Write `hvp(f, x, v)`: the exact product of the Hessian of `f` at `x` with `v`.
`f` maps a vector to a number. Never make an array of the size of the Hessian.
""",
    stub='''
def hvp(f, x, v):
    """Return the Hessian of f at x times v, as a vector."""
    ...
''',
    solution="""
def hvp(f, x, v):
    x = x.detach().requires_grad_()
    (g,) = torch.autograd.grad(f(x), x, create_graph=True)
    (product,) = torch.autograd.grad(g @ v, x)
    return product
""",
    hints=(
        "$Hv$ is the derivative of something that you can compute with one gradient. Of what?",
        "For a fixed $v$, $\\nabla(g^\\top v) = Hv$: differentiate the number $g^\\top v$.",
        "The first `torch.autograd.grad` needs `create_graph=True`, so that its result can be "
        "differentiated again.",
    ),
    checks=(check_product, check_cost),
    probe=lambda answer: torch.cat([answer(f, x.clone(), v.clone()) for f, x, v in cases()]),
    wrong={
        "full_hessian": Wrong(
            """
def hvp(f, x, v):
    return torch.autograd.functional.hessian(f, x) @ v
""",
            "The numbers are right, the price is not: this makes the whole Hessian and then uses "
            "one product of it.",
            like=makes_hessian,
        ),
        "no_graph": Wrong(
            """
def hvp(f, x, v):
    x = x.detach().requires_grad_()
    (g,) = torch.autograd.grad(f(x), x)
    return torch.autograd.grad(g @ v, x)[0]
""",
            "The gradient came back as plain numbers: nothing remembers how it depends on $x$. "
            "Ask the first differentiation to keep its graph.",
            like=lost_graph,
        ),
        "elementwise": Wrong(
            """
def hvp(f, x, v):
    x = x.detach().requires_grad_()
    (g,) = torch.autograd.grad(f(x), x)
    return g * v
""",
            "This is the gradient times $v$, entry by entry. No second derivative has been taken: "
            "add a linear function to $f$ and your answer changes, while $Hv$ does not.",
        ),
        "large_difference": Wrong(
            """
def hvp(f, x, v):
    def gradient(y):
        y = y.detach().requires_grad_()
        return torch.autograd.grad(f(y), y)[0]

    return (gradient(x + 0.1 * v) - gradient(x)) / 0.1
""",
            "A finite difference with a step this long also picks up third derivatives: it is "
            "exact "
            "on the bowl only. A shorter step loses digits instead; differentiating loses none.",
        ),
        "quadratic_form": Wrong(
            """
def hvp(f, x, v):
    x = x.detach().requires_grad_()
    (g,) = torch.autograd.grad(f(x), x, create_graph=True)
    return torch.autograd.grad(g @ g, x)[0]
""",
            "Differentiating $g^\\top g$ gives $2Hg$: the product with the gradient, doubled. "
            "Contract the gradient with $v$ instead.",
        ),
    },
    explanation=r"""
With $v$ held fixed, $\partial_i (g^\top v) = \sum_j \partial_i\partial_j f\, v_j = (Hv)_i$.
The inner gradient is a graph of operations like any other, so it can be differentiated in turn.
One forward pass, one backward pass through the function and one through its gradient: the cost does
not grow with the square of the dimension.
""",
)
