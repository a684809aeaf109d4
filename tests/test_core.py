"""`run` and `sweep`: batching is exact, divergence is data, bad input is named."""

import weakref
from dataclasses import replace

import pytest
import torch

from cases import PAIRS, name
from descent import SGD, HeavyBall, run, sweep
from descent.objectives import MonkeySaddle, Plateau, Quadratic, Rosenbrock

F64 = torch.float64


def bowl(x):
    return 0.5 * (x**2).sum(-1)


@pytest.mark.parametrize("pair", PAIRS, ids=name)
def test_sweep_equals_runs_made_alone(pair, device):
    objective, case = pair
    grid = {"lr": torch.tensor([1e-4, 2e-3, 0.01, 3.0], dtype=F64)}
    if hasattr(case.rule, "beta"):
        grid["beta"] = torch.tensor([0.0, 0.5, 0.9], dtype=F64)
    x0 = torch.stack([objective.start, objective.start + 0.1]).to(device)
    swept = sweep(objective, case.rule, x0, 50, grid=grid, keep="all")
    settings = torch.cartesian_prod(*grid.values()).reshape(-1, len(grid))
    flat = swept.x.reshape(51, len(settings), 2, objective.dim)
    losses = swept.loss.reshape(51, len(settings), 2)
    for i, values in enumerate(settings):
        rule = replace(case.rule, **dict(zip(grid, values.tolist(), strict=True)))
        for j in range(2):
            alone = run(objective, rule, x0[j], 50)
            torch.testing.assert_close(flat[:, i, j], alone.x, rtol=1e-12, atol=1e-12)
            torch.testing.assert_close(losses[:, i, j], alone.loss, rtol=1e-12, atol=1e-12)
            assert bool(swept.diverged.reshape(-1, 2)[i, j]) == bool(alone.diverged)


def test_axes_of_a_sweep_are_in_the_order_of_the_grid():
    grid = {"beta": torch.tensor([0.0, 0.5, 0.9]), "lr": torch.tensor([0.1, 0.2])}
    t = sweep(bowl, HeavyBall(1.0, 0.0), torch.ones(4, 2), 3, grid=grid)
    assert t.x.shape == (4, 3, 2, 4, 2)
    assert t.loss.shape == (4, 3, 2, 4)


def test_keep_selects_steps_without_changing_them():
    full = run(Rosenbrock(), SGD(1e-3), Rosenbrock().start, 10)
    some = run(Rosenbrock(), SGD(1e-3), Rosenbrock().start, 10, keep=4)
    last = run(Rosenbrock(), SGD(1e-3), Rosenbrock().start, 10, keep="last")
    assert some.step.tolist() == [0, 4, 8, 10]
    assert torch.equal(some.x, full.x[some.step])
    assert torch.equal(some.loss, full.loss[some.step])
    assert torch.equal(last.x[0], full.x[-1])
    assert torch.equal(last.final_loss, full.final_loss)


def test_last_frees_every_iterate_but_one():
    def most_alive(steps):
        alive, peak = set(), 0

        def watched(x):
            nonlocal peak
            alive.add(weakref.ref(x, alive.discard))
            peak = max(peak, len(alive))
            return bowl(x)

        grid = {"lr": torch.linspace(0.01, 0.1, 64), "beta": torch.linspace(0, 0.9, 8)}
        sweep(watched, HeavyBall(0.1, 0.5), torch.ones(2), steps, grid=grid, keep="last")
        return peak

    assert most_alive(300) == most_alive(30) < 12


def test_target_is_watched_at_every_step():
    t = run(bowl, SGD(0.5), torch.tensor([[1.0], [100.0], [0.0]]), 12, target=0.1, keep="last")
    path = run(bowl, SGD(0.5), torch.tensor([[1.0], [100.0], [0.0]]), 12)
    first = [(path.loss[:, i] <= 0.1).int().argmax().item() for i in range(3)]
    assert t.hit.tolist() == first
    assert run(bowl, SGD(1e-6), torch.tensor([1.0]), 3, target=0.1).hit == -1


def test_divergence_is_recorded_and_contained():
    grid = {"lr": torch.tensor([0.1, 1e80], dtype=F64)}
    t = sweep(bowl, SGD(1.0), torch.ones(2, dtype=F64), 8, grid=grid)
    assert t.diverged.tolist() == [False, True]
    assert torch.isfinite(t.x).all(), "iterates of a diverged run stay at the last finite point"
    assert not torch.isnan(t.loss).any()
    bad = t.loss[:, 1]
    first = int(torch.isinf(bad).int().argmax())
    assert torch.isinf(bad[first:]).all() and torch.isfinite(bad[:first]).all()
    assert torch.equal(t.x[first - 1 :, 1], t.x[first - 1, 1].expand(9 - first + 1, 2))
    torch.testing.assert_close(t.x[:, 0], run(bowl, SGD(0.1), torch.ones(2, dtype=F64), 8).x)


def test_an_unbounded_objective_diverges_quietly():
    t = run(MonkeySaddle(), SGD(0.1), torch.tensor([-1.0, 0.0], dtype=F64), 100)
    assert bool(t.diverged)
    assert t.final_loss == torch.inf


def test_probes_measure_at_kept_steps_and_change_nothing():
    norm = {"speed": lambda f, x: x.norm(dim=-1)}
    t = run(bowl, SGD(0.1), torch.ones(3, 2), 6, probes=norm, keep=2)
    torch.testing.assert_close(t.probes["speed"], t.x.norm(dim=-1))
    assert torch.equal(t.x, run(bowl, SGD(0.1), torch.ones(3, 2), 6, keep=2).x)


@pytest.mark.parametrize("keep", ["all", 3, "last"])
def test_not_watching_skips_evaluations_and_changes_nothing_else(keep):
    calls = []

    def counted(x):
        calls.append(1)
        return bowl(x)

    counted.grad = lambda x: x
    blind = run(counted, SGD(0.1), torch.ones(3, 2), 9, keep=keep, watch=False)
    assert len(calls) == {"all": 10, 3: 4, "last": 2}[keep]
    seen = run(bowl, SGD(0.1), torch.ones(3, 2), 9, keep=keep)
    assert torch.equal(blind.x, seen.x) and torch.equal(blind.loss, seen.loss)


def test_divergence_is_found_without_watching():
    t = run(bowl, SGD(1e80), torch.ones(2, 2, dtype=F64), 9, keep="last", watch=False)
    assert t.diverged.all() and torch.isfinite(t.x).all() and torch.isinf(t.loss).all()


def test_start_is_not_modified():
    x0 = torch.ones(2)
    run(bowl, HeavyBall(0.1, 0.9), x0, 5)
    assert torch.equal(x0, torch.ones(2))


def test_plateau_law():
    t = run(Plateau(), SGD(0.1), torch.zeros(1, dtype=F64), 10_000, keep="last")
    assert abs(float(t.final_x) - float(torch.tensor(1001.0).log())) < 1e-3


def test_dtype_and_device_follow_the_start(device, dtype):
    x0 = torch.ones(2, dtype=dtype, device=device)
    f = Quadratic(torch.tensor([1.0, 3.0], dtype=dtype, device=device))
    t = sweep(f, SGD(1.0), x0, 3, grid={"lr": torch.tensor([0.1, 0.2])})
    assert t.x.dtype == dtype and t.x.device.type == device.type


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: run(bowl, SGD(0.1), torch.ones(2), 0), ValueError, "steps is 0"),
        (lambda: run(bowl, SGD(0.1), torch.ones(2), -3), ValueError, "steps is -3"),
        (lambda: run(bowl, SGD(0.1), torch.ones(2), 2.0), TypeError, "steps is 2.0"),
        (lambda: run(bowl, SGD(0.1), torch.ones(2, dtype=int), 1), TypeError, "x0 has dtype"),
        (lambda: run(bowl, SGD(0.1), [1.0], 1), TypeError, "x0 is a list"),
        (lambda: run(bowl, SGD(0.1), torch.tensor(1.0), 1), ValueError, r"x0 has shape \(\)"),
        (lambda: run(bowl, SGD(0.1), torch.ones(0), 1), ValueError, r"x0 has shape \(0,\)"),
        (
            lambda: run(Rosenbrock(), SGD(0.1), torch.ones(3), 1),
            ValueError,
            r"x0 has shape \(3,\); Rosenbrock needs \(\*batch, 2\)",
        ),
        (
            lambda: run(Quadratic.conditioned(4.0), SGD(0.1), torch.ones(5, 1), 1),
            ValueError,
            r"x0 has shape \(5, 1\); Quadratic needs \(\*batch, 2\)",
        ),
        (
            lambda: run(bowl, SGD(0.1), torch.tensor([torch.nan]), 1),
            ValueError,
            "x0 has 1 entries that are NaN or infinite",
        ),
        (
            lambda: run(lambda x: x.sum() * torch.nan, SGD(0.1), torch.ones(2), 1),
            ValueError,
            "objective returns NaN at x0",
        ),
        (
            lambda: run(lambda x: x.sum(0), SGD(0.1), torch.ones(3, 2), 1),
            ValueError,
            r"objective maps x0 of shape \(3, 2\) to \(2,\)",
        ),
        (lambda: run(lambda x: 1.0, SGD(0.1), torch.ones(2), 1), ValueError, "to float"),
        (
            lambda: run(bowl, SGD(torch.tensor([0.1, 0.2, 0.3])), torch.ones(2, 2), 1),
            ValueError,
            r"lr has shape \(3,\)",
        ),
        (
            lambda: run(bowl, SGD(0.1), torch.ones(2), 1, keep="some"),
            ValueError,
            "keep is 'some'; it must be 'all', 'last' or an integer",
        ),
        (lambda: run(bowl, SGD(0.1), torch.ones(2), 1, keep=0), ValueError, "keep is 0"),
        (lambda: sweep(bowl, SGD(0.1), torch.ones(2), 1, grid={}), ValueError, "grid is empty"),
        (
            lambda: sweep(bowl, SGD(0.1), torch.ones(2), 1, grid={"beta": torch.ones(1)}),
            ValueError,
            "grid names 'beta', which is not a field of SGD; its fields are lr",
        ),
        (
            lambda: sweep(bowl, SGD(0.1), torch.ones(2), 1, grid={"lr": torch.ones(0)}),
            ValueError,
            r"grid\['lr'\] has shape \(0,\)",
        ),
        (
            lambda: sweep(bowl, SGD(0.1), torch.ones(2), 1, grid={"lr": torch.tensor([-1.0])}),
            ValueError,
            "lr has the entry -1",
        ),
        (
            lambda: sweep(
                bowl, SGD(0.1), torch.ones(2), 1, grid={"lr": torch.ones(1)}, backend="fast"
            ),
            ValueError,
            "backend is 'fast'",
        ),
        (
            lambda: sweep(
                bowl, SGD(0.1), torch.ones(2), 1, grid={"lr": torch.ones(1)}, backend="numba"
            ),
            ValueError,
            "needs keep='last'",
        ),
    ],
)
def test_bad_input_is_named(call, error, message):
    with pytest.raises(error, match=message):
        call()
