"""Schedules of the learning rate, and of the batch size, on a network."""

from collections.abc import Sequence

import numpy as np
import torch

from descent.data import digits
from descent.experiments.cache import experiment, progress
from descent.experiments.mini_batching.draws import shuffled
from descent.mini_batching.schedules import SCHEDULES, Schedule, cosine, stairs, warmed
from descent.networks import MLP, Empirical

Arrays = dict[str, np.ndarray]

RATES = (0.1, 0.2, 0.4, 0.8, 1.6)
SEEDS = (0, 1, 2)
GROWTH = 4
SHARES = (0.0, 0.05, 0.2)


@experiment
def schedules(
    rates: Sequence[float] = RATES,
    seeds: Sequence[int] = SEEDS,
    epochs: int = 16,
    batch: int = 16,
    size: int = 1024,
) -> Arrays:
    """Train a small network on digits, a fifth of them mislabeled, by each of `SCHEDULES`.

    Args:
        rates: First learning rates.
        seeds: Each fixes weights and order.
        epochs: Budget, a multiple of 4.
        batch: Batch size.
        size: Number of digits, a multiple of 16 batches.

    Returns:
        `train` and `test` loss (schedules, rates, seeds, epochs + 1). Two more runs, with (rates,
        seeds, epochs + 1) losses each: `lower`, whose rate falls fourfold at one half and at three
        quarters of the examples, and `grown`, whose batch grows fourfold there instead.
    """
    f = _objective(size)
    out = _train(f, list(SCHEDULES.values()), rates, seeds, epochs, batch)
    for name, grows in (("lower", False), ("grown", True)):
        out[name] = _fourfold(f, rates, seeds, epochs, batch, grows)
    return out


@experiment
def warmups(
    shares: Sequence[float] = SHARES,
    rates: Sequence[float] = (0.8, 1.6),
    seeds: Sequence[int] = SEEDS,
    epochs: int = 16,
    batch: int = 16,
    size: int = 1024,
) -> Arrays:
    """Begin the half wave of `schedules` with a straight way up from 0.

    Args:
        shares: Parts of the run that the way up takes, 0 for none.
        rates: Largest learning rates.
        seeds: Each fixes weights and order.
        epochs: Budget.
        batch: Batch size.
        size: Number of digits.

    Returns:
        `train` and `test` loss (shares, rates, seeds, epochs + 1).
    """
    rules = [warmed(cosine, share) for share in shares]
    return _train(_objective(size), rules, rates, seeds, epochs, batch)


def _objective(size: int) -> Empirical:
    return Empirical(MLP((64, 32, 10)), digits(size, 700, seed=0, label_noise=0.2))


def _train(
    f: Empirical,
    rules: Sequence[Schedule],
    rates: Sequence[float],
    seeds: Sequence[int],
    epochs: int,
    batch: int,
) -> Arrays:
    """Training and test loss after each epoch, (rules, rates, seeds, epochs + 1)."""
    shape = (len(rules), len(rates), len(seeds))
    x = f.network.init(list(seeds)).expand(*shape, -1).clone()
    train, test, steps = [f(x)], [f.test(x)], epochs * f.size // batch
    for epoch in progress(range(epochs), "schedules"):
        for k, part in enumerate(shuffled(f.size, seeds, epoch).split(batch, -1)):
            done = torch.tensor((epoch * (f.size // batch) + k) / (steps - 1))
            factor = torch.stack([rule(done) for rule in rules])
            lr = factor[:, None, None, None] * torch.tensor(rates)[:, None, None]
            x = x - lr * f.on(part.expand(*shape, -1)).grad(x)
        train.append(f(x))
        test.append(f.test(x))
    return {"train": torch.stack(train, -1).numpy(), "test": torch.stack(test, -1).numpy()}


def _fourfold(
    f: Empirical,
    rates: Sequence[float],
    seeds: Sequence[int],
    epochs: int,
    batch: int,
    grows: bool,
) -> np.ndarray:
    """Training loss with a rate that falls, or a batch that grows, at the same examples."""
    x = f.network.init(list(seeds)).expand(len(rates), -1, -1).clone()
    loss = [f(x)]
    for epoch in range(epochs):
        factor = float(stairs(torch.tensor(epoch / epochs), 1 / GROWTH))
        size = round(batch / factor) if grows else batch
        lr = torch.tensor(rates)[:, None, None] * (1.0 if grows else factor)
        for part in shuffled(f.size, seeds, epoch).split(size, -1):
            x = x - lr * f.on(part.expand(len(rates), -1, -1)).grad(x)
        loss.append(f(x))
    return torch.stack(loss, -1).numpy()
