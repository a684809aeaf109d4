"""How sharp the minima of small and of large batches are, and what that says."""

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from descent.curvature import sharpness
from descent.data import digits
from descent.experiments.cache import experiment, progress
from descent.experiments.mini_batching.draws import drawn
from descent.mini_batching.flatness import box_sharpness
from descent.networks import MLP, Empirical
from descent.oracles import seeded
from descent.saddles import rescale

Arrays = dict[str, np.ndarray]

NETWORK = MLP((64, 64, 32, 10), "relu")
SIZE = 400
# Batch size and learning rate of each recipe; 400 is the full batch.
RECIPES = ((16, 0.1), (SIZE, 0.1), (SIZE, 0.4))
NOISE = (0.0, 0.2)
SEEDS = (0, 1, 2)
SCALES = (1.0, 2.0, 4.0, 8.0)
GRID = tuple(round(-1 + 0.05 * i, 2) for i in range(61))


def _objective(share: float) -> Empirical:
    return Empirical(NETWORK, digits(SIZE, 1000, seed=0, label_noise=share))


@experiment
def minima(
    noise: Sequence[float] = NOISE,
    recipes: Sequence[Sequence[float]] = RECIPES,
    seeds: Sequence[int] = SEEDS,
    target: float = 0.02,
    most: int = 20_000,
) -> Arrays:
    """Train to one training loss by small and by large batches, and measure the minima.

    Args:
        noise: Shares of wrong labels.
        recipes: Pairs of batch size and learning rate; batches are drawn with replacement.
        seeds: Each fixes weights and batches.
        target: Training loss at which a run stops.
        most: Largest number of steps.

    Returns:
        `x` (noise, recipes, seeds, P), and of each: `steps`, `curvature` (largest eigenvalue of
        the Hessian), `box` (see `box_sharpness`), `gradient` (norm), `loss` and `test` accuracy.
    """
    rows = []
    for share in noise:
        f = _objective(share)
        for batch, lr in progress(recipes, f"{share:.0%} wrong labels"):
            x, steps = _descend(f, int(batch), lr, seeds, target, most)
            rows.append(
                {
                    "x": x,
                    "steps": steps,
                    "curvature": sharpness(f, x),
                    "box": box_sharpness(f, x),
                    "gradient": f.grad(x).norm(dim=-1),
                    "loss": f(x),
                    "test": f.test.accuracy(x),
                }
            )
    shape = (len(noise), len(recipes))
    return {k: torch.stack([r[k] for r in rows]).unflatten(0, shape).numpy() for k in rows[0]}


def _descend(
    f: Empirical, batch: int, lr: float, seeds: Sequence[int], target: float, most: int
) -> tuple[Tensor, Tensor]:
    """Descend from each seed until the loss, looked at every 25 steps, is at the target."""
    x = NETWORK.init(list(seeds))
    ends, steps = x.clone(), torch.full((len(seeds),), most)
    open_ = torch.ones(len(seeds), dtype=torch.bool)
    generators = [seeded(seed, batch) for seed in seeds]
    for k in range(1, most + 1):
        part = f if batch == f.size else f.on(drawn(f.size, batch, generators))
        x = x - lr * part.grad(x)
        if k % 25 == 0:
            there = open_ & (f(x) <= target)
            ends[there], steps[there] = x[there], k
            open_ = open_ & ~there
            if not open_.any():
                break
    ends[open_] = x[open_]
    return ends, steps


@experiment
def line(scales: Sequence[float] = SCALES, grid: Sequence[float] = GRID, seed: int = 0) -> Arrays:
    """Cut the loss along the line from the small-batch minimum to the large-batch one.

    Args:
        scales: Factors by which the first layer of the small-batch network is multiplied and its
            second divided: the same function at another place.
        grid: Places on the line: 0 at the small-batch minimum, 1 at the large-batch one.
        seed: Which of the runs with a fifth of wrong labels, by place.

    Returns:
        `train` and `test` loss (scales, grid), and `small` and `large` (scales,), the curvature
        at both ends.
    """
    f, ends = _objective(NOISE[1]), torch.from_numpy(minima()["x"][1, :2, seed])
    place = torch.tensor(grid)[:, None]
    train, test, small, large = [], [], [], []
    for c in scales:
        start = rescale(NETWORK, ends[0], 0, c)
        points = start + place * (ends[1] - start)
        train.append(f(points))
        test.append(f.test(points))
        both = sharpness(f, torch.stack([start, ends[1]]))
        small.append(both[0])
        large.append(both[1])
    found = {"train": train, "test": test, "small": small, "large": large}
    return {name: torch.stack(values).numpy() for name, values in found.items()}
