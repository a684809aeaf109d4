"""Closed forms against automatic differentiation, and the minima against Newton's method."""

import pytest
import torch

from cases import OBJECTIVES, name
from descent import SGD, gradient, run
from descent.objectives import Completion, Hill, Quadratic, Rosenbrock, StyblinskiTang, rotation

each = pytest.mark.parametrize("objective", OBJECTIVES, ids=name)


def sample(objective, generator, dtype, device, n=7):
    low, high = torch.tensor(objective.domain, dtype=dtype).T
    u = torch.rand(n, objective.dim, generator=generator, dtype=dtype)
    return (low + u * (high - low)).to(device)


@each
def test_batch_axes_pass_through(objective, generator, dtype, device):
    x = sample(objective, generator, dtype, device, n=6)
    one_by_one = torch.stack([objective(p) for p in x]).reshape(2, 3)
    torch.testing.assert_close(objective(x.reshape(2, 3, -1)), one_by_one)


@each
def test_hessian_is_the_second_derivative(objective, generator, dtype, device, rtol):
    x = sample(objective, generator, dtype, device)
    expected = torch.stack([torch.autograd.functional.hessian(objective, p) for p in x])
    torch.testing.assert_close(objective.hessian(x), expected, rtol=rtol, atol=10 * rtol)


@each
def test_gradient_matches_central_differences(objective, generator):
    x = sample(objective, generator, torch.float64, "cpu")
    g, h = gradient(objective, x), 1e-5
    for i in range(objective.dim):
        e = h * torch.eye(objective.dim, dtype=torch.float64)[i]
        slope = (objective(x + e) - objective(x - e)) / (2 * h)
        torch.testing.assert_close(g[:, i], slope, rtol=1e-6, atol=1e-5)


@each
def test_closed_gradient_equals_autograd(objective, generator, dtype, device, rtol):
    x = sample(objective, generator, dtype, device)
    expected = gradient(lambda p: objective(p), x)  # a bare function has no closed form
    torch.testing.assert_close(gradient(objective, x), expected, rtol=rtol, atol=10 * rtol)


@each
def test_minima_are_critical_with_positive_curvature(objective):
    if len(objective.minima) == 0:
        x = torch.tensor(objective.domain, dtype=torch.float64).mean(1) + torch.ones(objective.dim)
        path = run(objective, SGD(0.01), x, 5000, keep=1000)
        assert bool(path.diverged) or (path.loss[1:] < path.loss[:-1]).all(), "nothing to settle in"
        return
    assert gradient(objective, objective.minima).abs().max() < 1e-10
    assert (torch.linalg.eigvalsh(objective.hessian(objective.minima)) > 0).all()
    nearby = objective.minima + 0.05 * torch.randn(
        50, *objective.minima.shape, generator=torch.Generator().manual_seed(1), dtype=torch.float64
    )
    assert (objective(nearby) > objective(objective.minima)).all()


@pytest.mark.parametrize("kappa", [1.0, 10.0, 1e4])
@pytest.mark.parametrize("angle", [0.0, 0.3, 2.0])
def test_quadratic_has_the_spectrum_asked_for(kappa, angle):
    f = Quadratic.conditioned(kappa, angle=angle)
    spectrum = torch.linalg.eigvalsh(f.hessian(f.start))
    torch.testing.assert_close(spectrum, torch.tensor([1.0, kappa], dtype=torch.float64))


def test_rotation_is_orthogonal_and_counter_clockwise():
    quarter = rotation(torch.pi / 2)
    torch.testing.assert_close(
        quarter @ torch.tensor([1.0, 0.0], dtype=torch.float64),
        torch.tensor([0.0, 1.0], dtype=torch.float64),
    )


def test_styblinski_tang_global_minimum_is_the_least_root():
    roots = torch.linalg.eigvals(
        torch.tensor([[0.0, 8.0, -1.25], [1, 0, 0], [0, 1, 0]], dtype=torch.float64)
    ).real  # companion matrix of x^3 - 8x + 5/4
    torch.testing.assert_close(StyblinskiTang(1).minima[0, 0], roots.min())


def test_hill_has_one_critical_point_and_it_is_a_top():
    x = torch.linspace(-8, 8, 100_001, dtype=torch.float64)[:, None]
    sign = gradient(Hill(), x)[:, 0].sign()
    flips = (sign[1:] != sign[:-1]).nonzero()
    assert len(flips) == 1
    assert sign[0] > 0 > sign[-1]


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Rosenbrock(b=0), "b is 0; it must be finite and > 0"),
        (lambda: StyblinskiTang(0), "dim is 0; it must be an integer >= 1"),
        (lambda: Quadratic.conditioned(0.5), "kappa is 0.5; it must be finite and >= 1"),
        (lambda: Quadratic.conditioned(2.0, dim=3, angle=1.0), "angle is 1.0"),
        (lambda: Quadratic(torch.tensor([1.0, torch.nan])), "eigenvalues has 1 entries"),
        (lambda: Quadratic(torch.ones(2), torch.ones(2, 2)), "basis misses orthogonality"),
        (lambda: Quadratic(torch.ones(2), torch.eye(3)), r"basis has shape \(3, 3\)"),
    ],
)
def test_bad_input_is_named(make, message):
    with pytest.raises(ValueError, match=message):
        make()


# --- completion ----------------------------------------------------------------------------------


@pytest.mark.parametrize("depth", [1, 2, 4])
def test_slope_of_a_product_of_factors(depth):
    problem = Completion.draw(6, 2, 20, seeds=3)
    factors = problem.start(depth, 0.3)
    wanted = factors.clone().requires_grad_()
    problem(wanted).sum().backward()
    assert torch.allclose(problem.grad(factors), wanted.grad, rtol=1e-10, atol=1e-14)


def test_completion_measures_both_parts():
    problem = Completion.draw(8, 2, 30, seeds=2)
    assert torch.equal(problem.seen.sum((-1, -2)), torch.full((2,), 30.0, dtype=torch.float64))
    assert torch.allclose(torch.linalg.matrix_norm(problem.truth, 2), torch.ones(2).double())
    other = Completion.draw(8, 2, 30, seeds=2, unit="entry")
    assert torch.allclose(other.truth.square().mean((-1, -2)), torch.ones(2).double())
    assert torch.equal(other.seen, problem.seen)
    assert torch.linalg.matrix_rank(problem.truth).tolist() == [2, 2]
    exact, nothing = problem.truth[:, None], torch.zeros(2, 1, 8, 8, dtype=torch.float64)
    assert problem(exact).abs().max() == 0 and problem.errors(exact).abs().max() == 0
    assert torch.allclose(problem.errors(nothing), torch.ones(2, 2).double())
    one = torch.eye(8, dtype=torch.float64).expand(2, 1, 8, 8)
    assert torch.allclose(problem.effective_rank(one), torch.full((2,), 8.0).double())


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: Completion.draw(5, 6, 3, 1), "rank is 6"),
        (lambda: Completion.draw(5, 2, 26, 1), "count is 26"),
        (lambda: Completion.draw(5, 2, 9, 1, unit="norm"), "unit is 'norm'"),
        (lambda: Completion(torch.ones(2, 2), torch.ones(3, 3)), "seen has shape"),
        (lambda: Completion(torch.ones(2, 2), torch.zeros(2, 2)), "seen marks no entry"),
        (lambda: Completion.draw(5, 2, 9, 1).start(0, 0.1), "depth"),
        (lambda: Completion.draw(5, 2, 9, 1).start(2, -1.0), "scale"),
    ],
)
def test_completion_refuses_what_is_no_problem(call, words):
    with pytest.raises(ValueError, match=words):
        call()
