"""How many steps a factor of 1000 takes at condition number 100."""

from descent.exercises.model import Exercise, Number, Wrong

EXERCISE = Exercise(
    id="ill_conditioning.steps_for_thousand",
    kind="predict",
    title="A thousand times closer",
    stars=1,
    minutes=5,
    name="steps",
    question=Number("steps", within=0.1),
    prompt=r"""
A quadratic in two dimensions has eigenvalues 1 and 100, so $\kappa = 100$.
Gradient descent runs with its best learning rate, $2/(L+\mu)$, from a start with equal components.
After how many steps is the *distance* to the minimum a thousand times smaller?
""",
    stub="steps = ...",
    solution="""
eigenvalues = torch.tensor([1.0, 100.0], dtype=torch.float64)
x = torch.ones(2, dtype=torch.float64)
start = x.norm()

steps = 0
while x.norm() > start / 1000:
    x = x - 2 / (1 + 100) * eigenvalues * x
    steps += 1
""",
    hints=(
        "Each step multiplies the distance by the same factor. Which one, at $\\kappa = 100$?",
        "The factor is $\\rho = 99/101$. You need $\\rho^k = 1/1000$.",
        "$k = \\ln 1000 / \\ln(101/99)$, and $\\ln(101/99) \\approx 2/\\kappa$.",
    ),
    wrong={
        "cost_not_distance": Wrong(
            "import math\n\nsteps = math.log(1000) / math.log(101 / 99) / 2",
            "That many steps make the *cost* a thousand times smaller. The cost is the square of "
            "the distance, so the distance takes twice as long.",
        ),
        "safe_rate": Wrong(
            "import math\n\nsteps = -math.log(1000) / math.log(1 - 1 / 100)",
            "That is the count for the learning rate $1/L$, whose factor is $1 - 1/\\kappa$. "
            "The best rate is almost twice as fast.",
        ),
        "square_root": Wrong(
            "import math\n\nsteps = math.log(1000) / math.log(11 / 9)",
            "The factor $(\\sqrt\\kappa-1)/(\\sqrt\\kappa+1)$ is what momentum buys. "
            "Plain gradient descent has $\\kappa$ without the root.",
        ),
        "logarithm": Wrong(
            "import math\n\nsteps = math.log(1000)",
            "That would do if every step removed 63 % of the distance. Here it removes about "
            "$2/\\kappa$ of it, so the count grows with $\\kappa$.",
        ),
    },
    explanation=r"""
With the best rate both components shrink by $\rho = (\kappa-1)/(\kappa+1)$ a step, one of them
flipping its sign. So $k = \ln 1000 / \ln\frac{\kappa+1}{\kappa-1} \approx \tfrac12 \kappa \ln
1000$:
the number of steps is proportional to the condition number.
""",
)
