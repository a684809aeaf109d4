r"""Clouds of particles: many independent random walks at once, of which only statistics are kept.

Three questions can be asked of a cloud: what it looks like on average (`averages`), where it spends
its time (`histogram`), and when each particle first leaves a region (`exit_steps`). On the CPU the
loops are compiled and run on `torch.get_num_threads()` threads; the result depends on the seed and
not on the number of threads. Particles on another device stay there, as a torch program.
"""

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from descent import validate
from descent.noise_and_escape import tensors
from descent.noise_and_escape.laws import Law

# Particles that make all their steps together: as many as fit into the fastest cache.
BLOCK = 512


@dataclass(frozen=True)
class Walk:
    r"""A law with its constants.

    $$x_{k+1} = x_k - \eta\,F(x_k) + a\,K(x_k, \zeta_k)$$

    Args:
        law: Force and kick.
        lr: Learning rate $\eta$, or time step.
        scale: Factor $a$ of the kick; see `amplitude`.
        seed: Seed of all random numbers.
        table: Numbers that $\zeta$ is drawn from, uniformly and with replacement; None for
            standard normal numbers. One coordinate only.
        batch: How many draws of the table are averaged.

    Raises:
        ValueError: If a constant is out of range, or a table is given for a law of the plane.
    """

    law: Law
    lr: float
    scale: float
    seed: int = 0
    table: tuple[float, ...] | None = None
    batch: int = 1

    def __post_init__(self) -> None:
        validate.positive("lr", self.lr)
        validate.at_least("scale", self.scale, 0)
        validate.count("seed", self.seed, low=0)
        validate.count("batch", self.batch)
        if self.table is not None and self.law.dim != 1:
            raise ValueError("table is given; the law must have dim 1")

    @property
    def draws(self) -> tuple[np.ndarray, int]:
        """The table and the batch size as the loops take them; 0 stands for normal numbers."""
        if self.table is None:
            return np.zeros(1, np.float32), 0
        return np.asarray(self.table, np.float32), self.batch


def averages(
    walk: Walk, start: Tensor, steps: int, watch: Callable[..., tuple], every: int = 1
) -> Tensor:
    r"""Means over the cloud of some numbers, every few steps.

    Args:
        walk: Law and constants.
        start: Where the particles begin, (particles, dim), float64.
        steps: Number of steps, a multiple of `every`.
        watch: Maps the coordinates to a tuple of floating-point numbers, in plain arithmetic.
        every: Distance between two measurements.

    Returns:
        Means, (steps // every + 1, numbers), float64.

    Raises:
        ValueError: If `every` does not divide `steps`, or the start does not fit the law.
    """
    _check(walk, start, steps)
    if steps % validate.count("every", every):
        raise ValueError(f"steps is {steps}; it must be a multiple of every, which is {every}")
    if start.device.type != "cpu":
        return tensors.averages(walk, start, steps, watch, every)
    from descent.noise_and_escape import observers

    width = len(watch(*start[0].tolist()))
    loop = observers.averager(walk.law, watch, width)
    rows = [np.zeros((steps // every + 1, width)) for _ in _blocks(start)]
    _run(walk, start, lambda args, i, n: loop(*args, steps, every, rows[i]))
    # Summed in the order of the blocks, so that threads cannot change the last digit.
    return torch.from_numpy(np.sum(rows, axis=0) / len(start))


def histogram(
    walk: Walk,
    start: Tensor,
    steps: int,
    span: tuple[float, float],
    bins: int,
    skip: int = 0,
    every: int = 1,
) -> Tensor:
    """Share of time that the first coordinate spends in each of several bins.

    Args:
        walk: Law and constants.
        start: Where the particles begin, (particles, dim), float64.
        steps: Number of steps.
        span: Lower end of the first bin and upper end of the last.
        bins: Number of bins of equal width.
        skip: Steps at the beginning that do not count.
        every: Distance between two steps that count.

    Returns:
        Shares, (bins + 2,), which add up to 1; the first and the last lie outside of the range.

    Raises:
        ValueError: If no steps are left to count, or the range is empty.
    """
    _check(walk, start, steps)
    if not 0 <= skip <= steps - validate.count("every", every):
        raise ValueError(f"skip is {skip}; steps {skip} to {steps} hold none that counts")
    low, high = span
    if not low < high:
        raise ValueError(f"span is {span}; its ends must increase")
    width = (high - low) / validate.count("bins", bins)
    if start.device.type != "cpu":
        return tensors.histogram(walk, start, steps, low, width, bins, skip, every)
    from descent.noise_and_escape import observers

    loop = observers.counter(walk.law)
    rows = [np.zeros(bins + 2, np.int64) for _ in _blocks(start)]
    _run(walk, start, lambda args, i, n: loop(*args, steps, skip, every, low, width, rows[i]))
    total = torch.from_numpy(np.sum(rows, axis=0))
    return total / total.sum()


def exit_steps(walk: Walk, start: Tensor, limit: int, inside: Callable[..., bool]) -> Tensor:
    """Step at which each particle is first found outside of a region.

    Args:
        walk: Law and constants.
        start: Where the particles begin, (particles, dim), float64, inside of the region.
        limit: Largest number of steps.
        inside: Maps the coordinates to whether they lie in the region, in plain arithmetic.

    Returns:
        Steps, (particles,), float64; infinite for a particle that has not left by then.
    """
    _check(walk, start, limit)
    if start.device.type != "cpu":
        return tensors.exit_steps(walk, start, limit, inside)
    from descent.noise_and_escape import observers

    loop = observers.leaver(walk.law, inside)
    rows = [np.zeros(n, np.int64) for _, n in _blocks(start)]
    _run(walk, start, lambda args, i, n: loop(*args, limit, rows[i]))
    steps = torch.from_numpy(np.concatenate(rows)).double()
    return torch.where(steps > 0, steps, torch.inf)


def _blocks(start: Tensor) -> Iterator[tuple[int, int]]:
    """First particle and number of particles of each block."""
    for first in range(0, len(start), BLOCK):
        yield first, min(BLOCK, len(start) - first)


def _run(walk: Walk, start: Tensor, work: Callable) -> None:
    """Give each block to a thread; the loops release Python's lock."""
    table, batch = walk.draws
    cloud = np.ascontiguousarray(start.detach().numpy().T, dtype=np.float64)

    def block(i: int, first: int, n: int) -> None:
        x = cloud[:, first : first + n].copy()
        z = np.zeros((walk.law.dim, BLOCK + 2), np.float32)
        h = np.zeros((4, BLOCK + 2), np.uint32)
        args = (x, z, n, h, float(walk.lr), float(walk.scale), table, batch, walk.seed, i)
        work(args, i, n)

    blocks = [(i, *pair) for i, pair in enumerate(_blocks(start))]
    block(*blocks[0])  # Compiles; the threads then find it done.
    with ThreadPoolExecutor(min(torch.get_num_threads(), os.cpu_count() or 1)) as pool:
        for done in [pool.submit(block, *b) for b in blocks[1:]]:
            done.result()


def _check(walk: Walk, start: Tensor, steps: int) -> None:
    """Require particles that fit the law."""
    validate.point("start", start)
    validate.count("steps", steps)
    if start.ndim != 2 or start.shape[-1] != walk.law.dim:
        raise ValueError(
            f"start has shape {tuple(start.shape)}; it must be (particles, {walk.law.dim})"
        )
