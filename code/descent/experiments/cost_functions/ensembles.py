"""Networks that train together, each on examples of its own."""

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from descent.data import Examples
from descent.networks import Empirical
from descent.oracles import seeded


def rows(values: Tensor, index: Tensor) -> Tensor:
    """Pick examples of every network.

    Args:
        values: (*batch, N, k) with one batch axis, or (N, k) shared by all networks.
        index: Example numbers, (B,) shared or (batch, B).

    Returns:
        (batch, B, k), or (B, k) where both are shared.
    """
    if values.ndim == 2:
        return values[index]
    if index.ndim == 1:
        return values[:, index]
    return values[torch.arange(len(values))[:, None], index]


def restrict(objective: Empirical, index: Tensor) -> Empirical:
    """Return the objective on a subset of each network's examples, as `rows` picks them."""
    inputs, targets = rows(objective.inputs, index), rows(objective.targets, index)
    return Empirical(objective.network, Examples(inputs, targets), objective.loss)


@dataclass(frozen=True)
class Drawn:
    """Oracle of mini-batches with replacement, for networks whose training sets differ in size.

    Args:
        batch: Batch size.
        sizes: Number of training examples of each network, (batch,): its first ones are used.
        seed: Seed of the draws.
        decay: Weight decay of each network, (batch,), added to the gradient times the weights.
        blur: Standard deviation of fresh noise on the inputs of each network, (batch,).
    """

    batch: int
    sizes: Tensor
    seed: int = 0
    decay: Tensor | None = None
    blur: Tensor | None = None

    def __call__(self, objective: Any, x: Tensor, step: int) -> Tensor:
        """Return the gradient on the batch that belongs to this step."""
        generator = seeded(self.seed, step)
        place = torch.rand(self.batch, generator=generator)
        part = restrict(objective, (place * self.sizes[:, None]).long())
        if self.blur is not None:
            noise = torch.randn(part.inputs.shape, generator=generator)
            noisy = part.inputs + self.blur[:, None, None] * noise
            part = Empirical(part.network, Examples(noisy, part.targets), part.loss)
        g = part.grad(x)
        return g if self.decay is None else g + self.decay[:, None] * x
