"""Linear classifiers through the origin: the logistic objective and its hard-margin limit."""

from dataclasses import dataclass

import torch
from torch import Tensor

from descent import validate
from descent.cost_functions.surrogates import logistic


@dataclass(frozen=True, eq=False)
class MarginObjective:
    r"""Mean logistic loss of a linear classifier.

    $$f(x) = \frac1n\sum_i \log\bigl(1+e^{-x^\top a_i}\bigr), \qquad a_i = y_i u_i$$

    Args:
        rows: Examples times their labels $\pm1$, (n, d); (*batch, n, d) where classifiers see
            different examples.

    Raises:
        TypeError: If the rows are no tensor of floating point.
        ValueError: If they are no matrix.

    Example:
        >>> f = MarginObjective(torch.eye(2))
        >>> f(torch.zeros(2)), f.grad(torch.zeros(2))
        (tensor(0.6931), tensor([-0.2500, -0.2500]))
    """

    rows: Tensor

    def __post_init__(self) -> None:
        validate.point("rows", self.rows)
        if self.rows.ndim < 2:
            raise ValueError(f"rows has shape {tuple(self.rows.shape)}; it must be (*batch, n, d)")

    def margins(self, x: Tensor) -> Tensor:
        """Return the margin of every example, (*batch, d) -> (*batch, n)."""
        return (self.rows @ x.unsqueeze(-1)).squeeze(-1)

    def __call__(self, x: Tensor) -> Tensor:
        """Return the mean loss, (*batch, d) -> (*batch,)."""
        return logistic(self.margins(x)).mean(-1)

    def grad(self, x: Tensor) -> Tensor:
        """Return the gradient, the shape of `x`."""
        weight = torch.sigmoid(-self.margins(x)).unsqueeze(-2)
        return -(weight @ self.rows).squeeze(-2) / self.rows.shape[-2]

    def errors(self, x: Tensor) -> Tensor:
        """Return the share of examples on the wrong side, (*batch,)."""
        return (self.margins(x) <= 0).to(x.dtype).mean(-1)


def normalized_margin(rows: Tensor, x: Tensor) -> Tensor:
    r"""Return the distance of the nearest example to the boundary, $\min_i x^\top a_i/|x|$.

    Args:
        rows: Examples times labels, (n, d) or (*batch, n, d).
        x: Weights, (*batch, d).

    Returns:
        Distances, (*batch,); negative if an example is on the wrong side.
    """
    return MarginObjective(rows).margins(x).amin(-1) / x.norm(dim=-1)


def hard_margin(rows: Tensor) -> tuple[Tensor, float]:
    r"""Find the direction with the largest margin: the support vector machine without bias.

    $$\max_{|x|=1}\ \min_i\ x^\top a_i \;=\; \min_{\alpha\in\Delta}\ \bigl|A^\top\alpha\bigr|$$

    The right side is the point of the convex hull of the rows that is nearest to the origin. It
    is found by non-negative least squares on $|A^\top\alpha|^2 + (\mathbf 1^\top\alpha-1)^2$, whose
    solution is a multiple of it.

    Args:
        rows: Examples times labels, (n, d).

    Returns:
        Unit vector (d,) and its margin.

    Raises:
        ValueError: If no direction separates the examples.
    """
    from scipy.optimize import nnls

    tall = torch.cat([rows.mT, torch.ones(1, len(rows), dtype=rows.dtype)]).double().numpy()
    target = torch.zeros(len(tall), dtype=torch.float64)
    target[-1] = 1.0
    weights, _ = nnls(tall, target.numpy())
    nearest = torch.from_numpy(weights).to(rows.dtype) @ rows
    if float(nearest.norm()) < 1e-9:
        raise ValueError("rows cannot be separated by a direction: 0 lies in their convex hull")
    direction = nearest / nearest.norm()
    return direction, float(normalized_margin(rows, direction))
