"""Seeded noise: statistics, and equality to the last bit of torch, JavaScript and machine code."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from descent import SGD, run
from descent.objectives import Rosenbrock
from descent.trace import Loop, noise, series, trace, trace_run
from scripts import javascript

COUNT = 1 << 18
SEEDS = (0, 1, 2, 12345, -7, 2**31 - 1)
WHOLE = st.integers(-(2**31), 2**31 - 1)


def lowbias32(x):
    """The published hash, in Python integers."""
    x ^= x >> 16
    x = x * 0x7FEB352D % 2**32
    x ^= x >> 15
    x = x * 0x846CA68B % 2**32
    return x ^ x >> 16


@given(WHOLE, WHOLE)
@settings(deadline=None, derandomize=True)
def test_bits_follow_the_published_hash(seed, counter):
    key = [lowbias32((seed + c) % 2**32) for c in (0x1B873593, 0x2545F491)]
    inner = lowbias32((counter + key[0]) % 2**32)
    want = lowbias32((inner + key[1]) % 2**32)
    assert int(noise.bits(seed, counter)) % 2**32 == want


@pytest.mark.parametrize("seed", SEEDS)
def test_uniform_is_uniform_and_uncorrelated(seed):
    u = noise.uniform(seed, torch.arange(COUNT)).numpy()
    assert 0 < u.min() and u.max() < 1
    assert abs(u.mean() - 0.5) < 4 * math.sqrt(1 / 12 / COUNT)
    assert abs(u.var() - 1 / 12) < 4 * math.sqrt(1 / 180 / COUNT)
    assert stats.chisquare(np.bincount((u * 1024).astype(int), minlength=1024)).pvalue > 1e-4
    cells = (u * 32).astype(int)
    pairs = np.bincount(cells[::2] * 32 + cells[1::2], minlength=1024)
    assert stats.chisquare(pairs).pvalue > 1e-4
    for lag in (1, 2, 3, 64):
        assert abs(np.corrcoef(u[:-lag], u[lag:])[0, 1]) < 4 / math.sqrt(COUNT)


def test_neighboring_seeds_are_uncorrelated():
    u = noise.uniform(torch.arange(64)[:, None], torch.arange(4096)).numpy()
    off = np.corrcoef(u)[~np.eye(64, dtype=bool)]
    assert np.abs(off).max() < 5.5 / math.sqrt(4096)
    assert abs(off.std() * math.sqrt(4096) - 1) < 0.1


@pytest.mark.parametrize("seed", SEEDS)
def test_normal_is_normal(seed):
    z = noise.normals(seed, torch.arange(COUNT // 4), 4)
    assert z.shape == (COUNT // 4, 4)
    flat = z.flatten().numpy()
    assert abs(flat.mean()) < 4 / math.sqrt(COUNT)
    assert abs(flat.var() - 1) < 4 * math.sqrt(2 / COUNT)
    assert abs((flat**4).mean() - 3) < 4 * math.sqrt(96 / COUNT)
    assert stats.kstest(flat, "norm").pvalue > 1e-4
    correlation = np.corrcoef(z.T.numpy())[~np.eye(4, dtype=bool)]
    assert np.abs(correlation).max() < 4.5 / math.sqrt(COUNT / 4)


@given(st.integers(0, 2**32 - 1))
@settings(deadline=None, derandomize=True)
def test_series_equal_the_functions(h):
    u = torch.tensor((h + 0.5) / 2**32, dtype=torch.float64)
    torch.testing.assert_close(series.log(u), torch.log(u), rtol=1e-15, atol=0)
    cosine, sine = series.direction(u)
    torch.testing.assert_close(cosine, torch.cos(2 * math.pi * u), rtol=0, atol=2e-15)
    torch.testing.assert_close(sine, torch.sin(2 * math.pi * u), rtol=0, atol=2e-15)


def test_square_root_is_correctly_rounded():
    x = noise.uniform(1, torch.arange(COUNT)) * 46
    assert np.array_equal(series.sqrt(x).numpy(), np.sqrt(x.numpy()))


def drawn(seed, step):
    return {
        "z": noise.normals(seed, step, 3),
        "single": noise.normal(seed, step),
        "u": noise.uniform(seed, step),
        "bits": noise.bits(seed, step).double(),
    }


@pytest.fixture(scope="module")
def traced():
    return trace(drawn, {"seed": 1.0, "step": 0.0})


@pytest.fixture(scope="module")
def script(traced):
    return javascript(traced.javascript("f"), "f(input, out)", 6)


@given(WHOLE, st.integers(0, 2**28))
@settings(deadline=None, derandomize=True)
def test_javascript_has_the_same_bits(traced, script, seed, step):
    given_ = {"seed": float(seed), "step": float(step)}
    want = drawn(**{k: torch.tensor(v, dtype=torch.float64) for k, v in given_.items()})
    flat = torch.cat([v.flatten() for v in want.values()])
    mine = torch.cat([v.flatten() for v in traced(**given_).values()])
    assert torch.equal(mine, flat)
    assert torch.equal(script([seed, step]), flat)


def walk(x, seed, step):
    new = x + noise.normals(seed, step, 2)
    return {"x": new, "loss": noise.uniform(seed, step)}


def test_machine_code_has_the_same_bits():
    program = trace(walk, {"x": torch.zeros(2), "seed": 0.0, "step": 0.0})
    loop = Loop(program, carry={"x": "x"}, record=("x", "loss"), counter="step")
    seeds = torch.tensor([0, 1, 7, -3, 2**31 - 1, -(2**31)], dtype=torch.float64)
    rows, bad = loop(100, x=torch.zeros(2), seed=seeds)
    assert (bad == -1).all()
    done = loop.numba()(100, np.stack([np.zeros(6), np.zeros(6), seeds.numpy()]))
    assert np.array_equal(done.x, rows["x"][-1].numpy())
    assert np.array_equal(done.loss, rows["loss"][-1].numpy())


def test_a_noisy_run_equals_its_trace():
    oracle = noise.seeded_langevin(sigma=0.3, seed=11)
    f, rule = Rosenbrock(), SGD(lr=1e-3)
    loop = trace_run(f, rule, 2, oracle=oracle)
    assert list(loop.inputs) == ["x", "lr", "sigma", "seed"]
    want = run(f, rule, f.start, 200, oracle=oracle)
    rows, _ = loop(200, x=f.start, lr=1e-3, sigma=0.3, seed=11.0)
    torch.testing.assert_close(rows["x"], want.x, rtol=1e-11, atol=1e-12)
    size = 201 * 3
    script = javascript(loop.javascript("go"), "go(input, 200, out)", size)
    out = script([*f.start.tolist(), 1e-3, 0.3, 11.0])
    assert out[-1] == -1
    torch.testing.assert_close(out[:-1].reshape(201, 3)[:, :2], want.x, rtol=1e-11, atol=1e-12)
