"""Closed forms, bounds, limits and invariances of the rules."""

import math

import pytest
import torch

from descent import (
    SGD,
    AdaDelta,
    AdaGrad,
    Adam,
    AMSGrad,
    DampedMomentum,
    DecayedAdaGrad,
    DeltaBarDelta,
    HeavyBall,
    Lion,
    NAdam,
    Nesterov,
    RMSProp,
    RMSPropMomentum,
    RMSPropNesterov,
    ScheduleFreeAdamW,
    ScheduleFreeSGD,
    langevin,
    run,
)
from descent.objectives import Quadratic, Rosenbrock, rotation

F64 = torch.float64
TINY = 1e-200  # a floor that no gradient here comes near


def slope(x):
    return (x * torch.tensor([3.0, -0.5], dtype=F64)).sum(-1)


def steps_on_a_slope(rule, steps=50):
    return run(slope, rule, torch.zeros(2, dtype=F64), steps).x.diff(dim=0)


SIGNS = torch.tensor([-1.0, 1.0], dtype=F64)
COUNT = torch.arange(1, 51, dtype=F64)[:, None]


@pytest.mark.parametrize(
    ("rule", "sizes"),
    [
        (AdaGrad(0.01, TINY), 0.01 / COUNT.sqrt()),
        (
            DecayedAdaGrad(0.01, TINY, lr_decay=0.1),
            0.01 / COUNT.sqrt() / (1 + 0.1 * (COUNT - 1)),
        ),
        (RMSProp(0.01, 0.9, TINY), 0.01 / (1 - 0.9**COUNT).sqrt()),
        (Adam(0.01, eps=TINY), 0.01 * torch.ones_like(COUNT)),
        (AMSGrad(0.01, eps=TINY), 0.01 * torch.ones_like(COUNT)),
        (
            AMSGrad(0.01, 0.9, 0.99, TINY, corrected=False),
            0.01 * (1 - 0.9**COUNT) / (1 - 0.99**COUNT).sqrt(),
        ),
        (Lion(0.01), 0.01 * torch.ones_like(COUNT)),
        (RMSPropNesterov(0.01, 0.0, TINY, beta=0.8), 0.01 * (0.8 * (1 - 0.8**COUNT) / 0.2 + 1)),
        (ScheduleFreeAdamW(0.01, beta1=0.0, eps=TINY), 0.01 * torch.ones_like(COUNT)),
    ],
    ids=repr,
)
def test_steps_on_a_constant_gradient(rule, sizes):
    torch.testing.assert_close(steps_on_a_slope(rule), SIGNS * sizes, rtol=1e-10, atol=0)


def test_nadam_on_a_constant_gradient():
    rule = NAdam(0.01, 0.9, eps=TINY, momentum_decay=0.3)
    k = torch.arange(1, 52, dtype=F64)
    mu = 0.9 * (1 - 0.5 * 0.96 ** (0.3 * k))
    held, seen = 1 - 0.9 ** k[:-1], 1 - mu.cumprod(0)  # weight in the mean; divisors
    lengths = (1 - mu[:-1]) / seen[:-1] + mu[1:] * held / seen[1:]
    torch.testing.assert_close(steps_on_a_slope(rule), 0.01 * lengths[:, None] * SIGNS)


def test_nadam_without_momentum_is_adam_without_momentum():
    paths = [run(Rosenbrock(), r(0.01, 0.0), Rosenbrock().start, 50).x for r in (Adam, NAdam)]
    torch.testing.assert_close(*paths)


def test_decayed_adagrad_stalls():
    rule = DecayedAdaGrad(1.0, TINY, lr_decay=1.0)
    travel = steps_on_a_slope(rule, 2000).abs().sum(0)
    k = torch.arange(1, 2001, dtype=F64)
    torch.testing.assert_close(travel[0], (k**-1.5).sum())
    assert float(travel[0]) < 2.6124, "the sum over all k"


def test_first_step_of_rmsprop_is_inflated():
    steps = steps_on_a_slope(RMSProp(0.01, 0.9, TINY))
    assert float(steps[0, 1]) == pytest.approx(0.01 / math.sqrt(0.1))
    assert float(steps[-1, 1]) == pytest.approx(0.01, rel=5e-3)


@pytest.mark.parametrize("rule", [HeavyBall(0.01, 0.9), Nesterov(0.01, 0.9)])
def test_terminal_velocity(rule):
    g = torch.tensor([3.0, -0.5], dtype=F64)
    torch.testing.assert_close(steps_on_a_slope(rule, 400)[-1], -0.01 * g / (1 - 0.9))


def test_terminal_velocity_of_rmsprop_with_momentum():
    for kind in (RMSPropMomentum, RMSPropNesterov):
        last = steps_on_a_slope(kind(0.01, 0.9, TINY, beta=0.9), 600)[-1]
        torch.testing.assert_close(last, 0.01 * SIGNS / (1 - 0.9))


@pytest.mark.parametrize("inside", [False, True])
def test_where_the_floor_stands_decides_what_counts_as_zero(inside):
    """With eps outside the knee is at |g| = eps, inside at |g| = sqrt(eps)."""
    eps, g = 1e-6, 1e-4

    def f(x):
        return g * x.sum(-1)

    last = run(f, RMSProp(1.0, 0.9, eps, inside=inside), torch.zeros(1, dtype=F64), 500).x.diff(
        dim=0
    )[-1]
    want = g / math.sqrt(g**2 + eps) if inside else g / (g + eps)
    assert float(-last) == pytest.approx(want)
    assert (want < 0.11) == inside


def test_first_step_of_adadelta():
    rho, eps, g = 0.9, 1e-6, 2.0
    step = run(lambda x: g * x.sum(-1), AdaDelta(rho, eps), torch.zeros(1, dtype=F64), 1).x[1]
    assert float(step) == pytest.approx(-math.sqrt(eps) / math.sqrt((1 - rho) * g**2 + eps) * g)


def test_lion_moves_every_coordinate_by_the_rate():
    f = Rosenbrock()
    moves = run(f, Lion(1e-3), f.start, 300).x.diff(dim=0).abs()
    torch.testing.assert_close(moves, torch.full_like(moves, 1e-3), rtol=1e-9, atol=0)


def test_adam_moves_less_than_its_bound():
    """|m/w| / sqrt(v/u) is largest where one gradient follows a long silence."""
    rule, x = Adam(1.0, 0.9, 0.999, TINY), torch.zeros(1, dtype=F64)
    state, grads = rule.init(x), [0.0] * 2000 + [1.0]
    for g in grads:
        dx, state = rule.update(torch.tensor([g], dtype=F64) + 1e-150, state, x)
    assert float(dx.abs()) == pytest.approx(0.1 / math.sqrt(0.001), rel=0.1)


# --- limits ------------------------------------------------------------------------------------


def test_rmsprop_nesterov_without_momentum_is_rmsprop():
    f = Rosenbrock()
    one = run(f, RMSPropNesterov(1e-3, 0.9, 1e-6, beta=0.0), f.start, 100).x
    torch.testing.assert_close(one, run(f, RMSProp(1e-3, 0.9, 1e-6), f.start, 100).x)


def test_rmsprop_nesterov_with_unit_gradients_is_nesterov():
    """Where every gradient is +-1 the mean square, once 1, stays 1."""
    g = torch.Generator().manual_seed(0)
    x = torch.zeros(3, dtype=F64)
    one, two = RMSPropNesterov(0.1, 0.9, TINY, beta=0.8), Nesterov(0.1, 0.8)
    state, plain = {**one.init(x), "r": torch.ones(3, dtype=F64)}, two.init(x)
    for _ in range(50):
        grad = torch.randint(2, (3,), generator=g).double() * 2 - 1
        dx, state = one.update(grad, state, x)
        dy, plain = two.update(grad, plain, x)
        torch.testing.assert_close(dx, dy)


def test_damped_momentum_without_dampening_is_a_heavy_ball():
    f = Rosenbrock()
    one = run(f, DampedMomentum(5e-4, 0.9, 0.0), f.start, 100).x
    torch.testing.assert_close(one, run(f, HeavyBall(5e-4, 0.9), f.start, 100).x)


def test_schedule_free_without_interpolation_averages_sgd():
    f, lr = Quadratic.conditioned(10.0), 0.05
    t = run(f, ScheduleFreeSGD(lr, beta=0.0), f.start, 40)
    fast = run(f, SGD(lr), f.start, 40).x
    torch.testing.assert_close(t.x, fast)
    torch.testing.assert_close(t.state["average"], fast[1:].mean(0))


def test_schedule_free_sgd_needs_no_horizon():
    """On a noisy bowl it comes near a tuned linear decay, which must know the last step."""
    f, x0, noise = Quadratic.conditioned(10.0), torch.ones(64, 2, dtype=F64), langevin(1.0)
    rates = torch.tensor([0.01, 0.03, 0.1, 0.2])
    losses = []
    for lr in rates.tolist():
        t = run(f, ScheduleFreeSGD(lr), x0, 1000, oracle=noise, keep="last", watch=False)
        losses.append(float(f(t.state["average"]).mean()))
    decayed = []
    for lr in rates.tolist():
        x = x0
        for k in range(1000):
            x = x - lr * (1 - k / 1000) * noise(f, x, k)
        decayed.append(float(f(x).mean()))
    assert min(losses) < 4 * min(decayed)
    constant = run(f, SGD(0.03), x0, 1000, oracle=noise, keep="last", watch=False)
    assert min(losses) < 0.5 * float(constant.final_loss.mean())


def test_a_dead_coordinate_stays_put():
    rules = [
        DeltaBarDelta(0.1),
        AdaGrad(0.1),
        AdaDelta(),
        RMSProp(0.1),
        RMSProp(0.1, centered=True),
    ]
    rules += [RMSPropNesterov(0.1), Adam(0.1), AMSGrad(0.1), Lion(0.1), ScheduleFreeAdamW(0.1)]
    for rule in rules:
        x = run(lambda x: x[..., 0] ** 2, rule, torch.ones(2, dtype=F64), 20).x
        assert torch.equal(x[:, 1], torch.ones(21, dtype=F64)), rule
        assert torch.isfinite(x).all(), rule


def test_the_centered_spread_is_never_negative():
    """Rounding makes E[g²] - E[g]² negative on a constant gradient; its root would be NaN."""
    g = torch.tensor([0.1, 0.3, 0.7, 1.1], dtype=F64)
    t = run(lambda x: (g * x).sum(-1), RMSProp(1e-3, 0.9, 1e-8, True), torch.zeros(4).double(), 999)
    assert torch.isfinite(t.x).all()


# --- invariances -------------------------------------------------------------------------------


def turned_path(rule, steps=60):
    """The path on a turned bowl, turned back."""
    turn = rotation(torch.tensor(0.7, dtype=F64))
    x0 = torch.tensor([1.0, 2.0], dtype=F64)
    weights = torch.tensor([1.0, 10.0], dtype=F64)

    def straight(x):
        return 0.5 * (weights * x**2).sum(-1)

    return run(lambda y: straight(y @ turn.T), rule, x0 @ turn, steps).x @ turn.T, run(
        straight, rule, x0, steps
    ).x


@pytest.mark.parametrize(
    "rule", [SGD(0.05), HeavyBall(0.02, 0.8), Nesterov(0.02, 0.8), ScheduleFreeSGD(0.05)]
)
def test_rules_with_one_rate_do_not_see_the_axes(rule):
    turned, straight = turned_path(rule)
    torch.testing.assert_close(turned, straight, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize(
    "rule", [Adam(0.05), AdaGrad(0.5), RMSProp(0.01), Lion(0.01), AdaDelta(0.9, 1e-3)]
)
def test_rules_with_a_rate_per_axis_do(rule):
    turned, straight = turned_path(rule)
    assert (turned - straight).norm(dim=-1).max() > 0.05


@pytest.mark.parametrize(
    ("rule", "scaled"),
    [
        (Adam(0.02, eps=1e-8), Adam(0.02, eps=1e-5)),
        (AMSGrad(0.02, eps=1e-8), AMSGrad(0.02, eps=1e-5)),
        (AdaGrad(0.1, 1e-7), AdaGrad(0.1, 1e-4)),
        (RMSProp(0.01, 0.9, 1e-8), RMSProp(0.01, 0.9, 1e-5)),
        (RMSPropNesterov(0.01, 0.9, 1e-8), RMSPropNesterov(0.01, 0.9, 1e-5)),
        (Lion(0.01), Lion(0.01)),
        (SGD(0.01), SGD(0.01 / 1000)),
        (HeavyBall(0.01, 0.9), HeavyBall(0.01 / 1000, 0.9)),
    ],
    ids=repr,
)
def test_scaling_the_objective_scales_the_floor_alone(rule, scaled):
    """An objective a thousand times larger needs a floor, or a rate, in its own units."""
    f = Rosenbrock()
    one = run(f, rule, f.start, 60)
    other = run(lambda x: 1000 * f(x), scaled, f.start, 60)
    n = int(torch.isfinite(one.loss).sum())
    torch.testing.assert_close(other.x[:n], one.x[:n], rtol=1e-8, atol=1e-10)


def test_adadelta_does_not_see_the_units_of_the_objective():
    f, eps = Quadratic.conditioned(10.0), 1e-12
    one = run(f, AdaDelta(0.9, eps), f.start, 200).x
    other = run(lambda x: 1000 * f(x), AdaDelta(0.9, eps), f.start, 200).x
    assert (one[-1] - one[0]).abs().min() > 1e-5
    torch.testing.assert_close(other - other[0], one - one[0], rtol=1e-4, atol=1e-9)


# --- delta-bar-delta ----------------------------------------------------------------------------


def test_delta_bar_delta_beats_the_best_rate_and_hates_noise():
    kappa = 100.0
    f, x0 = Quadratic.conditioned(kappa), torch.ones(2, dtype=F64)
    rule = DeltaBarDelta(0.005, increase=0.001, decrease=0.3, theta=0.7)
    best = run(f, SGD(2 / (1 + kappa)), x0, 300).final_loss
    exact = run(f, rule, x0, 300)
    assert float(exact.final_loss) < 1e-3 * float(best)
    noisy = run(f, rule, x0, 300, oracle=langevin(5.0, seed=1))
    assert float(noisy.state["rate"].max()) < 0.2 * float(exact.state["rate"].max())
    assert float(noisy.final_loss) > 1e3 * float(exact.final_loss)
