"""Training, validation and population risk of networks on labels of a known law."""

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from descent.core import run
from descent.cost_functions import LogisticTeacher
from descent.data import Examples
from descent.experiments import experiment, watched
from descent.experiments.cost_functions.ensembles import Drawn
from descent.networks import MLP, Empirical
from descent.optimizers import SGD

Arrays = dict[str, np.ndarray]

SIZES = (60, 200, 700, 2500)
FLIPS = (0.0, 0.1, 0.2, 0.3)
SEEDS = tuple(range(6))
NETWORK = MLP((10, 32, 2), "tanh")


@experiment
def three_risks(
    sizes: Sequence[int] = SIZES,
    flips: Sequence[float] = FLIPS,
    seeds: Sequence[int] = SEEDS,
    steps: int = 1600,
    every: int = 20,
    lr: float = 0.1,
    batch: int = 20,
    fresh: int = 1200,
) -> Arrays:
    r"""Train small networks by plain SGD and watch three risks and the error rate.

    A fifth of the labeled examples is set aside for validation. The population risk is the mean
    over fresh inputs of the exact expectation over labels.

    Args:
        sizes: Numbers of labeled examples.
        flips: Probabilities with which a label is flipped; all three risks include the flips.
        seeds: Each fixes a data set and initial weights.
        steps: Budget of SGD.
        every: Steps between evaluations.
        lr: Learning rate $\eta$.
        batch: Batch size, drawn with replacement.
        fresh: Number of fresh inputs, spread evenly over the quantiles of what decides the label.

    Returns:
        At steps 0, every, ..., (sizes, flips, seeds, kept): `train`, `validation`, `population`
        mean cross-entropy, and `error`, the population's error rate; and `bayes`, `bayes_error`
        (flips,), below which no classifier can go.
    """
    teachers = [LogisticTeacher(NETWORK.sizes[0], flip=flip) for flip in flips]
    shape = (len(sizes), len(flips), len(seeds))
    objective = _examples(teachers, sizes, seeds)
    x0 = NETWORK.init(list(seeds)).repeat(len(sizes) * len(flips), 1)
    counts = torch.tensor(sizes).repeat_interleave(len(flips) * len(seeds))
    population = _population(teachers, fresh, shape)
    probes = {
        "train": lambda f, x: _by_size(f, x, sizes, 0, 4),
        "validation": lambda f, x: _by_size(f, x, sizes, 4, 5),
        "population": lambda f, x: population(x),
        "error": lambda f, x: _error(population, x),
    }
    oracle = watched(Drawn(batch, counts * 4 // 5), steps, "three risks")
    t = run(objective, SGD(lr), x0, steps, oracle=oracle, keep=every, watch=False, probes=probes)
    found = {k: v.movedim(0, -1).unflatten(0, shape).numpy() for k, v in t.probes.items()}
    bayes = np.array([teacher.bayes_risk for teacher in teachers])
    return {
        **found,
        "step": t.step.numpy(),
        "bayes": bayes,
        "bayes_error": np.array([teacher.bayes_error for teacher in teachers]),
    }


def _examples(
    teachers: Sequence[LogisticTeacher], sizes: Sequence[int], seeds: Sequence[int]
) -> Empirical:
    """Give every network room for the largest size; the smaller sets begin the larger ones."""
    drawn = [teacher.draw(max(sizes), 100 + seed) for teacher in teachers for seed in seeds]
    inputs, labels = (
        torch.stack(part).repeat(len(sizes), 1, 1) for part in zip(*drawn, strict=True)
    )
    return Empirical(NETWORK, Examples(inputs, labels))


def _population(
    teachers: Sequence[LogisticTeacher], fresh: int, shape: tuple[int, int, int]
) -> Empirical:
    """Return the true risk of every network: exact over labels, sampled over inputs."""
    inputs = teachers[0].stratified(fresh, seed=10_000)
    targets = torch.stack([teacher.posterior(inputs) for teacher in teachers])
    return Empirical(NETWORK, Examples(inputs, _spread(targets, shape)))


def _spread(values: Tensor, shape: tuple[int, int, int]) -> Tensor:
    """Repeat one row for each flip over sizes and seeds."""
    sizes, flips, seeds = shape
    return values[None, :, None].expand(sizes, flips, seeds, *values.shape[1:]).flatten(0, 2)


def _by_size(f: Empirical, x: Tensor, sizes: Sequence[int], low: int, high: int) -> Tensor:
    """Evaluate on the part from low to high fifths of each network's own examples."""
    parts = []
    pairs = zip(sizes, torch.arange(len(x)).chunk(len(sizes)), strict=True)
    for n, which in pairs:
        index = slice(n * low // 5, n * high // 5)
        own = Examples(f.inputs[which, index], f.targets[which, index])
        parts.append(Empirical(f.network, own)(x[which]))
    return torch.cat(parts)


def _error(population: Empirical, x: Tensor) -> Tensor:
    """Return the probability of a wrong label, (batch,)."""
    chosen = population.network(x, population.inputs).argmax(-1, keepdim=True)
    return 1 - population.targets.gather(-1, chosen)[..., 0].mean(-1)
