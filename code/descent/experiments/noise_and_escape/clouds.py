"""Clouds of particles that stay together, spread, or leave."""

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from descent.experiments import experiment, progress
from descent.noise_and_escape import (
    BOWL_IN_PLANE,
    TWO_WELLS,
    Walk,
    absorbing,
    amplitude,
    averages,
    exit_steps,
    round_bowl,
)

Arrays = dict[str, np.ndarray]

RATES = (0.02, 0.01, 0.005, 0.0025, 0.00125)
STARTS = (0.1, -1.5)
STRENGTHS = (0.25, 0.2, 0.15, 0.125, 0.1)
BALLS = ((1.0, 1.0), (1.5, 0.5), (1.9, 0.1))
COLD = (0.36, 0.27, 0.21, 0.18, 0.15)


def cloud(at: Sequence[float], count: int) -> Tensor:
    """Particles that all begin at one place, (count, dim), float64."""
    return torch.tensor(at, dtype=torch.float64).expand(count, -1)


@experiment
def deviations(
    rates: Sequence[float] = RATES,
    starts: Sequence[float] = STARTS,
    horizon: float = 5.0,
    count: int = 20_000,
) -> Arrays:
    r"""Follow how far the diffusion strays from gradient descent in two wells.

    Args:
        rates: Learning rates, which are noise strengths too.
        starts: Where both begin.
        horizon: Time up to which they are compared.
        count: Particles.

    Returns:
        `square` (starts, rates, 101): mean squared distance at evenly spaced times.
    """
    out = np.zeros((len(starts), len(rates), 101))
    for i, start in enumerate(starts):
        for j, lr in enumerate(progress(rates, "deviations")):
            steps = round(horizon / lr)
            walk = Walk(TWO_WELLS, lr, amplitude(lr, lr), seed=i)
            mean, square = averages(
                walk, cloud([start], count), steps, _two_moments, steps // 50
            ).T.numpy()
            calm = Walk(TWO_WELLS, lr, 0.0)
            path, _ = averages(calm, cloud([start], 1), steps, _two_moments, steps // 50).T.numpy()
            rows = square - 2 * path * mean + path**2
            out[i, j] = np.interp(np.linspace(0, 1, 101), np.linspace(0, 1, len(rows)), rows)
    return {"square": out}


def _two_moments(x: float) -> tuple[float, float]:
    return x, x * x


@experiment
def escape_times(
    strengths: Sequence[float] = STRENGTHS,
    seeds: Sequence[int] = (0, 1, 2, 3),
    count: int = 1000,
    lr: float = 0.01,
) -> Arrays:
    """Measure mean times from the left well to the right one.

    Args:
        strengths: Noise strengths.
        seeds: Seeds of independent clouds.
        count: Particles of each cloud.
        lr: Time step.

    Returns:
        `time` (strengths, seeds).
    """
    out = np.zeros((len(strengths), len(seeds)))
    for i, eps in enumerate(progress(strengths, "escape times")):
        for j, seed in enumerate(seeds):
            walk = Walk(TWO_WELLS, lr, amplitude(eps, lr), seed)
            left = exit_steps(walk, cloud([-1.0], count), 10**8, _left_of_one)
            out[i, j] = float(left.mean()) * lr
    return {"time": out}


def _left_of_one(x: float) -> bool:
    return x < 1.0


@experiment
def absorption(
    strengths: Sequence[float] = (0.0, 1.5),
    steps: int = 10_000,
    count: int = 20_000,
    lr: float = 0.05,
) -> Arrays:
    r"""Follow the share of particles in a well that all examples agree on.

    Args:
        strengths: Factors c of $\sigma = c\\abs{x+1}$; 0 stands for noise 1 everywhere.
        steps: Number of steps, a multiple of 100.
        count: Particles, half of which begin in each well.
        lr: Learning rate, and factor of the kick.

    Returns:
        `left` (strengths, 101): share on the left; `near` (strengths,): share within 0.001 of -1
        at the end.
    """
    start = torch.tensor([[-0.9], [1.0]], dtype=torch.float64).repeat(count // 2, 1)
    rows = []
    for c in progress(strengths, "absorption"):
        law = absorbing(c) if c else TWO_WELLS
        rows.append(averages(Walk(law, lr, lr), start, steps, _left_and_near, steps // 100))
    left, near = torch.stack(rows).unbind(-1)
    return {"left": left.numpy(), "near": near[:, -1].numpy()}


def _left_and_near(x: float) -> tuple[float, float]:
    return 1.0 * (x < 0.0), 1.0 * (abs(x + 1.0) < 1e-3)


@experiment
def bowl_clouds(
    eps: float = 0.1, lr: float = 0.005, steps: int = 4000, count: int = 20_000
) -> Arrays:
    """Measure the shape of the cloud around the minimum of a tilted bowl.

    Args:
        eps: Noise strength.
        lr: Time step.
        steps: Number of steps; the last tenth is averaged over.
        count: Particles.

    Returns:
        `covariance` (2, 2).
    """
    walk = Walk(BOWL_IN_PLANE, lr, amplitude(eps, lr))
    rows = averages(walk, cloud([0.0, 0.0], count), steps, _second_moments, 10)
    xx, xy, yy = rows[-len(rows) // 10 :].mean(0)
    return {"covariance": np.array([[xx, xy], [xy, yy]])}


def _second_moments(x: float, y: float) -> tuple[float, float, float]:
    return x * x, x * y, y * y


@experiment
def exits_from_a_ball(
    variances: Sequence[Sequence[float]] = BALLS,
    strengths: Sequence[float] = COLD,
    count: int = 1000,
    lr: float = 0.002,
) -> Arrays:
    """Measure mean times to leave the unit ball of a round bowl.

    Args:
        variances: Noise variances along the two axes.
        strengths: Noise strengths.
        count: Particles.
        lr: Time step.

    Returns:
        `time` (variances, strengths).
    """
    out = np.zeros((len(variances), len(strengths)))
    for i, pair in enumerate(variances):
        law = round_bowl(*pair)
        for j, eps in enumerate(progress(strengths, "exits from a ball")):
            walk = Walk(law, lr, amplitude(eps, lr))
            left = exit_steps(walk, cloud([0.0, 0.0], count), 10**7, _in_unit_ball)
            out[i, j] = float(left.mean()) * lr
    return {"time": out}


def _in_unit_ball(x: float, y: float) -> bool:
    return x * x + y * y < 1.0
