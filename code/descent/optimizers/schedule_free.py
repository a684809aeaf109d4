"""Schedule-free rules: an average of the iterates in place of a falling learning rate."""

from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor

from descent import validate
from descent.optimizers.base import Hyper, State, align


@dataclass(frozen=True)
class ScheduleFreeSGD:
    r"""Schedule-free SGD: gradients between a fast iterate and its average.

    $$y_k = (1-\beta) z_k + \beta x_k, \qquad z_{k+1} = z_k - \eta\, g(y_k), \qquad
    x_{k+1} = (1 - c_k)\, x_k + c_k z_{k+1}, \quad c_k = \frac{\eta_k^2}{\sum_{j\le k}\eta_j^2}$$

    The point that the driver sees is $y$, where gradients are taken; **the answer is the average**
    `state["average"]` (of `Trajectory.state`, or of a network's optimizer). Assumes noise that an
    average removes; then no schedule has to know the last step. With $\beta = 0$ it is
    Polyak-Ruppert averaging; $\beta = 1$ would be primal averaging. Costs two numbers per
    coordinate.

    Args:
        lr: Learning rate $\eta > 0$.
        beta: Place of the gradient between z (0) and x (1), in [0, 1).

    Raises:
        ValueError: If a field is out of its range.

    >>> rule, y = ScheduleFreeSGD(lr=0.5, beta=0.5), torch.tensor([0.0])
    >>> dx, state = rule.update(torch.tensor([1.0]), rule.init(y), y)
    >>> rule.update(torch.tensor([1.0]), state, y + dx)[1]["average"]
    tensor([-0.7500])

    Reference: Defazio et al. (2024), arXiv:2405.15682, eqs. 3-5.
    """

    lr: Hyper
    beta: Hyper = 0.9
    min_ndim: ClassVar[int] = 0

    def __post_init__(self) -> None:
        validate.positive("lr", self.lr)
        validate.fraction("beta", self.beta)

    def init(self, x: Tensor) -> State:
        """Return fast iterate and average at the start, with no weight."""
        return {"z": x.clone(), "average": x.clone(), "total": x.new_zeros(())}

    def update(self, grad: Tensor, state: State, x: Tensor) -> tuple[Tensor, State]:
        """Return the step of y, and the state."""
        lr, beta = align(x, self.lr, self.beta)
        return _average(state["z"] - lr * grad, state, x, lr, beta)


@dataclass(frozen=True)
class ScheduleFreeAdamW:
    r"""Schedule-free AdamW: the same average, with Adam's denominator and no mean of gradients.

    $$v_{k+1} = \beta_2 v_k + (1-\beta_2) g_k^2, \qquad
    z_{k+1} = z_k - \eta\, \frac{g(y_k)}{\sqrt{v_{k+1}/u_{k+1}} + \epsilon} - \eta\lambda\, y_k$$

    and $x$, $y$ as in `ScheduleFreeSGD`, with $\beta_1$ in the place of $\beta$ and
    $u_k = 1-\beta_2^k$. The answer is `state["average"]`. Costs three numbers per coordinate.

    Args:
        lr: Learning rate $\eta > 0$, in units of x.
        beta1: Place of the gradient between z (0) and x (1), in [0, 1).
        beta2: Memory of the mean square, in [0, 1).
        eps: Floor $\epsilon > 0$ of the denominator.
        weight_decay: $\lambda \ge 0$, at the point where the gradient is taken.

    Raises:
        ValueError: If a field is out of its range.

    Reference: Defazio et al. (2024), arXiv:2405.15682, algorithm 1.
    """

    lr: Hyper
    beta1: Hyper = 0.9
    beta2: Hyper = 0.999
    eps: Hyper = 1e-8
    weight_decay: Hyper = 0.0
    min_ndim: ClassVar[int] = 0

    def __post_init__(self) -> None:
        validate.positive("lr", self.lr)
        validate.fraction("beta1", self.beta1)
        validate.fraction("beta2", self.beta2)
        validate.positive("eps", self.eps)
        validate.at_least("weight_decay", self.weight_decay, 0)

    def init(self, x: Tensor) -> State:
        """Return fast iterate and average at the start, and averages of nothing."""
        nothing = x.new_zeros(())
        return {
            **{"z": x.clone(), "average": x.clone(), "total": nothing},
            **{"v": torch.zeros_like(x), "u": nothing},
        }

    def update(self, grad: Tensor, state: State, x: Tensor) -> tuple[Tensor, State]:
        """Return the step of y, and the state."""
        lr, beta1, beta2 = align(x, self.lr, self.beta1, self.beta2)
        eps, decay = align(x, self.eps, self.weight_decay)
        v = beta2 * state["v"] + (1 - beta2) * grad * grad
        u = beta2 * state["u"] + (1 - beta2)
        z = state["z"] - lr * grad / (torch.sqrt(v / u) + eps) - lr * decay * x
        dy, new = _average(z, state, x, lr, beta1)
        return dy, {**new, "v": v, "u": u}


def _average(z: Tensor, state: State, y: Tensor, lr: Hyper, beta: Hyper) -> tuple[Tensor, State]:
    """Take the new z into the average; return the step of the point between them."""
    total = state["total"] + lr * lr
    c = lr * lr / total
    x = (1 - c) * state["average"] + c * z
    return (1 - beta) * z + beta * x - y, {"z": z, "average": x, "total": total}
