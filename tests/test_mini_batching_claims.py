"""Every number that the chapter on mini-batches prints, derived again."""

from functools import cache

import numpy as np
import pytest
import torch

from claims import claimed
from descent import SGD, run
from descent import mini_batching as mb
from descent.data import digits
from descent.experiments import mini_batching as runs
from descent.experiments.mini_batching.minima import RECIPES
from descent.experiments.mini_batching.sizes import BATCHES, NETWORK, STEPS, TARGETS
from descent.networks import Empirical
from descent.oracles import langevin

F64 = torch.float64
SEEDS = "three seeds of weights and batches; other machines round differently"


# --- the puzzle, and the hyperbola ---------------------------------------------------------------


@cache
def medians():
    """Steps to each target, {(target, batch): median over seeds}."""
    steps = np.median(runs.steps_to_target()["steps"], -1)
    return {(t, b): steps[i, j] for i, t in enumerate(TARGETS) for j, b in enumerate(BATCHES)}


def fitted(target):
    return mb.Hyperbola.fit(BATCHES, [medians()[target, b] for b in BATCHES])


def test_the_puzzle():
    steps = {b: medians()[0.25, b] for b in (1, 8, 64, 512)}
    claimed("mb-steps-1").matches(steps[1], tol=60, reason=SEEDS)
    claimed("mb-steps-8").matches(steps[8], tol=10, reason=SEEDS)
    claimed("mb-steps-64").matches(steps[64], tol=5, reason=SEEDS)
    claimed("mb-steps-512").matches(steps[512], tol=5, reason=SEEDS)
    claimed("mb-examples-64").matches(64 * steps[64], tol=320, reason=SEEDS)
    claimed("mb-examples-512").matches(512 * steps[512], tol=2560, reason=SEEDS)
    assert steps[64] - steps[512] == pytest.approx(8, abs=4), "save eight steps"
    rates = runs.steps_to_target()["rate"]
    assert rates.min() > 0.05 and rates.max() < 3.2, "the best rate is never at an end of the grid"


def test_the_hyperbola():
    curve = fitted(0.25)
    claimed("mb-fewest").matches(curve.steps, tol=4, reason=SEEDS)
    claimed("mb-least").matches(curve.examples, tol=60, reason=SEEDS)
    claimed("mb-critical").matches(curve.critical, tol=3, reason=SEEDS)
    claimed("mb-critical-early").matches(fitted(1.0).critical, tol=2, reason=SEEDS)
    off = max(abs(curve.steps_at(b) / medians()[0.25, b] - 1) for b in BATCHES)
    claimed("mb-fit-worst").matches(off, tol=0.06, reason=SEEDS)
    assert fitted(1.0).critical < fitted(0.5).critical < curve.critical, "it grows"


# --- samples -------------------------------------------------------------------------------------


def test_the_measured_errors_agree_with_theory():
    from descent.explore.gallery.mini_batching.sizes import POPULATIONS, SIZES, _sampled

    off = []
    for population in POPULATIONS:
        drawn, shuffled = _sampled(population)
        off.append(np.abs(drawn / mb.standard_error(1.0, SIZES) - 1))
        inside = population > SIZES
        theory = mb.standard_error(1.0, SIZES[inside], population)
        off.append(np.abs(shuffled[inside] / theory - 1))
    claimed("mb-error-agreement").at_most(np.concatenate(off), slack=0.02, reason="2000 draws")


def test_finite_populations():
    claimed("mb-half-factor").matches(mb.finite_population(500, 1000) ** 0.5)
    claimed("mb-most-factor").matches(mb.finite_population(900, 1000) ** 0.5)


def test_the_gain_of_a_step():
    generator = torch.Generator().manual_seed(0)
    a, b = (torch.randn(6, 6, generator=generator, dtype=F64) for _ in range(2))
    hessian, root = a @ a.T, b
    covariance, g = root @ root.T, torch.randn(6, generator=generator, dtype=F64)
    most = mb.best_step(hessian, covariance, g, float("inf"))[1]
    off = []
    for batch in (1, 4, 16, 64, 256):
        lr = mb.best_step(hessian, covariance, g, batch)[0]
        noise = torch.randn(400_000, 6, generator=generator, dtype=F64) @ root.T / batch**0.5
        step = lr * (g + noise)
        gain = (step @ g - 0.5 * ((step @ hessian) * step).sum(-1)).mean()
        law = most / (1 + mb.noise_batch(hessian, covariance, g) / batch)
        off.append(abs(float(gain / law) - 1))
    claimed("mb-gain-agreement").at_most(off, slack=0.02, reason="sampled")


def test_the_noise_scale_grows():
    found = runs.noise_scales()
    scale = np.median(found["trace"] / found["square"], 1)
    claimed("mb-scale-start").matches(scale[0, 0], tol=6, reason=SEEDS)
    claimed("mb-scale-end").matches(scale[0, -1], tol=110, reason=SEEDS)
    assert np.median(found["loss"], 1)[0, -1] == pytest.approx(0.05, abs=0.01)
    trace = np.median(found["trace"], 1)[1]
    claimed("mb-trace-growth").matches(trace[-1] / trace[0], tol=0.2, reason=SEEDS)
    assert trace[-1] > 2 * trace[0] and scale[0, -1] > 4 * scale[0, 0]
    way = scale[0, : STEPS.index(160) + 1]  # to a loss of 0.25
    assert 0.2 < np.median(found["loss"], 1)[0, STEPS.index(160)] < 0.33
    claimed("mb-scale-range").holds_for(way, slack=30, reason=SEEDS)
    critical = fitted(0.25).critical
    claimed("mb-critical-again").matches(critical, tol=3, reason=SEEDS)
    claimed("mb-scale-ratio").holds_for(way / critical, slack=2.5, reason=SEEDS)


def test_why_the_noise_scale_is_too_large():
    f = Empirical(NETWORK, digits(1000, 200, seed=0))
    scales, greedy = [], []
    for seed in (0, 1, 2):
        x = NETWORK.init(seed)
        rows = mb.example_gradients(f, x)
        g = rows.mean(0)
        some = torch.randperm(1000, generator=torch.Generator().manual_seed(0))[:128]
        vectors = torch.cat([g[None], rows[some] - g])
        products = [f.hvp(x.expand(len(v), -1))(v) for v in vectors.split(43)]
        curved = (vectors * torch.cat(products)).sum(-1)
        scales.append(float(curved[1:].mean() / curved[0]))
        greedy.append(float(g @ g / curved[0]))
    claimed("mb-noise-batch").holds_for(scales, slack=25, reason="128 of 1000 examples")
    claimed("mb-greedy-rate").holds_for(greedy, slack=0.3, reason=SEEDS)
    rates = runs.steps_to_target()["rate"][2, BATCHES.index(64) :]
    claimed("mb-sweep-rate").matches(np.median(rates))


# --- order ---------------------------------------------------------------------------------------


def test_what_a_shuffle_gains():
    def gain(lr):
        return mb.drawn_variance(lr) / mb.shuffled_variance(lr, 50)

    claimed("mb-shuffle-gain").matches(gain(0.01))
    claimed("mb-shuffle-gain-large").matches(gain(0.1))


def test_sorted_digits():
    test = runs.orders()["test"][2, :, :, -1]  # rate 0.5, (orders, seeds)
    claimed("mb-sorted-large").holds_for(test[0], slack=0.1, reason=SEEDS)
    claimed("mb-shuffled-large").holds_for(test[1:].ravel(), slack=0.01, reason=SEEDS)
    late = runs.orders(rates=(0.02, 0.2), epochs=60, every=3000)
    end = late["test"][..., -1]
    claimed("mb-sorted-small").holds_for(end[0, 0], slack=0.008, reason=SEEDS)
    claimed("mb-once-small").holds_for(end[0, 1], slack=0.008, reason=SEEDS)
    claimed("mb-sorted-late").holds_for(end[1, 0], slack=0.015, reason=SEEDS)
    claimed("mb-once-late").holds_for(end[1, 1], slack=0.008, reason=SEEDS)
    loss = runs.orders()["loss"][1, :, :, -1]  # rate 0.2, after ten epochs
    claimed("mb-once-each").matches(np.abs(loss[1] / loss[2] - 1).max(), tol=0.04, reason=SEEDS)


def test_later_epochs_are_biased():
    found = runs.passes()
    bias = np.median(found["bias"], 1)
    claimed("mb-bias-first").matches(bias[0, 0], tol=0.03, reason=SEEDS)
    claimed("mb-bias-second").matches(bias[0, 1], tol=0.1, reason=SEEDS)
    claimed("mb-bias-sixth").matches(bias[0, 5], tol=0.1, reason=SEEDS)
    claimed("mb-bias-last").matches(bias[0, -1])
    claimed("mb-bias-fresh").matches(found["bias"][1].mean(), tol=0.04, reason=SEEDS)
    true = found["true"]
    claimed("mb-risk-best").holds_for(true[0].min(-1), slack=0.01, reason=SEEDS)
    claimed("mb-risk-last").holds_for(true[0, :, -1], slack=0.03, reason=SEEDS)
    claimed("mb-risk-fresh").holds_for(true[1, :, -1], slack=0.01, reason=SEEDS)
    assert (true[0].argmin(-1) < 15).all(), "within the first epochs"


# --- noise that stays ----------------------------------------------------------------------------


def test_the_floor():
    claimed("mb-floor-large").matches(mb.floor(0.2))
    claimed("mb-floor-small").matches(mb.floor(0.05))

    def f(x):
        return 0.5 * x.square().sum(-1)

    x0 = torch.zeros(4000, 1, dtype=F64)
    off = []
    for lr, steps in ((0.2, 200), (0.05, 600)):
        loss = run(f, SGD(lr), x0, steps, oracle=langevin(1.0, seed=1), keep=steps // 10).loss
        off.append(abs(float(loss[4:].mean()) / mb.floor(lr) - 1))
    claimed("mb-floor-agreement").at_most(off, slack=0.02, reason="4000 runs")


def test_interpolation():
    h = torch.tensor([0.5, 1.0, 4.0], dtype=F64)
    claimed("mb-interpolating").matches(mb.interpolating_factor(0.3, h))
    claimed("mb-interpolating-limit").matches(2 * h.mean() / h.square().mean())
    claimed("mb-mean-limit").matches(2 / h.mean())
    generator = torch.Generator().manual_seed(0)
    x = torch.ones(200_000, dtype=F64)
    for _ in range(3):
        x = x * (1 - 0.3 * h[torch.randint(3, x.shape, generator=generator)])
    assert float(x.square().mean()) ** (1 / 3) == pytest.approx(0.418, rel=0.01)


def test_averages():
    rates = (0.02, 0.1, 0.5)
    claimed("mb-averages").matches(*(1000 * mb.averaged_variance(lr, 1000) for lr in rates))
    claimed("mb-lasts").matches(*(1000 * 2 * mb.floor(lr) for lr in rates))


def end(first, power, steps=20_000, start=5.0):
    """Squared bias and variance after the run; `power` may be several."""
    powers = [power] if isinstance(power, float) else power
    rates = torch.stack([mb.power_rates(first, p, steps) for p in powers], 1)
    bias, variance = mb.bias_and_variance(rates)
    return (start * bias[-1]) ** 2, variance[-1]


def test_powers():
    bias, variance = end(1.0, (0.25, 0.5, 0.75, 1.0, 1.5, 2.0))
    total = bias + variance
    claimed("mb-powers").matches(*total[:4])
    claimed("mb-power-steep").matches(total[4])
    claimed("mb-power-steeper").matches(total[5])
    frozen, _ = end(0.3, 1.5)
    claimed("mb-frozen").matches(frozen.sqrt())
    bias, variance = end(0.3, 1.0)
    claimed("mb-slow-power").matches(bias + variance)
    assert bias > 0.95 * (bias + variance), "nearly all of it bias"


def test_rates_of_sgd():
    steps = 4000
    _, variance = mb.bias_and_variance(mb.power_rates(1.0, 1.0, steps))
    claimed("mb-rate-strong").matches(steps * variance[-1] / 2)
    gaps, budgets = [], (200, 800, 3200)
    for budget in budgets:
        generator = torch.Generator().manual_seed(0)
        x, total = torch.ones(2000, dtype=F64), torch.zeros(2000, dtype=F64)
        for _ in range(budget):
            noise = torch.randn(2000, generator=generator, dtype=F64)
            x = x - budget**-0.5 * (x.sign() + noise)
            total += x
        gaps.append(float((total / budget).abs().mean()))
    slope = np.polyfit(np.log(budgets), np.log(gaps), 1)[0]
    claimed("mb-rate-convex").matches(slope, tol=0.05, reason="2000 runs of three lengths")


def test_schedules():
    found = runs.schedules()
    test = found["test"][..., -1]  # (schedules, rates, seeds)
    best = test.mean(-1).argmin(-1)
    names = list(mb.SCHEDULES)
    rates = (0.1, 0.2, 0.4, 0.8, 1.6)
    assert [rates[i] for i in best] == [0.4, 0.8, 0.8, 0.8, 0.8, 0.8], "twice that rate"
    ends = {n: test[i, best[i]].mean() for i, n in enumerate(names)}
    claimed("mb-schedule-constant").matches(ends["constant"], tol=0.02, reason=SEEDS)
    claimed("mb-schedule-line-percent").matches(ends["linear to 1 %"], tol=0.006, reason=SEEDS)
    claimed("mb-schedule-line").matches(ends["linear to 0"], tol=0.006, reason=SEEDS)
    claimed("mb-schedule-cosine").matches(ends["cosine"], tol=0.006, reason=SEEDS)
    claimed("mb-schedule-stairs").matches(ends["stairs"], tol=0.006, reason=SEEDS)
    claimed("mb-schedule-late").matches(ends["late"], tol=0.006, reason=SEEDS)
    spread = [test[i, best[i]].std() for i in range(1, len(names))]
    claimed("mb-schedule-spread").holds_for(spread, slack=0.0009, reason=SEEDS)
    gap = np.abs(found["lower"] - found["grown"])[:4, :, -1]
    claimed("mb-grown-difference").matches(gap.max(), tol=0.0015, reason=SEEDS)
    claimed("mb-grown-steps").matches(0.5 + 0.25 / 4 + 0.25 / 16)
    assert np.abs(found["lower"] - found["grown"])[4, :, -1].max() > 1, "breaks down"


def test_warmups():
    test = runs.warmups()["test"][..., -1].mean(-1)  # (shares, rates)
    claimed("mb-warm-none").matches(test[0, 0], tol=0.006, reason=SEEDS)
    claimed("mb-warm-short").matches(test[1, 0], tol=0.006, reason=SEEDS)
    claimed("mb-warm-none-high").matches(test[0, 1], tol=0.3, reason=SEEDS)
    claimed("mb-warm-long-high").matches(test[2, 1], tol=0.03, reason=SEEDS)
    assert test[0, 1] > 1.3 * test[2, 1], "usable again"


def test_phases_of_rate_and_batch():
    def after(rate, batch):
        square = torch.ones((), dtype=F64)
        for k in range(400):
            phase = k // 80
            square = mb.spread(square, 0.4 * rate**phase, 1.0, batch ** (-phase / 2))
        return square

    claimed("mb-phase-constant").matches(after(1.0, 1.0))
    claimed("mb-phase-halved").matches(after(0.5, 1.0))
    claimed("mb-phase-doubled").matches(after(1.0, 2.0))


def test_late_gradients():
    claimed("mb-late-1").matches(mb.delay_limit(1))
    claimed("mb-late-2").matches(mb.delay_limit(2))
    claimed("mb-late-8").matches(mb.delay_limit(8))
    claimed("mb-late-16").matches(mb.delay_limit(0) / mb.delay_limit(16))


# --- what noise does -----------------------------------------------------------------------------


def test_two_phases():
    found = runs.phases()
    whole = {name: np.sqrt((found[name] ** 2).sum(-1)) for name in ("mean", "std")}
    ratio = whole["mean"] / whole["std"]  # (noise, seeds, epochs)
    claimed("mb-snr-first").holds_for(ratio[0, :, 0], slack=0.02, reason=SEEDS)
    claimed("mb-snr-last").holds_for(ratio[0, :, -1], slack=0.02, reason=SEEDS)
    claimed("mb-snr-first-noisy").holds_for(ratio[1, :, 0], slack=0.02, reason=SEEDS)
    claimed("mb-snr-last-noisy").holds_for(ratio[1, :, -1], slack=0.015, reason=SEEDS)
    change = whole["std"][..., -1] / whole["std"][..., 0]
    claimed("mb-std-clean").holds_for(change[0], slack=0.1, reason=SEEDS)
    claimed("mb-std-noisy").holds_for(change[1], slack=0.2, reason=SEEDS)
    peak = np.median(whole["std"][0], 0).argmax()
    assert 5 <= peak <= 20, "rises for ten epochs"
    claimed("mb-snr-floor").matches(found["floor"])
    assert (ratio[..., -1] < found["floor"]).all(), "below that"
    layers = found["mean"] / found["std"]
    assert (layers[..., 0, :] > 4 * layers[..., -1, :]).all(), "in every layer and every run"


def test_small_and_large_batches():
    found = {k: v for k, v in runs.minima().items() if k != "x"}
    assert [r[0] for r in RECIPES] == [16, 400, 400]
    noisy = {k: v[1] for k, v in found.items()}
    for key in ("curvature", "box"):
        assert noisy[key][1].min() > 1.4 * noisy[key][0].max(), key
    claimed("mb-sharp-small").holds_for(noisy["curvature"][0], slack=0.3, reason=SEEDS)
    claimed("mb-sharp-large").holds_for(noisy["curvature"][1], slack=0.8, reason=SEEDS)
    claimed("mb-sharp-fast").holds_for(noisy["curvature"][2], slack=0.7, reason=SEEDS)
    claimed("mb-box-small").holds_for(noisy["box"][0], slack=0.2, reason=SEEDS)
    claimed("mb-box-large").holds_for(noisy["box"][1], slack=0.5, reason=SEEDS)
    claimed("mb-box-fast").holds_for(noisy["box"][2], slack=0.4, reason=SEEDS)
    claimed("mb-test-small").holds_for(noisy["test"][0], slack=0.01, reason=SEEDS)
    claimed("mb-test-large").holds_for(noisy["test"][1], slack=0.01, reason=SEEDS)
    claimed("mb-test-fast").holds_for(noisy["test"][2], slack=0.01, reason=SEEDS)
    means = noisy["test"].mean(-1)
    assert means[0] - means[1] > 0.02 and abs(means[0] - means[2]) < 0.01
    assert (found["steps"] < 20_000).all(), "all reached the same loss"


def test_clean_labels():
    clean = {k: v[0] for k, v in runs.minima().items()}
    means = clean["test"].mean(-1)
    claimed("mb-clean-gap").at_most([np.ptp(means)], slack=0.005, reason=SEEDS)
    ratio = clean["curvature"][1] / clean["curvature"][0]
    claimed("mb-clean-curvature").holds_for(ratio, slack=0.2, reason=SEEDS)
    claimed("mb-clean-box-small").holds_for(clean["box"][0], slack=0.15, reason=SEEDS)
    claimed("mb-clean-box-large").holds_for(clean["box"][1], slack=0.2, reason=SEEDS)
    longer = clean["gradient"][0] / clean["gradient"][1]
    claimed("mb-clean-gradient").holds_for(longer, slack=1.0, reason=SEEDS)


def test_rescaled():
    found = runs.line()
    claimed("mb-cut-small").matches(found["small"][0], tol=0.3, reason=SEEDS)
    claimed("mb-cut-rescaled").matches(found["small"][-1], tol=4, reason=SEEDS)
    claimed("mb-cut-large").matches(found["large"][0], tol=1.0, reason=SEEDS)
    at_start = found["train"][:, 20]  # place 0
    assert np.ptp(at_start) < 1e-5, "the same outputs"
