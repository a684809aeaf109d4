"""How many steps each batch size needs, and how the noise scale grows on the way."""

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from descent.data import digits
from descent.experiments.cache import experiment, progress
from descent.experiments.mini_batching.draws import drawn
from descent.mini_batching import example_gradients, gradient_noise
from descent.networks import MLP, Empirical
from descent.oracles import minibatch, seeded

Arrays = dict[str, np.ndarray]

NETWORK = MLP((64, 64, 10))
BATCHES = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512)
RATES = (0.05, 0.1, 0.2, 0.4, 0.8, 1.6, 3.2)
TARGETS = (1.0, 0.5, 0.25)
SEEDS = (0, 1, 2)
NOISE = (0.0, 0.2)
STEPS = (0, 5, 10, 20, 40, 80, 160, 320, 640, 1280)


@experiment
def steps_to_target(
    batches: Sequence[int] = BATCHES,
    rates: Sequence[float] = RATES,
    targets: Sequence[float] = TARGETS,
    seeds: Sequence[int] = SEEDS,
    size: int = 1000,
    most: int = 1200,
) -> Arrays:
    """Count the steps to a training loss, each batch size with the best of its learning rates.

    Args:
        batches: Batch sizes; examples are drawn with replacement.
        rates: Learning rates that every batch size may choose from.
        targets: Losses on all training examples, falling.
        seeds: Each fixes weights and batches.
        size: Number of training digits.
        most: Largest number of steps.

    Returns:
        `steps` (targets, batches, seeds) of the fastest rate, and `rate`, which it was; the loss
        is looked at every 2 to 3 % of the steps. A target that no rate reaches reads infinity.
    """
    f = Empirical(NETWORK, digits(size, 200, seed=0))
    found = [_race(f, b, rates, targets, seeds, most) for b in progress(batches, "batch sizes")]
    steps = np.stack([hit.min(1) for hit in found], 1)
    best = np.stack([np.asarray(rates)[hit.argmin(1)] for hit in found], 1)
    return {"steps": steps, "rate": best}


def _race(
    f: Empirical,
    batch: int,
    rates: Sequence[float],
    targets: Sequence[float],
    seeds: Sequence[int],
    most: int,
) -> np.ndarray:
    """Steps to each target, (targets, rates, seeds), until every seed has reached the last."""
    lr = torch.tensor(rates)[:, None, None]
    x = f.network.init(list(seeds)).expand(len(rates), -1, -1).clone()
    hit = np.full((len(targets), len(rates), len(seeds)), np.inf)
    generators = [seeded(seed, batch) for seed in seeds]
    for k in range(1, most + 1):
        index = drawn(f.size, batch, generators)
        x = x - lr * f.on(index.expand(len(rates), -1, -1)).grad(x)
        if k % max(1, k // 32) == 0:
            loss = f(x).numpy()
            for i, target in enumerate(targets):
                hit[i][(loss <= target) & np.isinf(hit[i])] = k
            if np.isfinite(hit[-1]).any(0).all():
                break
    return hit


@experiment
def noise_scales(
    noise: Sequence[float] = NOISE,
    seeds: Sequence[int] = SEEDS,
    at: Sequence[int] = STEPS,
    size: int = 1000,
    batch: int = 32,
    lr: float = 0.2,
) -> Arrays:
    """Follow signal and noise of one example's gradient through a run.

    Args:
        noise: Shares of wrong labels.
        seeds: Each fixes weights and batches.
        at: Steps of the measurements, the first of them 0.
        size: Number of training digits.
        batch: Batch size of the run.
        lr: Its learning rate.

    Returns:
        `square`, `trace` and `loss`, (noise, seeds, at).
    """
    rows = []
    for share in noise:
        f = Empirical(NETWORK, digits(size, 200, seed=0, label_noise=share))
        rows.append([_follow(f, seed, at, batch, lr) for seed in progress(seeds, f"{share:.0%}")])
    values = np.array(rows)  # (noise, seeds, at, 3)
    return dict(zip(("square", "trace", "loss"), np.moveaxis(values, -1, 0), strict=True))


def _follow(f: Empirical, seed: int, at: Sequence[int], batch: int, lr: float) -> list:
    """Signal, noise and loss at each of the steps."""

    def measure(x: Tensor) -> tuple[float, float, float]:
        found = gradient_noise(example_gradients(f, x))
        return found.square, found.trace, float(f(x))

    oracle, x, measured = minibatch(batch, seed, replacement=True), f.network.init(seed), []
    for step in range(max(at) + 1):
        if step in at:
            measured.append(measure(x))
        x = x - lr * oracle(f, x, step)
    return measured
