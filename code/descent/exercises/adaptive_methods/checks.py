"""Checks inside the chapter on adaptive methods, where a reader might nod and read on."""

from descent.exercises.checkpoint import checkpoint
from descent.exercises.model import Choice, Number, Wrong

TEN_TIMES = checkpoint(
    id="adaptive_methods.ten_times",
    title="Ten times the loss",
    question=Choice(
        {
            "same": "The path stays the same, up to the size of ε.",
            "ten": "Every step becomes ten times as long.",
            "tenth": "Every step becomes a tenth as long.",
            "root": "Every step becomes about three times as long.",
        }
    ),
    prompt=r"""
You multiply the loss by 10 and leave everything else as it is. What does that do to a run of Adam?
""",
    solution="""
from descent import Adam, run
from descent.objectives import Rosenbrock

f = Rosenbrock()
rule = Adam(lr=0.01, beta1=0.9, beta2=0.999, eps=1e-12)
once = run(f, rule, f.start, 200).x
tenfold = run(lambda x: 10 * f(x), rule, f.start, 200).x
first = float((once[1] - once[0]).norm())
other = float((tenfold[1] - tenfold[0]).norm())
holds = {
    "same": bool((once - tenfold).abs().max() < 1e-6),
    "ten": abs(other / first - 10) < 1,
    "tenth": abs(other / first - 0.1) < 0.01,
    "root": abs(other / first - 10**0.5) < 0.3,
}
""",
    hints=(
        "Every gradient becomes ten times as long. What happens to the two means?",
        "The mean of gradients grows by 10, the mean of squares by 100.",
        "Adam divides the first by the root of the second.",
    ),
    explanation=r"""
The step is a ratio of gradients, so the scale of the loss cancels. That is why Adam's learning rate
is a length, and why it can be carried from one loss to another while that of SGD cannot. Only
$\epsilon$ has the unit of a gradient.
""",
    wrong={
        "ten": "That is plain gradient descent. Adam divides by the size of the gradient.",
        "tenth": "Dividing by the square would do that; Adam divides by its root.",
        "root": "The root of the mean of *squares* grows by 10, not by $\\sqrt{10}$.",
    },
)

TURNED = checkpoint(
    id="adaptive_methods.turned",
    title="Which one notices?",
    question=Choice(
        {
            "descent": "Gradient descent.",
            "ball": "The heavy ball.",
            "rmsprop": "RMSProp.",
            "none": "None of them.",
        }
    ),
    prompt=r"""
You turn the coordinates of a bowl, and the start with them. For one of these methods the losses of
the run change. Which?
""",
    solution="""
import math

from descent import SGD, HeavyBall, RMSProp, run
from descent import adaptive_methods as adaptive


def change(rule):
    losses = []
    for angle in (0.0, math.pi / 4):
        c, s = math.cos(angle), math.sin(angle)
        start = torch.tensor([c - s, s + c], dtype=torch.float64)
        bowl = adaptive.turned_bowl(100.0, angle)
        losses.append(run(bowl, rule, start, 50).loss)
    return float((losses[0] / losses[1]).log().abs().max())


notices = {
    "descent": change(SGD(0.01)) > 1e-6,
    "ball": change(HeavyBall(0.01, 0.9)) > 1e-6,
    "rmsprop": change(RMSProp(0.01, 0.9, 1e-8)) > 1e-6,
}
holds = notices | {"none": not any(notices.values())}
""",
    hints=(
        "Which of these rules treats the coordinates separately?",
        "The gradient turns with the bowl. A rule that only adds gradients and multiplies them by "
        "numbers turns too.",
        "Squaring each coordinate does not commute with a rotation.",
    ),
    explanation=r"""
Gradient descent and the heavy ball form sums of gradients, and sums turn with the bowl: the path is
the old one, turned. RMSProp squares each *coordinate* and divides by it, so it depends on what the
coordinates are.
""",
    wrong={
        "descent": "Its path turns with the bowl, and its losses stay the same, digit by digit.",
        "ball": "A velocity is a sum of gradients, and sums turn with the bowl.",
        "none": "One of them looks at coordinates one by one.",
    },
)

HALF_LEFT = checkpoint(
    id="adaptive_methods.half_left",
    title="Half of a step",
    question=Number(within=0.03, digits=3),
    prompt=r"""
A library divides the gradient by $\sqrt{r+\epsilon}$ with $\epsilon=10^{-4}$. The gradient has been
the same for a long time, so $r=g^2$. At which size of $g$ is half of the usual step left?
""",
    solution="""
from descent import adaptive_methods as adaptive

answer = adaptive.knee(1e-4, inside=True)
""",
    hints=(
        "Write the step over the learning rate as a function of $|g|$.",
        "It is $|g|/\\sqrt{g^2+\\epsilon}$. Set it to one half.",
        "Square both sides: $4g^2=g^2+\\epsilon$.",
    ),
    explanation=r"""
$|g|=\sqrt{\epsilon/3}\approx0.0058$. Outside the root it would be $|g|=\epsilon=0.0001$.
The same number, copied from one library to another, treats gradients as noise that are nearly sixty
times larger.
""",
    wrong={
        "outside": Wrong(
            "answer = 1e-4",
            "That is the answer for $\\sqrt r+\\epsilon$. Inside the root $\\epsilon$ stands "
            "beside $g^2$.",
        ),
        "root": Wrong(
            "answer = 1e-2",
            "At $g^2=\\epsilon$ the step is divided by $\\sqrt2$, so 71 % of it is left.",
        ),
        "square": Wrong(
            "answer = 1e-8",
            "The root goes the other way: $\\epsilon$ is compared with $g^2$, so $g$ with "
            "$\\sqrt\\epsilon$.",
        ),
    },
)
