"""Compiled sweeps equal torch sweeps, and step aside where they cannot be."""

import importlib.util
from dataclasses import dataclass

import numpy as np
import pytest
import torch

from descent import SGD, HeavyBall, Nesterov, sweep
from descent.objectives import Beale, MonkeySaddle, Quadratic, Rosenbrock
from descent.optimizers import align
from descent.trace import fast_sweep, sweeping, trace_run
from descent.trace.compiled import STRETCH
from descent.trace.machine import cache_folder
from descent.trace.numba_source import LANES

GRID = {
    "lr": torch.logspace(-5, 0.5, 9, dtype=torch.float64),
    "beta": torch.linspace(0, 0.95, 5, dtype=torch.float64),
}


def compare(objective, rule, x0, steps, grid, target=None):
    options = {"grid": grid, "keep": "last", "target": target}
    want = sweep(objective, rule, x0, steps, backend="torch", **options)
    mine = sweep(objective, rule, x0, steps, backend="numba", **options)
    torch.testing.assert_close(mine.x, want.x, rtol=1e-9, atol=1e-12)
    torch.testing.assert_close(mine.loss, want.loss, rtol=1e-9, atol=1e-12)
    assert torch.equal(mine.diverged, want.diverged)
    assert (mine.hit is None) == (want.hit is None)
    assert want.hit is None or torch.equal(mine.hit, want.hit)
    return want


@pytest.mark.parametrize("steps", [1, STRETCH - 1, STRETCH, STRETCH + 1, 150])
@pytest.mark.parametrize("target", [None, 1.0])
def test_compiled_sweep_equals_torch(steps, target):
    f = Beale()
    want = compare(f, HeavyBall(1e-3, 0.9), f.start, steps, GRID, target)
    if steps == 150:  # the comparison means something only if every kind of run is in it
        assert want.diverged.any() and not want.diverged.all()
        assert target is None or ((want.hit > 0).any() and (want.hit < 0).any())


def test_batches_of_starts_and_swept_fields_line_up():
    x0 = torch.tensor([[1.0, 2.0], [0.5, -1.0], [-2.0, 0.1]], dtype=torch.float64)
    rule = Nesterov(1e-3, torch.tensor([[0.9], [0.5]], dtype=torch.float64))
    compare(Quadratic.conditioned(20.0, angle=0.5), rule, x0, 70, {"lr": GRID["lr"][:2]}, 0.5)


@pytest.mark.parametrize("start", [[0.0, 1e200], [1e154, 1.0]])
def test_runs_that_start_at_an_infinite_loss(start):
    x0 = torch.tensor([start, [1.0, 1.0]], dtype=torch.float64)
    want = compare(Rosenbrock(), SGD(1e-3), x0, 80, {"lr": GRID["lr"][:3]}, 1e-3)
    assert want.diverged[:, 0].all()


def test_whole_blocks_that_diverge_stop_early_and_stay_right():
    x0 = torch.tensor([2.0, 0.1], dtype=torch.float64)
    grid = {"lr": torch.logspace(-4, 1, 3 * LANES + 5, dtype=torch.float64)}
    want = compare(MonkeySaddle(), SGD(1e-3), x0, 400, grid, -1e3)
    assert want.diverged.sum() > 2 * LANES


def test_threads_do_not_change_results():
    f, lr = Rosenbrock(), torch.logspace(-5, -2.8, 700, dtype=torch.float64)
    results = []
    for threads in (1, 2):
        torch.set_num_threads(threads)
        results.append(fast_sweep(f, SGD(1e-3), f.start, 400, {"lr": lr}, 1.0))
    torch.set_num_threads(1)
    for one, two in zip(*results, strict=True):
        assert torch.equal(one, two)


def test_a_memory_of_closures_is_not_kept():
    """A lambda may see a variable that changes; an equal dataclass is an equal function."""
    scale = 1.0

    def f(x):
        return scale * (x**2).sum(-1)

    x0, grid = torch.ones(1, dtype=torch.float64), {"lr": GRID["lr"][:2]}
    first = fast_sweep(f, SGD(0.1), x0, 3, grid)[1]
    scale = 100.0
    assert not torch.equal(first, fast_sweep(f, SGD(0.1), x0, 3, grid)[1])
    compare(Rosenbrock(2.0), SGD(1e-3), torch.zeros(2).double(), 20, grid)
    compare(Rosenbrock(3.0), SGD(1e-3), torch.zeros(2).double(), 20, grid)


@dataclass(frozen=True)
class EveryOther:
    """A rule with a count, which stays a Python number in the loop."""

    lr: float
    period: int = 2

    def init(self, x):
        return {"k": torch.zeros_like(x[..., :1])}

    def update(self, grad, state, x):
        [lr] = align(x, self.lr)
        due = torch.remainder(state["k"], self.period) == 0
        return torch.where(due, -lr * grad, 0.0 * grad), {"k": state["k"] + 1}


def test_counts_stay_constants():
    x0, grid = torch.ones(2, dtype=torch.float64), {"lr": GRID["lr"][:4]}
    assert list(trace_run(Rosenbrock(), EveryOther(0.1), 2).inputs) == ["x", "lr"]
    for period in (1, 3):
        want = sweep(Beale(), EveryOther(0.01, period), x0, 9, grid=grid, keep="last")
        mine = fast_sweep(Beale(), EveryOther(0.01, period), x0, 9, grid)
        torch.testing.assert_close(mine[0], want.final_x)


def outside(x):
    return torch.lgamma(x + 1).sum(-1)


@dataclass(frozen=True, eq=False)
class Rows:
    """One bowl per run of the batch: not one number at one point."""

    curvature: torch.Tensor

    def __call__(self, x):
        return self.curvature * (x**2).sum(-1)


NOT_COMPILED = {
    "unknown operation": (outside, torch.ones(2).double()),
    "float32": (Rosenbrock(), torch.ones(2)),
    "batch of objectives": (Rows(torch.ones(3).double()), torch.ones(3, 2).double()),
    "matrix points": (lambda x: (x**2).sum((-1, -2)), torch.ones(2, 2).double()),
    "many coordinates": (lambda x: (x**2).sum(-1), torch.ones(65).double()),
}


@pytest.mark.parametrize("name", NOT_COMPILED)
def test_what_cannot_be_compiled_is_left_to_torch(name):
    objective, x0 = NOT_COMPILED[name]
    grid = {"lr": torch.tensor([0.1, 0.2], dtype=x0.dtype)}
    assert fast_sweep(objective, SGD(0.1), x0, 2, grid) is None
    assert sweep(objective, SGD(0.1), x0, 2, grid=grid, keep="last").loss.isfinite().all()


def test_without_numba_there_is_no_fast_sweep(monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    f = Rosenbrock()
    assert fast_sweep(f, SGD(0.1), f.start, 2, {"lr": GRID["lr"]}) is None


def test_bad_input_is_refused_as_in_torch():
    f, grid = Rosenbrock(), {"lr": torch.tensor([0.1, -1.0], dtype=torch.float64)}
    with pytest.raises(ValueError, match="lr has the entry -1"):
        fast_sweep(f, SGD(0.1), f.start, 2, grid)
    with pytest.raises(ValueError, match="NaN at x0"):
        fast_sweep(lambda x: x.sum(-1) * torch.nan, SGD(0.1), f.start, 2, {"lr": GRID["lr"]})


def test_machine_code_is_kept_on_disk(monkeypatch, tmp_path):
    monkeypatch.setenv("DESCENT_CACHE", str(tmp_path))
    assert cache_folder() == tmp_path / "numba"
    monkeypatch.setattr(sweeping, "_LOOPS", {})
    loop = trace_run(lambda x: 17.25 * (x**2).sum(-1), SGD(0.1), 1).numba()
    assert loop(2, np.array([[1.0], [0.01]])).x.item() == pytest.approx((1 - 0.345) ** 2)
    sources = list((tmp_path / "numba").glob("descent_loop_*.py"))
    assert len(sources) == 1 and "17.25" in sources[0].read_text()
    assert list((tmp_path / "numba" / "__pycache__").glob("*.nbc"))
