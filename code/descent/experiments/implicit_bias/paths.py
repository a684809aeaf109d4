"""Linear models: margins of four rules, and sparse weights found from a small start."""

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from descent.cost_functions import MarginObjective, hard_margin
from descent.experiments import experiment, progress
from descent.implicit_bias import Squares, flow_limit, margin, nearest, steepest, widest
from descent.implicit_bias.margins import Geometry
from descent.optimizers import Adam

Arrays = dict[str, np.ndarray]

GEOMETRIES: tuple[Geometry, ...] = ("l2", "linf", "l1")
MARGIN_RULES = ("l2", "linf", "l1", "adam", "adam, short memory")
DECAYS, SPREADS = (0.0, 0.5, 1.0, 1.5, 2.0), (0.0, 0.1, 0.3, 1.0)
PLACES, VALUES = (0.08, 0.3, 0.52, 0.74, 0.95), (0.2, 0.9, 0.1, -0.7, -0.2)
START_SIZES = tuple(10.0 ** (k / 4) for k in range(-16, 5))


def signed(n: int, dim: int, seed: int) -> Tensor:
    """Draw inputs times their labels, (n, d); the label is the sign of the first two's sum."""
    u = torch.randn(n, dim, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
    return u * torch.sign(u[:, :1] + u[:, 1:2])


@experiment
def margins(
    seeds: Sequence[int] = tuple(range(8)),
    examples: int = 60,
    dim: int = 20,
    steps: int = 2000,
    lr: float = 0.5,
    kept: int = 40,
) -> Arrays:
    r"""Descend the logistic loss by steps of each geometry and by Adam, at rates $\eta/\sqrt k$.

    Args:
        seeds: One data set for each.
        examples: Training examples.
        dim: Inputs.
        steps: Budget.
        lr: First rate.
        kept: Number of looks, evenly spaced in the logarithm.

    Returns:
        `step` (kept,) and `part` (rules, geometries, seeds, kept): the margin in each geometry, as
        a part of the widest one. Rules are `MARGIN_RULES`, geometries `GEOMETRIES`.
    """
    rows = torch.stack([signed(examples, dim, seed) for seed in seeds])
    widths = torch.tensor(
        [
            [hard_margin(one)[1] for one in rows],
            [widest(one, "linf")[1] for one in rows],
            [widest(one, "l1")[1] for one in rows],
        ]
    )
    objective = MarginObjective(rows)
    looks = np.unique(np.geomspace(10, steps, kept).round().astype(int))
    found = [_follow(objective, rule, looks, lr) for rule in progress(MARGIN_RULES, "margins")]
    part = torch.stack(found) / widths[None, :, :, None].to(rows.dtype)
    return {"step": looks, "part": part.numpy()}


def _follow(objective: MarginObjective, rule: str, looks: np.ndarray, lr: float) -> Tensor:
    """Return the margins of one rule, (geometries, seeds, looks)."""
    x = torch.zeros_like(objective.rows[:, 0])
    adam = Adam(1.0) if rule == "adam" else Adam(1.0, beta2=0.95, eps=1e-200)
    state, found, wanted = adam.init(x), [], set(looks.tolist())
    for k in range(1, int(looks[-1]) + 1):
        g = objective.grad(x)
        if rule.startswith("adam"):
            dx, state = adam.update(g, state, x)
        else:
            dx = steepest(g, rule)  # type: ignore[arg-type]
        x = x + lr / k**0.5 * dx
        if k in wanted:
            found.append(torch.stack([margin(objective.rows, x, one) for one in GEOMETRIES]))
    return torch.stack(found, -1)


@experiment
def sparse(
    alphas: Sequence[float] = START_SIZES,
    seeds: Sequence[int] = tuple(range(8)),
    examples: int = 20,
    dim: int = 40,
    few: int = 3,
) -> Arrays:
    r"""Find sparse weights from few examples by the flow of squares, for sizes of the start.

    Args:
        alphas: Sizes of the start.
        seeds: One problem for each: Gaussian inputs, `few` weights of $\pm1$.
        examples: Number of examples.
        dim: Number of inputs.
        few: Number of weights that are not 0.

    Returns:
        `weights` (alphas, seeds, dim), the limits; `truth` (seeds, dim); `error` (alphas, seeds),
        the squared distance over the true square; `plain` (seeds,), that of the nearest solution.
    """
    problems = [_few_weights(examples, dim, few, seed) for seed in seeds]
    truth = torch.stack([w for _, w in problems])
    limits = torch.stack(
        [
            torch.stack([flow_limit(rows, w @ rows.mT, alpha) for rows, w in problems])
            for alpha in progress(alphas, "starts")
        ]
    )
    flat = torch.stack([nearest(rows, w @ rows.mT, torch.zeros_like(w)) for rows, w in problems])
    return {
        "weights": limits.numpy(),
        "truth": truth.numpy(),
        "error": ((limits - truth).square().sum(-1) / few).numpy(),
        "plain": ((flat - truth).square().sum(-1) / few).numpy(),
    }


def _few_weights(n: int, dim: int, few: int, seed: int) -> tuple[Tensor, Tensor]:
    """Draw inputs of variance 1/n and sparse weights."""
    source = torch.Generator().manual_seed(seed)
    rows = torch.randn(n, dim, generator=source, dtype=torch.float64) / n**0.5
    w = torch.zeros(dim, dtype=torch.float64)
    w[:few] = torch.tensor([1.0, -1.0], dtype=torch.float64).repeat(few)[:few]
    return rows, w


@experiment
def squares_run(alpha: float = 0.01, lr: float = 0.1, steps: int = 3000) -> Arrays:
    """Descend in squares on the first sparse problem, beside the limit in closed form.

    Args:
        alpha: Size of the start.
        lr: Learning rate.
        steps: Budget.

    Returns:
        `weights` (dim,) that were reached, `limit` (dim,), and `loss`.
    """
    rows, w = _few_weights(20, 40, 3, 0)
    f = Squares(rows, w @ rows.mT)
    x = f.start(alpha)
    for _ in progress(range(steps), "squares"):
        x = x - lr * f.grad(x)
    limit = flow_limit(f.rows, f.targets, alpha)
    return {"weights": f.weights(x).numpy(), "limit": limit.numpy(), "loss": f(x).numpy()}


def waves(t: Tensor, decay: float, count: int = 40) -> Tensor:
    r"""Return the features $(1+j)^{-p}\cos(j\pi t)$ at places t, (n, count)."""
    j = torch.arange(count, dtype=torch.float64)
    return (1 + j) ** -decay * torch.cos(torch.pi * t[:, None] * j)


@experiment
def predictors(
    decays: Sequence[float] = DECAYS,
    sizes: Sequence[float] = SPREADS,
    points: int = 121,
    steps: int = 6000,
) -> Arrays:
    """Fit five points exactly by 40 waves, in four ways.

    Args:
        decays: How fast the features fall with their frequency.
        sizes: Standard deviation of the start of gradient descent.
        points: Places at which the fits are drawn, evenly spaced in [0, 1].
        steps: Budget of Adam, whose rate falls tenfold every quarter.

    Returns:
        `zero` (decays, points), gradient descent from 0; `start` (decays, sizes, points), from a
        random start; `adam` (decays, points); `squares` (decays, points), a small start in
        squares; and for each the largest error at the five points, `<name>_off`.
    """
    x, y = torch.tensor(PLACES, dtype=torch.float64), torch.tensor(VALUES, dtype=torch.float64)
    t = torch.linspace(0, 1, points, dtype=torch.float64)
    drawn = torch.randn(40, generator=torch.Generator().manual_seed(3), dtype=torch.float64)
    found: dict[str, list[Tensor]] = {name: [] for name in ("zero", "start", "squares")}
    for decay in progress(decays, "predictors"):
        rows = waves(x, decay)
        starts = torch.tensor(sizes, dtype=torch.float64)[:, None] * drawn
        found["zero"].append(nearest(rows, y, torch.zeros_like(drawn)))
        found["start"].append(nearest(rows, y, starts))
        found["squares"].append(flow_limit(rows, y, 1e-3))
    found["adam"] = list(_adam_fit(torch.stack([waves(x, p) for p in decays]), y, steps))
    out: Arrays = {}
    for name, weights in found.items():
        fits = [w @ waves(t, p).mT for w, p in zip(weights, decays, strict=True)]
        off = [(w @ waves(x, p).mT - y).abs() for w, p in zip(weights, decays, strict=True)]
        out |= {name: torch.stack(fits).numpy(), f"{name}_off": torch.stack(off).amax().numpy()}
    return out


def _adam_fit(rows: Tensor, targets: Tensor, steps: int) -> Tensor:
    """Fit several problems by Adam from 0, rows (problems, n, d) -> (problems, d)."""
    x, rule = torch.zeros_like(rows[:, 0]), Adam(0.01)
    state = rule.init(x)
    for k in range(steps):
        off = (rows @ x.unsqueeze(-1)).squeeze(-1) - targets
        dx, state = rule.update((off.unsqueeze(-2) @ rows).squeeze(-2), state, x)
        x = x + 0.1 ** (4 * k // steps) * dx
    return x
