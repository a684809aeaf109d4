"""Rules that give each coordinate its own rate: delta-bar-delta, AdaGrad, AdaDelta."""

from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor

from descent import validate
from descent.optimizers.base import Hyper, State, align, floored_root


@dataclass(frozen=True)
class DeltaBarDelta:
    r"""Delta-bar-delta: a rate grows while its gradient keeps its sign and shrinks when it flips.

    $$\eta_{k+1} = \begin{cases}\eta_k + \kappa & \bar g_{k-1}\, g_k > 0\\
    (1-\phi)\,\eta_k & \bar g_{k-1}\, g_k < 0\\ \eta_k & \text{else}\end{cases} \qquad
    x_{k+1} = x_k - \eta_{k+1} g_k, \qquad \bar g_k = (1-\theta)\, g_k + \theta\, \bar g_{k-1}$$

    Assumes exact gradients: with noise signs flip at random, and since growth adds while decay
    multiplies, the rates collapse. Costs two numbers per coordinate.

    Args:
        lr: First rate of every coordinate, > 0.
        increase: What a rate gains, $\kappa \ge 0$, in the units of `lr`.
        decrease: Share that a rate loses, $\phi \in [0, 1)$.
        theta: Memory of the averaged gradient, $\theta \in [0, 1)$.

    Raises:
        ValueError: If a field is out of its range.

    >>> rule, x = DeltaBarDelta(lr=0.1, increase=0.1), torch.tensor([0.0])
    >>> dx, state = rule.update(torch.tensor([1.0]), rule.init(x), x)
    >>> dx, rule.update(torch.tensor([1.0]), state, x)[0]
    (tensor([-0.1000]), tensor([-0.2000]))

    Reference: Jacobs (1988), Increased rates of convergence through learning rate adaptation.
    """

    lr: Hyper
    increase: Hyper = 0.01
    decrease: Hyper = 0.1
    theta: Hyper = 0.7
    min_ndim: ClassVar[int] = 0

    def __post_init__(self) -> None:
        validate.positive("lr", self.lr)
        validate.at_least("increase", self.increase, 0)
        validate.fraction("decrease", self.decrease)
        validate.fraction("theta", self.theta)

    def init(self, x: Tensor) -> State:
        """Return equal rates and an average of nothing."""
        [lr] = align(x, self.lr)
        return {"rate": lr * torch.ones_like(x), "mean": torch.zeros_like(x)}

    def update(self, grad: Tensor, state: State, x: Tensor) -> tuple[Tensor, State]:
        """Return the step, the adapted rates and the averaged gradient."""
        up, down, theta = align(x, self.increase, self.decrease, self.theta)
        rate, agreement = state["rate"], state["mean"] * grad
        rate = torch.where(agreement > 0, rate + up, rate)
        rate = torch.where(agreement < 0, rate * (1 - down), rate)
        return -rate * grad, {"rate": rate, "mean": (1 - theta) * grad + theta * state["mean"]}


@dataclass(frozen=True)
class AdaGrad:
    r"""AdaGrad: divide each step by the root of the sum of all squared gradients so far.

    $$r_{k+1} = r_k + g_k^2, \qquad x_{k+1} = x_k - \frac{\eta}{\sqrt{r_{k+1}} + \epsilon}\, g_k$$

    Assumes that rare features deserve long steps and that the past never becomes irrelevant. With a
    constant gradient step k is $\eta/\sqrt k$, so the travel $2\eta\sqrt k$ still has no end. Costs
    one number per coordinate.

    Args:
        lr: Learning rate $\eta > 0$, in units of x: the length of the first step.
        eps: Floor $\epsilon > 0$ of the denominator, in units of the gradient.
        start: First value of the sum, $r_0 \ge 0$; PyTorch starts at 0, Keras and optax at 0.1.
        inside: Put the floor inside the root, $\sqrt{r + \epsilon}$, as optax does.

    Raises:
        ValueError: If a field is out of its range.

    >>> rule, x = AdaGrad(lr=0.1), torch.tensor([0.0])
    >>> rule.update(torch.tensor([-8.0]), rule.init(x), x)
    (tensor([0.1000]), {'r': tensor([64.])})

    Reference: Duchi, Hazan, Singer (2011); Goodfellow, Bengio, Courville (2016), algorithm 8.4.
    """

    lr: Hyper
    eps: Hyper = 1e-7
    start: Hyper = 0.0
    inside: bool = False
    min_ndim: ClassVar[int] = 0

    def __post_init__(self) -> None:
        validate.positive("lr", self.lr)
        validate.positive("eps", self.eps)
        validate.at_least("start", self.start, 0)

    def init(self, x: Tensor) -> State:
        """Return the sum of no squares."""
        [start] = align(x, self.start)
        return {"r": torch.zeros_like(x) + start}

    def update(self, grad: Tensor, state: State, x: Tensor) -> tuple[Tensor, State]:
        """Return the scaled step and the new sum."""
        lr, eps = align(x, self.lr, self.eps)
        r = state["r"] + grad * grad
        return -lr * grad / floored_root(r, eps, self.inside), {"r": r}


@dataclass(frozen=True)
class DecayedAdaGrad(AdaGrad):
    r"""AdaGrad whose learning rate falls as well: `lr_decay` of `torch.optim.Adagrad`.

    $$x_{k+1} = x_k - \frac{\eta}{1 + k\,\delta}\, \frac{g_k}{\sqrt{r_{k+1}} + \epsilon}$$

    The sum of squares alone shortens the steps like $1/\sqrt k$, and their sum has no bound. With
    $\delta > 0$ they shrink like $k^{-3/2}$ on a constant gradient: the travel is finite, and the
    method can stall. Costs what AdaGrad costs, and a counter.

    Args:
        lr: Learning rate $\eta > 0$, in units of x: the length of the first step.
        eps: Floor $\epsilon > 0$ of the denominator, in units of the gradient.
        start: First value of the sum, $r_0 \ge 0$.
        inside: Put the floor inside the root.
        lr_decay: $\delta \ge 0$; after $1/\delta$ steps the rate is halved.

    Raises:
        ValueError: If a field is out of its range.

    >>> rule, x = DecayedAdaGrad(lr=0.1, lr_decay=1.0), torch.tensor([0.0])
    >>> _, state = rule.update(torch.tensor([3.0]), rule.init(x), x)
    >>> rule.update(torch.tensor([4.0]), state, x)[0]
    tensor([-0.0400])

    Reference: Duchi, Hazan, Singer (2011) for AdaGrad; the decay is PyTorch's.
    """

    lr_decay: Hyper = 0.0

    def __post_init__(self) -> None:
        super().__post_init__()
        validate.at_least("lr_decay", self.lr_decay, 0)

    def init(self, x: Tensor) -> State:
        """Return the sum of no squares and a count of no steps."""
        return {**super().init(x), "k": x.new_zeros(())}

    def update(self, grad: Tensor, state: State, x: Tensor) -> tuple[Tensor, State]:
        """Return AdaGrad's step divided by 1 + k lr_decay, the new sum and the new count."""
        [decay] = align(x, self.lr_decay)
        dx, new = super().update(grad, state, x)
        return dx / (1 + state["k"] * decay), {**new, "k": state["k"] + 1}


@dataclass(frozen=True)
class AdaDelta:
    r"""AdaDelta: RMSProp whose learning rate is the recent size of its own steps.

    $$r_{k+1} = \rho r_k + (1-\rho) g_k^2, \quad
    d_k = -\frac{\sqrt{s_k+\epsilon}}{\sqrt{r_{k+1}+\epsilon}}\, g_k, \quad
    s_{k+1} = \rho s_k + (1-\rho) d_k^2, \quad x_{k+1} = x_k + \eta\, d_k$$

    The numerator carries the units of x, so rescaling the loss changes nothing (while
    $\epsilon \ll r$). It also starts at $\sqrt\epsilon$: the first steps are tiny, and `eps`, not
    `lr`, says how tiny. Costs two numbers per coordinate.

    Args:
        rho: Memory of both averages, in [0, 1).
        eps: $\epsilon > 0$, inside both roots; it starts the method.
        lr: Factor on the step; the paper has none, PyTorch sets 1 and Keras 0.001.

    Raises:
        ValueError: If a field is out of its range.

    >>> rule, x = AdaDelta(rho=0.9, eps=1e-4), torch.tensor([0.0])
    >>> rule.update(torch.tensor([2.0]), rule.init(x), x)[0]
    tensor([-0.0316])

    Reference: Zeiler (2012), algorithm 1.
    """

    rho: Hyper = 0.95
    eps: Hyper = 1e-6
    lr: Hyper = 1.0
    min_ndim: ClassVar[int] = 0

    def __post_init__(self) -> None:
        validate.fraction("rho", self.rho)
        validate.positive("eps", self.eps)
        validate.positive("lr", self.lr)

    def init(self, x: Tensor) -> State:
        """Return averages of nothing."""
        return {"r": torch.zeros_like(x), "s": torch.zeros_like(x)}

    def update(self, grad: Tensor, state: State, x: Tensor) -> tuple[Tensor, State]:
        """Return the step and the averages of squared gradients and squared steps."""
        rho, eps, lr = align(x, self.rho, self.eps, self.lr)
        r = rho * state["r"] + (1 - rho) * grad * grad
        d = -torch.sqrt(state["s"] + eps) / torch.sqrt(r + eps) * grad
        return lr * d, {"r": r, "s": rho * state["s"] + (1 - rho) * d * d}
