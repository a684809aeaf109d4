"""Which rates ever arrive."""

from descent.exercises.model import Choice, Exercise, Wrong

EXERCISE = Exercise(
    id="saddles.schedules",
    kind="predict",
    title="Zeno's schedules",
    stars=2,
    minutes=10,
    name="arrives",
    question=Choice(
        {
            "all": "All three.",
            "first_two": "The first two.",
            "first": "The first only.",
            "none": "None: a rate that tends to zero always stops short.",
        }
    ),
    prompt=r"""
Gradient descent on $f=\tfrac12x^2$ uses rates that decay:

$$\text{I: } \varepsilon_k = \frac{0.5}{\sqrt k} \qquad
\text{II: } \varepsilon_k = \frac{0.5}{k} \qquad
\text{III: } \varepsilon_k = 0.5\cdot0.9^{\,k}$$

Which of them tend to the minimum, if you wait long enough?
""",
    stub="arrives = ...",
    solution="""
def left(rate, steps):
    x = 1.0
    for k in range(1, steps + 1):
        x = x * (1 - rate(k))
    return x


rates = {
    "I": lambda k: 0.5 / k**0.5,
    "II": lambda k: 0.5 / k,
    "III": lambda k: 0.5 * 0.9**k,
}
# A run that arrives still comes closer between 10,000 and 40,000 steps.
closer = [left(r, 40_000) < 0.9 * left(r, 10_000) for r in rates.values()]
arrives = {3: "all", 2: "first_two", 1: "first", 0: "none"}[sum(closer)]
""",
    hints=(
        "After $k$ steps the distance is a product of $1-\\varepsilon_j$. Take its logarithm.",
        "$\\log(1-\\varepsilon)\\approx-\\varepsilon$: the product tends to zero exactly if the "
        "rates have an infinite sum.",
        "$\\sum1/\\sqrt k$ and $\\sum1/k$ diverge. A geometric series does not.",
    ),
    wrong={
        "all": Wrong(
            'arrives = "all"',
            "The rates of III sum to 4.5. The product of $1-\\varepsilon_k$ then stays away from "
            "zero.",
        ),
        "first": Wrong(
            'arrives = "first"',
            "The harmonic series diverges as well, though slowly: with II the distance falls like "
            "$1/\\sqrt k$.",
        ),
        "none": Wrong(
            'arrives = "none"',
            "The rates may tend to zero as long as their *sum* is infinite.",
        ),
    },
    explanation=r"""
The distance is $\prod(1-\varepsilon_j)\approx e^{-\sum\varepsilon_j}$. I and II have infinite sums
and arrive, II only like $1/\sqrt k$. III has a sum of 4.5 and stops for good after a few dozen
steps, with a gradient that is not small. An exponential decay of the learning rate, the default of
many recipes, is of this kind: it must be slow enough for the budget, because after it nothing more
will happen.
""",
)
