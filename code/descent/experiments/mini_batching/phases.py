"""Signal and noise of each layer's gradients, epoch by epoch."""

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from descent.data import digits
from descent.experiments.cache import experiment, progress
from descent.experiments.mini_batching.draws import shuffled
from descent.networks import MLP, Empirical

Arrays = dict[str, np.ndarray]

NETWORK = MLP((64, 64, 64, 10))
NOISE = (0.0, 0.2)
SEEDS = (0, 1, 2)


@experiment
def phases(
    noise: Sequence[float] = NOISE,
    seeds: Sequence[int] = SEEDS,
    size: int = 1200,
    batch: int = 32,
    epochs: int = 100,
    lr: float = 0.05,
) -> Arrays:
    r"""Measure, within each epoch, mean and spread of the mini-batch gradients of every layer.

    As Shwartz-Ziv and Tishby do: for the weights of a layer, $\norm{\text{mean}}$ and
    $\norm{\text{standard deviation}}$ of the gradients of one epoch.

    Args:
        noise: Shares of wrong labels.
        seeds: Each fixes weights and order.
        size: Number of digits; they are shuffled in every epoch.
        batch: Batch size.
        epochs: Number of epochs.
        lr: Learning rate.

    Returns:
        `mean` and `std` (noise, seeds, epochs, layers), `loss` (noise, seeds, epochs) at the end
        of each epoch, and `floor`, the signal-to-noise ratio of independent pure noise.
    """
    rows = [_share(share, seeds, size, batch, epochs, lr) for share in noise]
    out = {name: np.stack([row[name] for row in rows]) for name in ("mean", "std", "loss")}
    return {**out, "floor": np.array((size // batch) ** -0.5)}


def _share(
    share: float, seeds: Sequence[int], size: int, batch: int, epochs: int, lr: float
) -> Arrays:
    """One share of wrong labels, all seeds at once."""
    f = Empirical(NETWORK, digits(size, 200, seed=0, label_noise=share))
    x = NETWORK.init(list(seeds))
    means, stds, losses = [], [], []
    for epoch in progress(range(epochs), f"{share:.0%} wrong labels"):
        order = shuffled(size, seeds, epoch)
        total, squares, count = torch.zeros_like(x), torch.zeros_like(x), size // batch
        for part in order[:, : count * batch].split(batch, -1):
            g = f.on(part).grad(x)
            total += g
            squares += g.square()
            x = x - lr * g
        mean = total / count
        means.append(_layers(mean.square()))
        stds.append(_layers((squares / count - mean.square()).clamp(min=0)))
        losses.append(f(x))
    return {
        "mean": torch.stack(means, 1).numpy(),
        "std": torch.stack(stds, 1).numpy(),
        "loss": torch.stack(losses, 1).numpy(),
    }


def _layers(squares: Tensor) -> Tensor:
    """Root of the sum over the weights of each layer, (*batch, P) -> (*batch, layers)."""
    return torch.stack([w.sum((-2, -1)).sqrt() for w, _ in NETWORK.unflatten(squares)], -1)
