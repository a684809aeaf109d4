"""How fast a component shrinks, from its two roots."""

import torch

from descent.exercises.measure import expect, expect_close, number
from descent.exercises.model import Exercise, Wrong

CASES = ((0.01, 0.5), (0.3, 0.9), (1.0, 0.0), (2.5, 0.3), (3.5, 0.8), (0.04, 0.64), (4.5, 0.5))


def rate(product: float, beta: float) -> float:
    """Largest eigenvalue modulus of the step in position and velocity."""
    step = torch.tensor([[1 - product, beta], [-product, beta]], dtype=torch.float64)
    return float(torch.linalg.eigvals(step).abs().max())


def check_radius(radius) -> None:
    """The factor is that of the step's matrix."""
    for product, beta in CASES:
        mine = number(radius(product, beta), "the factor per step")
        what = f"the factor for ηλ = {product:g}, β = {beta:g}"
        # A double root is only as exact as the square root of rounding.
        expect_close(mine, rate(product, beta), what, rtol=1e-6, atol=1e-6)


def check_divergence(radius) -> None:
    """Beyond 2 (1 + beta) the factor is above 1."""
    for beta in (0.0, 0.5, 0.95):
        mine = number(radius(2 * (1 + beta) + 0.01, beta), "the factor per step")
        expect(mine > 1, f"the component grows for ηλ > 2(1 + β), β = {beta:g}; yours: {mine:.6g}")


EXERCISE = Exercise(
    id="momentum.radius",
    kind="code",
    title="Two roots, one rate",
    stars=1,
    minutes=15,
    name="radius",
    prompt=r"""
Along an eigenvector with curvature $\lambda$ the heavy ball obeys

$$x_{k+1} = (1+\beta-p)\,x_k - \beta\,x_{k-1}, \qquad p = \eta\lambda .$$

Write `radius(p, beta)`: the factor by which the component shrinks, or grows, per step in the long
run. It must be right for real and for complex roots, and for either sign.
""",
    stub='''
def radius(p, beta):
    """Return the modulus of the larger root."""
    ...
''',
    solution="""
def radius(p, beta):
    half = (1 + beta - p) / 2
    inside = half**2 - beta
    if inside < 0:
        return beta**0.5
    return abs(half) + inside**0.5
""",
    hints=(
        "Try $x_k = r^k$. Which quadratic equation must $r$ satisfy?",
        "$r = h \\pm \\sqrt{h^2-\\beta}$ with $h = (1+\\beta-p)/2$. The sign under the root "
        "decides between two cases.",
        "Complex roots are conjugate and their product is $\\beta$, so both have modulus "
        "$\\sqrt\\beta$. Real ones: the larger modulus is $|h| + \\sqrt{h^2-\\beta}$.",
    ),
    checks=(check_radius, check_divergence),
    probe=lambda answer: [float(abs(answer(*case))) for case in CASES],
    wrong={
        "root_of_beta": Wrong(
            """
def radius(p, beta):
    return beta**0.5
""",
            "Right where the roots are complex. Where they are real, one of them is larger than "
            "$\\sqrt\\beta$, and it wins.",
        ),
        "larger_not_longer": Wrong(
            """
def radius(p, beta):
    half = (1 + beta - p) / 2
    inside = half**2 - beta
    return beta**0.5 if inside < 0 else half + inside**0.5
""",
            "This takes the root further to the *right*. For large $p$ both roots are negative, "
            "and the one further to the left is longer: the component alternates.",
        ),
        "no_memory": Wrong(
            """
def radius(p, beta):
    return abs(1 - p)
""",
            "That is gradient descent. The step before last comes in with the factor $-\\beta$.",
        ),
        "squared": Wrong(
            """
def radius(p, beta):
    half = (1 + beta - p) / 2
    inside = half**2 - beta
    return beta if inside < 0 else abs(half) + inside**0.5
""",
            "The *product* of two conjugate roots is $\\beta$. What is the length of each?",
        ),
    },
    explanation=r"""
$x_k=r^k$ gives $r^2-(1+\beta-p)\,r+\beta=0$.
If $h^2<\beta$, the roots are conjugate, with product $\beta$, so both have modulus $\sqrt\beta$:
the curvature does not enter.
Otherwise they are real and of equal sign, and the longer one has modulus
$|h|+\sqrt{h^2-\beta} \ge \sqrt\beta$.
""",
)
