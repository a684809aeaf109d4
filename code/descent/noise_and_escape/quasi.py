r"""The quasi-potential: its Hamilton-Jacobi equation, and the bowl in closed form.

$$\tfrac12\,\nabla\varphi^\T D\,\nabla\varphi - \nabla f^\T\nabla\varphi = 0$$
"""

from collections.abc import Callable

import torch
from torch import Tensor

from descent.oracles import gradient

Objective = Callable[[Tensor], Tensor]


def residual(
    phi: Objective, f: Objective, noise: Callable[[Tensor], Tensor] | Tensor, x: Tensor
) -> Tensor:
    r"""How far a function is from solving the Hamilton-Jacobi equation.

    $$r(x) = \tfrac12\,\nabla\varphi^\T D\,\nabla\varphi - \nabla f^\T\nabla\varphi$$

    Args:
        phi: Candidate $\varphi$, (*batch, dim) to (*batch,).
        f: Objective.
        noise: Covariance $D$, (dim, dim), or a function of `x` that returns (*batch, dim, dim).
        x: Points, (*batch, dim).

    Returns:
        Residuals, (*batch,).
    """
    p, g = gradient(phi, x), gradient(f, x)
    d = noise if isinstance(noise, Tensor) else noise(x)
    return hamiltonian(p, g, d)


def hamiltonian(p: Tensor, g: Tensor, noise: Tensor) -> Tensor:
    r"""The left side of the Hamilton-Jacobi equation, $\tfrac12 p^\T D p - g^\T p$.

    Args:
        p: Gradient of the quasi-potential, (*batch, dim).
        g: Gradient of the loss, (*batch, dim).
        noise: Covariance $D$, (..., dim, dim).

    Returns:
        Values, (*batch,).
    """
    return 0.5 * (p * (noise @ p[..., None])[..., 0]).sum(-1) - (g * p).sum(-1)


def bowl_covariance(hessian: Tensor, noise: Tensor) -> Tensor:
    r"""Shape of the cloud around the minimum of a bowl: the Lyapunov equation.

    $$AC + CA = D, \qquad \varphi(x) = \tfrac12\,x^\T C^{-1}x, \qquad \Cov x = \varepsilon C$$

    In the eigenbasis of $A$, $C_{ij} = D_{ij}/(\lambda_i+\lambda_j)$.

    Args:
        hessian: $A$, (dim, dim), symmetric and positive definite.
        noise: $D$, (dim, dim), symmetric.

    Returns:
        $C$, (dim, dim).

    Raises:
        ValueError: If an eigenvalue of the Hessian is not positive.

    >>> bowl_covariance(torch.tensor([[1.0, 0.0], [0.0, 10.0]]), torch.eye(2))
    tensor([[0.5000, 0.0000],
            [0.0000, 0.0500]])
    """
    values, basis = torch.linalg.eigh(hessian)
    if not bool((values > 0).all()):
        raise ValueError(f"hessian has the eigenvalue {float(values.min()):g}; all must be > 0")
    turned = basis.mT @ noise @ basis
    return basis @ (turned / (values[:, None] + values)) @ basis.mT


def ball_level(curvatures: Tensor, variances: Tensor, radius: float) -> Tensor:
    r"""Lowest value of the quasi-potential on a circle around the minimum of an aligned bowl.

    $$\min_{\norm x=r}\sum_i \frac{\lambda_i x_i^2}{d_i} = r^2\,\min_i\frac{\lambda_i}{d_i}$$

    Args:
        curvatures: $\lambda_i$, (*batch, dim).
        variances: $d_i$ along the same axes, (*batch, dim).
        radius: $r$.

    Returns:
        Values, (*batch,); the mean time to leave grows like $e^{\min\varphi/\varepsilon}$.
    """
    return radius**2 * (curvatures / variances).amin(-1)
