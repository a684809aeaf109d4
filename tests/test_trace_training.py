"""A network trained by traced code follows `descent.run`."""

import pytest
import torch

from descent import SGD, HeavyBall, run
from descent.data import digits
from descent.networks import MLP, Empirical, mse_half
from descent.networks.seeded import seeded_minibatch, seeded_weights
from descent.optimizers import Adam, RMSProp
from descent.trace.arrays import trace_training
from descent.trace.arrays.compiled import run_compiled
from test_trace_arrays import agree, in_page

DATA = digits(200, 50, seed=0, dtype=torch.float64)
STEPS, EVERY = 40, 10


def trained(rule, activation="tanh", sizes=(64, 16, 10), loss=None):
    objective = Empirical(MLP(sizes, activation), DATA, *([loss] if loss else []))
    process = trace_training(
        objective,
        rule,
        lambda seed: seeded_weights(objective.network, seed),
        oracle=seeded_minibatch(32),
        observe={"right": lambda f, x: f.accuracy(x), "test": lambda f, x: f.test.accuracy(x)},
    )
    return objective, process


CASES = {
    "tanh, Adam": (Adam(0.01), "tanh"),
    "relu, heavy ball": (HeavyBall(0.05, 0.9), "relu"),
    "gelu, RMSProp": (RMSProp(0.003), "gelu"),
    "three layers": (SGD(0.2), "sigmoid", (64, 12, 9, 10)),
    "squares": (Adam(0.01), "softplus", (64, 8, 10), mse_half),
}


@pytest.mark.parametrize("name", CASES)
def test_page_trains_like_python(name):
    objective, process = trained(*CASES[name])
    rule = CASES[name][0]
    for seed, scale in ((1.0, 1.0), (20.0, 0.4)):
        mine = type(rule)(**{**vars(rule), "lr": rule.lr * scale})
        x0 = seeded_weights(objective.network, seed)
        want = run(
            objective, mine, x0, STEPS, oracle=seeded_minibatch(32, seed), keep=EVERY,
            probes={"right": lambda f, x: f.accuracy(x), "test": lambda f, x: f.test.accuracy(x)},
        )  # fmt: skip
        assert want.loss[-1] < want.loss[0]
        given = {k: v for k, v in vars(mine).items() if k in process.inputs} | {"seed": seed}
        found = in_page(process, STEPS, EVERY, **given)
        agree(found, {"loss": want.loss, **want.probes}, rtol=1e-9)


def test_machine_code_trains_too():
    _, process = trained(Adam(0.01))
    given = {"lr": 0.02, "beta1": 0.8, "beta2": 0.99, "eps": 1e-8, "seed": 3.0}
    want = process.torch(STEPS, EVERY, **given)
    agree(run_compiled(process, STEPS, EVERY, **given), want, rtol=1e-9)
    assert want["test"][-1] > 0.5


def test_seeded_batches_are_uniform():
    seen = []

    class Sum:
        size = 50

        def on(self, index):
            seen.append(index)
            return lambda x: (x**2).sum(-1)

    for k in range(200):
        seeded_minibatch(32, 5.0)(Sum(), torch.ones(2), torch.tensor(float(k)))
    counts = torch.bincount(torch.cat(seen), minlength=50)
    assert counts.sum() == 6400 and counts.max() < 128 + 5 * 11 and counts.min() > 128 - 5 * 11


def test_wrong_use_is_refused():
    with pytest.raises(TypeError, match="seeded_minibatch needs a finite sum"):
        seeded_minibatch(3)(lambda x: x, torch.ones(1), 0.0)
    with pytest.raises(ValueError, match="field seed"):
        trace_training(lambda x: x, SGD(0.1), lambda s: s, oracle=lambda f, x, k: x)
