"""The best fixed learning rate of gradient descent, and how fast it is."""

import torch

from descent.exercises.measure import array, expect, expect_close
from descent.exercises.model import Exercise, Wrong

SPECTRA = ((1.0, 10.0), (0.02, 2.0), (3.0, 3.0), (0.5, 700.0), (1.0, 1.7))


def shrinkage(lr: torch.Tensor, mu: float, top: float) -> torch.Tensor:
    """Largest factor by which a step scales any eigen-component, for each learning rate."""
    eigenvalues = torch.linspace(mu, top, 101, dtype=torch.float64)
    return (1 - lr[..., None] * eigenvalues).abs().amax(-1)


def check_optimal(best_rate) -> None:
    """No other learning rate shrinks the slowest component more."""
    for mu, top in SPECTRA:
        lr = array(best_rate(mu, top), "the pair (lr, contraction)", (2,))[0]
        mine = float(shrinkage(lr, mu, top))
        others = torch.linspace(0.01, 2.2, 2001, dtype=torch.float64) / top
        best = float(shrinkage(others, mu, top).min())
        expect(
            mine <= best + 1e-9,
            f"no other rate contracts more for eigenvalues in [{mu:g}, {top:g}]; "
            f"yours of {float(lr):.4g} leaves a factor {mine:.6g}, another {best:.6g}",
        )


def check_contraction(best_rate) -> None:
    """The contraction is what a step with that rate does to the distance."""
    for mu, top in SPECTRA:
        lr, contraction = array(best_rate(mu, top), "the pair (lr, contraction)", (2,))
        what = f"the contraction of the distance for eigenvalues in [{mu:g}, {top:g}]"
        expect_close(contraction, float(shrinkage(lr, mu, top)), what)


EXERCISE = Exercise(
    id="ill_conditioning.best_rate",
    kind="prove",
    title="The best rate, and what it costs",
    stars=2,
    minutes=20,
    name="best_rate",
    prompt=r"""
Gradient descent with a fixed learning rate $\eta$ runs on a quadratic whose Hessian has eigenvalues
anywhere between $\mu$ and $L$, $0 < \mu \le L$.
A step multiplies the component of the error along an eigenvector of eigenvalue $\lambda$ by
$1-\eta\lambda$. So the distance to the minimum shrinks, in the worst case, by

$$\rho(\eta) = \max_{\mu \le \lambda \le L} |1-\eta\lambda| .$$

Prove which $\eta$ makes $\rho$ smallest, and how small it then is.
Enter both closed forms; they are compared with a search over learning rates.
""",
    stub='''
def best_rate(mu, L):
    """Return the learning rate that minimizes rho, and rho at that rate."""
    ...
''',
    solution="""
def best_rate(mu, L):
    return 2 / (L + mu), (L - mu) / (L + mu)
""",
    hints=(
        "$|1-\\eta\\lambda|$ is convex in $\\lambda$. Where does a convex function on an interval "
        "have "
        "its maximum?",
        "Only the ends matter: $\\rho(\\eta) = \\max(|1-\\eta\\mu|, |1-\\eta L|)$. Draw both "
        "against "
        "$\\eta$: one falls while the other rises.",
        "At the best rate the two are equal: $1-\\eta\\mu = \\eta L - 1$.",
    ),
    checks=(check_optimal, check_contraction),
    probe=lambda answer: [list(map(float, answer(mu, top))) for mu, top in SPECTRA],
    wrong={
        "one_over_L": Wrong(
            """
def best_rate(mu, L):
    return 1 / L, 1 - mu / L
""",
            "$1/L$ settles the steepest direction in one step, and is a safe habit. The flattest "
            "direction waits longest; overshooting the steep one a little helps it.",
        ),
        "stability_limit": Wrong(
            """
def best_rate(mu, L):
    return 2 / L, max(abs(1 - 2 * mu / L), 1.0)
""",
            "$2/L$ is where the steepest component stops shrinking at all: it flips sign forever. "
            "It is the limit, not the optimum.",
        ),
        "loss_not_distance": Wrong(
            """
def best_rate(mu, L):
    return 2 / (L + mu), ((L - mu) / (L + mu)) ** 2
""",
            "The rate is right. The square is how the *cost* shrinks; the question is about the "
            "distance.",
        ),
        "mean_without_two": Wrong(
            """
def best_rate(mu, L):
    return 1 / (L + mu), L / (L + mu)
""",
            "Half as large as it could be: with your rate, $1-\\eta L$ is still positive. "
            "Set the two ends equal in size, with *opposite* signs.",
        ),
    },
    explanation=r"""
A convex function on an interval is largest at an end, so
$\rho(\eta) = \max(|1-\eta\mu|, |1-\eta L|)$.
For small $\eta$ the first is larger and falls with $\eta$; for large $\eta$ the second is larger
and
rises. The smallest maximum is where they meet, $1-\eta\mu = \eta L-1$, so $\eta = 2/(L+\mu)$ and

$$\rho = \frac{L-\mu}{L+\mu} = \frac{\kappa-1}{\kappa+1}, \qquad \kappa = L/\mu .$$

Only the ratio $\kappa$ remains: scaling the cost changes the learning rate, never the speed.
""",
)
