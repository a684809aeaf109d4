"""What a search for a learning rate is expected to find, from all rates tried once."""

import math

import torch
from torch import Tensor

from descent import validate


def expected_choice(tuned: Tensor, reported: Tensor, trials: int) -> Tensor:
    r"""Mean reported loss of the rate that a random search of so many trials chooses.

    Order the $M$ candidates by their tuning loss. A search that draws $n$ of them without
    replacement keeps the best drawn one, which is candidate $j = 1, \dots, M$ with probability

    $$P(j) = \binom{M-j}{n-1} \Big/ \binom{M}{n}.$$

    Args:
        tuned: Losses that choose, (candidates, *rest); one that is not finite comes last.
        reported: Losses of the same candidates on other seeds, (candidates, *rest).
        trials: $n$, from 1 to the number of candidates.

    Returns:
        Mean of `reported` at the choice, (*rest).

    Raises:
        ValueError: If `trials` is below 1 or above the number of candidates.
    """
    count = len(tuned)
    if validate.count("trials", trials) > count:
        raise ValueError(f"trials is {trials}; there are only {count} candidates")
    order = torch.where(torch.isfinite(tuned), tuned, torch.inf).argsort(0)
    chance = [math.comb(count - 1 - j, trials - 1) / math.comb(count, trials) for j in range(count)]
    weights = torch.tensor(chance, dtype=reported.dtype).reshape(-1, *(1,) * (tuned.ndim - 1))
    chosen = reported.gather(0, order)
    # A candidate that cannot be chosen must not spoil the mean by an infinite loss.
    return torch.where(weights > 0, weights * chosen, 0.0).sum(0)
