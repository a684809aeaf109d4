"""Late gradients."""

import torch

from descent.exercises.measure import expect_close, number
from descent.exercises.model import Exercise, Wrong

DELAYS = (0, 1, 2, 5, 12)


def radius(product: float, delay: int) -> float:
    """Factor per step of the delayed recurrence."""
    step = torch.diag(torch.ones(delay, dtype=torch.float64), -1)
    step[0, 0] = 1.0
    step[0, -1] -= product
    return float(torch.linalg.eigvals(step).abs().max())


def border(delay: int) -> float:
    """Largest stable rate, by bisection."""
    low, high = 0.0, 2.5
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if radius(middle, delay) < 1 else (low, middle)
    return low


def check_border(limit) -> None:
    """The closed form is the border that bisection finds."""
    for delay in DELAYS:
        mine = number(limit(delay), "the limit")
        expect_close(mine, border(delay), f"the limit for a delay of {delay}", rtol=1e-6)


EXERCISE = Exercise(
    id="mini_batching.late_limit",
    kind="prove",
    title="How late is too late?",
    stars=3,
    minutes=25,
    name="limit",
    prompt=r"""
A gradient arrives $\tau$ steps after the point that it belongs to: $x_{k+1}=x_k-p\,x_{k-\tau}$ with
$p=\eta\lambda$.

1. Write down the polynomial whose roots decide.
2. At the border of stability a root lies on the unit circle, $r=e^{i\varphi}$. Find all $p$ for
   which that is so, and the smallest of them.

Enter it as `limit(tau)`; it is compared with a bisection on the roots.
""",
    stub='''
def limit(tau):
    """Return the largest stable lr * curvature at this delay."""
    ...
''',
    solution="""
import math


def limit(tau):
    angle = math.pi / (2 * (2 * tau + 1))
    return 2 * math.sin(angle)
""",
    hints=(
        "$r^{\\tau+1}-r^\\tau+p=0$, that is $p = r^\\tau(1-r)$.",
        "With $r=e^{i\\varphi}$: $1-r = -2i\\sin(\\varphi/2)\\,e^{i\\varphi/2}$. When is "
        "$r^\\tau(1-r)$ real and positive?",
        "The angle $(\\tau+\\tfrac12)\\varphi-\\tfrac\\pi2$ must be a multiple of $2\\pi$; the "
        "smallest is 0.",
    ),
    checks=(check_border,),
    probe=lambda answer: [float(answer(delay)) for delay in DELAYS],
    wrong={
        "inverse": Wrong(
            """
def limit(tau):
    return 2 / (tau + 1)
""",
            "Right at 0 and 1, and of the right order beyond. At $\\tau=2$ the roots say 0.618.",
        ),
        "momentum_like": Wrong(
            """
def limit(tau):
    return 1 if tau else 2
""",
            "That is the jump from no delay to one step. More delay costs more.",
        ),
        "angle_doubled": Wrong(
            """
import math


def limit(tau):
    return 2 * math.sin(math.pi / (2 * tau + 1))
""",
            "The angle of $1-r$ is half that of $r$: check your result at $\\tau=0$, where the "
            "limit must be 2.",
        ),
    },
    explanation=r"""
$p=r^\tau(1-r)$ with $r=e^{i\varphi}$ has the length $2\sin\frac\varphi2$ and the angle
$(\tau+\tfrac12)\varphi-\tfrac\pi2$.
It is real and positive for $\varphi=\frac{\pi+4\pi m}{2\tau+1}$; the smallest $p$ comes with $m=0$:
$p=2\sin\frac{\pi}{2(2\tau+1)}$.
For long delays it is $\frac{\pi}{2\tau+1}$: twice the age, half the rate. $\tau=1$ gives 1, and
$\tau=2$ the golden ratio's 0.618.
""",
)
