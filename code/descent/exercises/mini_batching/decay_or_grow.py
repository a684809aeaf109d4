"""A smaller rate or a larger batch."""

from functools import cache

import torch

from descent.exercises.measure import array, expect, number
from descent.exercises.model import Exercise, Wrong

SETTINGS = ((0.2, 1, 40), (0.2, 4, 40), (0.05, 1, 160))


def exact(lr: float, batch: int, steps: int) -> float:
    """Mean of x² after some steps from 0, with noise of variance 1 / batch."""
    keep = (1 - lr) ** 2
    return lr**2 / batch * (1 - keep**steps) / (1 - keep)


@cache
def measured(spread) -> torch.Tensor:
    """The reader's mean squares."""
    values = [number(spread(*setting, 0), "the mean of x²") for setting in SETTINGS]
    return array(values, "the means of x²", (3,))


def check_exact(spread) -> None:
    """Each measurement agrees with the exact second moment."""
    for value, setting in zip(measured(spread).tolist(), SETTINGS, strict=True):
        want = exact(*setting)
        expect(
            abs(value - want) < 0.06 * want,
            f"the mean of x² for (lr, batch, steps) = {setting} is within 6 % of {want:.4g}; yours "
            f"was {value:.4g}",
        )


def check_seeds(spread) -> None:
    """Another seed is another measurement."""
    first, second = (number(spread(*SETTINGS[0], seed), "the mean of x²") for seed in (0, 1))
    expect(first != second, "two seeds give different noise; yours gave the same number")


SOLUTION = """
def spread(lr, batch, steps, seed):
    generator = torch.Generator().manual_seed(seed)
    x = torch.zeros(10_000)
    for _ in range(steps):
        noise = torch.randn(10_000, batch, generator=generator).mean(-1)
        x = x - lr * (x + noise)
    return x.square().mean()
"""

EXERCISE = Exercise(
    id="mini_batching.decay_or_grow",
    kind="replicate",
    title="Do not decay the rate: grow the batch",
    stars=2,
    minutes=20,
    name="spread",
    prompt=r"""
On $f=\tfrac12x^2$ one example's gradient is $x+\xi$ with standard normal $\xi$. Write
`spread(lr, batch, steps, seed)`: start ten thousand runs at 0, let each make `steps` steps along
the mean gradient of `batch` examples, and return the mean of $x^2$ in the end. Draw everything from
one generator with that seed.

The check compares three settings that process 40, 160 and 160 examples a run. Before you run it:
does a fourfold batch leave the same noise as a rate that is four times smaller?
""",
    stub='''
def spread(lr, batch, steps, seed):
    """Return the mean of x squared over many runs."""
    ...
''',
    solution=SOLUTION,
    hints=(
        "A tensor (runs, batch) holds all examples of a step; its mean over the last axis is the "
        "noise of the batch.",
        "`x = x - lr * (x + noise)` for all runs at once.",
        "Make one generator before the loop, and draw afresh from it in every step.",
    ),
    checks=(check_exact, check_seeds),
    wrong={
        "sum": Wrong(
            SOLUTION.replace(".mean(-1)", ".sum(-1)"),
            "You add the gradients of the batch up. Then a larger batch is also a larger rate.",
        ),
        "batch_ignored": Wrong(
            SOLUTION.replace("10_000, batch,", "10_000, 1,"),
            "Your noise does not depend on the batch size.",
        ),
        "same_noise": Wrong(
            SOLUTION.replace("    for _ in range(steps):\n", "")
            .replace("        noise = ", "    noise = ")
            .replace(".mean(-1)\n", ".mean(-1)\n    for _ in range(steps):\n"),
            "The batch is drawn once and used in every step: then it is an offset, not noise.",
        ),
    },
    explanation=r"""
The means are 0.111, 0.0278 and 0.0256. A fourfold batch has a quarter of the variance, and a
quarter of the rate leaves nearly the same, $\eta/(2-\eta)$ with $\eta=0.05$.
So far it is one lever with two handles. The difference is in the other currency: the fourfold batch
made 40 steps, the small rate 160, with the same number of examples. If steps can be shared among
machines, the batch is the better handle; if not, the rate.
""",
)
