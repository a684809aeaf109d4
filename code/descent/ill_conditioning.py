r"""Ill-conditioning: what step the curvature allows, and what it costs.

Three layers, each standing on the one before:

1. One step. The second-order expansion says when a gradient step raises the cost, and the answer
   is a threshold on the curvature along the gradient, 2 / lr.
2. Many steps on a quadratic. The condition number fixes the rate, with and without momentum, and
   Newton's method removes it at a price: H^-1 magnifies sampling error.
3. Beyond quadratics. A model with two layers leaves a minimum that is too sharp for its learning
   rate and settles in a flatter one. What networks do is in `descent.experiments.ill_conditioning`.
"""

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from descent import validate

# --- one step ------------------------------------------------------------------------------------


def predicted_change(g: Tensor, hg: Tensor, lr: float | Tensor) -> Tensor:
    r"""Second-order prediction of how one gradient step changes the cost.

    $$f(x-\eta g) - f(x) \approx -\eta\, g^\top g + \tfrac12 \eta^2\, g^\top H g$$

    Exact on a quadratic; elsewhere the error is of third order in $\eta$.

    Args:
        g: Gradient, (*batch, dim).
        hg: Hessian times gradient, (*batch, dim).
        lr: Learning rate, a number or (*batch,).

    Returns:
        Predicted change, (*batch,). Positive means that the step raises the cost.

    Reference: Goodfellow, Bengio, Courville (2016), section 8.2.1.
    """
    return -lr * (g * g).sum(-1) + 0.5 * lr**2 * (g * hg).sum(-1)


def directional_curvature(g: Tensor, hg: Tensor) -> Tensor:
    r"""Rayleigh quotient of the Hessian along the gradient.

    $$R(g) = \frac{g^\top H g}{g^\top g}, \qquad \lambda_{\min} \le R(g) \le \lambda_{\max}$$

    Args:
        g: Gradient, (*batch, dim), not zero.
        hg: Hessian times gradient, (*batch, dim).

    Returns:
        Curvature along the gradient, (*batch,).
    """
    return (g * hg).sum(-1) / (g * g).sum(-1)


def break_even_step(g: Tensor, hg: Tensor) -> Tensor:
    r"""Learning rate at which the second-order model predicts no change.

    $$\eta_0 = \frac{2\, g^\top g}{g^\top H g}$$

    A longer step raises the model, half of it lowers the model most. Without positive curvature
    along $g$ every step lowers the model, and the answer is infinite.

    Args:
        g: Gradient, (*batch, dim), not zero.
        hg: Hessian times gradient, (*batch, dim).

    Returns:
        Learning rate, (*batch,), possibly inf.
    """
    curvature = directional_curvature(g, hg)
    return torch.where(curvature > 0, 2 / curvature, torch.inf)


def preconditioned_change(g: Tensor, hdg: Tensor, d: Tensor, lr: float) -> Tensor:
    r"""Second-order prediction for a step with one learning rate per coordinate.

    $$f(x-\eta D g) - f(x) \approx -\eta\, g^\top D g + \tfrac12\eta^2\,(Dg)^\top H (Dg)$$

    Every $D$ with a positive diagonal makes the first term negative, so the direction descends
    whatever the rates are; only the length can make the cost rise.

    Args:
        g: Gradient, (*batch, dim).
        hdg: Hessian times D g, (*batch, dim).
        d: Diagonal of D, (*batch, dim).
        lr: Overall learning rate.

    Returns:
        Predicted change, (*batch,).
    """
    step = d * g
    return -lr * (g * step).sum(-1) + 0.5 * lr**2 * (step * hdg).sum(-1)


# --- many steps on a quadratic -------------------------------------------------------------------


def contraction(eigenvalues: Tensor, lr: float | Tensor, beta: float | Tensor = 0.0) -> Tensor:
    r"""Exact asymptotic factor by which each eigen-component shrinks per step.

    With momentum, component i obeys a two-term recurrence whose companion matrix has
    characteristic polynomial

    $$r^2 - (1 + \beta - \eta\lambda_i)\, r + \beta = 0,$$

    and the factor is the larger root's modulus; at $\beta = 0$ it is $|1-\eta\lambda_i|$.

    Args:
        eigenvalues: $\lambda$, any shape.
        lr: Learning rate, broadcasts against `eigenvalues`.
        beta: Momentum in [0, 1), broadcasts against `eigenvalues`.

    Returns:
        Spectral radius per eigenvalue; at least 1 means that the component does not converge.

    Reference: Polyak (1964); Goh (2017), Why Momentum Really Works.
    """
    half = (1 + beta - lr * eigenvalues) / 2
    disc = half**2 - beta
    real = half.abs() + torch.sqrt(torch.clamp(disc, min=0))
    return torch.where(disc >= 0, real, torch.sqrt(beta + 0 * disc))


def best_gradient_descent(mu: float, ell: float) -> tuple[float, float]:
    r"""Best constant learning rate for curvatures between $\mu$ and $L$, and its factor.

    $$\eta = \frac{2}{L+\mu}, \qquad \rho = \frac{\kappa-1}{\kappa+1}$$

    Args:
        mu: Smallest curvature, positive.
        ell: Largest curvature L, at least `mu`.

    Returns:
        Learning rate and contraction factor per step.

    Raises:
        ValueError: If the curvatures are not positive and in order.

    Reference: Polyak (1964); Nesterov (2018), theorem 2.1.15.
    """
    kappa = condition_number(mu, ell)
    return 2 / (ell + mu), (kappa - 1) / (kappa + 1)


def best_heavy_ball(mu: float, ell: float) -> tuple[float, float, float]:
    r"""Best constant learning rate and momentum on a quadratic, and their factor.

    $$\eta = \left(\frac{2}{\sqrt L+\sqrt\mu}\right)^2, \qquad
    \beta = \rho^2, \qquad \rho = \frac{\sqrt\kappa-1}{\sqrt\kappa+1}$$

    At these settings both extreme components sit on a double root, so the error falls like
    $k\rho^k$, a little slower than $\rho^k$ alone.

    Args:
        mu: Smallest curvature, positive.
        ell: Largest curvature L, at least `mu`.

    Returns:
        Learning rate, momentum and asymptotic contraction factor per step.

    Raises:
        ValueError: If the curvatures are not positive and in order.

    Reference: Polyak (1964).
    """
    root = math.sqrt(condition_number(mu, ell))
    rate = (root - 1) / (root + 1)
    return (2 / (math.sqrt(ell) + math.sqrt(mu))) ** 2, rate**2, rate


def condition_number(mu: float, ell: float) -> float:
    r"""Ratio of the largest to the smallest curvature, $\kappa = L/\mu$.

    Args:
        mu: Smallest curvature, positive.
        ell: Largest curvature L, at least `mu`.

    Returns:
        The condition number, at least 1.

    Raises:
        ValueError: If the curvatures are not positive and in order.
    """
    validate.positive("mu", mu)
    validate.at_least("ell", ell, mu)
    return ell / mu


def steps_to_shrink(factor: float, rate: float) -> int:
    r"""Steps until the distance to the minimum is `factor` times smaller.

    $$k = \left\lceil \frac{\log(\text{factor})}{-\log\rho} \right\rceil$$

    Args:
        factor: How much smaller, greater than 1.
        rate: Contraction per step, in [0, 1).

    Returns:
        Number of steps.

    Raises:
        ValueError: If an argument is out of range.
    """
    validate.at_least("factor", factor, 1)
    validate.fraction("rate", rate)
    # Rounding must not turn an exact power into one step more.
    return 1 if rate == 0 else math.ceil(math.log(factor) / -math.log(rate) - 1e-12)


def newton_step(hessian: Tensor, g: Tensor, damping: float = 0.0) -> Tensor:
    r"""Newton's step, with optional damping.

    $$\Delta x = -(H + \delta I)^{-1} g$$

    Args:
        hessian: $H$, (*batch, dim, dim), nonsingular after damping.
        g: Gradient, (*batch, dim).
        damping: $\delta \ge 0$.

    Returns:
        Step, (*batch, dim). On a convex quadratic with no damping it lands on the minimum.

    Raises:
        ValueError: If `damping` is negative.
    """
    validate.at_least("damping", damping, 0)
    eye = torch.eye(hessian.shape[-1], dtype=hessian.dtype, device=hessian.device)
    return -torch.linalg.solve(hessian + damping * eye, g)


# --- sampling error, magnified -------------------------------------------------------------------


def relative_error(
    sigma: Tensor, g: Tensor, batch: float | Tensor, hessian: Tensor | None = None
) -> Tensor:
    r"""Root mean square relative error of a step taken from a mini-batch gradient.

    $$\frac{\sqrt{\mathbb E\,|P\hat g - Pg|^2}}{|Pg|} =
    \sqrt{\frac{\operatorname{tr}(P\Sigma P^\top)}{B\,|Pg|^2}}, \qquad
    P = I \text{ or } P = H^{-1}$$

    Args:
        sigma: Covariance $\Sigma$ of one example's gradient, (dim, dim).
        g: Full gradient, (dim,).
        batch: Batch size B, drawn with replacement.
        hessian: $H$ for a Newton step; None for a gradient step.

    Returns:
        Relative error, the shape of `batch`.
    """
    if hessian is not None:
        g = torch.linalg.solve(hessian, g)
        sigma = torch.linalg.solve(hessian, torch.linalg.solve(hessian, sigma).mT)
    return (sigma.trace() / (batch * (g * g).sum())) ** 0.5


# --- beyond quadratics ---------------------------------------------------------------------------


@dataclass(frozen=True)
class TwoLayerLinear:
    r"""Smallest network whose curvature moves: two linear layers, one example, target 0.

    $$f(x) = \tfrac12 h^2, \qquad h = \frac{u\cdot v}{\sqrt m}, \qquad x = (u, v)\in\mathbb R^{2m}$$

    Its sharpness at a minimum is $\lambda = (|u|^2+|v|^2)/m$, and gradient descent moves the pair
    $(h, \lambda)$ by a closed recurrence (`catapult_step`).

    Args:
        width: $m$, the number of hidden units.

    Raises:
        TypeError: If `width` is not an integer.
        ValueError: If `width` < 1.

    Reference: Lewkowycz et al. (2020), arXiv:2003.02218, section 2.
    """

    width: int

    def __post_init__(self) -> None:
        validate.count("width", self.width)

    @property
    def dim(self) -> int:
        """Number of parameters, 2 m."""
        return 2 * self.width

    def init(self, seed: int = 0) -> Tensor:
        """Draw standard normal weights, (2 m,), float64."""
        generator = torch.Generator().manual_seed(seed)
        return torch.randn(self.dim, generator=generator, dtype=torch.float64)

    def output(self, x: Tensor) -> Tensor:
        """Return h, (*batch,)."""
        u, v = x.unflatten(-1, (2, -1)).unbind(-2)
        return (u * v).sum(-1) / self.width**0.5

    def sharpness(self, x: Tensor) -> Tensor:
        """Return λ, (*batch,)."""
        return (x**2).sum(-1) / self.width

    def __call__(self, x: Tensor) -> Tensor:
        """Return the losses."""
        return 0.5 * self.output(x) ** 2

    def grad(self, x: Tensor) -> Tensor:
        """Return the gradients, the shape of `x`."""
        swapped = x.unflatten(-1, (2, -1)).flip(-2).flatten(-2)
        return self.output(x)[..., None] * swapped / self.width**0.5


def catapult_step(h: Tensor, lam: Tensor, lr: float | Tensor, width: int) -> tuple[Tensor, Tensor]:
    r"""One step of gradient descent on `TwoLayerLinear`, in the two numbers that matter.

    $$h_{k+1} = h_k\Bigl(1 - \eta\lambda_k + \frac{\eta^2 h_k^2}{m}\Bigr), \qquad
    \lambda_{k+1} = \lambda_k + \frac{\eta h_k^2}{m}(\eta\lambda_k - 4)$$

    For $\eta\lambda_0 < 2$ the output shrinks from the start. For $2 < \eta\lambda_0 < 4$ it grows
    until $\eta^2 h^2/m$ is of order 1, which pushes $\lambda$ down: the run lands where
    $\eta\lambda < 2$. For $\eta\lambda_0 > 4$ the sharpness grows as well, and the run diverges.

    Args:
        h: Output of the network.
        lam: Sharpness.
        lr: Learning rate.
        width: $m$.

    Returns:
        Output and sharpness after the step.

    Reference: Lewkowycz et al. (2020), arXiv:2003.02218, section 2.
    """
    push = lr * h**2 / width
    return h * (1 - lr * lam + lr * push), lam + push * (lr * lam - 4)
