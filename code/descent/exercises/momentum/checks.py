"""Checks inside the chapter on momentum, where a reader might nod and read on."""

from descent.exercises.checkpoint import checkpoint
from descent.exercises.model import Choice, Number, Wrong

SAME_SPEED = checkpoint(
    id="momentum.same_speed",
    title="Keep the speed",
    question=Number(within=0.03, digits=3),
    prompt=r"""
Training runs well with $\eta=0.1$ and no momentum; the gradient changes little from step to step.
You switch momentum on, `torch.optim.SGD(..., momentum=0.95)`. Which learning rate keeps the speed
that the run had?
""",
    solution="""
from descent import HeavyBall

rule = HeavyBall(lr=1.0, beta=0.95)
x = torch.zeros(1, dtype=torch.float64)
state = rule.init(x)
for _ in range(1000):
    step, state = rule.update(torch.ones_like(x), state, x)
answer = 0.1 / float(-step)
""",
    hints=(
        "Feed the same gradient again and again. How long does a step become?",
        "The steps add up $1+\\beta+\\beta^2+\\dots$ gradients.",
        "The sum is $1/(1-\\beta)$, here 20.",
    ),
    explanation=r"""
With a constant gradient the velocity tends to $-\eta g/(1-\beta)$, twenty times a plain step at
$\beta=0.95$. To keep the effective learning rate, divide $\eta$ by twenty.
""",
    wrong={
        "same": Wrong(
            "answer = 0.1",
            "With the same learning rate the run moves twenty times as fast: the velocity adds "
            "gradients up, it does not average them.",
        ),
        "raised": Wrong(
            "answer = 0.1 * 20",
            "The right factor in the wrong direction: momentum makes steps longer already.",
        ),
        "discount": Wrong(
            "answer = 0.1 * 0.95",
            "That is one step's discount. The steps add up all of them.",
        ),
    },
)

SLOWEST = checkpoint(
    id="momentum.slowest",
    title="Who is slowest?",
    question=Choice(
        {
            "flat": "The flat direction.",
            "steep": "The steep direction.",
            "equal": "Both decay by the same factor.",
            "neither": "Neither decays: the rate is beyond the stable range.",
        }
    ),
    prompt=r"""
A bowl has two directions, with $\eta\lambda=0.0001$ and $\eta\lambda=1$. You run the heavy ball
with $\beta=0.9$. Which direction needs more steps to come a thousand times closer?
""",
    solution="""
from descent import momentum as mo

flat, steep = (float(mo.heavy_ball(p, 0.9).radius) for p in (1e-4, 1.0))
holds = {
    "flat": steep < flat < 1,
    "steep": flat < steep < 1,
    "equal": abs(flat - steep) < 1e-6,
    "neither": max(flat, steep) >= 1,
}
""",
    hints=(
        "Find both directions on the map: on which side of the dashed line do they lie?",
        "The line is at $\\eta\\lambda=(1-\\sqrt\\beta)^2\\approx0.0026$.",
        "Above it the factor is $\\sqrt\\beta$. Below it one real root is close to 1.",
    ),
    explanation=r"""
The steep direction ripples, and its factor is $\sqrt{0.9}\approx0.949$. The flat one lies left of
the line, where the longer root is about $1-\eta\lambda/(1-\beta)=0.999$: gradient descent at ten
times the rate, and still slow. "The factor is $\sqrt\beta$, whatever the curvature" holds for the
ripples only.
""",
    wrong={
        "steep": "It ripples, which looks restless, but its factor is $\\sqrt\\beta$. Compute the "
        "other one.",
        "equal": "That is so when both are in the region of ripples. Is the flat one?",
        "neither": "The stable range goes up to $2(1+\\beta)=3.8$.",
    },
)

QUIETER = checkpoint(
    id="momentum.quieter",
    title="Does momentum quiet the noise?",
    question=Number(within=0.05, digits=2),
    prompt=r"""
SGD with $\eta=0.05$ jitters around the minimum of a bowl of curvature 1. You switch to the heavy
ball with $\beta=0.9$ and the *same* learning rate. By which factor does the variance of the
position change?
""",
    solution="""
from descent import momentum as mo

plain = mo.stationary_variance(mo.heavy_ball(0.05, 0.0), 0.05)
ball = mo.stationary_variance(mo.heavy_ball(0.05, 0.9), 0.05)
answer = float(ball / plain)
""",
    hints=(
        "At equal *effective* rate the floors agree. Which effective rate has the heavy ball here?",
        "It is ten times larger, and the floor grows with it.",
        "Put both pairs into the formula for the floor; the term with $\\eta\\lambda$ matters "
        "a little.",
    ),
    explanation=r"""
The floor is $\bar\eta\sigma^2/\bigl(\lambda(2-\eta\lambda/(1+\beta))\bigr)$. With the same $\eta$
the effective rate $\bar\eta$ is ten times larger, so the variance is nearly ten times larger.
Momentum averages the gradients in the velocity, and the position adds the velocities up again.
""",
    wrong={
        "average": Wrong(
            "answer = 0.1",
            "That would be so if the position followed an average of ten gradients. It follows "
            "their sum.",
        ),
        "same": Wrong(
            "answer = 1.0",
            "That is the answer at equal *effective* rate. Here $\\eta$ stayed, so "
            "$\\bar\\eta$ grew.",
        ),
        "root": Wrong(
            "answer = 10**0.5",
            "That is the factor of the standard deviation.",
        ),
    },
)
