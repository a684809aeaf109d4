"""Where to cut when the two mistakes cost differently."""

from descent.exercises.measure import expect_close, number
from descent.exercises.model import Exercise, Wrong

COSTS = (0.25, 1.0, 4.0, 99.0)


def check_threshold(threshold) -> None:
    """At the threshold both decisions have the same expected cost."""
    for miss in COSTS:
        p = number(threshold(miss), "the threshold")
        expect_close(p * miss, 1 - p, f"the cost of saying −1 at the threshold, c = {miss:g},")


EXERCISE = Exercise(
    id="cost_functions.price",
    kind="code",
    title="When one mistake is worse",
    stars=1,
    minutes=10,
    name="threshold",
    prompt=r"""
The performance that you want is rarely the 0-1 loss. Say that missing a positive costs $c$ and a
false alarm costs 1. A network trained by cross-entropy tells you $p=P(y=+1\mid u)$.
From which $p$ on should you say $+1$? Write `threshold(c)`.
""",
    stub='''
def threshold(c):
    """Return the probability from which +1 is the cheaper answer."""
    ...
''',
    solution="""
def threshold(c):
    return 1 / (1 + c)
""",
    hints=(
        "Write down the expected cost of each of the two answers.",
        "Saying $-1$ costs $p\\,c$; saying $+1$ costs $1-p$.",
        "They are equal at $p\\,c = 1-p$.",
    ),
    checks=(check_threshold,),
    probe=lambda answer: [float(answer(c)) for c in COSTS],
    wrong={
        "half": Wrong(
            """
def threshold(c):
    return 0.5
""",
            "That is right when both mistakes cost the same.",
        ),
        "turned": Wrong(
            """
def threshold(c):
    return c / (1 + c)
""",
            "The other way round: this says $+1$ *less* often when missing it is expensive.",
        ),
        "inverse": Wrong(
            """
def threshold(c):
    return 1 / c
""",
            "For $c=1$ this would ask for certainty. Compare $pc$ with $1-p$, not with 1.",
        ),
    },
    explanation=r"""
$p\,c>1-p$ exactly when $p>1/(1+c)$. A loss from which probabilities can be read, such as the
logistic loss, serves every $c$ without training again. The hinge loss does not: it keeps the sign
of $2p-1$ and forgets the rest.
""",
)
