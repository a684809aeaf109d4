"""How long a constant slope takes to bring the velocity up."""

from descent.exercises.model import Exercise, Number, Wrong

EXERCISE = Exercise(
    id="momentum.terminal",
    kind="predict",
    title="Up to speed",
    stars=1,
    minutes=5,
    name="steps",
    question=Number("steps", within=0.06, digits=2),
    prompt=r"""
A ball starts at rest on a plane of constant slope, so the gradient is the same at every step.
Its velocity follows $v \leftarrow \beta v - \eta g$ with $\beta = 0.9$ and approaches a terminal
value.
After how many steps has it first reached 99 % of that value?
""",
    stub="steps = ...",
    solution="""
rule = descent.HeavyBall(lr=1.0, beta=0.9)
x = torch.zeros(1, dtype=torch.float64)
state, speed, steps = rule.init(x), 0.0, 0
while speed < 0.99 / (1 - 0.9):
    step, state = rule.update(-torch.ones_like(x), state, x)
    speed, steps = float(step), steps + 1
""",
    hints=(
        "Look at the distance from the terminal value, not at the velocity. What does one step do "
        "to it?",
        "Subtract $v_\\infty = \\beta v_\\infty - \\eta g$ from the update: the distance is "
        "multiplied by $\\beta$.",
        "You need $0.9^k = 0.01$.",
    ),
    wrong={
        "memory_length": Wrong(
            "steps = 1 / (1 - 0.9)",
            "$1/(1-\\beta) = 10$ steps is how long the memory lasts. After 10 steps the velocity "
            "has come $1 - 0.9^{10}$ of the way, which is not 99 % yet.",
        ),
        "no_logarithm": Wrong(
            "steps = 99",
            "The velocity does not grow by equal parts. Each step removes a tenth of what is "
            "*missing*.",
        ),
        "half_life": Wrong(
            "import math\n\nsteps = math.log(0.5) / math.log(0.9)",
            "That many steps bring it half of the way. It needs almost seven halvings to be within "
            "1 %.",
        ),
        "squared": Wrong(
            "import math\n\nsteps = math.log(0.01) / math.log(0.9) / 2",
            "Half as many as it takes: $0.9^k$ itself must fall to 0.01, not its square.",
        ),
    },
    explanation=r"""
The distance from the terminal velocity shrinks by $\beta$ a step, so $k = \ln 0.01/\ln 0.9 = 43.7$,
which is 44 steps.
For $\beta$ near 1, $k \approx 4.6/(1-\beta)$: momentum 0.99 needs ten times as long.
A run that is shorter than that never sees the effective learning rate $\eta/(1-\beta)$.
""",
)
