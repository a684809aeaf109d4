"""RMSProp, alone and with two kinds of momentum."""

from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor

from descent import validate
from descent.optimizers.base import Hyper, State, align, floored_root


@dataclass(frozen=True)
class RMSProp:
    r"""RMSProp: divide each step by the root mean square of recent gradients.

    $$r_{k+1} = \rho r_k + (1-\rho) g_k^2, \qquad
    x_{k+1} = x_k - \frac{\eta}{\sqrt{r_{k+1}} + \epsilon}\, g_k$$

    The average starts at 0 and is not corrected, so the first step is $\eta/\sqrt{1-\rho}$ and the
    steps on a constant gradient shrink to $\eta$. Goodfellow et al. put $\epsilon$ inside the root:
    then a gradient counts as zero below $\sqrt\epsilon$, not below $\epsilon$. Costs one number per
    coordinate, two when centered.

    Args:
        lr: Learning rate $\eta > 0$, in units of x.
        rho: Memory of the average, in [0, 1); PyTorch calls it alpha and sets 0.99.
        eps: Floor $\epsilon > 0$, in units of the gradient (squared if `inside`).
        centered: Divide by the standard deviation instead: subtract the squared mean gradient
            before the root. Rounding cannot make that negative here.
        inside: Put the floor inside the root, $\sqrt{r + \epsilon}$.

    Raises:
        ValueError: If a field is out of its range.

    >>> rule, x = RMSProp(lr=0.01, rho=0.75), torch.tensor([0.0])
    >>> rule.update(torch.tensor([-8.0]), rule.init(x), x)
    (tensor([0.0200]), {'r': tensor([16.])})

    Reference: Hinton (2012), lecture 6; Goodfellow, Bengio, Courville (2016), algorithm 8.5;
    Graves (2013) for the centered form.
    """

    lr: Hyper
    rho: Hyper = 0.9
    eps: Hyper = 1e-8
    centered: bool = False
    inside: bool = False
    min_ndim: ClassVar[int] = 0

    def __post_init__(self) -> None:
        validate.positive("lr", self.lr)
        validate.fraction("rho", self.rho)
        validate.positive("eps", self.eps)

    def init(self, x: Tensor) -> State:
        """Return averages of nothing."""
        names = ("r", "mean") if self.centered else ("r",)
        return {name: torch.zeros_like(x) for name in names}

    def update(self, grad: Tensor, state: State, x: Tensor) -> tuple[Tensor, State]:
        """Return the scaled step and the new averages."""
        [lr] = align(x, self.lr)
        scaled, averages = self._scale(grad, state, x)
        return -lr * scaled, averages

    def _scale(self, grad: Tensor, state: State, x: Tensor) -> tuple[Tensor, State]:
        """Divide the gradient by its recent size, and update that size."""
        rho, eps = align(x, self.rho, self.eps)
        new = {"r": rho * state["r"] + (1 - rho) * grad * grad}
        spread = new["r"]
        if self.centered:
            new["mean"] = rho * state["mean"] + (1 - rho) * grad
            spread = (spread - new["mean"] * new["mean"]).clamp(min=0)
        return grad / floored_root(spread, eps, self.inside), new


@dataclass(frozen=True)
class RMSPropMomentum(RMSProp):
    r"""RMSProp feeding a heavy ball: what `torch.optim.RMSprop(momentum=beta)` does.

    $$v_{k+1} = \beta v_k - \frac{\eta}{\sqrt{r_{k+1}}+\epsilon}\, g_k, \qquad
    x_{k+1} = x_k + v_{k+1}$$

    A gradient enters the velocity divided by the size known at that time and is never rescaled:
    momentum and adaptive rates are not independent parts. Costs one number more per coordinate than
    `RMSProp`.

    Args:
        lr: Learning rate $\eta > 0$, in units of x.
        rho: Memory of the average, in [0, 1).
        eps: Floor $\epsilon > 0$.
        centered: Divide by the standard deviation instead.
        inside: Put the floor inside the root.
        beta: Momentum $\beta \in [0, 1)$.

    Raises:
        ValueError: If a field is out of its range.

    Reference: Graves (2013), section 4.2.
    """

    beta: Hyper = 0.9

    def __post_init__(self) -> None:
        super().__post_init__()
        validate.fraction("beta", self.beta)

    def init(self, x: Tensor) -> State:
        """Return averages of nothing and the velocity at rest."""
        return {**super().init(x), "v": torch.zeros_like(x)}

    def update(self, grad: Tensor, state: State, x: Tensor) -> tuple[Tensor, State]:
        """Return the new velocity as the step, and the state."""
        lr, beta = align(x, self.lr, self.beta)
        scaled, averages = self._scale(grad, state, x)
        v = beta * state["v"] - lr * scaled
        return v, {**averages, "v": v}


@dataclass(frozen=True)
class RMSPropNesterov(RMSPropMomentum):
    r"""RMSProp with Nesterov's momentum, written at the point where the gradient is taken.

    $$v_{k+1} = \beta v_k - \frac{\eta}{\sqrt{r_{k+1}}+\epsilon}\, g(x_k), \qquad
    x_{k+1} = x_k + \beta v_{k+1} - \frac{\eta}{\sqrt{r_{k+1}}+\epsilon}\, g(x_k)$$

    Here $x_k = \theta_k + \beta v_k$ is the look-ahead point. The book's algorithm divides by
    $\sqrt r$ alone, which is 0/0 for a parameter that has seen no gradient, such as a weight into a
    dead unit; the floor $\epsilon$ is added here. With `beta=0` this is `RMSProp`; where r stays at
    1 it is `Nesterov`.

    Args:
        lr: Learning rate $\eta > 0$, in units of x.
        rho: Memory of the average, in [0, 1).
        eps: Floor $\epsilon > 0$, absent from the book.
        centered: Divide by the standard deviation instead.
        inside: Put the floor inside the root.
        beta: Momentum $\beta \in [0, 1)$.

    Raises:
        ValueError: If a field is out of its range.

    Reference: Goodfellow, Bengio, Courville (2016), algorithm 8.6.
    """

    def update(self, grad: Tensor, state: State, x: Tensor) -> tuple[Tensor, State]:
        """Return the step between look-ahead points and the state."""
        lr, beta = align(x, self.lr, self.beta)
        scaled, averages = self._scale(grad, state, x)
        v = beta * state["v"] - lr * scaled
        return beta * v - lr * scaled, {**averages, "v": v}
