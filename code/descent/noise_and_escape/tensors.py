"""Clouds of particles as a torch program, for devices other than the CPU."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

if TYPE_CHECKING:
    from descent.noise_and_escape.particles import Walk


def follow(walk: Walk, start: Tensor, steps: int) -> Iterator[tuple[Tensor, ...]]:
    """Make the steps one by one.

    Args:
        walk: Law and constants.
        start: Particles, (particles, dim).
        steps: Number of steps.

    Yields:
        The coordinates after each step, one tensor (particles,) for each.
    """
    draw = torch.Generator(start.device).manual_seed(walk.seed)
    x = start.unbind(-1)
    for _ in range(steps):
        z = _noise(walk, x[0], draw)
        pushed = zip(x, walk.law.force(*x), walk.law.kick(*x, *z), strict=True)
        x = tuple(u - walk.lr * f + walk.scale * k for u, f, k in pushed)
        yield x


def averages(
    walk: Walk, start: Tensor, steps: int, watch: Callable[..., tuple], every: int
) -> Tensor:
    """Means over the cloud; see `descent.noise_and_escape.particles`."""
    rows = [_means(watch, start.unbind(-1))]
    for k, x in enumerate(follow(walk, start, steps), 1):
        if k % every == 0:
            rows.append(_means(watch, x))
    return torch.stack(rows)


def histogram(
    walk: Walk,
    start: Tensor,
    steps: int,
    low: float,
    width: float,
    bins: int,
    skip: int,
    every: int,
) -> Tensor:
    """Share of time in each bin; see `descent.noise_and_escape.particles`."""
    total = torch.zeros(bins + 2, dtype=torch.int64, device=start.device)
    for k, x in enumerate(follow(walk, start, steps)):
        if k >= skip and (k + 1) % every == 0:
            place = ((x[0] - low) / width).floor().long() + 1
            total += torch.bincount(place.clamp(0, bins + 1), minlength=bins + 2)
    return total / total.sum()


def exit_steps(walk: Walk, start: Tensor, limit: int, inside: Callable[..., Any]) -> Tensor:
    """Step of the first exit; see `descent.noise_and_escape.particles`."""
    when = torch.full((len(start),), torch.inf, dtype=torch.float64, device=start.device)
    for k, x in enumerate(follow(walk, start, limit), 1):
        when = torch.where(torch.isinf(when) & ~inside(*x), float(k), when)
        if k % 64 == 0 and not torch.isinf(when).any():
            break
    return when


def _means(watch: Callable[..., tuple], x: tuple[Tensor, ...]) -> Tensor:
    """Mean of each watched number over the particles."""
    return torch.stack([torch.as_tensor(v).double().mean() for v in watch(*x)])


def _noise(walk: Walk, like: Tensor, draw: torch.Generator) -> list[Tensor]:
    """Normal numbers, or means of draws from the table."""
    if walk.table is None:
        shape, device = like.shape, like.device
        return [
            torch.randn(shape, dtype=like.dtype, device=device, generator=draw)
            for _ in range(walk.law.dim)
        ]
    table = torch.tensor(walk.table, dtype=like.dtype, device=like.device)
    drawn = (walk.batch, *like.shape)
    picked = torch.randint(len(table), drawn, device=like.device, generator=draw)
    return [table[picked].mean(0)]
