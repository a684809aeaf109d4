"""Regression with a kernel, and the path that gradient descent takes to it."""

from functools import cached_property

import torch
from torch import Tensor

from descent import validate


class KernelRegression:
    r"""Least squares in the function space of a kernel, from the zero function.

    $$\hat f(u) = \Theta(u, U)\,(\Theta(U, U) + n\rho I)^{-1} y$$

    Gradient descent on $\frac1{2n}\sum_i(f(u_i)-y_i)^2$ with a fixed kernel obeys a linear law. One
    eigendecomposition gives every step of it:

    $$f_k(u) = \Theta(u, U)\,\Theta^{-1}\bigl(I - (I - \tfrac{\eta}{n}\Theta)^k\bigr)\, y$$

    Args:
        kernel: Matrix $\Theta(U, U)$ of the training examples, (n, n), symmetric.
        targets: Values y, (n, k).
        ridge: $\rho\ge0$.

    Raises:
        ValueError: If the shapes do not fit.

    >>> fit = KernelRegression(torch.eye(2), torch.tensor([[1.0], [3.0]]))
    >>> fit.predict(torch.tensor([[1.0, 0.5]]))
    tensor([[2.5000]])
    """

    def __init__(self, kernel: Tensor, targets: Tensor, ridge: float = 0.0) -> None:
        n = len(kernel)
        if kernel.shape != (n, n) or targets.ndim != 2 or len(targets) != n:
            raise ValueError(
                f"kernel has shape {tuple(kernel.shape)} and targets {tuple(targets.shape)}; they "
                "must be (n, n) and (n, k)"
            )
        validate.at_least("ridge", ridge, 0)
        self.kernel, self.targets, self.ridge = kernel, targets, ridge

    @cached_property
    def coefficients(self) -> Tensor:
        """Weights of the examples, (n, k)."""
        shift = len(self.kernel) * self.ridge
        factor = torch.linalg.cholesky(
            self.kernel + shift * torch.eye(len(self.kernel)).to(self.kernel)
        )
        return torch.cholesky_solve(self.targets, factor)

    def predict(self, cross: Tensor) -> Tensor:
        """Return the fitted function where `cross` holds Θ(u, U), (n', n) -> (n', k)."""
        return cross @ self.coefficients

    @cached_property
    def _modes(self) -> tuple[Tensor, Tensor]:
        values, vectors = torch.linalg.eigh(self.kernel)
        return values.clamp_(min=torch.finfo(values.dtype).tiny), vectors

    @property
    def largest_step(self) -> float:
        r"""Learning rate $2n/\lambda_{\max}$ beyond which gradient descent diverges."""
        return float(2 * len(self.kernel) / self._modes[0][-1])

    def after(self, cross: Tensor, steps: Tensor, lr: float) -> Tensor:
        """Return the function after steps of gradient descent.

        Args:
            cross: Θ(u, U), (n', n).
            steps: Numbers k of steps, (s,).
            lr: Learning rate η.

        Returns:
            Shape (s, n', k).
        """
        values, vectors = self._modes
        left = (1 - lr * values / len(values)) ** steps[:, None]
        learned = ((1 - left) / values)[:, :, None] * (vectors.mT @ self.targets)
        return cross @ (vectors @ learned)
