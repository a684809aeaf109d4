"""Steepest steps, and the slope of a product of factors."""

import torch

from descent.exercises.measure import array, expect, expect_close
from descent.exercises.model import Exercise, NotYet, Wrong

ORDERS = {"sum": 1.0, "euclidean": 2.0, "largest": float("inf")}


def slopes() -> list[torch.Tensor]:
    """Gradients without ties."""
    rng = torch.Generator().manual_seed(4)
    return [torch.randn(d, generator=rng, dtype=torch.float64) for d in (2, 5, 8)]


def check_length(step) -> None:
    """Each step has length 1 in its own norm."""
    for grad in slopes():
        for name, order in ORDERS.items():
            mine = array(step(grad, name), "the step", grad.shape)
            size = float(torch.linalg.vector_norm(mine, order))
            expect(
                abs(size - 1) < 1e-6,
                f"the step for {name!r} has length 1 in that norm; yours has {size:.4g}",
            )


def check_steepest(step) -> None:
    """No step of length 1 goes down further."""
    dual = {"sum": float("inf"), "euclidean": 2.0, "largest": 1.0}
    for grad in slopes():
        for name, order in dual.items():
            mine = array(step(grad, name), "the step", grad.shape)
            best = -torch.linalg.vector_norm(grad, order)
            expect_close(grad @ mine, best, f"what the step for {name!r} gains")


STEP = """
def step(grad, norm):
    if norm == "euclidean":
        return -grad / grad.norm()
    if norm == "largest":
        return -torch.sign(grad)
    out = torch.zeros_like(grad)
    j = grad.abs().argmax()
    out[j] = -torch.sign(grad[j])
    return out
"""

STEEPEST = Exercise(
    id="implicit_bias.steepest",
    kind="code",
    title="Steepest, but in which norm?",
    stars=2,
    minutes=20,
    name="step",
    prompt=r"""
Among all steps of length 1, return the one that lowers the loss most to first order.
Length is the `"sum"` of the coordinates' sizes, `"euclidean"`, or the `"largest"` coordinate.
Write `step(grad, norm)`.
""",
    stub='''
def step(grad, norm):
    """Return the steepest step of length 1, the shape of grad."""
    ...
''',
    solution=STEP,
    hints=(
        "You minimize $g\\T\\Delta$ with a budget for $\\Delta$. Where is the budget spent best?",
        "With the largest coordinate as the length, every coordinate may move by 1.",
        "With the sum, all of the budget goes to the largest slope.",
    ),
    checks=(check_length, check_steepest),
    probe=lambda answer: [
        v for g in slopes() for n in ORDERS for v in array(answer(g, n), "the step").tolist()
    ],
    wrong={
        "uphill": Wrong(
            STEP.replace("-torch.sign(grad)\n", "torch.sign(grad)\n")
            .replace("-grad /", "grad /")
            .replace("-torch.sign(grad[j])", "torch.sign(grad[j])"),
            "That is the steepest way up.",
        ),
        "one_for_all": Wrong(
            "def step(grad, norm):\n    order = {'sum': 1, 'euclidean': 2, 'largest': "
            "float('inf')}[norm]\n    return -grad / torch.linalg.vector_norm(grad, order)",
            "The lengths are right, the directions are not: it depends on the norm.",
        ),
        "swapped": Wrong(
            STEP.replace('"largest"', '"sum"'),
            "With the sum as the length a sign step has length d. Which rule moves one coordinate?",
        ),
    },
    explanation=r"""
Normalized gradient, sign, and the single largest coordinate. What a step gains is the *dual* norm
of the gradient: largest coordinate, Euclidean, sum. Each rule widens the margin of its own norm.
""",
)


def stacks() -> list[tuple[list[torch.Tensor], torch.Tensor]]:
    """Factors and the residual of their product, in two depths."""
    rng = torch.Generator().manual_seed(6)
    drawn = [torch.randn(n + 1, 4, 4, generator=rng, dtype=torch.float64) for n in (2, 3, 4)]
    return [(list(one[:-1]), one[-1]) for one in drawn]


def check_slopes(grads) -> None:
    """Compare with automatic differentiation."""
    for factors, residual in stacks():
        mine = grads(factors, residual)
        if mine is None:
            raise NotYet
        expect(
            len(list(mine)) == len(factors),
            f"there is one gradient for each of the {len(factors)} factors; you gave {len(mine)}",
        )
        leaves = [f.clone().requires_grad_() for f in factors]
        product = leaves[0]
        for factor in leaves[1:]:
            product = factor @ product
        wanted = torch.autograd.grad((residual * product).sum(), leaves)
        for i, (got, want) in enumerate(zip(mine, wanted, strict=True), 1):
            got = array(got, f"the gradient of W{i}", want.shape)
            expect_close(got, want, f"the gradient of W{i} of {len(factors)}")


GRADS = """
def grads(factors, residual):
    out = []
    for i in range(len(factors)):
        left = residual
        for upper in reversed(factors[i + 1 :]):
            left = upper.T @ left
        for lower in factors[:i]:
            left = left @ lower.T
        out.append(left)
    return out
"""

# The transposes of the lower factors in the wrong order.
SHUFFLED = GRADS.replace("in factors[:i]", "in reversed(factors[:i])")

SLOPES = Exercise(
    id="implicit_bias.slopes",
    kind="code",
    title="Through a product",
    stars=2,
    minutes=20,
    name="grads",
    prompt=r"""
$W=W_N\cdots W_1$ and $R=\nabla L(W)$. Return the gradients by each factor, in the order of the
list: `grads(factors, residual)` with `factors` $=[W_1,\dots,W_N]$.
""",
    stub='''
def grads(factors, residual):
    """Return a list of gradients, one for each factor."""
    ...
''',
    solution=GRADS,
    hints=(
        "Write $\\inner{R}{W_N\\cdots W_i\\cdots W_1}$ and move everything but $W_i$ to the left "
        "side.",
        "$\\inner{R}{BWC}=\\inner{B\\T RC\\T}{W}$.",
        "$B=W_N\\cdots W_{i+1}$, so $B\\T=W_{i+1}\\T\\cdots W_N\\T$.",
    ),
    checks=(check_slopes,),
    probe=lambda answer: [
        float(v) for p in stacks() for g in answer(*p) for v in torch.as_tensor(g).flatten()
    ],
    wrong={
        "order": Wrong(
            SHUFFLED,
            "With two factors it is right. With three the transposes must come in reverse order.",
        ),
        "no_transpose": Wrong(
            GRADS.replace("upper.T", "upper").replace("lower.T", "lower"),
            "Moving a factor to the other side of an inner product transposes it.",
        ),
    },
    explanation=r"""
$(W_N\cdots W_{i+1})\T R\,(W_{i-1}\cdots W_1)\T$. The other factors act as a preconditioner that
depends on the point, and it is small where the product is small. All of the chapter's second half
follows from that.
""",
)
