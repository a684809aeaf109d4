"""Measure the noise floor at equal effective learning rate."""

from functools import lru_cache

import torch

from descent.exercises.measure import array, expect, number
from descent.exercises.model import Exercise, Wrong

PAIRS = ((0.1, 0.0), (0.05, 0.5), (0.01, 0.9))


def theory(lr: float, beta: float) -> float:
    """Stationary variance of the position for λ = σ = 1."""
    return lr * (1 + beta) / ((1 - beta) * (2 * (1 + beta) - lr))


@lru_cache(maxsize=8)
def measured(floor) -> torch.Tensor:
    """What the reader measures, for each pair."""
    values = [number(floor(lr, beta, 0), "the mean of x²") for lr, beta in PAIRS]
    return array(values, "the means of x²", (len(PAIRS),))


def check_theory(floor) -> None:
    """Each measurement agrees with the closed form."""
    for value, (lr, beta) in zip(measured(floor).tolist(), PAIRS, strict=True):
        want = theory(lr, beta)
        expect(
            abs(value - want) < 0.06 * want,
            f"the mean of x² for lr = {lr:g}, beta = {beta:g} is within 6 % of {want:.4g}; yours "
            f"was {value:.4g}",
        )


def check_seeds(floor) -> None:
    """Another seed is another measurement of the same thing."""
    first, second = (number(floor(0.1, 0.0, seed), "the mean of x²") for seed in (0, 1))
    expect(first != second, "two seeds give different noise; yours gave the same number")


SOLUTION = """
def floor(lr, beta, seed):
    generator = torch.Generator().manual_seed(seed)
    x = torch.zeros(4000, dtype=torch.float64)
    v = torch.zeros_like(x)
    total, count = 0.0, 0
    for step in range(600):
        noise = torch.randn(4000, dtype=torch.float64, generator=generator)
        v = beta * v - lr * (x + noise)
        x = x + v
        if step >= 300 and step % 10 == 0:
            total, count = total + x.square().mean(), count + 1
    return total / count
"""

EXERCISE = Exercise(
    id="momentum.floor",
    kind="replicate",
    title="Three runs, one floor",
    stars=2,
    minutes=20,
    name="floor",
    prompt=r"""
"Momentum averages the noise away." Measure it.

On $f=\tfrac12x^2$ the gradient is $x+\xi$, with fresh standard normal noise at every step. Write
`floor(lr, beta, seed)`: run the heavy ball until it has settled and return the mean of $x^2$ from
then on. Use many particles, or one very long run, so that the result is good to a few percent, and
draw all noise from a generator with that seed.

The check measures `lr = 0.1` without momentum, `0.05` with 0.5 and `0.01` with 0.9: three runs with
the same *effective* rate, 0.1.
""",
    stub='''
def floor(lr, beta, seed):
    """Return the mean of x squared once the run has settled."""
    ...
''',
    solution=SOLUTION,
    hints=(
        "A tensor of a few thousand positions is a few thousand independent runs.",
        "The memory of the process is about $1/(\\bar\\eta\\lambda) = 10$ steps: after a few "
        "hundred it has forgotten its start.",
        "In each step `v = beta * v - lr * (x + noise)`, then `x = x + v`. Average `x**2` over the "
        "particles and over the later steps.",
    ),
    checks=(check_theory, check_seeds),
    wrong={
        "from_the_start": Wrong(
            SOLUTION.replace("torch.zeros(4000", "2 * torch.ones(4000").replace(
                "step >= 300 and step % 10 == 0", "step >= 0"
            ),
            "Your mean contains the way down from the start. Let the run settle first, then "
            "measure.",
        ),
        "velocity": Wrong(
            SOLUTION.replace("x.square().mean()", "v.square().mean()"),
            "This is the variance of the *velocity*. The floor of the loss is that of the "
            "position.",
        ),
        "one_noise": Wrong(
            SOLUTION.replace("    for step in range(600):\n", "")
            .replace("        noise = torch.randn", "    noise = torch.randn")
            .replace(
                "generator=generator)\n", "generator=generator)\n    for step in range(600):\n"
            ),
            "The noise is drawn once and kept: then it is an offset of the minimum, and $x^2$ "
            "tends to its square. Draw afresh at every step.",
        ),
        "average": Wrong(
            SOLUTION.replace(
                "v = beta * v - lr * (x + noise)",
                "v = beta * v - lr * (1 - beta) * (x + noise)",
            ),
            "With the factor $1-\\beta$ on the gradient the effective rate is `lr` itself, so "
            "your three runs have three different ones. The task keeps the sum.",
        ),
    },
    explanation=r"""
All three settle near 0.05: 0.0526 without momentum, 0.0508 with 0.5 and 0.0503 with 0.9.
Momentum 0.9 smooths the *velocity*, and at equal effective rate leaves the position's variance
where it was.
What it does buy is stability: it allows effective rates at which gradient descent diverges.
""",
)
