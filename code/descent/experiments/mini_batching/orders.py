"""The order of the examples, and how often they are seen."""

from collections.abc import Callable, Sequence

import numpy as np
import torch
from torch import Tensor

from descent.cost_functions import LogisticTeacher
from descent.data import Examples, digits
from descent.experiments.cache import experiment, progress
from descent.networks import MLP, Empirical, cross_entropy
from descent.oracles import seeded

Arrays = dict[str, np.ndarray]
Order = Callable[[Empirical, int, int], Tensor]

RATES = (0.05, 0.2, 0.5)
SEEDS = (0, 1, 2)


def _classes(f: Empirical, seed: int, epoch: int) -> Tensor:
    """All zeros first, then all ones, and so on: the same in every epoch."""
    return f.targets.argmax(-1).argsort(stable=True)


def _once(f: Empirical, seed: int, epoch: int) -> Tensor:
    """One shuffle, kept."""
    return torch.randperm(f.size, generator=seeded(seed, 0))


def _each(f: Empirical, seed: int, epoch: int) -> Tensor:
    """A new shuffle in every epoch."""
    return torch.randperm(f.size, generator=seeded(seed, epoch))


def _drawn(f: Empirical, seed: int, epoch: int) -> Tensor:
    """Every example drawn anew from all."""
    return torch.randint(f.size, (f.size,), generator=seeded(seed, epoch))


ORDERS: dict[str, Order] = {
    "sorted by class": _classes,
    "shuffled once": _once,
    "shuffled every epoch": _each,
    "drawn with replacement": _drawn,
}


@experiment
def orders(
    rates: Sequence[float] = RATES,
    seeds: Sequence[int] = SEEDS,
    epochs: int = 10,
    batch: int = 20,
    every: int = 10,
) -> Arrays:
    """Train on 1000 digits that come in four orders.

    Args:
        rates: Learning rates.
        seeds: Each fixes weights and orders.
        epochs: Budget.
        batch: Batch size.
        every: Steps between measurements.

    Returns:
        `test`, accuracy on 797 other digits, and `loss` on the 1000, (rates, orders, seeds,
        measurements), the first of them before training.
    """
    f = Empirical(MLP((64, 64, 10)), digits(1000, 797, seed=0))
    shape = (len(rates), len(ORDERS), len(seeds))
    x = f.network.init(list(seeds)).expand(*shape, -1).clone()
    lr = torch.tensor(rates)[:, None, None, None]
    test, loss, step = [f.test.accuracy(x)], [f(x)], 0
    for epoch in progress(range(epochs), "orders"):
        rows = [[order(f, seed, epoch) for seed in seeds] for order in ORDERS.values()]
        index = torch.stack([torch.stack(row) for row in rows])
        for part in index.split(batch, -1):
            x = x - lr * f.on(part.expand(len(rates), -1, -1, -1)).grad(x)
            step += 1
            if step % every == 0:
                test.append(f.test.accuracy(x))
                loss.append(f(x))
    return {"test": torch.stack(test, -1).numpy(), "loss": torch.stack(loss, -1).numpy()}


@experiment
def passes(
    seeds: Sequence[int] = SEEDS,
    size: int = 200,
    epochs: int = 60,
    batch: int = 10,
    lr: float = 0.2,
    population: int = 4_000,
) -> Arrays:
    r"""Train on 200 examples again and again, and beside it on examples that are always new.

    The examples follow a known law, so the gradient of the true risk is known. With $\hat g$ the
    gradient on all examples of the coming epoch and $g$ that of the true risk, both at the present
    weights, the relative bias is $\inner{\hat g-g}{g}/\norm{g}^2$.

    Args:
        seeds: Each fixes examples, weights and order.
        size: Examples of an epoch.
        epochs: Number of epochs.
        batch: Batch size.
        lr: Learning rate.
        population: Examples with known label probabilities that stand for the law.

    Returns:
        `bias` before each epoch, and `train` and `true`, the two risks after 0, 1, ... epochs,
        (2, seeds, epochs) and (2, seeds, epochs + 1); first the run that repeats its examples.
    """
    teacher, network = LogisticTeacher(dim=20), MLP((20, 100, 2))
    inputs = teacher.inputs(population, seed=10**6)
    law = Empirical(network, Examples(inputs, teacher.posterior(inputs)), cross_entropy)
    runs = [
        [_pass(law, teacher, seed, fresh, size, epochs, batch, lr) for seed in progress(seeds)]
        for fresh in (False, True)
    ]
    parts = zip(*(zip(*row, strict=True) for row in runs), strict=True)
    return dict(zip(("bias", "train", "true"), (np.array(p) for p in parts), strict=True))


def _pass(
    law: Empirical,
    teacher: LogisticTeacher,
    seed: int,
    fresh: bool,
    size: int,
    epochs: int,
    batch: int,
    lr: float,
) -> tuple[list[float], list[float], list[float]]:
    """Relative bias, training risk and true risk of one run."""
    x, bias, train, true = law.network.init(seed), [], [], []
    for epoch in range(epochs):
        examples = Examples(*teacher.draw(size, seed + 1000 * epoch * fresh))
        f = Empirical(law.network, examples, cross_entropy)
        value, g = law.value_and_grad(x)
        own, ours = f.value_and_grad(x)
        train.append(float(own))
        true.append(float(value))
        bias.append(float((ours - g) @ g / g.square().sum()))
        for part in torch.randperm(size, generator=seeded(seed, epoch)).split(batch):
            x = x - lr * f.on(part).grad(x)
    return bias, [*train, float(f(x))], [*true, float(law(x))]
