r"""Which of the many solutions of a linear regression a path ends at.

With fewer examples than weights, $Ax=b$ has a whole plane of solutions, and all of them have
training error 0. Each rule below has a *potential* that its path makes as small as the data allow.
"""

import torch
from torch import Tensor

from descent import validate


def nearest(rows: Tensor, targets: Tensor, start: Tensor, metric: Tensor | None = None) -> Tensor:
    r"""Return the solution that gradient descent from `start` converges to: the nearest one.

    $$x_\infty = x_0 + PA^\top (APA^\top)^{-1}(b - Ax_0)
    = \argmin_{Ax=b}\ (x-x_0)^\top P^{-1}(x-x_0)$$

    Every step is $-P$ times a combination of rows, so the path never leaves $x_0+PA^\top\R^n$, and
    that plane meets the solutions once.

    Args:
        rows: Examples A, (n, d), of full rank with n at most d.
        targets: Targets b, (n,).
        start: $x_0$, (*batch, d).
        metric: Diagonal of the fixed preconditioner P, (d,), positive; None for plain descent.

    Returns:
        Limits, the shape of `start`.

    Raises:
        ValueError: If `metric` is not positive.

    Example:
        >>> nearest(torch.tensor([[3.0, 4.0]]), torch.tensor([5.0]), torch.zeros(2))
        tensor([0.6000, 0.8000])
    """
    weight = torch.ones_like(rows[0]) if metric is None else metric
    validate.positive("metric", weight)
    spread = weight * rows
    missing = (targets - start @ rows.mT).unsqueeze(-1)
    return start + (torch.linalg.solve(spread @ rows.mT, missing).mT @ spread).squeeze(-2)


def stopped_flow(curvature: Tensor, target: Tensor, start: Tensor, time: Tensor) -> Tensor:
    r"""Return where gradient flow on $\tfrac12\sum_i\lambda_i(x_i-w_i)^2$ is at time t.

    $$x_i(t) = w_i + e^{-t\lambda_i}(x_{0,i}-w_i)$$

    Args:
        curvature: $\lambda$, (d,).
        target: The minimum w, (d,).
        start: $x_0$, (d,).
        time: t, broadcast against (d,).

    Returns:
        Places, (..., d).
    """
    return target + torch.exp(-time * curvature) * (start - target)


def ridge_from(curvature: Tensor, target: Tensor, start: Tensor, penalty: Tensor) -> Tensor:
    r"""Return the minimum of the same objective plus $\tfrac\alpha2|x-x_0|^2$.

    $$x_i = \frac{\lambda_iw_i + \alpha x_{0,i}}{\lambda_i+\alpha}$$

    Args:
        curvature: $\lambda$, (d,).
        target: The minimum w, (d,).
        start: $x_0$, the point that the penalty pulls to, (d,).
        penalty: $\alpha$, broadcast against (d,).

    Returns:
        Places, (..., d).
    """
    return (curvature * target + penalty * start) / (curvature + penalty)
