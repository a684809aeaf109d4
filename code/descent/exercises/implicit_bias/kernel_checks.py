"""Checks inside the sections on kernels."""

from descent.exercises.checkpoint import checkpoint
from descent.exercises.model import Choice, Number, Wrong

HALF_ERROR = checkpoint(
    id="implicit_bias.half_error",
    title="Half the error",
    question=Number("units", within=0.15, digits=2),
    prompt=r"""
The kernel of a network with 100 units in its hidden layer is an average over those units. It is
20 % away from what it would be with infinitely many. How wide must the network be for 10 %?
""",
    solution="""
from descent.implicit_bias import WideNet, relu_kernels

u = torch.eye(4)
limit = relu_kernels(u, depth=1).ntk
away = []
for width in (64, 1024):
    net = WideNet(4, width)
    error = net.kernel(net.init(range(500)), u) - limit
    away.append(error.square().mean().sqrt())
slope = torch.log(away[1] / away[0]) / torch.log(torch.tensor(1024 / 64))
answer = 100 * 0.5 ** (1 / float(slope))
""",
    hints=(
        "How does the error of an average over independent terms depend on their number?",
        "Like one over the square root of the number of terms.",
        "Half of the error needs four times as many terms.",
    ),
    explanation=r"""
The units are independent at the start, so the error is proportional to $1/\sqrt m$, and half of it
costs four times the width. A hundredth of it costs ten thousand times the width: infinite width is
a long way off.
""",
    wrong={
        "linear": Wrong(
            "answer = 100 * 2",
            "That would hold if the error were proportional to $1/m$. Averages are slower.",
        ),
        "fourth": Wrong(
            "answer = 100 * 2**4",
            "The error falls faster than with the fourth root of the width.",
        ),
    },
)

ORTHOGONAL = checkpoint(
    id="implicit_bias.orthogonal",
    title="Nothing in common",
    question=Number(within=0.05, digits=3),
    prompt=r"""
Two inputs of length 1 are orthogonal. What is $\Theta(u,u')/\Theta(u,u)$ for an infinitely wide
ReLU network with one hidden layer?
""",
    solution="""
from descent.implicit_bias import relu_kernels

kernel = relu_kernels(torch.eye(2, dtype=torch.float64), depth=1).ntk
answer = float(kernel[0, 1] / kernel[0, 0])
""",
    hints=(
        "Go through the recursion once, with $\\Sigma^{(0)}=\\Theta^{(0)}=0$.",
        "What are $\\kappa_0(0)$ and $\\kappa_1(0)$? And what is the kernel on the diagonal?",
        "$\\Theta^{(1)}=0\\cdot\\frac12+\\frac1\\pi$, and on the diagonal it is 2.",
    ),
    explanation=r"""
$\Theta^{(1)}(u,u')=0\cdot\kappa_0(0)+\kappa_1(0)=1/\pi$ and $\Theta^{(1)}(u,u)=2$, so the ratio is
$1/2\pi=0.159$. The part of the first layer's weights vanishes: their gradients point along the
inputs. What is left comes from the second layer: both inputs switch on half of the units, and a
quarter of the units see both.
""",
    wrong={
        "zero": Wrong(
            "answer = 0.0",
            "A linear network would say so. Half of the units are on for one input, half for the "
            "other, and some for both.",
        ),
        "not_divided": Wrong(
            "import math\n\nanswer = 1 / math.pi",
            "This is the kernel itself. Divide by its value on the diagonal.",
        ),
        "share": Wrong(
            "answer = 0.25",
            "A quarter of the units are on for both. How large are they there?",
        ),
    },
)

TEN_TIMES_LAZIER = checkpoint(
    id="implicit_bias.ten_times_lazier",
    title="Ten times lazier",
    question=Choice(
        {
            "slower": "The loss falls ten times as slowly.",
            "tenth": "The weights move a tenth as far, at the same speed of learning.",
            "same": "The weights move just as far; only the numbers are scaled.",
            "hundredth": "The weights move a hundredth as far.",
        }
    ),
    prompt=r"""
A network is deep in the lazy regime. You multiply $\alpha$ by 10, with the loss of this section,
which carries $1/\alpha^2$. What happens to its training?
""",
    solution="""
from descent import SGD, run
from descent.implicit_bias import LazyLoss, WideNet

net = WideNet(3, 200)
generator = torch.Generator().manual_seed(0)
u = torch.randn(8, 3, generator=generator)
y = torch.randn(8, 1, generator=generator)
w0 = net.init(0)
moved, left = [], []
for alpha in (10.0, 100.0):
    loss = LazyLoss(net, u, y, w0, alpha)
    w = run(loss, SGD(0.2), w0, 200, keep="last").final_x
    moved.append(float((w - w0).norm()))
    left.append(float(loss(w) / loss(w0)))
ratio, equal = moved[1] / moved[0], abs(left[1] / left[0] - 1) < 0.2
holds = {
    "slower": not equal,
    "tenth": equal and 0.08 < ratio < 0.12,
    "same": equal and ratio > 0.9,
    "hundredth": equal and ratio < 0.012,
}
""",
    hints=(
        "Write the loss as that of $f$ itself. What are its targets?",
        "The targets are $f_0+y/\\alpha$: a tenth of the change is asked for.",
        "The equation $\\dot f=-\\frac1n\\Theta\\,(f-\\text{targets})$ has the same $\\Theta$, so "
        "the same times.",
    ),
    explanation=r"""
The network must change its output by $y/\alpha$, a tenth as much as before, and in the lazy regime
change is proportional to distance. The speed is set by the kernel, which is the same. Multiplied by
$\alpha$, the function that comes out is the same, too.
""",
    wrong={
        "slower": "The factor $1/\\alpha^2$ in the loss takes care of that: the error shrinks at a "
        "rate given by the kernel.",
        "same": "The function is scaled *after* training. What is asked of the weights is a tenth.",
        "hundredth": "The loss is divided by $\\alpha^2$. The change that is asked for, by "
        "$\\alpha$.",
    },
)
