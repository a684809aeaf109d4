"""Equal training loss from unequal starts, and the straight line from a start to its end."""

from collections.abc import Sequence

import numpy as np
import torch

from descent.core import run
from descent.cost_functions import on_the_line
from descent.data import Examples, digits
from descent.experiments import experiment, progress, watched
from descent.experiments.cost_functions.ensembles import Drawn
from descent.networks import MLP, Empirical
from descent.optimizers import SGD, Adam, HeavyBall
from descent.oracles import gradient

Arrays = dict[str, np.ndarray]

GAINS = (0.5, 1.0, 2.0, 4.0, 8.0)
SEEDS = (0, 1, 2, 3, 4)
PARTS = tuple(round(-0.1 + 0.05 * i, 2) for i in range(25))
# Name to optimizer and depth of hidden layers.
RECIPES = {
    "SGD": (SGD(0.1), 2),
    "large rate": (SGD(0.5), 2),
    "momentum": (HeavyBall(0.02, 0.9), 2),
    "too large": (HeavyBall(0.1, 0.9), 2),
    "deep": (Adam(0.003), 6),
}


@experiment
def same_value(
    gains: Sequence[float] = GAINS,
    seeds: Sequence[int] = SEEDS,
    value: float = 0.01,
    steps: int = 120,
    every: int = 5,
    lr: float = 0.003,
) -> Arrays:
    r"""Train one network on 300 digits from starts of different size, to the same training loss.

    The last start is of ordinary size but has first been trained on random labels.

    Args:
        gains: Factors on the initial weights.
        seeds: One network for each.
        value: Training loss at which a run is judged.
        steps: Budget of full-batch Adam.
        every: Steps between evaluations.
        lr: Learning rate of Adam.

    Returns:
        (gains + 1, seeds): `step` of the first evaluation at or below `value` (-1 for none), and
        there `loss`, `error` on 1497 test digits and the `distance` travelled.
    """
    data = digits(300, seed=0, standardize=True)
    network = MLP((64, 128, 10), "relu")
    objective, test = Empirical(network, data), Empirical(network, data.test)
    base = network.init(list(seeds))
    random = torch.eye(10)[torch.from_numpy(np.random.default_rng(0).integers(10, size=300))]
    spoiled = run(
        Empirical(network, Examples(data.inputs, random)), Adam(lr), base, 120, keep="last"
    )
    x0 = torch.stack([*(gain * base for gain in gains), spoiled.final_x])
    t = run(
        objective,
        Adam(lr),
        x0,
        steps,
        oracle=watched(gradient, steps, "same value"),
        keep=every,
        watch=False,
        probes={
            "error": lambda f, x: 1 - test.accuracy(x),
            "distance": lambda f, x: (x - x0).norm(dim=-1),
        },
    )
    reached = t.loss <= value
    first = reached.int().argmax(0)
    step = torch.where(reached.any(0), t.step[first], -1)
    values = {"loss": t.loss, **t.probes}
    there = {name: v.gather(0, first[None])[0].numpy() for name, v in values.items()}
    return {"step": step.numpy(), **there}


@experiment
def straight(
    recipes: Sequence[str] = tuple(RECIPES),
    seeds: Sequence[int] = SEEDS,
    parts: Sequence[float] = PARTS,
    width: int = 64,
    epochs: int = 20,
    batch: int = 32,
) -> Arrays:
    r"""Train networks on 1200 digits and walk the straight line from start to end.

    Args:
        recipes: Keys of `RECIPES`.
        seeds: One network for each.
        parts: Places $\alpha$ on the line.
        width: Units of a hidden layer.
        epochs: Budget; an epoch is 1200 // batch steps.
        batch: Batch size, drawn with replacement.

    Returns:
        (recipes, seeds, parts): `train` and `test` loss on the line; (recipes, seeds, epochs + 1):
        `path_part` and `path_off`, how far along the line and how far off it the run itself was,
        both in units of its length, and `path_loss`; and `test_error` at the end.
    """
    data = digits(1200, seed=0, standardize=True)
    rows = [
        _one_recipe(data, *RECIPES[name], seeds, parts, width, epochs, batch)
        for name in progress(recipes, "straight lines")
    ]
    return {name: np.stack([row[name] for row in rows]) for name in rows[0]}


def _one_recipe(
    data, optimizer, depth, seeds, parts, width: int, epochs: int, batch: int
) -> Arrays:
    """Train one ensemble and measure its line."""
    network = MLP((64, *[width] * depth, 10), "relu", init="he")
    objective, test = Empirical(network, data), Empirical(network, data.test)
    x0, steps = network.init(list(seeds)), 1200 // batch
    oracle = Drawn(batch, torch.full((len(seeds),), 1200))
    t = run(objective, optimizer, x0, epochs * steps, oracle=oracle, keep=steps, watch=False)
    line = on_the_line(x0, t.final_x, torch.tensor(parts))
    span, moved = t.final_x - x0, t.x - x0
    along = (moved * span).sum(-1) / span.square().sum(-1)
    off = (moved - along[..., None] * span).norm(dim=-1) / span.norm(dim=-1)
    found = {
        "train": torch.stack([objective(x) for x in line]),
        "test": torch.stack([test(x) for x in line]),
        "path_part": along,
        "path_off": off,
        "path_loss": t.loss,
        "test_error": 1 - test.accuracy(t.final_x)[None],
    }
    return {name: v.movedim(0, -1).squeeze(-1).numpy() for name, v in found.items()}
