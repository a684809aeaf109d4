"""Lazy and rich training: output scales, widths, and neurons that move."""

import math
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import normalize

from descent.core import run
from descent.experiments import experiment, progress
from descent.experiments.implicit_bias.kernels import circle, three_or_eight
from descent.implicit_bias import KernelRegression, LazyLoss, WideNet, relu_kernels
from descent.optimizers import SGD

Arrays = dict[str, np.ndarray]

ALPHAS = (0.03, 0.1, 0.3, 1.0, 3.0, 10.0)
STOPS = (0, 30, 100, 300, 1000, 2000)
# The three neurons that make the targets of the figure in the plane: degrees and weights out.
LOOKS, SIGNS = (30.0, 150.0, 265.0), (1.0, -1.0, 1.0)


def few_neurons(d: int, n: int, seed: int, neurons: int = 3) -> tuple[Tensor, Tensor]:
    """Return n unit vectors (n, d) and a sum of a few random ReLUs of them (n, 1)."""
    generator = torch.Generator().manual_seed(seed)
    inputs = normalize(torch.randn(n, d, generator=generator), dim=1)
    directions = normalize(torch.randn(neurons, d, generator=generator), dim=1)
    y = torch.relu(inputs @ directions.mT).sum(1, keepdim=True)
    return inputs, (y - y.mean()) / y.std()


@experiment
def output_scales(
    alphas: Sequence[float] = ALPHAS,
    draws: int = 3,
    d: int = 20,
    n: int = 100,
    width: int = 128,
    steps: int = 1500,
) -> Arrays:
    r"""Train on a function of three neurons with different output scales α.

    Args:
        alphas: Output scales.
        draws: Draws of the data, the three neurons and the initial weights.
        d: Inputs.
        n: Training examples; 500 more are for testing.
        width: Hidden units of the network.
        steps: Steps of gradient descent. The rate is proportional to α where α is small, because
            there the weights and the kernel grow.

    Returns:
        For each scale and draw, (alphas, draws): mean square `train` and `test` errors, `drift` of
        the kernel, `movement` of the weights of the first layer, both relative. `kernel` (draws,):
        the test error of regression with the limit's kernel.
    """
    out = {name: np.empty((len(alphas), draws)) for name in ("train", "test", "drift", "movement")}
    net, kernel = WideNet(d, width), np.empty(draws)
    for draw in progress(range(draws), "draws"):
        inputs, y = few_neurons(d, n + 500, draw)
        fit = KernelRegression(relu_kernels(inputs[:n].double(), depth=1).ntk, y[:n].double())
        cross = relu_kernels(inputs[n:].double(), inputs[:n].double(), depth=1).ntk
        kernel[draw] = float((fit.predict(cross) - y[n:]).square().mean())
        alpha = torch.tensor(alphas)
        w0 = net.init(draw).expand(len(alphas), -1)
        loss = LazyLoss(net, inputs[:n], y[:n], w0, alpha)
        lr = 0.3 * fit.largest_step * (3 * alpha).clamp(max=1)
        w = run(loss, SGD(lr), w0, steps, keep="last", watch=False).final_x
        first, last = (net.kernel(v, inputs[:n]) for v in (w0, w))
        hidden = slice(0, d * width)
        out["train"][:, draw] = 2 * alpha**2 * loss(w)
        out["test"][:, draw] = (loss.predict(w, inputs[n:]) - y[n:]).square().mean((1, 2))
        out["drift"][:, draw] = (last - first).norm(dim=(1, 2)) / first.norm(dim=(1, 2))
        out["movement"][:, draw] = (w - w0)[:, hidden].norm(dim=1) / w0[:, hidden].norm(dim=1)
    return out | {"kernel": kernel}


@experiment
def neurons(
    alphas: Sequence[float] = ALPHAS,
    stops: Sequence[int] = STOPS,
    width: int = 100,
    n: int = 40,
) -> Arrays:
    r"""Follow the neurons of a network with two inputs; the targets are made by three neurons.

    Args:
        alphas: Output scales.
        stops: Steps at which the neurons are kept, increasing from 0.
        width: Hidden units.
        n: Training examples, evenly spaced on the circle.

    Returns:
        `place` (alphas, stops, width, 2): weights into each unit, multiplied by the size of its
        weight out. `aligned` (alphas, stops): the part of the total length of these vectors that
        is within 10 degrees of a line along which one of the three neurons looks; `directions`
        (3, 2). Mean square `error` (alphas, stops).
    """
    inputs = circle(torch.arange(n) * (360 / n))
    directions = circle(torch.tensor(LOOKS))
    y = torch.relu(inputs @ directions.mT) @ torch.tensor(SIGNS)[:, None]
    y = y / y.std()
    net, alpha = WideNet(2, width), torch.tensor(alphas)
    fit = KernelRegression(relu_kernels(inputs.double(), depth=1).ntk, y.double())
    w = w0 = net.init(0).expand(len(alphas), -1)
    loss = LazyLoss(net, inputs, y, w0, alpha)
    lr, kept = 0.3 * fit.largest_step * (0.7 * alpha).clamp(max=1), [w0]
    for a, b in progress(list(pairwise(stops)), "stops"):
        w = run(loss, SGD(lr), w, b - a, keep="last", watch=False).final_x
        kept.append(w)
    place = []
    for v in kept:
        (into, _), (out, _) = net.network.unflatten(v)
        place.append(into * out.abs().mT)
    vectors = torch.stack(place, 1)
    length = vectors.norm(dim=-1)
    near = (vectors @ directions.mT).abs().amax(-1) > math.cos(math.radians(10)) * length
    return {
        "place": vectors.numpy(),
        "aligned": ((near * length).sum(-1) / length.sum(-1)).numpy(),
        "directions": directions.numpy(),
        "error": torch.stack([2 * alpha**2 * loss(v) for v in kept], 1).numpy(),
    }


@experiment
def scalings(
    widths: Sequence[int] = (32, 128, 512), seeds: int = 3, n: int = 30, steps: int = 500
) -> Arrays:
    r"""Compare two scalings of the output as the width grows, on digits 3 and 8.

    Args:
        widths: Widths m of the one hidden layer.
        seeds: Networks of each width.
        n: Training examples.
        steps: Steps of gradient descent.

    Returns:
        First with output scale 1, then with $4/\sqrt m$, (2, widths, seeds): the relative `drift`
        of the kernel and `movement` of the weights of the first layer; the `train` error.
    """
    inputs, y = three_or_eight(n)
    fit = KernelRegression(relu_kernels(inputs, depth=1).ntk, y)
    names = ("drift", "movement", "train")
    out = {name: np.empty((2, len(widths), seeds)) for name in names}
    for j, width in enumerate(progress(widths, "widths")):
        net = WideNet(inputs.shape[1], width)
        w0, x = net.init(range(seeds)), inputs.float()
        hidden = slice(0, inputs.shape[1] * width)
        for i, alpha in enumerate((1.0, 4 / width**0.5)):
            loss = LazyLoss(net, x, y.float(), w0, alpha)
            lr = 0.5 * fit.largest_step * min(1.0, 2 * alpha)
            w = run(loss, SGD(lr), w0, steps, keep="last", watch=False).final_x
            first, last = (net.kernel(v, x) for v in (w0, w))
            out["drift"][i, j] = (last - first).norm(dim=(1, 2)) / first.norm(dim=(1, 2))
            moved = (w - w0)[:, hidden].norm(dim=1) / w0[:, hidden].norm(dim=1)
            out["movement"][i, j], out["train"][i, j] = moved, 2 * alpha**2 * loss(w)
    return out
