"""The action of a path, a stationary share, and the law of a chain, in code."""

import torch

from descent import noise_and_escape as ne
from descent.exercises.measure import array, expect_close, number
from descent.exercises.model import Exercise, Wrong

TIME, PIECES = 4.0, 200


def path() -> torch.Tensor:
    """A path from -1 to 0.5, in the double well."""
    t = torch.linspace(0, 1, PIECES + 1, dtype=torch.float64)
    return -1 + 1.5 * t**2


def paths() -> tuple[torch.Tensor, ...]:
    """Three paths: uphill, backwards, and resting on the barrier."""
    return path(), path().flip(0), torch.zeros(PIECES + 1, dtype=torch.float64)


def by_definition(points: torch.Tensor, variance: float) -> float:
    """The action by the midpoint rule."""
    middle, h = (points[1:] + points[:-1]) / 2, TIME / PIECES
    push = points.diff() / h + ne.double_well_slope(middle)
    return float(h / 2 * (push**2).sum() / variance)


def check_action(action) -> None:
    """The action agrees with the midpoint rule up to the size of a step."""
    for points in paths():
        for variance in (1.0, 4.0):
            mine = number(action(points, TIME, variance), "the action")
            want = by_definition(points, variance)
            what = f"the action from {float(points[0]):g} to {float(points[-1]):g}, D = {variance}"
            expect_close(mine, want, what, rtol=0.03, atol=1e-6)


ACTION = Exercise(
    id="noise_and_escape.action",
    kind="code",
    title="The price of a path",
    stars=2,
    minutes=20,
    name="action",
    prompt=r"""
In the double well $f'(x)=x(x^2-1)$ with constant noise variance $D$, compute the action of a path
that is given at evenly spaced times from 0 to `time`,

$$S=\frac1{2D}\int_0^T(\dot\psi+f'(\psi))^2\,dt .$$

Differences for $\dot\psi$, sums for the integral. The path has 201 points.
""",
    stub='''
def action(path, time, variance):
    """Return the action of a path, (n + 1,)."""
    ...
''',
    solution="""
def action(path, time, variance):
    h = time / (len(path) - 1)
    middle = (path[1:] + path[:-1]) / 2
    push = path.diff() / h + middle * (middle**2 - 1)
    return h / 2 * (push**2).sum() / variance
""",
    hints=(
        "Let $h=T/n$. On a piece the velocity is $(\\psi_{k+1}-\\psi_k)/h$.",
        "Take the slope at the middle of the piece.",
        "Sum the squares of velocity plus slope, times $h/2D$.",
    ),
    checks=(check_action,),
    probe=lambda answer: [float(answer(p, TIME, 1.0)) for p in paths()],
    wrong={
        "minus": Wrong(
            """
def action(path, time, variance):
    h = time / (len(path) - 1)
    middle = (path[1:] + path[:-1]) / 2
    push = path.diff() / h - middle * (middle**2 - 1)
    return h / 2 * (push**2).sum() / variance
""",
            "Then going *up* would be free. Without noise $\\dot\\psi=-f'$, so what the noise "
            "supplies is $\\dot\\psi+f'$.",
        ),
        "no_step": Wrong(
            """
def action(path, time, variance):
    middle = (path[1:] + path[:-1]) / 2
    push = path.diff() + middle * (middle**2 - 1)
    return 0.5 * (push**2).sum() / variance
""",
            "The velocity is a difference *divided by* the time step, and the sum is multiplied "
            "by it.",
        ),
        "whole": Wrong(
            """
def action(path, time, variance):
    h = time / (len(path) - 1)
    middle = (path[1:] + path[:-1]) / 2
    push = path.diff() / h + middle * (middle**2 - 1)
    return h * (push**2).sum() / variance
""",
            "The factor one half is missing.",
        ),
    },
    explanation=r"""
The path that rests on the barrier is free, and one that follows descent would be nearly so. The
last test doubles as a check of signs: backwards is not the same price.
""",
)

RIGHTS = (1.0, 1.5, 0.6)


def exact_share(right: float) -> float:
    """Share on the left, for D = 1 left and `right` right, at strength 0.2."""
    x = ne.grid(-3.0, 3.0, 6001)
    density = ne.stationary(ne.double_well_slope, lambda u: ne.switch(u, 1.0, right), 0.2, x)
    return float(ne.share_below(density, x, 0.0))


def check_share(share) -> None:
    """The share is that of the exact law."""
    for right in RIGHTS:
        mine = number(share(lambda x, r=right: ne.switch(x, 1.0, r), 0.2), "the share")
        expect_close(mine, exact_share(right), f"the share on the left for D = {right:g} right",
                     rtol=0.005)  # fmt: skip


SHARE_SOLUTION = """
def share(variance, eps):
    x = torch.linspace(-3, 3, 6001, dtype=torch.float64)
    d = variance(x)
    power = torch.cumulative_trapezoid(2 * x * (x**2 - 1) / d, x) / eps
    power = torch.cat([torch.zeros(1, dtype=torch.float64), power])
    density = torch.exp(power.min() - power) / d
    return density[x < 0].sum() / density.sum()
"""

SHARE = Exercise(
    id="noise_and_escape.share",
    kind="code",
    title="Who gets what",
    stars=2,
    minutes=25,
    name="share",
    prompt=r"""
For the double well, $f'(x)=x(x^2-1)$, with noise variance $D(x)$ the stationary law is

$$p(x)\propto\frac1{D(x)}\exp\Bigl(-\frac2\varepsilon\int^x\frac{f'}{D}\Bigr) .$$

Write `share(variance, eps)`: the share of $x<0$, for a function `variance` of a tensor. A grid from
$-3$ to 3 is enough.
""",
    stub='''
def share(variance, eps):
    """Return the share of time on the left."""
    ...
''',
    solution=SHARE_SOLUTION,
    hints=(
        "`torch.linspace(-3, 3, 6001, dtype=torch.float64)` and `torch.cumulative_trapezoid`.",
        "First the integral of $2f'/D$, then divide by $\\varepsilon$.",
        "Do not forget $1/D$ in front; subtract the least exponent before `exp`.",
    ),
    checks=(check_share,),
    probe=lambda answer: [
        float(answer(lambda x, r=right: ne.switch(x, 1.0, r), 0.2)) for right in RIGHTS
    ],
    wrong={
        "gibbs": Wrong(
            """
def share(variance, eps):
    x = torch.linspace(-3, 3, 6001, dtype=torch.float64)
    density = torch.exp(-2 * 0.25 * (x**2 - 1) ** 2 / eps)
    return density[x < 0].sum() / density.sum()
""",
            "Gibbs's law knows nothing of the noise's place. Then both wells are always equal.",
        ),
        "no_front": Wrong(
            SHARE_SOLUTION.replace(
                "torch.exp(power.min() - power) / d", "torch.exp(power.min() - power)"
            ),
            "The factor $1/D$ in front is missing. It comes from reading the noise before the "
            "step.",
        ),
        "local": Wrong(
            """
def share(variance, eps):
    x = torch.linspace(-3, 3, 6001, dtype=torch.float64)
    d = variance(x)
    density = torch.exp(-2 * 0.25 * (x**2 - 1) ** 2 / (eps * d)) / d
    return density[x < 0].sum() / density.sum()
""",
            "This takes $f/D$ instead of the integral of $f'/D$. The way from one well to the "
            "other leads over the barrier, and that is where the difference is made.",
        ),
    },
    explanation=r"""
More noise on the right sends the particles left, less noise keeps them right. Equal depth and equal
curvature do not help: the law is made of $f'/D$.
""",
)


def generators() -> list[torch.Tensor]:
    """Three chains of three or four states."""
    rng = torch.Generator().manual_seed(0)
    rates = [torch.rand(m, m, dtype=torch.float64, generator=rng) for m in (3, 3, 4)]
    rates[1] = rates[1].triu(-1)
    off = [r - torch.diag(r.diag()) for r in rates]
    return [r - torch.diag(r.sum(-1)) for r in off]


def check_law(law) -> None:
    """The law does not change under the chain, and adds up to 1."""
    for q in generators():
        mine = array(law(q), "the law", (len(q),))
        expect_close(mine.sum(), 1.0, "the sum of the law")
        expect_close(mine @ q, torch.zeros(len(q), dtype=torch.float64), "π Q", atol=1e-9)


TREES = Exercise(
    id="noise_and_escape.trees",
    kind="code",
    title="A law made of trees",
    stars=3,
    minutes=30,
    name="law",
    prompt=r"""
A chain with generator $Q$ (rates off the diagonal, rows that add up to 0) has the stationary law

$$\pi_i\propto\det\bigl((-Q)\text{ without row and column } i\bigr),$$

which counts trees that lead to $i$. Write `law(generator)`.
""",
    stub='''
def law(generator):
    """Return the stationary law, (m,)."""
    ...
''',
    solution="""
def law(generator):
    m = len(generator)
    weights = []
    for i in range(m):
        rest = [j for j in range(m) if j != i]
        weights.append(torch.linalg.det(-generator[rest][:, rest]))
    weights = torch.stack(weights)
    return weights / weights.sum()
""",
    hints=(
        "`generator[rest][:, rest]` with a list of indices removes a row and a column.",
        "Mind the sign: $-Q$ has a positive diagonal.",
        "Divide by the sum of the determinants.",
    ),
    checks=(check_law,),
    probe=lambda answer: [v for q in generators() for v in array(answer(q), "the law").tolist()],
    wrong={
        "leaving": Wrong(
            "def law(generator):\n    stay = -1 / generator.diag()\n    return stay / stay.sum()",
            "Long visits are half of it. How often a state is entered counts as well.",
        ),
        "uniform": Wrong(
            "def law(generator):\n"
            "    return torch.full((len(generator),), 1 / len(generator), dtype=torch.float64)",
            "That is stationary only if the rates into and out of every state agree.",
        ),
        "rows": Wrong(
            "def law(generator):\n"
            "    weights = generator.sum(0) - generator.diag()\n"
            "    return weights / weights.sum()",
            "The sum of the rates into a state does not know how much there is to come from.",
        ),
    },
    explanation=r"""
Each tree is a plan by which all states reach $i$. For small noise its weight is $e^{-\text{total
barrier}/\varepsilon}$, and the cheapest plan decides.
""",
)
