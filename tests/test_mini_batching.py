"""The chapter's formulas, each against an independent computation."""

import math
from itertools import permutations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from descent import SGD, run
from descent import mini_batching as mb
from descent.data import digits
from descent.networks import MLP, Empirical
from descent.oracles import langevin

F64 = torch.float64


def normal(*shape, seed=0):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=F64)


@pytest.fixture(scope="module")
def network():
    data = digits(60, 20, seed=0, dtype=F64)
    return Empirical(MLP((64, 5, 10)), data)


# --- sampling ------------------------------------------------------------------------------------


def every_subset_mean(values, n):
    """The mean of every ordered draw without replacement."""
    return np.array([np.mean(draw) for draw in permutations(values, n)])


@pytest.mark.parametrize("n", [1, 2, 3, 5])
def test_standard_error_without_replacement_by_enumeration(n):
    values = np.array([3.0, -1.0, 4.0, 1.0, -5.0])
    means = every_subset_mean(values, n)
    assert means.mean() == pytest.approx(values.mean()), "unbiased"
    assert mb.standard_error(values.std(), n, 5) == pytest.approx(means.std(), abs=1e-12)


def test_standard_error_with_replacement_by_enumeration():
    values = np.array([3.0, -1.0, 4.0, 1.0])
    grid = np.stack(np.meshgrid(values, values, values), -1).reshape(-1, 3).mean(-1)
    assert mb.standard_error(values.std(), 3) == pytest.approx(grid.std())


def test_standard_error_refuses_a_negative_spread():
    with pytest.raises(ValueError, match="sigma is -1"):
        mb.standard_error(-1.0, 4)


def test_example_gradients_are_those_of_single_examples(network):
    x = network.network.init(0, dtype=F64)
    rows = mb.example_gradients(network, x)
    for i in (0, 17, 59):
        torch.testing.assert_close(rows[i], network.on(torch.tensor([i])).grad(x))
    torch.testing.assert_close(rows.mean(0), network.grad(x))


def test_gradient_noise_is_the_trace_of_the_covariance():
    rows = normal(40, 3) + 2
    found = mb.gradient_noise(rows)
    assert found.trace == pytest.approx(float(torch.cov(rows.T, correction=0).trace()))
    assert found.square == pytest.approx(float(rows.mean(0).square().sum()))
    assert found.scale == pytest.approx(found.trace / found.square)
    assert mb.GradientNoise(0.0, 1.0).scale == math.inf


def test_two_batch_estimate_is_exact_in_the_mean():
    square, trace = 3.0, 50.0
    lengths = [square + trace / size for size in (8, 64)]
    assert mb.two_batch_estimate(*lengths, 8, 64) == pytest.approx((square, trace))
    with pytest.raises(ValueError, match="big_b is 8"):
        mb.two_batch_estimate(1.0, 1.0, 8, 8)


def test_two_batch_estimate_on_samples():
    rows = normal(500, 4) + 0.5
    noise = mb.gradient_noise(rows)
    generator = torch.Generator().manual_seed(1)
    index = torch.randint(500, (20_000, 32), generator=generator)
    small, big = (rows[index[:, :b]].mean(1).square().sum(-1).mean() for b in (4, 32))
    square, trace = mb.two_batch_estimate(float(small), float(big), 4, 32)
    assert square == pytest.approx(noise.square, rel=0.05)
    assert trace == pytest.approx(noise.trace, rel=0.05)


# --- what a batch buys ---------------------------------------------------------------------------


@pytest.fixture(scope="module")
def bowl():
    """Hessian, covariance and gradient, with nothing diagonal."""
    a, b = normal(4, 4, seed=1), normal(4, 4, seed=2)
    return a @ a.T + 0.1 * torch.eye(4, dtype=F64), b @ b.T, normal(4, seed=3)


@pytest.mark.parametrize("batch", [1.0, 4.0, 64.0, math.inf])
def test_best_step_is_the_best_step(bowl, batch):
    hessian, covariance, g = bowl
    lr, gain = mb.best_step(*bowl, batch)

    def expected(rate):  # E f(x) - f(x - rate g_hat), in closed form of the second moments
        second = torch.outer(g, g) + covariance / batch
        return rate * g @ g - rate**2 / 2 * (hessian * second).sum()

    assert float(expected(lr)) == pytest.approx(float(gain))
    assert expected(0.99 * lr) < gain and expected(1.01 * lr) < gain


def test_gain_follows_the_noise_scale(bowl):
    most = mb.best_step(*bowl, math.inf)[1]
    scale = mb.noise_batch(*bowl)
    for batch in (1.0, 16.0, 256.0):
        gain = mb.best_step(*bowl, batch)[1]
        torch.testing.assert_close(gain, most / (1 + scale / batch))


def test_noise_batch_is_the_simple_scale_on_a_round_bowl(bowl):
    _, covariance, g = bowl
    simple = covariance.trace() / (g @ g)
    torch.testing.assert_close(mb.noise_batch(7 * torch.eye(4, dtype=F64), covariance, g), simple)


def test_best_step_needs_curvature(bowl):
    hessian, _, g = bowl
    with pytest.raises(ValueError, match="must be positive"):
        mb.best_step(-hessian, torch.zeros(4, 4, dtype=F64), g, 1.0)


@given(st.floats(0.5, 100), st.floats(1, 1e5), st.floats(0.5, 1e4))
@settings(max_examples=40, deadline=None)
def test_hyperbola(fewest, examples, batch):
    curve = mb.Hyperbola(fewest, examples)
    s, e = curve.steps_at(batch), curve.examples_at(batch)
    assert e == pytest.approx(s * batch)
    assert (s / fewest - 1) * (e / examples - 1) == pytest.approx(1)


def test_fit_finds_the_hyperbola():
    batches = [1, 4, 16, 64, 256]
    steps = [mb.Hyperbola(7.0, 300.0).steps_at(b) for b in batches]
    found = mb.Hyperbola.fit(batches, steps)
    assert (found.steps, found.examples) == pytest.approx((7.0, 300.0))
    with pytest.raises(ValueError, match="steps is 0"):
        mb.Hyperbola(0.0, 1.0)


# --- jitter --------------------------------------------------------------------------------------


@pytest.mark.parametrize("lr", [0.05, 0.2, 1.5])
def test_floor_is_where_the_spread_rests(lr):
    square = torch.tensor(0.0, dtype=F64)
    for _ in range(2000):
        square = mb.spread(square, lr, 0.8, 2.0)
    assert 0.8 * float(square) / 2 == pytest.approx(mb.floor(lr, 0.8, 2.0))


def test_floor_of_simulated_runs():
    x0 = torch.zeros(4000, 1, dtype=F64)

    def f(x):
        return 0.5 * x.square().sum(-1)

    done = run(f, SGD(0.2), x0, 200, oracle=langevin(1.0, seed=1), keep=20)
    assert float(done.loss[3:].mean()) == pytest.approx(mb.floor(0.2), rel=0.03)


def test_bias_and_variance_of_simulated_runs():
    rates = mb.power_rates(0.7, 0.6, 60)
    noise, x = normal(60, 20_000), torch.full((20_000,), 3.0, dtype=F64)
    for lr, xi in zip(rates, noise, strict=True):
        x = x - lr * (x + xi)
    bias, variance = mb.bias_and_variance(rates)
    assert float(x.mean()) == pytest.approx(3 * float(bias[-1]), abs=0.01)
    assert float(x.var()) == pytest.approx(float(variance[-1]), rel=0.05)


@pytest.mark.parametrize("lr", [0.1, 1.0, 1.7])
def test_averaged_variance_by_the_linear_map(lr):
    steps = 40
    q = 1 - lr * 0.5
    maps = torch.tensor(
        [[-lr * q ** (k - j) if j <= k else 0.0 for j in range(steps)] for k in range(steps)],
        dtype=F64,
    )
    assert mb.averaged_variance(lr, steps, 0.5) == pytest.approx(float(maps.mean(0).square().sum()))


def test_average_forgets_the_rate():
    for lr in (0.05, 0.5, 1.5):
        assert 20_000 * mb.averaged_variance(lr, 20_000) == pytest.approx(1, rel=0.01)


def test_interpolating_factor():
    h, lr = torch.tensor([0.5, 1.0, 4.0], dtype=F64), 0.3
    direct = ((1 - lr * h) ** 2).mean()
    torch.testing.assert_close(mb.interpolating_factor(lr, h), direct)
    edge = 2 * float(h.mean() / h.square().mean())
    assert float(mb.interpolating_factor(edge, h)) == pytest.approx(1)


@pytest.mark.parametrize("delay", [0, 1, 2, 5, 20])
def test_delay_limit_is_where_the_radius_is_one(delay):
    limit = mb.delay_limit(delay)
    assert mb.delay_radius(limit, delay) == pytest.approx(1, abs=1e-9)
    assert mb.delay_radius(0.99 * limit, delay) < 1 < mb.delay_radius(1.01 * limit, delay)
    assert float(mb.delay_limit(torch.tensor(float(delay)))) == pytest.approx(limit, abs=1e-6)


# --- order ---------------------------------------------------------------------------------------


def test_shuffled_variance_over_every_order():
    values, lr = torch.tensor([1.5, -0.5, -1.5, 0.5, 0.0], dtype=F64), 0.3
    values = values / values.square().mean().sqrt()
    q = 1 - lr
    pushes = []
    for order in permutations(values.tolist()):
        x = 0.0
        for a in order:
            x = q * x + lr * a
        pushes.append(x)
    rest = np.mean(np.square(pushes)) / (1 - q ** (2 * 5))
    assert mb.shuffled_variance(lr, 5) == pytest.approx(rest)
    assert mb.drawn_variance(lr) == pytest.approx(2 * mb.floor(lr))


def test_shuffling_gains_a_square():
    lr, n = 1e-4, 50
    ratio = mb.shuffled_variance(lr, n) / mb.drawn_variance(lr)
    assert ratio == pytest.approx((lr * n) ** 2 / 12, rel=0.05)


def test_kept_order_settles_off_the_minimum():
    values = torch.tensor([-1.0, -1.0, 1.0, 1.0], dtype=F64)
    x = 0.0
    for _ in range(200):
        for a in values.tolist():
            x += 0.2 * (a - x)
    assert mb.settled(0.2, values) == pytest.approx(x)
    assert x > 0, "the last examples pull"
    with pytest.raises(ValueError, match=r"lr is 1\.5"):
        mb.settled(1.5, values)


# --- schedules -----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", mb.SCHEDULES)
def test_schedules_start_at_one_and_never_rise(name):
    factor = mb.SCHEDULES[name](torch.linspace(0, 1, 101, dtype=F64))
    assert factor[0] == 1 and (factor.diff() <= 0).all() and (factor >= 0).all()


def test_where_schedules_end():
    one = torch.ones((), dtype=F64)
    ends = {name: float(rule(one)) for name, rule in mb.SCHEDULES.items()}
    assert ends == pytest.approx(
        {
            "constant": 1,
            "linear to 1 %": 0.01,
            "linear to 0": 0,
            "cosine": 0,
            "stairs": 1 / 16,
            "late": 0,
        }
    )
    assert float(mb.late(one * 0.8)) == 1 and float(mb.late(one * 0.9)) == pytest.approx(0.5)


def test_warmed():
    part = torch.tensor([0.0, 0.05, 0.1, 0.55, 1.0], dtype=F64)
    torch.testing.assert_close(
        mb.warmed(mb.linear, 0.1)(part), torch.tensor([0, 0.5, 1, 0.5, 0], dtype=F64)
    )
    assert mb.warmed(mb.cosine, 0.0) is mb.cosine
    with pytest.raises(ValueError, match="share is 1"):
        mb.warmed(mb.cosine, 1.0)


# --- flatness ------------------------------------------------------------------------------------


def test_box_sharpness_of_a_linear_function_is_exact():
    slope = torch.tensor([1.0, -2.0], dtype=F64)
    x = torch.tensor([[3.0, 0.0], [0.0, 1.0]], dtype=F64)

    def f(x):
        return 5 + (x * slope).sum(-1)

    want = 100 * 0.01 * ((x.abs() + 1) * slope.abs()).sum(-1) / (1 + f(x))
    torch.testing.assert_close(mb.box_sharpness(f, x, size=0.01), want)
