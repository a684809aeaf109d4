"""The chapter's formulas, each against an independent computation."""

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from cases import OBJECTIVES, name
from descent import SGD, HeavyBall, gradient, run, sweep
from descent import ill_conditioning as ill
from descent.objectives import Quadratic, Rosenbrock

F64 = torch.float64


def normal(*shape, seed=0):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=F64)


# --- one step ------------------------------------------------------------------------------------


def test_prediction_is_exact_on_quadratics():
    f = Quadratic.conditioned(30.0, dim=4)
    x = normal(50, 4)
    g = gradient(f, x)
    hg = (f.hessian(x) @ g[..., None])[..., 0]
    for lr in (0.01, 0.05, 0.2):
        torch.testing.assert_close(ill.predicted_change(g, hg, lr), f(x - lr * g) - f(x))


@pytest.mark.parametrize("objective", [o for o in OBJECTIVES if o.dim == 2], ids=name)
def test_prediction_error_is_of_third_order(objective):
    low, high = torch.tensor(objective.domain, dtype=F64).T
    x = low + (high - low) * torch.rand(
        20, 2, generator=torch.Generator().manual_seed(0), dtype=F64
    )
    g = gradient(objective, x)
    hg = (objective.hessian(x) @ g[..., None])[..., 0]
    lr = 1e-3 / (1 + g.norm(dim=-1))

    def error(rate):
        true = objective(x - rate[:, None] * g) - objective(x)
        return (true - ill.predicted_change(g, hg, rate)).abs()

    scale = 1 + objective(x).abs()
    assert (error(lr / 2) <= error(lr) / 8 * 1.2 + 1e-13 * scale).all()


def test_break_even_step_is_the_zero_of_the_model():
    x = torch.tensor([[-1.2, 1.0], [0.5, 0.5], [0.0, 1.0]], dtype=F64)
    f = Rosenbrock()
    g = gradient(f, x)
    hg = (f.hessian(x) @ g[..., None])[..., 0]
    lr = ill.break_even_step(g, hg)
    curved = torch.isfinite(lr)
    assert curved.tolist() == (ill.directional_curvature(g, hg) > 0).tolist()
    assert ill.predicted_change(g, hg, lr)[curved].abs().max() < 1e-9
    assert (ill.predicted_change(g, hg, 0.99 * lr)[curved] < 0).all()
    assert (ill.predicted_change(g, hg, 1.01 * lr)[curved] > 0).all()


@settings(max_examples=50, deadline=None)
@given(st.integers(2, 8), st.integers(0, 2**31))
def test_curvature_along_the_gradient_lies_within_the_spectrum(dim, seed):
    h = normal(dim, dim, seed=seed)
    h = h + h.T
    g = normal(dim, seed=seed + 1)
    spectrum = torch.linalg.eigvalsh(h)
    r = ill.directional_curvature(g, h @ g)
    assert spectrum[0] - 1e-9 <= r <= spectrum[-1] + 1e-9


# --- many steps ----------------------------------------------------------------------------------


@settings(max_examples=60, deadline=None)
@given(st.floats(0.01, 2.2), st.floats(0, 0.99))
def test_contraction_is_the_companion_matrix_radius(lr, beta):
    # position and velocity: v' = beta v - lr x, x' = x + v'
    step = torch.tensor([[1 - lr, beta], [-lr, beta]], dtype=F64)
    radius = torch.linalg.eigvals(step).abs().max()
    ours = ill.contraction(torch.ones(1, dtype=F64), lr, beta)[0]
    # A double root is only as exact as the square root of rounding.
    torch.testing.assert_close(ours, radius, rtol=1e-6, atol=1e-6)


def test_contraction_matches_long_runs():
    f = Quadratic(torch.tensor([1.0], dtype=F64))
    grid = {
        "lr": torch.tensor([0.1, 0.7, 1.3, 1.9], dtype=F64),
        "beta": torch.tensor([0.0, 0.3, 0.8], dtype=F64),
    }
    t = sweep(f, HeavyBall(1.0, 0.0), f.start, 400, grid=grid)
    radius = ill.contraction(torch.ones(1, dtype=F64), grid["lr"][:, None], grid["beta"])
    # Complex pairs oscillate: the largest of ten steps removes the phase.
    late = t.x[-10:, ..., 0].abs().amax(0) / t.x[190:200, ..., 0].abs().amax(0)
    torch.testing.assert_close(late ** (1 / 201), radius, rtol=2e-2, atol=0)


@pytest.mark.parametrize("kappa", [1.0, 10.0, 100.0, 1000.0])
def test_best_settings_beat_their_neighbors(kappa):
    ends = torch.tensor([1.0, kappa], dtype=F64)
    lr, rate = ill.best_gradient_descent(1.0, kappa)
    assert ill.contraction(ends, lr).max() == pytest.approx(rate, abs=1e-12)
    for factor in (0.98, 1.02):
        assert ill.contraction(ends, lr * factor).max() > rate
    lr, beta, rate = ill.best_heavy_ball(1.0, kappa)
    assert ill.contraction(ends, lr, beta).max() == pytest.approx(rate, abs=1e-6)
    for scaled_lr, scaled_beta in ((0.98, 1), (1.02, 1), (1, 0.98), (1, 1.01)):
        moved = ill.contraction(ends, lr * scaled_lr, beta * scaled_beta).max()
        assert moved >= rate - 1e-9


def test_steps_to_shrink_counts():
    assert ill.steps_to_shrink(1000, 0.1) == 3
    assert ill.steps_to_shrink(1001, 0.1) == 4
    assert ill.steps_to_shrink(5, 0.0) == 1
    f = Quadratic.conditioned(100.0)
    lr, rate = ill.best_gradient_descent(1.0, 100.0)
    k = ill.steps_to_shrink(1000, rate)
    distance = run(f, SGD(lr), f.start, k).x.norm(dim=-1)
    assert distance[k] <= distance[0] / 1000 < distance[k - 1]


def test_newton_solves_a_quadratic_in_one_step():
    f = Quadratic.conditioned(1e6, angle=0.4)
    x = normal(10, 2)
    step = ill.newton_step(f.hessian(x), gradient(f, x))
    assert (x + step).abs().max() < 1e-9


def test_damping_turns_newton_into_a_short_gradient_step():
    f = Quadratic.conditioned(10.0)
    x = normal(5, 2)
    g = gradient(f, x)
    damped = ill.newton_step(f.hessian(x), g, damping=1e8)
    torch.testing.assert_close(damped, -g / 1e8, rtol=1e-6, atol=0)


# --- positive diagonal preconditioning -----------------------------------------------------------


def test_every_positive_diagonal_descends():
    g, log_d = normal(10_000, 6, seed=1), 3 * normal(10_000, 6, seed=2)
    slope = -(g * log_d.exp() * g).sum(-1)
    assert (slope < 0).all()


def test_preconditioned_change_is_exact_on_quadratics():
    f = Quadratic.conditioned(30.0, dim=3)
    x, d = normal(20, 3), normal(20, 3, seed=1).exp()
    g = gradient(f, x)
    hdg = (f.hessian(x) @ (d * g)[..., None])[..., 0]
    true = f(x - 0.02 * d * g) - f(x)
    torch.testing.assert_close(ill.preconditioned_change(g, hdg, d, 0.02), true)


# --- sampling error ------------------------------------------------------------------------------


def test_relative_error_matches_simulation():
    h = Quadratic.conditioned(20.0, dim=3).hessian(torch.zeros(3, dtype=F64))
    g = torch.tensor([1.0, 2.0, -1.0], dtype=F64)
    root = normal(3, 3, seed=4)
    sigma = root @ root.T
    draws = 40_000
    for batch in (1, 16):
        g_hat = g + normal(draws, 3, seed=batch) @ root.T / batch**0.5
        for matrix in (None, h):
            p = torch.eye(3, dtype=F64) if matrix is None else torch.linalg.inv(matrix)
            square = ((g_hat - g) @ p.T).square().sum(-1).mean() / (p @ g).square().sum()
            predicted = ill.relative_error(sigma, g, batch, matrix)
            # A mean of squares of normals has relative standard error below sqrt(2 / draws).
            assert float(square.sqrt() / predicted) == pytest.approx(1, abs=4 * (2 / draws) ** 0.5)


# --- catapult ------------------------------------------------------------------------------------


def test_closed_gradient_of_the_two_layer_model():
    f = ill.TwoLayerLinear(7)
    x = normal(5, 14)
    torch.testing.assert_close(f.grad(x), gradient(lambda p: f(p), x))


def test_sharpness_is_the_top_eigenvalue_at_a_minimum():
    f = ill.TwoLayerLinear(4)
    u, v = normal(4, seed=1), normal(4, seed=2)
    v = v - u * (u @ v) / (u @ u)
    x = torch.cat([u, v])
    h = torch.autograd.functional.hessian(f, x)
    torch.testing.assert_close(torch.linalg.eigvalsh(h)[-1], f.sharpness(x))


@settings(max_examples=20, deadline=None)
@given(st.integers(1, 50), st.floats(0.05, 2.5), st.integers(0, 1000))
def test_recurrence_follows_the_network(width, lr, seed):
    f = ill.TwoLayerLinear(width)
    x = f.init(seed)
    t = run(f, SGD(lr), x, 8)
    h, lam = f.output(x), f.sharpness(x)
    for k in range(1, 9):
        h, lam = ill.catapult_step(h, lam, lr, width)
        if not (abs(float(h)) < 1e6):
            break
        torch.testing.assert_close(f.output(t.x[k]), h, rtol=1e-6, atol=1e-9)
        torch.testing.assert_close(f.sharpness(t.x[k]), lam, rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: ill.condition_number(0.0, 1.0), "mu is 0.0"),
        (lambda: ill.condition_number(2.0, 1.0), "ell is 1.0; it must be finite and >= 2"),
        (lambda: ill.steps_to_shrink(0.5, 0.5), "factor is 0.5"),
        (lambda: ill.steps_to_shrink(10, 1.0), "rate is 1.0"),
        (lambda: ill.newton_step(torch.eye(2), torch.ones(2), -1.0), "damping is -1.0"),
        (lambda: ill.TwoLayerLinear(0), "width is 0"),
        (lambda: ill.best_gradient_descent(math.nan, 1.0), "mu is nan"),
    ],
)
def test_bad_input_is_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()
