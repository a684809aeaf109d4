r"""Jumps between minima as a Markov chain, and its stationary law by trees."""

import math
from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from descent import validate


def kramers_rates(
    f: Callable[[Tensor], Tensor],
    bend: Callable[[Tensor], Tensor],
    minima: Sequence[float],
    tops: Sequence[float],
    eps: float,
) -> Tensor:
    r"""Rates of the jumps over single barriers on a line.

    $$q_{ij} = \frac{\sqrt{f''(x_i)\,\abs{f''(s)}}}{2\pi}\,e^{-2(f(s)-f(x_i))/\varepsilon}$$

    Args:
        f: Objective on the line, elementwise.
        bend: Its second derivative.
        minima: Minima from left to right.
        tops: The barriers between them, one fewer.
        eps: Noise strength $\varepsilon$, with $D=1$.

    Returns:
        Generator $Q$, (m, m): rates off the diagonal, rows that add up to 0.

    Raises:
        ValueError: If the numbers of minima and barriers do not fit.
    """
    validate.positive("eps", eps)
    if len(minima) != len(tops) + 1:
        raise ValueError(f"minima has {len(minima)} entries; it must have one more than tops")
    wells, saddles = (torch.tensor(v, dtype=torch.float64) for v in (minima, tops))
    rates = torch.zeros(len(wells), len(wells), dtype=torch.float64)
    for k in range(len(saddles)):
        for i, j in ((k, k + 1), (k + 1, k)):
            root = (bend(wells[i]) * bend(saddles[k]).abs()).sqrt()
            rates[i, j] = root / (2 * math.pi) * (-2 * (f(saddles[k]) - f(wells[i])) / eps).exp()
    return rates - torch.diag(rates.sum(-1))


def tree_law(generator: Tensor) -> Tensor:
    r"""Stationary law of a Markov chain by the matrix-tree theorem.

    $$\pi_i \propto \sum_{\text{trees into } i}\ \prod_{a\to b} q_{ab} = \det(-Q)_{\hat i\hat i}$$

    The sum runs over the trees whose edges all lead to $i$. For small noise one tree outweighs the
    others, the one with the least total barrier: that is the W-graph rule.

    Args:
        generator: $Q$, (m, m), rows that add up to 0, of an irreducible chain.

    Returns:
        $\pi$, (m,).

    Reference: Freidlin, Wentzell (2012), *Random Perturbations of Dynamical Systems*, chapter 6.
    """
    m = len(generator)
    rest = [[j for j in range(m) if j != i] for i in range(m)]
    weights = torch.stack([torch.linalg.det(-generator[r][:, r]) for r in rest])
    return weights / weights.sum()


def relaxation_time(generator: Tensor) -> float:
    r"""Time over which a chain forgets its start: $-1/\lambda_2$ of its generator.

    Args:
        generator: $Q$, (m, m).

    Returns:
        The time.
    """
    rates = torch.linalg.eigvals(generator).real.sort(descending=True).values
    return float(-1 / rates[1])
