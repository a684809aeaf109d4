"""Lion: the sign of a mixture of gradient and momentum."""

from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor

from descent import validate
from descent.optimizers.base import Hyper, State, align


@dataclass(frozen=True)
class Lion:
    r"""Lion: every coordinate moves by exactly the learning rate, or not at all.

    $$x_{k+1} = x_k - \eta\, \sign(\beta_1 m_k + (1-\beta_1) g_k), \qquad
    m_{k+1} = \beta_2 m_k + (1-\beta_2) g_k$$

    Assumes that the sign is what a noisy gradient is good for. The step does not shrink near a
    minimum: without a falling rate the iterate keeps jumping by $\eta$. It needs a rate 3 to 10
    times smaller than Adam's. Costs one number per coordinate. The paper decays the weights too:
    `DecoupledDecay(Lion(...))`.

    Args:
        lr: Learning rate $\eta > 0$, in units of x.
        beta1: Share of the momentum in the step, in [0, 1).
        beta2: Memory of the momentum, in [0, 1).

    Raises:
        ValueError: If a field is out of its range.

    >>> rule, x = Lion(lr=0.1), torch.tensor([0.0, 0.0])
    >>> rule.update(torch.tensor([5.0, -0.01]), rule.init(x), x)[0]
    tensor([-0.1000,  0.1000])

    Reference: Chen et al. (2023), arXiv:2302.06675, algorithm 2.
    """

    lr: Hyper
    beta1: Hyper = 0.9
    beta2: Hyper = 0.99
    min_ndim: ClassVar[int] = 0

    def __post_init__(self) -> None:
        validate.positive("lr", self.lr)
        validate.fraction("beta1", self.beta1)
        validate.fraction("beta2", self.beta2)

    def init(self, x: Tensor) -> State:
        """Return the average of no gradients."""
        return {"m": torch.zeros_like(x)}

    def update(self, grad: Tensor, state: State, x: Tensor) -> tuple[Tensor, State]:
        """Return the signed step and the new average."""
        lr, beta1, beta2 = align(x, self.lr, self.beta1, self.beta2)
        mixed = beta1 * state["m"] + (1 - beta1) * grad
        return -lr * torch.sign(mixed), {"m": beta2 * state["m"] + (1 - beta2) * grad}
