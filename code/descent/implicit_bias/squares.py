r"""A linear model whose weights are differences of squares: two layers, one unit per input.

$x = u\odot u - v\odot v$ computes what a linear model computes. Its gradient flow does not go where
the linear model's goes: the size of the start decides which norm is small in the end.
"""

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from descent import validate

# Newton's method is stopped when every equation holds to this part of the largest target.
TOLERANCE = 1e-9
ROUNDS = 200


@dataclass(frozen=True, eq=False)
class Squares:
    r"""Least squares in the factors of a diagonal network.

    $$f(u, v) = \tfrac12\,|A(u\odot u - v\odot v)-b|^2$$

    A point is the pair, shape (*batch, 2, d).

    Args:
        rows: Examples A, (n, d).
        targets: Targets b, (n,).

    Raises:
        TypeError: If the rows are no tensor of floating point.

    Example:
        >>> f = Squares(torch.tensor([[1.0, 2.0]]), torch.tensor([1.0]))
        >>> f(f.start(0.5)), f.weights(f.start(0.5))
        (tensor(0.5000), tensor([0., 0.]))
    """

    rows: Tensor
    targets: Tensor

    def __post_init__(self) -> None:
        validate.point("rows", self.rows)

    def start(self, alpha: float) -> Tensor:
        r"""Return the start $u=v=\alpha\mathbf 1$, whose weights are 0, (2, d)."""
        validate.positive("alpha", alpha)
        return torch.full((2, self.rows.shape[-1]), alpha, dtype=self.rows.dtype)

    def weights(self, x: Tensor) -> Tensor:
        """Return the weights of the linear model, (*batch, 2, d) -> (*batch, d)."""
        return x[..., 0, :].square() - x[..., 1, :].square()

    def __call__(self, x: Tensor) -> Tensor:
        """Return the losses, (*batch,)."""
        return 0.5 * (self.weights(x) @ self.rows.mT - self.targets).square().sum(-1)

    def grad(self, x: Tensor) -> Tensor:
        """Return the gradients, the shape of `x`."""
        slope = (self.weights(x) @ self.rows.mT - self.targets) @ self.rows
        return 2 * x * torch.stack([slope, -slope], -2)


def potential(x: Tensor, alpha: Tensor | float) -> Tensor:
    r"""Return what the flow from $\alpha\mathbf 1$ makes small among all solutions.

    $$Q_\alpha(x) = \alpha^2\sum_i q(x_i/\alpha^2), \qquad
    q(z) = 2-\sqrt{4+z^2}+z\operatorname{arcsinh}(z/2)$$

    For a large $\alpha$ it is nearly $|x|_2^2/4\alpha^2$; for a small one
    $2\log(1/\alpha)\,|x|_1$ dominates.

    Args:
        x: Weights, (*batch, d).
        alpha: Size of the start.

    Returns:
        (*batch,).

    Reference: Woodworth et al. (2020), theorem 1.
    """
    square = torch.as_tensor(alpha, dtype=x.dtype) ** 2
    z = x / square
    return (square * (2 - torch.sqrt(4 + z * z) + z * torch.asinh(z / 2))).sum(-1)


def flow_limit(rows: Tensor, targets: Tensor, alpha: float) -> Tensor:
    r"""Return where the flow of `Squares` from $\alpha\mathbf 1$ ends.

    $$x_\infty = 2\alpha^2\sinh(A^\top\nu), \qquad Ax_\infty=b$$

    since $\operatorname{arcsinh}(x/2\alpha^2)$ moves in the span of the rows alone. Newton's method
    finds the n numbers $\nu$, from a start so large that the equation is nearly linear.

    Args:
        rows: Examples A, (n, d), of full rank.
        targets: Targets b, (n,).
        alpha: Size of the start, positive.

    Returns:
        Weights, (d,).

    Raises:
        ValueError: If `alpha` is not positive, or Newton's method does not arrive.

    Reference: Woodworth et al. (2020), theorem 1.
    """
    validate.positive("alpha", alpha)
    size, dual = max(alpha, 1.0), torch.zeros_like(targets)
    while True:
        dual = _solve(rows, targets, 2 * size**2, dual)
        if size <= alpha:
            return 2 * alpha**2 * torch.sinh(dual @ rows)
        smaller = max(alpha, size / 2)
        # Weights keep their size, so sinh grows as its factor shrinks: nearly the same weights.
        dual = dual * (math.asinh(1 / smaller**2) / math.asinh(1 / size**2))
        size = smaller


def _solve(rows: Tensor, targets: Tensor, scale: float, dual: Tensor) -> Tensor:
    """Solve the n equations by damped Newton steps on the concave dual."""
    goal = TOLERANCE * float(targets.abs().max())

    def off(nu: Tensor) -> Tensor:
        return scale * torch.sinh(nu @ rows) @ rows.mT - targets

    def height(nu: Tensor) -> Tensor:
        return scale * torch.cosh(nu @ rows).sum() - nu @ targets

    for _ in range(ROUNDS):
        gap = off(dual)
        if float(gap.abs().max()) <= goal:
            return dual
        bend = (scale * torch.cosh(dual @ rows) * rows) @ rows.mT
        step, part = torch.linalg.solve(bend, gap), 1.0
        # Near the end the height no longer falls measurably, and the full step is right.
        limit = height(dual) + 1e-12 * height(dual).abs()
        while not bool(height(dual - part * step) <= limit) and part > 1e-9:
            part /= 2
        dual = dual - part * step
    raise ValueError(f"alpha leads to equations that are off by {float(gap.abs().max()):g}")
