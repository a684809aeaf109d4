"""Checks inside the chapter on implicit bias."""

from descent.exercises.checkpoint import checkpoint
from descent.exercises.model import Choice, Number, Wrong

START = checkpoint(
    id="implicit_bias.start",
    title="The same feature twice",
    question=Number(within=0.02, digits=3),
    prompt=r"""
A model has the same feature twice: its output is $x_1+x_2$. One example has the target 1. Gradient
descent on the squared error starts at $x=(3, 0)$. Where does $x_1$ end?
""",
    solution="""
from descent import implicit_bias as ib

rows = torch.tensor([[1.0, 1.0]], dtype=torch.float64)
start = torch.tensor([3.0, 0.0], dtype=torch.float64)
target = torch.ones(1, dtype=torch.float64)
answer = float(ib.nearest(rows, target, start)[0])
""",
    hints=(
        "Both weights get the same gradient at every step.",
        "So $x_1-x_2=3$ for ever.",
        "And in the end $x_1+x_2=1$.",
    ),
    explanation=r"""
$x_1=2$ and $x_2=-1$. The sum is learned, the difference is a souvenir of the start. Had the test
data split the two features, the souvenir would be an error.
""",
    wrong={
        "norm": Wrong(
            "answer = 0.5",
            "That is the solution of smallest norm, which is reached from $(0,0)$ only.",
        ),
        "one": Wrong("answer = 1.0", "Then $x_2$ would not have moved. Its gradient is the same."),
    },
)

MARGIN = checkpoint(
    id="implicit_bias.margin",
    title="Useless coordinates",
    question=Choice(
        {
            "sum": "The rule that moves one coordinate at a time.",
            "sign": "Sign descent.",
            "equal": "Both lean on the same coordinates.",
        }
    ),
    prompt=r"""
Two examples, inputs times labels, are $(1, 0.1, 0.1)$ and $(1, 0.1, -0.1)$. One rule ends with the
direction $(1, 1, 0)$ and the other with $(1, 0, 0)$. Which one ignores the second coordinate?
""",
    solution="""
from descent import implicit_bias as ib

rows = torch.tensor([[1.0, 0.1, 0.1], [1.0, 0.1, -0.1]])
by_sum, by_size = (ib.widest(rows, g)[0].abs() for g in ("l1", "linf"))
holds = {
    "sum": bool(by_sum[1] < 1e-6 < by_size[1]),
    "sign": bool(by_size[1] < 1e-6 < by_sum[1]),
    "equal": bool((by_sum[1] < 1e-6) == (by_size[1] < 1e-6)),
}
""",
    hints=(
        "Which norm charges for a further coordinate, and which has it for free?",
        "In the largest coordinate, $(1,1,0)$ is as long as $(1,0,0)$.",
        "In the sum it is twice as long, and its margin only a tenth wider.",
    ),
    explanation=r"""
The steepest step in the sum of coordinates moves the best one, and its margin charges for every
other. Sign descent uses each coordinate that helps at all: its norm has them for free.
""",
    wrong={
        "sign": "Sign descent moves every coordinate by the same length, however weak its slope.",
        "equal": "Compute the two margins of $(1,1,0)$: 1.1 over 1, and 1.1 over 2.",
    },
)

WAITING = checkpoint(
    id="implicit_bias.waiting",
    title="A smaller start",
    question=Number(within=0.1, digits=2),
    prompt=r"""
With three factors a singular value follows $\dot\sigma=3\sigma^{4/3}(1-\sigma)$. You make the start
a thousand times smaller, $10^{-6}$ instead of $10^{-3}$. About by which factor does the time until
$\sigma=0.9$ grow?
""",
    solution="""
from descent import implicit_bias as ib

answer = ib.arrival_time(1e-6, 0.9, 3) / ib.arrival_time(1e-3, 0.9, 3)
""",
    hints=(
        "While $\\sigma$ is small, $\\dot\\sigma=3\\sigma^{4/3}$.",
        "Integrate: $t\\approx\\sigma_0^{-1/3}$.",
        "A factor of $1000^{1/3}$, to leading order.",
    ),
    explanation=r"""
$\sigma_0^{-1/3}$ grows tenfold, and the exact times give 10. With two factors the same change costs
a factor of 2.5: there the wait is $\tfrac12\ln(1/\sigma_0)$ and a constant.
""",
    wrong={
        "log": Wrong(
            "answer = 2.5",
            "That is two factors, where growth is exponential and the wait a logarithm.",
        ),
        "linear": Wrong("answer = 1000", "The power of the wait is $1-2/N=1/3$."),
    },
)
