"""Every number that the chapter on adaptive methods prints, derived again."""

import math

import numpy as np
import pytest
import torch
from scipy.optimize import brentq

from claims import claimed
from descent import (
    SGD,
    AdaDelta,
    AdaGrad,
    Adam,
    DecayedAdaGrad,
    HeavyBall,
    Muon,
    NAdam,
    RMSProp,
    RMSPropMomentum,
    RMSPropNesterov,
    Shampoo,
    Sophia,
    curvature_too,
    run,
)
from descent import adaptive_methods as adaptive
from descent.compare import Method, compare
from descent.experiments import adaptive_methods as runs
from descent.explore.gallery.adaptive_methods.contests import TRIALS
from descent.objectives import Completion, Quadratic

F64 = torch.float64
SEEDS = "other machines round differently and training amplifies it; the seeds differ by as much"


# --- the puzzle ----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def turned():
    return runs.turned_bowls()["steps"]


def count(turned, rule, kappa, degrees):
    at = (list(runs.PLANE).index(rule), runs.KAPPAS.index(kappa), runs.DEGREES.index(degrees))
    return turned[at]


def test_rotation_changes_adaptive_rules_and_no_others(turned):
    claimed("ada-turn-adagrad-0").matches(count(turned, "AdaGrad", 1000.0, 0.0))
    claimed("ada-turn-adagrad-2").matches(count(turned, "AdaGrad", 1000.0, 2.0))
    claimed("ada-turn-adagrad-45").matches(count(turned, "AdaGrad", 1000.0, 45.0))
    claimed("ada-turn-gd").matches(count(turned, "gradient descent", 1000.0, 0.0))
    rms = [count(turned, "RMSProp", 1000.0, angle) for angle in (0.0, 45.0)]
    claimed("ada-turn-rmsprop").matches(*rms)
    adam = [count(turned, "Adam", 1000.0, angle) for angle in (0.0, 45.0)]
    claimed("ada-turn-adam").matches(*adam)
    claimed("ada-turn-hb").matches(count(turned, "heavy ball", 1000.0, 0.0))
    for rule in ("gradient descent", "heavy ball"):
        rows = turned[list(runs.PLANE).index(rule)]
        assert (rows == rows[:, :1]).all(), "its count has not changed by a single step"
    assert count(turned, "AdaGrad", 1000.0, 45.0) > count(turned, "gradient descent", 1000.0, 45.0)


def test_what_a_rate_per_coordinate_leaves(turned):
    left = [float(adaptive.equilibrated_condition(1000.0, math.radians(d))) for d in (2, 5, 15)]
    claimed("ada-left-2").matches(left[0])
    claimed("ada-left-5").matches(left[1])
    claimed("ada-left-15").matches(left[2])
    steps = [count(turned, "AdaGrad", 1000.0, d) for d in (2.0, 5.0, 15.0)]
    assert (np.diff(np.array(steps) / left) < 0).all() and steps == sorted(steps)


# --- a rate for each coordinate ------------------------------------------------------------------


def test_no_positive_diagonal_ascends():
    rng = torch.Generator().manual_seed(3)
    g = torch.randn(10_000, 8, generator=rng, dtype=F64)
    d = (3 * torch.randn(10_000, 8, generator=rng, dtype=F64)).exp()
    claimed("ada-diagonal-ascents").matches(int((-(g * d * g).sum(-1) >= 0).sum()))


def lengths(rule, steps, g=lambda k: 1.0):
    """Steps of a rule on a given sequence of gradients, downhill counted positive."""
    x = torch.zeros(1, dtype=F64)
    state, found = rule.init(x), []
    for k in range(steps):
        dx, state = rule.update(torch.full_like(x, g(k)), state, x)
        found.append(-float(dx))
    return np.array(found)


def test_nadam_warms_its_look_ahead_up():
    found = lengths(NAdam(1.0), 400)
    claimed("ada-nadam-dip").matches(found.min())
    claimed("ada-nadam-at").matches(1 + int(found.argmin()))
    assert found[-1] == pytest.approx(1, abs=1e-3)


def test_steps_on_a_constant_gradient():
    travel = lengths(AdaGrad(1.0, eps=1e-12), 10_000).sum()
    claimed("ada-travel").matches(travel)
    assert travel == pytest.approx(adaptive.adagrad_travel(10_000), rel=1e-9)
    assert lengths(AdaGrad(1.0, eps=1e-12), 40_000).sum() > 1.99 * travel, "and no bound"
    slowed = lengths(DecayedAdaGrad(1.0, eps=1e-12, lr_decay=0.01), 10_000).sum()
    claimed("ada-travel-decayed").matches(slowed)
    assert slowed < math.pi / 0.1 and round(math.pi / 0.1, 1) == 31.4
    claimed("ada-rms-first").matches(lengths(RMSProp(1.0, 0.9), 1)[0])
    claimed("ada-rms-first-999").matches(lengths(RMSProp(1.0, 0.999), 1)[0])
    claimed("ada-rms-fifty").matches(lengths(RMSProp(1.0, 0.9), 50)[-1] - 1)
    assert lengths(Adam(1.0), 100) == pytest.approx(1, abs=1e-6), "every step is η"


def test_without_bias_correction_steps_swell():
    m, v, found = 0.0, 0.0, []
    for _ in range(1000):
        m, v = 0.9 * m + 0.1, 0.999 * v + 0.001
        found.append(m / math.sqrt(v))
    claimed("ada-uncorrected").matches(max(found))
    claimed("ada-uncorrected-at").matches(1 + int(np.argmax(found)))


def first_step(eps, inside, g):
    return lengths(RMSProp(1.0, 0.0, eps=eps, inside=inside), 1, lambda k: g)[0]


def test_place_of_the_floor():
    claimed("ada-floor-outside").matches(first_step(1e-7, False, 1e-4))
    claimed("ada-floor-inside").matches(first_step(1e-7, True, 1e-4))
    claimed("ada-floor-inside-3").matches(first_step(1e-7, True, 1e-3))


def test_adadelta_has_a_learning_rate():
    steps = lengths(AdaDelta(0.95, eps=1e-6), 10_000)
    claimed("ada-adadelta-first").matches(steps[0])
    claimed("ada-adadelta-10000").matches(steps[-1])
    growth = (steps[-1] ** 2 - steps[4999] ** 2) / 5000
    assert growth == pytest.approx(1e-6 * 0.05, rel=0.01), "like √(ε(1−ρ)k)"
    one, scaled = (lengths(AdaDelta(eps=1e-6), 50, lambda k, s=s: s * 9.0) for s in (1, 1e3))
    assert one == pytest.approx(scaled, rel=1e-4), "rescale the loss and nothing changes"


def test_delta_bar_delta():
    found = runs.delta_bar_delta()
    below = "the loss is far smaller still, and its last digits are rounding"
    claimed("ada-dbd-exact").at_most(found["loss"][0, :, -1], slack=1e-50, reason=below)
    claimed("ada-dbd-plain").matches(found["plain"][-1])
    flat = found["rate"][:, :, -1, 0].mean(1)
    claimed("ada-dbd-noisy").matches(flat[1], tol=0.004, reason="ten runs differ by 0.004")
    claimed("ada-dbd-clean").matches(flat[0])
    assert flat[1] == pytest.approx(0.002 / 0.1, rel=0.3), "where the two balance"


# --- matrices and momentum -----------------------------------------------------------------------


def test_muons_singular_values():
    rng = torch.Generator().manual_seed(0)
    matrices = torch.randn(20, 64, 128, generator=rng, dtype=F64)
    start = torch.linalg.svdvals(matrices) / torch.linalg.matrix_norm(matrices)[:, None]
    after = adaptive.muon_polynomial(start)
    chance = "twenty random matrices; the ends belong to the polynomial, not to the draw"
    claimed("ada-muon-range").holds_for([after.min(), after.max()], slack=0.01, reason=chance)


def test_order_of_momentum_and_division():
    jump = lambda k: 1.0 if k < 200 else 100.0  # noqa: E731
    after = lengths(RMSPropMomentum(0.01, 0.9, beta=0.9), 201, jump)
    claimed("ada-jump-rmsprop").matches(after[200] / after[199])
    before = lengths(Adam(0.01, 0.9, 0.9), 201, jump)
    claimed("ada-jump-adam").matches(before[200] / before[199])


def test_rmsprop_with_nesterov_momentum():
    steps = lengths(RMSPropNesterov(0.01, 0.9, beta=0.9), 300)
    claimed("ada-nesterov-terminal").matches(steps[-1] / 0.01)
    plain, same = (lengths(r, 50) for r in (RMSProp(0.01), RMSPropNesterov(0.01, beta=0.0)))
    np.testing.assert_array_equal(plain, same)


ROWS, COLUMNS = (torch.logspace(0, -1, n, dtype=F64) for n in (4, 6))


def matrix_loss(rule, left, right, steps=100):
    w = left @ torch.ones(4, 6, dtype=F64) @ right.T
    state = rule.init(w)
    for _ in range(steps):
        g = left @ (ROWS[:, None] * (left.T @ w @ right) * COLUMNS) @ right.T
        dw, state = rule.update(g, state, w)
        w = w + dw
    return float(0.5 * (ROWS[:, None] * (left.T @ w @ right) ** 2 * COLUMNS).sum())


def turn_of(n, seed):
    rng = torch.Generator().manual_seed(seed)
    return torch.linalg.qr(torch.randn(n, n, dtype=F64, generator=rng))[0]


def growth_by_turning(rule):
    straight = matrix_loss(rule, torch.eye(4, dtype=F64), torch.eye(6, dtype=F64))
    turned = [matrix_loss(rule, turn_of(4, seed), turn_of(6, seed + 10)) for seed in range(3)]
    return np.array(turned) / straight


def test_matrix_rules_do_not_notice_rotations():
    off = [np.abs(growth_by_turning(r) - 1).max() for r in (SGD(1.0), Muon(0.02), Shampoo(0.2))]
    rounding = "rounding, which differs between machines"
    claimed("ada-matrix-same").at_most(off, slack=1e-12, reason=rounding)
    three = "three rotations, whose factors differ by two"
    claimed("ada-matrix-adam").at_least(growth_by_turning(Adam(0.02)), slack=400, reason=three)


# --- where they go wrong -------------------------------------------------------------------------


def walk(longest, c=3.0, beta2=0.1, cycles=10_000):
    x, v, peak, t = 0.0, 0.0, 0.0, 0
    for _ in range(cycles):
        for g in (c, -1.0, -1.0):
            t, v = t + 1, beta2 * v + (1 - beta2) * g * g
            peak = max(peak, v)
            x -= 0.5 / math.sqrt(t) * g / math.sqrt(peak if longest else v)
            x = min(1.0, max(-1.0, x))
    return x


def test_adam_walks_to_the_worst_point():
    claimed("ada-cycle-adam").matches(walk(longest=False))
    claimed("ada-cycle-amsgrad").matches(walk(longest=True))
    claimed("ada-drift").matches(adaptive.cycle_drift(3.0, 0.1))
    zero = brentq(lambda b: float(adaptive.cycle_drift(3.0, b)), 0.01, 0.99)
    claimed("ada-drift-threshold").matches(zero)
    claimed("ada-drift-rare").matches(adaptive.cycle_drift(1010.0, 0.9, 101))


FITTING = {
    "gradient descent": (SGD(0.2), 2000),
    "heavy ball": (HeavyBall(0.02, 0.9), 2000),
    "AdaGrad": (AdaGrad(0.01), 3000),
    "RMSProp": (RMSProp(0.001), 3000),
    "Adam": (Adam(0.003), 2000),
}


def test_rare_features():
    problem, start = adaptive.RareFeatures(), torch.zeros(4, dtype=F64)
    found = {}
    for name, (rule, steps) in FITTING.items():
        x = found[name] = run(problem, rule, start, steps, keep="last").final_x
        assert float(problem(x)) < 1e-9, "both fit"
    errors = {name: float(problem.test_error(x)) for name, x in found.items()}
    for name in ("gradient descent", "heavy ball"):
        claimed("ada-wilson-gd").matches(errors[name])
        assert found[name] == pytest.approx(found["gradient descent"], abs=1e-6)
    for name in ("AdaGrad", "RMSProp", "Adam"):
        claimed("ada-wilson-adaptive").matches(errors[name])
        assert found[name].abs() == pytest.approx(0.25, abs=1e-4), "all weights alike"
    claimed("ada-wilson-weight").matches(found["Adam"].abs().mean())
    claimed("ada-wilson-gd-weight").matches(found["gradient descent"][0])


def test_a_large_floor_turns_adam_into_gradient_descent():
    problem, start = adaptive.RareFeatures(), torch.zeros(4, dtype=F64)
    floors = (1e-4, 1e-3, 1e-2, 1e-1)
    right = []
    for eps in floors:
        x = run(problem, Adam(0.003, eps=eps), start, 5000, keep="last").final_x
        assert float(problem(x)) < 1e-9
        right.append(float(problem.test_error(x)) == 0)
    claimed("ada-wilson-eps").matches(floors[right.index(True)])
    assert right == sorted(right), "once it is right it stays right"


def decayed(make, steps=4000, runs_=500):
    x = torch.ones(runs_, dtype=F64, requires_grad=True)
    optimizer, rng = make([x]), torch.Generator().manual_seed(0)
    for _ in range(steps):
        x.grad = 10 * torch.randn(runs_, generator=rng, dtype=F64)
        optimizer.step()
    return float(x.detach().mean())


def test_who_decays_the_weights():
    options = {"lr": 0.01, "weight_decay": 0.1}
    mean = "standard error of the mean of 500 runs"
    penalty = decayed(lambda p: torch.optim.Adam(p, **options))
    claimed("ada-decay-l2").matches(penalty, tol=0.05, reason=mean)
    assert penalty == pytest.approx(math.exp(-0.4), abs=0.05)
    beside = decayed(lambda p: torch.optim.AdamW(p, **options))
    claimed("ada-decay-w").matches(beside, tol=0.019, reason=mean)
    assert beside == pytest.approx(math.exp(-4), abs=0.03)


@pytest.fixture(scope="module")
def filled():
    """Unseen errors and effective ranks at the end, (rates, matrices), by rule and depth."""
    runs_of = {(r, d): runs.completion(r, d, s) for r in runs.RULES for d, s in runs.DEEP}
    assert all((found["error"][-1, ..., 0] < 1e-4).all() for found in runs_of.values())
    return {
        key: {"error": found["error"][-1, ..., 1], "rank": found["rank"][-1]}
        for key, found in runs_of.items()
    }


def test_two_rules_complete_a_matrix_differently(filled):
    few = "sums in another order leave a path that is stable by far less than this"
    descent, adam = (filled[rule, 2]["error"] for rule in runs.RULES)
    claimed("ada-fill-gd-2").holds_for(descent.ravel(), slack=0.01, reason=few)
    claimed("ada-fill-adam-2").holds_for(adam.ravel(), slack=0.01, reason=few)
    claimed("ada-fill-ratio-2").holds_for(adam[1] / descent[1], slack=0.1, reason=few)
    assert (adam > descent).all()


def test_three_factors_are_exact_under_gradient_descent_only(filled):
    descent, adam = (filled[rule, 3]["error"] for rule in runs.RULES)
    assert claimed("ada-fill-gd-3").value * 1.5 > descent.max() > 1e-6
    assert (descent.max(0) / descent.min(0)).max() < 3  # the rate does not matter
    low, high = claimed("ada-fill-adam-3").values
    assert low / 2 < adam.min() < 2 * low and high / 2 < adam.max() < 2 * high
    assert (np.median(adam, 1)[1:] > np.median(adam, 1)[:-1]).all()
    low, high = claimed("ada-fill-ratio-3").values
    ratio = adam / descent
    assert low / 2 < ratio.min() < 2 * low and high / 2 < ratio.max() < 2 * high


def test_the_completed_matrices_differ_in_rank(filled):
    few = "sums in another order leave a path that is stable by far less than this"
    descent, adam = (filled[rule, 2]["rank"].ravel() for rule in runs.RULES)
    claimed("ada-fill-rank-gd").holds_for(descent, slack=0.1, reason=few)
    claimed("ada-fill-rank-adam").holds_for(adam, slack=0.1, reason=few)
    problem = Completion.draw(30, 3, 360, 4)
    truth = problem.effective_rank(problem.truth[:, None])
    claimed("ada-fill-rank-true").holds_for(truth.tolist(), slack=0.05, reason="two digits")


# --- the comparison ------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def contest():
    return {name: torch.from_numpy(array) for name, array in runs.contest().items()}


def chosen(contest, name):
    """Values at the rate with the smallest tuning loss, (rules, checkpoints, seeds)."""
    tuned = contest["tuned"].mean(-1)
    best = torch.where(torch.isfinite(tuned), tuned, torch.inf).argmin(1)
    seeds = contest[name].shape[-1]
    return contest[name].gather(1, best[:, None, :, None].expand(-1, 1, -1, seeds))[:, 0]


def test_the_winner_depends_on_the_budget(contest):
    tuned, reported = (contest[name].mean(-1).movedim(1, 0) for name in ("tuned", "reported"))
    reported = torch.where(torch.isfinite(reported), reported, math.log(10))
    loss = torch.stack([adaptive.expected_choice(tuned, reported, n) for n in TRIALS])
    winners = loss.argmin(1)
    close = "two rules within a few percent may swap places on another machine"
    claimed("ada-winners").matches(len(winners.unique()), tol=1, reason=close)


def test_the_winners_named(contest):
    tuned, reported = (contest[name].mean(-1).movedim(1, 0) for name in ("tuned", "reported"))
    reported = torch.where(torch.isfinite(reported), reported, math.log(10))
    for steps, trials, name in ((20, 1, "AdaGrad"), (40, 8, "AdaDelta"), (320, 13, "Muon")):
        loss = adaptive.expected_choice(tuned, reported, trials)[:, runs.CHECKPOINTS.index(steps)]
        mine = float(loss[list(runs.CONTEST).index(name)])
        assert mine <= 1.02 * float(loss.min()), "ahead, or level with the one ahead"


RMS = list(runs.CONTEST).index("RMSProp")
OTHERS = [i for i in range(len(runs.CONTEST)) if i != RMS]


def test_a_rate_at_the_edge_fails_on_other_seeds(contest):
    claimed("ada-edge-rate").matches(contest["lr"][RMS].max())
    ends = torch.cat([contest[name][RMS, :, -1] for name in ("tuned", "reported")], -1)
    ends = torch.where(torch.isfinite(ends), ends, math.log(10)).clamp(max=math.log(10))
    claimed("ada-edge-best").at_most([ends[-1].min()], slack=5e-4, reason=SEEDS)
    ratio = ends[-1].max() / ends[-1].min()
    claimed("ada-edge-worst").at_least([ratio], slack=1e6, reason="the best ends near zero")
    assert ends[-1].min() < ends[:-1].mean(-1).min()


def test_tuned_rules_tie_on_held_out_digits(contest):
    accuracy = chosen(contest, "accuracy")[OTHERS, -1]
    claimed("ada-tie-accuracy").holds_for(accuracy.mean(-1), slack=0.006, reason=SEEDS)
    assert float(accuracy.mean(-1).max() - accuracy.mean(-1).min()) < 0.03
    spread = accuracy.max(-1).values - accuracy.min(-1).values
    claimed("ada-seed-spread").matches(spread.max(), tol=0.006, reason=SEEDS)
    loss = chosen(contest, "reported")[OTHERS, -1].mean(-1)
    ratio = float(loss.max() / loss.min())
    claimed("ada-loss-spread").at_least([ratio], slack=300, reason=SEEDS)
    assert (loss < 0.06).all(), "each fits"


def test_lion_wants_a_smaller_rate(contest):
    at = {name: list(runs.CONTEST).index(name) for name in ("Adam", "Lion")}
    tuned = contest["tuned"].mean(-1)[:, :, -1]
    tuned = torch.where(torch.isfinite(tuned), tuned, torch.inf)
    best = {name: float(contest["lr"][i, tuned[i].argmin()]) for name, i in at.items()}
    grid = "the grid has steps of 1.8"
    claimed("ada-lion-ratio").matches(best["Adam"] / best["Lion"], tol=4.5, reason=grid)


def test_a_knob_more_costs_trials():
    rates, gaps = (1e-3, 10), (0.003, 0.3)
    race = [
        Method("one", lambda lr: HeavyBall(lr, 0.9), {"lr": rates}),
        Method("two", lambda lr, gap: HeavyBall(lr, 1 - gap), {"lr": rates, "gap": gaps}),
    ]
    starts = torch.randn(8, 20, generator=torch.Generator().manual_seed(0), dtype=F64)
    found = compare(Quadratic.conditioned(100.0, dim=20), race, starts, 100, trials=64, tuning=4)
    winners = found.winners()
    flip = winners.index("two")
    claimed("ada-knob-flip").matches(flip)
    assert set(winners[:flip]) == {"one"} and set(winners[flip:]) == {"two"}
    one, two = found.time_to(1e-3)
    claimed("ada-knob-steps").matches(float(two.max()))
    assert one.min() > 90


# --- modern methods ------------------------------------------------------------------------------


def test_distance_estimates():
    slopes = torch.logspace(0, -1, 5, dtype=F64)
    rng = torch.Generator().manual_seed(0)
    way = torch.nn.functional.normalize(torch.randn(5, generator=rng, dtype=F64), dim=0)
    reached = []
    for far in (0.1, 3.0, 1000.0):
        subgradient = lambda x, far=far: slopes * torch.sign(x - far * way)  # noqa: E731
        found = adaptive.distance_estimates(subgradient, torch.zeros(5, dtype=F64), 3000, 1e-4)
        assert (found.distance <= far).all(), "it has never exceeded D"
        reached.append(float(found.distance[-1]) / far)
    claimed("ada-distance").holds_for(reached)


def test_sam_is_flatter_at_equal_loss():
    found = runs.flatness()
    loss, sharp = found["loss"].mean(-1), found["sharpness"].mean(-1)
    at = [float(np.interp(-0.1, -row, s)) for row, s in zip(loss, sharp, strict=True)]
    claimed("ada-sam-plain").matches(at[0], tol=0.04, reason=SEEDS)
    claimed("ada-sam-flat").matches(at[-1], tol=0.04, reason=SEEDS)
    assert (np.diff(at) < 0).all(), "the farther uphill, the flatter"


def test_rates_across_widths():
    lr = 2.0 ** np.array(runs.LOG_RATES)
    best = {}
    for transfer in (False, True):
        loss = runs.rates_across_widths(transfer=transfer)["loss"].mean(-1)
        best[transfer] = lr[np.nan_to_num(loss, nan=np.inf).argmin(-1)]
    claimed("ada-width-standard").matches(best[False][0], best[False][-1])
    claimed("ada-width-transfer").matches(best[True][-1])
    assert (best[True] == best[True][0]).all(), "stays"
    assert (np.diff(best[False]) < 0).all(), "falls"


def test_sophia_leaves_a_saddle():
    saddle = lambda x: 0.5 * (x[..., 0] ** 2 - x[..., 1] ** 2)  # noqa: E731
    start = torch.tensor([1.0, 0.01], dtype=F64)
    path = run(saddle, Sophia(0.05), start, 60, oracle=curvature_too()).x
    claimed("ada-sophia").matches(path[-1, 1])
    assert path[1:, 1] == pytest.approx(0.01 + 0.05 * np.arange(1, 61), abs=1e-9)


def test_no_schedule_is_needed():
    found = runs.without_schedule()
    ratio = found["free"].min(1) / found["decayed"].min(1)
    mean = "means of 100 runs, about 3 % each"
    claimed("ada-schedule-free").at_most(ratio, slack=0.1, reason=mean)
    assert (ratio < 2).all()
