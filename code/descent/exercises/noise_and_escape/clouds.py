"""Measure an escape time with a cloud."""

from functools import lru_cache

from descent.exercises.measure import expect, number
from descent.exercises.model import Exercise, Wrong

# From the exact integral, for steps that are short.
EXACT = {0.25: 41.03, 0.4: 19.09}


@lru_cache(maxsize=8)
def measured(escape, eps: float) -> float:
    """What the reader measures."""
    return number(escape(eps, 0), "the mean time")


def check_times(escape) -> None:
    """The measured times are those of the exact integral."""
    for eps, want in EXACT.items():
        mine = measured(escape, eps)
        expect(
            abs(mine - want) < 0.15 * want,
            f"the mean time for ε = {eps:g} is within 15 % of {want:g}; yours was {mine:.4g}",
        )


SOLUTION = """
def escape(eps, seed):
    rng = torch.Generator().manual_seed(seed)
    h, count = 0.02, 800
    x = torch.full((count,), -1.0, dtype=torch.float64)
    total, out = 0.0, 0
    for step in range(1, 25001):
        noise = torch.randn(len(x), generator=rng, dtype=x.dtype)
        x = x - h * x * (x**2 - 1) + (eps * h) ** 0.5 * noise
        left = x >= 1
        total += float(left.sum()) * step * h
        out += int(left.sum())
        x = x[~left]
        if not len(x):
            break
    return total / out
"""

ESCAPE = Exercise(
    id="noise_and_escape.escape",
    kind="replicate",
    title="Time an escape",
    stars=2,
    minutes=30,
    name="escape",
    prompt=r"""
Measure the mean time from $-1$ to $+1$ in the double well, $f'(x)=x(x^2-1)$, for
$dx=-f'\,dt+\sqrt\varepsilon\,dW$. Write `escape(eps, seed)`: several hundred particles, steps of
about 0.02, noise from a generator with that seed. It is tried at $\varepsilon=0.25$ and 0.4 and
must be right within 15 %.
""",
    stub='''
def escape(eps, seed):
    """Return the mean time until x reaches 1."""
    ...
''',
    solution=SOLUTION,
    hints=(
        "A step of length h has drift $-hf'$ and noise of standard deviation "
        "$\\sqrt{\\varepsilon h}$.",
        "Take particles out when they arrive, and remember the time: step times h.",
        "Wait for all of them. The last ones take several mean times.",
    ),
    checks=(check_times,),
    probe=lambda answer: [measured(answer, eps) for eps in EXACT],
    wrong={
        "steps": Wrong(
            SOLUTION.replace("* step * h", "* step"),
            "You count steps. The time is the number of steps times the length of one.",
            like=lambda answer: 30 < measured(answer, 0.25) / EXACT[0.25] < 70,
        ),
        "impatient": Wrong(
            SOLUTION.replace("25001", "1001"),
            "You stopped after a short time and averaged those that had arrived: the slow ones "
            "are missing, and they make the mean.",
        ),
        "amplitude": Wrong(
            SOLUTION.replace("(eps * h) ** 0.5", "eps * h ** 0.5"),
            "The noise of a step has the *variance* $\\varepsilon h$.",
        ),
    },
    explanation=r"""
About 41 and 19 units of time. The formula of Eyring and Kramers says 33 and 16: at these strengths
the barrier is only a few times the noise.
""",
)
