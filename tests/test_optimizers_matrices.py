"""Matrix-shaped rules, rules that ask for more than a gradient, and wrappers."""

import math

import numpy as np
import pytest
import torch

from cases import MATRIX_RULES, name
from descent import (
    L2,
    SGD,
    SOAP,
    Adam,
    AdamW,
    Ascent,
    DecayedAdaGrad,
    DecoupledDecay,
    HeavyBall,
    Lion,
    Muon,
    NAdam,
    Shampoo,
    Sophia,
    curvature_too,
    gradient,
    run,
    sharpness_aware,
    sweep,
    torch_optimizer,
)
from descent.objectives import Quadratic, Rosenbrock, StrictSaddle
from descent.optimizers import hyperparameters
from descent.optimizers.muon import QUINTIC, orthogonalize
from descent.references import sophia_reference

F64 = torch.float64


@pytest.fixture
def bowl(generator):
    """A Kronecker-factored bowl over 4 x 4 matrices, and a start."""
    a, b = (torch.randn(4, 4, generator=generator, dtype=F64) for _ in range(2))
    a, b = a @ a.mT / 4 + torch.eye(4), b @ b.mT / 4 + torch.eye(4)
    x0 = torch.randn(4, 4, generator=generator, dtype=F64)
    return (lambda x: 0.5 * (x * (a @ x @ b)).sum((-2, -1))), x0, (a, b)


@pytest.mark.parametrize("case", MATRIX_RULES, ids=name)
def test_matrix_rule_equals_its_reference(case, bowl):
    f, x0, (a, b) = bowl
    a, b = a.numpy(), b.numpy()
    paper = case.reference(lambda x: a @ x @ b, x0.numpy(), 100, **hyperparameters(case.rule))
    ours = run(f, case.rule, x0, 100).x
    torch.testing.assert_close(ours, torch.tensor(np.array(paper)), rtol=1e-8, atol=1e-9)


@pytest.mark.parametrize("case", MATRIX_RULES, ids=name)
def test_matrices_of_a_batch_do_not_meet(case, bowl):
    f, x0, _ = bowl
    together = sweep(f, case.rule, torch.stack([x0, 2 * x0]), 12, grid={"lr": torch.tensor([1e-3])})
    alone = sweep(f, case.rule, 2 * x0, 12, grid={"lr": torch.tensor([1e-3])})
    torch.testing.assert_close(together.x[:, :, 1], alone.x, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("rule", [SGD(0.01), Muon(0.01), Shampoo(0.1)], ids=name)
def test_rotations_of_rows_and_columns_do_not_matter(rule, bowl, generator):
    f, x0, _ = bowl
    u, v = (torch.linalg.qr(torch.randn(4, 4, generator=generator, dtype=F64))[0] for _ in "uv")
    turned = run(lambda y: f(u.mT @ y @ v.mT), rule, u @ x0 @ v, 40).x
    torch.testing.assert_close(u.mT @ turned @ v.mT, run(f, rule, x0, 40).x, rtol=1e-8, atol=1e-9)


def test_newton_schulz_acts_on_singular_values_alone(generator):
    g = torch.randn(64, 128, generator=generator, dtype=F64)
    s = torch.linalg.svdvals(g) / g.norm()
    for _ in range(5):
        a, b, c = QUINTIC
        s = a * s + b * s**3 + c * s**5
    found = torch.linalg.svdvals(orthogonalize(g))
    torch.testing.assert_close(found, s.sort(descending=True).values)
    assert 0.65 < float(found.min()) and float(found.max()) < 1.2


def test_muon_takes_tall_matrices_and_scales_them(generator):
    g = torch.randn(12, 3, generator=generator, dtype=F64)
    torch.testing.assert_close(orthogonalize(g), orthogonalize(g.mT).mT)
    rule, x = Muon(1.0, beta=0.0), torch.zeros(12, 3, dtype=F64)
    torch.testing.assert_close(rule.update(g, rule.init(x), x)[0], -2 * orthogonalize(g))


def test_soap_in_the_trivial_basis_is_adam(generator):
    soap, x = SOAP(0.01, 0.9, 0.99, 1e-8, every=10**6), torch.zeros(3, 3, dtype=F64)
    adam = Adam(0.01, 0.9, 0.99, 1e-300)
    soap = SOAP(0.01, 0.9, 0.99, 1e-300, every=10**6)
    state = {**soap.init(x), "k": torch.tensor(1.0)}
    other = adam.init(x)
    for _ in range(20):
        g = torch.randn(3, 3, generator=generator, dtype=F64)
        dx, state = soap.update(g, state, x)
        dy, other = adam.update(g, other, x)
        torch.testing.assert_close(dx, dy)


@pytest.mark.parametrize("rule", [Shampoo(0.01), SOAP(0.01)], ids=name)
def test_one_diverged_matrix_does_not_stop_the_others(rule, generator):
    g = torch.randn(2, 3, 3, generator=generator, dtype=F64)
    g[1, 0, 0] = torch.inf
    state = rule.init(torch.zeros_like(g))
    for _ in range(3):
        dx, state = rule.update(g, state, torch.zeros_like(g))
    assert torch.isfinite(dx[0]).all() and not torch.isfinite(dx[1]).any()


# --- more than a gradient -----------------------------------------------------------------------


def test_curvature_is_exact_on_a_diagonal_and_unbiased_elsewhere():
    x = torch.tensor([1.0, 2.0], dtype=F64)
    f = Quadratic.conditioned(20.0, angle=0.5)
    draws = torch.stack([curvature_too()(f, x, k) for k in range(4000)])
    hessian = torch.autograd.functional.hessian(f, x)
    error = draws[..., 1].std(0) / math.sqrt(4000)
    assert ((draws[..., 1].mean(0) - hessian.diagonal()).abs() < 4 * error).all()
    torch.testing.assert_close(draws[0, :, 0], gradient(f, x))


def test_sophia_equals_its_reference():
    f, rule = Rosenbrock(), Sophia(0.01, gamma=0.5)

    def told(x, k):
        return curvature_too()(f, torch.tensor(x), k).numpy()

    paper = sophia_reference(
        lambda x: gradient(f, torch.tensor(x)).numpy(),
        f.start.numpy(),
        100,
        curvature=lambda x, k: told(x, k)[:, 1],
        **hyperparameters(rule),
    )
    ours = run(f, rule, f.start, 100, oracle=curvature_too()).x
    torch.testing.assert_close(ours, torch.tensor(paper), rtol=1e-10, atol=1e-12)


def test_sophia_leaves_a_saddle_at_full_speed():
    x0 = torch.tensor([1.0, 1e-3], dtype=F64)
    t = run(
        Quadratic(torch.tensor([2.0, -1.0], dtype=F64)),
        Sophia(0.01),
        x0,
        50,
        oracle=curvature_too(),
    )
    torch.testing.assert_close(t.x.diff(dim=0)[:, 1], torch.full((50,), 0.01, dtype=F64))
    with pytest.raises(ValueError, match="gradient and curvature"):
        run(StrictSaddle(), Sophia(0.01), x0, 1)


def test_sharpness_aware_gradient_of_a_bowl():
    f, x, rho = Quadratic.conditioned(10.0), torch.tensor([1.0, -2.0], dtype=F64), 0.1
    h = torch.tensor([1.0, 10.0], dtype=F64)
    g = h * x
    torch.testing.assert_close(sharpness_aware(rho)(f, x, 0), h * (x + rho * g / g.norm()))


def test_a_network_climbs_as_the_oracle_does():
    f, p = Rosenbrock(), torch.nn.Parameter(Rosenbrock().start.clone())
    optimizer = torch_optimizer(HeavyBall(1e-4, 0.9), [p], rho=0.05)

    def closure():
        optimizer.zero_grad()
        loss = f(p)
        loss.backward()
        return loss

    for _ in range(50):
        optimizer.step(closure)
    oracle = sharpness_aware(0.05)
    want = run(f, HeavyBall(1e-4, 0.9), f.start, 50, oracle=oracle).final_x
    torch.testing.assert_close(p.detach(), want)
    with pytest.raises(ValueError, match="closure is None"):
        optimizer.step()


def test_a_rule_that_needs_curvature_says_so():
    p = torch.nn.Parameter(torch.ones(2, dtype=F64))
    (p**2).sum().backward()
    with pytest.raises(ValueError, match="create_graph=True"):
        torch_optimizer(Sophia(0.1), [p]).step()


# --- wrappers -----------------------------------------------------------------------------------


def test_l2_is_a_penalty_on_the_objective():
    f = Rosenbrock()
    one = run(f, L2(Adam(0.01), 0.3), f.start, 60).x
    penalized = run(lambda x: f(x) + 0.15 * (x**2).sum(-1), Adam(0.01), f.start, 60).x
    torch.testing.assert_close(one, penalized, rtol=1e-9, atol=1e-12)


def test_decoupled_decay_of_adam_is_adamw():
    f = Rosenbrock()
    one = run(f, DecoupledDecay(Adam(0.01), 0.3), f.start, 60).x
    assert torch.equal(one, run(f, AdamW(0.01, weight_decay=0.3), f.start, 60).x)


def test_ascent_descends_the_negative():
    f = Quadratic.conditioned(10.0)
    one = run(f, Ascent(Lion(0.01)), f.start, 30).x
    assert torch.equal(one, run(lambda x: -f(x), Lion(0.01), f.start, 30).x)


def test_a_wrapped_rule_is_swept_and_scheduled():
    f, lr = Rosenbrock(), torch.tensor([1e-3, 1e-2], dtype=F64)
    t = sweep(f, L2(Adam(0.1), 0.1), f.start, 9, grid={"lr": lr, "weight_decay": lr})
    torch.testing.assert_close(t.x[:, 1, 0], run(f, L2(Adam(1e-2), 1e-3), f.start, 9).x)
    optimizer = torch_optimizer(L2(SGD(0.1), 0.5), [torch.nn.Parameter(torch.ones(1))])
    assert optimizer.param_groups[0]["lr"] == 0.1
    assert hyperparameters(Ascent(L2(SGD(0.1), 0.5))) == {"lr": 0.1, "weight_decay": 0.5}


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: L2(SGD(0.1), -1.0), "weight_decay is -1"),
        (lambda: DecoupledDecay(Ascent(L2(SGD(0.1), 0.1)), float("nan")), "weight_decay is nan"),
        (lambda: Adam(0.1, beta1=1.0), r"beta1 is 1.0; it must be in \[0, 1\)"),
        (lambda: Adam(0.1, eps=0.0), "eps is 0.0; it must be finite and > 0"),
        (lambda: AdamW(0.1, weight_decay=-0.1), "weight_decay is -0.1"),
        (lambda: NAdam(0.1, momentum_decay=-1.0), "momentum_decay is -1"),
        (lambda: DecayedAdaGrad(0.1, lr_decay=-0.1), "lr_decay is -0.1"),
        (lambda: Muon(0.1, iterations=0), "iterations is 0"),
        (lambda: SOAP(0.1, every=0), "every is 0"),
        (lambda: Sophia(0.1, gamma=0.0), "gamma is 0.0"),
        (lambda: sharpness_aware(0.0), "rho is 0.0"),
        (lambda: torch_optimizer(SGD(0.1), [torch.nn.Parameter(torch.ones(1))], rho=-1.0), "rho"),
    ],
)
def test_bad_hyper_parameters_are_named(make, message):
    with pytest.raises(ValueError, match=message):
        make()
