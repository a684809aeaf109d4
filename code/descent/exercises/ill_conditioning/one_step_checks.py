"""Checks inside the chapter, where a reader might nod and read on: one step."""

from descent.exercises.checkpoint import checkpoint
from descent.exercises.model import Choice, Number, Wrong

SUM_OR_MEAN = checkpoint(
    id="ill_conditioning.sum_or_mean",
    title="Sum or mean",
    question=Number(within=0.1, digits=2),
    prompt=r"""
A colleague *sums* the loss over a batch of 64 examples; beyond a learning rate of 0.01 her training
diverges. You take the *mean* of the same losses instead. Up to which learning rate can you go?
""",
    solution="""
from descent import ill_conditioning as ill

generator = torch.Generator().manual_seed(0)
inputs = torch.randn(64, 5, dtype=torch.float64, generator=generator)


def longest_step(loss):
    x = torch.ones(5, dtype=torch.float64)
    g = torch.autograd.functional.jacobian(loss, x)
    H = torch.autograd.functional.hessian(loss, x)
    return float(ill.break_even_step(g, H @ g))


total = longest_step(lambda x: (inputs @ x).square().sum())
mean = longest_step(lambda x: (inputs @ x).square().mean())
answer = 0.01 * mean / total
""",
    hints=(
        "The mean is the sum, divided by 64. What does that do to the gradient, and to the "
        "Hessian?",
        "Both shrink by 64. The threshold compares $g^\\top Hg/g^\\top g$ with $2/\\eta$.",
        "The curvature is 64 times smaller, so $2/\\eta$ may be 64 times smaller too.",
    ),
    explanation=r"""
Dividing the cost by 64 divides $g$ and $H$ by 64. In $g^\top Hg/g^\top g$ the two factors of the
gradient cancel, and one factor of 64 remains. A learning rate has a unit: it means nothing before
you know how the loss is scaled.
""",
    wrong={
        "same": Wrong(
            "answer = 0.01",
            "The path is the same, but not the step: with the mean, every gradient is 64 times "
            "shorter.",
        ),
        "inverse": Wrong(
            "answer = 0.01 / 64",
            "The right factor in the wrong direction: the mean has the *smaller* curvature.",
        ),
        "square": Wrong(
            "answer = 0.01 * 64**2",
            "The gradient and the Hessian both shrink by 64, but the gradient cancels in the "
            "ratio.",
        ),
        "root": Wrong(
            "answer = 0.01 * 64**0.5",
            "A square root belongs to noise, which averages out. Here nothing is random: the whole "
            "cost is divided by 64.",
        ),
    },
)

WRONG_TURN = checkpoint(
    id="ill_conditioning.wrong_turn",
    title="Too long, or wrongly turned?",
    question=Choice(
        {
            "long": "The step was too long: a shorter one in the same direction lowers the loss.",
            "turned": "The scaled direction pointed uphill: no step along it lowers the loss.",
            "concave": "The loss has negative curvature along the step.",
            "either": "Either of the first two: it cannot be told.",
        }
    ),
    prompt=r"""
An optimizer divides each component of the full-batch gradient by its own positive number. At one
step the loss goes up. As far as second order tells, what happened?
""",
    solution="""
from descent import ill_conditioning as ill

generator = torch.Generator().manual_seed(0)
rises = uphill = concave = cured = 0
for _ in range(1000):
    g, d, *rows = torch.randn(10, 8, generator=generator).double()
    H, d = torch.stack(rows) + torch.stack(rows).T, d.exp()
    step = d * g
    if ill.preconditioned_change(g, H @ step, d, lr=1.0) > 0:
        rises += 1
        uphill += bool(step @ g <= 0)
        concave += bool(step @ H @ step < 0)
        shorter = ill.preconditioned_change(g, H @ step, d, lr=1e-6)
        cured += bool(shorter < 0)

holds = {
    "long": cured == rises,
    "turned": uphill == rises,
    "concave": concave > 0,
    "either": 0 < uphill < rises,
}
""",
    hints=(
        "Two terms decide: the slope along the step and the bend. Which sign has each?",
        "The slope is $-\\eta\\sum_i d_i g_i^2$ with every $d_i > 0$.",
        "The slope is negative, so only the bend can have raised the loss, and it carries "
        "$\\eta^2$.",
    ),
    explanation=r"""
With positive $d_i$ the slope is always negative. If the loss rose, the quadratic term did it, and
that term shrinks with the square of the step while the slope's share shrinks with the step. So a
short enough step along the same direction lowers the loss. The solution tries a thousand random
cases.
""",
    wrong={
        "turned": "A positive number per component turns the step, but never by more than a right "
        "angle from downhill: every term of $\\sum_i d_i g_i^2$ is positive.",
        "concave": "Negative curvature along the step would make the loss fall *faster* than its "
        "slope says. Only positive curvature takes something back.",
        "either": "It can be told: with positive divisors one of the two never happens.",
    },
)
