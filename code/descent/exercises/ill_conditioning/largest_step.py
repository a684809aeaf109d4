"""The largest step that does not increase a quadratic, from two numbers."""

import math

import torch
from torch import Tensor

from descent.exercises.measure import expect, number
from descent.exercises.model import Exercise, Failed, Wrong


def cases(dim: int = 4) -> list[tuple[Tensor, Tensor]]:
    """Random gradients with random positive definite Hessians."""
    generator = torch.Generator().manual_seed(7)
    root = torch.randn(6, dim, dim, dtype=torch.float64, generator=generator)
    hessians = root @ root.mT + 0.1 * torch.eye(dim, dtype=torch.float64)
    gradients = torch.randn(6, dim, dtype=torch.float64, generator=generator)
    return list(zip(gradients, hessians, strict=True))


def change(g: Tensor, H: Tensor, lr: float) -> float:
    """Change of the quadratic model after the step `-lr g`."""
    return float(-lr * g @ g + 0.5 * lr**2 * g @ H @ g)


def check_threshold(largest_step) -> None:
    """The model is back at its start after the step, lower before it, higher beyond it."""
    for g, H in cases():
        lr = number(largest_step(g.clone(), H.clone()), "the step")
        scale = float((g @ g) ** 2 / (g @ H @ g))
        expect(lr > 0, f"the step is positive where the gradient is not zero; it was {lr:.4g}")
        after = change(g, H, lr)
        expect(
            abs(after) < 1e-6 * scale,
            f"the model is back at its start after the step; yours of {lr:.4g} changes it by "
            f"{after:.4g}",
        )


def check_downward_curvature(largest_step) -> None:
    """Where the curvature along g is not positive, no step is too large."""
    g = torch.tensor([1.0, 2.0], dtype=torch.float64)
    for H in (
        torch.diag(torch.tensor([1.0, -3.0], dtype=torch.float64)),
        torch.zeros(2, 2).double(),
    ):
        lr = float(largest_step(g.clone(), H.clone()))
        if lr != math.inf:
            curvature = float(g @ H @ g)
            raise Failed(f"every step lowers the model when gᵀHg = {curvature:g}; it was {lr:.4g}")


EXERCISE = Exercise(
    id="ill_conditioning.largest_step",
    kind="code",
    title="The largest step that does not climb",
    stars=1,
    minutes=10,
    name="largest_step",
    prompt=r"""
At a point with gradient $g$ and Hessian $H$, the second-order expansion predicts that the step
$-\eta g$ changes the cost by

$$-\eta\, g^\top g + \tfrac12 \eta^2\, g^\top H g .$$

Write `largest_step(g, H)`: the largest learning rate $\eta$ for which this change is not positive.
Where no learning rate is too large, return `torch.inf`.
""",
    stub='''
def largest_step(g, H):
    """Return the largest learning rate that does not raise the model."""
    ...
''',
    solution="""
def largest_step(g, H):
    curvature = g @ H @ g
    if curvature <= 0:
        return torch.inf
    return 2 * (g @ g) / curvature
""",
    hints=(
        "Fix $g$ and $H$. The change is then a parabola in $\\eta$. Where does it cross zero?",
        "One crossing is $\\eta = 0$. Divide the change by $\\eta$ and solve for the other one.",
        "$\\eta = 2\\, g^\\top g / g^\\top H g$, as long as the denominator is positive.",
    ),
    checks=(check_threshold, check_downward_curvature),
    probe=lambda answer: (
        [float(answer(g, H)) for g, H in cases()]
        + [float(answer(torch.ones(1).double(), -torch.ones(1, 1).double()))]
    ),
    wrong={
        "lowest_point": Wrong(
            """
def largest_step(g, H):
    curvature = g @ H @ g
    return torch.inf if curvature <= 0 else (g @ g) / curvature
""",
            "This is the step to the bottom of the parabola, where the cost is lowest. "
            "It may go on to the far side, until it is as high as at the start.",
        ),
        "whole_hessian": Wrong(
            """
def largest_step(g, H):
    top = torch.linalg.eigvalsh(H)[-1]
    return torch.inf if top <= 0 else 2 / top
""",
            "This uses the largest curvature of any direction. It is safe for every gradient, but "
            "the question is about the direction $g$, along which the curvature is usually less.",
        ),
        "not_normalized": Wrong(
            """
def largest_step(g, H):
    curvature = g @ H @ g
    return torch.inf if curvature <= 0 else 2 / curvature
""",
            "Curvature *along* $g$ is $g^\\top Hg / g^\\top g$. Make the gradient ten times "
            "longer: "
            "your step becomes a hundred times shorter, and the largest step stays what it was.",
        ),
        "upside_down": Wrong(
            """
def largest_step(g, H):
    curvature = g @ H @ g
    return torch.inf if curvature <= 0 else 2 * curvature / (g @ g)
""",
            "The ratio is upside down: this step grows with the curvature. "
            "A sharper valley allows a smaller step.",
        ),
        "any_sign": Wrong(
            """
def largest_step(g, H):
    return 2 * (g @ g) / (g @ H @ g)
""",
            "The formula is right for upward curvature. Where $g^\\top Hg \\le 0$ it returns a "
            "negative or infinite number by accident: decide that case first.",
        ),
    },
    explanation=r"""
The change is $\eta\,(\tfrac12\eta\, g^\top Hg - g^\top g)$.
For $\eta > 0$ it is not positive exactly when the bracket is not, which is
$\eta \le 2\, g^\top g / g^\top Hg$ if $g^\top Hg > 0$, and always otherwise.
Read backwards, a step increases the cost when the curvature along the gradient,
$g^\top Hg / g^\top g$, exceeds $2/\eta$.
""",
)
