"""Wide fully connected networks beside their kernels."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import normalize, one_hot

from descent.core import run
from descent.data import digits
from descent.experiments import experiment, progress
from descent.implicit_bias import KernelRegression, LazyLoss, WideNet, relu_kernels
from descent.optimizers import SGD

Arrays = dict[str, np.ndarray]

DEPTHS = (1, 2, 3)
SIZES = (32, 64, 128, 256, 512, 1024)
WIDTHS = (16, 64, 256, 1024)
STEPS = (0, 1, 3, 10, 30, 100, 300)
MOVIE_WIDTHS = (4, 16, 64, 256)
# The movie's training points: angles on the circle in degrees, and values.
ANGLES = (20.0, 55.0, 75.0, 150.0, 190.0, 230.0, 305.0, 330.0)
VALUES = (1.0, -0.5, 0.8, -1.0, -0.2, 1.0, 0.6, -0.8)


def unit_digits(n: int) -> tuple[Tensor, Tensor]:
    """Return the first n digits of a shuffle as unit vectors, and their classes."""
    data = digits(n, 0, seed=0, dtype=torch.float64)
    return normalize(data.inputs, dim=1), data.labels


def three_or_eight(n: int) -> tuple[Tensor, Tensor]:
    """Return n digits that are a 3 or an 8 as unit vectors, and ±1 (n, 1)."""
    inputs, labels = unit_digits(1797)
    found = ((labels == 3) | (labels == 8)).nonzero()[:n, 0]
    return inputs[found], torch.where(labels[found] == 3, 1.0, -1.0)[:, None].double()


@experiment
def width_errors(
    widths: Sequence[int] = SIZES, depths: Sequence[int] = DEPTHS, seeds: int = 10, n: int = 10
) -> Arrays:
    r"""Measure how far tangent kernels at the start are from their limit.

    Args:
        widths: Widths m of the hidden layers.
        depths: Numbers of hidden layers.
        seeds: Networks for each.
        n: Digits.

    Returns:
        `error`, Frobenius norm of the difference over that of the limit, (depths, widths, seeds).
    """
    inputs, _ = unit_digits(n)
    error = np.empty((len(depths), len(widths), seeds))
    for i, depth in enumerate(depths):
        limit = relu_kernels(inputs, depth=depth).ntk.float()
        for j, width in enumerate(progress(widths, f"depth {depth}")):
            net = WideNet(inputs.shape[1], width, depth)
            for seed in range(seeds):
                kernel = net.kernel(net.init(seed), inputs.float())
                error[i, j, seed] = float((kernel - limit).norm() / limit.norm())
    return {"error": error}


@experiment
def against_kernel(
    widths: Sequence[int] = WIDTHS, seeds: int = 3, n: int = 30, tests: int = 100, steps: int = 1000
) -> Arrays:
    r"""Train networks on digits 3 and 8 beside regression with the kernel of infinite width.

    Args:
        widths: Widths m of the one hidden layer.
        seeds: Networks of each width.
        n: Training examples.
        tests: Test examples.
        steps: Steps of gradient descent, with half the largest stable rate of the kernel.

    Returns:
        For each width and seed, (widths, seeds): the training `loss` (mean square) at the end,
        the root mean square `gap` on test examples to the limit's kernel after as many steps,
        that to the network's own first kernel, `own`, the `correlation`, the relative
        `movement` of the weights and `drift` of the kernel, the test `accuracy`. `kernels`
        (widths, 3, 10, 10) of the first seed on ten examples sorted by class: limit, start, end.
        `kernel_accuracy` of the limit.
    """
    inputs, targets = three_or_eight(n + tests)
    train, test, y, truth = inputs[:n], inputs[n:], targets[:n], targets[n:]
    fit = KernelRegression(relu_kernels(train, depth=1).ntk, y)
    lr, count = 0.5 * fit.largest_step, torch.tensor([float(steps)], dtype=torch.float64)
    wanted = fit.after(relu_kernels(test, train, depth=1).ntk, count, lr)[0]
    order = torch.argsort(y[:, 0])[:: max(1, n // 10)][:10]
    rows, kernels = [], []
    for width in progress(widths, "widths"):
        net = WideNet(train.shape[1], width)
        w0 = net.init(range(seeds), dtype=torch.float32)
        loss = LazyLoss(net, train.float(), y.float(), w0)
        w = run(loss, SGD(lr), w0, steps, keep="last", watch=False).final_x
        pairs = [(net.kernel(v, train), net.kernel(v, test, train)) for v in w0.double()]
        own = torch.stack([KernelRegression(k, y).after(c, count, lr)[0] for k, c in pairs])
        rows.append(_compared(loss, w, test, wanted, own, truth))
        some = train[order].float()
        pair = [net.kernel(v[0], some).numpy() for v in (w0, w)]
        kernels.append(np.stack([fit.kernel[order][:, order].numpy(), *pair]))
    out = {name: np.stack([row[name] for row in rows]) for name in rows[0]}
    right = ((wanted > 0) == (truth > 0)).double().mean()
    return out | {"kernels": np.stack(kernels), "kernel_accuracy": right.numpy()}


def _compared(
    loss: LazyLoss, w: Tensor, test: Tensor, wanted: Tensor, own: Tensor, truth: Tensor
) -> Arrays:
    """Compare trained networks with what kernels predict; every entry is (seeds,)."""
    found = loss.predict(w, test.float()).double()
    first, last = (loss.net.kernel(v, loss.inputs) for v in (loss.w0, w))
    weights = loss.net.scale(w) > 0  # without biases
    joint = [torch.corrcoef(torch.stack((f[:, 0], wanted[:, 0])))[0, 1] for f in found]
    values = {
        "loss": 2 * loss(w),
        "gap": (found - wanted).square().mean((1, 2)).sqrt(),
        "own": (found - own).square().mean((1, 2)).sqrt(),
        "correlation": torch.stack(joint),
        "movement": ((w - loss.w0) * weights).norm(dim=1) / (loss.w0 * weights).norm(dim=1),
        "drift": (last - first).norm(dim=(1, 2)) / first.norm(dim=(1, 2)),
        "accuracy": ((found > 0) == (truth > 0)).double().mean((1, 2)),
    }
    return {name: value.double().numpy() for name, value in values.items()}


@experiment
def movie(
    widths: Sequence[int] = MOVIE_WIDTHS, steps: Sequence[int] = STEPS, seeds: int = 5
) -> Arrays:
    r"""Follow functions on the circle through training, beside the kernel's prediction.

    Args:
        widths: Widths of the two hidden layers.
        steps: Where the functions are kept, increasing from 0.
        seeds: Networks of each width.

    Returns:
        `angle` in degrees, (grid,); the change of each network `f`, (widths, steps, seeds, grid),
        and of the `kernel`, (steps, grid); their losses `net_loss` (widths, steps, seeds) and
        `kernel_loss` (steps,), mean squares over the training points.
    """
    angle = np.linspace(0, 360, 73)
    grid, train = (circle(torch.as_tensor(a, dtype=torch.float64)) for a in (angle, ANGLES))
    y = torch.tensor(VALUES, dtype=torch.float64)[:, None]
    fit = KernelRegression(relu_kernels(train, depth=2).ntk, y)
    lr, counts = 0.4 * fit.largest_step, torch.tensor(steps, dtype=torch.float64)
    path = fit.after(relu_kernels(grid, train, depth=2).ntk, counts, lr)[..., 0]
    error = (fit.after(fit.kernel, counts, lr) - y).square().mean((1, 2))
    functions, losses = [], []
    for width in progress(widths, "widths"):
        net = WideNet(2, width, 2)
        w = w0 = net.init(range(seeds))
        loss = LazyLoss(net, train.float(), y.float(), w0)
        kept = [w]
        for a, b in pairwise(steps):
            w = run(loss, SGD(lr), w, b - a, keep="last", watch=False).final_x
            kept.append(w)
        functions.append(torch.stack([loss.predict(v, grid.float())[..., 0] for v in kept]))
        losses.append(torch.stack([2 * loss(v) for v in kept]))
    return {
        "angle": angle,
        "f": torch.stack(functions).numpy(),
        "kernel": path.numpy(),
        "net_loss": torch.stack(losses).numpy(),
        "kernel_loss": error.numpy(),
    }


def circle(degrees: Tensor) -> Tensor:
    """Return points of the unit circle, (n, 2)."""
    angle = torch.deg2rad(degrees)
    return torch.stack((torch.cos(angle), torch.sin(angle)), 1)


@experiment
def digit_accuracies(depths: Sequence[int] = (1, 3, 6), n: int = 1000) -> Arrays:
    """Classify digits by regression with both kernels of fully connected networks.

    Args:
        depths: Numbers of hidden layers.
        n: Training examples; the other digits are for testing.

    Returns:
        Test accuracies `ntk` and `nngp`, (depths,).
    """
    inputs, labels = unit_digits(1797)
    y = one_hot(labels, 10).double() - 0.1
    out: dict[str, list[float]] = {"ntk": [], "nngp": []}
    for depth in progress(depths, "depths"):
        kernels = relu_kernels(inputs, depth=depth)
        for name, found in out.items():
            kernel = getattr(kernels, name)
            fit = KernelRegression(kernel[:n, :n], y[:n], ridge=1e-8)
            answer = fit.predict(kernel[n:, :n]).argmax(1)
            found.append(float((answer == labels[n:]).double().mean()))
    return {name: np.array(found) for name, found in out.items()}
