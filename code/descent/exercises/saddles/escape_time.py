"""How long descent stays beside a saddle."""

from descent.exercises.measure import expect, number
from descent.exercises.model import Exercise, Wrong

CASES = ((1e-2, 0.1, 1.0), (1e-8, 0.1, 2.0), (1e-3, 0.05, 10.0), (0.3, 0.4, 0.5))


def counted(start: float, lr: float, curvature: float) -> int:
    """Count the steps of gradient descent until it is at distance 1."""
    x, steps = start, 0
    while x < 1:
        x, steps = x + lr * curvature * x, steps + 1
    return steps


def check_counted(escape) -> None:
    """The formula, rounded up, is what a run needs."""
    for start, lr, curvature in CASES:
        mine = number(escape(start, lr, curvature), "the time")
        steps = counted(start, lr, curvature)
        expect(
            steps - 1 - 1e-9 <= mine <= steps + 1e-9,
            f"from {start:g} with η = {lr:g} and curvature −{curvature:g} a run needs {steps} "
            f"steps; your formula gives {mine:.4g}",
        )


EXERCISE = Exercise(
    id="saddles.escape_time",
    kind="prove",
    title="The time to leave",
    stars=1,
    minutes=10,
    name="escape",
    prompt=r"""
Near a saddle the loss along one eigenvector is $-\tfrac12\abs\lambda x^2$. Gradient descent with
rate $\eta$ starts at $x_0>0$.

Derive the number of steps until $x\ge1$, as a formula without rounding. Enter it as
`escape(start, lr, curvature)`, with `curvature` $=\abs\lambda$; it is compared with runs, also with
large steps.
""",
    stub='''
def escape(start, lr, curvature):
    """Return the steps until the component reaches 1."""
    ...
''',
    solution="""
import math


def escape(start, lr, curvature):
    return math.log(1 / start) / math.log(1 + lr * curvature)
""",
    hints=(
        "What does one step do to $x$? The gradient is $-\\abs\\lambda x$.",
        "$x_{k} = (1+\\eta\\abs\\lambda)^k x_0$. Set it to 1 and take logarithms.",
        "$k\\log(1+\\eta\\abs\\lambda)=\\log(1/x_0)$.",
    ),
    checks=(check_counted,),
    probe=lambda answer: [float(answer(*case)) for case in CASES],
    wrong={
        "flow": Wrong(
            """
import math


def escape(start, lr, curvature):
    return math.log(1 / start) / (lr * curvature)
""",
            "That is the time of the gradient *flow*, $e^{\\eta\\abs\\lambda k}$. A step "
            "multiplies by $1+\\eta\\abs\\lambda$, which is less.",
        ),
        "linear": Wrong(
            """
def escape(start, lr, curvature):
    return (1 - start) / (lr * curvature * start)
""",
            "This assumes the first step's length for all of them. The steps grow with $x$.",
        ),
        "shrinks": Wrong(
            """
import math


def escape(start, lr, curvature):
    return math.log(start) / math.log(abs(1 - lr * curvature) + 1e-12)
""",
            "$1-\\eta\\lambda$ with $\\lambda<0$ is *above* 1: mind the sign.",
        ),
    },
    explanation=r"""
$x_k=(1+\eta\abs\lambda)^kx_0$, so $k=\log(1/x_0)/\log(1+\eta\abs\lambda)$. The start enters by its
logarithm: a start a hundred times closer costs a constant number of steps more. That is why descent
gets away from saddles in practice, and why only $x_0=0$, exactly, does not.
""",
)
