"""Networks on digits: a contest of tuned rules, widths, and flatness."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import torch
from torch import Tensor

from descent.adaptive_methods import transferred_rate
from descent.blocks import Blockwise
from descent.core import Optimizer, run
from descent.curvature import SharpnessProbe
from descent.data import digits
from descent.experiments import experiment, progress
from descent.informed import sharpness_aware
from descent.networks import MLP, Empirical
from descent.optimizers import (
    SGD,
    AdaDelta,
    AdaGrad,
    Adam,
    AMSGrad,
    HeavyBall,
    Hyper,
    Lion,
    Muon,
    Nesterov,
    RMSProp,
    RMSPropNesterov,
    State,
)
from descent.oracles import minibatch
from descent.sweeps import sweep

Arrays = dict[str, np.ndarray]

SIZES = (64, 32, 10)


@dataclass(frozen=True)
class MuonAdam:
    """Muon for the weights and Adam for the biases, at one learning rate.

    Muon's steps are scaled so that their entries are as large as Adam's.

    Args:
        lr: Learning rate of both.
        shapes: Shapes of the blocks of the flat vector.
    """

    lr: Hyper
    shapes: Sequence[tuple[int, ...]]
    min_ndim: ClassVar[int] = 1

    def init(self, x: Tensor) -> State:
        """Return the states of all blocks."""
        return self._blocks().init(x)

    def update(self, grad: Tensor, state: State, x: Tensor) -> tuple[Tensor, State]:
        """Return the step of all blocks, and their states."""
        return self._blocks().update(grad, state, x)

    def _blocks(self) -> Blockwise:
        return Blockwise(self.shapes, Muon(self.lr, match_rms=True), Adam(self.lr))


# Each rule searches three decades of learning rates; the number is their middle.
CONTEST: dict[str, tuple[Optimizer, float]] = {
    "SGD": (SGD(1.0), 0.1),
    "heavy ball": (HeavyBall(1.0, 0.9), 0.01),
    "Nesterov": (Nesterov(1.0, 0.9), 0.01),
    "AdaGrad": (AdaGrad(1.0), 0.03),
    "RMSProp": (RMSProp(1.0, 0.99), 0.003),
    "RMSProp + Nesterov": (RMSPropNesterov(1.0, 0.99), 0.001),
    "AdaDelta": (AdaDelta(0.9), 3.0),
    "Adam": (Adam(1.0), 0.003),
    "AMSGrad": (AMSGrad(1.0), 0.003),
    "Lion": (Lion(1.0), 0.001),
    "Muon": (MuonAdam(1.0, MLP(SIZES).shapes), 0.003),
}
CHECKPOINTS = (20, 40, 80, 160, 320)
WIDTHS = (32, 128, 512)
LOG_RATES = tuple(float(k) for k in range(-10, -3))


@experiment
def contest(
    rules: Sequence[str] = tuple(CONTEST),
    rates: int = 13,
    tuning: Sequence[int] = (0, 1, 2),
    reporting: Sequence[int] = (3, 4, 5),
    batch: int = 64,
    checkpoints: Sequence[int] = CHECKPOINTS,
) -> Arrays:
    """Train the same small networks on 1200 digits by every rule at every rate of its range.

    Args:
        rules: Names from `CONTEST`.
        rates: Learning rates per rule, evenly spaced in the logarithm over three decades.
        tuning: Seeds of the initial weights that choose the rate.
        reporting: Seeds that report; their mini-batches differ too.
        batch: Batch size.
        checkpoints: Steps at which the networks are measured.

    Returns:
        `lr` (rules, rates); `tuned` and `reported`, the loss on 1200 training digits, and
        `accuracy` of the reporting networks on the other 597, all (rules, rates, steps, seeds).
    """
    found: dict[str, list] = {"lr": [], "tuned": [], "reported": [], "accuracy": []}
    objective = Empirical(MLP(SIZES, "relu", init="he"), digits(1200, seed=0, standardize=True))
    for name in progress(rules, "contest"):
        rule, middle = CONTEST[name]
        lr = middle * torch.logspace(-1.5, 1.5, rates)
        tuned, _ = _trained(objective, rule, lr, tuning, batch, checkpoints, 0)
        reported, accuracy = _trained(objective, rule, lr, reporting, batch, checkpoints, 1)
        for key, value in zip(found, (lr, tuned, reported, accuracy), strict=True):
            found[key].append(value)
    return {key: torch.stack(rows).numpy() for key, rows in found.items()}


def _trained(
    objective: Empirical,
    rule: Optimizer,
    lr: Tensor,
    seeds: Sequence[int],
    batch: int,
    checkpoints: Sequence[int],
    order: int,
) -> tuple[Tensor, Tensor]:
    """Training losses and test accuracies, (rates, checkpoints, seeds)."""
    steps, stride = checkpoints[-1], checkpoints[0]
    test = objective.test
    t = sweep(
        objective,
        rule,
        objective.network.init(list(seeds)),
        steps,
        grid={"lr": lr},
        oracle=minibatch(batch, seed=order),
        keep=stride,
        watch=False,
        probes={"accuracy": lambda _, x: test.accuracy(x)},
    )
    at = [k // stride for k in checkpoints]
    return t.loss[at].movedim(0, 1), t.probes["accuracy"][at].movedim(0, 1)


@dataclass(frozen=True, eq=False)
class Multiplied:
    r"""A network whose weights are constants times parameters, $x = a\odot z$.

    Adam does not see the constants in the gradient of z, so its steps in x are a times as long: a
    learning rate for every weight.

    Args:
        objective: The objective of x.
        factors: $a$, (dim,).
    """

    objective: Empirical
    factors: Tensor

    @property
    def size(self) -> int:
        """Number of examples."""
        return self.objective.size

    def on(self, index: Tensor) -> "Multiplied":
        """Return the same objective on a subset of the examples."""
        return Multiplied(self.objective.on(index), self.factors)

    def __call__(self, x: Tensor) -> Tensor:
        """Return the losses at parameters z, here called x as everywhere."""
        return self.objective(self.factors * x)

    def grad(self, x: Tensor) -> Tensor:
        """Return the gradients with respect to the parameters, the shape of `x`."""
        return self.factors * self.objective.grad(self.factors * x)


@experiment
def rates_across_widths(
    widths: Sequence[int] = WIDTHS,
    transfer: bool = False,
    log_rates: Sequence[float] = LOG_RATES,
    seeds: Sequence[int] = (0, 1),
    steps: int = 30,
    batch: int = 32,
) -> Arrays:
    r"""Train networks of several widths by Adam at many learning rates.

    Args:
        widths: Numbers $n$ of units in each of two hidden ReLU layers.
        transfer: Use the maximal update parameterization, which is the standard one at width 32:
            rates of hidden and output weights fall like $32/n$, and so do the squared initial
            output weights beyond their usual $1/n$.
        log_rates: Binary logarithms of the learning rates.
        seeds: One network for each.
        steps: Budget.
        batch: Batch size.

    Returns:
        `loss` (widths, rates, seeds), the loss on 1200 digits at the end.
    """
    data = digits(1200, seed=0, standardize=True)
    lr = 2.0 ** torch.tensor(log_rates)
    losses = []
    for width in progress(widths, "widths"):
        network = MLP((64, width, width, 10), "relu", init="lecun")
        x0, factors = network.init(list(seeds)), torch.ones(network.dim)
        if transfer:
            x0, factors = _maximal_update(network, x0, width)
        t = sweep(
            Multiplied(Empirical(network, data), factors),
            Adam(1.0),
            x0 / factors,
            steps,
            grid={"lr": lr},
            oracle=minibatch(batch),
            keep="last",
            watch=False,
        )
        losses.append(t.final_loss)
    return {"loss": torch.stack(losses).numpy()}


def _maximal_update(network: MLP, x0: Tensor, width: int, base: int = 32) -> tuple[Tensor, Tensor]:
    """Start and factors of the rates, which at the base width are the standard ones."""
    layers = network.unflatten(x0)
    layers[-1] = (layers[-1][0] * (base / width) ** 0.5, layers[-1][1])
    kinds = ("input", "hidden", "output")
    factors = [
        (
            torch.full_like(w[0], transferred_rate(1.0, width, base, kind)),  # type: ignore[arg-type]
            torch.ones_like(b[0]),
        )
        for kind, (w, b) in zip(kinds, layers, strict=True)
    ]
    return network.flatten(layers), network.flatten(factors)


@experiment
def flatness(
    radii: Sequence[float] = (0.0, 0.05, 0.1, 0.2),
    seeds: Sequence[int] = (0, 1, 2),
    steps: int = 600,
    every: int = 20,
    lr: float = 0.1,
    batch: int = 32,
) -> Arrays:
    r"""Train by SGD at the gradient of a neighbor uphill, and watch loss and sharpness.

    Args:
        radii: Distances $\rho$ to the neighbor; 0 is plain SGD.
        seeds: One network for each.
        steps: Budget.
        every: Steps between measurements.
        lr: Learning rate.
        batch: Batch size.

    Returns:
        `loss` and `sharpness` on the full batch of 500 digits, (radii, kept, seeds).
    """
    data = digits(500, seed=0, standardize=True)
    objective = Empirical(MLP((64, 32, 10), "tanh"), data)
    losses, sharp = [], []
    for rho in progress(radii, "flatness"):
        t = run(
            objective,
            SGD(lr),
            objective.network.init(list(seeds)),
            steps,
            oracle=sharpness_aware(rho, minibatch(batch)) if rho else minibatch(batch),
            keep=every,
            watch=False,
            probes={"sharpness": SharpnessProbe(tol=2e-2)},
        )
        losses.append(t.loss)
        sharp.append(t.probes["sharpness"])
    return {"loss": torch.stack(losses).numpy(), "sharpness": torch.stack(sharp).numpy()}
