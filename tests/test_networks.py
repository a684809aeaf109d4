"""Networks against `torch.nn`, autograd and finite differences."""

import itertools
import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

import descent
from descent.data import Dataset, digits, spirals, teacher_student
from descent.networks import (
    MLP,
    Empirical,
    FunctionalObjective,
    cross_entropy,
    mse_half,
    to_module,
)
from descent.networks.activations import ACTIVATIONS

LOSSES = {"cross_entropy": cross_entropy, "mse_half": mse_half}
F64 = torch.float64


def objective(activation="tanh", loss="cross_entropy", sizes=(3, 5, 4, 2), n=7, dtype=F64):
    g = torch.Generator().manual_seed(1)
    inputs = torch.randn(n, sizes[0], generator=g, dtype=F64).to(dtype)
    labels = torch.randint(sizes[-1], (n,), generator=g)
    data = Dataset(inputs, labels, classes=sizes[-1])
    return Empirical(MLP(sizes, activation), data, LOSSES[loss])


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_activation_derivatives_agree_with_autograd(activation):
    phi = ACTIVATIONS[activation]
    z = torch.linspace(-4, 4, 41, dtype=F64)[torch.arange(41) != 20].requires_grad_()
    a = phi.value(z)
    [slope] = torch.autograd.grad(a.sum(), z, create_graph=True)
    torch.testing.assert_close(phi.slope(z, a), slope, rtol=0, atol=1e-14)
    torch.testing.assert_close(phi.backward(3 * torch.ones_like(z), z, a), 3 * slope)
    bend = torch.zeros_like(z)
    if slope.requires_grad:
        [bend] = torch.autograd.grad(slope.sum(), z)
    torch.testing.assert_close(phi.bend(z, a), bend, rtol=0, atol=1e-14)
    torch.testing.assert_close(phi.module()(z), a)


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_softplus_and_gelu_match_torch_functions(activation):
    z = torch.linspace(-3, 3, 13, dtype=F64)
    torch_name = {"identity": lambda z: z}.get(activation) or getattr(
        torch.nn.functional, activation
    )
    torch.testing.assert_close(ACTIVATIONS[activation].value(z), torch_name(z))


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_outputs_equal_those_of_the_module(activation):
    network = MLP((3, 5, 4, 2), activation)
    x = network.init(0, (2, 3), dtype=F64)
    inputs = torch.randn(6, 3, dtype=F64, generator=torch.Generator().manual_seed(0))
    outputs = network(x, inputs)
    assert outputs.shape == (2, 3, 6, 2)
    for i, j in itertools.product(range(2), range(3)):
        module = to_module(network, x[i, j])
        torch.testing.assert_close(outputs[i, j], module(inputs), rtol=1e-12, atol=1e-14)
        flat = torch.nn.utils.parameters_to_vector(module.parameters())
        assert torch.equal(flat, x[i, j])


def test_torch_init_is_that_of_linear_layers():
    x = MLP((8, 16, 4), init="torch").init(5)
    with torch.random.fork_rng():
        torch.manual_seed(5)
        layers = [torch.nn.Linear(8, 16), torch.nn.Linear(16, 4)]
    theirs = torch.cat([p.detach().flatten() for layer in layers for p in layer.parameters()])
    assert torch.equal(x, theirs)


@pytest.mark.parametrize(
    ("init", "variance"),
    [("torch", 1 / 3 / 200), ("he", 2 / 200), ("lecun", 1 / 200), ("glorot", 2 / 500)],
)
def test_weight_variance(init, variance):
    network = MLP((200, 300), init=init, gain=2.0)
    [(w, b)] = network.unflatten(network.init(0, dtype=F64))
    assert w.var().item() == pytest.approx(4 * variance, rel=0.03)
    assert w.mean().abs().item() < 4 * math.sqrt(4 * variance / w.numel())
    assert bool((b == 0).all()) == (init != "torch")


def test_a_sequence_of_seeds_gives_the_rows_of_single_seeds():
    network = MLP((3, 4, 2))
    x = network.init([3, 8])
    assert torch.equal(x[1], network.init(8))
    assert not torch.equal(x[0], x[1])
    assert network.init([3, 8], (5,)).shape == (2, 5, network.dim)


def test_flatten_inverts_unflatten_and_views_share_memory():
    network = MLP((3, 4, 2))
    x = network.init(0, (5,))
    layers = network.unflatten(x)
    assert torch.equal(network.flatten(layers), x)
    layers[0][0].zero_()
    assert (x[:, :12] == 0).all()
    assert network.shapes == [(4, 3), (4,), (2, 4), (2,)]


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_hand_gradient_equals_autograd(activation, loss):
    f = objective(activation, loss)
    x = f.network.init(0, (3, 2), dtype=F64).requires_grad_()
    value = f(x)
    [g] = torch.autograd.grad(value.sum(), x)
    got_value, got = f.value_and_grad(x.detach())
    torch.testing.assert_close(got_value, value, rtol=1e-13, atol=0)
    torch.testing.assert_close(got, g, rtol=1e-12, atol=1e-15)


def test_hand_gradient_equals_central_differences():
    f = objective("tanh", "cross_entropy", n=4)
    x = f.network.init(0, dtype=F64)
    h = 1e-6 * torch.eye(f.network.dim, dtype=F64)
    differences = (f(x + h) - f(x - h)) / 2e-6
    torch.testing.assert_close(f.grad(x), differences, rtol=0, atol=1e-9)


@settings(max_examples=25, deadline=None)
@given(
    widths=st.lists(st.integers(1, 6), min_size=2, max_size=4),
    n=st.integers(1, 5),
    batch=st.lists(st.integers(1, 3), max_size=2),
    loss=st.sampled_from(["cross_entropy", "mse_half"]),
    seed=st.integers(0, 99),
)
def test_any_shape_of_batch_gives_what_each_network_gives_alone(widths, n, batch, loss, seed):
    sizes = (*widths[:-1], widths[-1] + 1)
    f = objective("tanh", loss, sizes, n)
    x = f.network.init(seed, tuple(batch), dtype=F64)
    values, grads = f.value_and_grad(x)
    assert values.shape == tuple(batch) and grads.shape == x.shape
    rows = x.reshape(-1, x.shape[-1])
    for i in range(len(rows)):
        value, grad = f.value_and_grad(rows[i])
        torch.testing.assert_close(values.reshape(-1)[i], value, rtol=1e-12, atol=1e-14)
        torch.testing.assert_close(grads.reshape(rows.shape)[i], grad, rtol=1e-12, atol=1e-14)


def test_chunks_do_not_change_the_result(monkeypatch):
    f = objective()
    x = f.network.init(0, (50,), dtype=F64)
    whole = f.grad(x)
    monkeypatch.setattr("descent.networks.backprop.CACHE_BYTES", 9000)
    cut = f.grad(x)
    torch.testing.assert_close(cut, whole, rtol=1e-13, atol=1e-16)


def test_losses_equal_those_of_torch():
    g = torch.Generator().manual_seed(0)
    z, y = torch.randn(9, 4, generator=g, dtype=F64), torch.randint(4, (9,), generator=g)
    t = torch.eye(4, dtype=F64)[y]
    torch.testing.assert_close(cross_entropy(z, t), torch.nn.functional.cross_entropy(z, y))
    torch.testing.assert_close(mse_half(z, t), 2 * torch.nn.functional.mse_loss(z, t))


@pytest.mark.parametrize("loss", LOSSES.values())
def test_second_derivative_of_a_loss(loss):
    g = torch.Generator().manual_seed(0)
    z = torch.randn(3, 4, generator=g, dtype=F64)
    t = torch.eye(4, dtype=F64)[:3]
    v = torch.randn(3, 4, generator=g, dtype=F64)
    full = torch.autograd.functional.hessian(lambda z: loss(z, t), z)
    expected = torch.einsum("iajb,jb->ia", full, v)
    torch.testing.assert_close(loss.curve(z, v), expected, rtol=1e-12, atol=1e-15)


def test_minibatches_shared_and_of_their_own():
    f = objective(n=9)
    x = f.network.init(0, (4, 3), dtype=F64)
    shared = torch.tensor([1, 1, 5])
    own = torch.randint(9, (3, 5), generator=torch.Generator().manual_seed(0))
    assert f.on(shared).size == 3
    examples = torch.stack([f.on(torch.tensor([i]))(x) for i in range(9)])
    expected = (2 * examples[1] + examples[5]) / 3
    torch.testing.assert_close(f.on(shared)(x), expected, rtol=1e-12, atol=0)
    # A batch with an axis per seed lines up with the right end of the batch axes of x.
    part = f.on(own)
    value, grad = part.value_and_grad(x)
    torch.testing.assert_close(part(x), value, rtol=1e-12, atol=0)
    for i, j in itertools.product(range(4), range(3)):
        alone = f.on(own[j])
        torch.testing.assert_close(value[i, j], alone(x[i, j]), rtol=1e-12, atol=0)
        torch.testing.assert_close(grad[i, j], alone.grad(x[i, j]), rtol=1e-12, atol=1e-15)


def test_accuracy():
    f = objective(n=20)
    x = f.network.init(0, (3,), dtype=F64)
    labels = f.dataset.labels
    expected = [(f.network(x[i], f.inputs).argmax(1) == labels).double().mean() for i in range(3)]
    torch.testing.assert_close(f.accuracy(x), torch.stack(expected))


@pytest.mark.parametrize("loss", LOSSES)
def test_an_ensemble_trains_as_a_loop_of_modules_does(loss):
    data = digits(60, 0, dtype=F64)
    network = MLP((64, 8, 10), "relu")
    f = Empirical(network, data, LOSSES[loss])
    x0 = network.init([0, 1], dtype=F64)
    lrs = torch.tensor([0.05, 0.2], dtype=F64)
    done = descent.sweep(f, descent.SGD(lr=0.1), x0, 30, grid={"lr": lrs}, keep="last")
    losses = {
        "cross_entropy": torch.nn.functional.cross_entropy,
        "mse_half": lambda z, y: 5 * torch.nn.functional.mse_loss(z, data.one_hot),
    }
    for i, j in itertools.product(range(2), range(2)):
        module = to_module(network, x0[j])
        sgd = torch.optim.SGD(module.parameters(), lr=lrs[i].item())
        for _ in range(30):
            sgd.zero_grad()
            losses[loss](module(data.inputs), data.labels).backward()
            sgd.step()
        flat = torch.nn.utils.parameters_to_vector(module.parameters())
        torch.testing.assert_close(done.final_x[i, j], flat, rtol=1e-10, atol=1e-12)


def test_training_with_minibatches_fits_spirals():
    f = Empirical(MLP((2, 16, 16, 2), "tanh"), spirals(200, noise=0.02, seed=0))
    x0 = f.network.init([0, 1])
    done = descent.run(
        f, descent.HeavyBall(lr=0.1, beta=0.9), x0, 800, oracle=descent.minibatch(32), keep="last"
    )
    assert (f.accuracy(done.final_x) > 0.95).all()
    assert (f.accuracy(x0) < 0.8).all()


def test_held_out_examples_are_an_objective_too():
    f = Empirical(MLP((2, 8, 2)), spirals(30, 20))
    x = f.network.init([0, 1])
    alone = Empirical(f.network, Dataset(f.dataset.test_inputs, f.dataset.test_labels, classes=2))
    assert torch.equal(f.test(x), alone(x)) and torch.equal(f.test.accuracy(x), alone.accuracy(x))


def test_gradients_follow_the_device_and_dtype(device, dtype):
    data = spirals(40, dtype=dtype, device=device)
    f = Empirical(MLP((2, 8, 2)), data)
    x = f.network.init([0, 1, 2], dtype=dtype, device=device)
    value, grad = f.value_and_grad(x)
    assert {t.device.type for t in (value, grad, f.accuracy(x))} == {device.type}
    assert {t.dtype for t in (value, grad)} == {dtype}
    torch.testing.assert_close(grad, descent.gradient(lambda z: f(z), x))
    on_cpu = Empirical(f.network, spirals(40, dtype=dtype))
    torch.testing.assert_close(value.cpu(), on_cpu(x.cpu()))


class Conv(nn.Module):
    """A model that `Empirical` cannot express."""

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv1d(1, 4, 5)
        self.head = nn.Linear(4, 10)

    def forward(self, u):
        return self.head(torch.relu(self.conv(u.unsqueeze(1))).mean(-1))


def conv_objective(loss=cross_entropy):
    with torch.random.fork_rng():
        torch.manual_seed(0)
        module = Conv().double()
    return FunctionalObjective(module, digits(30, 0, dtype=F64), loss)


@pytest.mark.parametrize(
    ("loss", "torch_loss"),
    [
        (cross_entropy, nn.functional.cross_entropy),
        (mse_half, lambda z, y: 5 * nn.functional.mse_loss(z, torch.eye(10, dtype=F64)[y])),
        (lambda z, t: -(t * z).sum(-1).mean(), lambda z, y: -z[torch.arange(len(y)), y].mean()),
    ],
)
def test_any_module_trains_as_it_does_alone(loss, torch_loss):
    f = conv_objective(loss)
    x0 = torch.stack([f.start(), 0.5 * f.start()])
    done = descent.sweep(
        f,
        descent.SGD(lr=0.1),
        x0,
        5,
        grid={"lr": torch.tensor([0.01, 0.1], dtype=F64)},
        keep="last",
    )
    for i, j in itertools.product(range(2), range(2)):
        module = Conv().double()
        nn.utils.vector_to_parameters(x0[j].clone(), module.parameters())
        sgd = torch.optim.SGD(module.parameters(), lr=[0.01, 0.1][i])
        for _ in range(5):
            sgd.zero_grad()
            torch_loss(module(f.dataset.inputs), f.dataset.labels).backward()
            sgd.step()
        flat = nn.utils.parameters_to_vector(module.parameters())
        torch.testing.assert_close(done.final_x[i, j], flat, rtol=1e-9, atol=1e-12)


def test_module_objective_agrees_with_the_mlp():
    data = digits(40, 0, dtype=F64)
    network = MLP((64, 6, 10), "gelu")
    x = network.init([0, 1], dtype=F64)
    direct = Empirical(network, data)
    wrapped = FunctionalObjective(to_module(network, x[0]), data)
    assert wrapped.dim == network.dim and wrapped.size == 40
    assert torch.equal(wrapped.start(), x[0])
    torch.testing.assert_close(wrapped(x), direct(x))
    torch.testing.assert_close(wrapped(x[1]), direct(x[1]))
    torch.testing.assert_close(wrapped.accuracy(x), direct.accuracy(x))
    index = torch.tensor([3, 4, 4])
    torch.testing.assert_close(wrapped.on(index)(x), direct.on(index)(x))


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: MLP((3,)), "sizes is .3,.; it must hold at least inputs and outputs"),
        (lambda: MLP((3, 0, 2)), "sizes is 0"),
        (lambda: MLP((3, 2), "thanh"), "activation is 'thanh'; it must be one of 'tanh'"),
        (lambda: MLP((3, 2), init="xavier"), "init is 'xavier'"),
        (lambda: MLP((3, 2), gain=-1), "gain is -1"),
        (lambda: MLP((3, 2)).unflatten(torch.zeros(7)), r"x has shape \(7,\)"),
        (lambda: MLP((3, 2))(torch.zeros(8), torch.zeros(4, 2)), "inputs has shape"),
        (lambda: MLP((3, 2))(torch.zeros(8), torch.zeros(4, 3, dtype=F64)), "dtype"),
        (lambda: to_module(MLP((3, 2)), torch.zeros(2, 8)), "one network"),
        (lambda: Empirical(MLP((3, 2)), spirals(5)), "width 2"),
        (lambda: Empirical(MLP((2, 3)), spirals(5)), "2 classes"),
        (lambda: Empirical(MLP((3, 1)), teacher_student(MLP((3, 1)), 5)), "at least 2 outputs"),
        (lambda: Empirical(MLP((3, 2)), teacher_student(MLP((3, 2)), 5)), "do not sum to 1"),
        (lambda: Empirical(MLP((2, 2)), spirals(5)).test, "no test examples"),
        (lambda: Empirical(MLP((2, 2)), spirals(5)).on(torch.tensor([0])).test, "mini-batch"),
        (lambda: FunctionalObjective(nn.Linear(2, 2), spirals(5))(torch.zeros(5)), "x has shape"),
    ],
)
def test_clear_errors(make, message):
    with pytest.raises(ValueError, match=message):
        make()


def test_init_rejects_wrong_types():
    with pytest.raises(TypeError, match=r"dtype is torch\.int64"):
        MLP((3, 2)).init(0, dtype=torch.int64)
    with pytest.raises(TypeError, match=r"seed is 0\.5"):
        MLP((3, 2)).init(0.5)
