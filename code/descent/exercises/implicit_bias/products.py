"""Singular values that wait, and an entry that runs away."""

import math

from descent.exercises.measure import expect, expect_close, number
from descent.exercises.model import Exercise, Wrong

GROWTHS = ((1e-3, 3), (1e-2, 4), (1e-4, 6), (0.05, 3))


def waited(start: float, depth: int) -> float:
    """Integrate sigma' = N sigma^(2 - 2/N) from the start to 1, in the logarithm."""
    steps, low = 20_000, math.log(start)
    width = -low / steps
    places = (low + (i + 0.5) * width for i in range(steps))
    return sum(width * math.exp(p) ** (2 / depth - 1) / depth for p in places)


def check_waits(wait) -> None:
    """The wait is that of the equation without saturation."""
    for start, depth in GROWTHS:
        mine = number(wait(start, depth), "the time")
        what = f"the time from {start:g} to 1 with {depth} factors"
        expect_close(mine, waited(start, depth), what, rtol=1e-4)


WAIT = Exercise(
    id="implicit_bias.wait",
    kind="prove",
    title="The price of depth",
    stars=2,
    minutes=15,
    name="wait",
    prompt=r"""
Far from its target a singular value of $N\ge3$ balanced factors follows
$\dot\sigma=N\sigma^{2-2/N}$. Derive the time from $\sigma_0$ to 1 and enter it as
`wait(start, depth)`.
""",
    stub='''
def wait(start, depth):
    """Return the time from start to 1."""
    ...
''',
    solution="""
def wait(start, depth):
    power = 1 - 2 / depth
    return (start**-power - 1) / (depth * power)
""",
    hints=(
        "Separate: $\\sigma^{2/N-2}\\,d\\sigma=N\\,dt$.",
        "The antiderivative has the exponent $2/N-1<0$.",
        "$t=\\bigl(\\sigma_0^{-(1-2/N)}-1\\bigr)/(N-2)$.",
    ),
    checks=(check_waits,),
    probe=lambda answer: [float(answer(*case)) for case in GROWTHS],
    wrong={
        "log": Wrong(
            "import math\n\n\ndef wait(start, depth):\n    return math.log(1 / start) / depth",
            "That is growth by a constant factor, $\\dot\\sigma=N\\sigma$: two factors.",
        ),
        "no_n": Wrong(
            "def wait(start, depth):\n    power = 1 - 2 / depth\n"
            "    return (start**-power - 1) / power",
            "The factor $N$ of the speed is missing.",
        ),
        "whole": Wrong(
            "def wait(start, depth):\n    power = 1 - 2 / depth\n"
            "    return start**-power / (depth * power)",
            "The integral ends at 1: subtract what is left there.",
        ),
    },
    explanation=r"""
$(\sigma_0^{-(1-2/N)}-1)/(N-2)$. Two singular values with pulls $a>b$ reach size 1 at times in the
ratio $b/a$; since the wait is long and the rise short, the stronger is done long before the weaker
begins.
""",
)

LOSSES = (0.3, 0.02, 1e-3, 1e-5)


def check_bound(bound) -> None:
    """No matrix with a positive determinant and this loss has a smaller corner."""
    for loss in LOSSES:
        mine = number(bound(loss), "the bound")
        off = math.sqrt(2 * loss)
        least = math.inf
        for i in range(4001):
            # Share the errors: w22 = off cos, w12 = w21 = 1 - off sin / sqrt 2.
            angle = math.pi / 2 * i / 4001
            side = 1 - off * math.sin(angle) / math.sqrt(2)
            least = min(least, side * side / (off * math.cos(angle)))
        expect(
            mine <= least * (1 + 1e-6),
            f"for a loss of {loss:g} there is a matrix of positive determinant with W11 = "
            f"{least:.4g}; your bound {mine:.4g} forbids it",
        )
        expect(
            mine >= (1 - off) ** 2 / off - 1e-9,
            f"for a loss of {loss:g} the bound can be at least {(1 - off) ** 2 / off:.4g}; "
            f"yours was {mine:.4g}",
        )


BOUND = Exercise(
    id="implicit_bias.bound",
    kind="prove",
    title="It has to run",
    stars=3,
    minutes=25,
    name="bound",
    prompt=r"""
$W_{12}=W_{21}=1$ and $W_{22}=0$ are seen, $\ell=\tfrac12\sum(W_{ij}-M_{ij})^2<\tfrac12$ over these,
and $\det W>0$. Derive a lower bound of $\abs{W_{11}}$ that goes to infinity as $\ell\to0$.
Enter it as `bound(loss)`. It must hold for every such matrix, and be at least as good as using
$\abs{W_{ij}-M_{ij}}\le\sqrt{2\ell}$ for each entry.
""",
    stub='''
def bound(loss):
    """Return a lower bound of |W11|."""
    ...
''',
    solution="""
import math


def bound(loss):
    off = math.sqrt(2 * loss)
    return (1 - off) ** 2 / off
""",
    hints=(
        "$\\det W>0$ says $W_{11}W_{22}>W_{12}W_{21}$.",
        "Each seen entry is off by at most $\\sqrt{2\\ell}$.",
        "So $W_{12}W_{21}\\ge(1-\\sqrt{2\\ell})^2$ and $\\abs{W_{22}}\\le\\sqrt{2\\ell}$.",
    ),
    checks=(check_bound,),
    probe=lambda answer: [float(answer(loss)) for loss in LOSSES],
    wrong={
        "no_sides": Wrong(
            "import math\n\n\ndef bound(loss):\n    return 1 / math.sqrt(2 * loss)",
            "You let $W_{12}W_{21}=1$. These entries are off, too.",
        ),
        "loss": Wrong(
            "def bound(loss):\n    return (1 - loss) ** 2 / loss",
            "The loss is half the *square* of the errors.",
        ),
    },
    explanation=r"""
$\abs{W_{11}}>(1-\sqrt{2\ell})^2/\sqrt{2\ell}$. As every norm of $W$ is at least a constant times
$\abs{W_{11}}$, all of them diverge while the loss vanishes, and the second singular value,
$\det W/\sigma_1$, vanishes.
""",
)
