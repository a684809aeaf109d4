r"""The order of the examples, where it can be computed: the mean of N parabolas.

$$f(x) = \frac1N\sum_i\tfrac12(x-a_i)^2, \qquad \sum_i a_i = 0, \qquad \frac1N\sum_i a_i^2 = 1$$

One example at a time: $x\to qx+\eta a_i$ with $q=1-\eta$. After an epoch
$x\to q^Nx+\eta\sum_j w_ja_{\pi(j)}$ with the weights $w_j=q^{N-1-j}$: the latest weigh most. An
order that is new in every epoch, $\pi$ a random permutation, makes the errors of one epoch add up
to nearly nothing.
"""

import torch
from torch import Tensor

from descent import validate
from descent.validate import Number


def drawn_variance(lr: Number) -> Number:
    r"""Mean square in the end, with every example drawn anew: $\frac{\eta}{2-\eta}$.

    Args:
        lr: Learning rate in (0, 2).

    Returns:
        The mean square.
    """
    return lr / (2 - lr)


def shuffled_variance(lr: Number, n: Number) -> Number:
    r"""Mean square at the end of an epoch, with a new shuffle for each.

    $$\E x^2 = \frac{N}{N-1}\cdot\frac{\eta^2}{1-q^{2N}}
    \Bigl(\frac{1-q^{2N}}{1-q^2} - \frac{(1-q^N)^2}{N\eta^2}\Bigr)$$

    For $\eta N\ll1$ that is $\frac{(\eta N)^2}{12}$ times the value of `drawn_variance`.

    Args:
        lr: Learning rate in (0, 1).
        n: Number of examples N, at least 2.

    Returns:
        The mean square, the broadcast shape.
    """
    end = (1 - lr) ** n
    squares = (1 - end**2) / (1 - (1 - lr) ** 2)
    total = (1 - end) / lr
    return n / (n - 1) * lr**2 * (squares - total**2 / n) / (1 - end**2)


def settled(lr: float, values: Tensor) -> float:
    r"""Where the end of an epoch settles when the same order is kept for ever.

    $$x = \frac{\eta}{1-q^N}\sum_j q^{N-1-j}a_j$$

    Not the minimum: the last examples of the epoch pull it to themselves.

    Args:
        lr: Learning rate in (0, 1).
        values: $a_i$ in their order, (N,).

    Returns:
        The place.

    Raises:
        ValueError: If `lr` is not in (0, 1).
    """
    validate.positive("lr", lr)
    validate.fraction("lr", lr)
    weights = (1 - lr) ** torch.arange(len(values) - 1, -1, -1, dtype=values.dtype)
    return float(lr * (weights @ values) / (1 - (1 - lr) ** len(values)))
