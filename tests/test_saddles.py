"""The chapter's formulas, each against an independent computation."""

import itertools
import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad

from descent import SGD, gradient, run
from descent import saddles as sd
from descent.curvature import hessian
from descent.data import digits
from descent.networks import MLP, Empirical
from descent.objectives import Himmelblau, MonkeySaddle, Plateau, Quadratic
from descent.saddles.pfaffian import log_integral, mean_sum

F64 = torch.float64


def normal(*shape, seed=0):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=F64)


def check_grad(f, x):
    """A closed-form gradient against automatic differentiation."""
    x = x.clone().requires_grad_()
    [exact] = torch.autograd.grad(f(x).sum(), x)
    torch.testing.assert_close(f.grad(x.detach()), exact)


# --- symmetries ----------------------------------------------------------------------------------


@pytest.mark.parametrize("layer", [0, 1])
def test_permuted_networks_are_equal(layer):
    network, inputs = MLP((3, 4, 5, 2), "tanh"), normal(6, 3)
    x = network.init([0, 1], dtype=F64)
    order = torch.tensor([[2, 0, 3, 1], [1, 3, 2, 0]]) if layer == 0 else torch.randperm(5)
    moved = sd.permute(network, x, layer, order)
    torch.testing.assert_close(network(moved, inputs), network(x, inputs))
    assert not torch.equal(moved, x)
    w, b = network.unflatten(x)[layer]
    w2, b2 = network.unflatten(moved)[layer]
    first = order[0] if layer == 0 else order
    assert torch.equal(w2[0], w[0][first]) and torch.equal(b2[0], b[0][first])


def test_scales_need_homogeneous_units_and_signs_odd_ones():
    inputs = normal(6, 3)
    relu, tanh = MLP((3, 4, 2), "relu"), MLP((3, 4, 2), "tanh")
    x = relu.init(0, dtype=F64)
    factor = torch.tensor([3.0, 0.2, 1.0, 7.0], dtype=F64)
    torch.testing.assert_close(relu(sd.rescale(relu, x, 0, factor), inputs), relu(x, inputs))
    torch.testing.assert_close(tanh(sd.rescale(tanh, x, 0, -1.0), inputs), tanh(x, inputs))
    for network, c in ((tanh, 3.0), (relu, -1.0)):
        apart = network(sd.rescale(network, x, 0, c), inputs) - network(x, inputs)
        assert apart.abs().max() > 0.01


def test_a_layer_must_be_hidden():
    network = MLP((3, 4, 2))
    with pytest.raises(ValueError, match="layer is 1; it must be a hidden layer, 0 to 0"):
        sd.permute(network, network.init(0), 1, torch.arange(2))


@pytest.mark.parametrize("signs", [False, True])
def test_arrangements(signs):
    count = math.factorial(3) * math.factorial(5) * (2**8 if signs else 1)
    assert math.exp(sd.log_arrangements([3, 5], signs)) == pytest.approx(count)


def test_two_factors():
    f, x = sd.TwoFactors(), normal(5, 2)
    check_grad(f, x)
    torch.testing.assert_close(f.hessian(x), torch.stack([_numeric(f, row) for row in x]))
    copy = torch.tensor([4.0, 0.25], dtype=F64)
    assert torch.linalg.eigvalsh(f.hessian(copy))[-1] == pytest.approx(16 + 1 / 16)


def _numeric(f, x):
    return torch.autograd.functional.hessian(f, x)


# --- kinds and Newton ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("spectrum", "kind", "index"),
    [
        ((1, 2, 3), "minimum", 0),
        ((-1, 2, 3), "saddle", 1),
        ((-1, 0, 3), "saddle", 1),
        ((-1, -2, -3), "maximum", 3),
        ((0, 1, 2), "undecided", 0),
        ((0, -1, -2), "undecided", 2),
        ((0, 0, 0), "undecided", 0),
    ],
)
def test_kinds(spectrum, kind, index):
    q = torch.linalg.qr(normal(3, 3)).Q
    h = (q * torch.tensor(spectrum, dtype=F64)) @ q.T
    assert sd.KINDS[int(sd.kind(h))] == kind
    assert int(sd.index(h, 1e-9)) == index


def test_the_monkey_saddle_is_left_open():
    f = MonkeySaddle()
    assert sd.KINDS[int(sd.kind(f.hessian(torch.zeros(2))))] == "undecided"


@settings(max_examples=60, deadline=None)
@given(st.lists(st.floats(-3, 3), min_size=5, max_size=5))
def test_steps_in_the_plane_are_the_steps_anywhere(numbers):
    a, b, c, *g = numbers
    h, g = torch.tensor([[a, c], [c, b]], dtype=F64), torch.tensor(g, dtype=F64)
    low, high = sd.planar_eigenvalues(h)
    torch.testing.assert_close(torch.stack([low, high]), torch.linalg.eigvalsh(h))
    free = sd.planar_direction(h, g, lambda v: 1 / v.abs().clamp(min=0.5))
    torch.testing.assert_close(free, sd.saddle_free_direction(h, g, 0.5), rtol=1e-6, atol=1e-7)
    if min(abs(low), abs(high)) > 0.05:
        newton = sd.planar_direction(h, g, lambda v: 1 / v)
        torch.testing.assert_close(newton, sd.newton_direction(h, g), rtol=1e-6, atol=1e-8)


def test_the_free_step_is_newtons_at_a_minimum_and_goes_down_at_a_saddle():
    f = Himmelblau()
    near, far = torch.tensor([3.1, 2.1], dtype=F64), torch.tensor([0.1, 2.9], dtype=F64)
    steps = [d(f.hessian(near), gradient(f, near)) for d in _directions()]
    torch.testing.assert_close(*steps)
    newton, free = (d(f.hessian(far), gradient(f, far)) for d in _directions())
    assert free @ gradient(f, far) < 0 and int(sd.index(f.hessian(far))) == 1
    assert newton.norm() == pytest.approx(float(free.norm()))


def _directions():
    return sd.newton_direction, sd.saddle_free_direction


# --- three models --------------------------------------------------------------------------------


def gauss(x):
    return np.exp(-(x**2) / 4)


def test_pfaffians_are_the_integrals_they_stand_for():
    two = quad(lambda y: quad(lambda x: (y - x) * gauss(x) * gauss(y), 0, y)[0], 0, 9)[0]
    assert math.exp(log_integral(2, (0.0, 9.0), gauss)) == pytest.approx(two)
    assert math.exp(log_integral(1, (0.0, 9.0), gauss)) == pytest.approx(math.sqrt(math.pi))
    split = log_integral(4, (-9.0, 0.3, 9.0), gauss)
    assert split == pytest.approx(log_integral(4, (-9.0, 9.0), gauss))


@pytest.mark.parametrize("n", [1, 2, 3, 4, 6])
def test_the_weights_normalization_is_known(n):
    """The integral over the whole line, by Mehta's product of gamma functions."""
    log = n / 2 * math.log(2 * math.pi) + n * (n + 1) / 4 * math.log(2) - math.lgamma(n + 1)
    log += sum(math.lgamma(1 + j / 2) - math.lgamma(1.5) for j in range(1, n + 1))
    assert log_integral(n, (-14.0, 14.0), gauss) == pytest.approx(log)


@pytest.mark.parametrize("n", [2, 3, 5])
def test_means_over_eigenvalues(n):
    exact = mean_sum(n, (-14.0, 14.0), gauss, gauss)
    values = torch.linalg.eigvalsh(
        sd.gaussian_matrices(n, 100_000, torch.Generator().manual_seed(0))
    )
    sampled = (-values.square() / 4).exp().sum(-1)
    assert float(sampled.mean()) == pytest.approx(exact, abs=4 * float(sampled.std()) / 300)
    assert mean_sum(n, (-14.0, 14.0), gauss, np.ones_like) == pytest.approx(n)


@pytest.mark.parametrize("n", [2, 3, 4])
def test_gaussian_matrices_are_rarely_positive(n):
    values = torch.linalg.eigvalsh(
        sd.gaussian_matrices(n, 200_000, torch.Generator().manual_seed(1))
    )
    p = math.exp(sd.log_positive(n))
    sampled = float((values > 0).all(-1).double().mean())
    assert abs(sampled - p) < 4 * math.sqrt(p * (1 - p) / 200_000)


def test_entries_of_gaussian_matrices():
    g = sd.gaussian_matrices(4, 50_000, torch.Generator().manual_seed(0))
    assert torch.equal(g, g.mT)
    off = 1 - torch.eye(4, dtype=F64)
    torch.testing.assert_close(g.var(0), 2 - off, atol=0.05, rtol=0)


def test_large_matrices_follow_the_known_decay():
    rates = [-sd.log_positive(n) / n**2 for n in (20, 40, 80)]
    assert rates[0] > rates[1] > rates[2] > math.log(3) / 4
    assert rates[2] == pytest.approx(math.log(3) / 4, rel=0.02)


def test_fields_have_as_many_minima_as_maxima():
    shares = sd.sampled_index(4, 100_000, torch.Generator().manual_seed(0))
    torch.testing.assert_close(shares, shares.flip(0), atol=0.01, rtol=0)
    assert sd.coin(4) == 1 / 16


def test_semicircle():
    x = torch.linspace(-1, 1, 9, dtype=F64)
    exact = [quad(lambda t: 2 / math.pi * math.sqrt(1 - t * t), -1, v)[0] for v in x.tolist()]
    torch.testing.assert_close(sd.semicircle(x), torch.tensor(exact, dtype=F64))


# --- landscapes ----------------------------------------------------------------------------------


@pytest.mark.parametrize("width", [1, 2, 3])
def test_critical_points_of_the_autoencoder(width):
    f = sd.LinearAutoencoder(torch.tensor([1.0, 4.0, 2.0], dtype=F64), width)
    check_grad(f, normal(4, f.dim))
    for subset in f.subsets():
        x = f.critical_point(subset)
        assert f.grad(x).abs().max() < 1e-14
        assert float(f(x)) == pytest.approx(f.level(subset))
        assert f.index(subset) == int(sd.index(_numeric(f, x), 1e-9))


def test_the_autoencoder_refuses():
    with pytest.raises(ValueError, match="width is 4; it must be at most 3"):
        sd.LinearAutoencoder(torch.ones(3), 4)
    with pytest.raises(ValueError, match="spectrum"):
        sd.LinearAutoencoder(torch.tensor([1.0, 0.0]), 1)


@pytest.fixture(scope="module")
def spins():
    return sd.ThreeSpin(8, seed=1)


def test_spin_derivatives_are_those_on_the_sphere(spins):
    u = spins.start(1)[0]
    tangent = torch.linalg.qr(torch.cat([u[:, None], torch.eye(8, dtype=F64)[:, 1:]], 1)).Q[:, 1:]

    def along(t):
        point = u + tangent @ t
        return spins(point / point.norm())

    zero = torch.zeros(7, dtype=F64)
    slope = torch.autograd.functional.jacobian(along, zero)
    torch.testing.assert_close(tangent.T @ spins.grad(u), slope)
    ours = torch.linalg.eigvalsh(spins.hessian(u))
    torch.testing.assert_close(ours, torch.linalg.eigvalsh(_numeric(along, zero)))


def test_newton_finds_critical_points_and_descent_minima(spins):
    u, length = spins.newton(spins.start(40))
    found = length < 1e-9
    assert found.double().mean() > 0.5
    torch.testing.assert_close(u.norm(dim=-1), torch.ones(40, dtype=F64))
    assert len(set(sd.index(spins.hessian(u[found])).tolist())) > 2, "kinds of every sort"
    ends = spins.descend(spins.start(10), 0.1, 1500)
    assert sd.index(spins.hessian(ends)).max() == 0
    assert spins(ends).max() < spins(spins.start(10)).min()


def test_energies_are_of_order_one():
    u = sd.ThreeSpin(40, seed=2).start(400)
    energy = sd.ThreeSpin(40, seed=2)(u)
    assert float(energy.std()) * math.sqrt(40) == pytest.approx(1, rel=0.15)
    assert float(sd.limiting_share(torch.tensor(sd.THRESHOLD))) == pytest.approx(0, abs=1e-6)


def test_students_lose_what_sampling_says():
    f = sd.ReluStudent(3, 4)
    x = f.init(5)
    check_grad(f, x)
    u = normal(400_000, 3)
    out = (u @ x.reshape(5, 4, 3).mT).relu().sum(-1) - u.relu().sum(-1)
    torch.testing.assert_close(f(x), 0.5 * out.square().mean(-1), rtol=0.02, atol=0)
    teacher = torch.eye(3, dtype=F64).flatten()
    assert float(sd.ReluStudent(3, 3)(teacher)) == pytest.approx(0, abs=1e-14)


# --- leaving -------------------------------------------------------------------------------------


@settings(max_examples=40, deadline=None)
@given(st.floats(1e-9, 0.5), st.floats(0.02, 1.0))
def test_escape_steps(start, product):
    f = Quadratic(torch.tensor([-1.0], dtype=F64))
    steps = math.ceil(float(sd.escape_steps(start, product)) - 1e-9)
    x = run(f, SGD(product), torch.tensor([start], dtype=F64), steps + 1).x[:, 0]
    assert x[steps] >= 1 - 1e-9 and (steps == 0 or x[steps - 1] < 1)


def test_spread_beside_a_saddle():
    steps, x = 30, torch.zeros(100_000, dtype=F64)
    rng = torch.Generator().manual_seed(0)
    for _ in range(steps):
        x = 1.1 * x + 0.02 * torch.randn(len(x), generator=rng, dtype=F64)
    assert float(x.std()) == pytest.approx(float(sd.unstable_spread(steps, 0.1, 0.02)), rel=0.01)
    inside = float((x.abs() < 1).double().mean())
    assert inside == pytest.approx(float(sd.still_there(steps, 0.1, 0.02)), abs=0.005)


def test_the_chain_has_its_saddles_in_a_row():
    f = sd.SaddleChain(4, ell=0.7, gamma=1.3)
    for passed in range(5):
        x = torch.cat([torch.ones(passed, dtype=F64), torch.zeros(4 - passed, dtype=F64)])
        assert gradient(f, x).abs().max() < 1e-12
        assert float(f(x)) == pytest.approx(-passed * 1.3 / 4)
        low = torch.linalg.eigvalsh(hessian(f, x))[0]
        assert float(low) == pytest.approx(-1.3 if passed < 4 else 2 * 1.3)
        assert int(sd.index(hessian(f, x))) == (passed < 4)
    assert f.minimum == pytest.approx(-1.3)


@pytest.mark.parametrize(("lr", "ell", "gamma"), [(0.01, 2.0, 0.5), (0.25, 1.0, 1.0)])
def test_waiting_ratio_is_above_the_flows(lr, ell, gamma):
    ratio, flow = sd.waiting_ratio(lr, ell, gamma), (ell + gamma) / gamma
    assert flow < ratio < flow * (1 + 2 * lr * (ell + gamma))


def test_perturbed_descent_kicks_where_the_gradient_is_short_and_no_more_often():
    f = Quadratic(torch.tensor([1.0, -1.0], dtype=F64))
    rule = sd.PerturbedDescent(0.1, radius=0.01, small=0.005, wait=4, seed=torch.tensor([1.0, 2.0]))
    x = torch.zeros(2, 2, dtype=F64)
    state, kicks = rule.init(x), []
    for _ in range(9):
        step, state = rule.update(0 * x, state, x)
        kicks.append(step.norm(dim=-1))
    exact = torch.tensor([0.01 if k % 4 == 0 else 0.0 for k in range(9)], dtype=F64)
    torch.testing.assert_close(torch.stack(kicks), exact[:, None].expand(9, 2))
    far = torch.ones(2, 2, dtype=F64)
    step, _ = rule.update(f.grad(far), rule.init(far), far)
    torch.testing.assert_close(step, -0.1 * f.grad(far))
    alone = run(f, sd.PerturbedDescent(0.1, 0.01, 0.005, 4, seed=2.0), x[0], 40).x
    torch.testing.assert_close(run(f, rule, x, 40).x[:, 1], alone)


@pytest.mark.parametrize("fields", [{"lr": 0}, {"lr": 1, "radius": -1}, {"lr": 1, "wait": 0}])
def test_perturbed_descent_refuses(fields):
    with pytest.raises(ValueError, match=next(reversed(fields))):
        sd.PerturbedDescent(**fields)


# --- plateaus ------------------------------------------------------------------------------------


@pytest.mark.parametrize("lr", [0.01, 0.1, 1.0])
def test_the_tail_stays_between_its_bounds(lr):
    x = run(Plateau(), SGD(lr), torch.zeros(1, dtype=F64), 2000).x[:, 0]
    low, high = sd.exponential_bounds(torch.arange(2001, dtype=F64), lr)
    assert (low <= x + 1e-12).all() and (x <= high).all()


def test_the_tail_refuses_long_steps():
    with pytest.raises(ValueError, match=r"lr is 1\.5; it must be at most 1"):
        sd.exponential_bounds(torch.ones(1), 1.5)


def test_what_shrinking_rates_leave():
    rates = sd.shrinking_rates(0.3, 1.5, 50)
    x = 1.0
    for k, left in itertools.islice(enumerate(sd.part_left(rates), 1), 50):
        x -= 0.3 * k**-1.5 * x
        assert float(left) == pytest.approx(x)


# --- paths ---------------------------------------------------------------------------------------


def test_matching_undoes_a_shuffle():
    network = MLP((4, 7, 6, 3), "tanh")
    x, rng = network.init(0, dtype=F64), torch.Generator().manual_seed(3)
    shuffled = x
    for layer, width in enumerate((7, 6)):
        order = torch.randperm(width, generator=rng)
        shuffled = sd.permute(network, shuffled, layer, order)
    near = shuffled + 0.01 * normal(network.dim)
    matched = sd.match(network, x, near)
    assert (matched - x).norm() < 0.02 * math.sqrt(network.dim) < (near - x).norm()


def test_paths_and_barriers():
    a, b = normal(2, 3), normal(2, 3, seed=1)
    line = sd.straight(a, b, 5)
    torch.testing.assert_close(line[[0, 2, 4]], torch.stack([a, (a + b) / 2, b]))
    torch.testing.assert_close(sd.bent(a, (a + b) / 2, b, 5), line)
    losses = torch.tensor([[1.0, 0.0], [4.0, 0.0], [3.0, 1.0]])
    torch.testing.assert_close(sd.barrier(losses), torch.tensor([2.0, 0.0]))


def test_a_bend_lowers_the_loss_on_the_way():
    objective = Empirical(MLP((64, 8, 10), "tanh"), digits(200, seed=0, standardize=True))
    a, b = objective.network.init([0, 1]), objective.network.init([2, 3])
    middle = sd.train_bend(objective, a, b, 60, 0.1, 50, seed=0)
    losses = torch.stack([objective(x) for x in sd.bent(a, middle, b, 9)])
    straight = torch.stack([objective(x) for x in sd.straight(a, b, 9)])
    assert (losses.mean(0) < straight.mean(0) - 0.1).all()
    alone = sd.train_bend(objective, a[0], b[0], 60, 0.1, 50, seed=0)
    torch.testing.assert_close(alone, middle[0], rtol=1e-4, atol=1e-5)
