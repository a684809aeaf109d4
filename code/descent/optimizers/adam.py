"""Adam and its relatives."""

from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor

from descent import validate
from descent.optimizers.base import Hyper, State, align


@dataclass(frozen=True)
class Adam:
    r"""Adam: a mean of gradients divided by the root of a mean of squared gradients.

    $$m_{k+1} = \beta_1 m_k + (1-\beta_1) g_k, \qquad v_{k+1} = \beta_2 v_k + (1-\beta_2) g_k^2$$
    $$x_{k+1} = x_k - \eta\, \frac{m_{k+1}/w_{k+1}}{\sqrt{v_{k+1}/u_{k+1}} + \epsilon}, \qquad
    w_k = 1-\beta_1^k, \quad u_k = 1-\beta_2^k$$

    Both averages start at 0. $w$ and $u$ are the total weights of the gradients in them, so that
    the quotients are true averages; they are carried as averages of the constant 1. On a constant
    gradient every step is $\eta$, from the first on. Assumes that the axes mean something: rotate
    the problem and the path changes. Costs two numbers per coordinate.

    Args:
        lr: Learning rate $\eta > 0$, in units of x: about the largest step of a coordinate.
        beta1: Memory of the mean, in [0, 1).
        beta2: Memory of the mean square, in [0, 1).
        eps: Floor $\epsilon > 0$ of the denominator, outside the root, in units of the gradient.

    Raises:
        ValueError: If a field is out of its range.

    >>> rule, x = Adam(lr=0.1), torch.tensor([0.0])
    >>> rule.update(torch.tensor([-8.0]), rule.init(x), x)[0]
    tensor([0.1000])

    Reference: Kingma, Ba (2015), algorithm 1.
    """

    lr: Hyper
    beta1: Hyper = 0.9
    beta2: Hyper = 0.999
    eps: Hyper = 1e-8
    min_ndim: ClassVar[int] = 0

    def __post_init__(self) -> None:
        validate.positive("lr", self.lr)
        validate.fraction("beta1", self.beta1)
        validate.fraction("beta2", self.beta2)
        validate.positive("eps", self.eps)

    def init(self, x: Tensor) -> State:
        """Return averages of nothing, with no weight."""
        nothing = x.new_zeros(())
        return {"m": torch.zeros_like(x), "v": torch.zeros_like(x), "w": nothing, "u": nothing}

    def update(self, grad: Tensor, state: State, x: Tensor) -> tuple[Tensor, State]:
        """Return the step, the averages and their weights."""
        lr, eps = align(x, self.lr, self.eps)
        new = self._averages(grad, state, x)
        size = torch.sqrt(new["v"] / new["u"]) + eps
        return -lr * (new["m"] / new["w"]) / size, new

    def _averages(self, grad: Tensor, state: State, x: Tensor) -> State:
        """Average the gradient, its square, and the constant 1 with either memory."""
        beta1, beta2 = align(x, self.beta1, self.beta2)
        return {
            "m": beta1 * state["m"] + (1 - beta1) * grad,
            "v": beta2 * state["v"] + (1 - beta2) * grad * grad,
            "w": beta1 * state["w"] + (1 - beta1),
            "u": beta2 * state["u"] + (1 - beta2),
        }


@dataclass(frozen=True)
class AMSGrad(Adam):
    r"""AMSGrad: Adam whose denominator never shrinks.

    $$\hat v_{k+1} = \max(\hat v_k,\, v_{k+1}), \qquad
    x_{k+1} = x_k - \eta\, \frac{m_{k+1}/w_{k+1}}{\sqrt{\hat v_{k+1}/u_{k+1}} + \epsilon}$$

    Where a rare large gradient is what matters, Adam forgets it and may converge to the worst
    point; a maximum does not forget. The paper corrects no bias and has no floor; PyTorch does
    both, and corrects the maximum by the present weight. Costs three numbers per coordinate.

    Args:
        lr: Learning rate $\eta > 0$, in units of x.
        beta1: Memory of the mean, in [0, 1).
        beta2: Memory of the mean square, in [0, 1).
        eps: Floor $\epsilon > 0$ of the denominator.
        corrected: Divide the averages by their weights, as PyTorch does; False for the paper.

    Raises:
        ValueError: If a field is out of its range.

    Reference: Reddi, Kale, Kumar (2018), algorithm 2.
    """

    corrected: bool = True

    def init(self, x: Tensor) -> State:
        """Return averages of nothing and the maximum of none."""
        return {**super().init(x), "peak": torch.zeros_like(x)}

    def update(self, grad: Tensor, state: State, x: Tensor) -> tuple[Tensor, State]:
        """Return the step, the averages and the largest of them."""
        lr, eps = align(x, self.lr, self.eps)
        new = self._averages(grad, state, x)
        new["peak"] = torch.maximum(state["peak"], new["v"])
        w, u = (new["w"], new["u"]) if self.corrected else (1.0, 1.0)
        return -lr * (new["m"] / w) / (torch.sqrt(new["peak"] / u) + eps), new


@dataclass(frozen=True)
class AdamW(Adam):
    r"""Adam with decoupled weight decay: the decay does not pass through the denominator.

    $$x_{k+1} = (1 - \eta\lambda)\, x_k - \eta\, \frac{m_{k+1}/w_{k+1}}{\sqrt{v_{k+1}/u_{k+1}} +
    \epsilon}$$

    Adding $\lambda x$ to the gradient instead would divide the decay by the gradient's size, and
    coordinates with large gradients would hardly decay. The paper multiplies the decay by the
    schedule alone; PyTorch, as here, by the learning rate.

    Args:
        lr: Learning rate $\eta > 0$, in units of x.
        beta1: Memory of the mean, in [0, 1).
        beta2: Memory of the mean square, in [0, 1).
        eps: Floor $\epsilon > 0$ of the denominator.
        weight_decay: $\lambda \ge 0$, per unit of x; a step shrinks x by the share $\eta\lambda$.

    Raises:
        ValueError: If a field is out of its range.

    >>> rule, x = AdamW(lr=0.1, weight_decay=0.5), torch.tensor([1.0])
    >>> rule.update(torch.tensor([0.0]), rule.init(x), x)[0]
    tensor([-0.0500])

    Reference: Loshchilov, Hutter (2019), algorithm 2.
    """

    weight_decay: Hyper = 0.01

    def __post_init__(self) -> None:
        super().__post_init__()
        validate.at_least("weight_decay", self.weight_decay, 0)

    def update(self, grad: Tensor, state: State, x: Tensor) -> tuple[Tensor, State]:
        """Return Adam's step less the decay, and the state."""
        lr, decay = align(x, self.lr, self.weight_decay)
        dx, new = super().update(grad, state, x)
        return dx - lr * decay * x, new
