"""The two conventions of momentum: a sum of gradients, and an average of them."""

import torch

from descent.exercises.measure import array, expect_close
from descent.exercises.model import Exercise, Wrong

CASES = ((0.1, 0.9), (0.02, 0.5), (0.3, 0.0), (0.001, 0.99))


def gradient(x: torch.Tensor) -> torch.Tensor:
    """Gradient of a curved valley with a flat and a steep side."""
    return torch.stack([0.1 * torch.tanh(x[0]) + 0.05 * x[1], 0.05 * x[0] + 0.8 * x[1]])


def summed(lr: float, beta: float, steps: int = 30) -> torch.Tensor:
    """Path of v = beta v - lr g."""
    x = torch.tensor([2.0, -1.0], dtype=torch.float64)
    v, path = torch.zeros(2, dtype=torch.float64), [x]
    for _ in range(steps):
        v = beta * v - lr * gradient(x)
        x = x + v
        path.append(x)
    return torch.stack(path)


def averaged(lr: float, beta: float, steps: int = 30) -> torch.Tensor:
    """Path of m = beta m + (1 - beta) g."""
    x = torch.tensor([2.0, -1.0], dtype=torch.float64)
    m, path = torch.zeros(2, dtype=torch.float64), [x]
    for _ in range(steps):
        m = beta * m + (1 - beta) * gradient(x)
        x = x - lr * m
        path.append(x)
    return torch.stack(path)


def check_same_path(convert) -> None:
    """With the converted pair the average walks the path of the sum."""
    for lr, beta in CASES:
        pair = array(convert(lr, beta), "the pair (lr, beta) of the average", (2,))
        what = f"the point after 30 steps for lr = {lr:g}, beta = {beta:g}"
        expect_close(averaged(*pair.tolist())[-1], summed(lr, beta)[-1], what)


EXERCISE = Exercise(
    id="momentum.as_average",
    kind="code",
    title="A sum is not an average",
    stars=1,
    minutes=10,
    name="convert",
    prompt=r"""
One library keeps a *sum* of past gradients, another an *average*:

$$\begin{aligned}
\text{sum:}&& v &\leftarrow \beta v - \eta g, & x &\leftarrow x + v, \\
\text{average:}&& m &\leftarrow \beta' m + (1-\beta')\,g, & x &\leftarrow x - \eta' m .
\end{aligned}$$

Write `convert(lr, beta)`: the pair $(\eta', \beta')$ with which the second walks exactly the path
of the first. Both start at rest.
""",
    stub='''
def convert(lr, beta):
    """Return the learning rate and momentum of the averaging form."""
    ...
''',
    solution="""
def convert(lr, beta):
    return lr / (1 - beta), beta
""",
    hints=(
        "Write both as sums over past gradients. Which weight does the newest one have?",
        "The weights are $\\eta\\beta^{s}$ and $\\eta'(1-\\beta')\\beta'^{s}$, for a gradient that "
        "is $s$ steps old. They must agree for every $s$.",
        "$\\beta' = \\beta$ and $\\eta'(1-\\beta) = \\eta$.",
    ),
    checks=(check_same_path,),
    probe=lambda answer: [list(map(float, answer(*case))) for case in CASES],
    wrong={
        "unchanged": Wrong(
            """
def convert(lr, beta):
    return lr, beta
""",
            "With the same learning rate the average is slower by $1-\\beta$: its weights add up "
            "to 1, those of the sum to $1/(1-\\beta)$.",
        ),
        "other_way": Wrong(
            """
def convert(lr, beta):
    return lr * (1 - beta), beta
""",
            "That is the way back, from the average to the sum. Which of the two needs the larger "
            "learning rate?",
        ),
        "both_changed": Wrong(
            """
def convert(lr, beta):
    return lr / (1 - beta), 1 - beta
""",
            "The rate is right. But the memory is the same in both forms: an old gradient must "
            "fade by the same factor.",
        ),
    },
    explanation=r"""
A gradient of age $s$ moves $x$ by $-\eta\beta^s g$ in the one form and by
$-\eta'(1-\beta')\beta'^s g$ in the other, so $\beta'=\beta$ and $\eta' = \eta/(1-\beta)$.
This $\bar\eta = \eta/(1-\beta)$ is the effective learning rate.
At $\beta = 0.9$ a learning rate copied from one form to the other is wrong by a factor of ten.
""",
)
