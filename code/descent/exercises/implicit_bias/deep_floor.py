"""The tangent kernel of very deep networks."""

from descent.exercises.model import Exercise, Number, Wrong

EXERCISE = Exercise(
    id="implicit_bias.deep_floor",
    kind="predict",
    title="The floor of depth",
    stars=3,
    minutes=20,
    name="ratio",
    question=Number(within=0.08, digits=2),
    prompt=r"""
For orthogonal unit inputs, $\Theta(u,u')/\Theta(u,u)$ of an infinitely wide ReLU network is
$1/2\pi$ with one hidden layer. To what does it tend when the depth $L$ goes to infinity?

Two things happen at once: $\Sigma$ tends to 1, and $\Theta(u,u)=L+1$ grows.
""",
    stub="ratio = ...",
    solution="""
from descent.implicit_bias import relu_kernels

kernel = relu_kernels(torch.eye(2, dtype=torch.float64), depth=20_000).ntk
ratio = float(kernel[0, 1] / kernel[0, 0])
""",
    hints=(
        "Let $\\varphi$ be the angle that belongs to $\\Sigma$. For small angles "
        "$\\kappa_1(\\cos\\varphi)\\approx\\cos\\varphi+\\frac{\\varphi^3}{3\\pi}$. How does "
        "$\\varphi$ shrink?",
        "$\\varphi_{h+1}\\approx\\varphi_h-\\varphi_h^2/3\\pi$, so $\\varphi_h\\approx3\\pi/h$ and "
        "$\\kappa_0=1-\\varphi/\\pi\\approx1-3/h$.",
        "$\\Theta_{h+1}\\approx(1-3/h)\\,\\Theta_h+1$. Try $\\Theta_h=ch$.",
    ),
    wrong={
        "one": Wrong(
            "ratio = 1.0",
            "The covariance tends to 1. The tangent kernel remembers the earlier layers, each "
            "multiplied by many slopes below 1.",
        ),
        "zero": Wrong(
            "ratio = 0.0",
            "Slopes below 1 multiply up, but they tend to 1 themselves, and every layer adds "
            "nearly 1.",
        ),
        "first": Wrong(
            "import math\n\nratio = 1 / (2 * math.pi)",
            "That is one hidden layer. Depth raises it.",
        ),
        "third": Wrong(
            "ratio = 1 / 3",
            "Solve $c=-3c+1$ again: the term $\\Theta_h$ itself grows by $c$ in each layer.",
        ),
    },
    explanation=r"""
With $\Theta_h=ch$: $c(h+1)=ch-3c+1$, so $4c=1$. The ratio tends to $\frac14$ for *every* pair of
different inputs, slowly. So the matrix of a very deep network is a quarter everywhere and one on
the diagonal: apart from a constant it answers to the training inputs alone, and generalizes to
nothing.
""",
)
