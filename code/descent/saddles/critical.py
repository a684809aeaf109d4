"""Points where the gradient vanishes: what kind they are, and where Newton's step goes."""

from collections.abc import Callable

import torch
from torch import Tensor

from descent import validate

KINDS = ("minimum", "saddle", "maximum", "undecided")


def index(hessian: Tensor, tol: float = 0.0) -> Tensor:
    r"""Number of directions that lead down: eigenvalues below `-tol`.

    Args:
        hessian: Symmetric matrices, (*batch, n, n).
        tol: Eigenvalues of at most this size count as zero.

    Returns:
        Indices, (*batch,), int64.
    """
    validate.at_least("tol", tol, 0)
    return (torch.linalg.eigvalsh(hessian) < -tol).sum(-1)


def kind(hessian: Tensor, tol: float = 1e-9) -> Tensor:
    """What the second derivatives say about a critical point.

    Eigenvalues of both signs make a saddle, whatever else there is. Without them a zero eigenvalue
    leaves the question open: x⁴, x³ and -x⁴ have the same second derivative at 0.

    Args:
        hessian: Symmetric matrices, (*batch, n, n).
        tol: Eigenvalues of at most this size count as zero.

    Returns:
        Positions in `KINDS`, (*batch,), int64.

    >>> kind(torch.tensor([[2.0, -3.0], [-3.0, 2.0]]))  # x² + y² - 3xy: both axes curve up
    tensor(1)
    """
    validate.at_least("tol", tol, 0)
    values = torch.linalg.eigvalsh(hessian)
    up, down = (values > tol).any(-1), (values < -tol).any(-1)
    sure = (values.abs() > tol).all(-1)
    one_sided = torch.where(sure, torch.where(up, 0, 2), 3)
    return torch.where(up & down, 1, one_sided)


def newton_direction(hessian: Tensor, grad: Tensor) -> Tensor:
    r"""Newton's step, $-H^{-1}g$: to the critical point of the quadratic model, of any kind.

    Args:
        hessian: Invertible symmetric matrices, (*batch, n, n).
        grad: Gradients, (*batch, n).

    Returns:
        Steps, (*batch, n).
    """
    return -torch.linalg.solve(hessian, grad[..., None])[..., 0]


def saddle_free_direction(hessian: Tensor, grad: Tensor, floor: float = 0.0) -> Tensor:
    r"""Newton's step with the size of every curvature and no sign, $-\abs{H}^{-1}g$.

    Where the cost curves down, Newton's step climbs; this one descends, and as fast.

    Args:
        hessian: Symmetric matrices, (*batch, n, n).
        grad: Gradients, (*batch, n).
        floor: Curvatures are taken to be at least this large, so that the step stays finite.

    Returns:
        Steps, (*batch, n).

    Reference: Dauphin et al. (2014), arXiv:1406.2572.
    """
    values, vectors = torch.linalg.eigh(hessian)
    parts = (vectors.mT @ grad[..., None])[..., 0] / values.abs().clamp(min=floor)
    return -(vectors @ parts[..., None])[..., 0]


def planar_eigenvalues(hessian: Tensor) -> tuple[Tensor, Tensor]:
    r"""Eigenvalues of $2\times2$ matrices in closed form, smaller first, (*batch,) each."""
    a, b, d = hessian[..., 0, 0], hessian[..., 0, 1], hessian[..., 1, 1]
    middle, radius = (a + d) / 2, torch.hypot((a - d) / 2, b)
    return middle - radius, middle + radius


def planar_direction(hessian: Tensor, grad: Tensor, inverse: Callable[[Tensor], Tensor]) -> Tensor:
    r"""The step $-\varphi(H)\,g$ in the plane, without an eigenvector.

    $$\varphi(H) = \alpha I + \beta H, \qquad
    \beta = \frac{\varphi(\lambda_2)-\varphi(\lambda_1)}{\lambda_2-\lambda_1}, \quad
    \alpha = \varphi(\lambda_1) - \beta\lambda_1$$

    Args:
        hessian: Symmetric matrices, (*batch, 2, 2).
        grad: Gradients, (*batch, 2).
        inverse: $\varphi$, what an eigenvalue is replaced by.

    Returns:
        Steps, (*batch, 2).
    """
    low, high = planar_eigenvalues(hessian)
    apart = torch.where(high - low < 1e-9, torch.ones_like(low), high - low)
    first, second = inverse(low), inverse(high)
    slope = torch.where(high - low < 1e-9, torch.zeros_like(low), (second - first) / apart)
    offset = first - slope * low
    a, b, d = hessian[..., 0, 0], hessian[..., 0, 1], hessian[..., 1, 1]
    x, y = grad.unbind(-1)
    across = offset * x + slope * (a * x + b * y)
    up = offset * y + slope * (b * x + d * y)
    return -torch.stack([across, up], -1)
