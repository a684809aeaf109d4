r"""Momentum as mechanics: a particle of unit mass, with viscous drag, in steps of time.

$$\ddot x = -\nabla f(x) - c\,\dot x$$

Semi-implicit Euler with time step $h$ is the heavy ball; explicit Euler is a method of its own,
and a much worse one.
"""

import math
from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor

from descent import validate
from descent.optimizers import Hyper, State, align


def time_step_and_drag(lr: float, beta: float) -> tuple[float, float]:
    r"""Mechanical meaning of the two hyper-parameters.

    $$h = \sqrt\eta, \qquad c = \frac{1-\beta}{\sqrt\eta}$$

    Args:
        lr: Learning rate $\eta > 0$.
        beta: Momentum $\beta$ in [0, 1).

    Returns:
        Time $h$ that passes in one step, and drag $c$ of a particle of unit mass.

    Raises:
        ValueError: If an argument is out of range.

    >>> time_step_and_drag(lr=0.01, beta=0.9)
    (0.1, 0.9999999999999998)
    """
    validate.positive("lr", lr)
    validate.fraction("beta", beta)
    step = math.sqrt(lr)
    return step, (1 - beta) / step


def lr_and_beta(step: float, drag: float) -> tuple[float, float]:
    r"""Hyper-parameters of a particle: the inverse of `time_step_and_drag`.

    $$\eta = h^2, \qquad \beta = 1 - hc$$

    Args:
        step: Time step $h > 0$.
        drag: Drag $c$ with $0 < hc \le 1$.

    Returns:
        Learning rate and momentum.

    Raises:
        ValueError: If an argument is out of range.
    """
    validate.positive("step", step)
    validate.positive("drag", drag)
    validate.fraction("beta = 1 - step * drag", 1 - step * drag)
    return step**2, 1 - step * drag


def oscillator(time: Tensor, curvature: float, drag: float) -> Tensor:
    r"""Exact motion in a bowl of one curvature, from 1 at rest.

    $$\ddot x = -\lambda x - c\dot x: \qquad
    x = e^{-ct/2}\Bigl(\cosh\omega t + \frac{c}{2\omega}\sinh\omega t\Bigr), \quad
    \omega = \sqrt{c^2/4-\lambda}$$

    Args:
        time: Times $t \ge 0$, any shape.
        curvature: $\lambda > 0$.
        drag: Drag $c \ge 0$.

    Returns:
        Positions, the shape of `time`.

    Raises:
        ValueError: If an argument is out of range.
    """
    validate.positive("curvature", curvature)
    validate.at_least("drag", drag, 0)
    square = drag**2 / 4 - curvature
    rate = math.sqrt(abs(square))
    fade = torch.exp(-drag * time / 2)
    if rate == 0:
        return fade * (1 + drag * time / 2)
    if square < 0:
        return fade * (torch.cos(rate * time) + drag / (2 * rate) * torch.sin(rate * time))
    return fade * (torch.cosh(rate * time) + drag / (2 * rate) * torch.sinh(rate * time))


def velocity(gradients: Tensor, lr: float, beta: float) -> Tensor:
    r"""The velocity as what it is: a weighted *sum* of past gradients.

    $$v_k = -\eta\sum_{s=1}^{k}\beta^{k-s}\,g_s$$

    Args:
        gradients: $g_1, \dots, g_k$, (k, *shape), the last one newest.
        lr: Learning rate $\eta$.
        beta: Momentum $\beta$.

    Returns:
        Velocity after the last gradient, (*shape,).
    """
    age = torch.arange(len(gradients) - 1, -1, -1, dtype=gradients.dtype)
    return -lr * torch.tensordot(beta**age, gradients, dims=1)


def terminal_velocity(g: Tensor, lr: float, beta: float) -> Tensor:
    r"""Velocity that a constant gradient leads to.

    $$v_\infty = -\frac{\eta\,g}{1-\beta}$$

    Args:
        g: The gradient, any shape.
        lr: Learning rate $\eta$.
        beta: Momentum $\beta$ in [0, 1).

    Returns:
        Velocity, the shape of `g`.

    Raises:
        ValueError: If an argument is out of range.

    Reference: Goodfellow, Bengio, Courville (2016), eq. 8.17.
    """
    validate.positive("lr", lr)
    validate.fraction("beta", beta)
    return -lr * g / (1 - beta)


@dataclass(frozen=True)
class ExplicitMomentum:
    r"""Momentum by explicit Euler: the position moves with the velocity of the step before.

    $$x_{k+1} = x_k + v_k, \qquad v_{k+1} = \beta v_k - \eta\,g(x_k)$$

    A mistake that is easily made, kept here to be measured: it is stable only for
    $\eta\lambda < 1-\beta$, where `descent.HeavyBall` is stable for $\eta\lambda < 2(1+\beta)$.

    Args:
        lr: Learning rate $\eta > 0$.
        beta: Momentum $\beta$ in [0, 1).

    Raises:
        ValueError: If an argument is out of range.
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
        """Return the old velocity as the step, and the new one as the state."""
        lr, beta = align(x, self.lr, self.beta)
        return state["v"], {"v": beta * state["v"] - lr * grad}
