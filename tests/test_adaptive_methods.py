"""The chapter's formulas, each against `torch.optim`, a search, or the full problem."""

import itertools
import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from descent import adaptive_methods as adaptive
from descent import gradient

F64 = torch.float64


def normal(*shape, seed=0):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=F64)


def steps_on_constant_gradient(make, g, count):
    """Lengths of the first steps of a torch optimizer that always sees the gradient g."""
    x = torch.zeros(1, dtype=F64, requires_grad=True)
    rule, lengths = make([x]), []
    for _ in range(count):
        before = x.detach().clone()
        x.grad = torch.full_like(x, g)
        rule.step()
        lengths.append(float((x.detach() - before).abs()))
    return torch.tensor(lengths, dtype=F64)


# --- constant gradient ---------------------------------------------------------------------------

K = torch.arange(1, 201, dtype=F64)


@pytest.mark.parametrize("g", [3.0, -0.02])
def test_adagrad_steps(g):
    steps = steps_on_constant_gradient(lambda p: torch.optim.Adagrad(p, lr=0.01, eps=1e-14), g, 200)
    torch.testing.assert_close(steps, 0.01 * adaptive.adagrad_step(K))


@pytest.mark.parametrize("rho", [0.0, 0.9, 0.999])
def test_rmsprop_steps(rho):
    make = lambda p: torch.optim.RMSprop(p, lr=0.01, alpha=rho, eps=1e-14)  # noqa: E731
    torch.testing.assert_close(
        steps_on_constant_gradient(make, -0.3, 200), 0.01 * adaptive.rmsprop_step(K, rho)
    )


@pytest.mark.parametrize("betas", [(0.9, 0.999), (0.0, 0.9), (0.99, 0.5)])
def test_adam_steps(betas):
    make = lambda p: torch.optim.Adam(p, lr=0.01, betas=betas, eps=1e-14)  # noqa: E731
    steps = steps_on_constant_gradient(make, 0.3, 200)
    torch.testing.assert_close(steps, 0.01 * adaptive.adam_step(K, *betas))
    m, v, plain = 0.0, 0.0, []
    for _ in K:
        m, v = betas[0] * m + (1 - betas[0]) * 0.3, betas[1] * v + (1 - betas[1]) * 0.3**2
        plain.append(m / math.sqrt(v))
    found = adaptive.adam_step(K, *betas, corrected=False)
    torch.testing.assert_close(found, torch.tensor(plain, dtype=F64))


def test_adagrad_travels_without_end():
    for steps in (10, 1000, 100_000):
        rest = adaptive.adagrad_travel(steps) - 2 * math.sqrt(steps) + 1.4603545088095868
        assert 0 < rest < 0.51 / math.sqrt(steps)


@settings(max_examples=60, deadline=None)
@given(st.floats(1e-9, 1e3), st.floats(1e-10, 1e-2), st.booleans())
def test_floor_bounds_the_step(g, eps, inside):
    step = adaptive.floored_step(g, eps, inside=inside)
    assert 0 < step <= 1
    assert step == adaptive.floored_step(-g, eps, inside=inside)
    at_knee = adaptive.floored_step(adaptive.knee(eps, inside=inside), eps, inside=inside)
    assert at_knee == pytest.approx(0.5)


def test_floor_is_what_libraries_compute():
    for g in (1e-9, 1e-4, 1.0):
        outside = steps_on_constant_gradient(
            lambda p: torch.optim.RMSprop(p, lr=1.0, alpha=0.0, eps=1e-4), g, 1
        )
        assert float(outside) == pytest.approx(adaptive.floored_step(g, 1e-4, inside=False))
        inside = steps_on_constant_gradient(
            lambda p: torch.optim.Adadelta(p, lr=1e2, rho=0.0, eps=1e-4), g, 1
        )
        assert float(inside) == pytest.approx(adaptive.floored_step(g, 1e-4, inside=True))


def test_first_step_of_adadelta():
    for g, rho, eps in ((2.0, 0.9, 1e-4), (-3.0, 0.95, 1e-6), (1e-5, 0.5, 1e-6)):
        step = steps_on_constant_gradient(
            lambda p, rho=rho, eps=eps: torch.optim.Adadelta(p, lr=1.0, rho=rho, eps=eps), g, 1
        )
        found = adaptive.adadelta_first_step(g, rho, eps)
        assert abs(found) == pytest.approx(float(step))
        assert math.copysign(1, found) == -math.copysign(1, g)


# --- axes ----------------------------------------------------------------------------------------


@settings(max_examples=40, deadline=None)
@given(st.floats(1.0, 1e4), st.floats(0.0, 1.5707))
def test_equilibration_is_the_best_diagonal(kappa, angle):
    h = adaptive.turned_bowl(kappa, angle).hessian(torch.zeros(2, dtype=F64))
    best = float(adaptive.equilibrated_condition(kappa, angle))
    assert best == pytest.approx(float(adaptive.jacobi_condition(h)), rel=1e-6)
    ratios = torch.logspace(-5, 5, 2001, dtype=F64)
    d = torch.stack([ratios.sqrt(), ratios.rsqrt()], -1)
    spectrum = torch.linalg.eigvalsh(d[:, :, None].sqrt() * h * d[:, None, :].sqrt())
    searched = float((spectrum[:, 1] / spectrum[:, 0]).min())
    assert best <= searched * (1 + 1e-6)
    assert searched <= best * 1.05


def test_ends_of_the_turn():
    for kappa in (1.0, 30.0, 1000.0):
        assert float(adaptive.equilibrated_condition(kappa, 0.0)) == pytest.approx(1)
        turned = float(adaptive.equilibrated_condition(kappa, math.pi / 4))
        assert turned == pytest.approx(kappa)


def test_turned_bowl_keeps_its_spectrum():
    h = adaptive.turned_bowl(50.0, 0.3).hessian(torch.zeros(2, dtype=F64))
    torch.testing.assert_close(torch.linalg.eigvalsh(h), torch.tensor([1.0, 50.0], dtype=F64))


def test_effective_rate_is_the_step_over_the_gradient():
    g = torch.tensor([4.0, -0.5], dtype=F64)
    x = torch.zeros(2, dtype=F64, requires_grad=True)
    x.grad = g
    torch.optim.Adagrad([x], lr=0.1, eps=1e-3).step()
    torch.testing.assert_close(-x.detach() / g, adaptive.effective_rate(0.1, g**2, 1e-3))


# --- the cycle -----------------------------------------------------------------------------------


def settled(c, beta2, period, longest, steps=4000, lr=1e-6):
    """Move of one cycle over the learning rate, by the recursion itself."""
    x, v, peak, path = 0.0, 0.0, 0.0, []
    for t in range(steps * period):
        g = float(adaptive.cycle_gradient(t, c, period))
        v = beta2 * v + (1 - beta2) * g * g
        peak = max(peak, v)
        x -= lr * g / math.sqrt(peak if longest else v)
        path.append(x)
    return (path[-1] - path[-1 - period]) / lr


@pytest.mark.parametrize(("c", "beta2", "period"), [(3.0, 0.1, 3), (6.0, 0.8, 3), (12.0, 0.95, 11)])
@pytest.mark.parametrize("longest", [False, True])
def test_drift_is_what_the_recursion_does(c, beta2, period, longest):
    drift = float(adaptive.cycle_drift(c, beta2, period, longest=longest))
    assert settled(c, beta2, period, longest, steps=600) == pytest.approx(drift, rel=1e-6)


@settings(max_examples=60, deadline=None)
@given(st.floats(2.01, 50), st.floats(0, 0.999))
def test_amsgrad_never_drifts_the_wrong_way(c, beta2):
    assert float(adaptive.cycle_drift(c, beta2, longest=True)) < 0


def test_long_memory_cures_adam_and_the_papers_memory_does_not():
    for c in (2.5, 3.0, 10.0):
        assert float(adaptive.cycle_drift(c, 1 / (1 + c**2))) > 0
        assert float(adaptive.cycle_drift(c, 0.9999)) < 0


# --- rare features -------------------------------------------------------------------------------

FULL_RULES = {
    "sgd": (lambda p: torch.optim.SGD(p, lr=0.1), 300),
    "adam": (lambda p: torch.optim.Adam(p, lr=0.01), 300),
    "adagrad": (lambda p: torch.optim.Adagrad(p, lr=0.03), 300),
}


@pytest.mark.parametrize("rule", FULL_RULES)
def test_four_numbers_are_the_whole_problem(rule):
    problem = adaptive.RareFeatures(0.75, 20)
    inputs, labels = problem.data()
    make, steps = FULL_RULES[rule]
    full = torch.zeros(inputs.shape[1], dtype=F64, requires_grad=True)
    small = torch.zeros(4, dtype=F64, requires_grad=True)
    both = make([full]), make([small])
    for _ in range(steps):
        full.grad = inputs.T @ (inputs @ full.detach() - labels) / len(labels)
        small.grad = problem.grad(small.detach())
        for optimizer in both:
            optimizer.step()
    w, x = full.detach(), small.detach()
    own = w[3:].reshape(20, 5)
    torch.testing.assert_close(w[0], x[0])
    torch.testing.assert_close(w[1:3], x[[1, 1]])
    torch.testing.assert_close(own[:15, 0], x[2].expand(15))
    torch.testing.assert_close(own[15:].flatten(), x[3].expand(25))
    assert not own[:15, 1:].any(), "features that no example has keep their weight"
    loss = 0.5 * ((inputs @ w - labels) ** 2).mean()
    torch.testing.assert_close(problem(x), loss)


def test_gradient_is_that_of_the_loss_over_the_size_of_each_group():
    problem = adaptive.RareFeatures(0.7, 10)
    x = normal(5, 4)
    whole = gradient(lambda z: problem(z), x)
    sizes = torch.tensor([1.0, 2.0, 7.0, 15.0], dtype=F64)
    torch.testing.assert_close(problem.grad(x), whole / sizes)


def test_test_error_counts_unseen_examples():
    problem = adaptive.RareFeatures(0.75, 200)
    x = torch.tensor([[1.0, 0, 0, 0], [-1.0, 0, 0, 0], [1, 1, 0, 0], [0, 0, 1, 1]], dtype=F64)
    assert problem.test_error(x).tolist() == [0.0, 1.0, 0.25, 1.0]


def test_signs_of_the_correlations_fit_the_data():
    problem = adaptive.RareFeatures(0.75, 40)
    inputs, labels = problem.data()
    signs = torch.sign(inputs.T @ labels)
    scores = inputs @ signs * labels
    # Equal weights give every example a margin: 4 to the positive ones, 4 to the negative ones.
    assert set(scores.tolist()) == {4.0}
    assert float(problem.test_error(torch.tensor([1.0, 1, 1, -1], dtype=F64))) == 0.25


@pytest.mark.parametrize("given", [(0.0, 5), (1.0, 5), (0.5, 1), (0.5, 2.5)])
def test_rare_features_need_examples_of_both_kinds(given):
    with pytest.raises((TypeError, ValueError)):
        adaptive.RareFeatures(*given)


# --- decay ---------------------------------------------------------------------------------------


def decayed(lr, decay, sigma, steps, decoupled, runs=4000):
    """Mean and spread of Adam's weight over runs whose gradient is noise of size sigma."""
    x = torch.ones(runs, dtype=F64, requires_grad=True)
    make = torch.optim.AdamW if decoupled else torch.optim.Adam
    rule = make([x], lr=lr, weight_decay=decay, eps=1e-12)
    rng = torch.Generator().manual_seed(1)
    for _ in range(steps):
        x.grad = sigma * torch.randn(runs, generator=rng, dtype=F64)
        rule.step()
    return float(x.detach().mean()), float(x.detach().std())


@pytest.mark.parametrize("sigma", [10.0, 2.0])
def test_l2_is_divided_by_the_noise(sigma):
    mean, _ = decayed(0.01, 0.5, sigma, 1000, decoupled=False)
    assert mean == pytest.approx(adaptive.kept_by_l2(1000, 0.01, 0.5, sigma), rel=0.1)


@pytest.mark.parametrize("sigma", [10.0, 0.1])
def test_decoupled_decay_is_not(sigma):
    mean, _ = decayed(0.01, 0.1, sigma, 1000, decoupled=True)
    assert mean == pytest.approx(adaptive.kept_by_decay(1000, 0.01, 0.1), rel=0.05)


def test_spread_in_equilibrium():
    _, spread = decayed(0.01, 1.0, 5.0, 600, decoupled=True, runs=1000)
    assert spread == pytest.approx(float(adaptive.noise_spread(0.01, 1.0)), rel=0.1)
    _, spread = decayed(0.01, 1.0, 2.0, 1000, decoupled=False, runs=1000)
    assert spread == pytest.approx(float(adaptive.noise_spread(0.01, 0.5)), rel=0.1)


# --- layers --------------------------------------------------------------------------------------


def test_kfac_is_the_natural_gradient_of_a_linear_gaussian_layer():
    mix_in, mix_out, g = normal(4, 4, seed=1), normal(3, 3, seed=2), normal(3, 4, seed=3)
    a, s = mix_in @ mix_in.T + torch.eye(4), mix_out @ mix_out.T + torch.eye(3)
    precision = torch.linalg.inv(
        s
    ).contiguous()  # errors S^-1 e with e of covariance S have covariance S^-1
    fisher = torch.kron(precision, a)  # rows of W one after the other
    natural = -torch.linalg.solve(fisher, g.flatten()).reshape(3, 4)
    torch.testing.assert_close(adaptive.kfac_step(g, a, precision), natural)


def test_kfac_fisher_by_sampling():
    rng = np.random.default_rng(0)
    a = np.array([[2.0, 0.5], [0.5, 1.0]])
    s = np.array([[1.0, 0.3], [0.3, 0.5]])
    x = rng.multivariate_normal([0, 0], a, size=200_000)
    errors = rng.multivariate_normal([0, 0], s, size=200_000) @ np.linalg.inv(s)
    scores = np.einsum("ni,nj->nij", errors, x).reshape(len(x), -1)
    fisher = scores.T @ scores / len(x)
    np.testing.assert_allclose(fisher, np.kron(np.linalg.inv(s), a), atol=0.1)


def test_one_kfac_step_solves_linear_regression():
    inputs, truth = normal(200, 5), normal(3, 5, seed=1)
    targets = inputs @ truth.T
    w = normal(3, 5, seed=2)
    g = (inputs @ w.T - targets).T @ inputs / 200
    step = adaptive.kfac_step(g, inputs.T @ inputs / 200, torch.eye(3, dtype=F64))
    torch.testing.assert_close(w + step, truth)


def test_muon_polynomial_is_the_matrix_iteration():
    x = normal(6, 9)
    x = x / x.norm()
    before = torch.linalg.svdvals(x)
    a, b, c = adaptive.layers.QUINTIC
    for _ in range(5):
        gram = x @ x.T
        x = a * x + b * gram @ x + c * gram @ gram @ x
    after = adaptive.muon_polynomial(before)
    torch.testing.assert_close(torch.linalg.svdvals(x), after.sort(descending=True).values)
    with pytest.raises(ValueError, match="iterations"):
        adaptive.muon_polynomial(before, 0)


def test_transferred_rates():
    rates = [adaptive.transferred_rate(0.01, 1024, 64, k) for k in ("input", "hidden", "output")]
    assert rates == [0.01, 0.01 / 16, 0.01 / 16]
    with pytest.raises(ValueError, match="layer is 'bias'"):
        adaptive.transferred_rate(0.01, 64, 64, "bias")


# --- distance ------------------------------------------------------------------------------------


@pytest.mark.parametrize("far", [0.1, 3.0, 1000.0])
@pytest.mark.parametrize("power", [1, 2])
def test_distance_estimate_is_a_lower_bound_that_comes_near(far, power):
    center = far * torch.nn.functional.normalize(normal(5), dim=0)
    slopes = torch.logspace(0, -1, 5, dtype=F64)

    def subgradient(x):
        offset = x - center
        return slopes * (torch.sign(offset) if power == 1 else offset)

    found = adaptive.distance_estimates(subgradient, torch.zeros(5, dtype=F64), 3000, 1e-4)
    assert (found.distance <= far * (1 + 1e-12)).all()
    assert (found.distance.diff() >= 0).all()
    assert found.distance[-1] > far / 4
    assert found.x.shape == (3001, 5)


def test_distance_estimates_refuse_what_they_cannot_use():
    with pytest.raises(ValueError, match="x0 is a minimum"):
        adaptive.distance_estimates(lambda x: 2 * x, torch.zeros(2, dtype=F64), 3)
    with pytest.raises(ValueError, match="first"):
        adaptive.distance_estimates(lambda x: 2 * x, torch.ones(2, dtype=F64), 3, 0.0)


# --- budget --------------------------------------------------------------------------------------


def test_expected_choice_is_the_mean_over_searches():
    tuned, reported = normal(7, 2), normal(7, 2, seed=1)
    for trials in (1, 3, 7):
        drawn = list(itertools.combinations(range(7), trials))
        by_hand = [
            np.mean([float(reported[min(d, key=lambda i: tuned[i, k]), k]) for d in drawn])
            for k in range(2)
        ]
        found = adaptive.expected_choice(tuned, reported, trials)
        torch.testing.assert_close(found, torch.tensor(by_hand, dtype=F64))


def test_a_diverged_candidate_is_chosen_last():
    tuned = torch.tensor([1.0, math.nan, 2.0])
    reported = torch.tensor([1.0, math.inf, 3.0])
    assert float(adaptive.expected_choice(tuned, reported, 3)) == 1.0
    assert float(adaptive.expected_choice(tuned, reported, 2)) == pytest.approx(5 / 3)
    assert math.isinf(float(adaptive.expected_choice(tuned, reported, 1)))
    with pytest.raises(ValueError, match="only 3 candidates"):
        adaptive.expected_choice(tuned, reported, 4)
