"""One step, three back ends: torch, JavaScript and machine code follow `descent.run`."""

import random
from dataclasses import dataclass, replace

import pytest
import torch

from cases import OBJECTIVES, PAIRS, SGDS, name
from descent import SGD, HeavyBall, run
from descent.objectives import MonkeySaddle, Quadratic, Rosenbrock, rotation
from descent.optimizers import hyperparameters
from descent.trace import Loop, trace, trace_run
from descent.trace.powers import without_powers
from scripts import javascript

STEPS, TARGET = 200, 0.1
CLOSE = {"rtol": 1e-9, "atol": 1e-11}


def settings(pair):
    """Ten settings, other ones for each pair: exponent of the rate, momentum, seed of the start."""
    draw = random.Random(pair)
    return [
        (draw.uniform(-3, 2.5), draw.uniform(0, 0.98), draw.randrange(2**20)) for _ in range(10)
    ]


def tensors(rule, drawn):
    """The rule at drawn settings: rates around its own, momenta anywhere."""
    scale = torch.tensor([10.0**e for e, _, _ in drawn], dtype=torch.float64)
    beta = torch.tensor([b for _, b, _ in drawn], dtype=torch.float64)
    known = hyperparameters(rule)
    fields = {"lr": known["lr"] * scale, "beta": beta}
    return replace(rule, **{k: v for k, v in fields.items() if k in known})


def starts(objective, drawn):
    """Points around the usual start."""
    dim = objective.dim
    center = getattr(objective, "start", torch.ones(dim, dtype=torch.float64))
    away = [torch.Generator().manual_seed(s) for _, _, s in drawn]
    moves = [torch.randn(dim, generator=g, dtype=torch.float64) for g in away]
    return center + 0.3 * torch.stack(moves)


def run_with_twins(objective, rule, x0):
    """The runs, and which of them forget a nudge of one part in 10¹² at the start.

    In the others rounding decides the outcome, and back ends may differ.
    """
    both = run(objective, rule, torch.stack([x0, x0 * (1 + 1e-12)], 1), STEPS, target=TARGET)
    (x, twin), (loss, other) = both.x.unbind(2), both.loss.unbind(2)
    near = torch.isclose(x, twin, rtol=1e-9, atol=1e-10).all(-1).all(0)
    calm = near & (torch.isinf(loss) == torch.isinf(other)).all(0)
    return x, loss, both.diverged[:, 0], both.hit[:, 0], calm


@pytest.mark.parametrize("pair", PAIRS, ids=name)
def test_back_ends_agree(pair):
    objective, rule = pair[0], pair[1].rule
    loop = trace_run(objective, rule, objective.dim)
    width = objective.dim + 1
    script = javascript(loop.javascript("go"), f"go(input, {STEPS}, out)", (STEPS + 1) * width)
    brief = javascript(
        loop.javascript_summary("last"), f"last(input, {STEPS}, {TARGET}, out)", width + 1
    )
    # Every objective and every rule become machine code; not each pair of them, which takes long.
    compiled = pair[1] is SGDS[0] or objective is OBJECTIVES[0]

    drawn = settings(name(pair))
    mine, x0 = tensors(rule, drawn), starts(objective, drawn)
    x, loss, diverged, hit, calm = run_with_twins(objective, mine, x0)
    fields = {k: v for k, v in hyperparameters(mine).items() if k in loop.inputs}
    values = [torch.as_tensor(v, dtype=x0.dtype).expand(len(x0)) for v in fields.values()]
    columns = torch.cat([x0, torch.stack(values, -1)], -1)
    rows, bad = loop(STEPS, x=x0, **fields)
    done = loop.numba()(STEPS, columns.T.numpy(), TARGET) if compiled else None
    assert calm.any()
    for b in torch.nonzero(calm).flatten().tolist():
        path = torch.cat([x[:, b], loss[:, b, None]], -1)
        first = torch.isinf(loss[:, b]).nonzero()
        last = int(first[0]) if len(first) else -1
        traced = torch.cat([rows["x"][:, b], rows["loss"][:, b, None]], -1)
        torch.testing.assert_close(traced, path, **CLOSE)
        out = script(columns[b].tolist())
        torch.testing.assert_close(out[:-1].reshape(-1, width), path, **CLOSE)
        assert int(bad[b]) == int(out[-1]) == last
        short = brief(columns[b].tolist())
        torch.testing.assert_close(short[:width], path[-1], **CLOSE)
        assert [int(v) for v in short[width:]] == [int(hit[b]), last]
        if compiled:
            torch.testing.assert_close(torch.tensor([*done.x[b], done.loss[b]]), path[-1], **CLOSE)
            assert bool(done.diverged[b]) == bool(diverged[b])
            assert int(done.hit[b]) == int(hit[b])


def test_a_thousand_steps_to_the_last_digits():
    """Long runs that contract stay together far beyond the tolerance asked for."""
    f = Rosenbrock()
    loop = trace_run(f, HeavyBall(1e-3, 0.9), 2)
    want = run(f, HeavyBall(1e-3, 0.9), f.start, 1000)
    out = javascript(loop.javascript("go"), "go(input, 1000, out)", 3003)([*f.start, 1e-3, 0.9])
    torch.testing.assert_close(out[:-1].reshape(-1, 3)[:, :2], want.x, rtol=1e-12, atol=1e-13)


@dataclass(frozen=True)
class Adam:
    """A rule with everything an adaptive method needs: counter, powers, roots, quotients."""

    lr: float
    beta1: float = 0.9
    beta2: float = 0.999
    eps: float = 1e-8

    def init(self, x):
        return {"m": torch.zeros_like(x), "v": torch.zeros_like(x), "t": x.new_zeros(())}

    def update(self, grad, state, x):
        t = state["t"] + 1
        m = self.beta1 * state["m"] + (1 - self.beta1) * grad
        v = self.beta2 * state["v"] + (1 - self.beta2) * grad**2
        size = torch.sqrt(v / (1 - self.beta2**t)) + self.eps
        return -self.lr * (m / (1 - self.beta1**t)) / size, {"m": m, "v": v, "t": t}


def test_an_adaptive_rule_equals_torch_optim():
    f, steps = Rosenbrock(), 1000
    loop = trace_run(f, Adam(0.02), 2)
    x = f.start.clone().requires_grad_()
    theirs = torch.optim.Adam([x], lr=0.02)
    for _ in range(steps):
        theirs.zero_grad()
        f(x).backward()
        theirs.step()
    given_ = [*f.start.tolist(), 0.02, 0.9, 0.999, 1e-8]
    size = (steps + 1) * 3
    script = javascript(loop.javascript("go"), f"go(input, {steps}, out)", size)
    done = loop.numba()(steps, torch.tensor(given_, dtype=torch.float64)[:, None].numpy())
    mine = script(given_)[:-1].reshape(-1, 3)[-1, :2]
    torch.testing.assert_close(mine, x.detach(), rtol=1e-9, atol=0)
    torch.testing.assert_close(torch.from_numpy(done.x[0]), x.detach(), rtol=1e-9, atol=0)


def test_powers_of_a_counter_become_products():
    """The bias corrections of Adam cost a product each, and the counter is gone."""
    loop = trace_run(Rosenbrock(), Adam(0.02), 2)
    for code in (loop.javascript(), loop.javascript_summary()):
        assert "pow" in code and "Math.pow" not in code and "let t=" not in code
    lean = without_powers(loop)
    assert lean.inputs == loop.inputs and "t" not in lean.program.inputs
    start = Rosenbrock().start
    fields = {"lr": 0.02, "beta1": 0.9, "beta2": 0.999, "eps": 1e-8}
    want, found = (one(300, x=start, **fields)[0]["x"] for one in (loop, lean))
    torch.testing.assert_close(found, want, rtol=1e-11, atol=0)


def test_a_counter_that_is_seen_stays():
    def step(x, t, a):
        return {"x": x * a ** (2 * t + 1) + a ** (t + 1), "t": t + 1, "loss": x, "age": t}

    program = trace(step, {"x": 1.0, "t": 0.0, "a": 0.9})
    loop = Loop(program, {"x": "x", "t": "t"}, ("x", "age"), loss=(), counter=None)
    script = javascript(loop.javascript("go"), "go(input, 20, out)", 42)
    rows, _ = loop(20, x=0.5, t=3.0, a=0.9)
    want = torch.stack([rows["x"], rows["age"]], -1).flatten()
    torch.testing.assert_close(script([0.5, 3.0, 0.9])[:-1], want, rtol=1e-13, atol=0)


def test_divergence_is_recorded_as_run_records_it():
    f, rule = MonkeySaddle(), SGD(lr=0.5)
    loop = trace_run(f, rule, 2, observe={"size": lambda f, x: x.norm()})
    want = run(
        f,
        rule,
        torch.tensor([2.0, 0.1], dtype=torch.float64),
        20,
        probes={"size": lambda f, x: x.norm(dim=-1)},
    )
    rows, bad = loop(20, x=torch.tensor([2.0, 0.1], dtype=torch.float64), lr=0.5)
    first = int(torch.isinf(want.loss).nonzero()[0])
    assert int(bad) == first
    for name_, value in {"x": want.x, "loss": want.loss, **want.probes}.items():
        torch.testing.assert_close(rows[name_], value, rtol=1e-12, atol=0)
    out = javascript(loop.javascript("go"), "go(input, 20, out)", 84)([2.0, 0.1, 0.5])
    assert int(out[-1]) == first
    table = out[:-1].reshape(21, 4)
    torch.testing.assert_close(table[:, :2], want.x, rtol=1e-12, atol=0)
    assert torch.equal(torch.isinf(table[:, 2]), torch.isinf(want.loss))
    torch.testing.assert_close(table[:, 3], want.probes["size"], rtol=1e-12, atol=0)


@pytest.mark.parametrize("start", [float("inf"), float("nan")])
def test_a_start_that_is_not_finite(start):
    program = trace(lambda x, a: {"x": x * a, "loss": x.sum()}, {"x": torch.zeros(1), "a": 1.0})
    loop = Loop(program, carry={"x": "x"}, record=("x", "loss"))
    out = javascript(loop.javascript("go"), "go(input, 3, out)", 8)([start, 0.5])
    assert out[-1] == 0
    assert torch.isinf(out[1:8:2]).all()
    assert torch.equal(out[2:8:2].isfinite(), torch.tensor([False] * 3))
    rows, bad = loop(3, x=torch.tensor([start]), a=0.5)
    assert int(bad) == 0 and torch.isinf(rows["loss"]).all()


def test_objective_fields_become_inputs():
    loop = trace_run(Rosenbrock(), SGD(1e-3), 2, objective_fields=("b",))
    assert list(loop.inputs) == ["x", "lr", "b"]
    start = torch.tensor([-1.0, 0.5], dtype=torch.float64)
    for b in (1.0, 40.0):
        want = run(Rosenbrock(b), SGD(1e-3), start, 50)
        torch.testing.assert_close(loop(50, x=start, lr=1e-3, b=b)[0]["x"], want.x)


def test_a_family_of_objectives():
    def bowl(kappa, angle):
        return Quadratic(torch.stack([torch.ones_like(kappa), kappa]), rotation(angle))

    loop = trace_run(bowl, SGD(0.1), 2, objective_fields={"kappa": 5.0, "angle": 0.2})
    start = torch.tensor([1.0, 2.0], dtype=torch.float64)
    want = run(Quadratic.conditioned(7.0, angle=0.4), SGD(0.1), start, 30)
    found = loop(30, x=start, lr=0.1, kappa=7.0, angle=0.4)[0]
    torch.testing.assert_close(found["x"], want.x)
    torch.testing.assert_close(found["loss"], want.loss)


def test_generated_code_needs_no_eval_and_no_allocation():
    code = trace_run(Rosenbrock(), HeavyBall(1e-3, 0.9), 2).javascript()
    for word in ("eval", "Function", "new ", "[]", "{}", "=>"):
        assert word not in code


def test_wrong_use_is_refused():
    f, rule = Rosenbrock(), SGD(1e-3)
    with pytest.raises(ValueError, match=r"objective_fields names .*'kappa'.*Rosenbrock"):
        trace_run(f, rule, 2, objective_fields=("kappa",))
    with pytest.raises(ValueError, match=r"'lr'.* more than one"):
        trace_run(lambda lr: f, rule, 2, objective_fields={"lr": 1.0})
    with pytest.raises(ValueError, match="'unused', which does not reach the step"):
        trace_run(lambda unused: f, rule, 2, objective_fields={"unused": 1.0})
    loop = trace_run(f, rule, 2)
    with pytest.raises(TypeError, match="parameters are"):
        loop(3, x=f.start)
    with pytest.raises(ValueError, match=r"parameters has shape \(2, 5\); it must be \(3, runs\)"):
        loop.numba()(3, torch.zeros(2, 5).numpy())
    with pytest.raises(ValueError, match="carry maps"):
        Loop(loop.program, carry={"loss": "x"}, record=("x",))
    with pytest.raises(ValueError, match="'speed'"):
        Loop(loop.program, carry={"x": "x"}, record=("speed",))
