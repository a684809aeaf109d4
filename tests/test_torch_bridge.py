"""One optimizer class on a vector, a batch, a network and matrices."""

from dataclasses import dataclass

import pytest
import torch
from torch import nn

from cases import OPTIMIZERS, name
from descent import SGD, Blockwise, HeavyBall, run, torch_optimizer
from descent.optimizers import align

F64 = torch.float64


@dataclass(frozen=True)
class Spectral:
    """Steepest descent in the spectral norm: every singular value of the step is lr."""

    lr: float
    min_ndim = 2

    def init(self, x):
        return {}

    def update(self, grad, state, x):
        [lr] = align(x, self.lr)
        u, _, vh = torch.linalg.svd(grad, full_matrices=False)
        return -lr * (u @ vh), state


def network():
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(4, 6), nn.Tanh(), nn.Linear(6, 3)).to(F64)


def train(net, optimizer, steps, x, y):
    losses = []
    for _ in range(steps):
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(net(x), y)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


@pytest.fixture
def batch(generator):
    x = torch.randn(32, 4, generator=generator, dtype=F64)
    return x, torch.randint(3, (32,), generator=generator)


@pytest.mark.parametrize("case", [c for c in OPTIMIZERS if c.torch], ids=name)
def test_network_training_equals_torch_optim(case, batch):
    ours, theirs = network(), network()
    a = train(ours, torch_optimizer(case.rule, ours.parameters()), 200, *batch)
    b = train(theirs, case.torch(theirs.parameters()), 200, *batch)
    assert a[-1] < a[0]
    torch.testing.assert_close(torch.tensor(a), torch.tensor(b), rtol=1e-10, atol=0)
    for p, q in zip(ours.parameters(), theirs.parameters(), strict=True):
        torch.testing.assert_close(p, q, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("case", OPTIMIZERS, ids=name)
def test_state_is_saved_and_restored_in_the_middle(case, batch):
    whole, halves = network(), network()
    train(whole, torch_optimizer(case.rule, whole.parameters()), 20, *batch)
    first = torch_optimizer(case.rule, halves.parameters())
    train(halves, first, 10, *batch)
    resumed = network()
    resumed.load_state_dict(halves.state_dict())
    second = torch_optimizer(case.rule, resumed.parameters())
    second.load_state_dict(first.state_dict())
    train(resumed, second, 10, *batch)
    for p, q in zip(whole.parameters(), resumed.parameters(), strict=True):
        assert torch.equal(p, q)


def test_schedulers_change_the_rate(batch):
    net = network()
    optimizer = torch_optimizer(SGD(1.0), net.parameters())
    schedule = torch.optim.lr_scheduler.StepLR(optimizer, step_size=1, gamma=0.1)
    before = [p.detach().clone() for p in net.parameters()]
    train(net, optimizer, 1, *batch)
    schedule.step()
    assert optimizer.param_groups[0]["lr"] == pytest.approx(0.1)
    moved = [(p - q).norm() for p, q in zip(net.parameters(), before, strict=True)]
    assert all(m > 0 for m in moved)


def test_groups_keep_their_own_hyper_parameters(batch):
    net = network()
    groups = [{"params": net[0].parameters()}, {"params": net[2].parameters(), "lr": 0.5}]
    optimizer = torch_optimizer(SGD(0.1), groups)
    grads = torch.autograd.grad(
        nn.functional.cross_entropy(net(batch[0]), batch[1]), [*net.parameters()]
    )
    old = [p.detach().clone() for p in net.parameters()]
    train(net, optimizer, 1, *batch)
    for p, q, g, lr in zip(net.parameters(), old, grads, (0.1, 0.1, 0.5, 0.5), strict=True):
        torch.testing.assert_close(p.detach(), q - lr * g)


def test_closure_returns_its_loss():
    p = nn.Parameter(torch.ones(2))
    optimizer = torch_optimizer(SGD(0.1), [p])

    def closure():
        optimizer.zero_grad()
        loss = (p**2).sum()
        loss.backward()
        return loss

    assert optimizer.step(closure) == 2.0


def test_matrix_rule_acts_on_the_last_two_axes(generator):
    target = torch.randn(5, 3, generator=generator, dtype=F64)

    def distance(w):
        return 0.5 * ((w - target) ** 2).sum((-2, -1))

    t = run(distance, Spectral(0.1), torch.zeros(7, 5, 3, dtype=F64), 1)
    torch.testing.assert_close(torch.linalg.svdvals(t.x[1]), torch.full((7, 3), 0.1, dtype=F64))


def test_matrix_rule_refuses_vectors():
    with pytest.raises(ValueError, match="x0 has 1 axes per point; Spectral needs 2"):
        run(lambda x: (x**2).sum(-1), Spectral(0.1), torch.ones(4, 2), 1)
    with pytest.raises(ValueError, match=r"params holds a tensor of shape \(6,\)"):
        torch_optimizer(Spectral(0.1), network().parameters())


def test_blockwise_equals_a_network_with_two_groups(batch):
    net = network()
    shapes = [tuple(p.shape) for p in net.parameters()]
    flat = torch.cat([p.detach().flatten() for p in net.parameters()])

    def loss(x):
        w1, b1, w2, b2 = (
            part.unflatten(-1, s)
            for part, s in zip(x.split([24, 6, 18, 3], -1), shapes, strict=True)
        )
        return nn.functional.cross_entropy(torch.tanh(batch[0] @ w1.T + b1) @ w2.T + b2, batch[1])

    rule = Blockwise(shapes, matrix=Spectral(0.01), vector=HeavyBall(0.1, 0.9))
    x = run(loss, rule, flat, 20).final_x
    matrices = torch_optimizer(Spectral(0.01), [p for p in net.parameters() if p.ndim == 2])
    vectors = torch_optimizer(HeavyBall(0.1, 0.9), [p for p in net.parameters() if p.ndim == 1])
    for _ in range(20):
        matrices.zero_grad()
        vectors.zero_grad()
        nn.functional.cross_entropy(net(batch[0]), batch[1]).backward()
        matrices.step()
        vectors.step()
    expected = torch.cat([p.detach().flatten() for p in net.parameters()])
    torch.testing.assert_close(x, expected, rtol=1e-9, atol=1e-12)


def test_blockwise_keeps_batch_axes(generator):
    rule = Blockwise([(2, 3), (3,)], matrix=Spectral(0.1), vector=SGD(0.5))
    x = torch.randn(4, 9, generator=generator, dtype=F64)
    together = run(lambda x: 0.5 * (x**2).sum(-1), rule, x, 5).x
    for i in range(4):
        alone = run(lambda x: 0.5 * (x**2).sum(-1), rule, x[i], 5).x
        torch.testing.assert_close(together[:, i], alone)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: torch_optimizer(SGD(0.1), []), ValueError, "empty parameter list"),
        (
            lambda: torch_optimizer(SGD(torch.tensor([0.1])), network().parameters()),
            TypeError,
            "lr is a tensor; a network is trained with one number",
        ),
        (lambda: Blockwise([], SGD(0.1), SGD(0.1)), ValueError, "shapes is empty"),
        (
            lambda: Blockwise([(2, 2)], SGD(0.1), SGD(0.1)).init(torch.ones(5)),
            ValueError,
            "shapes hold 4 numbers; x has 5",
        ),
    ],
)
def test_bad_input_is_named(call, error, message):
    with pytest.raises(error, match=message):
        call()
