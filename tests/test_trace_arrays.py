"""Loops over arrays: every operation equals torch's in JavaScript and in machine code."""

import json
import math

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from descent.trace import UnsupportedOperation, noise
from descent.trace.arrays import trace_process
from descent.trace.arrays.compiled import run_compiled
from descent.trace.arrays.evaluate import evaluate, fresh
from scripts import engine

ROWS = torch.tensor([[1.0, 0.5, -2.0], [-0.25, 2.0, 0.75]], dtype=torch.float64)
SQUARE = torch.linspace(-1, 1, 49, dtype=torch.float64).reshape(7, 7) + torch.eye(7)
LABELS = torch.tensor([2, 0])


def in_page(process, steps, every=1, **given):
    """Run a process in V8."""
    given = {k: torch.as_tensor(v, dtype=torch.float64).flatten() for k, v in given.items()}
    numbers = torch.cat([given[name] for name in process.inputs]).tolist()
    size = sum(slot.size for slot in process.outputs.values())
    text = engine().eval(
        f"(()=>{{'use strict';const m=({process.javascript('go')})(),o=new Float64Array({size}),"
        f"rows=[];m.start({json.dumps(numbers)});for(let k=0;k<={steps};k++){{if(k%{every}===0)"
        "{m.observe(k,o);rows.push([...o].map(String));}m.step(k);}return JSON.stringify(rows)})()"
    )
    table = torch.tensor([[float(v) for v in row] for row in json.loads(text)], dtype=torch.float64)
    sizes = [slot.size for slot in process.outputs.values()]
    return {
        name: part.reshape(-1, *slot.shape)
        for (name, slot), part in zip(process.outputs.items(), table.split(sizes, 1), strict=True)
    }


def agree(mine, want, rtol=1e-11, atol=1e-13):
    assert mine.keys() == want.keys()
    for name, value in want.items():
        torch.testing.assert_close(mine[name], value, rtol=rtol, atol=atol, equal_nan=True)


# Functions of a matrix (2, 3).
OPERATIONS = {
    "elementwise": lambda x: torch.tanh(x) * x.exp() / (1 + x * x) - x.abs().sqrt(),
    "choices": lambda x: torch.where(x > 0, x, -2 * x).clamp(-1, 1.5) + x.sign() * (x > x.mean()),
    "error function": lambda x: torch.erf(x) + F.gelu(x) + torch.special.ndtr(x),
    "broadcasting": lambda x: x * ROWS[0] + x[:, :1] * 2 - x[1] / (x[:1, 1:2] ** 2 + 3),
    "views": lambda x: x.T.reshape(2, 3) + x.flip(0) * x[[1, 0]] + x.mT.contiguous().view(2, 3),
    "slices": lambda x: x[:, 1:] @ x[:, :2].T + x[:, ::2].sum() + x.unbind(1)[2].diff(),
    "sums": lambda x: x.sum(0) * x.sum(1)[:, None] + x.mean() + x.mean(1, True) + x.sum((0, 1)),
    "product": lambda x: x.prod(1) + x.prod(),
    "triangles": lambda x: torch.tril(x) @ x.T - torch.triu(x, 1) @ ROWS.T + x.diagonal().sum(),
    "extremes": lambda x: x.amax(0) - x.amin(1, keepdim=True) + x.max() + x.min(),
    "places": lambda x: x.argmax(1)[:, None] * x + x.argmin() + x.argmax(0, keepdim=True),
    "truth": lambda x: (x > 0).any(0) * x + (x > -9).all() + (x > 0).sum(1)[:, None],
    "spread": lambda x: x.var(0) + x.std() + x.norm() + x.norm(1) + x.norm(dim=1)[:, None],
    "softmax": lambda x: torch.softmax(x, 1) + torch.log_softmax(x, 0) + x.logsumexp(1)[:, None],
    "cross entropy": lambda x: F.cross_entropy(x, torch.eye(3).double()[LABELS]),
    "cross entropy of classes": lambda x: -torch.log_softmax(x, 1)[torch.arange(2), LABELS].mean(),
    "products": lambda x: x @ SQUARE[:3, :5] @ SQUARE[:5, 1:4] + torch.outer(x[:, 0], x[0]),
    "vectors": lambda x: (SQUARE[:3, :3] @ x[0]) @ x[1] + torch.dot(x[0], x[1]) + (x.T @ x)[:2],
    "affine": lambda x: torch.addmm(x[:, :2], x, ROWS.T, beta=0.5, alpha=2) + F.linear(x, ROWS),
    "batches": lambda x: torch.bmm(x.expand(4, 2, 3), x.T.expand(4, 3, 2)).sum(0) + x[:, :2],
    "einsum": lambda x: torch.einsum("ij,kj,kl->il", x, ROWS, x),
    "joining": lambda x: torch.cat([x, x[:1] * 2]).roll(1, 0) + torch.stack([x[0], x[1], x[0]]),
    "writing": lambda x: written(x),
    "picking": lambda x: picked(x),
    "picking by data": lambda x: ROWS[(x[:, 0] > 0).long()] + x[:, (x[0] > 0).int().long()],
    "whole numbers": lambda x: (x * 10).to(torch.int32).bitwise_xor(5).double() * 2,
    "constants": lambda x: torch.zeros_like(x) + torch.linspace(0, 1, 3) * torch.full_like(x, 2.0),
}  # fmt: skip


def picked(x):
    return x[:, LABELS] + x.index_select(0, LABELS // 2)[:, :2] + F.embedding(LABELS, ROWS.T)


def written(x):
    table = torch.zeros(3, 3, dtype=torch.float64)
    table[1] = x[0]
    table[:, 2] += 2 * x[1]
    table.mul_(3).T[0] -= x[1]
    table[0].copy_(x[0]).clamp_(min=0.1)
    return table + 1


def with_gradient(fn):
    """The function and the gradient of a weighted sum of it."""

    def both(x: Tensor) -> dict[str, Tensor]:
        with torch.enable_grad():
            y = x.detach().requires_grad_()
            value = fn(y).double()
            if not value.requires_grad:
                return {"value": value}
            weights = torch.arange(1, value.numel() + 1).reshape(value.shape)
            [g] = torch.autograd.grad((weights * value).sum(), y, allow_unused=True)
        return {"value": value.detach()} | ({} if g is None else {"grad": g})

    return both


def process_of(fn, example):
    return trace_process(
        lambda x: {"y": x},
        lambda y, x, step: {"y": y},
        lambda y, x, step: fn(y),
        {"x": example},
    )


NO_GRADIENT = {
    "product",
    "writing",
    "joining",
    "picking by data",
    "cross entropy of classes",
    "views",
}


@pytest.mark.parametrize("name", OPERATIONS)
def test_operation_equals_torch(name):
    fn = OPERATIONS[name]
    full = with_gradient(fn) if name not in NO_GRADIENT else lambda x: {"value": fn(x).double()}
    process = process_of(full, ROWS)
    for seed in range(2):
        x = torch.randn(2, 3, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
        want = process.torch(0, x=x)
        agree(in_page(process, 0, x=x), want)
        if seed == 0 and name in ("elementwise", "picking by data", "products", "places"):
            agree(run_compiled(process, 0, x=x), want)


def test_unfused_nests_and_schedule_mean_the_same():
    process = process_of(with_gradient(lambda x: torch.log_softmax(x @ SQUARE[:3], 1) ** 2), ROWS)
    results = []
    for nests in (process.phases, process.nests):
        memory = fresh(process.storages)
        memory[process.inputs["x"].storage][:] = ROWS.flatten() * 0.7
        for phase in ("start", "observe"):
            for nest in nests[phase]:
                evaluate(nest, memory)
        results.append([memory[slot.storage] for slot in process.outputs.values()])
    assert len(process.nests["observe"]) < len(process.phases["observe"])
    for one, two in zip(*results, strict=True):
        torch.testing.assert_close(one, two, rtol=1e-13, atol=0)


def power_iteration():
    """The largest eigenvalue, and Newton-Schulz for the polar factor, in one loop."""

    def start(a):
        return {"v": torch.ones(7).double() * a, "y": SQUARE * a / (SQUARE * a).norm()}

    def step(v, y, a, step):
        w = SQUARE @ v
        gram = y @ y.T
        return {"v": w / w.norm(), "y": 1.5 * y - 0.5 * gram @ y}

    def observe(v, y, a, step):
        return {"ray": v @ SQUARE @ v, "off": (y @ y.T - torch.eye(7)).norm(), "at": step * a}

    return trace_process(start, step, observe, {"a": 1.0})


def test_matrix_recursions():
    process = power_iteration()
    want = process.torch(40, 2, a=0.75)
    agree(in_page(process, 40, 2, a=0.75), want, rtol=1e-9, atol=1e-11)
    agree(run_compiled(process, 40, 2, a=0.75), want, rtol=1e-9, atol=1e-11)
    assert want["at"].tolist() == [0.75 * k for k in range(0, 41, 2)]
    top = torch.linalg.eigvals(SQUARE).abs().max()
    torch.testing.assert_close(want["ray"][-1].abs(), top, rtol=1e-3, atol=0)


def recurrent_cell():
    """A vector RNN cell and the gradient through eight steps of time."""
    inputs = noise.normal(3, torch.arange(8 * 2)).reshape(8, 2)

    def loss(w, u):
        h = torch.zeros(5, dtype=torch.float64)
        for x in inputs:
            h = torch.tanh(w @ h + u @ x)
        return (h**2).sum()

    def start(seed, lr):
        drawn = noise.normal(seed, torch.arange(35)) * 0.5
        return {"w": drawn[:25].reshape(5, 5), "u": drawn[25:].reshape(5, 2)}

    def step(w, u, seed, lr, step):
        with torch.enable_grad():
            a, b = w.detach().requires_grad_(), u.detach().requires_grad_()
            g, d = torch.autograd.grad(loss(a, b), (a, b))
        return {"w": w - lr * g, "u": u - lr * d}

    return trace_process(
        start, step, lambda w, u, seed, lr, step: {"loss": loss(w, u)}, {"seed": 1.0, "lr": 0.1}
    )


def test_backpropagation_through_time():
    process = recurrent_cell()
    for seed, lr in ((2.0, 0.05), (7.0, 0.3)):
        want = process.torch(20, seed=seed, lr=lr)
        assert want["loss"][-1] < 0.9 * want["loss"][0]
        agree(in_page(process, 20, seed=seed, lr=lr), want, rtol=1e-9)


def cloud(count=64):
    """Langevin particles in a double well."""

    def start(seed, eps):
        return {"x": noise.normal(seed, torch.arange(2 * count)).reshape(count, 2)}

    def step(x, seed, eps, step):
        places = step * 2 * count + torch.arange(2 * count)
        kick = noise.normal(seed + 1, places).reshape(count, 2)
        force = torch.stack([x[:, 0] ** 3 - x[:, 0], x[:, 1]], 1)
        return {"x": x - 0.01 * force + eps * kick}

    return trace_process(
        start, step, lambda x, seed, eps, step: {"x": x, "right": (x[:, 0] > 0).double().mean()},
        {"seed": 0.0, "eps": 0.1},
    )  # fmt: skip


def test_particles_with_seeded_noise_are_equal_to_the_last_bit():
    process = cloud()
    want = process.torch(30, 10, seed=5.0, eps=0.2)
    for found in (
        in_page(process, 30, 10, seed=5.0, eps=0.2),
        run_compiled(process, 30, 10, seed=5.0, eps=0.2),
    ):
        agree(found, want, rtol=1e-13)
    start = in_page(process, 0, seed=-3.0, eps=0.2)["x"]
    assert torch.equal(start, process.torch(0, seed=-3.0, eps=0.2)["x"])


def test_state_may_be_swapped_and_handed_on():
    process = trace_process(
        lambda a: {"x": a, "y": 2 * a, "n": torch.tensor(0)},
        lambda x, y, n, a, step: {"x": y, "y": x, "n": n + 1},
        lambda x, y, n, a, step: {"x": x, "y": y, "n": n, "positive": x > 1},
        {"a": 1.0},
    )
    agree(in_page(process, 3, a=0.75), process.torch(3, a=0.75))
    assert process.torch(3, a=0.75)["x"].tolist() == [0.75, 1.5, 0.75, 1.5]


def test_generated_code_needs_no_eval():
    code = power_iteration().javascript()
    for word in ("eval", "Function(", "=>", "import"):
        assert word not in code


REFUSED = {
    "aten.sort.default": lambda x: x.sort().values,
    "aten.randn.default": lambda x: x + torch.randn(2, 3),
    "aten._to_copy.default": lambda x: x.float() * 2,
    "aten._local_scalar_dense.default": lambda x: x if x[0, 0] > 0 else -x,
    "aten.linalg_inv_ex.default": lambda x: torch.linalg.inv(x[:, :2]),
    "aten.index_put.default": lambda x: x.index_put((LABELS,), x[1]),
    "measurement 'value'": lambda x: x * float(x.detach().numpy()[0, 0]),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refusal_names_the_operation(name):
    with pytest.raises(UnsupportedOperation, match=name.replace(".", r"\.")):
        process_of(lambda x: {"value": REFUSED[name](x)}, ROWS)


def test_wrong_use_is_refused():
    with pytest.raises(ValueError, match="the state is"):
        trace_process(
            lambda a: {"x": a}, lambda x, a, step: {"y": x}, lambda x, a, step: {}, {"a": 1.0}
        )
    with pytest.raises(TypeError, match="parameters are"):
        power_iteration().torch(1, b=2.0)
    assert math.isfinite(float(power_iteration().torch(1, a=1.0)["ray"][0]))
