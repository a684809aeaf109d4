"""Curvature against dense linear algebra, finite differences and torch.func."""

import itertools
import sys

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

import descent
from descent.curvature import (
    SharpnessProbe,
    hessian,
    hvp,
    lanczos,
    model_operator,
    sharpness,
    spectral_density,
    top_eigenvalues,
)
from descent.data import Dataset, digits
from descent.networks import MLP, Empirical, FunctionalObjective, cross_entropy, mse_half
from descent.networks.activations import ACTIVATIONS

F64 = torch.float64
LOSSES = {"cross_entropy": cross_entropy, "mse_half": mse_half}


def net(activation="tanh", loss="cross_entropy", sizes=(4, 5, 3, 3), n=8):
    g = torch.Generator().manual_seed(2)
    inputs = torch.randn(n, sizes[0], generator=g, dtype=F64)
    labels = torch.randint(sizes[-1], (n,), generator=g)
    return Empirical(MLP(sizes, activation), Dataset(inputs, labels, sizes[-1]), LOSSES[loss])


def symmetric(eigenvalues, seed=0):
    """A matrix with known eigenvalues and a random eigenbasis."""
    g = torch.Generator().manual_seed(seed)
    n = len(eigenvalues)
    q, _ = torch.linalg.qr(torch.randn(n, n, generator=g, dtype=F64))
    return q @ torch.diag(torch.as_tensor(eigenvalues, dtype=F64)) @ q.T


def exact(f, x):
    """The Hessian by torch's own loop over double backward passes."""
    return torch.autograd.functional.hessian(lambda z: f(z), x)


# --- Hessian-vector products ------------------------------------------------------------------


def test_product_equals_differences_of_gradients():
    f = net()
    x = f.network.init(0, dtype=F64)
    v = torch.randn(f.network.dim, dtype=F64, generator=torch.Generator().manual_seed(0))
    difference = (f.grad(x + 1e-5 * v) - f.grad(x - 1e-5 * v)) / 2e-5
    torch.testing.assert_close(hvp(f, x)(v), difference, rtol=0, atol=1e-8)
    torch.testing.assert_close(hvp(lambda z: f(z), x)(v), difference, rtol=0, atol=1e-8)


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_hand_written_product_equals_the_matrix(activation, loss):
    f = net(activation, loss)
    x = f.network.init(0, (2, 2), dtype=F64)
    v = torch.randn(x.shape, dtype=F64, generator=torch.Generator().manual_seed(0))
    product, graph = hvp(f, x), hvp(lambda z: f(z), x)
    for i, j in itertools.product(range(2), range(2)):
        expected = exact(f, x[i, j]) @ v[i, j]
        torch.testing.assert_close(product(v)[i, j], expected, rtol=1e-10, atol=1e-13)
        torch.testing.assert_close(graph(v)[i, j], expected, rtol=1e-10, atol=1e-13)


@pytest.mark.parametrize("hidden", [False, True])
def test_many_vectors_at_once(hidden):
    f = net()
    objective = (lambda z: f(z)) if hidden else f
    x = f.network.init(0, (3,), dtype=F64)
    v = torch.randn(4, *x.shape, dtype=F64, generator=torch.Generator().manual_seed(0))
    product = hvp(objective, x)
    expected = torch.stack([product(row) for row in v])
    torch.testing.assert_close(product.many(v), expected, rtol=1e-11, atol=1e-14)
    own = f.on(torch.randint(8, (3, 5), generator=torch.Generator().manual_seed(1)))
    expected = torch.stack([hvp(lambda z: own(z), x)(row) for row in v])
    torch.testing.assert_close(hvp(own, x).many(v), expected, rtol=1e-11, atol=1e-14)


def test_chunks_do_not_change_the_product(monkeypatch):
    f = net()
    x = f.network.init(0, (20,), dtype=F64)
    v = torch.ones_like(x)
    whole = hvp(f, x)(v)
    monkeypatch.setattr("descent.networks.backprop.CACHE_BYTES", 10_000)
    product = hvp(f, x)
    assert len(product.slices) > 2
    torch.testing.assert_close(product(v), whole, rtol=1e-13, atol=1e-16)


def test_graph_is_built_once():
    calls = []

    def f(x):
        calls.append(x.shape)
        return (x**4).sum(-1)

    product = hvp(f, torch.tensor([1.0, 2.0]))
    for _ in range(3):
        assert product(torch.ones(2)).tolist() == [12.0, 48.0]
    assert len(calls) == 1


def test_linear_and_partly_linear_functions():
    product = hvp(lambda x: 3 * x[..., 0], torch.ones(2, 2))
    assert (product(torch.ones(2, 2)) == 0).all() and (product.many(torch.ones(5, 2, 2)) == 0).all()
    product = hvp(lambda x: x[..., 0] ** 2 + x[..., 1], torch.ones(2))
    assert product(torch.ones(2)).tolist() == [2.0, 0.0]


class Small(nn.Module):
    """A convolution, a normalization and two parameters that a loss can ignore."""

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(1, 3, 3)
        self.norm = nn.GroupNorm(1, 3)
        self.head = nn.Linear(3 * 36, 10)
        self.unused = nn.Parameter(torch.ones(2))

    def forward(self, u):
        a = torch.tanh(self.norm(self.conv(u.view(-1, 1, 8, 8))))
        return self.head(a.flatten(1))


def small():
    with torch.random.fork_rng():
        torch.manual_seed(0)
        return Small().double()


def test_any_module_and_loss():
    model, data = small(), digits(12, 0, dtype=F64)
    f = FunctionalObjective(model, data)
    x = f.start()
    operator = model_operator(model, nn.functional.cross_entropy, data.inputs, data.labels)
    assert torch.equal(operator.x, x)
    v = torch.randn(2, len(x), dtype=F64, generator=torch.Generator().manual_seed(0))
    h = 1e-5 * v
    g = [descent.gradient(f, x + s * h[0]) for s in (1, -1)]
    torch.testing.assert_close(operator(v[0]), (g[0] - g[1]) / 2e-5, rtol=0, atol=1e-7)
    torch.testing.assert_close(operator.many(v), hvp(f, x).many(v), rtol=1e-9, atol=1e-12)
    assert (operator(v[0])[f.locate("unused")] == 0).all()
    with pytest.raises(ValueError, match="name is 'tail'; it must be one of unused"):
        f.locate("tail")


def test_a_chosen_part_of_the_parameters():
    model, data = small(), digits(12, 0, dtype=F64)
    loss = nn.functional.cross_entropy
    part = model_operator(model, loss, data.inputs, data.labels, model.head.parameters())
    assert part.x.shape == (36 * 3 * 10 + 10,)
    whole = model_operator(model, loss, data.inputs, data.labels)
    f = FunctionalObjective(model, data)
    v = torch.zeros_like(whole.x)
    v[f.locate("head.weight")] = 1.0
    inner = torch.zeros_like(part.x)
    inner[: 36 * 3 * 10] = 1.0
    expected = torch.cat([whole(v)[f.locate("head.weight")], whole(v)[f.locate("head.bias")]])
    torch.testing.assert_close(part(inner), expected, rtol=1e-12, atol=1e-15)


# --- Lanczos ------------------------------------------------------------------------------------


@settings(max_examples=30, deadline=None)
@given(n=st.integers(2, 12), steps=st.integers(1, 12), seed=st.integers(0, 99))
def test_lanczos_relation(n, steps, seed):
    a = symmetric(torch.linspace(-1, 2, n, dtype=F64), seed)
    found = lanczos(lambda v: v @ a, start=torch.ones(n, dtype=F64), steps=steps, seed=seed)
    m = min(n, steps)
    q = found.basis
    assert q.shape == (m, n)
    torch.testing.assert_close(q @ q.T, torch.eye(m, dtype=F64), rtol=0, atol=1e-12)
    t = torch.diag(found.alpha) + torch.diag(found.beta[:-1], 1) + torch.diag(found.beta[:-1], -1)
    torch.testing.assert_close(q @ a @ q.T, t, rtol=0, atol=1e-11)
    values, _, residuals = found.ritz()
    # Every Ritz value has an eigenvalue within its residual.
    distance = (values[:, None] - torch.linalg.eigvalsh(a)).abs().amin(1)
    assert (distance <= residuals + 1e-11).all()


def test_residuals_are_those_of_the_ritz_vectors():
    a = symmetric(torch.logspace(0, 3, 40, dtype=F64))
    found = lanczos(lambda v: v @ a, start=torch.ones(40, dtype=F64), steps=10)
    values, s, residuals = found.ritz()
    vectors = s.mT @ found.basis
    true = (vectors @ a - values[:, None] * vectors).norm(dim=1)
    torch.testing.assert_close(residuals, true, rtol=1e-9, atol=1e-10)


def test_without_reorthogonalization_ghosts_appear():
    a = torch.diag(torch.cat([torch.linspace(0, 1, 199, dtype=F64), torch.tensor([50.0])]))
    copies = {}
    for keep in (True, False):
        found = lanczos(
            lambda v: v @ a, start=torch.ones(200, dtype=F64), steps=60, reorthogonalize=keep
        )
        copies[keep] = int((found.ritz()[0] > 49).sum())
    assert copies[True] == 1 and copies[False] > 1


def test_invariant_subspaces_are_left_for_their_complement():
    a = symmetric([3.0, 3.0, 3.0, 1.0, 1.0])  # The Krylov space of any vector has two dimensions.
    found = lanczos(lambda v: v @ a, start=torch.ones(5, dtype=F64), steps=5)
    torch.testing.assert_close(found.ritz()[0], torch.linalg.eigvalsh(a), rtol=0, atol=1e-10)
    zero = lanczos(lambda v: 0 * v, start=torch.ones(2, 3, dtype=F64), steps=3)
    assert (zero.ritz()[0] == 0).all() and zero.basis.isfinite().all()


def test_a_batch_of_operators_is_each_alone():
    a = torch.stack([symmetric(torch.linspace(0, k, 30, dtype=F64), k) for k in (1, 2, 3)])

    def together(v):
        return (a @ v.unsqueeze(-1)).squeeze(-1)

    start = torch.ones(3, 30, dtype=F64)
    found = lanczos(together, start=start, steps=12)
    for k in range(3):
        alone = lanczos(lambda v, k=k: a[k] @ v, start=start[k], steps=12)
        torch.testing.assert_close(found.ritz()[0][k], alone.ritz()[0], rtol=1e-9, atol=1e-12)


# --- eigenvalues --------------------------------------------------------------------------------


@pytest.mark.parametrize("tol", [1e-2, 1e-6, 1e-10])
@pytest.mark.parametrize("k", [1, 5])
def test_top_eigenvalues_of_a_known_spectrum(k, tol):
    spectrum = np.concatenate([np.linspace(-8, 1, 195), [2.0, 3.0, 5.0, 6.0, 9.0]])
    a = symmetric(spectrum)
    found = top_eigenvalues(lambda v: v @ a, k, tol, start=torch.ones(200, dtype=F64))
    assert found.converged and found.steps < 200
    expected = torch.as_tensor(np.sort(spectrum)[::-1][:k].copy())
    assert (found.values - expected).abs().max() <= 9 * tol
    residuals = (found.vectors @ a - found.values[:, None] * found.vectors).norm(dim=1)
    torch.testing.assert_close(found.residuals, residuals, rtol=1e-3, atol=1e-11)
    assert residuals.max() <= 9 * tol


def test_all_eigenvalues_of_a_small_network():
    f = net()
    x = f.network.init(0, dtype=F64)
    found = top_eigenvalues(hvp(f, x), k=f.network.dim, tol=1e-12)
    expected = np.linalg.eigvalsh(exact(f, x).numpy())[::-1]
    np.testing.assert_allclose(found.values, expected, rtol=0, atol=1e-12)
    gram = found.vectors @ found.vectors.T
    torch.testing.assert_close(gram, torch.eye(f.network.dim, dtype=F64), rtol=0, atol=1e-10)


def test_the_largest_eigenvalue_is_the_most_positive_one():
    a = symmetric([-10.0, -3.0, 0.5, 1.0])
    assert top_eigenvalues(lambda v: v @ a, start=torch.ones(4, dtype=F64)).values == pytest.approx(
        1
    )


def test_giving_up_is_said():
    a = symmetric(torch.linspace(0, 1, 300, dtype=F64))
    found = top_eigenvalues(
        lambda v: v @ a, 3, 1e-12, start=torch.ones(300, dtype=F64), max_steps=10
    )
    assert not found.converged and found.steps == 10 and found.residuals.max() > 1e-12


@pytest.mark.parametrize("hidden", [False, True])
def test_sharpness_of_a_batch(device, dtype, hidden):
    f = net("tanh", "mse_half")
    data = Dataset(f.inputs.to(device, dtype), f.dataset.labels.to(device), classes=3)
    f = Empirical(f.network, data, mse_half)
    x = f.network.init([0, 1, 2], dtype=dtype, device=device)
    got = sharpness((lambda z: f(z)) if hidden else f, x, tol=1e-4)
    assert got.dtype == dtype and got.device.type == device.type
    expected = [np.linalg.eigvalsh(exact(f, row).double().cpu().numpy())[-1] for row in x]
    np.testing.assert_allclose(got.cpu(), expected, rtol=1e-5)


def test_a_network_that_is_not_finite_does_not_disturb_the_others():
    f = net("relu")
    x = f.network.init([0, 1, 2], dtype=F64)
    expected = sharpness(f, x, tol=1e-8)
    x[1] *= 1e200
    got = sharpness(f, x, tol=1e-8)
    assert got[1].isnan()
    torch.testing.assert_close(got[[0, 2]], expected[[0, 2]], rtol=1e-8, atol=0)
    probe = SharpnessProbe(tol=1e-8)
    probe(f, x)
    torch.testing.assert_close(probe(f, x)[[0, 2]], expected[[0, 2]], rtol=1e-7, atol=0)


def test_probe_follows_training_with_fewer_products():
    data = digits(60, 0, standardize=True, dtype=F64)
    f = Empirical(MLP((64, 8, 10)), data, mse_half)
    probe = SharpnessProbe(tol=1e-3)
    done = descent.run(
        f, descent.SGD(lr=0.1), f.network.init([0, 1], dtype=F64), 40, keep=2, probes={"s": probe}
    )
    cold = [top_eigenvalues(hvp(f, x), tol=1e-3) for x in done.x]
    expected = torch.stack([found.values[:, 0] for found in cold])
    torch.testing.assert_close(done.probes["s"], expected, rtol=1e-4, atol=0)
    assert probe.products < 0.8 * sum(found.steps for found in cold)


def test_probe_finds_a_new_top_direction():
    """The eigenvalues cross: the last eigenvector is an eigenvector still, but not the top one."""
    probe = SharpnessProbe()

    def f(x, top):
        return 0.5 * (torch.tensor([1.0, top, 0.1, 0.2], dtype=F64) * x**2).sum(-1)

    x = torch.ones(4, dtype=F64)
    assert probe(lambda x: f(x, 0.5), x).item() == pytest.approx(1.0, rel=1e-4)
    assert probe(lambda x: f(x, 1.5), x).item() == pytest.approx(1.5, rel=1e-4)


# --- full Hessian -------------------------------------------------------------------------------


@settings(max_examples=25, deadline=None)
@given(
    sizes=st.lists(st.integers(1, 5), min_size=2, max_size=5),
    activation=st.sampled_from(sorted(ACTIVATIONS)),
    loss=st.sampled_from(sorted(LOSSES)),
    n=st.integers(1, 6),
)
def test_hand_written_hessian_of_any_network(sizes, activation, loss, n):
    sizes[-1] += 1
    f = net(activation, loss, tuple(sizes), n)
    x = f.network.init(3, dtype=F64)
    torch.testing.assert_close(hessian(f, x), exact(f, x), rtol=1e-9, atol=1e-12)


def test_hessian_in_blocks_and_batches(monkeypatch):
    monkeypatch.setattr("descent.networks.full_hessian.BLOCK_BYTES", 3000)
    # The package holds a function of the same name.
    monkeypatch.setattr(sys.modules["descent.curvature.hessian"], "DIRECTIONS", 7)
    f = net(n=40)
    x = f.network.init(0, (2, 2), dtype=F64)
    expected = torch.stack([torch.stack([exact(f, x[i, j]) for j in (0, 1)]) for i in (0, 1)])
    torch.testing.assert_close(hessian(f, x), expected, rtol=1e-10, atol=1e-13)
    torch.testing.assert_close(hessian(lambda z: f(z), x), expected, rtol=1e-10, atol=1e-13)
    own = f.on(torch.randint(40, (2, 5), generator=torch.Generator().manual_seed(1)))
    alone = f.on(torch.randint(40, (2, 5), generator=torch.Generator().manual_seed(1))[1])
    torch.testing.assert_close(hessian(own, x)[0, 1], exact(alone, x[0, 1]), rtol=1e-10, atol=1e-13)


def test_hessian_of_any_module_is_symmetric_and_right():
    model, data = small(), digits(6, 0, dtype=F64)
    f = FunctionalObjective(
        nn.Sequential(model.conv, nn.Flatten(), nn.Linear(108, 2)).double(),
        Dataset(data.inputs, data.labels % 2),
    )
    f = FunctionalObjective(nn.Sequential(nn.Unflatten(1, (1, 8, 8)), *f.module), f.dataset)
    x = f.start()
    h = hessian(f, x)
    assert torch.equal(h, h.T)
    torch.testing.assert_close(h, exact(f, x), rtol=1e-9, atol=1e-12)


# --- spectral density ---------------------------------------------------------------------------


def test_density_of_a_small_network_against_its_exact_spectrum():
    f = net(n=30)
    x = f.network.init(0, dtype=F64)
    eigenvalues = torch.linalg.eigvalsh(exact(f, x))
    dim = f.network.dim
    found = spectral_density(hvp(f, x), probes=64, steps=dim)
    assert found.nodes.shape == (64, dim)
    torch.testing.assert_close(found.weights.sum(1), torch.ones(64, dtype=F64))
    # With m = P the Ritz values are the eigenvalues.
    torch.testing.assert_close(found.nodes[0], eigenvalues, rtol=0, atol=1e-10)
    middle = (eigenvalues[1:] + eigenvalues[:-1]) / 2
    fraction = torch.arange(1, dim, dtype=F64) / dim
    error = (2 * fraction * (1 - fraction) / ((dim + 2) * 64)).sqrt()
    assert ((found.cumulative(middle) - fraction).abs() < 4 * error).all()


def test_few_steps_keep_the_moments_of_each_probe():
    f = net(n=30)
    x = f.network.init(0, dtype=F64)
    h = exact(f, x)
    probes, steps = 3, 6
    found = spectral_density(hvp(f, x), probes=probes, steps=steps, seed=5)
    z = torch.randn(probes, len(x), generator=torch.Generator().manual_seed(5), dtype=F64)
    z = z / z.norm(dim=1, keepdim=True)
    for power in range(1, 2 * steps):
        quadratic = (z @ torch.linalg.matrix_power(h, power) * z).sum(1)
        torch.testing.assert_close(found.moment(power), quadratic, rtol=1e-9, atol=1e-13)


def test_smoothed_density_has_unit_mass_and_the_right_mean():
    f = net(n=30)
    x = f.network.init(0, dtype=F64)
    eigenvalues = torch.linalg.eigvalsh(exact(f, x))
    found = spectral_density(hvp(lambda z: f(z), x), probes=400, steps=20)
    t = torch.linspace(-2, 3, 2001, dtype=F64)
    rho = found.density(t, sigma=0.05)
    assert torch.trapezoid(rho, t).item() == pytest.approx(1, abs=1e-9)
    spread = (2 * eigenvalues.var(correction=0) / ((len(x) + 2) * 400)).sqrt()
    assert abs(torch.trapezoid(t * rho, t) - eigenvalues.mean()) < 4 * spread
    assert abs(found.moment().mean() - eigenvalues.mean()) < 4 * spread


# --- errors -------------------------------------------------------------------------------------

A = torch.eye(3, dtype=F64)
ONES = torch.ones(3, dtype=F64)


def product(v):
    return v @ A


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: hvp(lambda x: x, torch.ones(2)), r"to \(2,\); it must return \(\)"),
        (lambda: hvp(lambda x: x.sum().detach(), torch.ones(2)), "does not depend on x"),
        (lambda: hvp(lambda x: (x**2).sum(-1), torch.ones(2))(torch.ones(3)), "v has shape"),
        (lambda: hvp(net(), net().network.init(0, dtype=F64))(torch.ones(3)), "v has shape"),
        (lambda: hvp(lambda x: x.sum(), torch.tensor([torch.nan])), "x has 1 entries that are NaN"),
        (lambda: lanczos(product), "dim is None"),
        (lambda: lanczos(product, start=ONES, steps=0), "steps is 0"),
        (lambda: lanczos(product, start=0 * ONES), "norm 0"),
        (lambda: lanczos(hvp(lambda x: x.sum(-1), ONES), dim=4), "dim is 4"),
        (lambda: top_eigenvalues(product, 4, start=ONES), "k is 4; the operator has only 3"),
        (lambda: top_eigenvalues(product, 0, start=ONES), "k is 0"),
        (lambda: top_eigenvalues(product, 1, -1.0, start=ONES), "tol is -1"),
        (lambda: spectral_density(hvp(lambda x: x.sum(-1), A)), "operator acts on"),
        (lambda: spectral_density(hvp(lambda x: (x**2).sum(-1), ONES), probes=0), "probes is 0"),
        (
            lambda: spectral_density(hvp(lambda x: (x**2).sum(-1), ONES)).density(ONES, 0.0),
            "sigma is 0",
        ),
        (
            lambda: spectral_density(hvp(lambda x: (x.sqrt() ** 3).sum(-1), 0 * ONES)),
            "not finite",
        ),
        (lambda: model_operator(nn.ReLU(), nn.functional.mse_loss, A, A), "no parameters"),
        (
            lambda: model_operator(nn.Linear(3, 1).double(), lambda z, t: z, A, A),
            "one finite number",
        ),
    ],
)
def test_clear_errors(make, message):
    with pytest.raises(ValueError, match=message):
        make()
