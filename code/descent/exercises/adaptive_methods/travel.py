"""How far AdaGrad gets although its steps vanish."""

import math

from descent.adaptive_methods import adagrad_travel
from descent.exercises.measure import expect, number
from descent.exercises.model import Exercise, Wrong

CASES = ((1.0, 0.01), (20.0, 0.1), (3.0, 0.005))


def check_covers(needed) -> None:
    """So many steps cover the distance, to a hundredth."""
    for distance, lr in CASES:
        k = number(needed(distance, lr), "the number of steps")
        expect(k >= 1, f"at least one step is needed; yours was {k:.4g}")
        covered = lr * adagrad_travel(max(1, min(10**7, math.ceil(k))))
        expect(
            0.97 * distance <= covered <= 1.03 * distance,
            f"so many steps cover a distance of {distance:g} at η = {lr:g}, within 3 %; "
            f"your {k:.5g} steps cover {covered:.4g}",
        )


EXERCISE = Exercise(
    id="adaptive_methods.travel",
    kind="prove",
    title="AdaGrad does not stall",
    stars=1,
    minutes=10,
    name="needed",
    prompt=r"""
On a constant gradient AdaGrad's step $k$ has the length $\eta/\sqrt k$, which tends to 0. Prove
that it still covers every distance, and find how many steps a distance $D \gg \eta$ takes, to
leading order. Enter the formula; it is compared with the sum of the steps, within three percent.
""",
    stub='''
def needed(distance, lr):
    """Return about how many steps AdaGrad needs to cover a distance."""
    ...
''',
    solution="""
def needed(distance, lr):
    return (distance / (2 * lr)) ** 2
""",
    hints=(
        "The distance after $K$ steps is $\\eta\\sum_{k\\le K} 1/\\sqrt k$. Compare the sum with "
        "an integral.",
        "$\\int_0^K t^{-1/2}\\,dt = 2\\sqrt K$.",
        "Solve $2\\eta\\sqrt K = D$ for $K$.",
    ),
    checks=(check_covers,),
    probe=lambda answer: [float(answer(*case)) for case in CASES],
    wrong={
        "no_slowdown": Wrong(
            "def needed(distance, lr):\n    return distance / lr",
            "That many steps would do if every step were $\\eta$ long. They shrink.",
        ),
        "no_two": Wrong(
            "def needed(distance, lr):\n    return (distance / lr) ** 2",
            "The sum of $1/\\sqrt k$ is about twice $\\sqrt K$, not $\\sqrt K$: the early steps "
            "are the long ones.",
        ),
        "harmonic": Wrong(
            "import math\n\n\ndef needed(distance, lr):\n"
            "    return math.exp(min(16.0, distance / lr))",
            "That is the count for steps $\\eta/k$, whose sum grows like a logarithm. AdaGrad's "
            "shrink like one over the *root*.",
        ),
    },
    explanation=r"""
$\sum_{k\le K} k^{-1/2}$ lies between $2\sqrt{K+1}-2$ and $2\sqrt K - 1$, so the distance is
$2\eta\sqrt K$ to leading order and has no bound. $K = (D/2\eta)^2$: twice the distance takes four
times the steps. The method slows down, and "the rate decays to zero" is no proof that it stops.
""",
)
