"""Which penalty stops where time stops."""

import torch

from descent.cost_functions import descent_filter, ridge_filter
from descent.exercises.measure import expect_close, number
from descent.exercises.model import Exercise, Wrong

CASES = ((0.1, 0.5, 10), (0.01, 2.0, 50), (0.2, 0.1, 200), (0.05, 1.0, 1))


def check_penalty(penalty) -> None:
    """Ridge with that penalty keeps what descent has reached."""
    for lr, lam, steps in CASES:
        alpha = number(penalty(lr, lam, steps), "the penalty")
        made = [torch.tensor(v, dtype=torch.float64) for v in (lam, alpha, lr, float(steps))]
        what = f"what ridge keeps for η = {lr:g}, λ = {lam:g}, k = {steps}"
        want = float(descent_filter(made[0], made[2], made[3]))
        expect_close(float(ridge_filter(made[0], made[1])), want, what)


EXERCISE = Exercise(
    id="cost_functions.ridge",
    kind="prove",
    title="A penalty for every step",
    stars=2,
    minutes=20,
    name="penalty",
    prompt=r"""
Linear regression, gradient descent from 0. Along an eigenvector of $X^\top X/n$ with eigenvalue
$\lambda$, descent with rate $\eta$ has after $k$ steps reached the part $1-(1-\eta\lambda)^k$ of
the least-squares solution. Ridge regression with penalty $\alpha$ keeps $\lambda/(\lambda+\alpha)$.

For which $\alpha$ are the two equal in this direction? Enter `penalty(lr, lam, steps)`. Then say to
yourself what it tends to for small $\eta\lambda k$.
""",
    stub='''
def penalty(lr, lam, steps):
    """Return the penalty that keeps as much as descent has reached."""
    ...
''',
    solution="""
def penalty(lr, lam, steps):
    left = (1 - lr * lam) ** steps
    return lam * left / (1 - left)
""",
    hints=(
        "Both parts are one minus something. What does each still miss?",
        "Ridge misses $\\alpha/(\\lambda+\\alpha)$, descent misses $r=(1-\\eta\\lambda)^k$.",
        "Solve $\\alpha/(\\lambda+\\alpha)=r$: $\\alpha=\\lambda r/(1-r)$.",
    ),
    checks=(check_penalty,),
    probe=lambda answer: [float(answer(*case)) for case in CASES],
    wrong={
        "inverse_time": Wrong(
            """
def penalty(lr, lam, steps):
    return 1 / (lr * steps)
""",
            "That is the limit for small $\\eta\\lambda k$, and the usual rule. In a steep "
            "direction it keeps less than descent has reached.",
        ),
        "turned": Wrong(
            """
def penalty(lr, lam, steps):
    left = (1 - lr * lam) ** steps
    return lam * (1 - left) / left
""",
            "This is $\\lambda(1-r)/r$: it *grows* with the number of steps. More steps are less "
            "penalty.",
        ),
        "missing_lambda": Wrong(
            """
def penalty(lr, lam, steps):
    left = (1 - lr * lam) ** steps
    return left / (1 - left)
""",
            "Check the units: a penalty is compared with $\\lambda$.",
        ),
    },
    explanation=r"""
$\alpha=\lambda r/(1-r)$ with $r=(1-\eta\lambda)^k$. For small $\eta\lambda k$ it is $1/(\eta k)$,
the same in all directions: early stopping *is* ridge there. In steep directions descent has long
arrived while ridge still shrinks, so $\alpha$ falls exponentially. One penalty cannot match them
all, but the risks differ by a factor of at most 1.69.
""",
)
