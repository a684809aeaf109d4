"""Oracles: unbiased, reproducible, with the covariance that theory states."""

import pytest
import torch

from descent import SGD, gradient, langevin, metered, minibatch, run
from descent.objectives import Quadratic

F64 = torch.float64


class Mean:
    """Mean of ½|x - a_i|², a finite sum."""

    def __init__(self, points):
        self.points, self.size = points, len(points)

    def __call__(self, x):
        return 0.5 * ((x[..., None, :] - self.points) ** 2).sum(-1).mean(-1)

    def on(self, index):
        return Mean(self.points[index])


@pytest.fixture
def data():
    return Mean(torch.randn(40, 2, generator=torch.Generator().manual_seed(3), dtype=F64))


def test_gradient_of_a_batch_is_exact_per_run():
    x = torch.tensor([[1.0, 2.0], [3.0, -1.0]], dtype=F64)
    torch.testing.assert_close(gradient(lambda x: (x**3).sum(-1), x), 3 * x**2)


def test_an_epoch_visits_each_example_once():
    oracle = minibatch(8, seed=5)
    first = torch.cat([oracle.indices(40, k) for k in range(5)])
    second = torch.cat([oracle.indices(40, k) for k in range(5, 10)])
    assert sorted(first.tolist()) == sorted(second.tolist()) == list(range(40))
    assert first.tolist() != second.tolist()


def test_a_step_can_be_repeated_in_any_order():
    steps = [7, 0, 3, 7, 12, 3]
    a = [minibatch(8, seed=1).indices(40, k).tolist() for k in steps]
    oracle = minibatch(8, seed=1)
    assert a == [oracle.indices(40, k).tolist() for k in steps]
    assert a[0] == a[3] != minibatch(8, seed=2).indices(40, 7).tolist()


@pytest.mark.parametrize("replacement", [True, False])
def test_minibatch_mean_and_covariance(data, replacement):
    x, size, draws = torch.zeros(2, dtype=F64), 8, 4000
    oracle = minibatch(size, seed=0, replacement=replacement)
    g = torch.stack([oracle(data, x, k) for k in range(draws)])
    full = gradient(data, x)
    per_example = -data.points
    sigma = torch.cov(per_example.T, correction=0) / size
    if not replacement:
        sigma = sigma * (40 - size) / (40 - 1)
    error = (g.mean(0) - full).abs() / (sigma.diagonal() / draws).sqrt()
    assert (error < 4).all(), "the mean is off by more than 4 standard errors"
    # The relative standard error of a variance from n draws is sqrt(2/n): 2.2 % here.
    torch.testing.assert_close(torch.cov(g.T), sigma, rtol=0.1, atol=0.1 * float(sigma.max()))


def test_langevin_reaches_its_stationary_variance():
    f, lr, sigma = Quadratic(torch.tensor([1.0], dtype=F64)), 0.1, 2.0
    start = torch.zeros(4000, 1, dtype=F64)
    x = run(f, SGD(lr), start, 200, oracle=langevin(sigma), keep="last").final_x
    exact = lr * sigma**2 / (2 - lr)  # x' = (1 - lr) x - lr sigma xi
    assert abs(float(x.var()) / exact - 1) < 4 * (2 / 4000) ** 0.5


def test_a_meter_listens_without_touching(data):
    oracle = metered(minibatch(8), lambda g: g.norm(dim=-1))
    x0 = torch.ones(3, 2, dtype=F64)
    t = run(data, SGD(0.1), x0, 6, oracle=oracle)
    assert torch.equal(t.x, run(data, SGD(0.1), x0, 6, oracle=minibatch(8)).x)
    assert oracle.readings.shape == (6, 3)
    torch.testing.assert_close(oracle.readings, (t.x[1:] - t.x[:-1]).norm(dim=-1) / 0.1)


def test_noise_differs_between_steps_seeds_and_runs():
    f, x = Quadratic(torch.ones(1, dtype=F64)), torch.zeros(5, 1, dtype=F64)
    draws = [langevin(1.0, seed=s)(f, x, k) for s in (0, 1) for k in (0, 1, 2)]
    assert len(torch.cat(draws).unique()) == 30
    assert torch.equal(langevin(1.0, seed=1)(f, x, 2), draws[-1])


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda d: minibatch(0), ValueError, "size is 0; it must be an integer >= 1"),
        (lambda d: minibatch(2.5), TypeError, "size is 2.5"),
        (lambda d: minibatch(4, seed=-1), ValueError, "seed is -1"),
        (lambda d: minibatch(41)(d, torch.zeros(2), 0), ValueError, "at most the 40 examples"),
        (
            lambda d: minibatch(4)(lambda x: x.sum(-1), torch.zeros(2), 0),
            TypeError,
            "objective is a function; minibatch needs a finite sum",
        ),
        (lambda d: langevin(-1.0), ValueError, "sigma is -1.0; it must be finite and >= 0"),
    ],
)
def test_bad_input_is_named(data, call, error, message):
    with pytest.raises(error, match=message):
        call(data)
