"""The momentum at which one component shrinks fastest."""

import torch

from descent.exercises.measure import expect, expect_close, number
from descent.exercises.model import Exercise, Wrong

PRODUCTS = (0.01, 0.04, 0.25, 0.9, 1.44, 2.25)


def rate(product: float, beta: torch.Tensor) -> torch.Tensor:
    """Factor per step of the heavy ball, for each momentum."""
    half = (1 + beta - product) / 2
    inside = half**2 - beta
    real = half.abs() + inside.clamp(min=0).sqrt()
    return torch.where(inside < 0, beta.sqrt(), real)


def check_fastest(critical) -> None:
    """No other momentum shrinks the component faster."""
    grid = torch.linspace(0, 0.9999, 10_001, dtype=torch.float64)
    for product in PRODUCTS:
        beta = number(critical(product), "the momentum")
        expect(0 <= beta < 1, f"the momentum lies in [0, 1); for ηλ = {product:g} it was {beta:g}")
        mine = float(rate(product, torch.tensor(beta, dtype=torch.float64)))
        best = float(rate(product, grid).min())
        expect(
            mine <= best + 2e-3,
            f"no other momentum is faster at ηλ = {product:g}; yours of {beta:.4g} has the factor "
            f"{mine:.4g}, another {best:.4g}",
        )


def check_double(critical) -> None:
    """The two roots meet there."""
    for product in PRODUCTS:
        beta = number(critical(product), "the momentum")
        inside = ((1 + beta - product) / 2) ** 2 - beta
        expect_close(inside, 0.0, f"what stands under the root at ηλ = {product:g}", atol=1e-9)


EXERCISE = Exercise(
    id="momentum.critical",
    kind="prove",
    title="Critically damped",
    stars=2,
    minutes=15,
    name="critical",
    prompt=r"""
The heavy ball multiplies a component by the longer root of $r^2-(1+\beta-p)\,r+\beta=0$ per step,
with $p=\eta\lambda$ fixed, $0<p<4$.

1. Prove that this length falls while the roots are real, and rises once they are complex, as
   $\beta$ grows from 0.
2. So it is smallest where the roots meet. Find that $\beta$ in closed form.

Enter it as `critical(p)`; it is compared with a search over momenta.
""",
    stub='''
def critical(p):
    """Return the momentum with the fastest decay at p = lr * curvature."""
    ...
''',
    solution="""
def critical(p):
    return (1 - p**0.5) ** 2
""",
    hints=(
        "The roots meet where the discriminant vanishes: $(1+\\beta-p)^2 = 4\\beta$.",
        "Take the square root of both sides and write $b = \\sqrt\\beta$: $1 + b^2 - p = \\pm 2b$.",
        "$(1 \\mp b)^2 = p$. Solve for $b$, and keep the $b$ below 1.",
    ),
    checks=(check_fastest, check_double),
    probe=lambda answer: [float(answer(product)) for product in PRODUCTS],
    wrong={
        "not_squared": Wrong(
            """
def critical(p):
    return abs(1 - p**0.5)
""",
            "That is the *factor* at the critical momentum, $|1-\\sqrt p|$. It equals "
            "$\\sqrt\\beta$; the momentum itself is one step further.",
        ),
        "no_root": Wrong(
            """
def critical(p):
    return (1 - p) ** 2 if p < 1 else (p - 1) ** 2 / 2
""",
            "Close to what plain descent does, $1-p$. The discriminant is quadratic in "
            "$\\sqrt\\beta$, so the root of $p$ comes in, not $p$.",
        ),
        "nesterov": Wrong(
            """
def critical(p):
    return (1 - p**0.5) / (1 + p**0.5)
""",
            "This is the critical momentum of Nesterov's method. The heavy ball has another "
            "recurrence: its determinant is $\\beta$, without $p$.",
        ),
        "as_much_as_possible": Wrong(
            """
def critical(p):
    return 0.999
""",
            "With complex roots the factor is $\\sqrt\\beta$, so more momentum is *slower*. There "
            "is a best amount.",
            like=lambda answer: all(float(answer(p)) > 0.95 for p in PRODUCTS),
        ),
    },
    explanation=r"""
With complex roots the factor is $\sqrt\beta$, which rises.
With real roots the longer one solves $p = (1-r)(r-\beta)/r$ up to sign, and for fixed $p$ it falls
as $\beta$ rises, until both meet.
They meet where $(1+\beta-p)^2=4\beta$, that is $(1-\sqrt\beta)^2=p$ or $(1+\sqrt\beta)^2=p$; both
say

$$\beta = (1-\sqrt p)^2, \qquad \text{with the factor } |1-\sqrt p| .$$

Gradient descent has $|1-p|$ instead.
For small $p$ that is the whole difference: $\sqrt p$ is much larger than $p$.
""",
)
