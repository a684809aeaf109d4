"""Every number of the chapter on implicit bias that belongs to kernels, derived again."""

import json

import numpy as np
import pytest
import torch
from torch.nn.functional import pad

from claims import ROOT, claimed
from descent.data import digits
from descent.experiments import implicit_bias as runs
from descent.implicit_bias import (
    conv_kernels,
    input_gradients,
    relu_kernels,
    tangent_kernel,
)
from descent.networks import MLP, to_module

SEEDS = "three draws of weights and data; other machines round differently"


def slopes(widths, errors):
    return [np.polyfit(np.log(widths), np.log(e.mean(1)), 1)[0] for e in errors]


# --- the tangent kernel --------------------------------------------------------------------------


def test_movie():
    found = runs.movie()
    gap = np.sqrt(np.square(found["f"] - found["kernel"][:, None]).mean((2, 3)))[:, -1]
    claimed("ntk-movie-narrow").matches(gap[0], tol=0.03, reason=SEEDS)
    claimed("ntk-movie-wide").matches(gap[-1], tol=0.01, reason=SEEDS)


def test_ranks():
    network = MLP((5, 64, 64, 1), "relu")
    module = to_module(network, network.init(0, dtype=torch.float64))
    u = torch.randn(20, 5, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    g = input_gradients(module, u)
    claimed("ntk-rank-inputs").matches(torch.linalg.matrix_rank(g @ g.mT))
    kernel = tangent_kernel(module, u)[:, 0, :, 0]
    claimed("ntk-rank-parameters").matches(torch.linalg.matrix_rank(kernel))


# --- infinite width ------------------------------------------------------------------------------


def test_opposite_inputs():
    u = torch.tensor([[1.0, 0.0], [-1.0, 0.0]], dtype=torch.float64)
    one, twelve = (relu_kernels(u, depth=depth) for depth in (1, 12))
    claimed("ntk-opposite-one").matches(one.ntk[0, 1] / one.ntk[0, 0])
    claimed("ntk-opposite-twelve").matches(twelve.ntk[0, 1] / twelve.ntk[0, 0])
    claimed("ntk-opposite-nngp").matches(twelve.nngp[0, 1])
    deep = relu_kernels(u, depth=20_000)
    assert deep.ntk[0, 1] / deep.ntk[0, 0] == pytest.approx(0.25, abs=1e-3), "a floor of a quarter"
    x = torch.tensor([[3.0, 4.0]], dtype=torch.float64)
    assert relu_kernels(x, depth=7).ntk == pytest.approx(8 * 25), "every layer adds one"


def test_slopes_of_width():
    error = runs.width_errors()["error"]
    claimed("ntk-slopes").matches(*slopes(runs.SIZES, error), tol=0.02, reason=SEEDS)
    claimed("ntk-error-one").matches(error[0, -1].mean(), tol=0.003, reason=SEEDS)
    claimed("ntk-error-three").matches(error[2, -1].mean(), tol=0.004, reason=SEEDS)
    assert (np.diff(error.mean(2).mean(1)) > 0).all(), "the constant grows with depth"


def test_trained_networks():
    found = runs.against_kernel()
    i = {width: k for k, width in enumerate(runs.WIDTHS)}
    gap, corr, move, drift = (found[k] for k in ("gap", "correlation", "movement", "drift"))
    wide = {"slack": 0.02, "reason": SEEDS}
    fine = {"slack": 0.004, "reason": SEEDS}
    claimed("ntk-gap-16").holds_for(gap[i[16]], **wide)
    claimed("ntk-gap-64").holds_for(gap[i[64]], **wide)
    claimed("ntk-gap-256").holds_for(gap[i[256]], **wide)
    claimed("ntk-gap-1024").holds_for(gap[i[1024]], **fine)
    claimed("ntk-corr-16").holds_for(corr[i[16]], **fine)
    claimed("ntk-corr-64").holds_for(corr[i[64]], **fine)
    claimed("ntk-corr-256").holds_for(corr[i[256]], **fine)
    claimed("ntk-corr-1024").holds_for(corr[i[1024]], slack=0.001, reason=SEEDS)
    claimed("ntk-move-16").holds_for(move[i[16]], **wide)
    claimed("ntk-move-64").holds_for(move[i[64]], **fine)
    claimed("ntk-move-256").holds_for(move[i[256]], **fine)
    claimed("ntk-move-1024").holds_for(move[i[1024]], **fine)
    claimed("ntk-drift-16").holds_for(drift[i[16]], slack=0.05, reason=SEEDS)
    claimed("ntk-drift-64").holds_for(drift[i[64]], **wide)
    claimed("ntk-drift-256").holds_for(drift[i[256]], **wide)
    claimed("ntk-drift-1024").holds_for(drift[i[1024]], **fine)
    claimed("ntk-train-loss").at_most(found["loss"].ravel(), slack=0.001, reason=SEEDS)
    claimed("ntk-own-16").holds_for(found["own"][i[16]], **wide)
    assert (found["own"][i[16]] > gap[i[16]]).all(), "the limit is the better guide"
    claimed("ntk-accuracy-16").holds_for(found["accuracy"][i[16]], **wide)
    claimed("ntk-accuracy-kernel").matches(found["kernel_accuracy"])
    falls = [np.median(v[0]) / np.median(v[-1]) for v in (move, drift, gap)]
    claimed("ntk-fall-move").matches(falls[0], tol=0.5, reason=SEEDS)
    claimed("ntk-fall-drift").matches(falls[1], tol=3, reason=SEEDS)
    claimed("ntk-fall-gap").matches(falls[2], tol=0.5, reason=SEEDS)
    assert (np.diff(np.median(gap, 1)) < 0).all()
    assert (np.diff(np.median(drift, 1)) < 0).all()


def test_digits_by_both_kernels():
    found = runs.digit_accuracies()
    claimed("ntk-digits-ntk-1").matches(found["ntk"][0])
    claimed("ntk-digits-ntk-3").matches(found["ntk"][1])
    claimed("ntk-digits-ntk-6").matches(found["ntk"][2])
    claimed("ntk-digits-nngp-1").matches(found["nngp"][0])
    claimed("ntk-digits-nngp-3").matches(found["nngp"][1])
    claimed("ntk-digits-nngp-6").matches(found["nngp"][2])


# --- lazy or rich --------------------------------------------------------------------------------


def test_output_scales():
    found = runs.output_scales()
    test, drift = np.median(found["test"], 1), np.median(found["drift"], 1)
    claimed("ntk-scale-rich").matches(test[0], tol=0.01, reason=SEEDS)
    claimed("ntk-scale-lazy").matches(test[-1], tol=0.01, reason=SEEDS)
    claimed("ntk-scale-kernel").matches(np.median(found["kernel"]))
    gain = 1 - found["test"][0] / found["kernel"]
    claimed("ntk-scale-gain").holds_for(gain, slack=0.02, reason=SEEDS)
    assert (found["test"][-1] > found["kernel"]).all(), "the laziest network does not beat it"
    claimed("ntk-scale-train").at_most(found["train"].ravel())
    claimed("ntk-scale-drift-lazy").matches(drift[-1], tol=0.001, reason=SEEDS)
    claimed("ntk-scale-drift-one").matches(drift[runs.ALPHAS.index(1.0)], tol=0.005, reason=SEEDS)
    claimed("ntk-scale-drift-rich").matches(drift[0], tol=0.5, reason=SEEDS)


def test_neurons_turn():
    found = runs.neurons()
    aligned = found["aligned"]
    claimed("ntk-aligned-start").matches(aligned[0, 0])
    claimed("ntk-aligned-lazy").matches(aligned[-1, -1], tol=0.02, reason=SEEDS)
    claimed("ntk-aligned-rich").matches(aligned[0, -1], tol=0.03, reason=SEEDS)
    assert (found["error"][:, -1] < 1e-3).all(), "all of them fit"


def test_scalings():
    found = {k: np.median(v, -1) for k, v in runs.scalings().items()}
    near, far = {"tol": 0.003, "reason": SEEDS}, {"tol": 0.03, "reason": SEEDS}
    claimed("ntk-ntp-32").matches(found["movement"][0, 0], **near)
    claimed("ntk-ntp-128").matches(found["movement"][0, 1], **near)
    claimed("ntk-ntp-512").matches(found["movement"][0, 2], **near)
    claimed("ntk-mf-32").matches(found["movement"][1, 0], **near)
    claimed("ntk-mf-128").matches(found["movement"][1, 1], **near)
    claimed("ntk-mf-512").matches(found["movement"][1, 2], **near)
    claimed("ntk-ntp-drift-32").matches(found["drift"][0, 0], **far)
    claimed("ntk-ntp-drift-128").matches(found["drift"][0, 1], **far)
    claimed("ntk-ntp-drift-512").matches(found["drift"][0, 2], **far)
    claimed("ntk-mf-drift-32").matches(found["drift"][1, 0], **far)
    claimed("ntk-mf-drift-128").matches(found["drift"][1, 1], **far)
    claimed("ntk-mf-drift-512").matches(found["drift"][1, 2], **far)


# --- convolutions --------------------------------------------------------------------------------


def test_pooled_kernels_do_not_see_a_shift():
    image = pad(digits(2, 0, dtype=torch.float64).inputs.view(-1, 1, 8, 8), (4, 4, 4, 4))
    moved = image.roll(1, dims=3)
    same, other = (conv_kernels(image, v, depth=2, pooling=True).ntk for v in (image, moved))
    torch.testing.assert_close(same, other)
    flat = [conv_kernels(image, v, depth=2, pooling=False).ntk.diagonal() for v in (image, moved)]
    assert (flat[1] < 0.9 * flat[0]).all(), "flattened, one pixel is a long way"


def test_convolutional_networks_approach_the_limit():
    error = runs.conv_errors()["error"]
    ends = error.mean(2)[:, [0, -1]]
    wide = {"tol": 0.02, "reason": SEEDS}
    claimed("ntk-conv-flat").matches(*ends[0], **wide)
    claimed("ntk-conv-pooled").matches(*ends[1], **wide)
    claimed("ntk-conv-slopes").matches(*slopes(runs.CHANNELS, error), **wide)


def test_shifted_digits():
    accuracy = runs.shifted_digits()["accuracy"]
    slack = {"slack": 0.02, "reason": SEEDS}
    claimed("ntk-shift-8-dense").holds_for(accuracy[0, 0], **slack)
    claimed("ntk-shift-8-flat").holds_for(accuracy[0, 1], **slack)
    claimed("ntk-shift-8-pooled").holds_for(accuracy[0, 2], **slack)
    claimed("ntk-shift-10-dense").holds_for(accuracy[1, 0], **slack)
    claimed("ntk-shift-10-flat").holds_for(accuracy[1, 1], **slack)
    claimed("ntk-shift-10-pooled").holds_for(accuracy[1, 2], **slack)
    claimed("ntk-shift-12-dense").holds_for(accuracy[2, 0], **slack)
    claimed("ntk-shift-12-flat").holds_for(accuracy[2, 1], **slack)
    claimed("ntk-shift-12-pooled").holds_for(accuracy[2, 2], **slack)
    assert (accuracy[1:, 2] > accuracy[1:, 1] + 0.2).all(), "pooling, not convolution"


# --- speed, as logged by benchmarks/kernels.py ---------------------------------------------------


def logged(work, **labels):
    rows = json.loads((ROOT / "benchmarks/results/kernels.json").read_text())["rows"]
    [row] = [r for r in rows if r["work"] == work and labels.items() <= r.items()]
    return row


def test_speed():
    dense = logged("dense, depth 10", dtype="float64")
    claimed("ntk-bench-dense").matches(dense["ratio"])
    assert dense["error"] < 1e-7
    claimed("ntk-bench-layers").matches(logged("64-256-256-1, layer by layer")["ratio"])
    conv = {"work": "convolutional, depth 3", "dtype": "float32"}
    pooled = logged(**conv, pooling=True)
    claimed("ntk-bench-flat").matches(logged(**conv, pooling=False)["ratio"])
    claimed("ntk-bench-pooled").matches(pooled["ratio"])
    for pooling in (False, True):
        assert logged(conv["work"], dtype="float64", pooling=pooling)["error"] < 1e-6
    entries = 60_000 * 60_001 / 2 * 1024**2 * 10
    claimed("ntk-cifar-entries").matches(entries)
    seconds = pooled["ours_us_per_pair_and_layer"] / 64**2 * 1e-6
    claimed("ntk-cifar-years").matches(entries * seconds / (365 * 24 * 3600))
