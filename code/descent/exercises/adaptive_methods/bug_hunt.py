"""AdamW with a decay that is scaled twice: find it and repair it."""

import torch
from torch import Tensor

from descent.exercises.measure import array, expect, expect_close
from descent.exercises.model import Exercise, Wrong

CASES = ((0.1, 0.5), (0.01, 0.1), (1e-3, 2.0))


def given() -> tuple[Tensor, Tensor, Tensor]:
    """Weights, and the two corrected means."""
    x = torch.tensor([2.0, -1.0, 0.5], dtype=torch.float64)
    m = torch.tensor([0.3, -0.002, 0.0], dtype=torch.float64)
    return x, m, torch.tensor([0.09, 1e-4, 0.0], dtype=torch.float64)


def answers(update) -> Tensor:
    """The weights after one update, for every case."""
    x, m, v = given()
    return torch.stack(
        [
            array(update(x.clone(), m, v, lr, decay), "the weights after the step", x.shape)
            for lr, decay in CASES
        ]
    )


def check_share(update) -> None:
    """A weight without gradient shrinks by the share lr * decay."""
    for row, (lr, decay) in zip(answers(update), CASES, strict=True):
        kept = float(row[2]) / 0.5
        expect(
            abs(kept - (1 - lr * decay)) < 1e-9,
            f"a weight without gradient keeps the share 1 - ηλ = {1 - lr * decay:.6g} of itself; "
            f"yours kept {kept:.6g}",
        )


def check_step(update) -> None:
    """The gradient's part is Adam's step."""
    x, m, v = given()
    for row, (lr, decay) in zip(answers(update), CASES, strict=True):
        want = -lr * m / (v**0.5 + 1e-8)
        expect_close(row - (1 - lr * decay) * x, want, "the step besides the decay")


EXERCISE = Exercise(
    id="adaptive_methods.bug_hunt",
    kind="code",
    title="Bug hunt: decay that does nothing",
    stars=2,
    minutes=10,
    name="update",
    prompt=r"""
A colleague's AdamW trains, but the weights do not get smaller, whatever $\lambda$ is. This is the
update, with `m` and `v` the corrected means:

```python
def update(x, m, v, lr, decay):
    step = m / (v**0.5 + 1e-8) + lr * decay * x
    return x - lr * step
```

Find the fault and write the update as PyTorch defines it: every weight shrinks by the share
$\eta\lambda$, beside Adam's step.
""",
    stub='''
def update(x, m, v, lr, decay):
    """Return the weights after one step of AdamW."""
    ...
''',
    solution="""
def update(x, m, v, lr, decay):
    return x - lr * (m / (v**0.5 + 1e-8) + decay * x)
""",
    hints=(
        "Take a weight whose gradient is 0. By which share does the colleague's update shrink it?",
        "By $\\eta^2\\lambda$: at $\\eta = 0.001$ a millionth of $\\lambda$. One factor is too "
        "many.",
        "The learning rate multiplies the bracket already. Inside it stands $\\lambda x$.",
    ),
    checks=(check_share, check_step),
    probe=answers,
    wrong={
        "as_given": Wrong(
            """
def update(x, m, v, lr, decay):
    step = m / (v**0.5 + 1e-8) + lr * decay * x
    return x - lr * step
""",
            "This is the colleague's update. Its decay carries the learning rate twice.",
        ),
        "through_the_root": Wrong(
            """
def update(x, m, v, lr, decay):
    return x - lr * (m + decay * x) / (v**0.5 + 1e-8)
""",
            "Now the decay is divided by the gradient's size: a penalty, not decoupled decay. The "
            "weight without gradient explodes.",
        ),
        "not_scaled": Wrong(
            """
def update(x, m, v, lr, decay):
    return (1 - decay) * x - lr * m / (v**0.5 + 1e-8)
""",
            "This is the paper's form, where the decay does not carry the learning rate. The "
            "exercise asks for PyTorch's.",
        ),
        "grows": Wrong(
            """
def update(x, m, v, lr, decay):
    return x - lr * (m / (v**0.5 + 1e-8) - decay * x)
""",
            "The sign of the decay is turned: weights grow by the share $\\eta\\lambda$ at each "
            "step.",
        ),
    },
    explanation=r"""
`lr * decay * x` inside a bracket that is multiplied by `lr` makes the decay $\eta^2\lambda$. The
run trains, the loss falls, and nothing fails; only the weights tell. The test that kills it is one
line: a weight without gradient must keep the share $1-\eta\lambda$.
""",
)
