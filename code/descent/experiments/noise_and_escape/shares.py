"""How clouds share themselves out between minima."""

from collections.abc import Sequence

import numpy as np
import torch

from descent.experiments import experiment, progress
from descent.experiments.noise_and_escape.clouds import cloud
from descent.noise_and_escape import (
    TWO_WELLS,
    UNEQUAL_BATCHES,
    Walk,
    amplitude,
    averages,
    histogram,
    standard_scores,
    three,
    unequal,
)

Arrays = dict[str, np.ndarray]

RIGHTS = ((1.0, 1.0), (1.8, 0.2), (0.2, 1.8))
BATCHES = ((0.05, 1), (0.05, 2), (0.1, 2))


@experiment
def three_shares(
    height: float = 0.12,
    eps: float = 0.12,
    seeds: Sequence[int] = (0, 1, 2),
    time: float = 6000.0,
    count: int = 512,
    lr: float = 0.04,
) -> Arrays:
    """Follow the shares of three wells, from a start in the right one.

    Args:
        height: Factor in front of the slope.
        eps: Noise strength.
        seeds: Seeds of independent clouds.
        time: Duration.
        count: Particles.
        lr: Time step.

    Returns:
        `share` (seeds, 51, 3): left, middle, right at evenly spaced times.
    """
    steps = round(time / lr) // 50 * 50
    rows = [
        averages(
            Walk(three(height), lr, amplitude(eps, lr), seed),
            cloud([2.1], count),
            steps,
            _which_of_three,
            steps // 50,
        )
        for seed in progress(seeds, f"three wells, height {height}")
    ]
    return {"share": torch.stack(rows).numpy()}


def _which_of_three(x: float) -> tuple[float, float, float]:
    left, right = 1.0 * (x < -1.0), 1.0 * (x > 1.1)
    return left, 1.0 - left - right, right


@experiment
def two_minima(
    rights: Sequence[Sequence[float]] = RIGHTS,
    eps: float = 0.15,
    seeds: Sequence[int] = (0, 1, 2),
    time: float = 1000.0,
    count: int = 512,
    lr: float = 0.02,
) -> Arrays:
    """Measure the share of two equal minima whose noise differs; D = I on the left.

    Args:
        rights: Variances on the right, along the way out and across it.
        eps: Noise strength.
        seeds: Seeds of independent clouds.
        time: Duration; the second half counts.
        count: Particles, half of which begin in each well unless the right well holds them for
            longer than that, when all begin on the left.
        lr: Time step.

    Returns:
        `left` (rights, seeds).
    """
    steps = round(time / lr)
    out = np.zeros((len(rights), len(seeds)))
    for i, right in enumerate(progress(rights, "two minima")):
        held = right[0] < 0.5
        start = cloud([-1.0, 0.0], count).clone()
        start[::2, 0] = -1.0 if held else 1.0
        for j, seed in enumerate(seeds):
            walk = Walk(unequal((1.0, 1.0), (right[0], right[1])), lr, amplitude(eps, lr), seed)
            shares = histogram(walk, start, steps, (-3.0, 3.0), 60, steps // 2, 20)
            out[i, j] = float(shares[:31].sum())
    return {"left": out}


@experiment
def mini_batches(
    settings: Sequence[Sequence[float]] = BATCHES,
    seeds: Sequence[int] = (0, 1, 2),
    time: float = 4000.0,
    count: int = 1024,
) -> Arrays:
    """Measure shares for SGD on a data set, with real batches instead of Gaussian noise.

    Args:
        settings: Learning rates and batch sizes.
        seeds: Seeds of independent clouds.
        time: Steps times learning rate; the last three quarters count.
        count: Particles, half of which begin in each well.

    Returns:
        `left` (settings, seeds).
    """
    start = torch.tensor([[-1.0], [1.0]], dtype=torch.float64).repeat(count // 2, 1)
    scores = standard_scores(64)
    out = np.zeros((len(settings), len(seeds)))
    for i, (lr, batch) in enumerate(progress(settings, "mini-batches")):
        steps = round(time / lr)
        for j, seed in enumerate(seeds):
            walk = Walk(UNEQUAL_BATCHES, lr, lr, seed, scores, int(batch))
            shares = histogram(walk, start, steps, (-3.0, 3.0), 60, steps // 4, 20)
            out[i, j] = float(shares[:31].sum())
    return {"left": out}


@experiment
def big_cloud(particles: int = 100_000, steps: int = 10_000) -> Arrays:
    """A hundred thousand particles, ten thousand steps, one histogram.

    Args:
        particles: Particles, all of which begin on the left.
        steps: Number of steps; the second half counts, every tenth.

    Returns:
        `share` (60,): of the bins from -3 to 3.
    """
    walk = Walk(TWO_WELLS, 0.02, amplitude(0.25, 0.02))
    found = histogram(walk, cloud([-1.0], particles), steps, (-3.0, 3.0), 60, steps // 2, 10)
    return {"share": found[1:-1].numpy()}
