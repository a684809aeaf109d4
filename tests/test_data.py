"""Datasets against their sources, and every way to ask for one wrongly."""

import random
import subprocess
import sys

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.datasets import load_digits

from descent.data import Dataset, digits, mnist1d, spirals, teacher_student, with_label_noise
from descent.networks import MLP

X, Y = load_digits(return_X_y=True)


def same(a, b):
    return all(
        torch.equal(getattr(a, name), getattr(b, name))
        for name in ("inputs", "labels", "test_inputs", "test_labels")
    )


def test_digits_are_scikit_learns():
    data = digits(500, 100, dtype=torch.float64)
    np.testing.assert_array_equal(data.inputs * 16, X[:500])
    np.testing.assert_array_equal(data.labels, Y[:500])
    np.testing.assert_array_equal(data.test_inputs * 16, X[500:600])
    np.testing.assert_array_equal(data.test.labels, Y[500:600])
    assert data.classes == 10 and len(data) == 500


def test_digits_by_default_are_all_of_them():
    assert len(digits(1000).test) == 797
    assert len(digits(n_test=97)) == 1700
    assert digits(1797).test_inputs is None


def test_shuffled_digits_are_a_permutation_that_the_seed_fixes():
    data = digits(1000, seed=3, dtype=torch.float64)
    rows = torch.cat([data.inputs, data.test_inputs]) * 16
    labels = torch.cat([data.labels, data.test_labels])
    ours = sorted([*map(int, row), int(y)] for row, y in zip(rows, labels, strict=True))
    theirs = sorted([*map(int, row), int(y)] for row, y in zip(X, Y, strict=True))
    assert ours == theirs
    assert same(data, digits(1000, seed=3, dtype=torch.float64))
    assert not torch.equal(data.labels, digits(1000, seed=4).labels)


def test_standardized_pixels():
    data = digits(400, 200, standardize=True, dtype=torch.float64)
    mean, std = data.inputs.mean(0), data.inputs.std(0, correction=0)
    assert mean.abs().max() < 1e-12
    constant = X[:400].std(0) == 0
    np.testing.assert_allclose(std[~constant], 1, atol=1e-12)
    assert constant.any() and (data.inputs[:, constant] == 0).all()
    # Test pixels are moved and scaled as the training pixels are, by nothing of their own.
    j = int(np.flatnonzero(~constant)[20])
    expected = (X[400:600, j] - X[:400, j].mean()) / X[:400, j].std()
    np.testing.assert_allclose(data.test_inputs[:, j], expected, atol=1e-12)


@settings(max_examples=20, deadline=None)
@given(fraction=st.floats(0, 1), seed=st.integers(0, 50), classes=st.integers(2, 5))
def test_label_noise_is_exact(fraction, seed, classes):
    clean = spirals(40, 10, classes=classes, seed=1)
    noisy = with_label_noise(clean, fraction, seed)
    assert int((noisy.labels != clean.labels).sum()) == round(fraction * 40)
    assert torch.equal(noisy.test_labels, clean.test_labels)
    assert noisy.labels.min() >= 0 and noisy.labels.max() < classes


def test_wrong_labels_are_uniform_over_the_other_classes():
    clean = Dataset(torch.zeros(30_000, 1), torch.full((30_000,), 2), classes=4)
    counts = with_label_noise(clean, 1.0).labels.bincount(minlength=4)
    assert counts[2] == 0
    expected, std = 10_000, (30_000 * (1 / 3) * (2 / 3)) ** 0.5
    assert (counts[[0, 1, 3]] - expected).abs().max() < 4 * std


def test_label_noise_of_digits():
    clean, noisy = digits(1000, 100), digits(1000, 100, label_noise=0.2)
    assert int((clean.labels != noisy.labels).sum()) == 200
    assert torch.equal(clean.inputs, noisy.inputs)


def test_mnist1d_is_the_published_generator_and_leaves_no_trace(capsys):
    random.seed(1)
    np.random.seed(1)  # noqa: NPY002
    before = random.getstate(), np.random.get_state()[1].tolist()  # noqa: NPY002
    data = mnist1d(dtype=torch.float64)
    assert (random.getstate(), np.random.get_state()[1].tolist()) == before  # noqa: NPY002
    assert capsys.readouterr() == ("", "")
    assert data.inputs.shape == (4000, 40) and data.test_inputs.shape == (1000, 40)
    both = torch.cat([data.inputs, data.test_inputs])
    assert both.mean().abs() < 1e-12 and abs(both.std(correction=0) - 1) < 1e-12
    assert torch.cat([data.labels, data.test_labels]).bincount().tolist() == [500] * 10
    few = mnist1d(50, 20, dtype=torch.float64)
    assert torch.equal(few.inputs, data.inputs[:50])
    assert torch.equal(few.test_inputs, data.test_inputs[:20])
    assert not torch.equal(few.inputs, mnist1d(50, 20, seed=1, dtype=torch.float64).inputs)


def test_a_teacher_labels_its_own_inputs():
    teacher = MLP((5, 8, 2), "tanh")
    data = teacher_student(teacher, 30, 20, seed=4, dtype=torch.float64)
    weights = teacher.init(4, dtype=torch.float64)
    torch.testing.assert_close(data.labels, teacher(weights, data.inputs))
    assert data.classes is None and data.one_hot is data.labels
    noisy = teacher_student(teacher, 30, 20, noise=0.5, seed=4, dtype=torch.float64)
    assert torch.equal(noisy.inputs, data.inputs)
    assert torch.equal(noisy.test_labels, data.test_labels)
    wide = teacher_student(teacher, 5000, noise=0.5, seed=4, dtype=torch.float64)
    noise = wide.labels - teacher(weights, wide.inputs)
    assert noise.std().item() == pytest.approx(0.5, rel=0.04)


def test_noiseless_spirals_lie_on_their_arms():
    data = spirals(200, classes=3, turns=1.5, noise=0.0, dtype=torch.float64)
    r = data.inputs.norm(dim=1)
    assert 0.1 - 1e-12 < r.min() and r.max() < 1 + 1e-12
    angle = 2 * torch.pi * (1.5 * r + data.labels.double() / 3)
    expected = r[:, None] * torch.stack([angle.cos(), angle.sin()], 1)
    torch.testing.assert_close(data.inputs, expected)
    assert data.labels.unique().tolist() == [0, 1, 2]


@pytest.mark.parametrize(
    "make",
    [
        lambda **k: digits(20, 5, seed=0, **k),
        lambda **k: spirals(20, 5, **k),
        lambda **k: teacher_student(MLP((3, 2)), 20, 5, noise=0.1, **k),
    ],
)
def test_single_precision_is_rounded_double_precision(make):
    a, b = make(dtype=torch.float32), make(dtype=torch.float64)
    assert a.inputs.dtype == torch.float32 and b.inputs.dtype == torch.float64
    assert torch.equal(a.inputs, b.inputs.float())


def test_device_and_subset(device):
    data = digits(30, 10).to(device)
    assert {t.device.type for t in (data.inputs, data.labels, data.test_labels)} == {device.type}
    assert data.one_hot.device.type == device.type
    part = data.subset(torch.tensor([3, 3, 7]))
    assert torch.equal(part.inputs, data.inputs[[3, 3, 7]])
    assert part.one_hot.shape == (3, 10)
    assert torch.equal(part.test_inputs, data.test_inputs)
    direct = digits(30, 10, device=device, label_noise=0.5)
    assert direct.labels.device.type == device.type


def test_one_hot_rows():
    data = digits(50)
    assert torch.equal(data.one_hot.argmax(1), data.labels)
    assert (data.one_hot.sum(1) == 1).all() and data.one_hot.dtype == data.inputs.dtype


ONE, TWO = torch.zeros(2, 3), torch.tensor([0, 1])


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: Dataset(torch.zeros(0, 3), TWO[:0]), ValueError, r"inputs has shape \(0, 3\)"),
        (lambda: Dataset(torch.full((2, 3), torch.nan), TWO), ValueError, "6 entries that are NaN"),
        (lambda: Dataset(torch.zeros(2, 3, 1), TWO), ValueError, r"must be \(n, m\)"),
        (lambda: Dataset(ONE.long(), TWO), TypeError, "inputs has dtype torch.int64"),
        (lambda: Dataset(ONE, TWO.int()), TypeError, "labels is torch.int32"),
        (lambda: Dataset(ONE, [0, 1]), TypeError, "labels is list"),
        (lambda: Dataset(ONE, TWO[:1]), ValueError, r"labels has shape \(1,\); it must be \(2,\)"),
        (lambda: Dataset(ONE, torch.zeros(2)), ValueError, r"it must be \(2, k\)"),
        (lambda: Dataset(ONE, torch.zeros(2, 0)), ValueError, r"it must be \(2, k\)"),
        (lambda: Dataset(ONE, torch.full((2, 1), torch.inf)), ValueError, "labels has entries"),
        (lambda: Dataset(ONE, TWO - 1), ValueError, "labels has the entry -1"),
        (lambda: Dataset(ONE, TWO, classes=1), ValueError, "labels reach 1; with classes=1"),
        (lambda: Dataset(ONE, TWO, test_inputs=ONE), ValueError, "both or neither"),
        (
            lambda: Dataset(ONE, TWO, test_inputs=torch.zeros(2, 4), test_labels=TWO),
            ValueError,
            "test_inputs has width 4; inputs has 3",
        ),
        (lambda: Dataset(ONE, TWO).test, ValueError, "no test examples"),
        (lambda: with_label_noise(spirals(5), 1.1), ValueError, r"fraction is 1.1; .* \[0, 1\]"),
        (lambda: with_label_noise(spirals(5), -0.1), ValueError, "fraction is -0.1"),
        (lambda: with_label_noise(spirals(5), float("nan")), ValueError, "fraction is nan"),
        (
            lambda: with_label_noise(teacher_student(MLP((3, 2)), 5), 0.1),
            TypeError,
            "dense targets",
        ),
        (lambda: with_label_noise(Dataset(ONE, TWO * 0), 0.1), ValueError, "one class"),
        (lambda: digits(1798), ValueError, "n_train is 1798; there are only 1797"),
        (lambda: digits(0), ValueError, "n_train is 0"),
        (lambda: digits(1000, 798), ValueError, "n_train=1000 and n_test=798"),
        (lambda: digits(n_test=1797), ValueError, "at least one training example"),
        (lambda: digits(3.0), TypeError, "n_train is 3.0"),
        (lambda: digits(10, label_noise=2), ValueError, "fraction is 2"),
        (lambda: digits(10, dtype=torch.int64), TypeError, "dtype is torch.int64"),
        (lambda: mnist1d(4001), ValueError, "n_train is 4001"),
        (lambda: spirals(0), ValueError, "n_train is 0"),
        (lambda: spirals(5, classes=1), ValueError, "classes is 1"),
        (lambda: spirals(5, noise=-1), ValueError, "noise is -1"),
        (lambda: spirals(5, seed=-1), ValueError, "seed is -1"),
        (lambda: teacher_student(MLP((3, 2)), 5, noise=float("inf")), ValueError, "noise is inf"),
    ],
)
def test_clear_errors(make, error, message):
    with pytest.raises(error, match=message):
        make()


def test_importing_the_package_loads_no_plotting():
    code = "import sys, descent.data, descent.networks, descent.curvature, descent.experiments;"
    code += "assert not {'matplotlib', 'ipywidgets', 'mnist1d', 'sklearn'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)
