r"""Early stopping and ridge regression as two filters of the same components.

With $X^\top X/n = \sum_i\lambda_i q_iq_i^\top$, both estimates are the least-squares solution with
its component along $q_i$ multiplied by a factor $\varphi(\lambda_i)$.
"""

import torch
from torch import Tensor


def flow_filter(lam: Tensor, time: Tensor) -> Tensor:
    r"""Return what gradient flow from 0 has reached at time t, $1-e^{-t\lambda}$."""
    return -torch.expm1(-time * lam)


def descent_filter(lam: Tensor, lr: Tensor, steps: Tensor) -> Tensor:
    r"""Return what gradient descent from 0 has reached after k steps, $1-(1-\eta\lambda)^k$."""
    return 1 - (1 - lr * lam) ** steps


def ridge_filter(lam: Tensor, penalty: Tensor) -> Tensor:
    r"""Return what ridge regression leaves of a component, $\lambda/(\lambda+\alpha)$."""
    return lam / (lam + penalty)


def shrinkage_risk(kept: Tensor, lam: Tensor, square: Tensor, variance: Tensor) -> Tensor:
    r"""Return the mean squared distance of a filtered estimate to the true weights.

    $$\mathbb E\,|\hat w-w|^2 = \sum_i (1-\varphi_i)^2 w_i^2
    + \frac{\sigma^2}{n}\sum_i\frac{\varphi_i^2}{\lambda_i}$$

    Args:
        kept: Factors $\varphi_i$, (*batch, d).
        lam: Eigenvalues of $X^\top X/n$, (d,), positive.
        square: Squared true components $w_i^2$, (d,).
        variance: $\sigma^2/n$, the variance of the noise over the number of examples.

    Returns:
        Risk, (*batch,).
    """
    return ((1 - kept).square() * square + variance * kept.square() / lam).sum(-1)


def worst_flow_over_ridge() -> tuple[float, float]:
    r"""Return the largest ratio of the two risks at $\alpha = 1/t$, and where it is reached.

    With $x = t\lambda$, the bias of the flow is never above ridge's, since
    $e^{-x} \le 1/(1+x)$, and its variance exceeds ridge's by at most

    $$\max_{x>0}\ \Bigl(\frac{1-e^{-x}}{x/(1+x)}\Bigr)^2 .$$

    Returns:
        The maximum, and the x that attains it.

    Reference: Ali, Kolter, Tibshirani (2019), arXiv:1810.10082.
    """
    x = torch.linspace(0.5, 5, 450_001, dtype=torch.float64)
    one = torch.ones((), dtype=torch.float64)
    ratio = (flow_filter(x, one) / ridge_filter(x, one)).square()
    peak = int(ratio.argmax())
    return float(ratio[peak]), float(x[peak])
