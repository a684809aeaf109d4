"""Checks inside the chapter, where a reader might nod and read on: many steps, and networks."""

from descent.exercises.checkpoint import checkpoint
from descent.exercises.model import Number, Wrong

MOMENTUM_STEPS = checkpoint(
    id="ill_conditioning.momentum_steps",
    title="A condition number of ten thousand",
    question=Number("steps", within=0.2),
    prompt=r"""
At $\kappa = 100$ the heavy ball with its best constants comes a thousand times closer in 56 steps.
How many does it take at $\kappa = 10\,000$?
""",
    solution="""
from descent import HeavyBall, run
from descent import ill_conditioning as ill
from descent.objectives import Quadratic

bowl = Quadratic.conditioned(kappa=1e4)
lr, beta, rate = ill.best_heavy_ball(mu=1.0, ell=1e4)
path = run(bowl, HeavyBall(lr, beta), bowl.start, steps=1500)
distance = path.x.norm(dim=-1)
answer = int((distance <= distance[0] / 1000).int().argmax())
""",
    hints=(
        "What grows in proportion to the number of steps: $\\kappa$ or something smaller?",
        "It is $\\sqrt\\kappa$, and that grows from 10 to 100.",
        "Ten times 56, and a little more, because of the factor $k$ in $k\\rho^k$.",
    ),
    explanation=r"""
The count grows like $\sqrt\kappa$, so about tenfold. It is somewhat more than 560, because the
distance falls like $k\rho^k$ and not like $\rho^k$: the more steps, the more the factor $k$ costs.
Gradient descent would need $\tfrac12\kappa\ln 1000$, about 34,500.
""",
    wrong={
        "proportional": Wrong(
            "answer = 56 * 100",
            "That is growth in proportion to $\\kappa$, as without momentum. Momentum buys the "
            "square root.",
        ),
        "gradient_descent": Wrong(
            "answer = 34_539",
            "That is the count of plain gradient descent at this condition number.",
        ),
        "same": Wrong(
            "answer = 56",
            "Momentum makes the growth slower; it does not remove it. Newton's method does.",
        ),
        "doubled": Wrong(
            "answer = 2 * 56",
            "The exponent of $\\kappa$ doubles, but the count is proportional to $\\sqrt\\kappa$, "
            "not to its logarithm.",
        ),
    },
)

ONE_PERCENT = checkpoint(
    id="ill_conditioning.one_percent",
    title="Ten times more exact",
    question=Number("examples", within=0.1),
    prompt=r"""
At $\kappa = 100$ a Newton step is good to 10 % with a batch of 30,300. Which batch makes it good to
1 %?
""",
    solution="""
import math

from descent.experiments.ill_conditioning import sampling_error

errors = sampling_error(kappas=(100.0,), batches=(1, 100), draws=1)
first, last = errors["newton_theory"][0].tolist()
falls = math.log(first / last) / math.log(100)  # error ~ batch^-falls
answer = (first / 0.01) ** (1 / falls)
""",
    hints=(
        "Which quantity does the batch divide: the error, or its square?",
        "The right side of the formula is a *squared* relative error, and $B$ stands below it.",
        "Ten times smaller error, a hundred times smaller square.",
    ),
    explanation=r"""
The relative error falls like $1/\sqrt B$. One more digit costs a hundred times the examples,
whatever the method; ill-conditioning sets where the count begins.
""",
    wrong={
        "ten": Wrong(
            "answer = 303_000",
            "The *square* of the error falls like $1/B$. Ten times the batch is only about three "
            "times more exact.",
        ),
        "root": Wrong(
            "answer = 30_300 * 10**0.5",
            "The root stands on the other side: the error falls like $1/\\sqrt B$, so $B$ grows "
            "with the square of the precision.",
        ),
        "condition": Wrong(
            "answer = 30_300 * 1000",
            "The condition number is already in the 30,300. It does not enter again.",
        ),
    },
)

HALF_THE_RATE = checkpoint(
    id="ill_conditioning.half_the_rate",
    title="Half the learning rate",
    question=Number(within=0.1, digits=2),
    prompt=r"""
Two copies of the network above start from the same weights. One trains with $\eta = 0.35$, the
other with $\eta = 0.7$; both reach the edge. How many times as sharp is the first as the second, in
the second half of training?
""",
    solution="""
from descent.experiments.ill_conditioning import edge_of_stability

runs = edge_of_stability(rates=(0.35, 0.7), seeds=(0,), steps=1000)
late = runs["sharpness"][len(runs["step"]) // 2 :, :, 0].mean(0)
answer = float(late[0] / late[1])
""",
    hints=(
        "What decides where the sharpness stops: the data, the network or the learning rate?",
        "At the edge $\\lambda_{\\max}$ hovers around $2/\\eta$, whatever the network.",
        "$2/0.35$ divided by $2/0.7$.",
    ),
    explanation=r"""
At the edge the sharpness *is* $2/\eta$, so half the rate gives twice the sharpness. The learning
rate chooses the place on the landscape, not only the speed: read the other way, a larger rate finds
a flatter region.
""",
    wrong={
        "same": Wrong(
            "answer = 1.0",
            "That would be so if the sharpness belonged to the data and the network alone. At the "
            "edge the learning rate sets it.",
        ),
        "half": Wrong(
            "answer = 0.5",
            "The other way round: the larger rate tolerates *less* curvature.",
        ),
        "four": Wrong(
            "answer = 4.0",
            "The threshold is $2/\\eta$, with the rate to the first power.",
        ),
    },
)
