"""Which examples each seed sees."""

from collections.abc import Sequence

import torch
from torch import Tensor

from descent.oracles import seeded


def shuffled(size: int, seeds: Sequence[int], epoch: int) -> Tensor:
    """Return a new order of all examples for each seed, (seeds, size)."""
    return torch.stack([torch.randperm(size, generator=seeded(seed, epoch)) for seed in seeds])


def drawn(size: int, batch: int, generators: Sequence[torch.Generator]) -> Tensor:
    """Return a batch for each generator, with replacement, (generators, batch)."""
    return torch.stack([torch.randint(size, (batch,), generator=g) for g in generators])
