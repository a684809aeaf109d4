"""Digits with wrong labels: the gradient where training stops, and labels without meaning."""

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from descent.core import run
from descent.data import Dataset, Examples
from descent.data import digits as load
from descent.experiments import experiment, watched
from descent.experiments.cost_functions.ensembles import Drawn
from descent.networks import MLP, Empirical
from descent.optimizers import SGD, HeavyBall

Arrays = dict[str, np.ndarray]

NOISE = (0.0, 0.1, 0.2, 0.4)
FRACTIONS = (0.0, 0.5, 1.0)
# Weight decay, and standard deviation of fresh noise on the inputs.
REGULARIZERS = ((0.0, 0.0), (1e-3, 0.0), (1e-2, 0.0), (0.0, 0.5))
SEEDS = (0, 1, 2)


@experiment
def gradient_at_the_stop(
    noise: Sequence[float] = NOISE,
    seeds: Sequence[int] = SEEDS,
    sizes: Sequence[int] = (64, 64, 64, 10),
    epochs: int = 100,
    batch: int = 30,
    lr: float = 0.05,
) -> Arrays:
    r"""Train on 900 digits, some of them mislabeled, and watch 300 others, mislabeled alike.

    Args:
        noise: Fractions of wrong labels among these 1200.
        seeds: One network and one split for each.
        sizes: Layer widths.
        epochs: Budget; an epoch is 900 // batch steps.
        batch: Batch size, drawn with replacement.
        lr: Learning rate $\eta$ of plain SGD.

    Returns:
        After epochs 0, 1, ..., (noise, seeds, kept): `train`, `validation` mean cross-entropy,
        `validation_error`, `norm` of the full training gradient, and `test_error` on 597 digits
        with right labels.
    """
    sets = [load(1200, seed=s, standardize=True, label_noise=p) for p in noise for s in seeds]
    network = MLP(sizes, "relu")
    train, validation = (_stack(network, sets, part) for part in (slice(900), slice(900, None)))
    test = _stack(network, [d.test for d in sets], slice(None))
    x0 = network.init(list(seeds)).repeat(len(noise), 1)
    steps = 900 // batch
    t = run(
        train,
        SGD(lr),
        x0,
        epochs * steps,
        oracle=watched(Drawn(batch, torch.full((len(sets),), 900)), epochs * steps, "stopping"),
        keep=steps,
        watch=False,
        probes={
            "norm": lambda f, x: train.grad(x).norm(dim=-1),
            "validation": lambda f, x: validation(x),
            "validation_error": lambda f, x: 1 - validation.accuracy(x),
            "test_error": lambda f, x: 1 - test.accuracy(x),
        },
    )
    return _arrays({"train": t.loss, **t.probes}, (len(noise), len(seeds)))


@experiment
def random_labels(
    fractions: Sequence[float] = FRACTIONS,
    regularizers: Sequence[Sequence[float]] = REGULARIZERS,
    seeds: Sequence[int] = SEEDS,
    width: int = 256,
    epochs: int = 48,
    every: int = 3,
    batch: int = 50,
    lr: float = 0.05,
    beta: float = 0.9,
) -> Arrays:
    r"""Train one network on 1000 digits whose labels are right, half random, or random.

    A random label is drawn from all ten classes, so a tenth of them is right by chance.

    Args:
        fractions: Parts of the labels that are replaced by random ones.
        regularizers: Pairs of weight decay and standard deviation of noise on the inputs.
        seeds: One network and one draw of labels for each.
        width: Hidden ReLU units.
        epochs: Budget; an epoch is 1000 // batch steps.
        every: Epochs between evaluations.
        batch: Batch size, drawn with replacement.
        lr: Learning rate $\eta$.
        beta: Momentum.

    Returns:
        At epochs 0, every, ..., (fractions, regularizers, seeds, kept): `loss` on the training
        labels, `train` accuracy on them and `test` accuracy on 797 digits with right labels.
    """
    data = load(1000, seed=0, standardize=True)
    shape = (len(fractions), len(regularizers), len(seeds))
    network = MLP((64, width, 10), "relu")
    labels = torch.stack(
        [_randomize(data, p, s) for p in fractions for _ in regularizers for s in seeds]
    )
    objective = Empirical(network, Examples(data.inputs, labels))
    decay, blur = torch.tensor(regularizers).repeat_interleave(len(seeds), 0).repeat(
        len(fractions), 1).unbind(-1)  # fmt: skip
    steps = epochs * (1000 // batch)
    sizes = torch.full((len(labels),), 1000)
    test = Empirical(network, data.test)
    t = run(
        objective,
        HeavyBall(lr, beta),
        network.init(list(seeds)).repeat(shape[0] * shape[1], 1),
        steps,
        oracle=watched(Drawn(batch, sizes, 0, decay, blur), steps, "random labels"),
        keep=every * (1000 // batch),
        watch=False,
        probes={"train": lambda f, x: objective.accuracy(x), "test": lambda f, x: test.accuracy(x)},
    )
    return _arrays({"loss": t.loss, **t.probes}, shape)


def _randomize(data: Dataset, fraction: float, seed: int) -> Tensor:
    """Replace an exact part of the labels by draws from all classes, as one-hot rows."""
    rng = np.random.default_rng(seed)
    chosen = torch.from_numpy(rng.permutation(len(data))[: round(fraction * len(data))])
    labels = data.labels.clone()
    labels[chosen] = torch.from_numpy(rng.integers(10, size=len(chosen)))
    return torch.eye(10)[labels]


def _stack(network: MLP, sets: Sequence[Examples], part: slice) -> Empirical:
    """Give every network its own part of its own data set."""
    inputs = torch.stack([d.inputs[part] for d in sets])
    return Empirical(network, Examples(inputs, torch.stack([d.one_hot[part] for d in sets])))


def _arrays(values: dict[str, Tensor], shape: tuple[int, ...]) -> Arrays:
    """Move the kept steps last and unfold the networks."""
    return {name: v.movedim(0, -1).unflatten(0, shape).numpy() for name, v in values.items()}
