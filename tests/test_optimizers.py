"""Reference = class = torch.optim, on every objective."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from cases import PAIRS, name
from descent import SGD, HeavyBall, Nesterov, run
from descent.optimizers import hyperparameters
from descent.references import heavy_ball_reference, nesterov_reference, sgd_reference

STEPS = 200
rates = st.floats(1e-4, 0.3)
momenta = st.floats(0, 0.99)


def with_torch(make, objective, x0, steps):
    """Iterates of a torch.optim optimizer, (steps + 1, dim)."""
    p = x0.clone().requires_grad_()
    optimizer, path = make([p]), [x0]
    for _ in range(steps):
        optimizer.zero_grad()
        objective(p).backward()
        optimizer.step()
        path.append(p.detach().clone())
    return torch.stack(path)


def numpy_gradient(objective):
    def g(x):
        p = torch.tensor(x, requires_grad=True)
        return torch.autograd.grad(objective(p), p)[0].numpy()

    return g


@pytest.mark.parametrize("pair", PAIRS, ids=name)
def test_class_equals_torch_and_reference(pair):
    objective, case = pair
    x0 = objective.start
    ours = run(objective, case.rule, x0, STEPS)
    paper = case.reference(
        numpy_gradient(objective), x0.numpy(), STEPS, **hyperparameters(case.rule)
    )
    n = STEPS + 1
    if ours.diverged:  # compare up to the last finite point
        n = int(torch.isfinite(ours.loss).sum())
        assert not torch.isfinite(objective(torch.tensor(paper[n])))
    torch.testing.assert_close(ours.x[:n], torch.tensor(paper[:n]), rtol=1e-10, atol=1e-12)
    if case.torch:
        torchs = with_torch(case.torch, objective, x0, STEPS)
        torch.testing.assert_close(ours.x[:n], torchs[:n], rtol=1e-10, atol=1e-12)


@settings(max_examples=10, deadline=None)
@given(lr=rates, beta=momenta, seed=st.integers(0, 2**31))
def test_random_hyper_parameters_on_a_random_bowl(lr, beta, seed):
    g = torch.Generator().manual_seed(seed)
    spectrum = torch.rand(4, generator=g, dtype=torch.float64) * 2
    x0 = torch.randn(4, generator=g, dtype=torch.float64)

    def bowl(x):
        return 0.5 * (spectrum * x**2).sum(-1)

    def slope(x):
        return spectrum.numpy() * x

    pairs = [
        (SGD(lr), sgd_reference, {}, {"lr": lr}),
        (HeavyBall(lr, beta), heavy_ball_reference, {"momentum": beta}, {"lr": lr, "beta": beta}),
        (
            Nesterov(lr, beta),
            nesterov_reference,
            {"momentum": beta, "nesterov": beta > 0},
            {"lr": lr, "beta": beta},
        ),
    ]
    for rule, reference, options, hyper in pairs:
        ours = run(bowl, rule, x0, STEPS).x
        theirs = with_torch(lambda p, o=options: torch.optim.SGD(p, lr=lr, **o), bowl, x0, STEPS)
        torch.testing.assert_close(ours, theirs, rtol=1e-10, atol=1e-12)
        paper = torch.tensor(reference(slope, x0.numpy(), STEPS, **hyper))
        torch.testing.assert_close(ours, paper, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: SGD(lr=-1), ValueError, "lr is -1; it must be finite and > 0"),
        (lambda: SGD(lr=0), ValueError, "lr is 0"),
        (lambda: SGD(lr=float("nan")), ValueError, "lr is nan"),
        (lambda: SGD(lr=float("inf")), ValueError, "lr is inf"),
        (lambda: SGD(lr=torch.tensor([0.1, -0.2])), ValueError, "lr has the entry -0.2"),
        (lambda: SGD(lr="fast"), TypeError, "lr is a str; it must be a real number"),
        (lambda: SGD(lr=True), TypeError, "lr is a bool"),
        (lambda: SGD(lr=torch.tensor([1])), TypeError, "lr is a torch.int64"),
        (lambda: HeavyBall(lr=0.1, beta=1.0), ValueError, r"beta is 1.0; it must be in \[0, 1\)"),
        (lambda: HeavyBall(lr=0.1, beta=-0.1), ValueError, "beta is -0.1"),
        (lambda: Nesterov(lr=0.1, beta=2), ValueError, "beta is 2"),
    ],
)
def test_bad_hyper_parameters_are_named(make, error, message):
    with pytest.raises(error, match=message):
        make()
