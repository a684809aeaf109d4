"""Bowls of the plane: turned, and under noise."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from descent.core import Optimizer, run
from descent.experiments import experiment, progress
from descent.objectives import Quadratic
from descent.objectives.quadratic import rotation
from descent.optimizers import (
    SGD,
    AdaGrad,
    Adam,
    DeltaBarDelta,
    HeavyBall,
    RMSProp,
    ScheduleFreeSGD,
)
from descent.oracles import langevin
from descent.sweeps import sweep

Arrays = dict[str, np.ndarray]

F64 = torch.float64
KAPPAS = (10.0, 100.0, 1000.0)
DEGREES = (0.0, 2.0, 5.0, 10.0, 15.0, 20.0, 30.0, 45.0)
PLANE: dict[str, Optimizer] = {
    "gradient descent": SGD(1.0),
    "heavy ball": HeavyBall(1.0, 0.9),
    "AdaGrad": AdaGrad(1.0),
    "RMSProp": RMSProp(1.0),
    "Adam": Adam(1.0),
}


@dataclass(frozen=True, eq=False)
class Bowls:
    """Many bowls of the plane at once, each with its own Hessian (*batch, 2, 2)."""

    hessian: Tensor

    def grad(self, x: Tensor) -> Tensor:
        """Return Hx, the shape of `x`."""
        # Products of tiny matrices are slow one by one; columns times numbers are not.
        return self.hessian[..., 0] * x[..., :1] + self.hessian[..., 1] * x[..., 1:]

    def __call__(self, x: Tensor) -> Tensor:
        """Return the losses."""
        return 0.5 * (x * self.grad(x)).sum(-1)


@experiment
def turned_bowls(
    kappas: Sequence[float] = KAPPAS,
    degrees: Sequence[float] = DEGREES,
    starts: int = 5,
    steps: int = 3000,
    target: float = 1e-3,
    rates: int = 41,
) -> Arrays:
    r"""Tune every rule on bowls turned by an angle, and count the steps to a target.

    The start turns with the bowl, so the problem is the same at every angle. In the eigenvectors'
    coordinates it is $\sqrt2(\cos t, \kappa^{-1/2}\sin t)$: the loss is 1 everywhere, and `starts`
    angles t share it differently between the flat and the steep direction.

    Args:
        kappas: Condition numbers.
        degrees: Angles.
        starts: Number of starts.
        steps: Budget.
        target: Loss to reach, over the loss at the start.
        rates: Learning rates, evenly spaced in the logarithm from 1e-4 to 30.

    Returns:
        `steps` (rules, kappas, degrees), the median over starts at the best rate, inf where the
        target was missed; and that rate, `lr`.
    """
    t = (torch.arange(starts, dtype=F64) + 0.5) * math.pi / starts
    k = torch.tensor(kappas, dtype=F64)[:, None]
    turn = torch.stack([rotation(math.radians(d)) for d in degrees])
    spectrum = torch.stack([torch.ones_like(k), k], -1)
    hessian = (turn * spectrum[..., None, :]) @ turn.mT
    eigen = math.sqrt(2) * torch.stack([t.cos().expand(len(k), -1), k**-0.5 * t.sin()], -1)
    x0 = torch.einsum("dij,ksj->kdsi", turn, eigen)
    grid = {"lr": torch.logspace(-4, math.log10(30), rates, dtype=F64)}
    counts, best = [], []
    for rule in progress(PLANE.values(), "turned bowls"):
        hit = sweep(
            Bowls(hessian[:, :, None]), rule, x0, steps, grid=grid, keep="last", target=target
        ).hit
        assert hit is not None
        median = torch.where(hit < 0, torch.inf, hit.double()).sort(-1).values[..., starts // 2]
        count, index = median.min(0)
        counts.append(count)
        best.append(grid["lr"][index])
    return {"steps": torch.stack(counts).numpy(), "lr": torch.stack(best).numpy()}


@experiment
def delta_bar_delta(
    noise: Sequence[float] = (0.0, 0.3),
    kappa: float = 100.0,
    steps: int = 300,
    lr: float = 0.005,
    increase: float = 0.002,
    decrease: float = 0.1,
    seeds: Sequence[int] = tuple(range(10)),
) -> Arrays:
    r"""Run delta-bar-delta on a bowl, with exact and with noisy gradients.

    Args:
        noise: Standard deviations of the gradient's noise.
        kappa: Condition number of the bowl.
        steps: Budget.
        lr: First rate of both coordinates.
        increase: What a rate gains while the sign agrees.
        decrease: Share that it loses when the sign flips.
        seeds: Seeds of the noise.

    Returns:
        `loss` (noise, seeds, steps + 1), `rate` (noise, seeds, steps + 1, 2), and `plain`
        (steps + 1,), the loss of gradient descent with the best constant rate.
    """
    bowl = Quadratic.conditioned(kappa)
    rule = DeltaBarDelta(lr, increase=increase, decrease=decrease)
    losses, rates = [], []
    for sigma in noise:
        for seed in seeds:
            loss, rate = _watch_rates(bowl, rule, sigma, seed, steps)
            losses.append(loss)
            rates.append(rate)
    plain = run(bowl, SGD(2 / (1 + kappa)), bowl.start, steps).loss
    shape = (len(noise), len(seeds))
    return {
        "loss": torch.stack(losses).unflatten(0, shape).numpy(),
        "rate": torch.stack(rates).unflatten(0, shape).numpy(),
        "plain": plain.numpy(),
    }


def _watch_rates(
    bowl: Quadratic, rule: DeltaBarDelta, sigma: float, seed: int, steps: int
) -> tuple[Tensor, Tensor]:
    """Losses (steps + 1,) and rates (steps + 1, 2) of one run."""
    oracle, x = langevin(sigma, seed=seed), bowl.start
    state = rule.init(x)
    losses, rates = [bowl(x)], [state["rate"]]
    for k in range(steps):
        dx, state = rule.update(oracle(bowl, x, k), state, x)
        x = x + dx
        losses.append(bowl(x))
        rates.append(state["rate"])
    return torch.stack(losses), torch.stack(rates)


@experiment
def without_schedule(
    horizons: Sequence[int] = (100, 300, 1000),
    kappa: float = 30.0,
    dim: int = 10,
    sigma: float = 1.0,
    rates: int = 12,
    runs: int = 100,
) -> Arrays:
    """Compare schedule-free SGD with SGD that is decayed to 0 at a known last step.

    Args:
        horizons: Last steps, increasing.
        kappa: Condition number of the bowl.
        dim: Number of coordinates.
        sigma: Standard deviation of the gradient's noise.
        rates: Learning rates, evenly spaced in the logarithm from 1e-3 to 2/L.
        runs: Independent runs to average over.

    Returns:
        `decayed` (horizons, rates), mean loss at the end of a run made for that horizon;
        `free` (horizons, rates), that of the average of one run at that step; and `lr` (rates,).
    """
    bowl = Quadratic.conditioned(kappa, dim=dim)
    lr = torch.logspace(-3, math.log10(2 / kappa), rates, dtype=F64)
    x0 = bowl.start.expand(rates, runs, dim)
    oracle, decayed, free = langevin(sigma), [], []
    for last in horizons:
        x = x0
        for k in range(last):
            x = x - (1 - k / last) * lr[:, None, None] * oracle(bowl, x, k)
        decayed.append(bowl(x).mean(-1))
    rule, x = ScheduleFreeSGD(lr[:, None]), x0
    state = rule.init(x)
    for k in range(horizons[-1]):
        dx, state = rule.update(oracle(bowl, x, k), state, x)
        x = x + dx
        if k + 1 in horizons:
            free.append(bowl(state["average"]).mean(-1))
    found = {"decayed": torch.stack(decayed), "free": torch.stack(free), "lr": lr}
    return {name: values.numpy() for name, values in found.items()}
