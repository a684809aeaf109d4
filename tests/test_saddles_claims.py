"""Every number that the chapter on saddles prints, derived again."""

import math

import numpy as np
import pytest
import torch
from scipy.optimize import brentq
from scipy.stats import spearmanr

from claims import claimed
from descent import SGD, gradient, run
from descent import saddles as sd
from descent.experiments import saddles as runs
from descent.objectives import Hill, Himmelblau, Quadratic, StrictSaddle
from descent.oracles import langevin

F64 = torch.float64
SEEDS = "three seeds; other machines round differently"


def normal(*shape, seed=0):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=F64)


# --- the puzzle ----------------------------------------------------------------------------------


def test_the_stalled_network():
    found = runs.stalled()
    left = (found["loss"] < 2.2).argmax(-1)
    assert (found["loss"][..., -1] < 1.0).all(), "every run falls"
    claimed("sad-stall-steps").holds_for(left[runs.GAINS.index(1e-3)])
    decades = np.diff(left.mean(1))[1:]
    claimed("sad-stall-decade").matches(decades[-1], tol=2, reason=SEEDS)
    theory = math.log(10) / math.log1p(0.1 * float(found["pull"]))
    claimed("sad-stall-theory").matches(theory)
    claimed("sad-stall-lowest").matches(found["lowest"], found["pull"])
    assert (np.diff(decades) < 0).all() and decades[-1] > theory, "approached from above"


def test_the_stairs():
    f = sd.LinearAutoencoder(0.5 ** torch.arange(4, dtype=F64), 3)
    start = 1e-3 * normal(24, seed=4)
    loss = run(f, SGD(0.2), start, 400).loss
    first = [int((loss < level).int().argmax()) for level in (0.2, 0.18)]
    claimed("sad-stairs-first").matches(first[0])
    claimed("sad-stairs-third").matches(first[1] - first[0])
    levels = [f.level(tuple(range(kept))) for kept in range(4)]
    assert levels == pytest.approx([0.9375, 0.4375, 0.1875, 0.0625])
    assert loss[-1] == pytest.approx(levels[-1], abs=1e-6)


# --- symmetries ----------------------------------------------------------------------------------


def test_number_of_copies():
    widths = [64, 64]
    for signs in (False, True):
        digits = sd.log_arrangements(widths, signs) / math.log(10)
        if signs:
            claimed("sad-count-signs").matches(digits)
        else:
            claimed("sad-count-permutations").matches(digits)


def test_sharpness_of_rescaled_networks():
    found = runs.rescaled()
    ratio = found["sharpness"] / found["sharpness"][0]
    claimed("sad-rescaled-three").matches(ratio[1].mean())
    claimed("sad-rescaled-ten").holds_for(ratio[2])
    assert found["change"].max() < 1e-13
    assert np.ptp(found["loss"], 0).max() < 1e-12


# --- kinds ---------------------------------------------------------------------------------------


def test_axes_do_not_tell():
    hessian = torch.tensor([[2.0, -3.0], [-3.0, 2.0]], dtype=F64)
    claimed("sad-axes").matches(*torch.linalg.eigvalsh(hessian))
    assert sd.KINDS[int(sd.kind(hessian))] == "saddle"


# --- three models --------------------------------------------------------------------------------


def test_gaussian_matrices():
    p = {n: math.exp(sd.log_positive(n)) for n in (2, 3, 5, 8)}
    claimed("sad-matrix-2").matches(p[2])
    claimed("sad-matrix-3").matches(p[3])
    claimed("sad-matrix-5").matches(p[5])
    claimed("sad-matrix-8").matches(1 / p[8] / 1e9)
    log10 = {n: sd.log_positive(n) / math.log(10) for n in (16, 24, 100)}
    claimed("sad-matrix-16").matches(log10[16])
    claimed("sad-matrix-24").matches(log10[24])
    claimed("sad-matrix-100").matches(log10[100])
    exact = (2 - 2**0.5) / 4, (math.pi - 2 * 2**0.5) / (4 * math.pi)
    field = math.exp(sd.log_minima(2)), math.exp(sd.log_minima(3))
    closed = 1 / 4, (29 - 6 * 6**0.5) / 116
    errors = [abs(a / b - 1) for a, b in zip((p[2], p[3], *field), (*exact, *closed), strict=True)]
    digits = -math.log10(max(errors))
    claimed("sad-exact-digits").at_least([digits], slack=3, reason="rounding")


def test_gaussian_fields():
    found = runs.index_models()
    at = {n: math.exp(found["field"][runs.SIZES.index(n)]) for n in (2, 3, 5, 8, 16, 24)}
    claimed("sad-field-2").matches(at[2])
    claimed("sad-field-3").matches(at[3])
    claimed("sad-field-5").matches(at[5])
    claimed("sad-field-8").matches(at[8])
    claimed("sad-field-16").matches(round(1 / at[16], -3))
    claimed("sad-field-24").matches(1 / at[24] / 1e6)
    claimed("sad-field-rate").matches(-math.log(at[24]) / 24)
    claimed("sad-field-over-coin").matches(at[8] * 2**8)
    i = runs.SIZES.index(16)
    claimed("sad-gap-16").matches((found["field"][i] - found["matrix"][i]) / math.log(10))


def test_sampling_agrees_with_the_integrals():
    rng = torch.Generator().manual_seed(0)
    for n in (2, 3, 5):
        exact = math.exp(sd.log_minima(n))
        sampled = float(sd.sampled_index(n, 100_000, rng)[0])
        assert sampled == pytest.approx(exact, rel=0.04), n


# --- index and value -----------------------------------------------------------------------------


def test_the_linear_autoencoder():
    f = sd.LinearAutoencoder(torch.tensor([5.0, 4, 3, 2, 1], dtype=F64), 3)
    subsets = f.subsets()
    level, index = ([g(s) for s in subsets] for g in (f.level, f.index))
    claimed("sad-lae-points").matches(len(subsets))
    claimed("sad-lae-minima").matches(index.count(0))
    claimed("sad-lae-lowest").matches(min(level))
    claimed("sad-lae-highest").matches(max(level))
    claimed("sad-lae-index").matches(max(index))
    claimed("sad-lae-spearman").matches(spearmanr(level, index)[0])


def test_the_linear_autoencoder_from_random_starts():
    f = sd.LinearAutoencoder(torch.tensor([5.0, 4, 3, 2, 1], dtype=F64), 3)
    start = 0.5 * normal(100, f.dim)
    claimed("sad-lae-runs").matches(len(start))
    ends = run(f, SGD(0.02), start, 2500, keep="last", watch=False).final_loss
    claimed("sad-lae-reached").matches(int((ends < 1.5 + 1e-6).sum()))


def test_index_and_energy_of_spins():
    found = runs.spin_points()
    energy, share = found["energy"], found["share"]
    known = np.isfinite(energy)
    claimed("sad-spin-found").holds_for(known.sum(-1).ravel(), slack=4, reason=SEEDS)
    ranks = [
        spearmanr(energy[i, j][known[i, j]], share[i, j][known[i, j]])[0]
        for i in range(3)
        for j in range(3)
    ]
    claimed("sad-spin-spearman").holds_for(ranks)
    low, high = [], []
    for j in range(3):
        sorted_share = share[1, j][known[1, j]]  # in rising order of energy
        sixth = len(sorted_share) // 6
        low.append(sorted_share[:sixth].mean())
        high.append(sorted_share[-sixth:].mean())
    claimed("sad-spin-low").holds_for(low)
    claimed("sad-spin-high").holds_for(high)


def test_shifted_semicircle():
    n = 200
    matrices = sd.gaussian_matrices(n, 5, torch.Generator().manual_seed(0))
    values = torch.linalg.eigvalsh(matrices - math.sqrt(n) * torch.eye(n, dtype=F64))
    claimed("sad-shift-measured").matches((values < 0).double().mean())
    claimed("sad-shift-theory").matches(sd.semicircle(torch.tensor(0.5, dtype=F64)))


def test_where_descent_ends():
    found = runs.spin_descents()
    claimed("sad-descent-runs").matches(found["index"].shape[1])
    claimed("sad-descent-minima").matches(int((found["index"] == 0).sum()))
    assert found["grad"].max() < 1e-12
    claimed("sad-ends-30").holds_for(found["energy"].mean(1))
    small, large = runs.spin_descents(n=15), runs.spin_descents(n=60, starts=12, steps=2500)
    claimed("sad-ends-15").holds_for(small["energy"].mean(1))
    claimed("sad-ends-60").holds_for(large["energy"].mean(1))
    spreads = [np.ptp(f["energy"].mean(1)) for f in (small, found, large)]
    assert spreads[0] > spreads[1] > spreads[2]


def test_students_that_are_caught():
    found = runs.students()
    caught = (found["loss"] > 1e-3).mean(-1)
    claimed("sad-caught-6").holds_for(caught[0])
    claimed("sad-caught-8").holds_for(caught[1])
    claimed("sad-caught-10").holds_for(caught[2])
    claimed("sad-caught-ten-mean").matches(caught[2].mean())
    claimed("sad-caught-11").matches(int((found["loss"][3] > 1e-3).sum()), found["loss"][3].size)
    claimed("sad-caught-curved").matches(*found["lowest"][:3])
    assert found["grad"][:3].max() < 1e-8


# --- Newton --------------------------------------------------------------------------------------


def walk(f, x, direction, steps, share=1.0):
    for _ in range(steps):
        x = x + share * direction(f.hessian(x), gradient(f, x))
    return x


def test_newton_walks_into_the_saddle():
    f = StrictSaddle()
    assert walk(f, f.start, sd.newton_direction, 60).norm() < 1e-6
    free = walk(f, f.start, sd.saddle_free_direction, 60, 0.5)
    descended = run(f, SGD(0.05), f.start, 400).final_x
    for x in (free, descended):
        torch.testing.assert_close(x, f.minima[0], atol=1e-6, rtol=0)


def test_newton_on_a_grid_of_starts():
    f = Himmelblau()
    side = torch.linspace(-4.95, 4.95, 100, dtype=F64)
    starts = torch.cartesian_prod(side, side)
    x = walk(f, starts, lambda h, g: sd.planar_direction(h, g, lambda v: 1 / v), 40)
    assert (gradient(f, x).norm(dim=-1) < 1e-8).double().mean() > 0.999
    share = [float((kinds(f, x) == i).double().mean()) for i in range(3)]
    claimed("sad-newton-minima").matches(share[0])
    claimed("sad-newton-saddles").matches(share[1])
    claimed("sad-newton-maxima").matches(share[2])

    def sized(v):
        return 1 / v.abs().clamp(min=1)

    free = walk(f, starts, lambda h, g: sd.planar_direction(h, g, sized), 60)
    descended = run(f, SGD(0.01), starts, 600, keep="last").final_x
    minima = [(kinds(f, y) == 0).double().mean() for y in (free, descended)]
    claimed("sad-free-minima").at_least(minima)


def kinds(f, x):
    """Number of negative eigenvalues in the plane, without a solver for each point."""
    low, high = sd.planar_eigenvalues(f.hessian(x))
    return (low < 0).int() + (high < 0).int()


# --- leaving -------------------------------------------------------------------------------------


def test_escape_times():
    starts = torch.tensor([1e-2, 1e-4, 1e-6, 1e-8], dtype=F64)
    claimed("sad-escape-theory").matches(*sd.escape_steps(starts, 0.1))
    f = Quadratic(torch.tensor([-1.0], dtype=F64))
    x = run(f, SGD(0.1), starts[:, None], 200).x[..., 0]
    claimed("sad-escape-counted").matches(*(x >= 1).int().argmax(0))


def noisy_median(sigma):
    f = Quadratic(torch.tensor([-1.0], dtype=F64))
    oracle = langevin(sigma / 0.1, seed=1)
    x = run(f, SGD(0.1), torch.zeros(4000, 1, dtype=F64), 260, oracle=oracle, watch=False).x
    return (x[..., 0].abs() >= 1).int().argmax(0).median()


def predicted_median(sigma):
    steps = torch.arange(1, 260, dtype=F64)
    return steps[sd.still_there(steps, 0.1, sigma) < 0.5][0]


def test_escape_by_noise():
    claimed("sad-noise-small").matches(noisy_median(1e-6), tol=1, reason="4000 runs")
    claimed("sad-noise-large").matches(noisy_median(1e-3), tol=1, reason="4000 runs")
    claimed("sad-noise-small-theory").matches(predicted_median(1e-6))
    claimed("sad-noise-large-theory").matches(predicted_median(1e-3))


def test_perturbed_descent_in_many_dimensions():
    found = []
    for dim in (10, 100, 1000):
        f = Quadratic(torch.cat([-torch.ones(1, dtype=F64), torch.ones(dim - 1, dtype=F64)]))
        rule = sd.PerturbedDescent(0.1, 1e-3, 1e-2, 1000, seed=torch.arange(60.0))
        x = run(f, rule, torch.zeros(60, dim, dtype=F64), 140, watch=False).x[..., 0]
        found.append((x.abs() >= 1).int().argmax(0).median())
        typical = sd.escape_steps(1e-3 / math.sqrt(dim), 0.1)
        assert typical < found[-1] < typical + 10, "the median part is smaller than r/√d"
    claimed("sad-perturbed-dims").matches(*found)


def waits(x):
    """Steps between the moments at which the coordinates pass one half, (*batch, dim)."""
    arrived = (x.abs() > 0.5).int().argmax(0).double()
    return arrived.diff(dim=-1, prepend=torch.zeros_like(arrived[..., :1]))


def test_the_chain():
    f, start = sd.SaddleChain(4), torch.full((4,), 0.1, dtype=F64)
    plain = waits(run(f, SGD(0.25), start, 300).x)
    claimed("sad-chain-waits").matches(*plain)
    claimed("sad-chain-ratios").matches(*(plain[2:] / plain[1:-1]))
    claimed("sad-chain-theory").matches(sd.waiting_ratio(0.25, 1.0, 1.0))
    rule = sd.PerturbedDescent(0.25, 1e-3, 0.02, 20, seed=torch.arange(50.0))
    perturbed = waits(run(f, rule, start.expand(50, 4), 300).x)
    claimed("sad-chain-perturbed").matches(*perturbed.median(0).values[2:])


# --- plateaus ------------------------------------------------------------------------------------


def test_the_tail():
    bounds = sd.exponential_bounds(torch.tensor(1e4, dtype=F64), 0.1)
    claimed("sad-tail-bounds").matches(*bounds)
    x = 0.0
    for _ in range(10_000):
        x += 0.1 * math.exp(-x)
    claimed("sad-tail-measured").matches(x)
    assert bounds[0] <= x <= bounds[1]


def slope(f, x):
    return float(gradient(f, torch.tensor([x], dtype=F64)))


def test_the_hill():
    f = Hill()
    top = brentq(lambda x: slope(f, x), -1, 1)
    claimed("sad-hill-top").matches(top)
    starts = torch.linspace(-6, 6, 25, dtype=F64)[:, None]
    ends = run(f, SGD(1.0), starts, 2000, keep="last").final_loss
    left = starts[:, 0] < top
    claimed("sad-hill-left").matches(int(left.sum()))
    assert (ends[left] > 1).all()
    claimed("sad-hill-right").at_most(ends[~left])


def test_a_gaussian_hill_has_a_minimum():
    def f(x):
        return torch.sigmoid(-x[..., 0]) + 1.5 * torch.exp(-(x[..., 0] ** 2) / 2)

    place = brentq(lambda x: slope(f, x), -5, -2)
    claimed("sad-gauss-minimum").matches(place)
    assert slope(f, place - 0.1) < 0 < slope(f, place + 0.1)


def test_zeno():
    rates = sd.shrinking_rates(0.3, 1.5, 100_000)
    claimed("sad-zeno").matches(5 * sd.part_left(rates)[-1])
    assert sd.part_left(sd.shrinking_rates(0.3, 1.0, 100_000))[-1] < 0.05, "a divergent sum arrives"


# --- paths ---------------------------------------------------------------------------------------


def test_paths_between_networks():
    found = runs.connected()
    height = {
        name: sd.barrier(torch.from_numpy(found[name].T)).numpy()
        for name in ("straight", "own", "matched")
    }
    claimed("sad-barrier-straight").holds_for(height["straight"])
    claimed("sad-barrier-own").holds_for(height["own"])
    claimed("sad-barrier-matched").holds_for(height["matched"])
    claimed("sad-barrier-ratio").at_least(
        height["straight"] / height["matched"], slack=2, reason="a round number below the smallest"
    )
    claimed("sad-path-ends").holds_for(found["straight"][:, [0, -1]].ravel())
    claimed("sad-bent-max").at_most([found["bent"].max()], slack=1e-4, reason=SEEDS)
    assert (found["bent"].max(1) <= np.maximum(found["bent"][:, 0], found["bent"][:, -1])).all()
    claimed("sad-bent-error").at_most([found["bent_error"].max()], slack=0.001, reason=SEEDS)


def test_the_line_from_start_to_end():
    drops = -np.diff(runs.connected()["start"], axis=1)
    assert drops.min() > 0
    claimed("sad-line-drop").matches(drops.min())
