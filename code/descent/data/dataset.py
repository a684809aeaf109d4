"""What a dataset is: inputs, labels, and held-out examples."""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import torch
from torch import Tensor

from descent import validate


@dataclass(frozen=True, eq=False)
class Examples:
    """Inputs with their labels.

    Args:
        inputs: Shape (n, m), floating point; (*batch, n, m) where networks see different examples.
        labels: Class numbers (n,), int64, or dense targets (n, k) of the dtype of the inputs.
        classes: Number of classes; counted from the labels when None.
    """

    inputs: Tensor
    labels: Tensor
    classes: int | None = None

    def __len__(self) -> int:
        return self.inputs.shape[-2]

    @cached_property
    def one_hot(self) -> Tensor:
        """Dense targets (n, k): rows of the identity for class numbers, else the labels."""
        if self.labels.dtype.is_floating_point:
            return self.labels
        k = self.classes or int(self.labels.max()) + 1
        return torch.eye(k, dtype=self.inputs.dtype, device=self.inputs.device)[self.labels]


@dataclass(frozen=True, eq=False)
class Dataset(Examples):
    """Training examples and held-out examples.

    Args:
        inputs: Shape (n, m), floating point, finite.
        labels: Class numbers (n,), int64, or targets (n, k) of the dtype of the inputs.
        classes: Number of classes; counted from all labels when None.
        test_inputs: Held-out inputs (n_test, m); None for none.
        test_labels: Their labels.

    Raises:
        TypeError: If a dtype is wrong.
        ValueError: If an array is empty, not finite, or shapes do not fit together.

    Example:
        >>> data = Dataset(torch.tensor([[0.0], [1.0]]), torch.tensor([1, 0]))
        >>> data.one_hot
        tensor([[0., 1.],
                [1., 0.]])
    """

    test_inputs: Tensor | None = None
    test_labels: Tensor | None = None

    def __post_init__(self) -> None:
        _check_pair("inputs", self.inputs, "labels", self.labels)
        highest = _highest(self.labels)
        if (self.test_inputs is None) != (self.test_labels is None):
            raise ValueError("test_inputs and test_labels: give both or neither")
        if self.test_inputs is not None and self.test_labels is not None:
            _check_pair("test_inputs", self.test_inputs, "test_labels", self.test_labels)
            highest = max(highest, _highest(self.test_labels))
            if self.test_inputs.shape[1] != self.inputs.shape[1]:
                raise ValueError(
                    f"test_inputs has width {self.test_inputs.shape[1]}; inputs has "
                    f"{self.inputs.shape[1]}, and they must agree"
                )
        if highest >= 0 and self.classes is None:
            object.__setattr__(self, "classes", highest + 1)
        if highest >= 0 and highest >= validate.count("classes", self.classes):  # type: ignore[arg-type]
            raise ValueError(
                f"labels reach {highest}; with classes={self.classes} they must be "
                f"below {self.classes}"
            )

    @property
    def test(self) -> Examples:
        """The held-out examples.

        Raises:
            ValueError: If there are none.
        """
        if self.test_inputs is None or self.test_labels is None:
            raise ValueError("this dataset has no test examples; ask for them when making it")
        return Examples(self.test_inputs, self.test_labels, self.classes)

    def to(self, device: torch.device | str) -> "Dataset":
        """Return the same data on another device."""
        moved = {
            name: value.to(device)
            for name in ("inputs", "labels", "test_inputs", "test_labels")
            if (value := getattr(self, name)) is not None
        }
        return replace(self, **moved)

    def subset(self, index: Tensor | slice) -> "Dataset":
        """Return a dataset with some of the training examples and all test examples."""
        return replace(self, inputs=self.inputs[index], labels=self.labels[index])


def with_label_noise(dataset: Dataset, fraction: float, seed: int = 0) -> Dataset:
    """Make an exact fraction of the training labels wrong.

    `round(fraction · n)` examples are chosen without replacement, and each gets a label drawn
    uniformly from the *other* classes: exactly that many labels are wrong. Test labels stay.

    Args:
        dataset: Data with class numbers.
        fraction: From 0 to 1.
        seed: Seed of the choice.

    Returns:
        The dataset with new labels.

    Raises:
        TypeError: If the labels are not class numbers.
        ValueError: If the fraction is outside [0, 1] or there is only one class.

    Example:
        >>> from descent.data import spirals
        >>> clean = spirals(50, classes=3)
        >>> int((with_label_noise(clean, 0.2).labels != clean.labels).sum())
        10
    """
    validate.at_least("fraction", fraction, 0)
    if fraction > 1:
        raise ValueError(f"fraction is {fraction}; it must be in [0, 1]")
    if dataset.classes is None:
        raise TypeError("dataset has dense targets; label noise needs class numbers")
    if dataset.classes < 2:
        raise ValueError("dataset has one class; label noise needs at least 2")
    rng = np.random.default_rng(validate.count("seed", seed, low=0))
    n = len(dataset)
    chosen = torch.from_numpy(rng.permutation(n)[: round(fraction * n)])
    shift = torch.from_numpy(rng.integers(1, dataset.classes, size=len(chosen)))
    labels = dataset.labels.cpu().clone()
    labels[chosen] = (labels[chosen] + shift) % dataset.classes
    return replace(dataset, labels=labels.to(dataset.labels.device))


def from_arrays(
    x: np.ndarray,
    y: np.ndarray,
    n_train: int,
    n_test: int,
    dtype: torch.dtype,
    device: torch.device | str,
    classes: int | None = None,
) -> Dataset:
    """Cut arrays into training and test examples and move them to torch."""
    if not dtype.is_floating_point:
        raise TypeError(f"dtype is {dtype}; it must be floating point, e.g. torch.float32")
    inputs = torch.from_numpy(np.ascontiguousarray(x)).to(device, dtype)
    labels = torch.from_numpy(np.ascontiguousarray(y))
    labels = labels.to(device, dtype if labels.dtype.is_floating_point else torch.int64)
    end = n_train + n_test
    held_out = (inputs[n_train:end], labels[n_train:end]) if n_test else (None, None)
    return Dataset(inputs[:n_train], labels[:n_train], classes, *held_out)


def _check_pair(inputs_name: str, inputs: Tensor, labels_name: str, labels: Tensor) -> None:
    """Require finite inputs (n, m) and labels that fit them."""
    validate.point(inputs_name, inputs)
    if inputs.ndim != 2:
        raise ValueError(f"{inputs_name} has shape {tuple(inputs.shape)}; it must be (n, m)")
    if not isinstance(labels, Tensor) or labels.dtype not in (torch.int64, inputs.dtype):
        kind = labels.dtype if isinstance(labels, Tensor) else type(labels).__name__
        raise TypeError(f"{labels_name} is {kind}; it must be int64 or {inputs.dtype}")
    dense = labels.dtype.is_floating_point
    if labels.ndim != 1 + dense or len(labels) != len(inputs) or 0 in labels.shape:
        want = f"({len(inputs)}, k)" if dense else f"({len(inputs)},)"
        raise ValueError(f"{labels_name} has shape {tuple(labels.shape)}; it must be {want}")
    if dense and not torch.isfinite(labels).all():
        raise ValueError(f"{labels_name} has entries that are NaN or infinite")
    if not dense and int(labels.min()) < 0:
        raise ValueError(f"{labels_name} has the entry {int(labels.min())}; classes start at 0")


def _highest(labels: Tensor) -> int:
    """Return the highest class number, or -1 for dense targets."""
    return -1 if labels.dtype.is_floating_point else int(labels.max())
