r"""What a product of matrices does while its factors descend.

With balanced factors, $W_{j+1}^\top W_{j+1}=W_jW_j^\top$, the flow of the factors is a flow of
their product alone, and each of its singular values has an equation of its own.
"""

import torch
from torch import Tensor

from descent import validate


def balanced_start(
    size: int, depth: int, scale: float, dtype: torch.dtype = torch.float64
) -> Tensor:
    r"""Return equal multiples of the identity, whose product is $s\,I$, (depth, size, size).

    Args:
        size: Rows and columns.
        depth: Number of factors N.
        scale: $s$, positive.
        dtype: Floating-point type.

    Returns:
        The factors $s^{1/N}I$.

    Raises:
        ValueError: If an argument is out of range.
    """
    validate.positive("scale", scale)
    factor = scale ** (1 / validate.count("depth", depth)) * torch.eye(size, dtype=dtype)
    return factor.expand(depth, size, size).clone()


def imbalance(factors: Tensor) -> Tensor:
    r"""Return the largest $\|W_{j+1}^\top W_{j+1}-W_jW_j^\top\|_F$, which gradient flow conserves.

    Args:
        factors: Stack $W_1,\dots,W_N$, (*batch, N, n, n) with N at least 2.

    Returns:
        (*batch,).
    """
    lower, upper = factors[..., :-1, :, :], factors[..., 1:, :, :]
    gap = upper.mT @ upper - lower @ lower.mT
    return torch.linalg.matrix_norm(gap).amax(-1)


def end_to_end(product: Tensor, grad: Tensor, depth: int) -> Tensor:
    r"""Return the velocity of the product of balanced factors.

    $$\dot W = -\sum_{j=1}^N (WW^\top)^{\frac{j-1}N}\,\nabla L(W)\,(W^\top W)^{\frac{N-j}N}$$

    Args:
        product: W, (*batch, n, n).
        grad: $\nabla L(W)$, (*batch, n, n).
        depth: N.

    Returns:
        $\dot W$, (*batch, n, n).

    Reference: Arora, Cohen, Hazan (2018), theorem 1.
    """
    validate.count("depth", depth)
    u, s, vh = torch.linalg.svd(product)
    inner = u.mT @ grad @ vh.mT
    power = torch.stack([s ** (2 * j / depth) for j in range(depth)], -1)
    # Entry (a, b) is multiplied by the sum over j of s_a^(2(j-1)/N) s_b^(2(N-j)/N).
    weight = power @ power.flip(-1).mT
    return -u @ (weight * inner) @ vh


def singular_rates(product: Tensor, grad: Tensor, depth: int) -> Tensor:
    r"""Return how fast each singular value of the product moves.

    $$\dot\sigma_r = -N\,\sigma_r^{2-2/N}\;u_r^\top\nabla L(W)\,v_r$$

    Args:
        product: W, (*batch, n, n), with distinct singular values.
        grad: $\nabla L(W)$, (*batch, n, n).
        depth: N.

    Returns:
        (*batch, n), for the singular values in falling order.

    Reference: Arora, Cohen, Hu, Luo (2019), theorem 3.
    """
    validate.count("depth", depth)
    u, s, vh = torch.linalg.svd(product)
    pull = torch.einsum("...ir,...ij,...rj->...r", u, grad, vh)
    return -depth * s ** (2 - 2 / depth) * pull


def mode_speed(sigma: Tensor, target: Tensor | float, depth: Tensor | float) -> Tensor:
    r"""Return the speed of one singular value on its way to its target.

    $$\dot\sigma = N\,\sigma^{2-2/N}\,(s-\sigma)$$

    for $L=\tfrac12\|W-M\|_F^2$ with W and M sharing their singular vectors.

    Args:
        sigma: Singular value, positive.
        target: The one of M, $s$.
        depth: N, any real number from 1.

    Returns:
        Speeds, broadcast.
    """
    return depth * sigma ** (2 - 2 / depth) * (target - sigma)


def arrival_time(start: float, level: float, depth: float, target: float = 1.0) -> float:
    r"""Return when a singular value that starts small reaches a level.

    $$t = \int_{\sigma_0}^{\ell} \frac{d\sigma}{N\,\sigma^{2-2/N}\,(s-\sigma)}$$

    Args:
        start: $\sigma_0$, positive and below the level.
        level: $\ell$, below the target.
        depth: N.
        target: $s$.

    Returns:
        The time.

    Raises:
        ValueError: If the numbers are not in this order.

    Example:
        >>> round(arrival_time(0.5, 0.75, depth=1), 4)  # ln 2
        0.6931
    """
    from scipy.integrate import quad

    if not 0 < start < level < target:
        raise ValueError(f"start, level, target are {start}, {level}, {target}; they must increase")
    # In ln(sigma) the integrand is tame at both ends.
    low, high = torch.log(torch.tensor([start, level], dtype=torch.float64)).tolist()

    def slowness(log: float) -> float:
        sigma = torch.tensor(log, dtype=torch.float64).exp()
        return float(sigma / mode_speed(sigma, target, depth))

    return quad(slowness, low, high, epsrel=1e-10, limit=200)[0]
