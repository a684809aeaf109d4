"""NAdam: Adam with Nesterov's momentum."""

from dataclasses import dataclass

import torch
from torch import Tensor

from descent import validate
from descent.optimizers.adam import Adam
from descent.optimizers.base import Hyper, State, align


@dataclass(frozen=True)
class NAdam(Adam):
    r"""NAdam: Adam whose mean looks one step ahead, as Nesterov's momentum does.

    $$\mu_k = \beta_1\bigl(1 - \tfrac12\, 0.96^{\psi k}\bigr), \qquad
    P_k = \mu_1 \mu_2 \cdots \mu_k$$
    $$x_{k+1} = x_k - \eta\, \frac{\mu_{k+2}\, m_{k+1} / (1 - P_{k+2})
    + (1 - \mu_{k+1})\, g_k / (1 - P_{k+1})}{\sqrt{v_{k+1}/u_{k+1}} + \epsilon}$$

    The present gradient enters once more, with the weight that the next mean would give it. The
    momentum $\mu$ is warmed up from $\beta_1/2$ to $\beta_1$, while the mean $m$ itself keeps the
    memory $\beta_1$, as in PyTorch and Keras; so the parts are no true averages until the warm-up
    is over, and on a constant gradient the first steps are not $\eta$. Costs what Adam costs.

    Args:
        lr: Learning rate $\eta > 0$, in units of x.
        beta1: Memory of the mean, and the last momentum, in [0, 1).
        beta2: Memory of the mean square, in [0, 1).
        eps: Floor $\epsilon > 0$ of the denominator.
        momentum_decay: $\psi \ge 0$, the speed of the warm-up; at 0 the momentum stays
            $\beta_1/2$.

    Raises:
        ValueError: If a field is out of its range.

    >>> rule, x = NAdam(lr=0.1, beta1=0.0), torch.tensor([0.0])
    >>> rule.update(torch.tensor([-8.0]), rule.init(x), x)[0]
    tensor([0.1000])

    Reference: Dozat (2016), Incorporating Nesterov momentum into Adam.
    """

    momentum_decay: Hyper = 0.004

    def __post_init__(self) -> None:
        super().__post_init__()
        validate.at_least("momentum_decay", self.momentum_decay, 0)

    def init(self, x: Tensor) -> State:
        """Return averages of nothing, and products of no factors."""
        one = x.new_ones(())
        return {**super().init(x), "product": one, "fade": one}

    def update(self, grad: Tensor, state: State, x: Tensor) -> tuple[Tensor, State]:
        """Return the step, the averages, the product of momenta and what the warm-up lacks."""
        lr, beta1, eps, psi = align(x, self.lr, self.beta1, self.eps, self.momentum_decay)
        new = self._averages(grad, state, x)
        new["fade"] = 0.96**psi * state["fade"]
        now, ahead = (beta1 * (1 - f / 2) for f in (new["fade"], 0.96**psi * new["fade"]))
        new["product"] = now * state["product"]
        mean = (1 - now) * grad / (1 - new["product"])
        mean = mean + ahead * new["m"] / (1 - ahead * new["product"])
        return -lr * mean / (torch.sqrt(new["v"] / new["u"]) + eps), new
