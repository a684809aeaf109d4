"""Digits that scikit-learn stores and signals that mnist1d generates; nothing is downloaded."""

import random
from functools import lru_cache

import numpy as np
import torch

from descent import validate
from descent.data.dataset import Dataset, from_arrays, with_label_noise


def digits(
    n_train: int | None = None,
    n_test: int | None = None,
    *,
    seed: int | None = None,
    standardize: bool = False,
    label_noise: float = 0.0,
    dtype: torch.dtype = torch.float32,
    device: torch.device | str = "cpu",
) -> Dataset:
    """Load 1797 handwritten digits of 8 × 8 pixels, 10 classes, from scikit-learn's own files.

    Args:
        n_train: Training examples; None for all that the test leaves.
        n_test: Test examples, taken after the training ones; None for all the rest.
        seed: Shuffles the examples (and draws the label noise); None keeps the stored order.
        standardize: False: pixels divided by 16, in [0, 1]. True: each pixel has mean 0 and
            variance 1 over the training examples (a constant pixel becomes 0).
        label_noise: Fraction of wrong training labels, see `with_label_noise`.
        dtype: Floating-point type of the inputs.
        device: Where the tensors go.

    Returns:
        Inputs (n_train, 64).

    Raises:
        ValueError: If more examples are asked for than there are.

    Reference: Alpaydin and Kaynak (1998), *Optical recognition of handwritten digits*, UCI.
    """
    from sklearn.datasets import load_digits

    x, y = load_digits(return_X_y=True)
    if seed is not None:
        order = np.random.default_rng(validate.count("seed", seed, low=0)).permutation(len(x))
        x, y = x[order], y[order]
    n_train, n_test = _split(len(x), n_train, n_test)
    x = x / 16.0
    if standardize:
        mean, std = x[:n_train].mean(0), x[:n_train].std(0)
        x = (x - mean) / np.where(std > 0, std, 1.0)
        x[:, std == 0] = 0.0
    data = from_arrays(x, y, n_train, n_test, dtype, device, classes=10)
    return with_label_noise(data, label_noise, seed=seed or 0) if label_noise else data


def mnist1d(
    n_train: int | None = None,
    n_test: int | None = None,
    *,
    seed: int = 42,
    label_noise: float = 0.0,
    dtype: torch.dtype = torch.float32,
    device: torch.device | str = "cpu",
) -> Dataset:
    """Generate MNIST-1D: 5000 signals of 40 values in 10 classes, 4000 for training.

    Harder than digits at the same cost: a linear classifier fails where convolutions succeed.

    Args:
        n_train: Training examples, at most 4000; None for all.
        n_test: Test examples, at most 1000, 0 for none; None for all.
        seed: Seed of the generator; 42 is the one of the published dataset.
        label_noise: Fraction of wrong training labels, see `with_label_noise`.
        dtype: Floating-point type of the inputs.
        device: Where the tensors go.

    Returns:
        Inputs (n_train, 40), with mean 0 and variance 1 over the whole dataset.

    Raises:
        ValueError: If more examples are asked for than there are.

    Reference: Greydanus and Kobak (2020), arXiv:2011.14439.
    """
    n_train = _at_most("n_train", n_train, 4000)
    n_test = _at_most("n_test", n_test, 1000, low=0)
    made = _signals(validate.count("seed", seed, low=0))
    x = np.concatenate([made["x"][:n_train], made["x_test"][:n_test]])
    y = np.concatenate([made["y"][:n_train], made["y_test"][:n_test]])
    data = from_arrays(x, y, n_train, n_test, dtype, device, classes=10)
    return with_label_noise(data, label_noise, seed=seed) if label_noise else data


def _split(total: int, n_train: int | None, n_test: int | None) -> tuple[int, int]:
    """Resolve the two sizes of a split of `total` examples."""
    if n_train is not None:
        n_train = _at_most("n_train", n_train, total)
    if n_test is not None:
        n_test = _at_most("n_test", n_test, total, low=0)
    if n_train is None:
        n_train = total - (n_test or 0)
    if n_test is None:
        n_test = total - n_train
    if n_train < 1 or n_train + n_test > total:
        raise ValueError(
            f"n_train={n_train} and n_test={n_test}; together they must be 1 to {total}, with at "
            "least one training example"
        )
    return n_train, n_test


def _at_most(name: str, value: int | None, limit: int, low: int = 1) -> int:
    """Require a count that does not exceed what there is; None means all."""
    if value is None:
        return limit
    if validate.count(name, value, low=low) > limit:
        raise ValueError(f"{name} is {value}; there are only {limit} examples")
    return value


@lru_cache(maxsize=2)
def _signals(seed: int) -> dict[str, np.ndarray]:
    """Generate the signals, and leave the global random generators as they were."""
    # Imported here, because importing this package loads matplotlib.
    from mnist1d.data import get_dataset_args, make_dataset

    args = get_dataset_args()
    args.seed = seed
    states = random.getstate(), np.random.get_state()  # noqa: NPY002
    try:
        return make_dataset(args)
    finally:
        random.setstate(states[0])
        np.random.set_state(states[1])  # noqa: NPY002
