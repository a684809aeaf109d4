"""Every number that the chapter on momentum prints, derived again."""

import math

import numpy as np
import pytest
import torch

from claims import claimed
from descent import SGD, HeavyBall, Nesterov, run
from descent import ill_conditioning as ill
from descent import momentum as mo
from descent.experiments import momentum as runs
from descent.objectives import Quadratic
from descent.oracles import langevin

F64 = torch.float64
KAPPAS = (10.0, 100.0, 1000.0)
SEEDS = "three seeds of weights and batches; other machines round differently"


def steps_needed(rule, kappa, factor=1e-3):
    f = Quadratic.conditioned(kappa)
    distance = run(f, rule, f.start, 4000).x.norm(dim=-1)
    return int((distance <= distance[0] * factor).int().argmax())


def ball(kappa):
    return HeavyBall(*ill.best_heavy_ball(1.0, kappa)[:2])


# --- the puzzle ----------------------------------------------------------------------------------


def test_the_puzzle():
    f = Quadratic.conditioned(100.0)
    descent = SGD(ill.best_gradient_descent(1.0, 100.0)[0])
    steps = steps_needed(ball(100.0), 100.0)
    loss = run(f, ball(100.0), f.start, steps).loss
    claimed("mom-puzzle-descent").matches(steps_needed(descent, 100.0))
    claimed("mom-puzzle-ball").matches(steps)
    claimed("mom-puzzle-peak").matches(loss.max() / loss[0])
    claimed("mom-puzzle-rises").matches((loss.diff() > 0).sum())
    assert (run(f, descent, f.start, 400).loss.diff() < 0).all(), "never a step uphill"
    assert steps_needed(descent, 100.0) / steps == pytest.approx(6, abs=0.5), "a factor of six"


# --- the velocity --------------------------------------------------------------------------------


def velocities(beta, gradients, lr=0.02):
    v, path = 0.0, []
    for g in gradients:
        v = beta * v - lr * g
        path.append(v)
    return np.array(path)


def test_terminal_velocity():
    path = velocities(0.9, np.ones(200))
    limit = float(mo.terminal_velocity(torch.tensor(1.0, dtype=F64), 0.02, 0.9))
    claimed("mom-terminal").matches(path[-1])
    claimed("mom-terminal-steps").matches(1 + (np.abs(path) >= 0.99 * abs(limit)).argmax())
    assert limit == pytest.approx(-0.2) and limit / -0.02 == pytest.approx(10), "ten times as fast"


@pytest.mark.parametrize("beta", [0.9, 0.98])
def test_wrong_way_after_the_turn(beta):
    late = math.log(1 / (2 - beta**80)) / math.log(beta)
    claim = claimed("mom-late-short") if beta == 0.9 else claimed("mom-late-long")
    claim.matches(late)
    path = velocities(beta, np.r_[np.ones(80), -np.ones(80)])[80:]
    assert (path < 0).sum() == math.floor(late), "the sign changes within that step"


def test_dampening_leaves_the_first_gradient_undamped():
    x = torch.zeros(1, dtype=F64, requires_grad=True)
    optimizer = torch.optim.SGD([x], lr=1.0, momentum=0.9, dampening=0.9)
    x.grad = torch.ones(1, dtype=F64)
    optimizer.step()
    average = 1.0 * (1 - 0.9)
    claimed("mom-dampening").matches(-float(x.detach()) / average)


def test_time_step_and_drag():
    step, drag = mo.time_step_and_drag(0.01, 0.9)
    claimed("mom-time-step").matches(step)
    claimed("mom-drag").matches(drag)
    claimed("mom-drag-quartered").matches(mo.time_step_and_drag(0.01 / 4, 0.9)[1])


def growth(rule, steps):
    """Factor per step, over many steps, of a component with curvature 1."""
    f = Quadratic(torch.ones(1, dtype=F64))
    x = run(f, rule, f.start, steps).x[:, 0].abs()
    late, early = x[-100:].max(), x[steps // 2 - 100 : steps // 2].max()
    return float(late / early) ** (1 / (steps - steps // 2))


def test_order_of_the_two_lines():
    claimed("mom-semi-radius").matches(growth(HeavyBall(0.11, 0.9), 1000))
    claimed("mom-explicit-radius").matches(growth(mo.ExplicitMomentum(0.11, 0.9), 1000))
    limits = [mo.stability_limit(name, 0.9) for name in ("heavy ball", "explicit")]
    claimed("mom-order-ratio").matches(limits[0] / limits[1])


# --- two roots -----------------------------------------------------------------------------------


def test_what_the_square_root_buys():
    p = 0.01
    claimed("mom-critical-factor").matches(mo.heavy_ball(p, mo.critical_beta(p)).radius)
    claimed("mom-plain-factor").matches(mo.heavy_ball(p, 0.0).radius)


def test_limits_at_nine_tenths():
    claimed("mom-nesterov-limit").matches(mo.stability_limit("Nesterov", 0.9))
    claimed("mom-ball-limit").matches(mo.stability_limit("heavy ball", 0.9))


def test_steps_to_come_a_thousand_times_closer():
    table = {
        "descent": [SGD(ill.best_gradient_descent(1.0, k)[0]) for k in KAPPAS],
        "nesterov": [Nesterov(*mo.best_nesterov(1.0, k)[:2]) for k in KAPPAS],
        "ball": [ball(k) for k in KAPPAS],
        "chebyshev": [mo.Chebyshev(1.0, k) for k in KAPPAS],
    }
    steps = {
        name: [steps_needed(rule, k) for rule, k in zip(rules, KAPPAS, strict=True)]
        for name, rules in table.items()
    }
    claimed("mom-steps-descent").matches(*steps["descent"])
    claimed("mom-steps-nesterov").matches(*steps["nesterov"])
    claimed("mom-steps-ball").matches(*steps["ball"])
    claimed("mom-steps-chebyshev").matches(*steps["chebyshev"])


def test_peaks_at_the_start():
    peaks, distances = [], []
    for kappa in KAPPAS:
        f = Quadratic.conditioned(kappa)
        t = run(f, ball(kappa), f.start, 400)
        peaks.append(float(t.loss.max() / t.loss[0]))
        distances.append(float((t.x.norm(dim=-1) / t.x[0].norm()).max()))
        calm = run(f, mo.Chebyshev(1.0, kappa), f.start, 400).loss
        assert (calm.diff()[calm[:-1] > 1e-25] < 0).all(), "Chebyshev's loss never rises"
    claimed("mom-peaks").matches(*peaks)
    assert distances[2] / distances[1] == pytest.approx(10**0.5, rel=0.05), "like the root of kappa"


def test_half_the_rate_has_no_peak():
    lr, beta, _ = ill.best_heavy_ball(1.0, 300.0)
    f = Quadratic.conditioned(300.0)
    runs_ = [run(f, HeavyBall(rate, beta), f.start, 200).loss for rate in (lr / 2, lr)]
    claimed("mom-half-rate").matches(*((loss < 1e-6 * loss[0]).int().argmax() for loss in runs_))
    assert runs_[0].max() == runs_[0][0], "no peak"


# --- what nobody can beat ------------------------------------------------------------------------


@pytest.fixture(scope="module")
def worst():
    return runs.worst_functions((1, 10, 100), steps=120, budgets=4)


def test_five_numbers_for_ten_and_a_hundred_steps(worst):
    upper = [
        mo.accelerated_bound(k, float(mo.WorstFunction(k).minimizer.norm())) for k in (10, 100)
    ]
    claimed("mom-lower-10").matches(worst["bound_end"][1])
    claimed("mom-cg-10").matches(worst["cg_end"][1])
    claimed("mom-fast-10").matches(worst["fast_end"][1])
    claimed("mom-upper-10").matches(upper[0])
    claimed("mom-plain-10").matches(worst["plain_end"][1])
    ends = [worst[f"{name}_end"][2] for name in ("bound", "cg", "fast", "plain")]
    claimed("mom-five-100").matches(*ends[:3], upper[1], ends[3])


def test_how_tight_the_bound_is(worst):
    claimed("mom-cg-above").matches(*(worst["cg_end"] / worst["bound_end"] - 1))
    claimed("mom-fast-ratio").matches(*(worst["fast_end"] / worst["bound_end"])[1:])


def test_a_fixed_function_falls_below_the_formula(worst):
    below = worst["fast"][1] < worst["formula"][1]
    assert not below[10], "at its own k the bound holds"
    claimed("mom-trap").matches(10 + below[10:].argmax())


WIDE = torch.logspace(-6, 0, 13, dtype=F64)


def test_slopes_without_noise():
    plain, fast = (moments(accelerated, 0.0, one(1.0), 1000)[:, 0] for accelerated in (False, True))
    claimed("mom-slope-descent").matches(torch.log10(plain[1000] / plain[100]))
    claimed("mom-slope-fast").matches(torch.log10(fast[1000] / fast[100]))
    claimed("mom-fast-gain").matches(plain[1000] / fast[1000])
    f = Quadratic(WIDE)
    torch.testing.assert_close(run(f, SGD(1.0), f.start, 50).loss, plain[:51])
    ahead = run(f, mo.Accelerated(1.0), f.start, 50).x
    torch.testing.assert_close(f(ahead - f.grad(ahead))[:-1], fast[1:51])


def test_restarts():
    kappa = 1000.0
    f = Quadratic.conditioned(kappa, dim=8)
    goal = 1e-10 * float(f(f.start))

    def steps(rule):
        return run(f, rule, f.start, 10_000, keep="last", target=goal).hit

    root = math.sqrt(kappa)
    claimed("mom-restart-never").matches(steps(mo.Accelerated(1 / kappa)))
    claimed("mom-restart-gradient").matches(steps(mo.Accelerated(1 / kappa, "gradient")))
    claimed("mom-restart-function").matches(steps(mo.Accelerated(1 / kappa, "function", f)))
    claimed("mom-restart-told").matches(steps(Nesterov(1 / kappa, (root - 1) / (root + 1))))
    claimed("mom-restart-descent").matches(steps(SGD(1 / kappa)))


def test_the_cycle():
    lr, beta, _ = ill.best_heavy_ball(1.0, 25.0)
    start = torch.tensor([3.2], dtype=F64)
    late = run(mo.Staircase(), HeavyBall(lr, beta), start, 3002).x[-3:, 0].tolist()
    first = min(range(3), key=lambda i: abs(late[i] - claimed("mom-cycle").values[0]))
    claimed("mom-cycle").matches(*(late[first:] + late[:first]))


# --- noise ---------------------------------------------------------------------------------------


def one(value):
    return torch.tensor([value], dtype=F64)


def floors(effective):
    lr = effective * 0.1
    return [
        float(mo.stationary_variance(mode, push))
        for mode, push in (
            (mo.heavy_ball(effective, 0.0), effective),
            (mo.heavy_ball(lr, 0.9), lr),
            (mo.nesterov(lr, 0.9), lr),
        )
    ]


def test_floors_at_equal_effective_rate():
    plain, heavy, ahead = floors(0.05)
    claimed("mom-floor-plain").matches(plain)
    claimed("mom-floor-ball").matches(heavy)
    claimed("mom-floor-nesterov").matches(ahead)
    small = floors(0.005)
    claimed("mom-floor-small").matches((max(small) - min(small)) / max(small))


def test_twenty_thousand_runs_confirm_the_floors():
    draws, steps = 20_000, 240
    f, x0 = Quadratic(one(1.0)), torch.zeros(draws, 1, dtype=F64)
    rules = (SGD(0.05), HeavyBall(0.005, 0.9), Nesterov(0.005, 0.9))
    for rule, floor in zip(rules, floors(0.05), strict=True):
        last = run(f, rule, x0, steps, oracle=langevin(1.0, seed=1), keep=1, watch=False).x[-2:]
        x = last[1, :, 0]
        if isinstance(rule, Nesterov):  # The main point is one gradient step behind the look-ahead.
            noisy = langevin(1.0, seed=1)(f, last[0], steps - 1)
            x = (last[0] - 0.005 * noisy)[:, 0]
        # A variance from n normal draws has relative standard error sqrt(2 / n) = 1 %.
        assert float(x.square().mean()) == pytest.approx(floor, rel=4 * (2 / draws) ** 0.5)


def moments(accelerated, sigma, lr, steps):
    """Exact mean loss on the wide bowl for each rate, (steps + 1, rates)."""
    p = lr[:, None] * WIDE
    a = b = c = torch.ones_like(p)
    t, beta, out = 1.0, 0.0, [0.5 * (WIDE * a).sum(-1)]
    for _ in range(steps):
        a, b, c = mo.spread(a, b, c, mo.nesterov(p, beta), lr[:, None] * sigma)
        after = (1 + math.sqrt(1 + 4 * t * t)) / 2
        beta, t = (t - 1) / after if accelerated else 0.0, after
        out.append(0.5 * (WIDE * a).sum(-1))
    return torch.stack(out)


def test_noise_overtakes_acceleration():
    plain, fast = (moments(which, 0.01, one(1.0), 1000)[:, 0] for which in (False, True))
    claimed("mom-lost-crossing").matches((fast > plain).int().argmax())
    claimed("mom-lost-ratio").matches(fast[1000] / plain[1000])


def test_tuned_rates_do_not_bring_it_back():
    rates = 2.0 ** (-torch.arange(0, 32) / 2).to(F64)
    plain, fast = (moments(which, 0.05, rates, 3000).amin(-1) for which in (False, True))
    claimed("mom-tuned-short").matches(fast[30] / plain[30])
    claimed("mom-tuned-long").matches(fast[1000] / plain[1000])
    slope = [math.log(v[3000] / v[100]) / math.log(30) for v in (plain, fast)]
    claimed("mom-tuned-slope-descent").matches(slope[0])
    assert slope[1] == pytest.approx(-0.5, abs=0.1), "both near one half"


# --- momentum or schedule ------------------------------------------------------------------------


@pytest.fixture(scope="module")
def trained():
    found = runs.schedules()
    assert found["slope"] < 1e-3, "the minimum that gaps are measured from"
    return found["gap"][..., -1, :]


FIXED = slice(0, 4)


def test_decay_matters_more_than_momentum(trained):
    best = trained.mean(-1).min(-1)  # keeps, momenta
    constant, decaying = best
    claimed("mom-constant-range").holds_for(constant[FIXED], slack=0.006, reason=SEEDS)
    claimed("mom-decay-range").holds_for(decaying[FIXED], slack=0.002, reason=SEEDS)
    gain = (constant / decaying)[FIXED]
    claimed("mom-decay-gain").holds_for(gain, slack=0.5, reason=SEEDS)
    spread = decaying[FIXED].max() / decaying[FIXED].min() - 1
    claimed("mom-beta-gain").matches(spread, tol=0.1, reason=SEEDS)
    claimed("mom-ramp").matches(decaying[4], tol=0.002, reason=SEEDS)
    assert decaying[4] > decaying[FIXED].max(), "worse than any fixed one"


def test_memory_longer_than_an_epoch_feels_the_shuffling(trained):
    rate = runs.RATES.index(0.2)
    shuffled = trained[0, (0, 3), rate].mean(-1)
    claimed("mom-shuffle-gain").matches(shuffled[0] / shuffled[1], tol=0.3, reason=SEEDS)
    afresh = runs.schedules(
        rates=(0.2,), keeps=(1.0,), momenta=((0.0, 0.0), (0.99, 0.99)), replacement=True
    )["gap"][0, :, 0, -1].mean(-1)
    claimed("mom-replacement-gain").matches(afresh[0] / afresh[1], tol=0.15, reason=SEEDS)
    assert afresh[0] > 1.4 * shuffled[0], "shuffling helps without momentum, too"
