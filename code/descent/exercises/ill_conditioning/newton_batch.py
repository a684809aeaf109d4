"""How many examples a Newton step needs, compared with a gradient step."""

import torch
from torch import Tensor

from descent.exercises.measure import expect, expect_close, number
from descent.exercises.model import Exercise, Wrong


def cases() -> list[tuple[Tensor, Tensor, Tensor, float]]:
    """Gradient, Hessian, covariance of one example's gradient, and wanted error."""
    generator = torch.Generator().manual_seed(13)
    made = []
    for kappa, error in ((1.0, 0.1), (30.0, 0.1), (30.0, 0.05), (1000.0, 0.3)):
        turn = torch.linalg.qr(torch.randn(3, 3, dtype=torch.float64, generator=generator))[0]
        spectrum = torch.logspace(0, 1, 3, base=kappa, dtype=torch.float64)
        root = torch.randn(3, 3, dtype=torch.float64, generator=generator)
        g = torch.randn(3, dtype=torch.float64, generator=generator)
        made.append((g, turn @ torch.diag(spectrum) @ turn.T, root @ root.T, error))
    return made


def relative_error(g: Tensor, H: Tensor, cov: Tensor, batch: float) -> float:
    """Draw many mini-batch gradients and measure the relative error of the Newton step."""
    generator = torch.Generator().manual_seed(1)
    noise = torch.randn(40_000, 3, dtype=torch.float64, generator=generator)
    noise = noise @ torch.linalg.cholesky(cov / batch).T
    steps = torch.linalg.solve(H, noise.T)
    exact = torch.linalg.solve(H, g)
    return float((steps.square().sum(0).mean() / exact.square().sum()).sqrt())


def check_draws(batch_size) -> None:
    """Mini-batches of that size have the wanted error."""
    for g, H, cov, error in cases():
        batch = number(batch_size(g.clone(), H.clone(), cov.clone(), error), "the batch size")
        expect(batch > 0, f"the batch size is positive; it was {batch:.4g}")
        measured = relative_error(g, H, cov, batch)
        expect(
            abs(measured - error) < 0.05 * error,
            f"steps from batches of that size miss by {error:g}; with your {batch:.4g} they miss "
            f"by "
            f"{measured:.3g}",
        )


def check_scaling(batch_size) -> None:
    """Half the error needs four times the batch; scaling the Hessian changes nothing."""
    for g, H, cov, error in cases():
        batch, finer, scaled = (
            number(batch_size(*arguments), "the batch size")
            for arguments in ((g, H, cov, error), (g, H, cov, error / 2), (g, 9 * H, cov, error))
        )
        expect_close(finer / batch, 4.0, "the growth of the batch when the error is halved")
        expect_close(scaled / batch, 1.0, "its growth when the Hessian is multiplied by 9")


EXERCISE = Exercise(
    id="ill_conditioning.newton_batch",
    kind="prove",
    title="The batch that Newton needs",
    stars=3,
    minutes=25,
    name="batch_size",
    prompt=r"""
The gradient of one example has mean $g$ and covariance $\Sigma$. A mini-batch gradient $\hat g$
averages $B$ independent examples. Newton's step uses $H^{-1}\hat g$ with a known Hessian $H$.
Derive the batch size for which the step's relative error, in the mean square, is $\varepsilon$:

$$\mathbb E\,\|H^{-1}\hat g - H^{-1}g\|^2 = \varepsilon^2\, \|H^{-1}g\|^2 .$$

Enter the closed form as `batch_size(g, H, cov, error)`, without rounding it.
It is compared with 40,000 drawn batches.
""",
    stub='''
def batch_size(g, H, cov, error):
    """Return the batch size at which the step has that relative error."""
    ...
''',
    solution="""
def batch_size(g, H, cov, error):
    step = torch.linalg.solve(H, g)
    inverse = torch.linalg.inv(H)
    return torch.trace(inverse @ cov @ inverse.T) / (error**2 * step @ step)
""",
    hints=(
        "What are the mean and the covariance of $\\hat g - g$? And of a matrix times it?",
        "$\\hat g - g$ has covariance $\\Sigma/B$, so $H^{-1}(\\hat g - g)$ has $H^{-1}\\Sigma "
        "H^{-1}/B$. "
        "The mean square length of a centered vector is the trace of its covariance.",
        "$\\operatorname{tr}(H^{-1}\\Sigma H^{-1})/B = \\varepsilon^2\\,\\|H^{-1}g\\|^2$. Solve "
        "for $B$.",
    ),
    checks=(check_draws, check_scaling),
    probe=lambda answer: [float(answer(*case)) for case in cases()],
    wrong={
        "gradient_batch": Wrong(
            """
def batch_size(g, H, cov, error):
    return torch.trace(cov) / (error**2 * g @ g)
""",
            "That is the batch for the *gradient*. The inverse Hessian magnifies the noise along "
            "flat directions, and the gradient is small just there.",
        ),
        "error_not_squared": Wrong(
            """
def batch_size(g, H, cov, error):
    inverse = torch.linalg.inv(H)
    step = inverse @ g
    return torch.trace(inverse @ cov @ inverse) / (error * step @ step)
""",
            "Everything is right but the power of the error: averaging $B$ examples shrinks the "
            "error by $\\sqrt B$ only.",
        ),
        "one_inverse": Wrong(
            """
def batch_size(g, H, cov, error):
    inverse = torch.linalg.inv(H)
    return torch.trace(inverse @ cov) / (error**2 * g @ inverse @ g)
""",
            "A covariance is transformed from both sides, $H^{-1}\\Sigma H^{-1}$. With one inverse "
            "you measure the error in another norm than the question does.",
        ),
        "hessian_not_inverted": Wrong(
            """
def batch_size(g, H, cov, error):
    return torch.trace(H @ cov @ H) / (error**2 * (H @ g) @ (H @ g))
""",
            "The step *solves* with the Hessian. Multiplying by it damps the flat directions, "
            "where the Newton step is most sensitive.",
        ),
    },
    explanation=r"""
$\hat g - g$ has mean zero and covariance $\Sigma/B$, so $H^{-1}(\hat g-g)$ has covariance
$H^{-1}\Sigma H^{-1}/B$ and mean square length $\operatorname{tr}(H^{-1}\Sigma H^{-1})/B$. Hence

$$B = \frac{\operatorname{tr}(H^{-1}\Sigma H^{-1})}{\varepsilon^2\, \|H^{-1}g\|^2} .$$

For $H = hI$ this is the batch of the plain gradient, $\operatorname{tr}\Sigma /
(\varepsilon^2\|g\|^2)$.
Otherwise the noise along the smallest eigenvalue is divided by $\mu^2$: when the gradient lies
mostly along steep directions, the batch grows like $\kappa^2$.
""",
)
