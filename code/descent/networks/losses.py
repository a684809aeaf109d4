"""Losses on batches of networks, each with its derivatives with respect to the outputs.

Outputs have shape (*batch, n, k) and targets (n, k) or (*batch, n, k); both are dense, so class
labels come as one-hot rows. A loss is the mean over the n examples, one number a network.
"""

from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor


class Loss(Protocol):
    """A mean loss with the closed-form derivatives that `Empirical` uses."""

    def __call__(self, outputs: Tensor, targets: Tensor) -> Tensor:
        """Return the mean loss, shape (*batch,)."""
        ...

    def value_and_delta(self, outputs: Tensor, targets: Tensor) -> tuple[Tensor, Tensor]:
        """Return the loss (*batch,) and its derivative by the outputs (*batch, n, k)."""
        ...

    def curve(self, outputs: Tensor, direction: Tensor) -> Tensor:
        """Return the second derivative by the outputs applied to `direction` (*batch, n, k)."""
        ...


@dataclass(frozen=True)
class CrossEntropy:
    r"""Mean cross-entropy of the softmax of the outputs.

    $$L = -\frac1n\sum_i\sum_c t_{ic}\log\mathrm{softmax}(z_i)_c, \qquad
    \frac{\partial L}{\partial z_i} = \frac{p_i - t_i}{n}, \qquad
    \frac{\partial^2 L}{\partial z_i^2} = \frac{\mathrm{diag}(p_i) - p_ip_i^\top}{n}$$

    The derivatives assume that each row of targets sums to one, as one-hot rows do.

    Example:
        >>> cross_entropy(torch.zeros(5, 10), torch.eye(10)[:5])  # uniform guess: log 10
        tensor(2.3026)
    """

    def __call__(self, outputs: Tensor, targets: Tensor) -> Tensor:
        """Return the mean loss, shape (*batch,)."""
        log_p = torch.log_softmax(outputs, -1)
        return -(log_p * targets).sum((-2, -1)) / outputs.shape[-2]

    def value_and_delta(self, outputs: Tensor, targets: Tensor) -> tuple[Tensor, Tensor]:
        """Return the loss (*batch,) and its derivative by the outputs (*batch, n, k)."""
        n = outputs.shape[-2]
        log_p = torch.log_softmax(outputs, -1)
        value = (log_p * targets).sum((-2, -1)).div_(-n)
        return value, log_p.exp_().sub_(targets).div_(n)

    def curve(self, outputs: Tensor, direction: Tensor) -> Tensor:
        """Return (diag(p) - p pᵀ) direction / n for every example."""
        p = torch.softmax(outputs, -1)
        mean = (p * direction).sum(-1, keepdim=True)
        return p * (direction - mean) / outputs.shape[-2]


@dataclass(frozen=True)
class HalfMSE:
    r"""Half the squared error, summed over outputs and averaged over examples.

    $$L = \frac1{2n}\sum_i\lVert z_i - t_i\rVert^2, \qquad
    \frac{\partial L}{\partial z_i} = \frac{z_i - t_i}{n}, \qquad
    \frac{\partial^2 L}{\partial z_i^2} = \frac{I}{n}$$

    Example:
        >>> mse_half(torch.zeros(5, 10), torch.eye(10)[:5])
        tensor(0.5000)

    Reference: Cohen, Kaur, Li, Kolter, Talwalkar (2021), arXiv:2103.00065, whose code uses the
    same ½ and the same sum over outputs.
    """

    def __call__(self, outputs: Tensor, targets: Tensor) -> Tensor:
        """Return the mean loss, shape (*batch,)."""
        return (outputs - targets).square().sum((-2, -1)) / (2 * outputs.shape[-2])

    def value_and_delta(self, outputs: Tensor, targets: Tensor) -> tuple[Tensor, Tensor]:
        """Return the loss (*batch,) and its derivative by the outputs (*batch, n, k)."""
        n = outputs.shape[-2]
        residual = outputs - targets
        return residual.square().sum((-2, -1)).div_(2 * n), residual.div_(n)

    def curve(self, outputs: Tensor, direction: Tensor) -> Tensor:
        """Return direction / n."""
        return direction / outputs.shape[-2]


cross_entropy = CrossEntropy()
mse_half = HalfMSE()
