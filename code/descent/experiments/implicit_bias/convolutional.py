"""Convolutional kernels beside finite networks, and on digits that are shifted."""

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import one_hot

from descent.data import digits
from descent.experiments import experiment, progress
from descent.implicit_bias import (
    ConvNet,
    KernelRegression,
    conv_kernels,
    relu_kernels,
    tangent_kernel,
)

Arrays = dict[str, np.ndarray]

CHANNELS = (16, 64, 256)
CANVASES = (8, 10, 12)
METHODS = ("fully connected", "convolutional, flattened", "convolutional, pooled")


@experiment
def conv_errors(channels: Sequence[int] = CHANNELS, seeds: int = 5, n: int = 4) -> Arrays:
    r"""Measure how far tangent kernels of convolutional networks are from their limit.

    Args:
        channels: Channels of both hidden layers.
        seeds: Networks for each.
        n: Images of 4 × 4 normal random pixels.

    Returns:
        `error`, Frobenius norm of the difference over that of the limit, (2, channels, seeds):
        flattened first, then pooled.
    """
    images = torch.randn(n, 1, 4, 4, generator=torch.Generator().manual_seed(0))
    error = np.empty((2, len(channels), seeds))
    for i, pooling in enumerate((False, True)):
        limit = conv_kernels(images.double(), depth=2, pooling=pooling).ntk.float()
        for j, count in enumerate(progress(channels, "channels")):
            for seed in range(seeds):
                net = ConvNet(count, depth=2, pooling=pooling, image=(1, 4, 4), seed=seed)
                kernel = tangent_kernel(net, images)[:, 0, :, 0]
                error[i, j, seed] = float((kernel - limit).norm() / limit.norm())
    return {"error": error}


def placed(images: Tensor, canvas: int, seed: int) -> Tensor:
    """Put images of 8 × 8 pixels at random places of an empty canvas, (n, 1, canvas, canvas)."""
    generator = torch.Generator().manual_seed(seed)
    at = torch.randint(0, canvas - 8 + 1, (len(images), 2), generator=generator)
    out = images.new_zeros(len(images), 1, canvas, canvas)
    for place, image, (row, col) in zip(out, images.view(-1, 8, 8), at.tolist(), strict=True):
        place[0, row : row + 8, col : col + 8] = image
    return out


@experiment
def shifted_digits(
    canvases: Sequence[int] = CANVASES,
    draws: int = 3,
    n: int = 50,
    tests: int = 80,
    depth: int = 2,
) -> Arrays:
    """Classify shifted digits by regression with three tangent kernels.

    Args:
        canvases: Sides of the canvas; a digit of 8 × 8 pixels stands anywhere on it.
        draws: Draws of digits and places.
        n: Training images.
        tests: Test images.
        depth: Hidden layers of each network.

    Returns:
        Test `accuracy` (canvases, 3, draws), in the order of `METHODS`; `examples`
        (canvases, 12, 12), the first image of each canvas.
    """
    accuracy = np.empty((len(canvases), len(METHODS), draws))
    examples = np.zeros((len(canvases), 12, 12))
    for draw in range(draws):
        data = digits(n + tests, 0, seed=draw)
        y = one_hot(data.labels, 10).double() - 0.1
        for i, canvas in enumerate(progress(canvases, f"draw {draw}")):
            images = placed(data.inputs, canvas, draw)
            if draw == 0:
                examples[i, :canvas, :canvas] = images[0, 0]
            pairs = [_kernels(m, images[:n], images[n:], depth) for m in range(len(METHODS))]
            for m, (kernel, cross) in enumerate(pairs):
                ridge = 1e-6 * float(kernel.diagonal().mean()) / n
                answer = KernelRegression(kernel, y[:n], ridge).predict(cross).argmax(1)
                accuracy[i, m, draw] = float((answer == data.labels[n:]).double().mean())
    return {"accuracy": accuracy, "examples": examples}


def _kernels(method: int, train: Tensor, test: Tensor, depth: int) -> tuple[Tensor, Tensor]:
    """Return the tangent kernels of training images, and of test and training images."""
    if method == 0:
        flat, other = train.double().flatten(1), test.double().flatten(1)
        pair = relu_kernels(flat, depth=depth), relu_kernels(other, flat, depth=depth)
    else:
        pooling = method == 2
        pair = (
            conv_kernels(train, depth=depth, pooling=pooling),
            conv_kernels(test, train, depth=depth, pooling=pooling),
        )
    return pair[0].ntk.double(), pair[1].ntk.double()
