"""One 1000-step trajectory in JavaScript: traced code, hand-written code, and torch.optim.

The traced loop is the one that figures of the page run. The hand-written one does the same work,
storing every iterate and loss. Both run in the same V8 (embedded, so no node is needed; with node
on the PATH they run there too), in alternation. torch.optim runs the same trajectory in Python.

Run: python benchmarks/traced_trajectory.py [rounds]
"""

import json
import platform
import shutil
import statistics
import subprocess
import sys
import time
from pathlib import Path

import torch
from py_mini_racer import MiniRacer

from descent import SGD, HeavyBall, Nesterov
from descent.objectives import (
    Beale,
    Hill,
    Himmelblau,
    MonkeySaddle,
    Plateau,
    Quadratic,
    Rosenbrock,
    StrictSaddle,
    StyblinskiTang,
)
from descent.optimizers import Adam
from descent.trace import trace_run

STEPS, REPEATS, LR, BETA = 1000, 400, 1e-3, 0.9
RESULT = Path(__file__).parent / "results" / "traced_trajectory.json"
OBJECTIVES = [
    Quadratic.conditioned(10.0), Quadratic.conditioned(10.0, angle=0.6), Rosenbrock(), Beale(),
    Himmelblau(), StyblinskiTang(), Hill(), StrictSaddle(), MonkeySaddle(), Plateau(),
]  # fmt: skip
BY_HAND = """function hand(p, steps, rec) {
  let x = p[0], y = p[1], u = 0, v = 0;
  const lr = p[2], beta = p[3];
  for (let k = 0; k <= steps; k++) {
    const a = 1 - x, b = y - x * x;
    rec[3 * k] = x; rec[3 * k + 1] = y; rec[3 * k + 2] = a * a + 100 * b * b;
    u = beta * u - lr * (-2 * a - 400 * b * x);
    v = beta * v - lr * 200 * b;
    x += u; y += v;
  }
  return -1;
}"""


def program() -> str:
    """JavaScript that times both loops, in ms per trajectory, and says how far they differ."""
    traced = trace_run(Rosenbrock(), HeavyBall(LR, BETA), 2).javascript("traced")
    start = ",".join(repr(v) for v in Rosenbrock().start.tolist())
    return f"""{BY_HAND}
{traced}
const p = [{start},{LR},{BETA}], one = new Float64Array({3 * STEPS + 3}), two = one.slice();
function time(f, rec) {{
  const start = Date.now();
  for (let i = 0; i < {REPEATS}; i++) f(p, {STEPS}, rec);
  return (Date.now() - start) / {REPEATS};
}}
function both() {{
  const t = [time(traced, one), time(hand, two)];
  return JSON.stringify([...t, Math.max(...one.map((v, i) => Math.abs(v - two[i])))]);
}}
both();
"""


def adam() -> dict[str, float]:
    """CPU milliseconds of the same trajectory by traced Adam, in the embedded engine."""
    code = trace_run(Rosenbrock(), Adam(0.02), 2).javascript("go")
    start = ",".join(repr(v) for v in [*Rosenbrock().start.tolist(), 0.02, 0.9, 0.999, 1e-8])
    loop = f"for (let i = 0; i < {REPEATS}; i++) go(p, {STEPS}, rec);"
    times = []
    with MiniRacer() as engine:
        engine.eval(f"{code}\nconst p = [{start}], rec = new Float64Array({3 * STEPS + 3});{loop}")
        for _ in range(9):
            begun = time.process_time()
            engine.eval(loop)
            times.append(1e3 * (time.process_time() - begun) / REPEATS)
    return {
        "CPU ms, median of 9": round(statistics.median(times), 4),
        "least": round(min(times), 4),
    }


def torch_optim() -> float:
    """Milliseconds of the same trajectory with torch.optim."""
    f = Rosenbrock()
    x = f.start.clone().requires_grad_()
    rule = torch.optim.SGD([x], lr=LR, momentum=BETA)
    start = time.perf_counter()
    for _ in range(STEPS):
        rule.zero_grad()
        f(x).backward()
        rule.step()
    return 1e3 * (time.perf_counter() - start)


def in_node(rounds: int) -> list[list[float]]:
    """Rounds in node, empty where there is none."""
    if shutil.which("node") is None:
        return []
    code = program() + f"for (let i = 0; i < {rounds}; i++) console.log(both());"
    done = subprocess.run(["node", "-e", code], capture_output=True, text=True, check=True)
    return [json.loads(line) for line in done.stdout.split()]


def summary(rounds: list[list[float]], rival: list[float]) -> dict[str, float]:
    traced, hand = [r[0] for r in rounds], [r[1] for r in rounds]
    return {
        "ms, traced": round(statistics.median(traced), 4),
        "ms, by hand": round(statistics.median(hand), 4),
        "traced / by hand": round(
            statistics.median(t / h for t, h in zip(traced, hand, strict=True)), 2
        ),
        "torch.optim / traced": round(
            statistics.median(r / t for r, t in zip(rival, traced, strict=True))
        ),
        "largest difference": max(r[2] for r in rounds),
    }


def sizes() -> dict[str, list[int]]:
    """Bytes of JavaScript of every loop, by optimizer."""
    rules = [SGD(LR), HeavyBall(LR, BETA), Nesterov(LR, BETA)]
    return {
        f"{type(f).__name__}{'' if getattr(f, 'basis', None) is None else ', rotated'}": [
            len(trace_run(f, rule, f.dim).javascript("f")) for rule in rules
        ]
        for f in OBJECTIVES
    }


def main() -> None:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 9
    torch.set_num_threads(1)
    embedded, rival = [], []
    with MiniRacer() as engine:
        engine.eval(program())
        for _ in range(rounds):
            embedded.append(json.loads(engine.eval("both()")))
            rival.append(torch_optim())
    node = in_node(rounds)
    result = {
        "what": f"HeavyBall on Rosenbrock, {STEPS} steps, every iterate and loss stored",
        "how": f"medians of {rounds} rounds; each round times {REPEATS} trajectories of each loop, "
        "then one of torch.optim",
        "machine": platform.machine(),
        "Adam": adam(),
        "ms, torch.optim": round(statistics.median(rival), 1),
        "embedded V8": summary(embedded, rival),
        "node": summary(node, rival) if node else "not on this machine",
        "bytes of JavaScript (SGD, HeavyBall, Nesterov)": sizes(),
    }
    RESULT.parent.mkdir(exist_ok=True)
    RESULT.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
    print(json.dumps(result, indent=2))


if __name__ == "__main__":
    main()
