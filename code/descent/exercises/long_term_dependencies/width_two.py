"""The exact drift of random layers of width two."""

from descent.exercises.measure import expect_close, number
from descent.exercises.model import Exercise, Wrong
from descent.long_term_dependencies import drift

GAINS = (0.5, 1.0, 1.3, 4.0)


def check_drift(layer_drift) -> None:
    """The closed form is the mean over chi-squared numbers."""
    for gain in GAINS:
        mine = number(layer_drift(gain), "the drift")
        expect_close(mine, drift(2, gain)[0], f"the drift for gain {gain:g}", rtol=1e-6)


EXERCISE = Exercise(
    id="long_term_dependencies.width_two",
    kind="prove",
    title="The narrowest deep network",
    stars=3,
    minutes=25,
    name="layer_drift",
    prompt=r"""
Every layer of a linear network multiplies by a fresh $2\times2$ matrix with independent entries of
mean 0 and variance $g^2/2$, normally distributed.

1. Show that the mean of the *square* of a signal's length is multiplied by $g^2$ per layer.
2. Derive the mean change of the *logarithm* of the length, in closed form, and enter it as
   `layer_drift(gain)`. (Euler's constant is `0.5772156649015329`.)
3. Which of the two says what a typical network does? At which gain does a typical signal last?
""",
    stub='''
def layer_drift(gain):
    """Return the mean of log(‖Gu‖ / ‖u‖)."""
    ...
''',
    solution="""
import math


def layer_drift(gain):
    return math.log(gain) - 0.5772156649015329 / 2
""",
    hints=(
        "For a unit vector $u$ the entries of $Gu$ are independent and normal.",
        "$\\|Gu\\|^2 = \\frac{g^2}{2}\\chi^2_2$, and $\\chi^2_2$ is exponential with mean 2.",
        "The mean of the logarithm of an exponential variable with mean 1 is $-\\gamma$.",
    ),
    checks=(check_drift,),
    probe=lambda answer: [float(answer(gain)) for gain in GAINS],
    wrong={
        "gain_only": Wrong(
            "import math\ndef layer_drift(gain):\n    return math.log(gain)\n",
            "That is the logarithm of the root mean *square*. The mean of a logarithm is smaller.",
        ),
        "not_halved": Wrong(
            "import math\ndef layer_drift(gain):\n    return math.log(gain) - 0.5772156649015329\n",
            "You have the mean of $\\log\\|Gu\\|^2-\\log g$. Halve what belongs to the square.",
        ),
        "wide": Wrong(
            "import math\ndef layer_drift(gain):\n    return math.log(gain) - 1 / 4\n",
            "$-1/2n$ is the approximation for wide layers. Here $n=2$, and the exact mean exists.",
        ),
    },
    explanation=r"""
$\|Gu\|^2=g^2E$ with $E$ exponential of mean 1, so the mean square is multiplied by $g^2$ and the
mean logarithm changes by $\log g-\gamma/2$.
At $g=1$ the mean square stays 1 for ever, carried by ever fewer networks, while the typical signal
shrinks by a factor of 0.75 per layer. The gain that keeps a *typical* signal is
$e^{\gamma/2}=1.33$.
""",
)
