"""One learning rate per parameter: always downhill, and how far one may go."""

import torch
from torch import Tensor

from descent.exercises.measure import expect, number
from descent.exercises.model import Exercise, Wrong


def cases() -> list[tuple[Tensor, Tensor, Tensor]]:
    """Gradient, positive definite Hessian and positive diagonal, at random."""
    generator = torch.Generator().manual_seed(5)
    normal = torch.randn(8, 3, 5, dtype=torch.float64, generator=generator)
    root = torch.randn(8, 5, 5, dtype=torch.float64, generator=generator)
    hessians = root @ root.mT + 0.1 * torch.eye(5, dtype=torch.float64)
    return [(g, H, (2 * d).exp()) for (g, d, _), H in zip(normal, hessians, strict=True)]


def change(g: Tensor, H: Tensor, d: Tensor, t: float) -> float:
    """Change of the quadratic model after the step `-t d g`."""
    step = -t * d * g
    return float(g @ step + 0.5 * step @ H @ step)


def check_downhill(longest) -> None:
    """Every shorter step goes down."""
    for g, H, d in cases():
        t = number(longest(g.clone(), H.clone(), d.clone()), "the factor t")
        expect(t > 0, f"the factor is positive, since -Dg points downhill; it was {t:.4g}")
        for part in (0.01, 0.5, 0.99):
            after = change(g, H, d, part * t)
            expect(
                after < 0,
                f"a step of {part:g} t lowers the model; with your t = {t:.4g} it changes by "
                f"{after:.4g}",
            )


def check_bound(longest) -> None:
    """No longer step is allowed."""
    for g, H, d in cases():
        t = number(longest(g.clone(), H.clone(), d.clone()), "the factor t")
        after = change(g, H, d, 1.01 * t)
        expect(
            after > 0,
            f"a step of 1.01 t raises the model; with your t = {t:.4g} it changes by {after:.4g}",
        )


EXERCISE = Exercise(
    id="ill_conditioning.diagonal",
    kind="prove",
    title="Different rates, still downhill",
    stars=2,
    minutes=15,
    name="longest",
    prompt=r"""
Give every parameter its own positive learning rate: $\Delta x = -t\,Dg$ with a diagonal $D$, all
$d_i > 0$, and a common factor $t > 0$. Some say that such a step may raise the cost because it
leaves
the direction of the gradient.

1. Prove that for small $t$ it never does, whatever the positive $d_i$ are.
2. Find how large $t$ may be on a quadratic with Hessian $H$, when $H$ is positive definite.

Enter the bound; it is compared with the quadratic itself, just below and just beyond it.
""",
    stub='''
def longest(g, H, d):
    """Return the largest t for which x - t * d * g is not higher than x."""
    ...
''',
    solution="""
def longest(g, H, d):
    direction = d * g
    return 2 * (g @ direction) / (direction @ H @ direction)
""",
    hints=(
        "The slope along the step $p = -Dg$ is $g^\\top p$. Write it as a sum over parameters.",
        "$g^\\top p = -\\sum_i d_i g_i^2 < 0$: downhill. Along $p$ the model is a parabola in $t$; "
        "its "
        "curvature is $p^\\top Hp$.",
        "The change is $-t\\, g^\\top Dg + \\tfrac12 t^2\\, (Dg)^\\top H (Dg)$. Where is it zero "
        "again?",
    ),
    checks=(check_downhill, check_bound),
    probe=lambda answer: [float(answer(*case)) for case in cases()],
    wrong={
        "plain_gradient": Wrong(
            """
def longest(g, H, d):
    return 2 * (g @ g) / (g @ H @ g)
""",
            "This is the bound for the plain gradient step. The step here goes along $Dg$: slope "
            "and "
            "curvature must be taken along it.",
        ),
        "lowest_point": Wrong(
            """
def longest(g, H, d):
    direction = d * g
    return (g @ direction) / (direction @ H @ direction)
""",
            "That is the best $t$, at the bottom of the parabola. The cost is not above its start "
            "until twice as far.",
        ),
        "square_in_slope": Wrong(
            """
def longest(g, H, d):
    direction = d * g
    return 2 * (direction @ direction) / (direction @ H @ direction)
""",
            "The curvature is right. The slope is the gradient's product with the direction, "
            "$g^\\top Dg$, not the direction's product with itself.",
        ),
        "largest_rate": Wrong(
            """
def longest(g, H, d):
    return 2 / (d.max() * torch.linalg.eigvalsh(H)[-1])
""",
            "Safe for every gradient, since it bounds all curvatures at once, but shorter than "
            "this gradient needs: a longer step still goes down.",
        ),
    },
    explanation=r"""
The slope along $p = -Dg$ is $g^\top p = -\sum_i d_i g_i^2$, which is negative unless $g = 0$: a
positive diagonal never turns the step uphill. The change of the model is
$-t\, g^\top Dg + \tfrac12 t^2 (Dg)^\top H(Dg)$, not positive exactly for

$$t \le \frac{2\, g^\top D g}{(Dg)^\top H\,(Dg)} .$$

If the cost rises, the step was too long for the curvature along it; the different rates are not to
blame.
""",
)
