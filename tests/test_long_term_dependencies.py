"""The chapter's formulas, each against an independent computation."""

import math

import numpy as np
import pytest
import torch
from scipy.optimize import minimize_scalar
from torch import nn

from descent import SGD, gradient, run
from descent import long_term_dependencies as lt
from descent.long_term_dependencies.balance import Chain
from descent.long_term_dependencies.cells import CELLS
from descent.networks import cross_entropy, mse_half

F64 = torch.float64
LAYERS = {"tanh": nn.RNN, "gru": nn.GRU, "lstm": nn.LSTM}
cells = pytest.mark.parametrize("cell", CELLS)


def normal(*shape, seed=0):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=F64)


def shear(eigenvalue, coupling):
    return torch.tensor([[eigenvalue, coupling], [0.0, eigenvalue]], dtype=F64)


# --- powers of a matrix --------------------------------------------------------------------------


def test_power_norms_are_those_of_matrix_power():
    w = 0.3 * normal(3, 5, 5)
    logs = lt.power_norms(w, 12)
    for t in range(13):
        want = torch.linalg.matrix_norm(torch.linalg.matrix_power(w, t), 2)
        torch.testing.assert_close(logs[t].exp(), want)


def test_power_norms_stay_finite_where_the_powers_underflow():
    w = (0.1 * torch.eye(3)).float()
    assert torch.linalg.matrix_norm(torch.linalg.matrix_power(w, 1000)) == 0
    assert float(lt.power_norms(w, 1000)[-1]) == pytest.approx(1000 * math.log(0.1), rel=1e-4)


def test_nilpotent_powers_are_finite_numbers():
    assert torch.isfinite(lt.power_norms(shear(0.0, 1.0), 5)).all()


def test_spectral_radius_of_a_rotation():
    turn = torch.tensor([[0.6, -0.8], [0.8, 0.6]], dtype=F64)
    assert float(lt.spectral_radius(0.5 * turn)) == pytest.approx(0.5)


@pytest.mark.parametrize("coupling", [0.0, 1.0, 10.0])
def test_kreiss_bounds_the_transient_from_below(coupling):
    w = shear(0.9, coupling)
    highest = float(lt.power_norms(w, 200).exp().max())
    bound = lt.kreiss(w)
    assert bound <= highest * (1 + 1e-9) <= math.e * 2 * bound * (1 + 1e-9)


def test_kreiss_of_a_normal_matrix_is_one():
    assert lt.kreiss(torch.diag(torch.tensor([0.9, -0.5], dtype=F64))) == pytest.approx(1)


def test_gradient_terms_add_up_to_autograd():
    w, h0 = (0.5 * normal(4, 4)).requires_grad_(), normal(4, seed=1)
    h, states = h0, []
    for _ in range(6):
        states.append(h)
        h = w @ h
    loss = (h**3).sum()
    [want] = torch.autograd.grad(loss, w)
    terms = lt.gradient_terms(w.detach(), torch.stack(states).detach(), 3 * h.detach() ** 2)
    torch.testing.assert_close(terms.sum(0), want)


@pytest.mark.parametrize("bad", [torch.zeros(3), torch.zeros(2, 3)])
def test_matrices_must_be_square(bad):
    for fn in (lt.spectral_radius, lambda w: lt.power_norms(w, 2), lt.kreiss):
        with pytest.raises(ValueError, match="shape"):
            fn(bad)


def test_kreiss_refuses_growth():
    with pytest.raises(ValueError, match="spectral radius"):
        lt.kreiss(1.1 * torch.eye(2, dtype=F64))


# --- recurrent networks --------------------------------------------------------------------------


@pytest.mark.parametrize("cell", LAYERS)
def test_networks_begin_and_compute_as_in_torch(cell):
    torch.manual_seed(3)
    layer, readout = LAYERS[cell](2, 6, batch_first=True), nn.Linear(6, 3)
    for p in readout.parameters():
        nn.init.uniform_(p, -1 / math.sqrt(6), 1 / math.sqrt(6))
    torch.manual_seed(3)
    layer.reset_parameters()
    readout.reset_parameters()
    parts = [*layer.parameters(), *readout.parameters()]
    x = nn.utils.parameters_to_vector(parts).detach()
    network = lt.Recurrent(cell, 2, 6, 3)
    assert torch.equal(network.init([3])[0], x)
    seen = normal(5, 9, 2).float()
    want = readout(layer(seen)[0]).detach()
    torch.testing.assert_close(network.outputs_of(x, seen), want, rtol=1e-4, atol=1e-6)


@cells
@pytest.mark.parametrize("loss", [mse_half, cross_entropy], ids=["mse", "entropy"])
def test_gradients_through_time_are_those_of_autograd(cell, loss):
    network = lt.Recurrent(cell, 2, 4, 3, "orthogonal", gain=0.9)
    x = network.init([0, 1, 2], dtype=F64) + 0.1 * normal(3, network.dim)
    targets = torch.softmax(normal(5, 2, 3), -1)
    f = lt.Sequences(network, normal(5, 7, 2, seed=1), targets, loss)
    value, g = f.value_and_grad(x)
    rows = x.clone().requires_grad_()
    [want] = torch.autograd.grad(f(rows).sum(), rows)
    torch.testing.assert_close(g, want)
    torch.testing.assert_close(value, f(x))
    assert torch.equal(gradient(f, x), g), "the oracle asks for the closed form"


@cells
def test_networks_of_a_batch_do_not_mix(cell):
    network = lt.Recurrent(cell, 2, 4, 1)
    x = network.init([0, 1], dtype=F64)
    seen, wanted = normal(2, 5, 7, 2), normal(2, 5, 1, 1)
    g = lt.Sequences(network, seen, wanted).grad(x)
    for i in range(2):
        alone = lt.Sequences(network, seen[i], wanted[i]).grad(x[i])
        torch.testing.assert_close(g[i], alone)


@cells
@pytest.mark.parametrize("horizon", [1, 3, 7, 20])
def test_truncation_cuts_the_graph_where_it_says(cell, horizon):
    network = lt.Recurrent(cell, 2, 3, 1)
    x = network.init([0], dtype=F64)
    seen, wanted = normal(4, 7, 2), normal(4, 5, 1)
    f = lt.Sequences(network, seen, wanted, horizon=horizon)
    rows = x.clone().requires_grad_()
    w = network.unflatten(rows)
    state, loss = (torch.zeros(1, 3, 4, dtype=F64),) * network.step.states, 0.0
    for t in range(7):
        if (7 - t) % horizon == 0:
            state = tuple(s.detach() for s in state)
        p = w.w @ seen[:, t].mT + w.b[..., None]
        c = w.c[..., None]
        state, _ = network.step.forward(p + c if network.step.joint else p, state, w.u, c)
        if t >= 2:
            y = w.out @ state[0] + w.shift[..., None]
            loss = loss + (y[0, 0] - wanted[:, t - 2, 0]).square().sum() / 40
    [want] = torch.autograd.grad(loss, rows)
    torch.testing.assert_close(f.grad(x), want)


def test_sequences_restricted_to_some():
    network = lt.Recurrent("tanh", 2, 3, 1)
    f = lt.Sequences(network, *lt.adding(6, 8))
    x, index = network.init([0]), torch.tensor([1, 4])
    part = f.on(index)
    assert part.size == 2 and f.size == 6
    torch.testing.assert_close(part(x), lt.Sequences(network, f.inputs[index], f.targets[index])(x))


@pytest.mark.parametrize("scheme", ["identity", "orthogonal", "gaussian"])
def test_schemes_draw_what_they_say(scheme):
    network = lt.Recurrent("gru", 2, 40, 1, scheme, gain=0.5)
    w = network.unflatten(network.init(range(20)))
    assert (w.c == 0).all() and (w.b == 0).all()
    if scheme == "gaussian":  # 96,000 numbers: one standard error is 0.23 %.
        assert float(w.u.std()) == pytest.approx(0.5 / math.sqrt(40), rel=0.01)
        return
    for block in w.u[0].split(40):
        s = torch.linalg.svdvals(block)
        torch.testing.assert_close(s, torch.full_like(s, 0.5))


def test_forget_bias_is_added_to_the_drawn_one():
    plain, open_ = (lt.Recurrent("lstm", 2, 4, 1, forget=f).init([0])[0] for f in (0.0, 2.0))
    changed = torch.nonzero(open_ - plain)[:, 0]
    start = 16 * 2 + 16 * 4
    assert changed.tolist() == list(range(start + 4, start + 8))


@pytest.mark.parametrize(
    ("change", "word"),
    [({"cell": "rnn"}, "cell"), ({"scheme": "he"}, "scheme"), ({"gain": -1.0}, "gain")],
)
def test_unknown_architectures_are_refused(change, word):
    with pytest.raises(ValueError, match=word):
        lt.Recurrent(**{"cell": "tanh", "inputs": 1, "width": 2, "outputs": 1, **change})


def test_misfits_are_refused():
    network = lt.Recurrent("tanh", 2, 3, 1)
    with pytest.raises(ValueError, match="inputs"):
        lt.Sequences(network, torch.zeros(4, 5, 3), torch.zeros(4, 1, 1))
    with pytest.raises(ValueError, match="horizon"):
        lt.Sequences(network, torch.zeros(4, 5, 2), torch.zeros(4, 1, 1), horizon=0)
    with pytest.raises(ValueError, match="shape"):
        network.unflatten(torch.zeros(3))


# --- Jacobians -----------------------------------------------------------------------------------


@cells
@pytest.mark.parametrize("norm", ["largest", "mean"])
def test_jacobian_norms_are_those_of_autograd(cell, norm):
    network = lt.Recurrent(cell, 2, 4, 1)
    x, seen = network.init([5], dtype=F64), normal(9, 2)
    logs = lt.jacobian_norms(network, x, seen, norm=norm)[:, 0]
    w = network.unflatten(x)

    def go_on(flat, start):
        state = tuple(part.reshape(1, 4, 1) for part in flat.split(4))
        for t in range(start, 9):
            p = w.w @ seen[t][:, None] + w.b[..., None]
            c = w.c[..., None]
            state, _ = network.step.forward(p + c if network.step.joint else p, state, w.u, c)
        return torch.cat([part.flatten() for part in state])

    n = 4 * network.step.states
    state = torch.zeros(n, dtype=F64)
    for start in range(9):
        jacobian = torch.autograd.functional.jacobian(lambda s, k=start: go_on(s, k), state)
        size = torch.linalg.matrix_norm(jacobian, 2 if norm == "largest" else "fro")
        size = size if norm == "largest" else size / math.sqrt(n)
        torch.testing.assert_close(logs[9 - start].exp(), size)
        p = w.w @ seen[start][:, None] + w.b[..., None]
        state = go_on_one(network, w, p, state)
    assert logs[0] == 0


def go_on_one(network, w, p, flat):
    state = tuple(part.reshape(1, -1, 1) for part in flat.split(network.width))
    c = w.c[..., None]
    state, _ = network.step.forward(p + c if network.step.joint else p, state, w.u, c)
    return torch.cat([part.flatten() for part in state])


def test_jacobian_norms_stay_finite_for_a_thousand_steps():
    network = lt.Recurrent("tanh", 2, 16, 1, "gaussian", gain=0.5)
    x = network.init([0, 1])
    logs = lt.jacobian_norms(network, x, torch.zeros(1000, 2))
    assert torch.isfinite(logs).all()
    assert (logs[-1] < math.log(1e-45)).all(), "single precision holds no such number"


def test_linear_jacobians_are_powers():
    network = lt.Recurrent("linear", 2, 6, 1, "gaussian")
    x = network.init([0], dtype=F64)
    logs = lt.jacobian_norms(network, x, torch.zeros(20, 2, dtype=F64))[:, 0]
    w = network.unflatten(x).u[0]
    torch.testing.assert_close(logs, lt.power_norms(w, 20))


def test_jacobian_norms_name_what_is_wrong():
    network = lt.Recurrent("tanh", 2, 3, 1)
    with pytest.raises(ValueError, match="norm"):
        lt.jacobian_norms(network, network.init([0]), torch.zeros(4, 2), norm="l1")
    with pytest.raises(ValueError, match="inputs"):
        lt.jacobian_norms(network, network.init([0]), torch.zeros(4, 3))


# --- clipping ------------------------------------------------------------------------------------


def test_norm_clipping_is_that_of_torch():
    for scale in (0.1, 10.0):
        g = scale * normal(7)
        p = nn.Parameter(torch.zeros(7, dtype=F64))
        p.grad = g.clone()
        nn.utils.clip_grad_norm_([p], 1.0)
        # torch adds 1e-6 to the norm before it divides.
        torch.testing.assert_close(lt.clip_norm(g, 1.0), p.grad, rtol=2e-6, atol=0)
        p.grad = g.clone()
        nn.utils.clip_grad_value_([p], 0.5)
        torch.testing.assert_close(lt.clip_value(g, 0.5), p.grad)


def test_clipping_sweeps_over_thresholds():
    g = normal(4, 3)
    c = torch.tensor([0.1, 1.0, 2.0, 100.0], dtype=F64)
    for clip in (lt.clip_norm, lt.clip_value):
        rows = torch.stack([clip(g[i], float(c[i])) for i in range(4)])
        torch.testing.assert_close(clip(g, c), rows)
    assert (lt.clip_norm(torch.zeros(3, dtype=F64), 1.0) == 0).all()


@pytest.mark.parametrize("seed", range(5))
def test_directions_that_clipping_leaves_and_turns(seed):
    g = 5 * normal(6, seed=seed)
    kept, turned = lt.clip_norm(g, 1.0), lt.clip_value(g, 0.3)
    assert float(torch.cosine_similarity(g, kept, 0)) == pytest.approx(1)
    assert 1 / math.sqrt(6) < float(torch.cosine_similarity(g, turned, 0)) < 1


def test_clipped_rules_ask_their_rule():
    g, x = 9 * normal(3, 4), torch.zeros(3, 4, dtype=F64)
    for rule, clip in ((lt.ClipNorm, lt.clip_norm), (lt.ClipValue, lt.clip_value)):
        made = rule(SGD(lr=0.5), threshold=0.7)
        dx, _ = made.update(g, made.init(x), x)
        torch.testing.assert_close(dx, -0.5 * clip(g, 0.7))
    with pytest.raises(ValueError, match="threshold"):
        lt.ClipNorm(SGD(lr=1.0), threshold=0.0)


@pytest.mark.parametrize("threshold", [0.05, 0.7, 3.0, 50.0])
def test_clipping_each_example_rests_at_hubers_location(threshold):
    a = normal(9) + torch.tensor([0.0] * 8 + [20.0], dtype=F64)

    def huber(x):
        r = np.abs(x - a.numpy())
        return np.where(r < threshold, r**2 / 2, threshold * (r - threshold / 2)).sum()

    want = minimize_scalar(huber, bracket=(-3, 3), tol=1e-12).x
    assert float(lt.huber_location(a, threshold)) == pytest.approx(want, abs=1e-6)
    rest = lt.huber_location(a, threshold)
    assert abs(float(lt.clip_each((rest - a)[:, None], threshold))) < 1e-9 * threshold


# --- the cliff -----------------------------------------------------------------------------------


def test_cliff_gradient_is_that_of_autograd():
    f = lt.OneUnit(steps=20)
    x = torch.stack([5 * normal(6).abs(), -normal(6, seed=1).abs()], -1)
    rows = x.clone().requires_grad_()
    [want] = torch.autograd.grad(f(rows).sum(), rows)
    torch.testing.assert_close(f.grad(x), want)


def test_on_the_edge_the_start_rests_and_the_gradient_grows_by_the_factor():
    f = lt.OneUnit(steps=30)
    w = torch.tensor(6.0, dtype=F64)
    x = torch.stack([w, f.edge(w)])
    assert all(abs(float(s) - 0.5) < 1e-6 for s in f.states(x))
    longer = lt.OneUnit(steps=31).grad(x).norm() / f.grad(x).norm()
    assert float(longer) == pytest.approx(float(f.factor(w)), rel=1e-3)


def test_folds_are_fixed_points_with_slope_one():
    s = torch.linspace(0.05, 0.95, 19, dtype=F64)
    w, b = lt.folds(s)
    x = torch.log(s / (1 - s))
    torch.testing.assert_close(w * torch.sigmoid(x) + b, x)
    torch.testing.assert_close(w * s * (1 - s), torch.ones_like(s))


# --- depth ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(("width", "gain"), [(2, 1.0), (10, 0.7), (64, 1.4)])
def test_drift_of_random_layers(width, gain):
    logs = lt.product_norms(width, 20, gain, 400)
    steps = logs.diff(dim=0)
    mean, spread = lt.drift(width, gain)
    error = spread / math.sqrt(steps.numel())
    assert abs(float(steps.mean()) - mean) < 4 * error
    assert float(steps.std()) == pytest.approx(spread, rel=0.05)
    assert logs.shape == (21, 400) and (logs[0] == 0).all()


def test_shared_layers_are_powers_of_one_matrix():
    logs = lt.product_norms(5, 300, 1.0, 3, shared=True)
    g = torch.Generator().manual_seed(0)
    torch.randn(3, 5, generator=g, dtype=F64)
    w = torch.randn(3, 5, 5, generator=g, dtype=F64) / math.sqrt(5)
    slope = (logs[300] - logs[100]) / 200
    torch.testing.assert_close(slope, lt.spectral_radius(w).log(), atol=0.02, rtol=0)


def test_variance_step_is_the_mean_over_normals():
    z = normal(2_000_000)
    q, weight, bias = 0.8, 1.3, 0.4
    a = torch.tanh(math.sqrt(q) * z)
    made = lt.variance_step(*(torch.tensor(v, dtype=F64) for v in (q, weight, bias)))
    assert float(made[0]) == pytest.approx(weight**2 * float((a**2).mean()) + bias**2, rel=2e-3)
    assert float(made[1]) == pytest.approx(weight**2 * float(((1 - a**2) ** 2).mean()), rel=2e-3)


def test_on_the_critical_line_the_factor_is_one():
    q = torch.tensor([0.05, 0.5, 1.5], dtype=F64)
    stays, factor = lt.variance_step(q, *lt.critical_line(q))
    torch.testing.assert_close(stays, q)
    torch.testing.assert_close(factor, torch.ones(3, dtype=F64))


def test_gradient_factor_below_and_above_the_line():
    weight = torch.tensor([0.9, 1.5], dtype=F64)
    below, above = lt.gradient_factor(weight, torch.tensor(0.0), steps=150).tolist()
    assert below == pytest.approx(0.81) and above > 1


def test_wide_networks_follow_the_mean_field():
    width, depth, weight, bias = 400, 12, 1.6, 0.3
    g = torch.Generator().manual_seed(0)
    u = torch.randn(width, generator=g, dtype=F64)
    d, slopes, layers = torch.randn(width, generator=g, dtype=F64), [], []
    for _ in range(depth):
        layers.append(torch.randn(width, width, generator=g, dtype=F64) * weight / math.sqrt(width))
        u = torch.tanh(layers[-1] @ u + bias * torch.randn(width, generator=g, dtype=F64))
        slopes.append(1 - u**2)
    sizes = []
    for layer, slope in zip(reversed(layers), reversed(slopes), strict=True):
        d = layer.mT @ (slope * d)
        sizes.append(float(d.square().sum().log()))
    chi = lt.gradient_factor(torch.tensor(weight), torch.tensor(bias))
    assert (sizes[9] - sizes[0]) / 9 == pytest.approx(float(chi.log()), abs=0.08)


@pytest.mark.parametrize("call", [lambda: lt.drift(0), lambda: lt.drift(3, 0.0)])
def test_depth_refuses_empty_layers(call):
    with pytest.raises(ValueError, match=r"width|gain"):
        call()


# --- truncation ----------------------------------------------------------------------------------


def test_influence_is_the_derivative_of_the_first_unit():
    chain = Chain(units=5, near=2)
    theta = torch.zeros(30, dtype=F64, requires_grad=True)
    x = torch.zeros(5, dtype=F64)
    for t in range(30):
        x = chain.step(x, theta[t])
    [g] = torch.autograd.grad(x[0], theta)
    torch.testing.assert_close(chain.influence(30), g.flip(0))
    assert float(chain.influence(100).sum()) == pytest.approx(chain.rest)


def test_truncated_learning_goes_the_wrong_way_until_the_horizon_is_long_enough():
    chain = Chain()
    needed = chain.needed()
    assert float(chain.influence(needed - 1).sum()) > 0 > float(chain.influence(needed).sum())
    assert chain.best == pytest.approx(-1 / 6)
    long, losses = chain.learn(100, 2e-4, 2_000)
    assert float(long[-1]) == pytest.approx(chain.best, abs=1e-3) and float(losses[-1]) < 1e-4
    short, losses = chain.learn(10, 3e-4, 600)
    assert float(short[-1]) > 0.1 and float(losses[-1]) > 1.0


def test_a_chain_without_a_far_side_learns_at_any_horizon():
    chain = Chain(units=4, near=4)
    assert chain.needed() == 1
    assert float(chain.learn(1, 1e-2, 1000)[1][-1]) < 1e-6


@pytest.mark.parametrize("bad", [(0, 0), (4, 5), (4, 2)])
def test_chains_that_cannot_be(bad):
    with pytest.raises(ValueError, match=r"units|near"):
        Chain(*bad)


# --- tasks ---------------------------------------------------------------------------------------


def test_adding_marks_one_number_in_each_half():
    inputs, targets = lt.adding(200, 11, seed=4)
    values, marks = inputs.unbind(-1)
    assert (marks[:, :5].sum(1) == 1).all() and (marks[:, 5:].sum(1) == 1).all()
    torch.testing.assert_close((values * marks).sum(1), targets[:, 0, 0])
    assert torch.equal(lt.adding(200, 11, seed=4)[0], inputs)
    assert not torch.equal(lt.adding(200, 11, seed=4, step=1)[0], inputs)


def test_adding_baselines():
    _, targets = lt.adding(200_000, 10)
    assert float(targets.var()) == pytest.approx(1 / 6, rel=0.01)


def test_copying_says_the_word_after_the_silence():
    inputs, targets = lt.copying(50, 7, symbols=4, length=3, seed=1)
    assert inputs.shape == (50, 13, 6) and targets.shape == (50, 3, 4)
    assert (inputs.sum(-1) == 1).all()
    torch.testing.assert_close(inputs[:, :3, :4], targets)
    assert (inputs[:, 3:9, 4] == 1).all() and (inputs[:, 9, 5] == 1).all()
    assert (inputs[:, 10:, 4] == 1).all()


@pytest.mark.parametrize("call", [lambda: lt.adding(3, 1), lambda: lt.copying(3, 0)])
def test_tasks_refuse_what_cannot_be_drawn(call):
    with pytest.raises(ValueError, match=r"length|delay"):
        call()


def test_descent_with_clipping_through_run():
    f = lt.OneUnit()
    start = torch.tensor([[6.0, -3.2], [4.0, -2.0]], dtype=F64)
    path = run(f, lt.ClipNorm(SGD(lr=0.05), 1.0), start, 20)
    assert float(path.x.diff(dim=0).norm(dim=-1).max()) <= 0.05 * (1 + 1e-9)
