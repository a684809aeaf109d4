r"""Long runs of the chapter on long-term dependencies, with stated budgets and cached results."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor, nn

from descent.core import run
from descent.data import digits
from descent.experiments import experiment, progress, watched
from descent.long_term_dependencies import (
    ClipNorm,
    Recurrent,
    Sequences,
    adding,
    copying,
    jacobian_norms,
)
from descent.networks import MLP, Empirical, FunctionalObjective, cross_entropy, mse_half, to_module
from descent.optimizers import SGD, Adam
from descent.oracles import minibatch

Tensors = dict[str, Tensor]
Draw = Callable[[int, int, int], tuple[Tensor, Tensor]]

# What the reader calls a network: cell, scheme of the recurrent weights, forget bias.
NETWORKS = {
    "tanh": ("tanh", "torch", 0.0),
    "orthogonal tanh": ("tanh", "orthogonal", 0.0),
    "orthogonal linear": ("linear", "orthogonal", 0.0),
    "identity ReLU": ("relu", "identity", 0.0),
    "GRU": ("gru", "torch", 0.0),
    "LSTM": ("lstm", "torch", 3.0),
}
# What is trained in the chapter: task, network, learning rates.
ARMS = (
    ("adding", "tanh", (0.001, 0.005)),
    ("adding", "orthogonal tanh", (0.001, 0.005)),
    ("adding", "orthogonal linear", (0.003,)),
    ("adding", "identity ReLU", (0.003,)),
    ("adding", "GRU", (0.01,)),
    ("adding", "LSTM", (0.02,)),
    ("copying", "tanh", (0.001, 0.003)),
    ("copying", "orthogonal tanh", (0.003,)),
    ("copying", "orthogonal linear", (0.001,)),
    ("copying", "identity ReLU", (0.001,)),
    ("copying", "GRU", (0.01,)),
    ("copying", "LSTM", (0.02,)),
)
STEPS = {"adding": 500, "copying": 300}
SEEDS = (0, 1, 2)
# What is compared before training: gains of tanh networks, forget biases of LSTMs.
GAINS = (0.5, 0.7, 0.9, 1.0, 1.1, 1.2, 1.3, 1.5)
FORGETS = (0.0, 1.0, 2.0, 3.0, 4.0, 5.0)
EVERY = 50


@dataclass(frozen=True)
class stream:
    """Gradient on fresh sequences at every step; every seed has a stream of its own.

    Args:
        draw: Function (count, seed, step) that draws sequences and targets.
        size: Sequences in a batch.
        seeds: One stream for each; the batch of networks is (..., seeds).
    """

    draw: Draw
    size: int
    seeds: tuple[int, ...]

    def __call__(self, objective: Callable[[Tensor], Tensor], x: Tensor, step: int) -> Tensor:
        """Return the gradient on the batch of this step."""
        if not isinstance(objective, Sequences):
            raise TypeError(f"objective is a {type(objective).__name__}; it must be Sequences")
        drawn = [self.draw(self.size, seed, step) for seed in self.seeds]
        inputs, targets = (torch.stack(part) for part in zip(*drawn, strict=True))
        repeat = (x.shape[:-1].numel() // len(self.seeds), 1, 1, 1)
        on = replace(objective, inputs=inputs.repeat(repeat), targets=targets.repeat(repeat))
        return on.grad(x)


def draws(task: str, span: int) -> Draw:
    """Return how the sequences of a task are drawn; see `adding` and `copying`.

    Args:
        task: "adding" or "copying".
        span: Length of the sequence, or the delay.

    Returns:
        A function (count, seed, step).
    """
    make = adding if task == "adding" else copying
    return lambda count, seed, step: make(count, span, seed=seed, step=step)


@experiment
def learn(
    task: str,
    network: str,
    rates: Sequence[float],
    horizon: int | None = None,
    span: int = 0,
    seeds: Sequence[int] = SEEDS,
    steps: int = 0,
    batch: int = 32,
    clip: float = 1.0,
) -> Tensors:
    """Train recurrent networks on a task by Adam, with fresh sequences at every step.

    Args:
        task: "adding", whose loss is the mean squared error, or "copying", cross-entropy.
        network: A name in `NETWORKS`; the width is 24 for adding and 32 for copying.
        rates: Learning rates.
        horizon: Truncation of the way back; None for none.
        span: Length of the sequence, or the delay; 0 takes 40 or 30.
        seeds: Each fixes initial weights and sequences.
        steps: Budget, a multiple of 50; 0 takes that of `STEPS`.
        batch: Sequences in a batch.
        clip: Threshold of norm clipping.

    Returns:
        `loss` on 300 other sequences after 0, 50, ... steps, (steps / 50 + 1, rates, seeds), and
        `step`.
    """
    cell, scheme, forget = NETWORKS[network]
    sums, steps = task == "adding", steps or STEPS[task]
    made = Recurrent(cell, 2, 24, 1, scheme, forget=forget) if sums else None
    made = made or Recurrent(cell, 10, 32, 8, scheme, forget=forget)
    draw = draws(task, span or (40 if sums else 30))
    objective = Sequences(made, *draw(300, 999, 0), mse_half if sums else cross_entropy, horizon)
    x0 = made.init(seeds).expand(len(rates), -1, -1)
    rule = ClipNorm(Adam(torch.tensor(rates)[:, None]), clip)
    oracle = watched(stream(draw, batch, tuple(seeds)), steps, f"{task}, {network}")
    path = run(objective, rule, x0, steps, oracle=oracle, keep=EVERY, watch=False)
    return {"loss": (2 if sums else 1) * path.loss, "step": path.step}


@experiment
def memories(
    gains: Sequence[float] = GAINS,
    forgets: Sequence[float] = FORGETS,
    width: int = 32,
    steps: int = 100,
    seeds: int = 10,
) -> Tensors:
    """Measure how Jacobians through time grow or shrink at the start of training.

    Args:
        gains: Gains of the recurrent weights of tanh networks.
        forgets: Biases of the forget gate of LSTMs.
        width: Width of the state.
        steps: Largest lag.
        seeds: Number of networks of each kind; inputs are 8 standard normal numbers a step.

    Returns:
        Logarithms of the largest singular values: `gaussian` and `orthogonal`, (gains, steps + 1,
        seeds), `lstm`, (forgets, steps + 1, seeds), and `gru` and `identity`, (steps + 1, seeds).
    """
    seen = torch.randn(seeds, steps, 8, generator=torch.Generator().manual_seed(1)).double()

    def follow(cell: str, scheme: str = "torch", gain: float = 1.0, forget: float = 0.0) -> Tensor:
        network = Recurrent(cell, 8, width, 1, scheme, gain, forget)
        return jacobian_norms(network, network.init(range(seeds), dtype=torch.float64), seen)

    return {
        **{
            scheme: torch.stack([follow("tanh", scheme, gain) for gain in progress(gains, scheme)])
            for scheme in ("gaussian", "orthogonal")
        },
        "lstm": torch.stack([follow("lstm", forget=bias) for bias in progress(forgets, "LSTM")]),
        "gru": follow("gru"),
        "identity": follow("relu", "identity"),
    }


@experiment
def deep(
    remedy: str,
    rates: Sequence[float] = (0.01, 0.03, 0.1, 0.3, 1.0),
    seeds: Sequence[int] = SEEDS,
    layers: int = 8,
    epochs: int = 5,
    batch: int = 32,
) -> Tensors:
    """Train a plain deep network on digits, started or built in different ways.

    Args:
        remedy: "default", torch's start; "he", weights of variance 2/m; or "normalized", torch's
            start with batch normalization before every hidden ReLU.
        rates: Learning rates of SGD.
        seeds: Each fixes initial weights; batches are the same for all.
        layers: Number of hidden layers, of width 64.
        epochs: Passes over 1200 examples.
        batch: Batch size.

    Returns:
        `accuracy` on 597 held-out examples, (rates, seeds), and `gradient`, norms of the gradients
        of the weights of each layer at the start, (seeds, layers + 1).
    """
    data = digits(1200, seed=0, standardize=True)
    network = MLP((64, *[64] * layers, 10), "relu", "he" if remedy == "he" else "torch")
    starts = [network.init(seed) for seed in seeds]
    training: Empirical | FunctionalObjective = Empirical(network, data)
    held: Empirical | FunctionalObjective = Empirical(network, data.test)
    x0, slices = torch.stack(starts), _weights(network)
    if remedy == "normalized":
        modules = [_normalized(to_module(network, x)) for x in starts]
        training = FunctionalObjective(modules[0], data)
        held = FunctionalObjective(modules[0], data.test)
        x0 = torch.stack([nn.utils.parameters_to_vector(m.parameters()) for m in modules]).detach()
        matrices = [p for p in modules[0].named_parameters() if p[1].ndim == 2]
        slices = [training.locate(name) for name, _ in matrices]
    steps = epochs * (1200 // batch)
    with torch.enable_grad():
        rows = x0.clone().requires_grad_()
        [g] = torch.autograd.grad(training(rows).sum(), rows)
    oracle = watched(minibatch(batch, 0), steps, remedy)
    rule = SGD(torch.tensor(rates)[:, None])
    x = run(training, rule, x0.expand(len(rates), -1, -1), steps, oracle=oracle, keep="last",
            watch=False).final_x  # fmt: skip
    return {
        "accuracy": held.accuracy(x),
        "gradient": torch.stack([g[:, part].norm(dim=-1) for part in slices], -1),
    }


def _weights(network: MLP) -> list[slice]:
    """Where the weights of each layer stand in the vector."""
    ends = np.cumsum([int(np.prod(shape)) for shape in network.shapes]).tolist()
    starts = [0, *ends]
    return [slice(starts[i], ends[i]) for i in range(0, len(ends), 2)]


def _normalized(plain: nn.Sequential) -> nn.Sequential:
    """Put batch normalization before every ReLU."""
    modules: list[nn.Module] = []
    for module in plain:
        if isinstance(module, nn.ReLU):
            modules.append(nn.BatchNorm1d(64, track_running_stats=False))
        modules.append(module)
    return nn.Sequential(*modules)


@experiment
def far_signal(
    gains: Sequence[float] = (0.6, 0.8, 1.0),
    span: int = 40,
    near: int = 10,
    count: int = 2000,
    seeds: Sequence[int] = SEEDS,
) -> dict[str, np.ndarray]:
    r"""Measure the gradient that comes from far back, against the noise of what is near.

    A tanh network with recurrent weights of that gain times orthogonal looks at the adding problem.
    The gradient of the recurrent weights is split by lag, for every sequence on its own.

    Args:
        gains: Gains of the recurrent weights.
        span: Length of the sequences.
        near: Lags below this are near.
        count: Number of sequences.
        seeds: Each fixes weights and sequences.

    Returns:
        `far`: norm of the mean gradient from far lags; `noise`: root of the trace of the covariance
        of single gradients, near and far together; (gains, seeds).
    """
    far, noise = np.zeros((len(gains), len(seeds))), np.zeros((len(gains), len(seeds)))
    for i, gain in enumerate(progress(gains, "gains")):
        network = Recurrent("tanh", 2, 16, 1, "orthogonal", gain=gain)
        for j, seed in enumerate(seeds):
            # Each sequence is a network of its own, so that its gradient stands alone.
            x = network.init([seed]).expand(count, -1)
            inputs, targets = (part[:, None] for part in adding(count, span, seed=seed))
            whole, cut = (
                network.unflatten(Sequences(network, inputs, targets, horizon=h).grad(x)).u
                for h in (None, near)
            )
            far[i, j] = float((whole - cut).mean(0).norm())
            noise[i, j] = float(whole.var(0).sum().sqrt())
    return {"far": far, "noise": noise}
