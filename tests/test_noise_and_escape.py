"""Walks, clouds, potentials, chains and entropies: against closed forms and other programs."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from descent import minibatch
from descent import noise_and_escape as ne
from descent.noise_and_escape import compiled, tensors
from descent.noise_and_escape.action import action

F64 = torch.float64


def cloud(at, count):
    return torch.tensor(at, dtype=F64).expand(count, -1)


def moments(x):
    return x, x * x


BOWL = ne.Walk(ne.BOWL, 0.1, 0.3, seed=4)


# --- random numbers ------------------------------------------------------------------------------


def test_normal_numbers_are_normal():
    z, h = np.zeros(4098, np.float32), np.zeros((4, 4098), np.uint32)
    rows = []
    for step in range(100):
        compiled.gauss(z, 4096, h, 0, 0, step, 0)
        rows.append(z[:4096].astype(float))
    x = np.stack(rows)
    for power, want in ((1, 0), (2, 1), (3, 0), (4, 3), (6, 15)):
        spread = math.sqrt(math.prod(range(1, 2 * power, 2))) / math.sqrt(x.size)
        assert abs((x**power).mean() - want) < 4 * spread, power
    assert abs(np.mean(x[1:] * x[:-1])) < 4 / math.sqrt(x.size), "steps are independent"
    assert abs(np.mean(x[:, :2048] * x[:, 2048:])) < 4 / math.sqrt(x.size / 2), "pairs, too"
    tail = (np.abs(x) > 3.5).mean()
    assert tail == pytest.approx(math.erfc(3.5 / math.sqrt(2)), rel=0.2)


def test_draws_from_a_table():
    table = np.array([1.0, 2.0, 4.0], np.float32)
    z, h = np.zeros(4098, np.float32), np.zeros((4, 4098), np.uint32)
    compiled.drawn(z, 4096, h, table, 1, 0, 0, 0)
    values, counts = np.unique(z[:4096], return_counts=True)
    assert values.tolist() == [1.0, 2.0, 4.0]
    assert np.abs(counts / 4096 - 1 / 3).max() < 0.03
    compiled.drawn(z, 4096, h, table, 2, 0, 0, 0)
    assert z[:4096].var() == pytest.approx(table.var() / 2, rel=0.1)


# --- clouds --------------------------------------------------------------------------------------


def test_a_cloud_in_a_bowl_is_the_recurrence():
    rows = ne.averages(BOWL, cloud([2.0], 40_000), 40, moments)
    k = torch.arange(41, dtype=F64)
    rest = 0.3**2 / (1 - 0.9**2)
    torch.testing.assert_close(rows[:, 0], 2 * 0.9**k, atol=0.015, rtol=0)
    square = rest * (1 - 0.81**k) + 4 * 0.81**k
    torch.testing.assert_close(rows[:, 1], square, atol=0.02, rtol=0)


def test_the_two_programs_agree(device):
    start = cloud([2.0], 20_000).to(device)
    other = tensors.averages(BOWL, start, 30, moments, 10).cpu()
    torch.testing.assert_close(ne.averages(BOWL, cloud([2.0], 20_000), 30, moments, 10), other,
                               atol=0.02, rtol=0)  # fmt: skip
    ours = ne.histogram(BOWL, cloud([0.0], 5000), 60, (-2.0, 2.0), 20, 20, 2)
    theirs = tensors.histogram(BOWL, cloud([0.0], 5000), 60, -2.0, 0.2, 20, 20, 2)
    assert (ours - theirs).abs().max() < 0.005
    assert float(ours.sum()) == pytest.approx(1)


def test_exit_steps_in_two_programs():
    walk = ne.Walk(ne.round_bowl(1.0, 0.5), 0.1, 0.5)
    start = cloud([0.0, 0.0], 4000)
    ours = ne.exit_steps(walk, start, 5000, ball)
    theirs = tensors.exit_steps(walk, start, 5000, ball)
    assert torch.isfinite(ours).all() and float(ours.min()) >= 1
    assert float(ours.mean()) == pytest.approx(float(theirs.mean()), rel=0.06)


def ball(x, y):
    return x * x + y * y < 1.0


def test_who_has_not_left_has_no_time():
    calm = ne.Walk(ne.BOWL, 0.1, 0.0)
    steps = ne.exit_steps(calm, torch.tensor([[0.5], [-3.0]], dtype=F64), 20, inside_two)
    assert steps.tolist() == [math.inf, 1.0]


def inside_two(x):
    return abs(x) < 2.0


def test_threads_and_repetition_change_nothing():
    before = torch.get_num_threads()
    rows = []
    try:
        for threads in (1, 2, 2):
            torch.set_num_threads(threads)
            rows.append(ne.averages(BOWL, cloud([1.0], 1500), 20, moments))
    finally:
        torch.set_num_threads(before)
    assert torch.equal(rows[0], rows[1]) and torch.equal(rows[1], rows[2])
    other = ne.averages(ne.Walk(ne.BOWL, 0.1, 0.3, seed=5), cloud([1.0], 1500), 20, moments)
    assert not torch.equal(rows[0], other)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"lr": 0.0}, "lr is"),
        ({"scale": -1.0}, "scale is"),
        ({"batch": 0}, "batch is"),
        ({"law": ne.BOWL_IN_PLANE, "table": (1.0,)}, "table is given"),
    ],
)
def test_bad_walks_are_refused(change, words):
    with pytest.raises(ValueError, match=words):
        ne.Walk(**{"law": ne.BOWL, "lr": 0.1, "scale": 0.1, **change})


def test_bad_questions_are_refused():
    with pytest.raises(ValueError, match="start has shape"):
        ne.averages(BOWL, torch.zeros(3, 2, dtype=F64), 10, moments)
    with pytest.raises(ValueError, match="multiple of every"):
        ne.averages(BOWL, cloud([0.0], 3), 10, moments, 3)
    with pytest.raises(ValueError, match="span is"):
        ne.histogram(BOWL, cloud([0.0], 3), 10, (1.0, 1.0), 4)
    with pytest.raises(ValueError, match="skip is"):
        ne.histogram(BOWL, cloud([0.0], 3), 10, (0.0, 1.0), 4, skip=10)
    with pytest.raises(ValueError, match="dim is 3"):
        ne.Law(lambda x: (x,), lambda x, z: (z,), 3)


# --- wells and potentials ------------------------------------------------------------------------


def test_slopes_are_slopes():
    x = torch.linspace(-2.5, 2.5, 41, dtype=F64, requires_grad=True)
    for f, slope in (
        (ne.double_well, ne.double_well_slope),
        (ne.three_wells, ne.three_wells_slope),
    ):
        [g] = torch.autograd.grad(f(x).sum(), x)
        torch.testing.assert_close(g, slope(x).detach())
    points = torch.randn(20, 2, dtype=F64).requires_grad_()
    f = ne.CurvedValley(1.5)
    [g] = torch.autograd.grad(f(points).sum(), points)
    torch.testing.assert_close(g, f.grad(points).detach())
    assert f.grad(f.minima).abs().max() == 0 and f.grad(f.saddle).abs().max() == 0
    assert float(f(f.saddle)) == 0.25


def test_the_switch():
    x = torch.tensor([-10.0, 0.0, 10.0], dtype=F64)
    torch.testing.assert_close(ne.switch(x, 1.0, 3.0), torch.tensor([1, 2, 3], dtype=F64),
                               atol=1e-3, rtol=0)  # fmt: skip


def test_one_coordinate_with_constant_noise_is_gibbs():
    x = ne.grid(-4.0, 4.0)
    phi = ne.quasi_potential(ne.double_well_slope, lambda u: 2 + 0 * u, x)
    f = ne.double_well(x)
    torch.testing.assert_close(phi, f - f[0], atol=1e-5, rtol=1e-6)
    density = ne.stationary(ne.double_well_slope, lambda u: 2 + 0 * u, 0.3, x)
    gibbs = torch.exp(-2 * f / 0.6)
    torch.testing.assert_close(density, gibbs / torch.trapezoid(gibbs, x), atol=1e-6, rtol=1e-4)


def test_mean_exit_time_of_free_motion():
    # From the middle of a well with walls far away; Brownian motion from 0 to b with a wall at -a.
    x = ne.grid(-3.0, 1.0)
    time = ne.mean_exit_time(lambda u: 0 * u, torch.ones_like, 0.5, x, 0.0)
    assert float(time) == pytest.approx((4.0**2 - 3.0**2) / 0.5, rel=1e-3)


def test_the_formula_is_right_for_small_noise():
    x = ne.grid(-3.0, 1.0, 40_001)
    for eps, near in ((0.1, 0.12), (0.05, 0.05), (0.02, 0.02)):
        exact = ne.mean_exit_time(ne.double_well_slope, torch.ones_like, eps, x, -1.0)
        assert float(ne.eyring(2.0, 1.0, 0.25, eps) / exact) == pytest.approx(1, abs=near)


def test_downhill_is_free_and_uphill_costs_twice_the_height():
    f = ne.CurvedValley()
    x, rows = torch.tensor([-0.05, 0.9975], dtype=F64), []
    for _ in range(4000):
        rows.append(x)
        x = x - 0.004 * f.grad(x)
    path, eye = torch.stack(rows), torch.eye(2, dtype=F64)
    time = 0.004 * (len(rows) - 1)
    assert float(action(f, eye, path, time)) < 2e-4
    up = float(action(f, eye, path.flip(0), time))
    assert up == pytest.approx(2 * float(f(path[0]) - f(path[-1])), rel=0.01)


def test_cheapest_way_in_one_coordinate():
    one = torch.eye(1, dtype=F64)
    way = ne.cheapest(ne.double_well_slope, 2 * one, -one[0], 0 * one[0], 14.0, 200)
    assert way.action == pytest.approx(0.25, rel=0.01)  # 2 (f(0) - f(-1)) / D
    assert torch.equal(way.path[0], -one[0]) and torch.equal(way.path[-1], 0 * one[0])
    assert (way.path.diff(dim=0) > -1e-6).all()


def test_the_cheapest_way_is_cheaper_than_its_neighbors():
    f = ne.CurvedValley()
    noise = torch.diag(torch.tensor([1.6, 0.4], dtype=F64))
    way = ne.cheapest(f.grad, noise, f.minima[0], f.saddle, 10.0, 100)
    rng = torch.Generator().manual_seed(0)
    for _ in range(5):
        bump = 0.02 * torch.randn(101, 2, dtype=F64, generator=rng)
        bump[0] = bump[-1] = 0
        assert float(action(f, noise, way.path + bump, 10.0)) > way.action


def test_hamilton_jacobi_for_round_noise():
    f = ne.CurvedValley()
    x = torch.randn(30, 2, dtype=F64, generator=torch.Generator().manual_seed(3))
    off = ne.residual(lambda p: 2 * f(p), f, torch.eye(2, dtype=F64), x)
    assert off.abs().max() < 1e-12
    wrong = ne.residual(lambda p: 2 * f(p), f, torch.diag(torch.tensor([2.0, 1.0], dtype=F64)), x)
    assert wrong.abs().max() > 0.1


def test_a_bowl_without_a_bottom_is_refused():
    with pytest.raises(ValueError, match="hessian has the eigenvalue -1"):
        ne.bowl_covariance(torch.diag(torch.tensor([1.0, -1.0])), torch.eye(2))


# --- chains --------------------------------------------------------------------------------------


@given(st.integers(2, 6), st.integers(0, 1000))
def test_tree_law_is_stationary(m, seed):
    rng = torch.Generator().manual_seed(seed)
    rates = torch.rand(m, m, dtype=F64, generator=rng) + 0.01
    rates.fill_diagonal_(0)
    q = rates - torch.diag(rates.sum(-1))
    law = ne.tree_law(q)
    assert (law > 0).all() and float(law.sum()) == pytest.approx(1)
    assert (law @ q).abs().max() < 1e-10


def test_kramers_chain_obeys_detailed_balance():
    bend = torch.func.grad(ne.three_wells_slope)
    q = ne.kramers_rates(ne.three_wells, bend, (-2.0, 0.0, 2.1), (-1.0, 1.1), 0.1)
    flow = ne.tree_law(q)[:, None] * q
    torch.testing.assert_close(flow, flow.mT)
    assert ne.relaxation_time(q) > 0
    with pytest.raises(ValueError, match="one more than tops"):
        ne.kramers_rates(ne.three_wells, bend, (0.0,), (1.0,), 0.1)


# --- samples -------------------------------------------------------------------------------------


def test_scores_are_standard():
    z = np.array(ne.standard_scores(64))
    assert abs(z.mean()) < 1e-12 and z.var() == pytest.approx(1)


def test_batches_of_the_finite_sum_by_the_oracle():
    f = ne.Scattered(
        ne.double_well_slope, ne.batch_deviation, torch.tensor(ne.standard_scores(64), dtype=F64)
    )
    x = torch.tensor([[0.7]], dtype=F64)
    torch.testing.assert_close(f.grad(x), ne.double_well_slope(x))
    oracle = minibatch(2, replacement=True)
    drawn = torch.cat([oracle(f, x, k) for k in range(4000)])
    assert float(drawn.var()) == pytest.approx(float(ne.batch_variance(x)) / 2, rel=0.08)
    walk = ne.Walk(ne.UNEQUAL_BATCHES, 0.05, 0.05, 0, ne.standard_scores(64), 2)
    rows = ne.averages(walk, cloud([0.7], 40_000), 1, moments)
    mean, square = rows[1]
    assert float(square - mean**2) == pytest.approx(0.05**2 * float(drawn.var()), rel=0.08)
    step = minibatch(64)(f, x, 0)
    torch.testing.assert_close(step, ne.double_well_slope(x))  # all examples: no noise


# --- entropy -------------------------------------------------------------------------------------


def test_energy_levels_move_together():
    energies = torch.tensor([0.3, 1.0, 2.0], dtype=F64)
    p = ne.gibbs(energies, 1.5)
    jacobian = torch.func.jacrev(lambda e: ne.gibbs(e, 1.5))(energies)
    want = 1.5 * (p[:, None] * p - torch.diag(p))
    torch.testing.assert_close(jacobian, want)
    assert jacobian.sum(0).abs().max() < 1e-12, "probabilities go on adding up to 1"


def test_settling_variance_solves_its_equation():
    t = torch.linspace(0, 2, 201, dtype=F64)
    v = ne.settling_variance(4.0, 1.3, 0.2, t)
    change = torch.gradient(v, spacing=(t,), edge_order=2)[0]
    torch.testing.assert_close(change, -2 * 1.3 * v + 2 * 0.2, atol=1e-2, rtol=0)


def world(n=301, heat=0.2):
    x = ne.grid(-3.0, 3.0, n)
    return x, ne.FokkerPlanck(ne.double_well(x), float(x[1] - x[0]), heat)


def test_fokker_planck_keeps_mass_and_gibbs():
    x, fp = world()
    gibbs = torch.softmax(-fp.energy / 0.2, 0) / fp.width
    assert (fp.generator() @ gibbs).abs().max() < 1e-10
    assert fp.generator().sum(0).abs().max() < 1e-9
    made, taken = fp.created(gibbs), fp.destroyed(gibbs, lambda u: 3 * u**2 - 1, x)
    assert float(made) == pytest.approx(float(taken), rel=1e-3)


def test_fokker_planck_against_particles():
    x, fp = world()
    start = torch.exp(-((x + 1) ** 2) / 0.02) + 1e-300
    end = fp.evolve(start / start.sum() / fp.width, 2.0, 4)[-1]
    walk = ne.Walk(ne.TWO_WELLS, 0.005, ne.amplitude(0.4, 0.005))
    rng = torch.Generator().manual_seed(0)
    begin = -1 + 0.1 * torch.randn(20_000, 1, dtype=F64, generator=rng)
    mean, square = ne.averages(walk, begin, 400, moments, 400)[-1]
    assert float((end * x).sum() * fp.width) == pytest.approx(float(mean), abs=0.02)
    assert float((end * x**2).sum() * fp.width) == pytest.approx(float(square), abs=0.02)


# --- information ---------------------------------------------------------------------------------


def test_all_inputs_and_the_rule():
    words = ne.all_inputs(5)
    assert len({tuple(w) for w in words.tolist()}) == 32 and words.abs().min() == 1
    data = ne.symmetric_rule()
    assert data.inputs.shape == (4096, 12)
    assert float(data.labels.float().mean()) == pytest.approx(0.5, abs=0.01)
    opposite = data.labels[torch.arange(4095, -1, -1)]
    assert torch.equal(data.labels, opposite), "the label of -w is that of w"


def test_counting_bits():
    places = torch.arange(8)[:, None] // 2
    assert float(ne.entropy_bits(places)) == 2
    assert float(ne.label_bits(places, torch.arange(8) // 4)) == 1
    assert float(ne.label_bits(places, torch.arange(8) % 2)) == pytest.approx(0, abs=1e-6)
    values = torch.tensor([-2.0, -1.0, -0.01, 0.0, 0.99, 1.0])
    assert ne.binned(values, 4, (-1.0, 1.0)).tolist() == [0, 0, 1, 2, 3, 3]


def test_layers_are_the_networks_own():
    from descent.networks import MLP

    network = MLP((12, 6, 4, 2))
    x, inputs = network.init([0, 1]), ne.all_inputs()[:10]
    hidden = ne.layers(network, x, inputs)
    assert [h.shape for h in hidden] == [(2, 10, 6), (2, 10, 4)]
    w, b = network.unflatten(x)[-1]
    torch.testing.assert_close(hidden[-1] @ w.mT + b.unsqueeze(-2), network(x, inputs))
