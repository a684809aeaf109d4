"""Adam, written from its paper; the wrong answers are bugs that have been published."""

import torch
from torch import Tensor

from descent.exercises.measure import array, expect_close
from descent.exercises.model import Exercise, Wrong

BETAS = (0.9, 0.99)
FIELDS = {"lr": 0.1, "beta1": BETAS[0], "beta2": BETAS[1], "eps": 0.05}


def gradients() -> Tensor:
    """Twelve gradients of two coordinates, one of them small beside the floor."""
    generator = torch.Generator().manual_seed(5)
    scale = torch.tensor([1.0, 0.05], dtype=torch.float64)
    return scale * torch.randn(12, 2, dtype=torch.float64, generator=generator)


def path(adam) -> Tensor:
    """Run an answer over all gradients."""
    return array(adam(gradients(), **FIELDS), "the list of steps", (12, 2))


def torch_path() -> Tensor:
    """What `torch.optim` does."""
    x = torch.zeros(2, dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.Adam([x], lr=FIELDS["lr"], betas=BETAS, eps=FIELDS["eps"])
    steps = []
    for g in gradients():
        before, x.grad = x.detach().clone(), g
        optimizer.step()
        steps.append(x.detach() - before)
    return torch.stack(steps)


def check_first(adam) -> None:
    """The first step shows bias correction and floor."""
    g = gradients()[0]
    want = -FIELDS["lr"] * g / (g.abs() + FIELDS["eps"])
    expect_close(path(adam)[0], want, "the first step, where both corrected means are g and g²,")


def check_all(adam) -> None:
    """Every step agrees with torch.optim."""
    expect_close(path(adam), torch_path(), "the list of steps, as torch.optim.Adam takes them,")


def variant(line: str, replacement: str) -> str:
    """Write the solution with one line changed."""
    if line not in SOLUTION:
        raise ValueError(f"the solution has no line {line!r}")
    return SOLUTION.replace(line, replacement)


SOLUTION = """
def adam(gradients, lr, beta1, beta2, eps):
    m = torch.zeros_like(gradients[0])
    v = torch.zeros_like(gradients[0])
    steps = []
    for k, g in enumerate(gradients, start=1):
        m = beta1 * m + (1 - beta1) * g
        v = beta2 * v + (1 - beta2) * g**2
        m_hat = m / (1 - beta1**k)
        v_hat = v / (1 - beta2**k)
        steps.append(-lr * m_hat / (v_hat**0.5 + eps))
    return torch.stack(steps)
"""

EXERCISE = Exercise(
    id="adaptive_methods.adam",
    kind="code",
    title="Adam from scratch",
    stars=2,
    minutes=15,
    name="adam",
    prompt=r"""
Write Adam for a given sequence of gradients, a tensor of shape (steps, dim): return the steps
$\Delta x_1, \Delta x_2, \dots$ in the same shape. Correct both means for their start at 0, and put
$\epsilon$ outside the root.

Your steps are compared with those of `torch.optim.Adam`. The known wrong answers have all been
published in teaching code.
""",
    stub='''
def adam(gradients, lr, beta1, beta2, eps):
    """Return the steps that Adam takes on these gradients, (steps, dim)."""
    ...
''',
    solution=SOLUTION,
    hints=(
        "Two means run along: of the gradients and of their squares. Which weight has entered "
        "either of them after $k$ gradients?",
        "After $k$ gradients the weights are $1-\\beta_1^k$ and $1-\\beta_2^k$; divide by them. "
        "The first gradient is $k = 1$.",
        "$\\Delta x_k = -\\eta\\, \\hat m / (\\sqrt{\\hat v} + \\epsilon)$.",
    ),
    checks=(check_first, check_all),
    probe=path,
    wrong={
        "missing_root": Wrong(
            variant("(v_hat**0.5 + eps)", "(v_hat + eps)"),
            "Your denominator is the mean square itself. Without the root the step has the units "
            "of one over the gradient, and small gradients make giant steps.",
        ),
        "second_uncorrected": Wrong(
            variant("v_hat = v / (1 - beta2**k)", "v_hat = v"),
            "The mean of squares is used as it is. It starts at 0 and fills slowly, so the first "
            "steps come out too long.",
        ),
        "counter_from_two": Wrong(
            variant("start=1", "start=2"),
            "The correction is one step ahead: the first gradient should count as $k = 1$.",
        ),
        "floor_inside": Wrong(
            variant("(v_hat**0.5 + eps)", "(v_hat + eps) ** 0.5"),
            "The floor stands inside the root. There it acts like $\\sqrt\\epsilon$, and the "
            "small coordinate hardly moves.",
        ),
        "floor_on_parameter": Wrong(
            variant(
                "steps.append(-lr * m_hat / (v_hat**0.5 + eps))",
                "steps.append(-lr * m_hat / v_hat**0.5 + eps)",
            ),
            "The floor is added to the parameter instead of the denominator: every step drifts by "
            "$\\epsilon$ in the same direction.",
        ),
    },
    explanation=r"""
The two corrections make the quotients true means, so on the first step $\hat m = g$ and
$\hat v = g^2$, and the step is $-\eta\, g/(|g|+\epsilon)$. That one line finds four of the five
published bugs; comparing a dozen steps with an independent implementation finds them all.
""",
)
