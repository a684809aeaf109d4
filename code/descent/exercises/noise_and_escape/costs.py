"""The shape of a cloud in a bowl, and how fast its entropy changes."""

import torch

from descent.exercises.measure import array, expect_close, number
from descent.exercises.model import Exercise, Wrong


def pairs() -> list[tuple[torch.Tensor, torch.Tensor]]:
    """Hessians and noise covariances, in two and three dimensions."""
    rng = torch.Generator().manual_seed(1)
    out = []
    for dim in (2, 2, 3):
        a, r = (torch.randn(dim, dim, dtype=torch.float64, generator=rng) for _ in range(2))
        out.append((a @ a.mT + torch.eye(dim, dtype=torch.float64), r @ r.mT))
    return out


def check_cloud(cloud) -> None:
    """The covariance solves the equation of Lyapunov."""
    for hessian, noise in pairs():
        mine = array(cloud(hessian, noise), "the covariance", hessian.shape)
        expect_close(hessian @ mine + mine @ hessian, noise, "AC + CA")


CLOUD = """
def cloud(hessian, noise):
    values, basis = torch.linalg.eigh(hessian)
    turned = basis.T @ noise @ basis
    return basis @ (turned / (values[:, None] + values[None, :])) @ basis.T
"""

BOWL = Exercise(
    id="noise_and_escape.bowl",
    kind="code",
    title="The cloud in a bowl",
    stars=2,
    minutes=25,
    name="cloud",
    prompt=r"""
In a bowl with Hessian $A$ and noise covariance $D$ the cloud has the covariance
$\varepsilon C$, where $AC+CA=D$. The two need not share axes.

Solve for $C$: `cloud(hessian, noise)`.
""",
    stub='''
def cloud(hessian, noise):
    """Return C, (dim, dim)."""
    ...
''',
    solution=CLOUD,
    hints=(
        "Go to the eigenbasis of $A$. What does the equation say for one entry?",
        "$(\\lambda_i+\\lambda_j)\\,C_{ij}=D_{ij}$ there.",
        "Turn $D$, divide entry by entry, turn back.",
    ),
    checks=(check_cloud,),
    probe=lambda answer: [
        v for p in pairs() for v in array(answer(*p), "the covariance").flatten().tolist()
    ],
    wrong={
        "inverse": Wrong(
            "def cloud(hessian, noise):\n    return torch.linalg.inv(hessian) @ noise / 2",
            "Right if $A$ and $D$ commute. Otherwise it is not even symmetric.",
        ),
        "diagonal": Wrong(
            CLOUD.replace("turned / (", "torch.diag(turned.diag()) / ("),
            "The entries off the diagonal are not zero: the noise couples the eigenvectors.",
        ),
        "double": Wrong(
            CLOUD.replace("basis @ (turned", "2 * basis @ (turned"),
            "Twice too large. Along one axis $2\\lambda C=D$.",
        ),
    },
    explanation=r"""
One division for each pair of eigenvalues. With $D=A$ it gives $C=\tfrac12I$: aligned noise hides
the curvature.
""",
)

CASES = ((4.0, 1.0, 0.1), (0.05, 1.0, 0.1), (0.1, 1.0, 0.1), (0.5, 3.0, 2.0))


def check_rate(rate) -> None:
    """The rate is the derivative of the exact entropy."""
    for v, lam, heat in CASES:
        mine = number(rate(v, lam, heat), "the rate")
        change = -2 * lam * v + 2 * heat
        what = f"dS/dt for v = {v:g}, λ = {lam:g}, T = {heat:g}"
        expect_close(mine, change / (2 * v), what)


ENTROPY_RATE = Exercise(
    id="noise_and_escape.entropy_rate",
    kind="prove",
    title="Made and taken",
    stars=2,
    minutes=20,
    name="rate",
    prompt=r"""
A Gaussian cloud of variance $v$ in the bowl $\tfrac12\lambda w^2$ follows
$dw=-\lambda w\,dt+\sqrt{2T}\,dW$. Derive $\dot S$ at this moment and enter it as
`rate(v, lam, heat)`.
""",
    stub='''
def rate(v, lam, heat):
    """Return the change of the entropy per unit of time."""
    ...
''',
    solution="""
def rate(v, lam, heat):
    return heat / v - lam
""",
    hints=(
        "$S=\\tfrac12\\ln(2\\pi e\\,v)$, so $\\dot S=\\dot v/2v$.",
        "Itô's formula: $\\dot v=-2\\lambda v+2T$.",
        "One term is what diffusion makes, the other what curvature takes.",
    ),
    checks=(check_rate,),
    probe=lambda answer: [float(answer(*case)) for case in CASES],
    wrong={
        "no_ito": Wrong(
            "def rate(v, lam, heat):\n    return -lam",
            "The noise does not average to zero in the entropy: it spreads the cloud.",
        ),
        "decay": Wrong(
            "import math\n\n\ndef rate(v, lam, heat):\n"
            "    entropy = 0.5 * math.log(2 * math.pi * math.e * v)\n"
            "    return -(lam**2) * v / heat * entropy",
            "That is the exponential story. Try $v=T/\\lambda$, where nothing may change.",
        ),
        "half": Wrong(
            "def rate(v, lam, heat):\n    return heat / (2 * v) - lam",
            "With $\\sqrt{2T}\\,dW$ the variance grows by $2T$ per unit of time.",
        ),
    },
    explanation=r"""
$\dot S=T/v-\lambda$. It vanishes at $v=T/\lambda$, Gibbs's law, and is positive for a cloud that is
too narrow. No product of a rate and $S$ can do that.
""",
)
