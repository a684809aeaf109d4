"""Four programs that all claim to be momentum, told apart by what they do."""

from functools import cache

from descent.exercises.cases import called, each_has_its_own
from descent.exercises.model import Exercise, Wrong

NAMES = ("heavy ball", "Nesterov", "old velocity", "average")
DIAGNOSIS = {"A": "average", "B": "Nesterov", "C": "old velocity", "D": "heavy ball"}
LR, BETA, STEPS = 0.2, 0.5, 6


def follow(name: str) -> list[float]:
    """Positions of one program on f = x² / 2, from 1 at rest."""
    x, v, path = 1.0, 0.0, [1.0]
    for _ in range(STEPS):
        if name == "heavy ball":
            v = BETA * v - LR * x
            x = x + v
        elif name == "Nesterov":
            v = BETA * v - LR * (x + BETA * v)
            x = x + v
        elif name == "old velocity":
            x, v = x + v, BETA * v - LR * x
        else:
            v = BETA * v + (1 - BETA) * x
            x = x - LR * v
        path.append(x)
    return path


@cache
def table() -> str:
    """Lay out the four paths as a Markdown table."""
    paths = {letter: follow(name) for letter, name in DIAGNOSIS.items()}
    rows = [
        f"| {k} |" + "".join(f" {path[k]:.4f} |" for path in paths.values())
        for k in range(STEPS + 1)
    ]
    return "\n".join(["| step | A | B | C | D |", "|-:|-:|-:|-:|-:|", *rows])


EXERCISE = Exercise(
    id="momentum.four_codes",
    kind="diagnose",
    title="Four programs called momentum",
    stars=2,
    minutes=15,
    name="diagnosis",
    prompt=rf"""
Four programs minimize $f(x)=\tfrac12x^2$ from $x=1$ at rest, with `lr = {LR}` and `beta = {BETA}`.
Each prints its positions:

{table()}

One is the heavy ball. One is Nesterov's method, printed at $x$ and not at the look-ahead point. One
moves by the *old velocity*, before it updates it. One keeps an *average* of gradients instead of a
sum. Name each: `"heavy ball"`, `"Nesterov"`, `"old velocity"` or `"average"`.
""",
    stub='diagnosis = {"A": ..., "B": ..., "C": ..., "D": ...}',
    solution="""
diagnosis = {
    "A": "average",
    "B": "Nesterov",
    "C": "old velocity",
    "D": "heavy ball",
}
""",
    hints=(
        "The first step tells two of them: who does not move, and who moves by less than "
        "$\\eta g$?",
        "B and D agree on the first step. Compute the second of each: the velocity is $-0.2$, and "
        "the gradient is taken at $x$ or at $x+\\beta v$.",
        "Second velocity of the heavy ball: $0.5\\cdot(-0.2) - 0.2\\cdot 0.8 = -0.26$. Of "
        "Nesterov's: $-0.1 - 0.2\\cdot 0.7 = -0.24$.",
    ),
    checks=(each_has_its_own("path", "program", DIAGNOSIS, NAMES),),
    wrong={
        "looks_ahead_swapped": Wrong(
            'diagnosis = {"A": "average", "B": "heavy ball", "C": "old velocity", "D": "Nesterov"}',
            "B and D differ from the second step on. Looking ahead means to see the gradient "
            "*shrink* before arriving: which of the two brakes earlier?",
            like=lambda d: d["B"] == "heavy ball" and d["D"] == "Nesterov",
        ),
        "rest_is_average": Wrong(
            'diagnosis = {"A": "old velocity", "B": "Nesterov", "C": "average", "D": "heavy ball"}',
            "An average has a first step as well, only a shorter one. Which program cannot move at "
            "all while its velocity is still zero?",
            like=called("C", "average"),
        ),
        "slow_is_old": Wrong(
            'diagnosis = {"A": "heavy ball", "B": "Nesterov", "C": "old velocity", "D": "average"}',
            "A moves by 0.1 in its first step. The heavy ball's first step is plain gradient "
            "descent, $\\eta g = 0.2$.",
            like=called("A", "heavy ball"),
        ),
    },
    explanation=r"""
C does not move in its first step: it uses the velocity from before, which is zero.
A moves by $\eta(1-\beta)g = 0.1$: its weights add up to one.
B and D both begin with $\eta g$. In the second step D adds the gradient at 0.8, B the gradient at
the
look-ahead point $0.8-0.1=0.7$, so B brakes earlier and overshoots less.
C overshoots most: its gradients come one step late.
""",
)
