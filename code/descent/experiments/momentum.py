r"""Long runs of the chapter on momentum: networks, stated budgets, cached results."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import torch
from torch import Tensor

from descent import validate
from descent.core import run
from descent.data import Examples, digits
from descent.experiments import experiment, progress, watched
from descent.momentum import Accelerated, WorstFunction, conjugate_gradient, lower_bound
from descent.networks import MLP, Empirical, cross_entropy
from descent.optimizers import SGD, Hyper, State, align
from descent.oracles import minibatch

Arrays = dict[str, np.ndarray]

# First and last momentum of a run; the last pair grows.
MOMENTA = ((0.0, 0.0), (0.5, 0.5), (0.9, 0.9), (0.99, 0.99), (0.5, 0.99))
KEEPS = (1.0, 0.0)
RATES = (0.05, 0.1, 0.2, 0.4, 0.8)
SEEDS = (0, 1, 2)


@dataclass(frozen=True)
class Scheduled:
    r"""Heavy ball whose effective learning rate and momentum change along straight lines.

    $$v_{k+1} = \beta_k v_k - \bar\eta_k(1-\beta_k)\,g_k, \qquad x_{k+1} = x_k + v_{k+1}$$

    From the first to the last step $\bar\eta_k$ goes from `lr` to `lr * keep`, and
    $\log(1-\beta_k)$ from that of `first` to that of `last`.

    Args:
        lr: Effective learning rate $\bar\eta = \eta/(1-\beta)$ at the start.
        keep: Part of it that is left at the end: 1 for a constant rate.
        first: Momentum at the start.
        last: Momentum at the end.
        steps: Number of steps of the whole run.

    Raises:
        ValueError: If a hyper-parameter is out of range.
    """

    lr: Hyper
    keep: Hyper
    first: Hyper
    last: Hyper
    steps: int
    min_ndim: ClassVar[int] = 0

    def __post_init__(self) -> None:
        validate.positive("lr", self.lr)
        validate.at_least("keep", self.keep, 0)
        for name in ("first", "last"):
            validate.fraction(name, getattr(self, name))
        validate.count("steps", self.steps, low=2)

    def init(self, x: Tensor) -> State:
        """Return the velocity at rest, at step 0."""
        return {"v": torch.zeros_like(x), "k": torch.zeros((), dtype=x.dtype, device=x.device)}

    def update(self, grad: Tensor, state: State, x: Tensor) -> tuple[Tensor, State]:
        """Return the new velocity, as the step and as the state."""
        lr, keep, first, last = align(x, self.lr, self.keep, self.first, self.last)
        part = state["k"] / (self.steps - 1)
        left = (1 - first) * ((1 - last) / (1 - first)) ** part  # 1 - beta
        v = (1 - left) * state["v"] - lr * (1 + (keep - 1) * part) * left * grad
        return v, {"v": v, "k": state["k"] + 1}


@experiment
def schedules(
    rates: Sequence[float] = RATES,
    keeps: Sequence[float] = KEEPS,
    momenta: Sequence[Sequence[float]] = MOMENTA,
    seeds: Sequence[int] = SEEDS,
    epochs: int = 20,
    batch: int = 16,
    replacement: bool = False,
) -> Arrays:
    r"""Train softmax regression on 1000 digits, a fifth of them mislabeled, by many schedules.

    The problem is convex and cannot be fitted, so the distance to its minimum is known, and noise
    holds a run up.

    Args:
        rates: Effective learning rates at the start.
        keeps: Parts of the rate that are left at the end, reached along a straight line.
        momenta: Pairs of first and last momentum.
        seeds: Each fixes initial weights and mini-batches.
        epochs: Budget; an epoch is 1000 // batch steps.
        batch: Batch size.
        replacement: Draw each batch afresh instead of shuffling once an epoch.

    Returns:
        `gap` to the smallest training loss after epochs 0, 1, ..., (keeps, momenta, rates,
        epochs + 1, seeds), and `slope`, the length of the gradient where that loss was taken.
    """
    data = digits(1000, seed=0, standardize=True, label_noise=0.2)
    objective = Empirical(MLP((64, 10), "tanh"), data, cross_entropy)
    lowest, slope = _minimum(objective)
    steps = 1000 // batch
    settings = [(rate, part, *pair) for part in keeps for pair in momenta for rate in rates]
    lr, keep, first, last = torch.tensor(settings, dtype=data.inputs.dtype).unbind(-1)
    losses = []
    for seed in seeds:
        oracle = watched(minibatch(batch, seed, replacement), epochs * steps, f"seed {seed}")
        x0 = objective.network.init(seed).expand(len(settings), -1)
        rule = Scheduled(lr, keep, first, last, epochs * steps)
        losses.append(run(objective, rule, x0, epochs * steps, oracle=oracle, keep=steps,
                          watch=False).loss)  # fmt: skip
    gap = torch.stack(losses, -1).double().movedim(0, 1) - lowest
    shape = (len(keeps), len(momenta), len(rates))
    return {"gap": gap.unflatten(0, shape).numpy(), "slope": slope}


def _minimum(objective: Empirical) -> tuple[float, np.ndarray]:
    """Smallest training loss, and the gradient norm there, in double precision."""
    inputs = objective.inputs.double()
    exact = Empirical(objective.network, Examples(inputs, objective.targets.double()))
    x = objective.network.init(0).double().requires_grad_()
    optimizer = torch.optim.LBFGS(
        [x],
        max_iter=2000,
        history_size=50,
        tolerance_grad=1e-9,
        tolerance_change=1e-14,
        line_search_fn="strong_wolfe",
    )

    def closure() -> float:
        value, x.grad = exact.value_and_grad(x.detach())
        return float(value)

    optimizer.step(closure)
    value, g = exact.value_and_grad(x.detach())
    return float(value), g.norm().numpy()


@experiment
def worst_functions(shown: Sequence[int], steps: int = 120, budgets: int = 100) -> Arrays:
    r"""Gaps to the minimum on Nesterov's worst functions.

    Args:
        shown: Numbers $k$ of steps for which a function is followed step by step.
        steps: How far it is followed, beyond k too.
        budgets: Largest $k$ for which a function of its own is built.

    Returns:
        `cg`, `fast`, `plain` (shown, steps + 1): gap of conjugate gradients, Nesterov's accelerated
        method and gradient descent on one function, beside `formula`, the bound's formula with the
        function's own distance; their values at step k, `cg_end`, ... and `bound_end`, (shown,);
        and at each `budget` k, on the function built for it, `cg_each`, ... and `bound_each` over
        the squared distance.
    """
    rows = [_gaps(WorstFunction(k), steps) for k in shown]
    out = {name: np.stack([row[name] for row in rows]) for name in rows[0]}
    at = np.arange(len(shown)), np.array(shown)
    out |= {f"{name}_end": out[name][at] for name in ("cg", "fast", "plain")}
    out["bound_end"] = np.array([lower_bound(k) for k in shown])
    out["budget"] = np.unique(np.geomspace(1, budgets, 24).round().astype(int))
    ends = []
    for k in progress(out["budget"].tolist(), "worst functions"):
        f = WorstFunction(k)
        square = float(f.minimizer.square().sum())
        found = {name: values[k] / square for name, values in _gaps(f, k).items()}
        ends.append({**found, "bound": lower_bound(k) / square})
    for name in ("cg", "fast", "plain", "bound"):
        out[f"{name}_each"] = np.array([row[name] for row in ends])
    return out


def _gaps(f: WorstFunction, steps: int) -> Arrays:
    """Gaps of the three methods on one function, (steps + 1,) each."""
    best = f(conjugate_gradient(f.hessian(f.start), -f.grad(f.start), steps))
    ahead = run(f, Accelerated(1.0), f.start, steps).x
    main = torch.cat([f.start[None], (ahead - f.grad(ahead))[:-1]])
    plain = run(f, SGD(1.0), f.start, steps).loss
    square = float(f.minimizer.square().sum())
    count = np.arange(steps + 1)
    gaps = {"cg": best, "fast": f(main), "plain": plain}
    return {
        **{name: (values - f.minimum).numpy() for name, values in gaps.items()},
        "formula": 3 * square / (32 * (count + 1) ** 2),
    }
