"""Training a small network in the page: traced code, hand-written code, and torch.

The traced process is what a figure runs: forward, backward and update of `descent.networks` and
`descent.optimizers` as loops over one typed array. The hand-written rival does the same work the
way one writes it in JavaScript, example by example over typed arrays. Torch runs the same
hand-written backward pass, and the usual autograd with torch.optim.

Times are CPU times of the process, on machines that others may share; rounds alternate.

Run: python benchmarks/page_training.py [rounds]
"""

import json
import platform
import statistics
import subprocess
import sys
import time
from pathlib import Path

import torch
from torch.nn.functional import cross_entropy as torch_loss

from descent.data import digits
from descent.networks import MLP, Empirical
from descent.networks.functional import to_module
from descent.networks.seeded import seeded_minibatch, seeded_weights
from descent.optimizers import Adam
from descent.trace.arrays import Process, trace_training
from descent.trace.arrays.compiled import Machine

RESULT = Path(__file__).parent / "results" / "page_training.json"
EXAMPLES, SEED, LR, CHECK = 300, 1.0, 0.01, 30
SHAPES = [((64, 16, 10), 32), ((64, 32, 10), 64)]
BY_HAND = """
function hand(m, h, c, B, inputs, targets, x, batches) {
  const P = x.length, g = new Float64Array(P), M = new Float64Array(P), V = new Float64Array(P);
  const a = new Float64Array(h), z = new Float64Array(c), d = new Float64Array(h);
  const b1 = h * m, w2 = b1 + h, b2 = w2 + c * h;
  let wm = 0, wv = 0;
  return function step(k) {
    g.fill(0);
    for (let n = 0; n < B; n++) {
      const at = batches[(k % CHECK) * B + n], u = at * m, t = at * c;
      for (let j = 0; j < h; j++) {
        let s = x[b1 + j];
        for (let i = 0; i < m; i++) s += x[j * m + i] * inputs[u + i];
        a[j] = Math.tanh(s);
      }
      let top = -Infinity, sum = 0;
      for (let o = 0; o < c; o++) {
        let s = x[b2 + o];
        for (let j = 0; j < h; j++) s += x[w2 + o * h + j] * a[j];
        z[o] = s;
        if (s > top) top = s;
      }
      for (let o = 0; o < c; o++) sum += z[o] = Math.exp(z[o] - top);
      d.fill(0);
      for (let o = 0; o < c; o++) {
        const e = (z[o] / sum - targets[t + o]) / B;
        g[b2 + o] += e;
        for (let j = 0; j < h; j++) {
          g[w2 + o * h + j] += e * a[j];
          d[j] += e * x[w2 + o * h + j];
        }
      }
      for (let j = 0; j < h; j++) {
        const e = d[j] * (1 - a[j] * a[j]);
        g[b1 + j] += e;
        for (let i = 0; i < m; i++) g[j * m + i] += e * inputs[u + i];
      }
    }
    wm = 0.9 * wm + 0.1;
    wv = 0.999 * wv + 0.001;
    for (let i = 0; i < P; i++) {
      M[i] = 0.9 * M[i] + 0.1 * g[i];
      V[i] = 0.999 * V[i] + 0.001 * g[i] * g[i];
      x[i] -= LR * (M[i] / wm) / (Math.sqrt(V[i] / wv) + 1e-8);
    }
  };
}"""
TIMER = """
const cpu = () => process.cpuUsage().user / 1e6;
function timed(step, seconds) {
  let count = 0;
  const start = cpu();
  while (cpu() - start < seconds) { for (let i = 0; i < 20; i++) step(count + i); count += 20; }
  return (cpu() - start) / count;
}"""


def setup(sizes: tuple[int, ...], batch: int) -> tuple[Empirical, Process]:
    data = digits(EXAMPLES, 0, seed=0, dtype=torch.float64)
    objective = Empirical(MLP(sizes), data)
    process = trace_training(
        objective,
        Adam(LR),
        lambda seed: seeded_weights(objective.network, seed),
        oracle=seeded_minibatch(batch),
        observe={"x": lambda f, x: x},
    )
    return objective, process


def batches(objective: Empirical, batch: int) -> list[int]:
    """The examples of the first CHECK batches, as the traced oracle draws them."""
    seen: list[int] = []

    class Listener:
        size = objective.size

        def on(self, index: torch.Tensor):
            seen.extend(index.tolist())
            return lambda x: x.sum(-1)

    for k in range(CHECK):
        seeded_minibatch(batch, SEED)(Listener(), torch.ones(1), torch.tensor(float(k)))
    return seen


def program(objective: Empirical, process: Process, batch: int) -> str:
    """JavaScript that checks one against the other, then times both for a second each."""
    inputs, targets = (t.flatten().tolist() for t in (objective.inputs, objective.targets))
    x = seeded_weights(objective.network, SEED)
    m, h, c = objective.network.sizes
    width = sum(slot.size for slot in process.outputs.values())
    made = [f"Float64Array.from({json.dumps(v)})" for v in (inputs, targets, x.tolist())]
    return f"""
const CHECK = {CHECK}, LR = {LR};{BY_HAND}{TIMER}
{process.javascript("traced")}
const x = {made[2]}, one = hand({m}, {h}, {c}, {batch}, {made[0]}, {made[1]}, x,
  Int32Array.from({json.dumps(batches(objective, batch))}));
const two = traced(), out = new Float64Array({width});
two.start([{LR}, 0.9, 0.999, 1e-8, {SEED}]);
for (let k = 0; k < CHECK; k++) {{ one(k); two.step(k); }}
two.observe(CHECK, out);
let gap = 0;
for (let i = 0; i < x.length; i++) gap = Math.max(gap, Math.abs(x[i] - out[i + 1]));
timed(one, 0.5); timed(two.step, 0.5);
const whole = (k) => two.observe(k, out);
console.log(JSON.stringify([timed(two.step, 1), timed(one, 1), timed(whole, 0.5), gap]));
"""


def seconds(step, budget: float = 1.0) -> float:
    """CPU seconds of one step."""
    for k in range(20):
        step(k)
    count, start = 0, time.process_time()
    while time.process_time() - start < budget:
        step(count)
        count += 1
    return (time.process_time() - start) / count


def torch_by_hand(objective: Empirical, batch: int):
    rule = Adam(LR)
    state = {"x": seeded_weights(objective.network, SEED)}
    inner = {"s": rule.init(state["x"])}
    index = torch.tensor(batches(objective, batch)).reshape(CHECK, batch)

    def step(k: int) -> None:
        g = objective.on(index[k % CHECK]).grad(state["x"])
        dx, inner["s"] = rule.update(g, inner["s"], state["x"])
        state["x"] = state["x"] + dx

    return step


def torch_autograd(objective: Empirical, batch: int):
    module = to_module(objective.network, seeded_weights(objective.network, SEED))
    rule = torch.optim.Adam(module.parameters(), lr=LR)
    index = torch.tensor(batches(objective, batch)).reshape(CHECK, batch)
    inputs, targets = objective.inputs, objective.targets

    def step(k: int) -> None:
        rule.zero_grad()
        rows = index[k % CHECK]
        torch_loss(module(inputs[rows]), targets[rows]).backward()
        rule.step()

    return step


def measure(sizes: tuple[int, ...], batch: int, rounds: int) -> dict:
    objective, process = setup(sizes, batch)
    code = program(objective, process, batch)
    machine = Machine(process, lr=LR, beta1=0.9, beta2=0.999, eps=1e-8, seed=SEED)
    rivals = {
        "numba, traced": machine.step,
        "torch, backward by hand": torch_by_hand(objective, batch),
        "torch, autograd and torch.optim": torch_autograd(objective, batch),
    }
    found: dict[str, list[float]] = {}
    for _ in range(rounds):
        done = subprocess.run(["node", "-"], input=code, capture_output=True, text=True, check=True)
        traced, hand, observe, gap = json.loads(done.stdout)
        row = {"page, traced": traced, "page, by hand": hand, "page, whole loss": observe}
        row |= {name: seconds(step) for name, step in rivals.items()}
        for name, value in row.items():
            found.setdefault(name, []).append(value)
    m, h, c = sizes
    products = batch * (2 * m * h + 3 * h * c)
    middle = {name: statistics.median(v) for name, v in found.items()}
    steps = {k: v for k, v in middle.items() if k != "page, whole loss"}
    return {
        "network": f"{m}-{h}-{c} tanh, batch {batch}, Adam, float64",
        "multiplications of a step": products,
        "ms of a step": {k: round(1e3 * v, 4) for k, v in steps.items()},
        "million multiply-adds per second": {
            k: round(products / v / 1e6) for k, v in steps.items()
        },
        "page, traced, is faster by": {
            k: round(v / middle["page, traced"], 2) for k, v in steps.items() if k != "page, traced"
        },
        f"ms of the loss on all {EXAMPLES}": round(1e3 * middle["page, whole loss"], 3),
        "steps in a slice of 8 ms": int(8e-3 / middle["page, traced"]),
        f"largest difference of a weight after {CHECK} steps": gap,
        "bytes of JavaScript": len(process.javascript("f")),
    }


def main() -> None:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    torch.set_num_threads(1)
    result = {
        "what": "one step of training on digits: batch, forward, backward, update",
        "how": f"medians of {rounds} rounds of a CPU second for each",
        "machine": platform.machine(),
        "networks": [measure(sizes, batch, rounds) for sizes, batch in SHAPES],
    }
    RESULT.write_text(json.dumps(result, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    print(json.dumps(result, indent=2, ensure_ascii=False))


if __name__ == "__main__":
    main()
