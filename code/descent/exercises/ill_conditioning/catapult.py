"""How large the learning rate may be in a model with two layers: the catapult."""

from descent.exercises.model import Choice, Exercise, Number, Wrong

_TRAIN = """
def train(eta_lambda, width=1000, steps=2000, seed=0):
    generator = torch.Generator().manual_seed(seed)
    start = torch.randn(2, width, dtype=torch.float64, generator=generator)
    u, v = start
    lr = eta_lambda * width / float(u @ u + v @ v)
    for _ in range(steps):
        f = u @ v / width**0.5
        if not f.abs() < 1e6:
            return torch.inf
        push = lr * f / width**0.5
        u, v = u - push * v, v - push * u
    return lr * float(u @ u + v @ v) / width
"""

END = Exercise(
    id="ill_conditioning.catapult_end",
    kind="predict",
    title="Beyond the stability limit",
    stars=2,
    minutes=5,
    name="fate",
    question=Choice(
        {
            "flat": "It ends at a minimum with $\\eta\\lambda$ clearly below 2.",
            "edge": "It ends at a minimum with $\\eta\\lambda$ at 2.",
            "same": "It ends at a minimum with $\\eta\\lambda$ still near 2.5.",
            "diverges": "The loss grows without bound.",
        }
    ),
    prompt=r"""
The model $f = u^\top v/\sqrt m$ with $m = 1000$ and target 0 is trained by gradient descent on
$\tfrac12 f^2$. Its curvature at a minimum is $\lambda = (\|u\|^2 + \|v\|^2)/m$.
The learning rate is chosen so that $\eta\lambda = 2.5$ at the start; on a quadratic everything
above 2
diverges. What happens here?
""",
    stub='fate = ...  # "flat", "edge", "same" or "diverges"',
    solution=_TRAIN
    + """

end = train(2.5)
if end > 2.1:
    fate = "diverges" if end == torch.inf else "same"
else:
    fate = "edge" if end > 1.9 else "flat"
""",
    hints=(
        "The loss grows at first, as on a quadratic. What does that do to $u$ and $v$?",
        "Work out one step of $\\|u\\|^2 + \\|v\\|^2$: it changes by a multiple of "
        "$f^2\\,(\\eta\\lambda - 4)$.",
        "While $f$ is large and $\\eta\\lambda < 4$, the curvature falls. It stops falling when "
        "$f$ does.",
    ),
    wrong={
        "diverges": Wrong(
            'fate = "diverges"',
            "It would, if the curvature stayed what it is. Here large values of $f$ change the "
            "weights, and with them the curvature.",
        ),
        "edge": Wrong(
            'fate = "edge"',
            "At 2 the loss would stop growing but not yet shrink. While it is still large, the "
            "curvature keeps falling past the limit.",
        ),
        "same": Wrong(
            'fate = "same"',
            "A minimum with $\\eta\\lambda > 2$ repels gradient descent: nothing can end there.",
        ),
    },
    explanation=r"""
With $a = \eta\lambda$, one step gives exactly
$f \leftarrow f\,(1 - a + \eta^2 f^2/m)$ and $\lambda \leftarrow \lambda + \eta f^2 (a - 4)/m$.
For $2 < a < 4$ the output grows, and as it grows it lowers $\lambda$. The growth stops when $a$
falls
below 2, but $f$ is then large and lowers $\lambda$ further. Training survives and lands in a
flatter
place than the limit requires.
""",
)

LIMIT = Exercise(
    id="ill_conditioning.catapult_limit",
    kind="predict",
    title="How far a catapult throws",
    stars=2,
    minutes=10,
    name="limit",
    question=Number(within=0.06, digits=2),
    prompt=r"""
The same model, $f = u^\top v/\sqrt m$ with $m = 1000$ and target 0. Raise the learning rate,
measured
by $\eta\lambda$ at the start. Up to which $\eta\lambda$ does training survive, instead of
diverging?
""",
    stub="limit = ...",
    solution=_TRAIN
    + """

low, high = 1.0, 8.0
while high - low > 0.01:
    middle = (low + high) / 2
    if train(middle) < torch.inf:
        low = middle
    else:
        high = middle
limit = (low + high) / 2
""",
    hints=(
        "The curvature must fall while the output grows. Which sign decides?",
        "The change of $\\|u\\|^2 + \\|v\\|^2$ in one step is proportional to "
        "$f^2\\,(\\eta\\lambda - 4)$.",
        "Above the value where that bracket changes sign, curvature and output grow together.",
    ),
    wrong={
        "quadratic_limit": Wrong(
            "limit = 2.0",
            "That is the limit of a quadratic, whose curvature cannot change. This model can move "
            "to a flatter place.",
        ),
        "previous_setting": Wrong(
            "limit = 2.5",
            "The previous exercise survived 2.5, with room to spare.",
        ),
        "three": Wrong(
            "limit = 3.0",
            "Work out how $\\|u\\|^2 + \\|v\\|^2$ changes in one step; at 3 it still shrinks.",
        ),
    },
    explanation=r"""
One step changes the curvature by $\eta f^2(\eta\lambda-4)/m$. Below 4 a large output flattens the
valley until the steps fit. Above 4 curvature and output feed each other, and training diverges.
The measured limit can lie a little off 4, since the start already has an output of its own.
""",
)
