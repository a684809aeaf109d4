"""Polyak's constants: the best learning rate and momentum for a range of curvatures."""

import torch

from descent.exercises.measure import array, expect, expect_close
from descent.exercises.model import Exercise, Wrong

SPECTRA = ((1.0, 10.0), (0.02, 2.0), (0.5, 700.0), (1.0, 1.7))


def slowest(lr: float, beta: float, mu: float, top: float) -> float:
    """Largest factor per step over the curvatures from mu to top."""
    product = lr * torch.linspace(mu, top, 401, dtype=torch.float64)
    half = (1 + beta - product) / 2
    inside = half**2 - beta
    real = half.abs() + inside.clamp(min=0).sqrt()
    return float(torch.where(inside < 0, beta**0.5 + 0 * half, real).max())


def check_neighbors(best) -> None:
    """No pair nearby is faster, and none far away."""
    for mu, top in SPECTRA:
        lr, beta = array(best(mu, top), "the pair (lr, beta)", (2,)).tolist()
        expect(
            lr > 0 and 0 <= beta < 1,
            f"lr is positive and beta in [0, 1); they were {lr:.4g} and {beta:.4g}",
        )
        mine = slowest(lr, beta, mu, top)
        for a in (0.5, 0.9, 0.97, 1.03, 1.1, 1.5):
            for b in (0.5, 0.9, 0.97, 1.0, 1.01, 1.03):
                other = slowest(a * lr, min(b * beta, 0.9999), mu, top)
                expect(
                    other >= mine - 1e-7,
                    f"no pair is faster for curvatures in [{mu:g}, {top:g}]; yours has the factor "
                    f"{mine:.5g}, and {a:g} times your lr with {b:g} times your beta {other:.5g}",
                )


def check_rate(best) -> None:
    """The factor is that of the lower bound."""
    for mu, top in SPECTRA:
        lr, beta = array(best(mu, top), "the pair (lr, beta)", (2,)).tolist()
        root = (top / mu) ** 0.5
        what = f"the factor per step for curvatures in [{mu:g}, {top:g}]"
        expect_close(slowest(lr, beta, mu, top), (root - 1) / (root + 1), what, rtol=1e-5)


EXERCISE = Exercise(
    id="momentum.best_constants",
    kind="prove",
    title="Polyak's constants",
    stars=3,
    minutes=25,
    name="best",
    prompt=r"""
One learning rate and one momentum must serve all curvatures between $\mu$ and $L$.
For each of them the factor per step is at least $|1-\sqrt{\eta\lambda}|$, and at least
$\sqrt\beta$.

Derive the pair $(\eta, \beta)$ for which the *slowest* component is as fast as possible, and prove
that no pair is better. Enter it as `best(mu, L)`; it is compared with other pairs.
""",
    stub='''
def best(mu, L):
    """Return the best learning rate and momentum."""
    ...
''',
    solution="""
def best(mu, L):
    lr = (2 / (L**0.5 + mu**0.5)) ** 2
    beta = ((L**0.5 - mu**0.5) / (L**0.5 + mu**0.5)) ** 2
    return lr, beta
""",
    hints=(
        "The bound $|1-\\sqrt{\\eta\\lambda}|$ must be small at both ends of the spectrum. It is "
        "the problem of gradient descent, with $\\sqrt\\lambda$ in place of $\\lambda$.",
        "Set the two ends equal: $1-\\sqrt{\\eta\\mu} = \\sqrt{\\eta L}-1$.",
        "That gives $\\sqrt\\eta = 2/(\\sqrt L+\\sqrt\\mu)$. Then take the smallest momentum that "
        "makes all roots complex or double.",
    ),
    checks=(check_neighbors, check_rate),
    probe=lambda answer: [list(map(float, answer(*spectrum))) for spectrum in SPECTRA],
    wrong={
        "rate_of_descent": Wrong(
            """
def best(mu, L):
    beta = ((L**0.5 - mu**0.5) / (L**0.5 + mu**0.5)) ** 2
    return 2 / (L + mu), beta
""",
            "The momentum is right. But $2/(L+\\mu)$ is the best rate *without* momentum; with it "
            "the stable range is twice as wide, and the best rate almost twice as large.",
        ),
        "momentum_not_squared": Wrong(
            """
def best(mu, L):
    lr = (2 / (L**0.5 + mu**0.5)) ** 2
    return lr, (L**0.5 - mu**0.5) / (L**0.5 + mu**0.5)
""",
            "The rate is right. Your momentum is the factor that you want per step; the factor is "
            "the root of the momentum.",
        ),
        "nesterov": Wrong(
            """
def best(mu, L):
    return 1 / L, (L**0.5 - mu**0.5) / (L**0.5 + mu**0.5)
""",
            "These are the usual constants of Nesterov's method. For the heavy ball they are safe "
            "and slow.",
        ),
        "flat_direction_only": Wrong(
            """
def best(mu, L):
    return 1 / L, (1 - (mu / L) ** 0.5) ** 2
""",
            "With $\\eta=1/L$ this is the best momentum, and the steepest component is done at "
            "once. Let it wait: a longer step helps the flat one.",
        ),
    },
    explanation=r"""
For fixed $\eta\lambda$ the best momentum gives $|1-\sqrt{\eta\lambda}|$, so whatever $\beta$ is,

$$\rho \ge \max(|1-\sqrt{\eta\mu}|, |1-\sqrt{\eta L}|) \ge
\frac{\sqrt L-\sqrt\mu}{\sqrt L+\sqrt\mu},$$

with equality only at $\sqrt\eta = 2/(\sqrt L+\sqrt\mu)$.
There take $\beta=\rho^2$: at both ends the roots are double, between them complex, and every
component shrinks by exactly $\sqrt\beta=\rho$.
""",
)
