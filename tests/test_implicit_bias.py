"""Where paths lead: closed forms against runs, and convex answers against other solvers."""

import math
from itertools import pairwise

import pytest
import torch
from scipy.integrate import solve_ivp

from descent import gradient
from descent import implicit_bias as ib
from descent.cost_functions import hard_margin
from descent.objectives import Completion

F64 = torch.float64


def drawn(*shape, seed=0):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=F64)


# --- linear regression ---------------------------------------------------------------------------


@pytest.mark.parametrize("scaled", [False, True])
def test_descent_ends_at_the_nearest_solution(scaled):
    rows, targets, start = drawn(3, 8), drawn(3, seed=1), drawn(8, seed=2)
    metric = torch.linspace(0.5, 2, 8, dtype=F64) if scaled else None
    weight = torch.ones(8, dtype=F64) if metric is None else metric
    x = start.clone()
    for _ in range(1500):
        x = x - 0.05 * weight * ((x @ rows.T - targets) @ rows)
    limit = ib.nearest(rows, targets, start, metric)
    torch.testing.assert_close(x, limit, rtol=0, atol=1e-10)
    torch.testing.assert_close(rows @ limit, targets)


def test_nearest_serves_many_starts_and_refuses_a_bad_metric():
    rows, targets, starts = drawn(3, 8), drawn(3, seed=1), drawn(5, 8, seed=2)
    together = ib.nearest(rows, targets, starts)
    for one, start in zip(together, starts, strict=True):
        torch.testing.assert_close(one, ib.nearest(rows, targets, start))
    closest = starts + (torch.linalg.pinv(rows) @ (targets - starts @ rows.T).T).T
    torch.testing.assert_close(together, closest)
    with pytest.raises(ValueError, match="metric"):
        ib.nearest(rows, targets, starts, -torch.ones(8, dtype=F64))


def test_flow_and_ridge_solve_their_equations():
    lam, w, x0 = torch.tensor([3.0, 0.5], dtype=F64), drawn(2), drawn(2, seed=1)
    x, dt = x0.clone(), 1e-3
    for _ in range(1000):
        x = x - dt * lam * (x - w)
    torch.testing.assert_close(ib.stopped_flow(lam, w, x0, torch.tensor(1.0)), x, rtol=0, atol=5e-3)
    ridge = ib.ridge_from(lam, w, x0, torch.tensor(0.7))
    torch.testing.assert_close(lam * (ridge - w) + 0.7 * (ridge - x0), torch.zeros(2, dtype=F64))


# --- squares -------------------------------------------------------------------------------------


def test_slope_of_the_squares():
    f = ib.Squares(drawn(3, 6), drawn(3, seed=1))
    x = drawn(4, 2, 6, seed=2).requires_grad_()
    [slope] = torch.autograd.grad(f(x).sum(), x)
    torch.testing.assert_close(f.grad(x.detach()), slope)


@pytest.mark.parametrize("alpha", [1.0, 0.1])
def test_the_flow_of_squares_ends_where_the_potential_is_least(alpha):
    rows, targets = drawn(2, 5), drawn(2, seed=1)
    f = ib.Squares(rows, targets)

    def velocity(_, flat):
        return -f.grad(torch.from_numpy(flat).reshape(2, 5)).flatten().numpy()

    time = 20 / alpha
    end = solve_ivp(velocity, (0, time), f.start(alpha).flatten().numpy(), rtol=1e-8, atol=1e-10)
    limit = ib.flow_limit(rows, targets, alpha)
    reached = f.weights(torch.from_numpy(end.y[:, -1].copy()).reshape(2, 5))
    torch.testing.assert_close(reached, limit, rtol=0, atol=1e-5)
    torch.testing.assert_close(limit @ rows.T, targets, rtol=0, atol=1e-9)
    # The potential is least among solutions: its slope is orthogonal to all of them.
    x = limit.clone().requires_grad_()
    [slope] = torch.autograd.grad(ib.potential(x, alpha), x)
    apart = torch.linalg.svd(rows).Vh[2:]
    assert (apart @ slope).abs().max() < 1e-7


def test_the_start_chooses_between_two_norms():
    rows, targets = drawn(4, 10), drawn(4, seed=1)
    large, small = ib.flow_limit(rows, targets, 30.0), ib.flow_limit(rows, targets, 1e-6)
    torch.testing.assert_close(
        large, ib.nearest(rows, targets, torch.zeros(10, dtype=F64)), rtol=0, atol=1e-4
    )
    assert (small.abs() > 1e-3).sum() <= 4, "a basic solution of the linear program"
    assert small.abs().sum() < large.abs().sum()
    with pytest.raises(ValueError, match="alpha"):
        ib.flow_limit(rows, targets, 0.0)


# --- margins -------------------------------------------------------------------------------------


@pytest.mark.parametrize("geometry", ["l1", "l2", "linf"])
def test_no_step_of_length_one_is_steeper(geometry):
    grad, order = drawn(6), {"l1": 1, "l2": 2, "linf": math.inf}[geometry]
    step = ib.steepest(grad, geometry)
    assert math.isclose(float(torch.linalg.vector_norm(step, order)), 1, rel_tol=1e-12)
    others = drawn(2000, 6, seed=1)
    others = others / torch.linalg.vector_norm(others, order, dim=-1, keepdim=True)
    assert (others @ grad).min() >= grad @ step


@pytest.mark.parametrize("geometry", ["l1", "linf"])
def test_the_widest_margin_cannot_be_improved(geometry):
    u = drawn(12, 4)
    rows = u * torch.sign(u[:, :1])
    best, width = ib.widest(rows, geometry)
    assert math.isclose(float(ib.margin(rows, best, geometry)), width, rel_tol=1e-9)
    assert (ib.margin(rows, drawn(5000, 4, seed=1), geometry) <= width).all()
    near = best + 0.01 * drawn(2000, 4, seed=2)
    assert (ib.margin(rows, near, geometry) <= width + 1e-12).all()


def test_the_euclidean_margin_agrees_with_the_other_room():
    u = drawn(12, 4)
    rows = u * torch.sign(u[:, :1])
    best, width = hard_margin(rows)
    assert math.isclose(float(ib.margin(rows, best, "l2")), width, rel_tol=1e-9)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: ib.steepest(torch.ones(2), "l3"), "geometry is 'l3'"),
        (lambda: ib.widest(torch.eye(2), "l2"), "geometry is 'l2'"),
        (lambda: ib.widest(torch.tensor([[1.0], [-1.0]]), "linf"), "cannot be separated"),
    ],
)
def test_margins_refuse_what_has_none(call, words):
    with pytest.raises(ValueError, match=words):
        call()


# --- products of matrices ------------------------------------------------------------------------


def balanced(depth, size=5, seed=0):
    """Balanced factors with a random product: equal powers between orthogonal matrices."""
    u, s, vh = torch.linalg.svd(drawn(size, size, seed=seed))
    turns = [vh.T, *[torch.linalg.qr(drawn(size, size, seed=9 + j)).Q for j in range(depth - 1)], u]
    root = torch.diag(s ** (1 / depth))
    return torch.stack([turns[j + 1] @ root @ turns[j].T for j in range(depth)])


@pytest.mark.parametrize("depth", [1, 2, 3, 5])
def test_velocity_of_a_product_and_of_its_singular_values(depth):
    problem = Completion(drawn(5, 5, seed=3), (drawn(5, 5, seed=4) > 0).double())
    factors = balanced(depth)
    if depth > 1:
        assert ib.imbalance(factors) < 1e-12
    product, h = problem.product(factors), 1e-5
    moved = [problem.product(factors - sign * h * problem.grad(factors)) for sign in (1, -1)]
    velocity = (moved[0] - moved[1]) / (2 * h)
    slope = problem.grad(product[None])[0]
    torch.testing.assert_close(ib.end_to_end(product, slope, depth), velocity, rtol=1e-6, atol=1e-6)
    values = [torch.linalg.svdvals(one) for one in moved]
    rates = ib.singular_rates(product, slope, depth)
    torch.testing.assert_close(rates, (values[0] - values[1]) / (2 * h), rtol=1e-5, atol=1e-5)


def test_the_flow_keeps_balance_and_agrees_with_small_steps():
    problem = Completion.draw(6, 2, 20, 1)
    one = Completion(problem.truth[0], problem.seen[0])
    start = ib.balanced_start(6, 3, 1e-2) + 0.01 * drawn(3, 6, 6)
    path = ib.flow(one, start, [0.0, 1.0, 2.0], rtol=1e-9)
    x = start.clone()
    for _ in range(2000):
        x = x - 1e-3 * one.grad(x)
    torch.testing.assert_close(path[-1], x, rtol=0, atol=5e-3)
    gaps = [p[1:].mT @ p[1:] - p[:-1] @ p[:-1].mT for p in path]
    torch.testing.assert_close(gaps[-1], gaps[0], rtol=0, atol=1e-8)
    assert torch.equal(path[0], start)


@pytest.mark.parametrize("depth", [1.0, 2.0, 3.0, 4.0])
def test_arrival_times(depth):
    s, t, dt = torch.tensor(1e-3, dtype=F64), 0.0, 1e-3
    goal = ib.arrival_time(1e-3, 0.9, depth)
    while float(s) < 0.9:
        middle = s + 0.5 * dt * ib.mode_speed(s, 1.0, depth)
        s, t = s + dt * ib.mode_speed(middle, 1.0, depth), t + dt
    assert abs(t - goal) <= 2 * dt + 1e-6 * goal
    with pytest.raises(ValueError, match="must increase"):
        ib.arrival_time(0.5, 0.4, depth)


def test_the_rule_of_the_paper_has_one_rate_for_all_factors():
    rule, x = ib.GroupRMSProp(0.1), drawn(2, 3, 4, 4)
    state = rule.init(x)
    for k in range(3):
        g = drawn(2, 3, 4, 4, seed=k)
        dx, state = rule.update(g, state, x)
        alone, other = rule.init(x[1]), None
        for j in range(k + 1):
            other, alone = rule.update(drawn(2, 3, 4, 4, seed=j)[1], alone, x[1])
        torch.testing.assert_close(dx[1], other)
        ratio = dx[0] / g[0]
        torch.testing.assert_close(ratio, ratio.mean().expand(3, 4, 4))
    first, _ = rule.update(g, rule.init(x), x)
    torch.testing.assert_close(
        first.flatten(1).norm(dim=1), torch.full((2,), 0.1, dtype=F64), rtol=1e-5, atol=0
    )
    for bad in ({"lr": 0.0}, {"lr": 1.0, "rho": 1.0}):
        with pytest.raises(ValueError, match=list(bad)[-1]):
            ib.GroupRMSProp(**bad)


# --- nuclear norm --------------------------------------------------------------------------------


def test_shrinking_is_the_minimum_of_its_problem():
    a, by = drawn(3, 6, 6), 0.8
    u, s, vh = torch.linalg.svd(a)
    wanted = u @ torch.diag_embed((s - by).clamp(min=0)) @ vh
    torch.testing.assert_close(ib.shrink(a, by), wanted, rtol=0, atol=1e-9)


def test_smallest_nuclear_norm_against_factors_of_full_width():
    """Minimize (|U|² + |V|²)/2, which is the nuclear norm at its minimum, by another solver."""
    from scipy.optimize import minimize

    problem = Completion.draw(4, 2, 9, 3)
    found = ib.smallest_nuclear(problem.truth, problem.seen, tol=1e-7)
    for k in range(3):
        truth, seen = problem.truth[k], problem.seen[k].bool()

        def cost(x):
            return 0.5 * float(x @ x), x

        def off(x, truth=truth, seen=seen):
            u, v = torch.from_numpy(x).reshape(2, 4, 4)
            return (u @ v.T - truth)[seen].numpy()

        start = drawn(32, seed=k).numpy()
        rival = minimize(cost, start, jac=True, method="SLSQP", options={"maxiter": 800},
                         constraints={"type": "eq", "fun": off})  # fmt: skip
        assert abs(off(rival.x)).max() < 1e-6
        assert math.isclose(rival.fun, float(found.norm[k]), rel_tol=1e-4)
    assert (found.gap <= 1e-7 * found.norm).all() and (found.gap >= -1e-12).all()
    assert ((found.matrix - problem.truth) * problem.seen).abs().max() < 1e-14


def test_the_gap_is_a_proof_even_when_the_solver_stops_early():
    problem = Completion.draw(8, 2, 30, 2)
    rough = ib.smallest_nuclear(problem.truth, problem.seen, limit=5)
    best = ib.smallest_nuclear(problem.truth, problem.seen, tol=1e-8)
    assert (rough.norm - rough.gap <= best.norm + 1e-9).all()
    assert rough.steps == 5 and (rough.gap > 1e-4).all()


# --- the matrix that runs away -------------------------------------------------------------------


@pytest.mark.parametrize("depth", [2, 3])
def test_the_unseen_entry_runs_away(depth):
    problem = ib.runaway()
    x, seen = ib.balanced_start(2, depth, 0.1), []
    for k in range(6000):
        if k % 1000 == 999:
            w = problem.product(x)
            loss = 0.5 * (problem.seen * (w - problem.truth)).square().sum()
            assert torch.linalg.det(w) > -1e-12, "positive, up to rounding"
            assert w[0, 0] >= ib.least_entry(loss)
            seen.append((float(w[0, 0]), float(loss)))
        x = x - 0.02 * gradient(problem, x)
    assert all(a[0] < b[0] and a[1] > b[1] for a, b in pairwise(seen))
    assert abs(seen[-1][0] * seen[-1][1] ** 0.5 - 0.5**0.5) < 0.05
