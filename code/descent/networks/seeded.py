"""What the training of a network draws at random, as functions of a seed."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from descent import validate
from descent.networks.mlp import MLP
from descent.oracles import gradient
from descent.trace.noise import Number, uniform

# Counters below this belong to the weights, so that batches never repeat their numbers.
_FIRST_BATCH = 2**20


def seeded_weights(network: MLP, seed: Number) -> Tensor:
    r"""Draw weights and biases uniform in $\pm 1/\sqrt m$ for m inputs, as `torch.nn.Linear` does.

    Args:
        network: The architecture.
        seed: Whole number in [-2^31, 2^31).

    Returns:
        Parameters, shape (P,), float64.

    >>> seeded_weights(MLP((4, 2)), 0.0).abs().max() <= 0.5
    tensor(True)
    """
    pairs = zip(network.sizes, network.sizes[1:], strict=False)
    bounds = [torch.full(((m + 1) * n,), 1 / math.sqrt(m)) for m, n in pairs]
    drawn = uniform(seed, torch.arange(network.dim))
    return (2.0 * drawn - 1.0) * torch.cat(bounds).double()


@dataclass(frozen=True)
class seeded_minibatch:
    r"""Gradient on a batch drawn with replacement, a function of seed and step.

    $$\hat g = \frac1B \sum_{j<B} \nabla f_{i_j}(x), \qquad
    i_j = \lfloor N\,u(\text{seed},\, kB + j)\rfloor$$

    Like `descent.oracles.minibatch(replacement=True)`, but traceable: the same batches in torch, in
    a page and in compiled code.

    Args:
        size: Batch size B.
        seed: Whole number in [-2^31, 2^31).

    Raises:
        ValueError: If `size` < 1.
    """

    size: int
    seed: Number = 0.0

    def __post_init__(self) -> None:
        validate.count("size", self.size)

    def __call__(self, objective: Callable[[Tensor], Tensor], x: Tensor, step: Number) -> Tensor:
        """Return the gradient on the batch of this step."""
        if not (hasattr(objective, "on") and hasattr(objective, "size")):
            raise TypeError(
                f"objective is a {type(objective).__name__}; seeded_minibatch needs a finite sum "
                "with `size` and `on(index)`"
            )
        counter = _FIRST_BATCH + step * self.size + torch.arange(self.size)
        index = (uniform(self.seed, counter) * objective.size).long()
        return gradient(objective.on(index), x)
