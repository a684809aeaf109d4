"""Long runs of the chapter on ill-conditioning: real networks, stated budgets, cached results.

Every function takes its whole budget as arguments, trains all its networks together, and returns
plain arrays. The book, the lab, the exercises and the tests read the same cached results.
"""

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from descent.core import run
from descent.curvature import SharpnessProbe, hvp
from descent.data import digits
from descent.experiments import experiment, progress, watched
from descent.ill_conditioning import TwoLayerLinear, directional_curvature, relative_error
from descent.networks import MLP, Empirical, cross_entropy, mse_half
from descent.optimizers import SGD, HeavyBall
from descent.oracles import metered, minibatch
from descent.sweeps import sweep

Arrays = dict[str, np.ndarray]

NOISE = (0.0, 0.1, 0.2, 0.3, 0.4)
RATES = (0.1, 0.15, 0.2, 0.25, 0.35, 0.5, 0.7)
KAPPAS = (1.0, 10.0, 100.0, 1000.0)
BATCHES = tuple(4**k for k in range(7))
SEEDS = (0, 1, 2)


@experiment
def gradient_norm_growth(
    noise: Sequence[float] = NOISE,
    seeds: Sequence[int] = SEEDS,
    sizes: Sequence[int] = (64, 128, 128, 10),
    epochs: int = 150,
    every: int = 5,
    batch: int = 32,
    lr: float = 0.05,
) -> Arrays:
    r"""Train ReLU networks on 1200 digits, some of them mislabeled, and watch their gradients.

    Args:
        noise: Fractions of wrong labels.
        seeds: One network for each.
        sizes: Layer widths.
        epochs: Budget; an epoch is 1200 // batch steps.
        every: Epochs between measurements; divides `epochs`.
        batch: Batch size, drawn without replacement.
        lr: Learning rate $\eta$ of plain SGD.

    Returns:
        `batch_norm` (noise, epochs, seeds), the mean over an epoch of the mini-batch gradient's
        norm; and at epochs 0, every, ..., (noise, kept, seeds): `loss`, `full_norm` of the exact
        gradient, `curvature` along it, and the budget of one step, `gain` $\eta|g|^2$, `own_cost`
        $\tfrac12\eta^2 g^\top Hg$ and `cost` $\tfrac12\eta^2\,\mathbb E\,\hat g^\top H\hat g$ over
        mini-batches.
    """
    network = MLP(sizes, "relu")
    x0 = network.init(list(seeds))
    rows = []
    for fraction in noise:
        data = digits(1200, seed=0, standardize=True, label_noise=fraction)
        objective = Empirical(network, data, cross_entropy)
        rows.append(_watch_gradients(objective, x0, epochs, every, batch, lr))
    return {name: np.stack([row[name] for row in rows]) for name in rows[0]}


def _watch_gradients(
    objective: Empirical, x0: Tensor, epochs: int, every: int, batch: int, lr: float
) -> Arrays:
    """Train one batch of networks and measure them every few epochs."""
    steps = objective.size // batch
    oracle = metered(minibatch(batch), lambda g: g.norm(dim=-1))
    t = run(
        objective,
        SGD(lr),
        x0,
        epochs * steps,
        oracle=watched(oracle, epochs * steps, "gradient norms"),
        keep=every * steps,
        watch=False,
        probes={"budget": lambda f, x: step_budget(objective, x, lr, batch)},
    )
    gain, own_cost, cost = t.probes["budget"].unbind(-1)
    return {
        "batch_norm": oracle.readings.unflatten(0, (epochs, steps)).mean(1).numpy(),
        "loss": t.loss.numpy(),
        "full_norm": (gain / lr).sqrt().numpy(),
        "curvature": (2 * own_cost / (lr * gain)).numpy(),
        "gain": gain.numpy(),
        "own_cost": own_cost.numpy(),
        "cost": cost.numpy(),
    }


def step_budget(
    objective: Empirical, x: Tensor, lr: float, batch: int, draws: int = 8, seed: int = 0
) -> Tensor:
    r"""Measure what the second-order expansion says of one SGD step.

    $$\mathbb E f(x-\eta\hat g) - f(x) \approx -\eta\,g^\top g
    + \tfrac12\eta^2\,\mathbb E\,\hat g^\top H\hat g$$

    Args:
        objective: The full objective.
        x: Networks, (*batch, P).
        lr: Learning rate $\eta$.
        batch: Batch size of $\hat g$.
        draws: Mini-batches to average over.
        seed: Seed of the mini-batches.

    Returns:
        Gain $\eta g^\top g$, cost $\tfrac12\eta^2 g^\top Hg$ of a full-batch step and mean cost
        $\tfrac12\eta^2\hat g^\top H\hat g$ of a mini-batch step, (*batch, 3).
    """
    operator, g = hvp(objective, x), objective.grad(x)
    sampled = minibatch(batch, seed=seed, replacement=True)
    cost = torch.zeros_like(g[..., 0])
    for k in range(draws):
        noisy = sampled(objective, x, k)
        cost = cost + (noisy * operator(noisy)).sum(-1) / draws
    own = (g * operator(g)).sum(-1)
    return torch.stack([lr * (g * g).sum(-1), 0.5 * lr**2 * own, 0.5 * lr**2 * cost], -1)


@experiment
def edge_of_stability(
    rates: Sequence[float] = RATES,
    seeds: Sequence[int] = SEEDS,
    beta: float = 0.0,
    steps: int = 2000,
    every: int = 20,
) -> Arrays:
    """Train tanh networks on 500 digits with the full batch and watch their sharpness.

    Args:
        rates: Learning rates.
        seeds: One network for each.
        beta: Momentum of `HeavyBall`; 0 is plain gradient descent.
        steps: Budget.
        every: Steps between measurements of the curvature.

    Returns:
        `loss` (steps, rates, seeds) at every step; and every `every` steps `sharpness` and
        `curvature` along the gradient, (kept, rates, seeds), with `step` (kept,).
    """
    data = digits(500, seed=0, standardize=True)
    objective = Empirical(MLP((64, 64, 64, 10), "tanh"), data, mse_half)
    losses = []

    def oracle(_: object, x: Tensor, step: int) -> Tensor:
        value, g = objective.value_and_grad(x)
        losses.append(value)
        return g

    t = sweep(
        objective,
        HeavyBall(1.0, beta),
        objective.network.init(list(seeds)),
        steps,
        grid={"lr": torch.tensor(rates)},
        oracle=watched(oracle, steps, "edge of stability"),
        keep=every,
        watch=False,
        probes={"sharpness": SharpnessProbe(tol=2e-2), "curvature": curvature_along_g},
    )
    return {
        "step": t.step.numpy(),
        "loss": torch.stack(losses).numpy(),
        **{name: values.numpy() for name, values in t.probes.items()},
    }


def curvature_along_g(objective: Empirical, x: Tensor) -> Tensor:
    r"""Probe for $g^\top H g / g^\top g$ of the full objective, (*batch,)."""
    g = objective.grad(x)
    return directional_curvature(g, hvp(objective, x)(g))


@experiment
def sampling_error(
    kappas: Sequence[float] = KAPPAS,
    batches: Sequence[int] = BATCHES,
    dim: int = 10,
    examples: int = 10_000,
    draws: int = 2000,
    seed: int = 0,
) -> Arrays:
    r"""Measure how far a mini-batch step is from the full step, with and without $H^{-1}$.

    Linear regression with Gaussian inputs of covariance diag(1/κ, ..., 1), labels with unit noise,
    at a point at unit distance from the solution, with equal parts in every eigenvector.

    Args:
        kappas: Condition numbers.
        batches: Batch sizes, drawn with replacement.
        dim: Number of weights.
        examples: Size of the data set.
        draws: Mini-batches for each setting.
        seed: Seed of data and batches.

    Returns:
        `gradient` and `newton`, (kappas, batches): root mean square relative errors measured, and
        `gradient_theory`, `newton_theory` from `relative_error`.
    """
    keys = ("gradient", "newton", "gradient_theory", "newton_theory")
    out: dict[str, list] = {key: [] for key in keys}
    for kappa in progress(kappas, "sampling error"):
        per_example, hessian = _regression_gradients(kappa, dim, examples, seed)
        g, sigma = per_example.mean(0), torch.cov(per_example.T, correction=0)
        sizes = torch.tensor(batches, dtype=g.dtype)
        out["gradient_theory"].append(relative_error(sigma, g, sizes))
        out["newton_theory"].append(relative_error(sigma, g, sizes, hessian))
        measured = _measured_errors(per_example, hessian, batches, draws, seed)
        out["gradient"].append(measured[0])
        out["newton"].append(measured[1])
    return {key: torch.stack(rows).numpy() for key, rows in out.items()}


def _regression_gradients(kappa: float, dim: int, n: int, seed: int) -> tuple[Tensor, Tensor]:
    """Per-example gradients (n, dim) of a regression problem, and its Hessian (dim, dim)."""
    rng = torch.Generator().manual_seed(seed)
    scales = torch.logspace(0, -0.5, dim, base=kappa, dtype=torch.float64)
    inputs = torch.randn(n, dim, generator=rng, dtype=torch.float64) * scales
    noise = torch.randn(n, 1, generator=rng, dtype=torch.float64)
    # Without its part that the inputs explain, the noise does not move the solution.
    noise = (noise - inputs @ torch.linalg.lstsq(inputs, noise).solution)[:, 0]
    offset = torch.full((dim,), dim**-0.5, dtype=torch.float64)
    return inputs * (inputs @ offset - noise)[:, None], inputs.T @ inputs / n


def _measured_errors(
    per_example: Tensor, hessian: Tensor, batches: Sequence[int], draws: int, seed: int
) -> tuple[Tensor, Tensor]:
    """Relative errors of mini-batch gradient and Newton steps, (batches,) each."""
    newton = torch.linalg.solve(hessian, per_example.T).T
    rng = torch.Generator().manual_seed(seed + 1)
    rows = []
    for size in batches:
        square = torch.zeros(2, dtype=torch.float64)
        for _ in range(draws):
            index = torch.randint(len(per_example), (size,), generator=rng)
            for k, steps in enumerate((per_example, newton)):
                square[k] += (steps[index].mean(0) - steps.mean(0)).square().sum()
        full = torch.stack([s.mean(0).square().sum() for s in (per_example, newton)])
        rows.append((square / draws / full).sqrt())
    gradient_error, newton_error = torch.stack(rows, 1)
    return gradient_error, newton_error


@experiment
def catapults(
    products: Sequence[float] = (1.0, 1.5, 2.5, 3.0, 3.5, 3.9, 4.5),
    seeds: Sequence[int] = tuple(range(10)),
    width: int = 1000,
    steps: int = 300,
) -> Arrays:
    r"""Run the two-layer model at learning rates set by $\eta\lambda_0$.

    Args:
        products: Values of $\eta\lambda_0$.
        seeds: One start for each.
        width: Number of hidden units.
        steps: Budget.

    Returns:
        `loss` (steps + 1, seeds, products), `product` of learning rate and sharpness of the same
        shape, `diverged` (seeds, products).
    """
    objective = TwoLayerLinear(width)
    runs = []
    for seed in progress(seeds, "catapults"):
        x0 = objective.init(seed)
        lr = torch.tensor(products, dtype=x0.dtype) / objective.sharpness(x0)
        t = sweep(
            objective,
            SGD(1.0),
            x0,
            steps,
            grid={"lr": lr},
            probes={"sharpness": lambda f, x: f.sharpness(x)},
        )
        runs.append((t.loss, t.probes["sharpness"] * lr, t.diverged))
    loss, product, diverged = (torch.stack(part, -2) for part in zip(*runs, strict=True))
    return {"loss": loss.numpy(), "product": product.numpy(), "diverged": diverged.numpy()}
