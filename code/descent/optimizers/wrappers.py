"""Rules around rules: a penalty on the weights, decay beside the gradient, and ascent."""

from dataclasses import dataclass
from typing import Any

from torch import Tensor

from descent import validate
from descent.optimizers.base import Hyper, State, align, hyperparameters


@dataclass(frozen=True)
class Wrapper:
    """A rule that asks another one; it has that one's state and hyper-parameters.

    Args:
        rule: The rule that is asked.
    """

    rule: Any

    @property
    def min_ndim(self) -> int:
        """How many axes a parameter must have."""
        return getattr(self.rule, "min_ndim", 0)

    def init(self, x: Tensor) -> State:
        """Return the state of the wrapped rule."""
        return self.rule.init(x)


@dataclass(frozen=True)
class L2(Wrapper):
    r"""Any rule on a penalized objective: weight decay that passes through the rule.

    $$f(x) + \tfrac{\lambda}{2}\norm{x}^2, \qquad g \to g + \lambda x$$

    It is `weight_decay` of `torch.optim.SGD`, `Adam`, `RMSprop`, `Adagrad` and `Adadelta`. A rule
    that divides by the gradient's size divides the decay too; `DecoupledDecay` does not.

    Args:
        rule: The rule that sees the penalized gradient.
        weight_decay: $\lambda \ge 0$, in units of the objective per x².

    Raises:
        ValueError: If `weight_decay` is negative or not finite.

    >>> import torch
    >>> from descent import SGD
    >>> L2(SGD(lr=1.0), 0.5).update(torch.tensor([1.0]), {}, torch.tensor([4.0]))[0]
    tensor([-3.])
    """

    weight_decay: Hyper = 0.01

    def __post_init__(self) -> None:
        validate.at_least("weight_decay", self.weight_decay, 0)

    def update(self, grad: Tensor, state: State, x: Tensor) -> tuple[Tensor, State]:
        """Ask the rule with the penalty's gradient added."""
        [decay] = align(x, self.weight_decay)
        return self.rule.update(grad + decay * x, state, x)


@dataclass(frozen=True)
class DecoupledDecay(Wrapper):
    r"""Any rule, with the iterate shrunk beside its step: SGDW, LionW, the decay of Muon.

    $$x_{k+1} = (1-\eta\lambda)\, x_k + \Delta_k$$

    Args:
        rule: The rule whose step $\Delta_k$ is taken; it has a field `lr`, $\eta$.
        weight_decay: $\lambda \ge 0$; a step shrinks x by the share $\eta\lambda$.

    Raises:
        ValueError: If `weight_decay` is negative or not finite, or the rule has no `lr`.

    Reference: Loshchilov, Hutter (2019), algorithms 1 and 2.
    """

    weight_decay: Hyper = 0.01

    def __post_init__(self) -> None:
        validate.at_least("weight_decay", self.weight_decay, 0)
        if "lr" not in hyperparameters(self.rule):
            raise ValueError(
                f"rule is {self.rule!r}; it must have a field lr that scales the decay"
            )

    def update(self, grad: Tensor, state: State, x: Tensor) -> tuple[Tensor, State]:
        """Return the rule's step less the decay."""
        lr, decay = align(x, hyperparameters(self.rule)["lr"], self.weight_decay)
        dx, state = self.rule.update(grad, state, x)
        return dx - lr * decay * x, state


@dataclass(frozen=True)
class Ascent(Wrapper):
    """Any rule, uphill: it sees the negative gradient. It is `maximize` of `torch.optim`.

    Args:
        rule: The rule to turn around.

    >>> import torch
    >>> from descent import SGD
    >>> Ascent(SGD(lr=1.0)).update(torch.tensor([3.0]), {}, torch.tensor([0.0]))[0]
    tensor([3.])
    """

    def update(self, grad: Tensor, state: State, x: Tensor) -> tuple[Tensor, State]:
        """Ask the rule with the sign of the gradient turned."""
        return self.rule.update(-grad, state, x)
