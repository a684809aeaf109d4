r"""What no method with gradients can beat on a quadratic, and the two methods that reach it.

After k steps every such method has multiplied the error by a polynomial of degree k in the Hessian
that is 1 at 0. Chebyshev's polynomial is the smallest on a whole interval of curvatures; conjugate
gradients find the smallest one for the curvatures that are there.
"""

import math
from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor

from descent import validate
from descent.optimizers import State


def chebyshev_factor(mu: float, ell: float, steps: int) -> float:
    r"""Smallest worst-case factor on the error that `steps` gradients allow.

    $$\min_{p(0)=1}\max_{\mu\le\lambda\le L}\abs{p(\lambda)}
    = \frac{1}{T_k\bigl(\frac{\kappa+1}{\kappa-1}\bigr)} = \frac{2\rho^k}{1+\rho^{2k}},
    \qquad \rho = \frac{\sqrt\kappa-1}{\sqrt\kappa+1}$$

    Args:
        mu: Smallest curvature, positive.
        ell: Largest curvature L, greater than `mu`.
        steps: Number $k$ of steps.

    Returns:
        The factor.

    Raises:
        ValueError: If an argument is out of range.

    Reference: Golub, Varga (1961); Nesterov (2018), section 2.1.4 for the lower bound.
    """
    validate.positive("mu", mu)
    validate.at_least("ell", ell, mu)
    root = math.sqrt(ell / mu)
    rate = (root - 1) / (root + 1)
    return 2 * rate**steps / (1 + rate ** (2 * steps))


@dataclass(frozen=True)
class Chebyshev:
    r"""Chebyshev's semi-iteration: momentum that follows the best polynomial of every degree.

    $$v_{k+1} = (\omega_{k+1}-1)\,v_k - \omega_{k+1}\gamma\,g_k, \qquad x_{k+1} = x_k + v_{k+1},$$
    $$\gamma = \frac{2}{L+\mu}, \quad \omega_1 = 1, \quad
    \omega_2 = \frac{1}{1-\sigma^2/2}, \quad \omega_{k+1} = \frac{1}{1-\sigma^2\omega_k/4}, \quad
    \sigma = \frac{L-\mu}{L+\mu}$$

    Its coefficients tend to those of the heavy ball with Polyak's constants: the heavy ball is
    what remains of Chebyshev's method when the coefficients are frozen.

    Args:
        mu: Smallest curvature, positive.
        ell: Largest curvature L, at least `mu`.

    Raises:
        ValueError: If the curvatures are not positive and in order.

    Reference: Golub, Varga (1961).
    """

    mu: float
    ell: float
    min_ndim: ClassVar[int] = 0

    def __post_init__(self) -> None:
        validate.positive("mu", self.mu)
        validate.at_least("ell", self.ell, self.mu)

    def init(self, x: Tensor) -> State:
        """Return the velocity at rest and omega = 0, which stands for "no step yet"."""
        return {"v": torch.zeros_like(x), "omega": torch.zeros((), dtype=x.dtype, device=x.device)}

    def update(self, grad: Tensor, state: State, x: Tensor) -> tuple[Tensor, State]:
        """Return the new velocity, as the step and as the state, with the new omega."""
        sigma = (self.ell - self.mu) / (self.ell + self.mu)
        old = state["omega"]
        second = torch.where(old == 1, 1 / (1 - sigma**2 / 2), 1 / (1 - sigma**2 * old / 4))
        omega = torch.where(old == 0, torch.ones_like(old), second)
        v = (omega - 1) * state["v"] - omega * 2 / (self.ell + self.mu) * grad
        return v, {"v": v, "omega": omega}


def conjugate_gradient(hessian: Tensor, b: Tensor, steps: int) -> Tensor:
    r"""Minimize $\tfrac12 x^\top Hx - b^\top x$ from 0 by conjugate gradients.

    Step k lands on the lowest point that any combination of the first k gradients can reach.

    Args:
        hessian: Positive definite $H$, (dim, dim).
        b: Right side, (dim,).
        steps: Number of steps.

    Returns:
        Iterates, (steps + 1, dim). Once the residual is zero they stay where they are.

    Reference: Hestenes, Stiefel (1952).
    """
    x, r = torch.zeros_like(b), b.clone()
    p, rows = r, [torch.zeros_like(b)]
    for _ in range(steps):
        hp, square = hessian @ p, r @ r
        if square == 0:
            rows.append(x)
            continue
        along = square / (p @ hp)
        x, r = x + along * p, r - along * hp
        p = r + (r @ r) / square * p
        rows.append(x)
    return torch.stack(rows)
