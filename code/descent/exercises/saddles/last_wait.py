"""How long descent waits at the end of a chain of saddles."""

from descent.exercises.model import Exercise, Number, Wrong

EXERCISE = Exercise(
    id="saddles.last_wait",
    kind="predict",
    title="The tenth saddle",
    stars=2,
    minutes=15,
    name="ratio",
    question=Number("times", within=0.15, digits=2),
    prompt=r"""
Gradient descent passes a chain of ten saddles. Before its turn a coordinate is confined with
curvature $L=1$ and shrinks; when its turn has come it grows with curvature $-\gamma=-1$.
The learning rate is $\eta=0.1$.
Once the pattern has settled, each wait is longer than the last by a constant factor.
How many times as long as the wait at the fourth saddle is the wait at the tenth?
""",
    stub="ratio = ...",
    solution="""
import math

shrink, grow = -math.log(1 - 0.1), math.log(1 + 0.1)
# Logarithms of how far each coordinate is below 1, after many saddles.
waits = [1.0]
for _ in range(40):
    depth = shrink * sum(waits)
    waits.append(depth / grow)
ratio = waits[36] / waits[30]
""",
    hints=(
        "During a wait of $t$ steps the next coordinate shrinks by $(1-\\eta L)^t$. How many steps "
        "does it take to grow that back?",
        "A coordinate shrinks during *all* waits before its own: "
        "$t_{i+1} = \\frac{a}{b}\\sum_{j\\le i}t_j$ with $a=-\\ln0.9$ and $b=\\ln1.1$.",
        "So $t_{i+1}=t_i+\\frac ab t_i$: a factor of $1+\\frac ab=2.1$ at each saddle.",
    ),
    wrong={
        "one_wait": Wrong(
            "import math\n\nratio = (math.log(1 / 0.9) / math.log(1.1)) ** 6",
            "That counts only the wait just before. A coordinate shrinks during all the waits "
            "before its turn.",
        ),
        "equal": Wrong(
            "ratio = 1.0",
            "Each saddle is the same, but the start beside it is not: the coordinates have shrunk "
            "while they waited.",
        ),
        "linear": Wrong(
            "ratio = 10 / 4",
            "The waits grow by a factor, not by equal amounts.",
        ),
        "one_more": Wrong(
            "import math\n\nratio = (1 + math.log(1 / 0.9) / math.log(1.1)) ** 5",
            "Count the steps from the fourth to the tenth again.",
        ),
    },
    explanation=r"""
Each wait is $1+\frac{-\ln(1-\eta L)}{\ln(1+\eta\gamma)}=1+\frac{0.10536}{0.09531}=2.105$ times the
last, so six saddles make $2.105^6=87$. The flow, with infinitely small steps, has
$(L+\gamma)/\gamma=2$ and so 64. A chain of $d$ saddles costs a time exponential in $d$. A random
step at each saddle resets the coordinate to a fixed size, and every wait is then the same.
""",
)
