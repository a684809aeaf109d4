"""Where paths of linear models lead."""

import torch

from descent.exercises.measure import array, expect, expect_close
from descent.exercises.model import Exercise, Number, Wrong

SCALED = Exercise(
    id="implicit_bias.scaled",
    kind="predict",
    title="Ten times the unit",
    stars=1,
    minutes=5,
    name="share",
    question=Number(within=0.01, digits=3),
    prompt=r"""
Two features say the same about an example; the second is measured in a unit ten times smaller, so
the inputs are $(1, 10)$. Gradient descent from 0 fits the target 1. Which share of the prediction
comes from the second feature?
""",
    stub="share = ...",
    solution="""
from descent import implicit_bias as ib

row = torch.tensor([[1.0, 10.0]])
x = ib.nearest(row, torch.ones(1), torch.zeros(2))
share = float(10 * x[1])
""",
    hints=(
        "The path stays on the ray through $(1, 10)$.",
        "So $x=c\\,(1,10)$ with $c\\cdot101=1$.",
        "The second part of the prediction is $10\\cdot10c$.",
    ),
    wrong={
        "half": Wrong(
            "share = 0.5", "They say the same, but the path does not know: see the rows."
        ),
        "linear": Wrong(
            "share = 10 / 11",
            "The weight is ten times as large *and* is multiplied by a feature ten times as large.",
        ),
    },
    explanation=r"""
$100/101$: a change of units decides which feature is used. Preferences enter by the square of the
scale. Adam from 0 would give equal weights, and a share of $10/11$.
""",
)


def problems() -> list[tuple[torch.Tensor, torch.Tensor, torch.Tensor]]:
    """Rows, targets and starts of three sizes."""
    rng = torch.Generator().manual_seed(2)

    def draw(*shape: int) -> torch.Tensor:
        return torch.randn(*shape, generator=rng, dtype=torch.float64)

    return [(draw(n, d), draw(n), draw(d)) for n, d in ((1, 2), (3, 7), (5, 9))]


def check_fits(limit) -> None:
    """The limit fits."""
    for rows, targets, start in problems():
        mine = array(limit(rows, targets, start), "the limit", start.shape)
        expect_close(rows @ mine, targets, "the predictions at your limit", rtol=1e-6)


def check_kept(limit) -> None:
    """Directions that no example sees keep their start."""
    for rows, targets, start in problems():
        mine = array(limit(rows, targets, start), "the limit", start.shape)
        unseen = torch.linalg.svd(rows).Vh[len(rows) :]
        gap = float((unseen @ (mine - start)).abs().max())
        expect(
            gap < 1e-6,
            f"directions that no row sees keep their start; yours are off by {gap:.3g}",
        )


LIMIT = """
def limit(rows, targets, start):
    return start + torch.linalg.pinv(rows) @ (targets - rows @ start)
"""

NEAREST = Exercise(
    id="implicit_bias.nearest",
    kind="code",
    title="Where descent ends",
    stars=1,
    minutes=15,
    name="limit",
    prompt=r"""
Gradient descent on $\tfrac12\abs{Ax-b}^2$ starts at $x_0$, with fewer rows than weights. Return its
limit without running it: `limit(rows, targets, start)`.
""",
    stub='''
def limit(rows, targets, start):
    """Return the limit of gradient descent, (d,)."""
    ...
''',
    solution=LIMIT,
    hints=(
        "The path moves along rows only. Write the limit as $x_0+A\\T c$.",
        "It must fit: $AA\\T c=b-Ax_0$.",
        "`torch.linalg.pinv(rows)` is $A\\T(AA\\T)^{-1}$.",
    ),
    checks=(check_fits, check_kept),
    probe=lambda answer: [
        v for p in problems() for v in array(answer(*p), "the limit").flatten().tolist()
    ],
    wrong={
        "from_zero": Wrong(
            LIMIT.replace("start + ", "").replace(" - rows @ start", ""),
            "That is where the run from 0 ends. What of the start's part that no row sees?",
        ),
        "start_twice": Wrong(
            LIMIT.replace("(targets - rows @ start)", "targets"),
            "This fits the targets and adds what the start predicts on top.",
        ),
    },
    explanation=r"""
$x_0+A^+(b-Ax_0)$, the projection of the start on the solutions. Rate, momentum and batches change
the way, not the end: all of them move along rows.
""",
)

PLACES = ((0.5, 1.0), (-2.0, 0.3), (3.0, 0.05), (0.0, 2.0))


def check_factors(weight) -> None:
    """The weight is that of the two factors."""
    for moved, alpha in PLACES:
        mine = float(array(weight(moved, alpha), "the weight").reshape(()))
        push = torch.tensor(moved, dtype=torch.float64)
        u, v = alpha * torch.exp(push), alpha * torch.exp(-push)
        what = f"u² − v² for S = {moved:g} and α = {alpha:g}"
        expect_close(mine, u * u - v * v, what)


SQUARES = Exercise(
    id="implicit_bias.squares",
    kind="prove",
    title="A weight made of squares",
    stars=2,
    minutes=20,
    name="weight",
    prompt=r"""
A weight is written $x=u^2-v^2$ and both factors start at $\alpha$. The loss pulls at $x$ with
$r(t)=-\partial f/\partial x$. Let $S=\int_0^t2r\,dt$.

Solve the gradient flow of $u$ and $v$ and enter the weight that results: `weight(S, alpha)`.
""",
    stub='''
def weight(S, alpha):
    """Return x at a time when the pull has added up to S."""
    ...
''',
    solution="""
import math


def weight(S, alpha):
    return 2 * alpha**2 * math.sinh(2 * S)
""",
    hints=(
        "$\\dot u=2ur$ and $\\dot v=-2vr$.",
        "So $u=\\alpha e^S$. And $v$?",
        "$e^{2S}-e^{-2S}=2\\sinh2S$.",
    ),
    checks=(check_factors,),
    probe=lambda answer: [float(array(answer(*p), "the weight").reshape(())) for p in PLACES],
    wrong={
        "linear": Wrong(
            "def weight(S, alpha):\n    return 4 * alpha**2 * S",
            "Right for small $S$ only, where the squares act as a linear model.",
        ),
        "half": Wrong(
            "import math\n\n\ndef weight(S, alpha):\n    return 2 * alpha**2 * math.sinh(S)",
            "The squares double the exponent: $u^2=\\alpha^2e^{2S}$.",
        ),
        "alpha": Wrong(
            "import math\n\n\ndef weight(S, alpha):\n    return 2 * alpha * math.sinh(2 * S)",
            "$u^2$ starts at $\\alpha^2$, not at $\\alpha$.",
        ),
    },
    explanation=r"""
$2\alpha^2\sinh2S$. For $\abs S\ll1$ that is linear and the model behaves like a linear one. For a
small $\alpha$ a weight must wait until $S$ is about $\log(1/\alpha)$ and then explodes: first come
those that are pulled hardest, and that is sparsity.
""",
)
