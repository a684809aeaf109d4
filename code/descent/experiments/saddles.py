r"""Long runs of the chapter on saddles: stated budgets, several seeds, cached results."""

import math
from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from descent.core import run
from descent.curvature import hessian, sharpness
from descent.data import digits
from descent.experiments import experiment, progress, watched
from descent.networks import MLP, Empirical, cross_entropy
from descent.optimizers import SGD, HeavyBall
from descent.oracles import minibatch
from descent.saddles import (
    ReluStudent,
    ThreeSpin,
    bent,
    gaussian_matrices,
    log_minima,
    log_positive,
    match,
    permute,
    rescale,
    sampled_index,
    straight,
    train_bend,
)

Arrays = dict[str, np.ndarray]

SIZES = (*range(1, 17), 20, 24)
LAWS = (2, 4, 8, 16)
SPINS = (15, 30, 60)
DISORDERS = (0, 1, 2)
STUDENTS = ((6, 6), (8, 8), (10, 10), (10, 11))
SEEDS = (0, 1, 2)
GAINS = (1.0, 0.1, 0.01, 0.001, 0.0001)


@experiment
def index_models(sizes: Sequence[int] = SIZES) -> Arrays:
    """Compute the probability that a critical point is a minimum, in three models.

    Args:
        sizes: Dimensions.

    Returns:
        `coin`, `matrix`, `field` (sizes,): natural logarithms.
    """
    rows = [(-n * np.log(2), log_positive(n), log_minima(n)) for n in progress(sizes, "models")]
    coin, matrix, field = np.array(rows).T
    return {"coin": coin, "matrix": matrix, "field": field}


@experiment
def index_laws(sizes: Sequence[int] = LAWS, count: int = 40_000, seed: int = 0) -> Arrays:
    """Sample how many eigenvalues are negative, in three models.

    Args:
        sizes: Dimensions.
        count: Matrices for each dimension.
        seed: Seed of the matrices.

    Returns:
        `coin`, `matrix`, `field` (sizes, 17): density of the index over n at 0, 1/16, ..., 1,
        interpolated where n is smaller than 16.
    """
    out: dict[str, list] = {"coin": [], "matrix": [], "field": []}
    rng = torch.Generator().manual_seed(seed)
    for n in progress(sizes, "laws"):
        below = (torch.linalg.eigvalsh(gaussian_matrices(n, count, rng)) < 0).sum(-1)
        laws = {
            "coin": np.array([math.comb(n, i) for i in range(n + 1)]) / 2**n,
            "matrix": torch.bincount(below, minlength=n + 1).double().numpy() / count,
            "field": sampled_index(n, count, rng).numpy(),
        }
        places = np.linspace(0, 1, n + 1)
        for name, law in laws.items():
            out[name].append(np.interp(np.linspace(0, 1, 17), places, law * n))
    return {name: np.array(rows) for name, rows in out.items()}


@experiment
def spin_points(
    sizes: Sequence[int] = SPINS, disorders: Sequence[int] = DISORDERS, starts: int = 210
) -> Arrays:
    """Find critical points of spherical 3-spin models by Newton's method.

    Newton starts after 0 to 60 gradient steps of length 0.02 times the gradient, so that points at
    all heights are found.

    Args:
        sizes: Numbers of coordinates.
        disorders: Seeds of the coefficients.
        starts: Starts of Newton's method for each model.

    Returns:
        `energy` and `share` of descending directions (sizes, disorders, starts), in rising order of
        energy, NaN where Newton found nothing or nothing new.
    """
    shape = (len(sizes), len(disorders), starts)
    out = {name: np.full(shape, np.nan) for name in ("energy", "share")}
    for i, n in enumerate(sizes):
        for j, seed in enumerate(progress(disorders, f"3-spin, N = {n}")):
            energy, share = _critical_points(ThreeSpin(n, seed), starts)
            out["energy"][i, j, : len(energy)], out["share"][i, j, : len(share)] = energy, share
    return out


@experiment
def spin_descents(
    n: int = 30, disorders: Sequence[int] = DISORDERS, starts: int = 40, steps: int = 6000
) -> Arrays:
    """Descend on spherical 3-spin models until the gradient vanishes.

    Args:
        n: Number of coordinates.
        disorders: Seeds of the coefficients.
        starts: Random starts for each model.
        steps: Budget, with learning rate 0.1.

    Returns:
        `energy`, `index` and `grad`, the length of the gradient, (disorders, starts).
    """
    rows = []
    for seed in progress(disorders, "descents"):
        model = ThreeSpin(n, seed)
        u = model.descend(model.start(starts, seed=1), 0.1, steps)
        index = (torch.linalg.eigvalsh(model.hessian(u)) < 0).sum(-1)
        rows.append((model(u), index, model.grad(u).norm(dim=-1)))
    energy, index, grad = (torch.stack(part).numpy() for part in zip(*rows, strict=True))
    return {"energy": energy, "index": index, "grad": grad}


def _critical_points(model: ThreeSpin, starts: int) -> tuple[Tensor, Tensor]:
    """Energies and shares of descending directions of distinct critical points."""
    u = model.start(starts)
    groups = [model.descend(g, 0.02, 10 * k) for k, g in enumerate(u.chunk(7))]
    u, length = model.newton(torch.cat(groups))
    u = u[length < 1e-9]
    energy = model(u)
    # The same point found twice has the same energy.
    _, first = np.unique(energy.numpy().round(8), return_index=True)
    u, energy = u[first], energy[first]
    return energy, (torch.linalg.eigvalsh(model.hessian(u)) < 0).double().mean(-1)


@experiment
def students(
    shapes: Sequence[Sequence[int]] = STUDENTS,
    seeds: Sequence[int] = SEEDS,
    starts: int = 100,
    steps: int = 2000,
) -> Arrays:
    """Train ReLU students on the exact expected loss and look at where they end.

    Args:
        shapes: Pairs of teacher's units and student's units.
        seeds: Seeds of the starts.
        starts: Students for each shape and seed.
        steps: Budget of the heavy ball with rate 0.5 over the teacher's units and momentum 0.95.

    Returns:
        `loss` and `grad`, the length of the gradient, (shapes, seeds, starts); and `lowest`, the
        smallest eigenvalue of the Hessian at the first end of each shape with loss above 1e-3,
        (shapes,), NaN where there is none.
    """
    loss, grad, lowest = [], [], []
    for k, n in progress(shapes, "students"):
        f = ReluStudent(k, n)
        x0 = torch.stack([f.init(starts, seed) for seed in seeds])
        x = run(f, HeavyBall(0.5 / k, 0.95), x0, steps, keep="last", watch=False).final_x
        loss.append(f(x))
        grad.append(f.grad(x).norm(dim=-1))
        caught = x[loss[-1] > 1e-3]
        values = torch.linalg.eigvalsh(hessian(f, caught[:1])) if len(caught) else None
        lowest.append(np.nan if values is None else float(values.min()))
    return {
        "loss": torch.stack(loss).numpy(),
        "grad": torch.stack(grad).numpy(),
        "lowest": np.array(lowest),
    }


@experiment
def connected(
    seeds: Sequence[int] = SEEDS,
    epochs: int = 40,
    bend_steps: int = 3000,
    points: int = 41,
) -> Arrays:
    """Train networks on digits and walk between them.

    Each seed is joined with the next one. Networks have two hidden layers of 64 tanh units, and are
    trained with batches of 32 and momentum 0.9.

    Args:
        seeds: Initial weights and batches.
        epochs: Budget.
        bend_steps: Steps that bend a curve between two networks.
        points: Points on each path.

    Returns:
        Training losses (pairs, points) on the paths `straight`, `matched`, `bent`, from a network
        to its `own` permuted copy, and from the `start` to the end of training; test errors
        (pairs, points) as `straight_error`, `matched_error`, `bent_error`.
    """
    data = digits(1200, 597, seed=0, standardize=True)
    objective = Empirical(MLP((64, 64, 64, 10), "tanh"), data, cross_entropy)
    start = objective.network.init(list(seeds))
    steps = epochs * (1200 // 32)
    oracle = watched(minibatch(32, seed=0), steps, "digits")
    a = run(objective, HeavyBall(0.02, 0.9), start, steps, oracle=oracle, keep="last",
            watch=False).final_x  # fmt: skip
    b = a.roll(-1, 0)
    moved = torch.stack([match(objective.network, *pair) for pair in zip(a, b, strict=True)])
    middle = train_bend(objective, a, b, bend_steps, 0.2, 128, seed=0)
    paths = {
        "straight": straight(a, b, points),
        "matched": straight(a, moved, points),
        "bent": bent(a, middle, b, points),
        "own": straight(a, _shuffled(objective.network, a), points),
        "start": straight(start, a, points),
    }
    out = {name: torch.stack([objective(x) for x in path], 1) for name, path in paths.items()}
    for name in ("straight", "matched", "bent"):
        right = [objective.test.accuracy(x) for x in paths[name]]
        out[f"{name}_error"] = 1 - torch.stack(right, 1)
    return {name: values.numpy() for name, values in out.items()}


def _shuffled(network: MLP, x: Tensor) -> Tensor:
    """Reorder all hidden units at random: other weights, the same function."""
    generator = torch.Generator().manual_seed(7)
    for layer, width in enumerate(network.sizes[1:-1]):
        x = permute(network, x, layer, torch.randperm(width, generator=generator))
    return x


@experiment
def rescaled(factors: Sequence[float] = (1.0, 3.0, 10.0), seeds: Sequence[int] = SEEDS) -> Arrays:
    """Train ReLU networks on digits and rescale their first hidden layer.

    Args:
        factors: What the first layer is multiplied with, and the second divided by.
        seeds: Initial weights.

    Returns:
        `loss`, `sharpness` and `change`, the largest change of an output, (factors, seeds).
    """
    data = digits(500, seed=0, standardize=True, dtype=torch.float64)
    objective = Empirical(MLP((64, 32, 32, 10), "relu", "he"), data, cross_entropy)
    x0 = objective.network.init(list(seeds), dtype=torch.float64)
    x = run(objective, HeavyBall(0.05, 0.9), x0, 150, keep="last", watch=False).final_x
    rows = torch.stack([rescale(objective.network, x, 0, c) for c in factors])
    outputs = objective.network(rows, data.inputs)
    return {
        "loss": objective(rows).numpy(),
        "sharpness": sharpness(objective, rows).numpy(),
        "change": (outputs - outputs[0]).abs().amax((-2, -1)).numpy(),
    }


@experiment
def stalled(
    gains: Sequence[float] = GAINS,
    seeds: Sequence[int] = SEEDS,
    lr: float = 0.1,
    steps: int = 300,
) -> Arrays:
    r"""Train networks from small weights and wait beside the saddle at the origin.

    One hidden layer of 16 tanh units learns 500 digits by full-batch gradient descent.

    Args:
        gains: Factors on the usual initial weights.
        seeds: Initial weights.
        lr: Learning rate.
        steps: Budget.

    Returns:
        `loss` and `slope`, the length of the gradient, (gains, seeds, steps); `lowest`, the
        smallest eigenvalue of the Hessian with all weights zero and the best output biases, and
        `pull`, the largest singular value of the covariance between targets and inputs.
    """
    data = digits(500, seed=0, standardize=True, dtype=torch.float64)
    objective = Empirical(MLP((64, 16, 10), "tanh", "lecun"), data, cross_entropy)
    x0 = objective.network.init(list(seeds), dtype=torch.float64)
    x0 = torch.tensor(gains, dtype=x0.dtype)[:, None, None] * x0
    losses, slopes = [], []

    def oracle(_: object, x: Tensor, step: int) -> Tensor:
        value, g = objective.value_and_grad(x)
        losses.append(value)
        slopes.append(g.norm(dim=-1))
        return g

    watching = watched(oracle, steps, "stalled")
    run(objective, SGD(lr), x0, steps, oracle=watching, keep="last", watch=False)
    shares = data.one_hot.mean(0)
    origin = torch.zeros(objective.network.dim, dtype=x0.dtype)
    origin[-10:] = shares.log()
    moment = (data.one_hot - shares).T @ data.inputs / len(data.inputs)
    return {
        "loss": torch.stack(losses, -1).numpy(),
        "slope": torch.stack(slopes, -1).numpy(),
        "lowest": torch.linalg.eigvalsh(objective.hessian(origin)).min().numpy(),
        "pull": torch.linalg.matrix_norm(moment, 2).numpy(),
    }
