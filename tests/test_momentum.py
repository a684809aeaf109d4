"""The chapter's formulas, each against an independent computation."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import solve_ivp
from scipy.optimize import minimize

from descent import SGD, HeavyBall, Nesterov, gradient, run
from descent import ill_conditioning as ill
from descent import momentum as mo
from descent.objectives import Quadratic
from descent.oracles import langevin

F64 = torch.float64
RULES = {"heavy ball": HeavyBall, "Nesterov": Nesterov, "explicit": mo.ExplicitMomentum}
PRODUCTS, BETAS = st.floats(0.01, 4.2), st.floats(0, 0.99)
methods = pytest.mark.parametrize("method", mo.METHODS)


def normal(*shape, seed=0):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=F64)


def one(x):
    return torch.tensor([x], dtype=F64)


# --- one direction -------------------------------------------------------------------------------


@methods
@settings(max_examples=40, deadline=None)
@given(product=PRODUCTS, beta=BETAS)
def test_mode_is_what_the_optimizer_does(method, product, beta):
    f = Quadratic(one(1.0))
    path = run(f, RULES[method](product, beta), one(1.0), 12).x[:, 0]
    ours = mo.METHODS[method](product, beta).path(12, x1=path[1])
    torch.testing.assert_close(ours, path, rtol=1e-9, atol=1e-9)
    if method == "heavy ball":
        torch.testing.assert_close(mo.heavy_ball(product, beta).path(12), path)
    if method == "Nesterov":  # The run records look-ahead points, the mode starts as the main one.
        main = [path[0]]
        for ahead in path[1:]:
            main.append((ahead + beta * main[-1]) / (1 + beta))
        rest = mo.nesterov(product, beta).path(12)
        torch.testing.assert_close(rest, torch.stack(main), rtol=1e-9, atol=1e-9)


@methods
@settings(max_examples=60, deadline=None)
@given(product=PRODUCTS, beta=BETAS)
def test_roots_are_the_eigenvalues_of_the_step(method, product, beta):
    mode = mo.METHODS[method](product, beta)
    step = torch.tensor([[float(mode.trace), -float(mode.det)], [1.0, 0.0]], dtype=F64)
    eigenvalues = torch.linalg.eigvals(step)
    # A double root is only as exact as the square root of rounding.
    torch.testing.assert_close(mode.radius, eigenvalues.abs().max(), rtol=1e-6, atol=1e-6)
    large, small, turn = mode.roots
    ours = torch.stack([torch.complex(large, turn), torch.complex(small, -turn)])
    for root in eigenvalues:
        assert (ours - root).abs().min() < 1e-6


@given(product=st.floats(0.0, 4.0), beta=BETAS)
@settings(max_examples=40, deadline=None)
def test_heavy_ball_agrees_with_the_chapter_before(product, beta):
    earlier = ill.contraction(one(product), 1.0, beta)[0]
    torch.testing.assert_close(mo.heavy_ball(product, beta).radius, earlier, rtol=1e-9, atol=1e-9)


@methods
@pytest.mark.parametrize("beta", [0.0, 0.3, 0.5, 0.9, 0.99])
def test_stability_limit_is_where_the_radius_reaches_one(method, beta):
    limit = float(mo.stability_limit(method, beta))
    make = mo.METHODS[method]
    below = torch.linspace(0.001, 0.999, 400, dtype=F64) * limit
    assert (make(below, beta).radius < 1).all()
    assert make(limit * 1.001, beta).radius > 1
    assert make(limit, beta).radius == pytest.approx(1, abs=1e-7)


def test_nesterov_narrows_the_stable_range_and_the_heavy_ball_widens_it():
    beta = torch.linspace(0.01, 0.99, 50, dtype=F64)
    assert (mo.stability_limit("heavy ball", beta) > 2).all()
    assert (mo.stability_limit("Nesterov", beta) < 2).all()
    assert (mo.stability_limit("Nesterov", beta) > 4 / 3).all()


@given(product=st.floats(0.001, 3.9))
@settings(max_examples=40, deadline=None)
def test_critical_momentum_shrinks_a_component_fastest(product):
    best = float(mo.critical_beta(product))
    beta = torch.linspace(0, 0.999, 4000, dtype=F64)
    radius = mo.heavy_ball(product, beta).radius
    assert radius.min() >= abs(1 - math.sqrt(product)) - 1e-9
    if best < 0.999:
        assert beta[radius.argmin()] == pytest.approx(best, abs=2e-3)
        assert mo.heavy_ball(product, best).radius == pytest.approx(
            abs(1 - math.sqrt(product)), abs=1e-6
        )


@given(product=st.floats(0.001, 0.999))
@settings(max_examples=40, deadline=None)
def test_critical_momentum_of_nesterov(product):
    beta = torch.linspace(0, 0.9999, 4000, dtype=F64)
    radius = mo.nesterov(product, beta).radius
    best = float(mo.critical_beta_nesterov(product))
    assert beta[radius.argmin()] == pytest.approx(best, abs=2e-3)
    assert mo.nesterov(product, best).discriminant == pytest.approx(0, abs=1e-9)


def test_regimes_are_told_apart():
    cases = [(0.01, 0.5), (0.5, 0.5), (2.95, 0.5), (3.05, 0.5), (1.0, 0.0), (1.5, 0.0)]
    words = [mo.REGIMES[int(mo.heavy_ball(*case).regime)] for case in cases]
    assert words == ["decays", "ripples", "alternates", "diverges", "decays", "alternates"]


@settings(max_examples=80, deadline=None)
@given(product=st.floats(0.01, 3.99), beta=st.floats(0.01, 0.98))
def test_regimes_are_divided_by_the_critical_momentum(product, beta):
    edge = float(mo.critical_beta(product))
    limit = float(mo.stability_limit("heavy ball", beta))
    if min(abs(beta - edge), abs(product - limit)) < 1e-6:
        return
    want = "diverges" if product > limit else "ripples" if beta > edge else None
    want = want or ("decays" if product < 1 else "alternates")
    assert mo.REGIMES[int(mo.heavy_ball(product, beta).regime)] == want


def test_complex_roots_have_modulus_root_beta():
    beta = 0.81
    inside = torch.linspace((1 - 0.9) ** 2 + 1e-6, (1 + 0.9) ** 2 - 1e-6, 100, dtype=F64)
    assert (mo.heavy_ball(inside, beta).radius - 0.9).abs().max() < 1e-12


@pytest.mark.parametrize("kappa", [1.5, 10.0, 100.0, 1000.0])
def test_best_nesterov_cannot_be_improved(kappa):
    ends = torch.linspace(1.0, kappa, 201, dtype=F64)
    lr, beta, rate = mo.best_nesterov(1.0, kappa)

    def slowest(settings_):
        lr_, beta_ = settings_
        return float(mo.nesterov(lr_ * ends, beta_).radius.max())

    assert slowest((lr, beta)) == pytest.approx(rate, abs=1e-6)
    found = minimize(slowest, (0.9 * lr, 0.9 * beta), method="Nelder-Mead",
                     options={"xatol": 1e-10, "fatol": 1e-12, "maxiter": 4000})  # fmt: skip
    assert found.fun >= rate - 1e-6


# --- mechanics -----------------------------------------------------------------------------------


@given(lr=st.floats(1e-4, 4.0), beta=st.floats(0, 0.999))
@settings(max_examples=30, deadline=None)
def test_particle_and_hyper_parameters_translate_both_ways(lr, beta):
    step, drag = mo.time_step_and_drag(lr, beta)
    assert step**2 == pytest.approx(lr)
    assert mo.lr_and_beta(step, drag) == (pytest.approx(lr), pytest.approx(beta, abs=1e-12))


def test_semi_implicit_euler_is_the_heavy_ball():
    f, x = Quadratic.conditioned(20.0), torch.tensor([1.0, -0.7], dtype=F64)
    step, drag = 0.2, 0.5
    path, speed = [x], torch.zeros_like(x)
    for _ in range(30):
        speed = speed + step * (-f.grad(x) - drag * speed)
        x = x + step * speed
        path.append(x)
    lr, beta = mo.lr_and_beta(step, drag)
    torch.testing.assert_close(run(f, HeavyBall(lr, beta), path[0], 30).x, torch.stack(path))


def test_explicit_euler_is_the_explicit_rule():
    f, x = Quadratic.conditioned(20.0), torch.tensor([1.0, -0.7], dtype=F64)
    step, drag = 0.01, 0.5
    path, speed = [x], torch.zeros_like(x)
    for _ in range(30):
        x, speed = x + step * speed, speed + step * (-f.grad(x) - drag * speed)
        path.append(x)
    lr, beta = mo.lr_and_beta(step, drag)
    rule = mo.ExplicitMomentum(lr, beta)
    torch.testing.assert_close(run(f, rule, path[0], 30).x, torch.stack(path))


def test_explicit_momentum_is_a_heavy_ball_with_a_gradient_one_step_old():
    f, x0 = Quadratic.conditioned(5.0), torch.tensor([1.0, 1.0], dtype=F64)
    path, v = [x0, x0], torch.zeros(2, dtype=F64)
    for k in range(20):
        v = 0.7 * v - 0.02 * f.grad(path[k])
        path.append(path[-1] + v)
    explicit = run(f, mo.ExplicitMomentum(0.02, 0.7), x0, 21).x
    torch.testing.assert_close(explicit, torch.stack(path))


@pytest.mark.parametrize("drag", [0.0, 0.5, 2.0, 5.0])
def test_oscillator_solves_the_equation_of_motion(drag):
    at = np.linspace(0, 8, 30)
    solved = solve_ivp(lambda t, s: (s[1], -s[0] - drag * s[1]), (0, 8), (1.0, 0.0),
                       t_eval=at, rtol=1e-10, atol=1e-12)  # fmt: skip
    ours = mo.oscillator(torch.from_numpy(at), 1.0, drag)
    assert np.allclose(ours, solved.y[0], atol=1e-8)


@pytest.mark.parametrize("drag", [0.5, 2.0, 5.0])
def test_heavy_ball_follows_the_particle_to_first_order(drag):
    def error(step):
        lr, beta = mo.lr_and_beta(step, drag)
        steps = round(4 / step)
        path = run(Quadratic(one(1.0)), HeavyBall(lr, beta), one(1.0), steps).x[:, 0]
        time = step * torch.arange(steps + 1, dtype=F64)
        return float((path - mo.oscillator(time, 1.0, drag)).abs().max())

    assert error(0.01) / error(0.005) == pytest.approx(2, rel=0.05)


def test_velocity_is_the_weighted_sum():
    g = normal(40, 3)
    v = torch.zeros(3, dtype=F64)
    for row in g:
        v = 0.85 * v - 0.1 * row
    torch.testing.assert_close(mo.velocity(g, 0.1, 0.85), v)


def test_terminal_velocity_is_reached():
    g = torch.tensor([2.0, -1.0], dtype=F64)
    state, x = {"v": torch.zeros(2, dtype=F64)}, torch.zeros(2, dtype=F64)
    for _ in range(600):
        dx, state = HeavyBall(0.01, 0.95).update(g, state, x)
    torch.testing.assert_close(dx, mo.terminal_velocity(g, 0.01, 0.95))


# --- noise ---------------------------------------------------------------------------------------


@methods
def test_moments_settle_at_the_stationary_variance(method):
    beta, sigma = 0.8, 0.7
    product = 0.6 * mo.stability_limit(method, beta)
    mode = mo.METHODS[method](product, beta)
    a = b = c = torch.tensor(9.0, dtype=F64)
    for _ in range(4000):
        a, b, c = mo.spread(a, b, c, mode, product * sigma)
    torch.testing.assert_close(a, mo.stationary_variance(mode, product * sigma))
    torch.testing.assert_close(a, c)


@pytest.mark.parametrize("method", ["heavy ball", "Nesterov"])
def test_moments_are_those_of_noisy_runs(method):
    lr, beta, draws, steps = 0.3, 0.7, 40_000, 12
    f, x0 = Quadratic(one(1.0)), torch.full((draws, 1), 2.0, dtype=F64)
    t = run(f, RULES[method](lr, beta), x0, steps, oracle=langevin(0.5, seed=3))
    # The moments are those of the main point; Nesterov's run records the look-ahead point.
    x = t.x[..., 0]
    if method == "Nesterov":
        main = [x[0]]
        for k in range(steps):
            main.append((x[k + 1] + beta * main[-1]) / (1 + beta))
        x = torch.stack(main)
    a = b = c = torch.tensor(4.0, dtype=F64)
    mode = mo.METHODS[method](lr, beta)
    for k in range(1, steps + 1):
        a, b, c = mo.spread(a, b, c, mode, lr * 0.5)
        square = x[k] ** 2
        assert float(a) == pytest.approx(
            float(square.mean()), abs=5 * float(square.std()) / draws**0.5
        )


def test_equal_effective_rates_leave_equal_variance():
    lam, sigma, effective = 1.0, 1.0, 1e-4
    for beta in (0.0, 0.5, 0.9):
        lr = effective * (1 - beta)
        assert mo.effective_lr(lr, beta) == pytest.approx(effective)
        for make in (mo.heavy_ball, mo.nesterov):
            found = mo.stationary_variance(make(lr * lam, beta), lr * sigma)
            assert float(found) == pytest.approx(effective * sigma**2 / (2 * lam), rel=1e-3)


def test_no_variance_settles_beyond_the_limit():
    assert mo.stationary_variance(mo.heavy_ball(4.0, 0.5), 0.1) == math.inf


# --- the best polynomial -------------------------------------------------------------------------


@pytest.mark.parametrize("steps", [1, 2, 5, 12])
def test_chebyshev_is_the_smallest_polynomial(steps):
    mu, ell = 1.0, 20.0
    at = torch.linspace(mu, ell, 4001, dtype=F64)
    f = Quadratic(at)
    factors = run(f, mo.Chebyshev(mu, ell), torch.ones_like(at), steps).x[-1]
    bound = mo.chebyshev_factor(mu, ell, steps)
    assert float(factors.abs().max()) == pytest.approx(bound, rel=1e-9)
    # It touches the bound with alternating signs steps + 1 times: no polynomial can be smaller.
    touching = factors[factors.abs() > bound * (1 - 1e-3)].sign()
    assert int((touching.diff() != 0).sum()) == steps


def test_chebyshev_tends_to_the_heavy_ball():
    lr, beta, _ = ill.best_heavy_ball(1.0, 50.0)
    rule, x = mo.Chebyshev(1.0, 50.0), torch.ones(1, dtype=F64)
    state = rule.init(x)
    for _ in range(200):
        _, state = rule.update(x, state, x)
    assert state["omega"] - 1 == pytest.approx(beta)
    assert state["omega"] * 2 / 51 == pytest.approx(lr)


def test_conjugate_gradients_minimize_over_the_krylov_space():
    root = normal(6, 6)
    h, b = root @ root.T + torch.eye(6, dtype=F64), normal(6, seed=1)
    path = mo.conjugate_gradient(h, b, 8)
    for k in range(1, 7):
        space = torch.stack([torch.linalg.matrix_power(h, i) @ b for i in range(k)], -1)
        q = torch.linalg.qr(space)[0]
        best = q @ torch.linalg.solve(q.T @ h @ q, q.T @ b)
        torch.testing.assert_close(path[k], best, rtol=1e-6, atol=1e-8)
    torch.testing.assert_close(path[6], torch.linalg.solve(h, b))
    assert torch.isfinite(path).all(), "after convergence it stands still"
    assert (mo.conjugate_gradient(h, 0 * b, 3) == 0).all()


# --- the worst functions -------------------------------------------------------------------------


@pytest.mark.parametrize("k", [1, 2, 7, 40])
def test_worst_function_is_what_it_says(k):
    f = mo.WorstFunction(k)
    x = normal(5, f.dim)
    torch.testing.assert_close(f.grad(x), gradient(lambda p: f(p), x))
    torch.testing.assert_close(f.hessian(x[0]), torch.autograd.functional.hessian(f, x[0]))
    assert f.grad(f.minimizer).abs().max() < 1e-12
    assert float(f(f.minimizer)) == pytest.approx(f.minimum)
    spectrum = torch.linalg.eigvalsh(f.hessian(f.start))
    assert 0 < spectrum[0] < spectrum[-1] < 1


def gaps(k):
    """Gap to the minimum after k steps: conjugate gradients, accelerated, plain."""
    f = mo.WorstFunction(k)
    b = -f.grad(f.start)
    best = f(mo.conjugate_gradient(f.hessian(f.start), b, k)[-1])
    t = run(f, mo.Accelerated(1.0), f.start, k)
    main = t.x[-2] - f.grad(t.x[-2])
    plain = run(f, SGD(1.0), f.start, k).loss[-1]
    return [float(v) - f.minimum for v in (best, f(main), plain)]


@pytest.mark.parametrize("k", [1, 2, 3, 10, 30, 100])
def test_bounds_hold_and_are_ordered(k):
    best, fast, plain = gaps(k)
    distance = float(mo.WorstFunction(k).minimizer.norm())
    upper = mo.accelerated_bound(k, distance)
    assert mo.lower_bound(k) <= best <= fast * (1 + 1e-12) <= upper
    assert fast <= plain * (1 + 1e-12) <= mo.descent_bound(k, distance)
    assert best == pytest.approx(1 / (16 * (k + 1)), rel=1e-9)


def test_one_coordinate_a_step():
    f = mo.WorstFunction(6)
    for path in (
        mo.conjugate_gradient(f.hessian(f.start), -f.grad(f.start), 6),
        run(f, mo.Accelerated(1.0), f.start, 6).x,
        run(f, HeavyBall(1.0, 0.5), f.start, 6).x,
    ):
        for k, x in enumerate(path):
            assert (x[k:] == 0).all() and (k == 0 or x[k - 1] != 0)


def test_a_fixed_dimension_is_no_bound():
    f = mo.WorstFunction(10)
    t = run(f, mo.Accelerated(1.0), f.start, 120)
    k = 100
    trap = 3 * float(f.minimizer.square().sum()) / (32 * (k + 1) ** 2)
    assert float(t.loss[k] - f.minimum) < trap, "the bound of k = 100 needs 201 coordinates"


@pytest.mark.parametrize("k", [1, 4, 25])
def test_bend_is_the_worst_for_gradient_descent(k):
    f = mo.Bend(k)
    x = normal(50, 3)
    torch.testing.assert_close(f.grad(x), gradient(lambda p: f(p), x))
    last = run(f, SGD(1.0), one(1.0), k).loss[-1]
    assert float(last) == pytest.approx(mo.descent_bound(k))


def test_staircase_is_strongly_convex_and_smooth():
    f = mo.Staircase()
    x = torch.linspace(-3, 5, 401, dtype=F64)[:, None]
    torch.testing.assert_close(f.grad(x), gradient(lambda p: f(p), x))
    slope = f.grad(x)[:, 0].diff() / x[:, 0].diff()
    assert slope.min() >= 1 - 1e-9 and slope.max() <= 25 + 1e-9
    # Between the kinks, which lie on the grid, the gradient is linear: trapezoids are exact.
    rise = (f.grad(x)[1:, 0] + f.grad(x)[:-1, 0]) / 2 * x[:, 0].diff()
    torch.testing.assert_close(f(x).diff(), rise, rtol=1e-9, atol=1e-9)


def test_heavy_ball_cycles_on_the_staircase_and_the_others_do_not():
    f, start = mo.Staircase(), one(3.2)
    lr, beta, _ = ill.best_heavy_ball(1.0, 25.0)
    late = run(f, HeavyBall(lr, beta), start, 3000).x[-7:, 0]
    torch.testing.assert_close(late[3:], late[:4])
    assert late.abs().min() > 0.5
    for rule in (SGD(1 / 25), Nesterov(1 / 25, (5 - 1) / (5 + 1))):
        assert run(f, rule, start, 3000).x[-1].abs() < 1e-12


# --- growing momentum, restarts ------------------------------------------------------------------


def accelerated_by_hand(f, x0, lr, steps, restart):
    """The method of the papers, with loops and floats."""
    y, theta, t, path = x0, x0, 1.0, [x0]
    for _ in range(steps):
        g = f.grad(y)
        new = y - lr * g
        uphill = float(g @ (new - theta)) > 0 if restart == "gradient" else False
        uphill = bool(f(new) > f(theta)) if restart == "function" else uphill
        if uphill:
            t = 1.0
        after = (1 + math.sqrt(1 + 4 * t * t)) / 2
        momentum = 0.0 if uphill else (t - 1) / after
        y = new + momentum * (new - theta)
        theta, t = new, after
        path.append(y)
    return torch.stack(path)


@pytest.mark.parametrize("restart", ["never", "gradient", "function"])
def test_accelerated_follows_the_paper(restart):
    f, x0 = Quadratic.conditioned(200.0, dim=5), normal(4, 5)
    t = run(f, mo.Accelerated(1 / 200, restart, f), x0, 150)
    for i, start in enumerate(x0):
        by_hand = accelerated_by_hand(f, start, 1 / 200, 150, restart)
        torch.testing.assert_close(t.x[:, i], by_hand, rtol=1e-9, atol=1e-12)


def test_restarts_recover_the_linear_rate():
    f = Quadratic.conditioned(1000.0, dim=6)
    last = {
        restart: float(run(f, mo.Accelerated(1e-3, restart, f), f.start, 600).loss[-1])
        for restart in ("never", "gradient", "function")
    }
    assert last["never"] > 1e4 * max(last["gradient"], last["function"])


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: mo.stability_limit("Newton", 0.5), "method is 'Newton'; it must be one of heavy"),
        (lambda: mo.stability_limit("explicit", 1.0), "beta is 1.0"),
        (lambda: mo.best_nesterov(0.0, 1.0), "mu is 0.0"),
        (lambda: mo.best_nesterov(2.0, 1.0), "ell is 1.0"),
        (lambda: mo.chebyshev_factor(2.0, 1.0, 3), "ell is 1.0"),
        (lambda: mo.Chebyshev(-1.0, 1.0), "mu is -1.0"),
        (lambda: mo.lr_and_beta(0.5, 3.0), r"beta = 1 - step \* drag is -0.5"),
        (lambda: mo.time_step_and_drag(0.1, 1.0), "beta is 1.0"),
        (lambda: mo.terminal_velocity(one(1.0), -0.1, 0.5), "lr is -0.1"),
        (lambda: mo.effective_lr(0.1, 1.5), "beta is 1.5"),
        (lambda: mo.oscillator(one(1.0), 1.0, -1.0), "drag is -1.0"),
        (lambda: mo.ExplicitMomentum(0.1, 1.0), "beta is 1.0"),
        (lambda: mo.WorstFunction(0), "k is 0"),
        (lambda: mo.Bend(0), "k is 0"),
        (lambda: mo.Accelerated(0.0), "lr is 0.0"),
        (lambda: mo.Accelerated(0.1, "often"), "restart is 'often'; it must be one of 'never'"),
        (lambda: mo.Accelerated(0.1, "function"), "needs the objective"),
    ],
)
def test_bad_input_is_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()
