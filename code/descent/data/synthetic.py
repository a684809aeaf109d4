"""Data drawn from a formula: teacher networks and spirals."""

from collections.abc import Callable
from typing import Protocol

import numpy as np
import torch
from torch import Tensor

from descent import validate
from descent.data.dataset import Dataset, from_arrays


class Teacher(Protocol):
    """A network that labels examples, such as `descent.networks.MLP`."""

    sizes: tuple[int, ...]
    init: Callable[..., Tensor]

    def __call__(self, x: Tensor, inputs: Tensor) -> Tensor:
        """Return outputs (n, k)."""
        ...


def teacher_student(
    teacher: Teacher,
    n_train: int,
    n_test: int = 0,
    *,
    noise: float = 0.0,
    seed: int = 0,
    dtype: torch.dtype = torch.float32,
    device: torch.device | str = "cpu",
) -> Dataset:
    r"""Draw Gaussian inputs and label them by a random network.

    $$u \sim \mathcal N(0, I), \qquad t = \text{teacher}(u) + \text{noise}\cdot\xi$$

    Test targets carry no noise, so a test loss measures the distance to the teacher.

    Args:
        teacher: The architecture; its parameters are drawn by `teacher.init`.
        n_train: Training examples, at least 1.
        n_test: Test examples.
        noise: Standard deviation of the Gaussian noise on training targets.
        seed: Seed of the teacher, the inputs and the noise.
        dtype: Floating-point type.
        device: Where the tensors go.

    Returns:
        Inputs (n_train, m), targets (n_train, k).
    """
    n_train, n_test = validate.count("n_train", n_train), validate.count("n_test", n_test, low=0)
    validate.at_least("noise", noise, 0)
    generator = torch.Generator().manual_seed(validate.count("seed", seed, low=0))
    # Drawn in double precision, so that float32 data is the rounded float64 data.
    weights = teacher.init(generator, dtype=torch.float64)
    x = torch.randn(n_train + n_test, teacher.sizes[0], generator=generator, dtype=torch.float64)
    y = teacher(weights, x)
    xi = torch.randn(n_train, y.shape[1], generator=generator, dtype=torch.float64)
    y[:n_train] += noise * xi
    return from_arrays(x.numpy(), y.numpy(), n_train, n_test, dtype, device)


def spirals(
    n_train: int,
    n_test: int = 0,
    *,
    classes: int = 2,
    turns: float = 1.0,
    noise: float = 0.05,
    seed: int = 0,
    dtype: torch.dtype = torch.float32,
    device: torch.device | str = "cpu",
) -> Dataset:
    r"""Draw points from interleaved spiral arms, one arm a class.

    $$u = r\,(\cos\theta, \sin\theta) + \text{noise}\cdot\xi, \quad r \sim \mathcal U(0.1, 1),
    \quad \theta = 2\pi\,(\text{turns}\cdot r + c / \text{classes})$$

    Args:
        n_train: Training examples.
        n_test: Test examples.
        classes: Number of arms, at least 2; every class is equally likely.
        turns: Turns of an arm from the center to radius 1.
        noise: Standard deviation of the Gaussian noise in each coordinate.
        seed: Seed of everything that is drawn.
        dtype: Floating-point type.
        device: Where the tensors go.

    Returns:
        Inputs (n_train, 2).
    """
    n_train, n_test = validate.count("n_train", n_train), validate.count("n_test", n_test, low=0)
    validate.count("classes", classes, low=2)
    validate.positive("turns", turns)
    validate.at_least("noise", noise, 0)
    rng = np.random.default_rng(validate.count("seed", seed, low=0))
    n = n_train + n_test
    y = rng.integers(classes, size=n)
    r = rng.uniform(0.1, 1.0, size=n)
    angle = 2 * np.pi * (turns * r + y / classes)
    x = r[:, None] * np.stack([np.cos(angle), np.sin(angle)], 1)
    x += noise * rng.standard_normal((n, 2))
    return from_arrays(x, y, n_train, n_test, dtype, device, classes=classes)
