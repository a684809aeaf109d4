"""Cost functions: every closed form against sampling, a solver or finite differences."""

import math

import numpy as np
import pytest
import torch
from scipy.optimize import minimize, minimize_scalar

from descent import SGD, gradient, run
from descent import cost_functions as cost

F64 = torch.float64


def t64(value):
    return torch.tensor(value, dtype=F64)


# --- risks ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(("scale", "flip"), [(3.0, 0.0), (1.0, 0.2)])
def test_bayes_risk_and_error_against_a_sample(scale, flip):
    teacher = cost.LogisticTeacher(7, scale, flip)
    p = teacher.posterior(teacher.inputs(200_000, seed=1))
    entropy = -(p * p.clamp_min(1e-30).log()).sum(-1)
    assert teacher.bayes_risk == pytest.approx(float(entropy.mean()), abs=4e-3)
    assert teacher.bayes_error == pytest.approx(float(p.amin(-1).mean()), abs=3e-3)


def test_stratified_inputs_have_normal_means_and_nothing_else():
    teacher = cost.LogisticTeacher(5, flip=0.1)
    u = teacher.stratified(4000, seed=0)
    p = teacher.posterior(u)
    assert float(-(p * p.log()).sum(-1).mean()) == pytest.approx(teacher.bayes_risk, abs=1e-4)
    assert torch.allclose(torch.cov(u.T), torch.eye(5), atol=0.08)


def test_labels_follow_the_stated_law():
    teacher = cost.LogisticTeacher(4, flip=0.1)
    u, labels = teacher.draw(100_000, seed=3)
    high = u.sum(-1) > 1
    want = teacher.posterior(u)[high, 1].mean()
    assert float(labels[high, 1].mean()) == pytest.approx(float(want), abs=5e-3)
    assert torch.equal(labels.sum(-1), torch.ones(100_000))


def test_noise_changes_labels_only():
    clean, noisy = (cost.LogisticTeacher(4, flip=f).draw(300, seed=2) for f in (0.0, 0.3))
    assert torch.equal(clean[0], noisy[0])
    assert 0 < int((clean[1] != noisy[1]).any(-1).sum()) < 150


def test_flipping_half_of_the_labels_is_refused():
    with pytest.raises(ValueError, match=r"flip is 0\.5"):
        cost.LogisticTeacher(3, flip=0.5)


def test_hoeffding_holds_for_many_candidates():
    n, m = 200, 50
    width = cost.hoeffding_width(n, m)
    errors = np.random.default_rng(0).binomial(n, 0.3, size=(4000, m)) / n
    assert (np.abs(errors - 0.3).max(1) > width).mean() < 0.05
    assert width / cost.hoeffding_width(4 * n, m) == pytest.approx(2)


# --- least squares -------------------------------------------------------------------------------


WEIGHTS = torch.linspace(0.6, 0.1, 30, dtype=F64)


def fitted(dim, n, variance, draws=2000):
    """Mean training and true risk of minimum-norm least squares, by simulation."""
    g = torch.Generator().manual_seed(0)
    w = WEIGHTS
    u = torch.randn(draws, n, len(w), generator=g, dtype=F64)
    y = u @ w + math.sqrt(variance) * torch.randn(draws, n, generator=g, dtype=F64)
    found = torch.linalg.pinv(u[..., :dim]) @ y[..., None]
    residual = y - (u[..., :dim] @ found)[..., 0]
    missed = (found[..., 0] - w[:dim]).square().sum(-1) + w[dim:].square().sum()
    return float(residual.square().mean()), float(missed.mean()) + variance


@pytest.mark.parametrize(("dim", "n"), [(4, 12), (9, 20), (25, 10), (30, 12)])
def test_prefix_risks_against_simulation(dim, n):
    train, population = fitted(dim, n, variance=0.5)
    seen, rest = (part.square().sum() for part in (WEIGHTS[:dim], WEIGHTS[dim:]))
    found = cost.prefix_risks(t64(float(dim)), t64(float(n)), seen, rest + 0.5)
    assert train == pytest.approx(float(found["train"]), rel=0.03, abs=1e-9)
    assert population == pytest.approx(float(found["population"]), rel=0.05)


def test_all_features_is_ordinary_least_squares():
    exact = cost.least_squares_risks(t64(5.0), t64(30.0), t64(2.0))
    found = cost.prefix_risks(t64(5.0), t64(30.0), t64(9.0), t64(2.0))
    assert {k: float(v) for k, v in found.items()} == pytest.approx(
        {k: float(v) for k, v in exact.items()}
    )


@pytest.mark.parametrize("dim", [9.0, 10.0, 11.0])
def test_at_the_threshold_the_risk_is_infinite(dim):
    found = cost.prefix_risks(t64(dim), t64(10.0), t64(1.0), t64(0.1))
    assert math.isinf(float(found["population"]))


# --- surrogates ----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", cost.SLOPES)
@pytest.mark.parametrize("p", [0.1, 0.45, 0.8])
def test_best_scores_against_a_solver(name, p):
    loss = cost.MARGIN_LOSSES[name]

    def risk(z):
        return float(cost.conditional_risk(loss, t64(z), p))

    found = minimize_scalar(risk, bounds=(-5, 5), method="bounded", options={"xatol": 1e-10})
    best = float(cost.best_score(name, t64(p)))
    assert risk(best) <= found.fun + 1e-9
    assert best == pytest.approx(found.x, abs=1e-4)
    assert math.copysign(1, best) == math.copysign(1, 2 * p - 1)


@pytest.mark.parametrize("name", cost.SLOPES)
def test_slopes_at_zero_by_finite_differences(name):
    loss = cost.MARGIN_LOSSES[name]
    slope = (loss(t64(1e-6)) - loss(t64(-1e-6))) / 2e-6
    assert float(slope) == pytest.approx(cost.SLOPES[name], abs=1e-5)


def test_the_perceptron_loss_is_not_calibrated():
    z = torch.linspace(-3, 3, 601, dtype=F64)
    risk = cost.conditional_risk(cost.MARGIN_LOSSES["perceptron"], z, 0.7)
    assert float(z[risk.argmin()]) == pytest.approx(0, abs=1e-12)


def test_zero_one_has_no_slope():
    m = torch.tensor([-2.0, -0.1, 0.1, 3.0], dtype=F64)
    loss = cost.MARGIN_LOSSES["zero_one"]
    assert torch.equal(loss(m + 1e-6), loss(m))


def test_an_unknown_surrogate_is_named():
    with pytest.raises(ValueError, match="cosine"):
        cost.best_score("cosine", t64(0.4))


# --- margins -------------------------------------------------------------------------------------


def separable(n=12, dim=3, seed=0):
    g = torch.Generator().manual_seed(seed)
    u = torch.randn(40 * n, dim, generator=g, dtype=F64)
    rows = u * torch.sign(u[:, :1])
    return rows[rows[:, 0] > 0.3][:n]


def test_gradient_of_the_margin_objective():
    f = cost.MarginObjective(separable())
    x = torch.randn(5, 3, generator=torch.Generator().manual_seed(1), dtype=F64)
    assert torch.allclose(f.grad(x), gradient(lambda x: f(x), x))


def test_hard_margin_against_a_general_solver():
    rows = separable()
    direction, margin = cost.hard_margin(rows)
    constraint = {"type": "ineq", "fun": lambda w: rows.numpy() @ w - 1}
    w = minimize(lambda w: w @ w, [1.0, 0, 0], jac=lambda w: 2 * w, constraints=constraint).x
    assert margin == pytest.approx(1 / np.linalg.norm(w), rel=1e-5)
    assert direction.numpy() == pytest.approx(w / np.linalg.norm(w), abs=1e-4)


def test_no_margin_without_separation():
    with pytest.raises(ValueError, match="cannot be separated"):
        cost.hard_margin(torch.tensor([[1.0, 0.0], [-1.0, 0.0]], dtype=F64))


def test_descent_turns_to_the_hard_margin():
    rows = separable()
    direction, margin = cost.hard_margin(rows)
    x = run(cost.MarginObjective(rows), SGD(1.0), torch.zeros(3, dtype=F64), 5000).x[[50, 500, -1]]
    reached = cost.normalized_margin(rows, x) / margin
    assert (reached.diff() > 0).all() and 0.9 < float(reached[-1]) < 1
    cosine = (x @ direction) / x.norm(dim=-1)
    assert (cosine.diff() > 0).all() and float(cosine[-1]) < 1


# --- stopping ------------------------------------------------------------------------------------


def slow_stop(values, patience):
    best = 0
    for t, value in enumerate(values):
        if value < values[best]:
            best = t
        if t - best >= patience:
            return t, best
    return len(values) - 1, best


@pytest.mark.parametrize("patience", [1, 2, 5, 40])
def test_stopping_against_a_loop(patience):
    g = torch.Generator().manual_seed(0)
    values = torch.randint(9, (30, 4, 5), generator=g).double()  # with ties
    halted = cost.stop(values, patience)
    for i in range(4):
        for j in range(5):
            at, best = slow_stop(values[:, i, j].tolist(), patience)
            assert (int(halted.at[i, j]), int(halted.best[i, j])) == (at, best)
            assert float(halted.of(values)[i, j]) == float(values[best, i, j])


def test_patience_is_a_count():
    with pytest.raises(ValueError, match="patience"):
        cost.stop(torch.ones(3), 0)


# --- shrinkage -----------------------------------------------------------------------------------


def test_filters_are_what_the_methods_compute():
    g = torch.Generator().manual_seed(0)
    data = torch.randn(30, 4, generator=g, dtype=F64)
    y = torch.randn(30, generator=g, dtype=F64)
    lam, q = torch.linalg.eigh(data.T @ data / 30)
    full = q.T @ torch.linalg.lstsq(data, y).solution
    w = torch.zeros(4, dtype=F64)
    for _ in range(40):
        w = w - 0.1 * data.T @ (data @ w - y) / 30
    assert torch.allclose(q.T @ w, cost.descent_filter(lam, t64(0.1), t64(40.0)) * full)
    ridge = torch.linalg.solve(data.T @ data / 30 + 0.3 * torch.eye(4), data.T @ y / 30)
    assert torch.allclose(q.T @ ridge, cost.ridge_filter(lam, t64(0.3)) * full)
    tiny = cost.descent_filter(lam, t64(1e-5), t64(4e5))
    assert torch.allclose(tiny, cost.flow_filter(lam, t64(4.0)), atol=1e-4)


def test_shrinkage_risk_against_sampling():
    lam, w, variance = t64([0.2, 1.0, 3.0]), t64([1.0, -0.5, 2.0]), t64(0.1)
    kept = cost.ridge_filter(lam, t64(0.4))
    noise = torch.randn(100_000, 3, generator=torch.Generator().manual_seed(0), dtype=F64)
    estimate = kept * (w + noise * (variance / lam).sqrt())
    sampled = (estimate - w).square().sum(-1).mean()
    exact = cost.shrinkage_risk(kept, lam, w.square(), variance)
    assert float(sampled) == pytest.approx(float(exact), rel=0.01)


def test_flow_is_never_much_worse_than_ridge():
    worst, where = cost.worst_flow_over_ridge()
    g = torch.Generator().manual_seed(0)
    ratios = []
    for _ in range(200):
        lam = torch.rand(6, generator=g, dtype=F64).mul(8).exp() / 100
        square = torch.rand(6, generator=g, dtype=F64)
        times = torch.logspace(-3, 3, 50, dtype=F64)[:, None]
        variance = torch.rand((), generator=g, dtype=F64)
        flow = cost.shrinkage_risk(cost.flow_filter(lam, times), lam, square, variance)
        ridge = cost.shrinkage_risk(cost.ridge_filter(lam, 1 / times), lam, square, variance)
        ratios.append(flow / ridge)
    assert float(torch.stack(ratios).max()) < worst
    pure = [cost.shrinkage_risk(f, t64([where]), t64([0.0]), t64(1.0))
            for f in (cost.flow_filter(t64([where]), t64(1.0)),
                      cost.ridge_filter(t64([where]), t64(1.0)))]  # fmt: skip
    assert float(pure[0] / pure[1]) == pytest.approx(worst), "noise alone reaches the bound"


# --- paths ---------------------------------------------------------------------------------------


def test_points_on_a_line():
    start, end = torch.zeros(2, 3), torch.ones(2, 3)
    line = cost.on_the_line(start, end, torch.tensor([-0.5, 0.0, 0.25, 1.0]))
    assert line.shape == (4, 2, 3)
    assert line[:, 1, 2].tolist() == [-0.5, 0.0, 0.25, 1.0]
    with pytest.raises(ValueError, match="must agree"):
        cost.on_the_line(start, end[0], torch.ones(1))


def test_largest_rise():
    values = torch.tensor([[3.0, 3.0], [1.0, 2.0], [2.5, 2.0], [0.0, 1.0]])
    assert cost.largest_rise(values).tolist() == [1.5, 0.0]
