r"""What one ReLU does to a pair of Gaussian variables: the arc-cosine functions.

$$\kappa_0(c) = 1 - \frac{\arccos c}{\pi}, \qquad
\kappa_1(c) = \frac{\sqrt{1-c^2} + c\,(\pi - \arccos c)}{\pi}$$
"""

import math

import torch
from torch import Tensor


def relu_duals(c: Tensor) -> tuple[Tensor, Tensor]:
    r"""Return the two moments of a ReLU under a pair of normal variables of correlation c.

    $$\kappa_0(c) = 2\,\E\,\sigma'(u)\sigma'(v), \qquad \kappa_1(c) = 2\,\E\,\sigma(u)\sigma(v),
    \qquad \Var u = \Var v = 1,\ \Cov(u, v) = c$$

    Args:
        c: Correlations of any shape; rounding may carry them slightly beyond ±1.

    Returns:
        $\kappa_0$ and $\kappa_1$, of the shape of `c`.

    >>> relu_duals(torch.tensor([0.0, 1.0]))
    (tensor([0.5000, 1.0000]), tensor([0.3183, 1.0000]))

    Reference: Cho and Saul (2009), *Kernel methods for deep learning*.
    """
    k0, k1 = torch.empty_like(c), torch.empty_like(c)
    duals_into(c.clone(), k0, k1)
    return k0, k1


def duals_into(c: Tensor, k0: Tensor, k1: Tensor) -> None:
    r"""Write $\kappa_0(c)$ and $\kappa_1(c)$ into buffers; `c` is used up.

    Args:
        c: Correlations. On return it holds $\sqrt{1-c^2}$.
        k0: Where $\kappa_0$ goes, shape of `c`.
        k1: Where $\kappa_1$ goes, shape of `c`.
    """
    one = torch.ones((), dtype=c.dtype, device=c.device)
    torch.acos(c.clamp_(-1, 1), out=k0)
    torch.add(one, k0, alpha=-1 / math.pi, out=k0)
    torch.mul(c, k0, out=k1)
    torch.addcmul(one, c, c, value=-1, out=c).sqrt_()
    k1.add_(c, alpha=1 / math.pi)
