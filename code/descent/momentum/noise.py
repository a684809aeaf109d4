r"""Momentum with noisy gradients: what it smooths, and what it does not.

Along an eigen-direction the gradient is $\lambda x + \sigma\xi$ with white noise $\xi$. Every
method of `descent.momentum.modes` then adds $-\eta\sigma\xi_k$ to its recurrence, so mean and
variance of the component follow exactly, without drawing a number.
"""

import math

import torch
from torch import Tensor

from descent import validate
from descent.momentum.modes import Mode, Number


def effective_lr(lr: Number, beta: Number) -> Number:
    r"""Learning rate of the gradient descent that momentum imitates in flat directions.

    $$\bar\eta = \frac{\eta}{1-\beta}$$

    Args:
        lr: Learning rate $\eta > 0$.
        beta: Momentum $\beta$ in [0, 1).

    Returns:
        $\bar\eta$, the broadcast shape.

    Raises:
        ValueError: If an argument is out of range.
    """
    validate.positive("lr", lr)
    validate.fraction("beta", beta)
    return lr / (1 - beta)


def stationary_variance(mode: Mode, push: Number) -> Tensor:
    r"""Variance that independent pushes at every step keep up.

    $$\E x^2 = \frac{1+d}{1-d}\cdot\frac{s^2}{(1+d)^2-t^2}$$

    With $s=\eta\sigma$ it reads, for the heavy ball and for Nesterov's method,

    $$\frac{\bar\eta\,\sigma^2}{\lambda\,\bigl(2-\frac{\eta\lambda}{1+\beta}\bigr)},
    \qquad \frac{1+\beta-\beta p}{1-\beta+\beta p}\cdot
    \frac{\eta\,\sigma^2}{\lambda\,(2+2\beta-p-2\beta p)},$$

    which for small rates is $\bar\eta\sigma^2/2\lambda$ in both cases, whatever $\beta$ is.

    Args:
        mode: The recurrence.
        push: Standard deviation $s$ of what is added at each step, $\eta\sigma$.

    Returns:
        Variance, the shape of the mode; infinite where the mode does not converge.
    """
    t, d = mode.trace, mode.det
    settled = mode.radius < 1
    variance = (1 + d) / (1 - d) * push**2 / ((1 + d) ** 2 - t**2)
    return torch.where(settled, variance, torch.full_like(variance, math.inf))


def spread(
    now: Tensor, cross: Tensor, before: Tensor, mode: Mode, push: Number
) -> tuple[Tensor, Tensor, Tensor]:
    r"""One step of the second moments of a noisy component.

    $$a' = t^2a - 2td\,b + d^2c + s^2, \qquad b' = t\,a - d\,b, \qquad c' = a$$

    with $a=\E x_k^2$, $b=\E x_kx_{k-1}$, $c=\E x_{k-1}^2$. Start with all three at $x_0^2$: the
    velocity is at rest when $x_{-1}=x_0$.

    Args:
        now: $a$, any shape.
        cross: $b$.
        before: $c$.
        mode: The recurrence of this step; it may differ from step to step.
        push: Standard deviation $s$ of what is added.

    Returns:
        The three after the step.
    """
    t, d = mode.trace, mode.det
    after = t**2 * now - 2 * t * d * cross + d**2 * before + push**2
    return after, t * now - d * cross, now
