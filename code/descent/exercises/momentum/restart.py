"""Nesterov's accelerated method with gradient restarts."""

import torch

from descent.exercises.measure import array, expect
from descent.exercises.model import Exercise, Wrong

KAPPA, STEPS = 1000.0, 700


def curvatures() -> torch.Tensor:
    """Six curvatures from 1 to KAPPA."""
    return torch.logspace(0, 1, 6, base=KAPPA, dtype=torch.float64)


def final_gap(minimize, steps: int = STEPS) -> float:
    """Loss after a run on the bowl, over the loss at its start."""
    lam = curvatures()
    start = torch.ones(6, dtype=torch.float64)
    x = minimize(lambda x: lam * x, start.clone(), 1 / KAPPA, steps)
    x = array(x, "the last point", (6,))
    return float((lam * x**2).sum() / lam.sum())


def check_first_steps(minimize) -> None:
    """Before any restart it is Nesterov's accelerated method."""
    lam = curvatures()
    x = before = torch.ones(6, dtype=torch.float64)
    y = x
    for k in range(1, 4):
        x, before = y - lam * y / KAPPA, x
        y = x + (k - 1) / (k + 2) * (x - before)
        mine = array(minimize(lambda z: lam * z, torch.ones(6).double(), 1 / KAPPA, k), "x", (6,))
        expect(
            float((mine - x).abs().max()) < 1e-9,
            f"after {k} steps x is that of the method without restarts; yours is off by "
            f"{float((mine - x).abs().max()):.2g}",
        )


def check_linear(minimize) -> None:
    """With restarts the loss falls by many orders of magnitude."""
    gap = final_gap(minimize)
    expect(
        gap < 1e-12,
        f"after {STEPS} steps at κ = {KAPPA:g} the loss is below 1e-12 of its start; yours is at "
        f"{gap:.2g}",
    )


SOLUTION = """
def minimize(grad, x0, lr, steps):
    x = y = x0
    k = 1
    for _ in range(steps):
        g = grad(y)
        new = y - lr * g
        move = new - x
        if g @ move > 0:
            k = 1
        y = new + (k - 1) / (k + 2) * move
        x = new
        k += 1
    return x
"""

EXERCISE = Exercise(
    id="momentum.restart",
    kind="code",
    title="Let go at the right moment",
    stars=3,
    minutes=25,
    name="minimize",
    prompt=r"""
Nesterov's accelerated method for convex functions lets the momentum grow, in step
$k=1,2,\dots$:

$$x_k = y_{k-1} - \eta\,g(y_{k-1}), \qquad
y_k = x_k + \frac{k-1}{k+2}\,(x_k-x_{k-1}), \qquad y_0=x_0 .$$

With ever more momentum it overshoots, and ripples. The cure: when the last move went *uphill*,
$g(y_{k-1})^\top(x_k-x_{k-1}) > 0$, begin again from $x_k$ with $k=1$, that is, without momentum.

Write `minimize(grad, x0, lr, steps)` with these restarts; return the last $x_k$.
It is run on a bowl with $\kappa=1000$, which nobody tells it.
""",
    stub='''
def minimize(grad, x0, lr, steps):
    """Return x after that many steps, with gradient restarts."""
    ...
''',
    solution=SOLUTION,
    hints=(
        "Keep three things: $x$ of the step before, the look-ahead point $y$, and a counter that "
        "is not the loop's.",
        "Compute the gradient at $y$ once. It serves for the step and for the test.",
        "After `new = y - lr * g`: if `g @ (new - x) > 0`, set `k = 1`. Then the momentum is "
        "`(k - 1) / (k + 2)`, which is 0 right after a restart.",
    ),
    checks=(check_first_steps, check_linear),
    probe=lambda answer: [final_gap(answer, steps) for steps in (3, 40, 120, 700)],
    wrong={
        "never": Wrong(
            SOLUTION.replace("        if g @ move > 0:\n            k = 1\n", ""),
            "No restart ever happens: the loss falls like $1/k^2$, with ripples. Reset the "
            "counter when the gradient and the move point the same way.",
        ),
        "always": Wrong(
            SOLUTION.replace("g @ move > 0", "g @ move < 0"),
            "The sign of the test is reversed: every good move lets the momentum go, and plain "
            "gradient descent remains.",
        ),
        "gradient_of_x": Wrong(
            SOLUTION.replace("g = grad(y)", "g = grad(x)"),
            "The gradient is taken at $x$ and not at the look-ahead point $y$. Step from $y$ with "
            "the gradient *at* $y$.",
        ),
        "counter_only_once": Wrong(
            SOLUTION.replace("    k = 1\n    for", "    k, again = 1, True\n    for")
            .replace("if g @ move > 0:", "if again and g @ move > 0:")
            .replace("            k = 1\n", "            k, again = 1, False\n"),
            "It restarts once and then never again. The momentum grows back, and so do the "
            "ripples.",
        ),
    },
    explanation=r"""
The ripples have a period proportional to $\sqrt\kappa$, so an uphill move is a measurement of
$\sqrt\kappa$: the restarts come every few multiples of it, and between two of them the loss falls
by a constant factor. That is the linear rate of the best constants, up to a factor, without
knowing $\mu$.
""",
)
