r"""Least squares on Gaussian inputs, where training and true risk have closed forms."""

import torch
from torch import Tensor


def least_squares_risks(dim: Tensor, n: Tensor, variance: Tensor) -> dict[str, Tensor]:
    r"""Return the expected risks of least squares with the right features.

    $$\mathbb E\,\hat R = \sigma^2\Bigl(1-\frac dn\Bigr), \qquad
    \mathbb E\,R = \sigma^2\Bigl(1+\frac{d}{n-d-1}\Bigr) \quad (n > d+1)$$

    Expectation over n examples with inputs $u\sim\mathcal N(0,I_d)$ and noise of variance
    $\sigma^2$; risk is mean squared error.

    Args:
        dim: Number of features d; may be a float tensor.
        n: Number of examples.
        variance: Variance $\sigma^2$ of the noise.

    Returns:
        `train` and `population`; the latter is infinite for $n \le d+1$, and the former 0 for
        $n \le d$.

    Reference: Hastie, Tibshirani, Friedman (2009), *The Elements of Statistical Learning*,
    chapter 7, for the first; the mean of an inverse Wishart matrix for the second.
    """
    train = variance * (1 - dim / n).clamp(min=0)
    room = n - dim - 1
    ratio = dim / torch.where(room > 0, room, torch.ones_like(room))
    infinite = torch.full_like(ratio, torch.inf)
    return {"train": train, "population": torch.where(room > 0, variance * (1 + ratio), infinite)}


def prefix_risks(dim: Tensor, n: Tensor, seen: Tensor, missed: Tensor) -> dict[str, Tensor]:
    r"""Return the expected risks of least squares on the first of many features.

    The target is $y = w^\top u + \varepsilon$ with inputs $u\sim\mathcal N(0,I_D)$. The model sees
    the first d of them, so the others act as noise. With $a=\sum_{i\le d}w_i^2$ and
    $s^2 = \sigma^2 + \sum_{i>d}w_i^2$,

    $$\mathbb E\,R = \begin{cases}
    s^2\Bigl(1+\dfrac{d}{n-d-1}\Bigr) & d \le n-2 \\[1ex]
    a\Bigl(1-\dfrac nd\Bigr) + s^2\Bigl(1+\dfrac{n}{d-n-1}\Bigr) & d \ge n+2
    \end{cases}$$

    and infinite between. From $d \ge n$ on, the solution of smallest norm has training risk 0.

    Args:
        dim: Number of features d that the model sees.
        n: Number of examples.
        seen: Squared norm a of the true weights on these.
        missed: Variance $s^2$ of everything else.

    Returns:
        `train` and `population`.

    Reference: Belkin, Hsu, Xu (2020), arXiv:1903.07571.
    """
    below = least_squares_risks(dim, n, missed)
    room = dim - n - 1
    spare = torch.where(room > 0, room, torch.ones_like(room))
    # The part of the weights that no example reveals, and noise fitted by those that do.
    above = seen * (1 - n / dim) + missed * (1 + n / spare)
    infinite = torch.full_like(above, torch.inf)
    population = torch.where(room > 0, above, infinite)
    return {
        "train": below["train"],
        "population": torch.where(n - dim - 1 > 0, below["population"], population),
    }
