"""Tangent kernels: closed form against autograd, recursion against sampling and finite nets."""

import itertools
import math

import pytest
import torch
from torch import nn

from descent import SGD, run
from descent.implicit_bias import (
    ConvNet,
    KernelRegression,
    LazyLoss,
    WideNet,
    conv_kernels,
    convolutional,
    infinite,
    input_gradients,
    layer_kernels,
    relu_duals,
    relu_kernels,
    tangent_kernel,
)
from descent.networks import MLP, to_module


def draw(*shape, seed=0):
    return torch.randn(*shape, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))


# --- one ReLU ----------------------------------------------------------------------------------


def test_duals_are_gaussian_moments():
    """Polar coordinates: the expectation over a pair of normals is an integral over an angle."""
    c = torch.linspace(-0.99, 0.99, 7, dtype=torch.float64)
    angle = (torch.arange(40_000, dtype=torch.float64) + 0.5) * (2 * math.pi / 40_000)
    u = torch.cos(angle)
    v = c[:, None] * u + (1 - c**2).sqrt()[:, None] * torch.sin(angle)
    k0, k1 = relu_duals(c)
    torch.testing.assert_close(k0, 2 * ((u > 0) & (v > 0)).double().mean(1), atol=1e-4, rtol=0)
    # E r^2 = 2 for a pair of normals.
    torch.testing.assert_close(k1, 4 * (u.relu() * v.relu()).mean(1), atol=1e-8, rtol=0)


def test_duals_forgive_rounding_and_keep_their_argument():
    c = torch.tensor([1 + 1e-12, -1 - 1e-12], dtype=torch.float64)
    before = c.clone()
    k0, k1 = relu_duals(c)
    assert torch.equal(c, before)
    torch.testing.assert_close(k0, torch.tensor([1.0, 0.0], dtype=torch.float64))
    torch.testing.assert_close(k1, torch.tensor([1.0, 0.0], dtype=torch.float64))


# --- infinite width ----------------------------------------------------------------------------


def plain_recursion(x, y, depth):
    """The recursion as the paper prints it, one entry at a time."""
    out = torch.empty(len(x), len(y), 2, dtype=x.dtype)
    for i, j in itertools.product(range(len(x)), range(len(y))):
        a, b, s = x[i] @ x[i], y[j] @ y[j], x[i] @ y[j]
        theta = s
        for _ in range(depth):
            c = (s / (a * b).sqrt()).clamp(-1, 1)
            dot = (math.pi - c.acos()) / math.pi
            s = ((1 - c * c).sqrt() + (math.pi - c.acos()) * c) / math.pi * (a * b).sqrt()
            theta = theta * dot + s
        out[i, j] = torch.stack((theta, s))
    return out.unbind(-1)


@pytest.mark.parametrize("depth", [0, 1, 4])
def test_recursion_entry_by_entry(depth, monkeypatch):
    monkeypatch.setattr(infinite, "TILE", 3)
    x, y = draw(7, 4), draw(5, 4, seed=1)
    for others in (None, y):
        ntk, nngp = plain_recursion(x, x if others is None else y, depth)
        found = relu_kernels(x, others, depth=depth)
        torch.testing.assert_close(found.ntk, ntk, atol=1e-7, rtol=1e-7)
        torch.testing.assert_close(found.nngp, nngp, atol=1e-7, rtol=1e-7)


def test_diagonal_counts_the_layers():
    """On the diagonal every layer adds the squared length once."""
    x = draw(6, 3)
    found = relu_kernels(x, depth=5)
    torch.testing.assert_close(found.ntk.diagonal(), 6 * x.square().sum(1))
    torch.testing.assert_close(found.nngp.diagonal(), x.square().sum(1))
    assert torch.equal(found.ntk, found.ntk.mT)


def test_a_zero_input_is_far_from_all():
    found = relu_kernels(torch.stack((torch.zeros(3), torch.ones(3))), depth=2)
    assert found.ntk[0].abs().max() == 0


@pytest.mark.parametrize("depth", [1, 3])
def test_wide_networks_approach_the_limit(depth):
    x = nn.functional.normalize(draw(6, 5), dim=1)
    exact = relu_kernels(x, depth=depth).ntk
    errors = []
    for width in (64, 1024):
        net = WideNet(5, width, depth)
        kernels = net.kernel(net.init(range(4), dtype=torch.float64), x)
        errors.append(((kernels - exact).norm(dim=(1, 2)) / exact.norm()).mean())
    assert 2.5 < errors[0] / errors[1] < 6  # sqrt(16) = 4


# --- tangent kernels of finite networks --------------------------------------------------------


def test_general_kernel_is_jacobian_times_jacobian():
    network = MLP((4, 6, 3), "tanh")
    x = network.init(0, dtype=torch.float64)
    u, v = draw(5, 4), draw(3, 4, seed=1)
    jacobians = [torch.func.jacrev(lambda p, s=s: network(p, s))(x) for s in (u, v)]
    exact = torch.einsum("ikp,jlp->ikjl", *jacobians)
    module = to_module(network, x)
    for block in (None, 2):
        torch.testing.assert_close(tangent_kernel(module, u, v, block=block), exact)
    square = torch.einsum("ikp,jlp->ikjl", jacobians[0], jacobians[0])
    torch.testing.assert_close(tangent_kernel(module, u, block=2), square)


@pytest.mark.parametrize("activation", ["relu", "tanh"])
def test_closed_form_sums_to_the_general_kernel(activation):
    network = MLP((4, 7, 6, 2), activation)
    x = network.init([0, 1], dtype=torch.float64)
    u, v = draw(5, 4), draw(3, 4, seed=1)
    for others in (None, v):
        layers = layer_kernels(network, x, u, others, output=1)
        assert layers.shape == (2, 3, 2, 5, 5 if others is None else 3)
        for row, found in zip(x, layers, strict=True):
            exact = tangent_kernel(to_module(network, row), u, others)[:, 1, :, 1]
            torch.testing.assert_close(found.sum((0, 1)), exact)


def test_wide_net_is_its_formula_and_its_kernel_the_gradients():
    net = WideNet(3, 8, 2)
    w, u = net.init(0, dtype=torch.float64), draw(4, 3)
    (w1, _), (w2, _), (w3, _) = net.network.unflatten(w)
    a = torch.relu(u @ w1.mT)
    a = torch.relu(a @ w2.mT * math.sqrt(2 / 8))
    torch.testing.assert_close(net(w, u), a @ w3.mT * math.sqrt(2 / 8))
    jacobian = torch.func.jacrev(lambda p: net(p, u)[:, 0])(w)
    torch.testing.assert_close(net.kernel(w, u), jacobian @ jacobian.mT)


def test_input_gradients_have_the_rank_of_the_input():
    network = MLP((5, 64, 64, 1), "relu")
    module = to_module(network, network.init(0, dtype=torch.float64))
    u = draw(20, 5)
    g = input_gradients(module, u)
    exact = torch.autograd.functional.jacobian(lambda z: module(z).sum(), u)
    torch.testing.assert_close(g, exact)
    assert torch.linalg.matrix_rank(g @ g.mT) == 5
    assert torch.linalg.matrix_rank(tangent_kernel(module, u)[:, 0, :, 0]) == 20


# --- convolutions ------------------------------------------------------------------------------


def shifts(h, w, size):
    """Matrices that move an image of h x w positions by each step of a patch; zeros come in."""
    out = []
    for a, b in itertools.product(range(-(size // 2), size // 2 + 1), repeat=2):
        rows, cols = (torch.diag(torch.ones(n - abs(s)), s) for n, s in ((h, a), (w, b)))
        out.append(torch.kron(rows, cols).double())
    return out


def plain_convolutional(x, y, depth, size):
    """One pair of images, the formulas of the paper as matrices over positions."""
    moves = shifts(*x.shape[1:], size)

    def patch(k):
        return sum(s @ k @ s.mT for s in moves)

    x, y = x.flatten(1), y.flatten(1)
    sxx, syy, sxy = (patch(a.mT @ b) for a, b in ((x, x), (y, y), (x, y)))
    theta = sxy
    for layer in range(depth):
        kernels = []
        for s, v, u in ((sxx, sxx, sxx), (syy, syy, syy), (sxy, sxx, syy)):
            outer = (v.diagonal()[:, None] * u.diagonal()).sqrt()
            c = torch.where(outer > 0, s / outer, 0.0).clamp(-1, 1)
            arc = (1 - c * c).sqrt() + (math.pi - c.acos()) * c
            kernels.append(arc * outer * 2 / (2 * math.pi * size**2))
        theta = (math.pi - c.acos()) * 2 / (2 * math.pi * size**2) * theta + kernels[2]
        if layer + 1 < depth:
            theta = patch(theta)
            sxx, syy, sxy = map(patch, kernels)
    return theta, kernels[2]


@pytest.mark.parametrize("size", [3, 5])
@pytest.mark.parametrize("pooling", [False, True])
def test_convolutional_recursion_position_by_position(size, pooling, monkeypatch):
    monkeypatch.setattr(convolutional, "BLOCK", 300)  # blocks of two or three pairs
    x, y = draw(3, 2, 4, 3), draw(2, 2, 4, 3, seed=1)
    x[0, :, :3] = 0  # blank patches
    for others in (None, y):
        found = conv_kernels(x, others, depth=3, pooling=pooling, size=size)
        right = x if others is None else y
        for i, j in itertools.product(range(len(x)), range(len(right))):
            whole = plain_convolutional(x[i], right[j], 3, size)
            for kernel, k in zip((found.ntk, found.nngp), whole, strict=True):
                read = k.mean() if pooling else k.trace()
                torch.testing.assert_close(kernel[i, j], read, atol=1e-7, rtol=1e-6)


def test_one_pixel_is_a_fully_connected_network():
    """Filters of one pixel on images of one pixel are dense layers."""
    x = draw(6, 4)
    dense = relu_kernels(x, depth=3)
    for pooling in (False, True):
        found = conv_kernels(x[:, :, None, None], depth=3, pooling=pooling, size=1)
        torch.testing.assert_close(found.ntk, dense.ntk, atol=1e-7, rtol=1e-7)
        torch.testing.assert_close(found.nngp, dense.nngp, atol=1e-7, rtol=1e-7)


def test_published_constant():
    """The published code divides by 9 pi after the first layer."""
    x = torch.zeros(1, 1, 3, 3, dtype=torch.float64)
    x[0, 0, 1, 1] = 1  # patches have correlation 1 with themselves and 0 with one another
    pooled = float(conv_kernels(x, depth=1, pooling=True).nngp) * 81
    assert pooled == pytest.approx(9 * math.pi / 28.274333882308138 + 72 / 28.274333882308138)


@pytest.mark.parametrize("pooling", [False, True])
def test_wide_convolutional_networks_approach_the_limit(pooling):
    x = draw(4, 1, 4, 4).float()
    exact = conv_kernels(x, depth=2, pooling=pooling).ntk
    errors = []
    for channels in (16, 256):
        kernels = [
            tangent_kernel(ConvNet(channels, depth=2, pooling=pooling, image=(1, 4, 4), seed=s), x)[
                :, 0, :, 0
            ]
            for s in range(3)
        ]
        errors.append(sum((k - exact).norm() / exact.norm() for k in kernels) / 3)
    assert errors[1] < 0.15
    assert errors[0] / errors[1] > 2


# --- regression and lazy training --------------------------------------------------------------


def test_regression_passes_through_the_targets_and_its_path_ends_there():
    x, y = draw(8, 3), draw(8, 2, seed=1)
    kernel, cross = relu_kernels(x, depth=2).ntk, relu_kernels(draw(4, 3, seed=2), x, depth=2).ntk
    fit = KernelRegression(kernel, y)
    torch.testing.assert_close(fit.predict(kernel), y)
    lr = 0.5 * fit.largest_step
    path = fit.after(cross, torch.tensor([0.0, 1.0, 1e7], dtype=torch.float64), lr)
    assert path[0].abs().max() == 0
    torch.testing.assert_close(path[1], cross @ y * (lr / 8))
    torch.testing.assert_close(path[2], fit.predict(cross))


def test_ridge_is_the_stationary_point():
    x, y = draw(8, 3), draw(8, 1, seed=1)
    kernel = relu_kernels(x, depth=1).ntk
    fit = KernelRegression(kernel, y, ridge=0.1)
    torch.testing.assert_close(kernel @ fit.coefficients + 0.8 * fit.coefficients, y)


def test_lazy_loss_is_its_formula():
    net = WideNet(3, 6, 2)
    w0, u, y = net.init([0, 1], dtype=torch.float64), draw(5, 3), draw(5, 1, seed=1)
    w = w0 + 0.1 * draw(*w0.shape, seed=2)
    alpha = torch.tensor([0.5, 4.0], dtype=torch.float64)
    loss = LazyLoss(net, u, y, w0, alpha)
    shift = alpha[:, None, None] * (net(w, u) - net(w0, u))
    exact = (shift - y).square().sum((1, 2)) / (10 * alpha**2)
    torch.testing.assert_close(loss(w), exact)
    torch.testing.assert_close(loss.predict(w, u), shift)
    leaf = w.clone().requires_grad_()
    torch.testing.assert_close(loss.grad(w), torch.autograd.grad(loss(leaf).sum(), leaf)[0])


def test_a_lazy_network_follows_its_first_kernel():
    """With a large output scale the weights stay: kernel regression, step by step."""
    net = WideNet(3, 16)
    w0, u, y = net.init(0, dtype=torch.float64), draw(6, 3), draw(6, 1, seed=1)
    fit = KernelRegression(net.kernel(w0, u), y)
    lr = 0.5 * fit.largest_step
    loss = LazyLoss(net, u, y, w0, 1e6)
    w = run(loss, SGD(lr), w0, 50, keep="last").final_x
    v = draw(4, 3, seed=3)
    exact = fit.after(net.kernel(w0, v, u), torch.tensor([50.0], dtype=torch.float64), lr)[0]
    torch.testing.assert_close(loss.predict(w, v), exact, atol=1e-4, rtol=1e-4)


# --- errors ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: relu_kernels(torch.ones(3), depth=1), "inputs has shape"),
        (lambda: relu_kernels(torch.ones(3, 2), torch.ones(3, 4), depth=1), "others has width 4"),
        (lambda: relu_kernels(torch.ones(3, 2), depth=-1), "depth is -1"),
        (lambda: conv_kernels(torch.ones(3, 2), depth=1, pooling=True), "images has shape"),
        (lambda: conv_kernels(torch.ones(1, 1, 2, 2), depth=1, pooling=True, size=2), "odd"),
        (
            lambda: conv_kernels(
                torch.ones(1, 1, 2, 2), torch.ones(1, 1, 3, 2), depth=1, pooling=True
            ),
            "they must agree",
        ),
        (lambda: KernelRegression(torch.ones(2, 2), torch.ones(3, 1)), "kernel has shape"),
        (lambda: WideNet(3, 0), "width is 0"),
        (
            lambda: layer_kernels(MLP((2, 1)), torch.zeros(3), torch.ones(1, 2), output=1),
            "output is 1",
        ),
    ],
)
def test_errors_name_the_argument(call, words):
    with pytest.raises(ValueError, match=words):
        call()
