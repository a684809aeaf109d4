"""Rules with one rate for all coordinates: gradient descent and its momentum forms."""

from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor

from descent import validate
from descent.optimizers.base import Hyper, State, align


@dataclass(frozen=True)
class SGD:
    r"""Gradient descent, called stochastic when the oracle's gradient is.

    $$x_{k+1} = x_k - \eta\, g_k$$

    Args:
        lr: Learning rate $\eta > 0$, in units of x² per unit of the objective.

    Raises:
        ValueError: If `lr` is not finite and positive.

    >>> SGD(lr=0.1).update(torch.tensor([2.0]), {}, torch.tensor([1.0]))
    (tensor([-0.2000]), {})

    Reference: Goodfellow, Bengio, Courville (2016), algorithm 8.1.
    """

    lr: Hyper
    min_ndim: ClassVar[int] = 0

    def __post_init__(self) -> None:
        validate.positive("lr", self.lr)

    def init(self, x: Tensor) -> State:
        """Return the empty state."""
        return {}

    def update(self, grad: Tensor, state: State, x: Tensor) -> tuple[Tensor, State]:
        """Return the step -lr g and the state."""
        [lr] = align(x, self.lr)
        return -lr * grad, state


@dataclass(frozen=True)
class HeavyBall:
    r"""Gradient descent with Polyak's momentum, in velocity form.

    $$v_{k+1} = \beta v_k - \eta\, g_k, \qquad x_{k+1} = x_k + v_{k+1}$$

    `torch.optim.SGD(momentum=beta)` keeps $-v/\eta$ instead. The two agree while `lr` is constant;
    when a schedule changes it, this form lets the old velocity keep the old learning rate.

    Args:
        lr: Learning rate $\eta > 0$.
        beta: Momentum $\beta \in [0, 1)$. The weights of past gradients add up to $1/(1-\beta)$.

    Raises:
        ValueError: If `lr` is not finite and positive, or `beta` is outside [0, 1).

    >>> rule = HeavyBall(lr=0.1, beta=0.5)
    >>> rule.update(torch.tensor([2.0]), {"v": torch.tensor([1.0])}, torch.tensor([0.0]))
    (tensor([0.3000]), {'v': tensor([0.3000])})

    Reference: Polyak (1964); Goodfellow, Bengio, Courville (2016), algorithm 8.2.
    """

    lr: Hyper
    beta: Hyper
    min_ndim: ClassVar[int] = 0

    def __post_init__(self) -> None:
        validate.positive("lr", self.lr)
        validate.fraction("beta", self.beta)

    def init(self, x: Tensor) -> State:
        """Return the velocity at rest."""
        return {"v": torch.zeros_like(x)}

    def update(self, grad: Tensor, state: State, x: Tensor) -> tuple[Tensor, State]:
        """Return the new velocity, as the step and as the state."""
        lr, beta = align(x, self.lr, self.beta)
        v = beta * state["v"] - lr * grad
        return v, {"v": v}


@dataclass(frozen=True)
class Nesterov:
    r"""Nesterov's momentum, written at the point where the gradient is taken.

    $$v_{k+1} = \beta v_k - \eta\, g(x_k), \qquad x_{k+1} = x_k + \beta v_{k+1} - \eta\, g(x_k)$$

    Here $x_k = \theta_k + \beta v_k$ is the look-ahead point of the usual form
    $v_{k+1} = \beta v_k - \eta\,g(\theta_k + \beta v_k)$, $\theta_{k+1} = \theta_k + v_{k+1}$.
    It is the form of `torch.optim.SGD(nesterov=True)`. Both start at the same point, since the
    velocity starts at 0.

    Args:
        lr: Learning rate $\eta > 0$.
        beta: Momentum $\beta \in [0, 1)$.

    Raises:
        ValueError: If `lr` is not finite and positive, or `beta` is outside [0, 1).

    >>> rule, v = Nesterov(lr=0.1, beta=0.5), torch.tensor([1.0])
    >>> dx, state = rule.update(torch.tensor([2.0]), {"v": v}, torch.tensor([0.0]))
    >>> dx, state["v"]
    (tensor([-0.0500]), tensor([0.3000]))

    Reference: Nesterov (1983); Sutskever et al. (2013), eqs. 3-4.
    """

    lr: Hyper
    beta: Hyper
    min_ndim: ClassVar[int] = 0

    def __post_init__(self) -> None:
        validate.positive("lr", self.lr)
        validate.fraction("beta", self.beta)

    def init(self, x: Tensor) -> State:
        """Return the velocity at rest."""
        return {"v": torch.zeros_like(x)}

    def update(self, grad: Tensor, state: State, x: Tensor) -> tuple[Tensor, State]:
        """Return the step between look-ahead points and the new velocity."""
        lr, beta = align(x, self.lr, self.beta)
        v = beta * state["v"] - lr * grad
        return beta * v - lr * grad, {"v": v}


@dataclass(frozen=True)
class DampedMomentum:
    r"""Momentum as `torch.optim.SGD` keeps it: a damped sum of gradients, scaled when it is used.

    $$b_0 = g_0, \qquad b_k = \beta b_{k-1} + (1-\tau)\, g_k, \qquad x_{k+1} = x_k - \eta\, b_k$$

    With $\tau = 0$ and a constant rate it is `HeavyBall` with $v = -\eta b$; when the rate changes,
    it changes at once here. With $\tau = \beta$ the buffer is an average, as in Adam, except that
    the first gradient enters whole.

    Args:
        lr: Learning rate $\eta > 0$.
        beta: Momentum $\beta \in [0, 1)$.
        dampening: $\tau \in [0, 1)$, the share of a new gradient that is left out.

    Raises:
        ValueError: If a field is out of its range.

    >>> rule, x = DampedMomentum(lr=1.0, beta=0.5, dampening=0.5), torch.tensor([0.0])
    >>> dx, state = rule.update(torch.tensor([2.0]), rule.init(x), x)
    >>> dx, rule.update(torch.tensor([2.0]), state, x)[0]
    (tensor([-2.]), tensor([-2.]))

    Reference: PyTorch's documentation of `torch.optim.SGD`.
    """

    lr: Hyper
    beta: Hyper = 0.9
    dampening: Hyper = 0.0
    min_ndim: ClassVar[int] = 0

    def __post_init__(self) -> None:
        validate.positive("lr", self.lr)
        validate.fraction("beta", self.beta)
        validate.fraction("dampening", self.dampening)

    def init(self, x: Tensor) -> State:
        """Return an empty buffer, and that nothing entered it yet."""
        return {"b": torch.zeros_like(x), "used": x.new_zeros(())}

    def update(self, grad: Tensor, state: State, x: Tensor) -> tuple[Tensor, State]:
        """Return the step and the new buffer."""
        lr, beta, dampening = align(x, self.lr, self.beta, self.dampening)
        b = beta * state["b"] + (1 - dampening * state["used"]) * grad
        return -lr * b, {"b": b, "used": torch.ones_like(state["used"])}
