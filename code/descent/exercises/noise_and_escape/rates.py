"""Times, thresholds and temperatures in closed form."""

from descent.exercises.measure import expect_close, number
from descent.exercises.model import Exercise, Number, Wrong

HALVED = Exercise(
    id="noise_and_escape.halved",
    kind="predict",
    title="Half the noise",
    stars=1,
    minutes=5,
    name="time",
    question=Number("units of time", within=0.1, digits=3),
    prompt=r"""
In the double well, with barrier $\tfrac14$ and $D=1$, the formula of Eyring and Kramers gives a
mean escape time of 659 at $\varepsilon=0.1$. You halve the learning rate, so $\varepsilon=0.05$.
What does it give now?
""",
    stub="time = ...",
    solution="""
from descent import noise_and_escape as ne

time = float(ne.eyring(bottom=2.0, top=1.0, barrier=0.25, eps=0.05))
""",
    hints=(
        "Only the exponent $2\\Delta f/\\varepsilon$ changes.",
        "It goes from 5 to 10.",
        "The time is multiplied by $e^5$.",
    ),
    wrong={
        "twice": Wrong("time = 2 * 659.4", "The noise is in the exponent, not in front."),
        "squared": Wrong(
            "time = 659.4**2",
            "The exponential is squared, but the factor in front, 4.44, is not.",
        ),
        "half_exponent": Wrong(
            "import math\n\ntime = 659.4 * math.exp(2.5)",
            "The exponent is $2\\Delta f/\\varepsilon$: mind the two.",
        ),
    },
    explanation=r"""
$659\cdot e^5\approx97{,}900$ units of time, and as each step is half as long, 297 times as many
*steps*. That is why a lower rate freezes a run into its basin.
""",
)

MEMBERS = ((1.0, 1.0), (0.5, 3.5), (0.0, 0.0, 6.0), (2.0, 4.0, 9.0))


def check_stable(threshold) -> None:
    """At the threshold the mean square neither grows nor shrinks."""
    for members in MEMBERS:
        mine = number(threshold(list(members)), "the threshold")
        mean = sum((1 - mine * h) ** 2 for h in members) / len(members)
        expect_close(mean, 1.0, f"the mean of (1 − ηh)² at your threshold for h = {members}")
        expect_close(mine > 0, True, "that the threshold is positive")


STABLE = Exercise(
    id="noise_and_escape.stable",
    kind="prove",
    title="Where SGD can stay",
    stars=2,
    minutes=15,
    name="threshold",
    prompt=r"""
All examples share the minimum $x=0$, and example $i$ has the loss $\tfrac12h_ix^2$ with $h_i\ge0$.
SGD with batches of one multiplies $x$ by $1-\eta h_i$, with $i$ drawn at random.

Derive the largest learning rate at which the mean of $x^2$ does not grow. Enter it as
`threshold(h)`, for a list of curvatures.
""",
    stub='''
def threshold(h):
    """Return the largest stable learning rate."""
    ...
''',
    solution="""
def threshold(h):
    return 2 * sum(h) / sum(v * v for v in h)
""",
    hints=(
        "One step multiplies $\\mathbb E x^2$ by $\\mathbb E(1-\\eta h)^2$.",
        "Expand: $1-2\\eta\\,\\mathbb E h+\\eta^2\\,\\mathbb E h^2\\le1$.",
        "Divide by $\\eta$: $\\eta\\le2\\,\\mathbb E h/\\mathbb E h^2$.",
    ),
    checks=(check_stable,),
    probe=lambda answer: [float(answer(list(m))) for m in MEMBERS],
    wrong={
        "mean": Wrong(
            "def threshold(h):\n    return 2 * len(h) / sum(h)",
            "That is gradient descent on the mean loss. The examples disagree about the "
            "curvature, and that is noise.",
        ),
        "worst": Wrong(
            "def threshold(h):\n    return 2 / max(h)",
            "Sufficient, but not the largest: the sharpest example is not drawn every time.",
        ),
    },
    explanation=r"""
$\eta\le2\,\mathbb E h/\mathbb E h^2$, which is below $2/\mathbb E h$ unless all $h_i$ agree. SGD
leaves minima that are sharp for a few examples, by instability and without any barrier.
""",
)

BETAS = (0.5, 1.0, 3.0, 20.0)


def check_amplitude(amplitude) -> None:
    """The noise has the temperature 1 / beta."""
    for beta in BETAS:
        mine = number(amplitude(beta), "the amplitude")
        expect_close(mine**2 / 2, 1 / beta, f"s²/2 for β = {beta:g}")


TEMPERATURE = Exercise(
    id="noise_and_escape.amplitude",
    kind="prove",
    title="Noise for a temperature",
    stars=1,
    minutes=10,
    name="amplitude",
    prompt=r"""
You want $dw=-\nabla E\,dt+s\,dW$ to sample from $e^{-\beta E}$. Which $s$ does it take? Enter it as
`amplitude(beta)`.
""",
    stub='''
def amplitude(beta):
    """Return the factor of the white noise."""
    ...
''',
    solution="""
def amplitude(beta):
    return (2 / beta) ** 0.5
""",
    hints=(
        "Try a bowl $E=\\tfrac12w^2$: Gibbs's law has the variance $1/\\beta$.",
        "The diffusion has $\\dot v=-2v+s^2$.",
        "So $v=s^2/2$ must be $1/\\beta$.",
    ),
    checks=(check_amplitude,),
    probe=lambda answer: [float(answer(b)) for b in BETAS],
    wrong={
        "inverse": Wrong(
            "def amplitude(beta):\n    return 1 / beta",
            "With $s=1/\\beta$ the law is $e^{-2\\beta^2E}$. Compute the variance in a bowl.",
        ),
        "no_two": Wrong(
            "def amplitude(beta):\n    return beta ** -0.5",
            "A factor of two is missing: the variance in a bowl is $s^2/2$.",
        ),
    },
    explanation=r"""
$s=\sqrt{2/\beta}$, since $T=s^2/2$. The three candidates agree nowhere but at single values of
$\beta$, such as $\beta=\tfrac12$ for the first two.
""",
)
