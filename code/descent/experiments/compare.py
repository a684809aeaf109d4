"""Ten methods on the digits, tuned with equal effort."""

from functools import partial

import numpy as np
import torch

from descent.blocks import Blockwise
from descent.compare import Method, Outcome, compare
from descent.core import Optimizer
from descent.data import digits
from descent.experiments.cache import experiment
from descent.informed import sharpness_aware
from descent.networks import MLP, Empirical
from descent.optimizers import (
    SGD,
    AdaGrad,
    Adam,
    AdamW,
    HeavyBall,
    Lion,
    Muon,
    Nesterov,
    RMSProp,
    ScheduleFreeAdamW,
)
from descent.oracles import minibatch

NETWORK = MLP((64, 16, 10), "tanh")
WIDE = (1e-4, 1e0)


def _muon(lr: torch.Tensor, adam_lr: torch.Tensor) -> Optimizer:
    return Blockwise(NETWORK.shapes, matrix=Muon(lr), vector=Adam(adam_lr))


METHODS = [
    Method("SGD", SGD, {"lr": (1e-2, 1e1)}),
    Method("heavy ball", lambda lr: HeavyBall(lr, 0.9), {"lr": (1e-3, 1e0)}),
    Method("Nesterov", lambda lr: Nesterov(lr, 0.9), {"lr": (1e-3, 1e0)}),
    Method("AdaGrad", AdaGrad, {"lr": WIDE}),
    Method("RMSProp", RMSProp, {"lr": WIDE}),
    Method("Adam", Adam, {"lr": WIDE}),
    Method("AdamW", AdamW, {"lr": WIDE, "weight_decay": (1e-4, 1e0)}),
    Method("Lion", Lion, {"lr": (1e-5, 1e-1)}),
    Method("Muon", _muon, {"lr": (1e-3, 1e0), "adam_lr": WIDE}),
    Method("schedule-free", ScheduleFreeAdamW, {"lr": WIDE}),
    Method(
        "SAM",
        SGD,
        {"lr": (1e-2, 1e1)},
        oracle=partial(sharpness_aware, 0.05),
        gradients=2,
    ),
]


@experiment
def digits_comparison(
    gradients: int = 300, trials: int = 24, seeds: int = 6, tuning: int = 3, batch: int = 64
) -> dict[str, np.ndarray]:
    """Train every method's ensemble on the digits.

    Args:
        gradients: Gradients for each run.
        trials: Settings that every method tries.
        seeds: Initial networks.
        tuning: How many of them choose the setting.
        batch: Examples in a mini-batch.

    Returns:
        `loss`: held-out losses, (methods, times, trials, seeds), and `step`, (times,).
    """
    objective = Empirical(NETWORK, digits(1000, seed=0))
    test = objective.test
    oracle = minibatch(batch)

    def trained_on(o: object, x: torch.Tensor, k: int) -> torch.Tensor:
        return oracle(objective, x, k)

    outcome = compare(
        test,
        METHODS,
        NETWORK.init(range(seeds)),
        gradients,
        trials=trials,
        tuning=tuning,
        oracle=trained_on,
        every=20,
    )
    return {"loss": outcome.loss.numpy(), "step": outcome.step.numpy()}


def digits_outcome(trials: int = 24, tuning: int = 3, **budget: int) -> Outcome:
    """Return the comparison on the digits, from the cache if it is there.

    Args:
        trials: Settings that every method tries.
        tuning: Seeds that choose the setting.
        **budget: Other arguments of `digits_comparison`.

    Returns:
        The outcome.
    """
    found = digits_comparison(trials=trials, tuning=tuning, **budget)
    return Outcome(
        tuple(m.name for m in METHODS),
        tuple(m.draw(trials) for m in METHODS),
        torch.tensor(found["step"]),
        torch.tensor(found["loss"]),
        tuning,
    )
