"""How far one cycle of large and small gradients moves Adam."""

import math

import torch

from descent.exercises.measure import expect, expect_close, number
from descent.exercises.model import Exercise, Wrong

CASES = ((3.0, 0.1), (3.0, 0.6), (5.0, 0.3), (8.0, 0.9))


def settled(c: float, beta2: float) -> float:
    """Move of one cycle over the learning rate, by the recursion itself."""
    v, x, before = 0.0, 0.0, 0.0
    for _ in range(400):
        before = x
        for g in (c, -1.0, -1.0):
            v = beta2 * v + (1 - beta2) * g * g
            x -= g / math.sqrt(v)
    return x - before


def check_sign(drift) -> None:
    """The direction is right."""
    for c, beta2 in CASES:
        want, got = settled(c, beta2), number(drift(c, beta2), "the drift")
        expect(
            want * got > 0,
            f"the drift at C = {c:g}, β₂ = {beta2:g} is {'up' if want > 0 else 'down'}; yours was "
            f"{got:.4g}",
        )


def check_size(drift) -> None:
    """The size is that of the recursion."""
    for c, beta2 in CASES:
        got = number(drift(c, beta2), "the drift")
        what = f"the drift of a settled cycle at C = {c:g}, β₂ = {beta2:g}"
        expect_close(torch.tensor(got), settled(c, beta2), what)


EXERCISE = Exercise(
    id="adaptive_methods.drift",
    kind="prove",
    title="Where one cycle goes",
    stars=3,
    minutes=25,
    name="drift",
    prompt=r"""
Adam without momentum ($\beta_1=0$, no $\epsilon$) sees the gradients $C, -1, -1, C, -1, -1, \dots$
for a long time. Its mean of squares then repeats every three steps. Derive how far one cycle moves
$x$, in units of the learning rate; positive is up. The formula is compared with the recursion.
""",
    stub='''
def drift(C, beta2):
    """Return the move of x in one settled cycle, over the learning rate."""
    ...
''',
    solution="""
def drift(C, beta2):
    large = ((1 - beta2) * C**2 + beta2 - beta2**3) / (1 - beta2**3)
    first = beta2 * large + 1 - beta2
    second = beta2 * first + 1 - beta2
    return -C / large**0.5 + 1 / first**0.5 + 1 / second**0.5
""",
    hints=(
        "Call $v_0$ the mean right after the large gradient. Express the next two means by it.",
        "$v_1 = \\beta_2v_0+1-\\beta_2$, $v_2 = \\beta_2v_1+1-\\beta_2$, and after the next large "
        "gradient $v_0 = \\beta_2v_2+(1-\\beta_2)C^2$.",
        "Solve the three linear equations for $v_0$; each gradient is divided by the root of the "
        "mean that already contains it.",
    ),
    checks=(check_sign, check_size),
    probe=lambda answer: [float(answer(*case)) for case in CASES],
    wrong={
        "one_mean": Wrong(
            """
def drift(C, beta2):
    mean = (C**2 + 2) / 3
    return (2 - C) / mean**0.5
""",
            "You divide all three gradients by one mean. Then the sign is always right, and Adam "
            "would be safe. With a short memory the mean differs from step to step.",
        ),
        "before": Wrong(
            """
def drift(C, beta2):
    large = ((1 - beta2) * C**2 + beta2 - beta2**3) / (1 - beta2**3)
    first = beta2 * large + 1 - beta2
    second = beta2 * first + 1 - beta2
    return -C / second**0.5 + 1 / large**0.5 + 1 / first**0.5
""",
            "Each gradient is divided by the mean from *before* it. Adam updates the mean first.",
        ),
        "turned": Wrong(
            """
def drift(C, beta2):
    large = ((1 - beta2) * C**2 + beta2 - beta2**3) / (1 - beta2**3)
    first = beta2 * large + 1 - beta2
    second = beta2 * first + 1 - beta2
    return C / large**0.5 - 1 / first**0.5 - 1 / second**0.5
""",
            "Right in size. A positive gradient moves $x$ *down*.",
        ),
        "first_cycle": Wrong(
            """
def drift(C, beta2):
    large = (1 - beta2) * C**2
    first = beta2 * large + 1 - beta2
    second = beta2 * first + 1 - beta2
    return -C / large**0.5 + 1 / first**0.5 + 1 / second**0.5
""",
            "That is the first cycle, which starts from $v = 0$. A settled cycle starts from what "
            "the one before has left.",
        ),
    },
    explanation=r"""
The three equations give $v_0 = [(1-\beta_2)C^2+\beta_2-\beta_2^3]/(1-\beta_2^3)$. The drift is
$-C/\sqrt{v_0}+1/\sqrt{v_1}+1/\sqrt{v_2}$. For a short memory the large gradient counts as about one
step down and the two small ones as about one step up each: together they win. AMSGrad divides all
three by $\sqrt{v_0}$, and the sum is $(2-C)/\sqrt{v_0} < 0$.
""",
)
