r"""A gradient that does not change: every adaptive rule in closed form.

Feed the same gradient $g$ at every step and leave $\epsilon$ out. Then the length of step $k$ over
the learning rate does not depend on $g$ at all: adaptive rules read the sign of a gradient and the
history of its size. `floored_step` says what $\epsilon$ changes.
"""

import torch
from torch import Tensor

from descent import validate

Number = float | Tensor


def adagrad_step(k: Number) -> Number:
    r"""Length of AdaGrad's step $k$ over the learning rate.

    $$r_k = k g^2, \qquad \frac{|\Delta x_k|}{\eta} = \frac{1}{\sqrt k}$$

    Args:
        k: Step, counted from 1.

    Returns:
        The length; it tends to 0.

    Reference: Duchi, Hazan, Singer (2011), figure 1 with a constant gradient.
    """
    return k**-0.5


def adagrad_travel(steps: int) -> float:
    r"""Distance that AdaGrad covers over the learning rate, with a constant gradient.

    $$\sum_{k=1}^{K} \frac{1}{\sqrt k} = 2\sqrt K + \zeta(\tfrac12) + O(K^{-1/2}), \qquad
    \zeta(\tfrac12) = -1.4603\ldots$$

    The steps tend to 0, the distance does not stay bounded: AdaGrad slows down and never stops.

    Args:
        steps: Number of steps $K$, at least 1.

    Returns:
        The sum.
    """
    k = torch.arange(1, validate.count("steps", steps) + 1, dtype=torch.float64)
    return float((k**-0.5).sum())


def rmsprop_step(k: Number, rho: Number) -> Number:
    r"""Length of RMSProp's step $k$ over the learning rate.

    $$r_k = (1-\rho^k)\,g^2, \qquad \frac{|\Delta x_k|}{\eta} = \frac{1}{\sqrt{1-\rho^k}}$$

    The average starts at 0 and needs about $1/(1-\rho)$ steps to fill. Until then it is too small
    and the steps are too long; the first by a factor of $1/\sqrt{1-\rho}$.

    Args:
        k: Step, counted from 1.
        rho: Memory of the average, in [0, 1).

    Returns:
        The length; it falls to 1.
    """
    return (1 - rho**k) ** -0.5


def adam_step(k: Number, beta1: Number, beta2: Number, *, corrected: bool = True) -> Number:
    r"""Length of Adam's step $k$ over the learning rate, with and without bias correction.

    $$\frac{|\Delta x_k|}{\eta} = \begin{cases} 1 & \text{corrected}\\
    (1-\beta_1^k)/\sqrt{1-\beta_2^k} & \text{not corrected}\end{cases}$$

    Args:
        k: Step, counted from 1.
        beta1: Memory of the mean, in [0, 1).
        beta2: Memory of the mean square, in [0, 1).
        corrected: Divide both averages by the total weight of the gradients in them.

    Returns:
        The length.

    Reference: Kingma, Ba (2015), section 3.
    """
    length = (1 - beta1**k) * (1 - beta2**k) ** -0.5
    return length / length if corrected else length


def floored_step(g: Number, eps: Number, *, inside: bool) -> Number:
    r"""Length of a normalized step on a gradient of size $|g|$, over the learning rate.

    $$\frac{|g|}{\sqrt{g^2}+\epsilon} \quad\text{(outside the root)}, \qquad
    \frac{|g|}{\sqrt{g^2+\epsilon}} \quad\text{(inside)}$$

    Large gradients give 1, whatever their size; small ones are treated as noise and give steps
    proportional to themselves.

    Args:
        g: Gradient.
        eps: Floor $\epsilon > 0$.
        inside: Whether it stands inside the root.

    Returns:
        The length, in [0, 1).
    """
    size = (g * g) ** 0.5
    return size / (g * g + eps) ** 0.5 if inside else size / (size + eps)


def knee(eps: Number, *, inside: bool) -> Number:
    r"""Size of gradient at which the floor halves the step.

    $$|g| = \epsilon \quad\text{(outside)}, \qquad |g| = \sqrt{\epsilon/3} \quad\text{(inside)}$$

    Args:
        eps: Floor $\epsilon > 0$.
        inside: Whether it stands inside the root.

    Returns:
        The size.
    """
    return (eps / 3) ** 0.5 if inside else eps


def adadelta_first_step(g: Number, rho: Number, eps: Number) -> Number:
    r"""First step of AdaDelta, with its sign.

    $$\Delta x_1 = -\frac{\sqrt\epsilon}{\sqrt{(1-\rho)\,g^2+\epsilon}}\; g$$

    There is no learning rate: $\epsilon$ sets the length of the first step, and the method has to
    work its way up from there.

    Args:
        g: Gradient.
        rho: Memory of both averages, in [0, 1).
        eps: $\epsilon > 0$, inside both roots.

    Returns:
        The step.

    Reference: Zeiler (2012), algorithm 1.
    """
    return -(eps**0.5) / ((1 - rho) * g * g + eps) ** 0.5 * g
