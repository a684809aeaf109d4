"""How many examples a comparison of candidates needs."""

from descent.exercises.model import Exercise, Number, Wrong

EXERCISE = Exercise(
    id="cost_functions.validation",
    kind="predict",
    title="A set for a hundred candidates",
    stars=1,
    minutes=10,
    name="answer",
    prompt=r"""
You compare 100 trained networks by their error rates on one validation set. How many examples must
it have so that Hoeffding's bound puts *all* hundred measured rates within 0.01 of the true ones,
with probability 95 %?
""",
    stub="answer = ...",
    question=Number("examples", within=0.05),
    solution="""
from descent.cost_functions import hoeffding_width

# The width falls like 1/√n: one width gives the count for any other.
answer = 1000 * (hoeffding_width(1000, candidates=100) / 0.01) ** 2
""",
    hints=(
        "For one network the probability of being off by more than $w$ is at most $2e^{-2nw^2}$.",
        "For a hundred, add up the probabilities: $200\\,e^{-2nw^2}\\le0.05$.",
        "$n = \\log(4000)/(2\\cdot10^{-4})$.",
    ),
    wrong={
        "one_candidate": Wrong(
            "answer = 18_444",
            "That is enough for one network. The best of a hundred is chosen *because* it looks "
            "good, so all hundred must be measured well.",
        ),
        "times_hundred": Wrong(
            "answer = 1_844_440",
            "The number of candidates enters through a logarithm.",
        ),
        "wide": Wrong(
            "answer = 415",
            "With these the rates are good to 0.1. Ten times narrower needs a hundred times more.",
        ),
    },
    explanation=r"""
$n=\log(2m/\delta)/(2w^2)$ with $m=100$, $\delta=0.05$, $w=0.01$ is about 41,500.
For one network 18,400 are enough: a hundred times more candidates cost little more than twice the
examples, but each digit of precision costs a hundred times more.
""",
)
