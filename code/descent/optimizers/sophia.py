"""Sophia: a clipped Newton step with the diagonal of the Hessian."""

from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor

from descent import validate
from descent.optimizers.base import Hyper, State, align


@dataclass(frozen=True)
class Sophia:
    r"""Sophia: divide by an average of curvatures, and clip where that is unsafe.

    $$m_{k+1} = \beta_1 m_k + (1-\beta_1) g_k, \qquad h_{k+1} = \beta_2 h_k + (1-\beta_2)\hat h_k$$
    $$x_{k+1} = x_k - \eta\, \operatorname{clip}\Bigl(\frac{m_{k+1}}{\max(\gamma h_{k+1},
    \epsilon)},\, 1\Bigr)$$

    It must be told the curvature: the gradient that it gets carries a last axis of two, $g$ and an
    estimate $\hat h$ of the Hessian's diagonal, as the oracle `descent.curvature_too` and
    `torch_optimizer` supply. Where the curvature is negative or tiny the step is $\eta$, downhill,
    so saddles repel it. Costs two numbers per coordinate and one Hessian-vector product a step (the
    paper takes one every tenth step).

    Args:
        lr: Learning rate $\eta > 0$: the largest step of a coordinate, in units of x.
        beta1: Memory of the mean gradient, in [0, 1).
        beta2: Memory of the curvature, in [0, 1).
        gamma: Share of the curvature that is divided by, $\gamma > 0$; small values clip more.
        eps: Smallest curvature that is divided by, $\epsilon > 0$.

    Raises:
        ValueError: If a field is out of its range.

    Reference: Liu et al. (2023), arXiv:2305.14342, algorithm 3.
    """

    lr: Hyper
    beta1: Hyper = 0.965
    beta2: Hyper = 0.99
    gamma: Hyper = 0.01
    eps: Hyper = 1e-12
    min_ndim: ClassVar[int] = 0
    needs_curvature: ClassVar[bool] = True

    def __post_init__(self) -> None:
        validate.positive("lr", self.lr)
        validate.fraction("beta1", self.beta1)
        validate.fraction("beta2", self.beta2)
        validate.positive("gamma", self.gamma)
        validate.positive("eps", self.eps)

    def init(self, x: Tensor) -> State:
        """Return averages of nothing."""
        return {"m": torch.zeros_like(x), "h": torch.zeros_like(x)}

    def update(self, grad: Tensor, state: State, x: Tensor) -> tuple[Tensor, State]:
        """Return the clipped step and the averages of gradient and curvature."""
        if grad.shape != (*x.shape, 2):
            raise ValueError(
                f"grad has shape {tuple(grad.shape)}; Sophia needs {(*x.shape, 2)}: gradient and "
                "curvature, as the oracle curvature_too gives them"
            )
        lr, beta1, beta2, gamma, eps = align(
            x, self.lr, self.beta1, self.beta2, self.gamma, self.eps
        )
        g, curvature = grad.unbind(-1)
        m = beta1 * state["m"] + (1 - beta1) * g
        h = beta2 * state["h"] + (1 - beta2) * curvature
        floor = torch.as_tensor(eps, dtype=x.dtype, device=x.device)
        return -lr * (m / torch.maximum(gamma * h, floor)).clamp(-1, 1), {"m": m, "h": h}
