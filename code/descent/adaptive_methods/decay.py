r"""Weight decay through the denominator, and beside it.

Take a coordinate without any signal: its gradient is noise of size $\sigma$. Adam divides by the
root mean square of what it is given, so decay that is added to the *gradient* is divided by
$\sigma$ too, while decay of the *weight* is not. For SGD the two are the same thing.
"""

import torch
from torch import Tensor

Number = float | Tensor


def kept_by_l2(steps: Number, lr: Number, decay: Number, sigma: Number) -> Number:
    r"""Mean share of a weight that is left when the decay passes through Adam's denominator.

    $$\E x_k \approx \Bigl(1-\frac{\eta\lambda}{\sigma}\Bigr)^{k} x_0
    \qquad (\lambda |x| \ll \sigma)$$

    Args:
        steps: Number of steps $k$.
        lr: Learning rate $\eta$.
        decay: $\lambda$, coefficient of the penalty $\tfrac12\lambda x^2$.
        sigma: Root mean square of the gradient's noise.

    Returns:
        The share.
    """
    return (1 - lr * decay / sigma) ** steps


def kept_by_decay(steps: Number, lr: Number, decay: Number) -> Number:
    r"""Mean share of a weight that decoupled decay leaves, whatever the gradient's size.

    $$\E x_k = (1-\eta\lambda)^{k} x_0$$

    Args:
        steps: Number of steps $k$.
        lr: Learning rate $\eta$.
        decay: $\lambda$.

    Returns:
        The share.

    Reference: Loshchilov, Hutter (2019), eq. 1 with the decay scaled by the learning rate.
    """
    return (1 - lr * decay) ** steps


def noise_spread(lr: Number, pull: Number) -> Tensor:
    r"""Standard deviation of a weight that Adam's steps push about and a pull draws back to 0.

    Every step is noise of root mean square $\eta$, and the pull removes the share $\eta p$, with
    $p = \lambda$ for decoupled decay and $p = \lambda/\sigma$ for a penalty. In equilibrium

    $$\operatorname{Var} x = \frac{\eta}{2p}.$$

    Averaging gradients makes neighboring steps agree and changes nothing to first order in $\eta$:
    the sum of the steps, over times that are long for the average, is the same.

    Args:
        lr: Learning rate $\eta$.
        pull: $p > 0$.

    Returns:
        The standard deviation.
    """
    return torch.sqrt(torch.as_tensor(lr / (2 * pull), dtype=torch.float64))
