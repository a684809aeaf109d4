"""A 128 x 128 map of learning rate and momentum, 1000 steps each, against a loop of torch.optim.

Each round times every way once, in turn, in one process, so that a busy machine slows them alike;
ratios are medians over rounds of the ratios within a round. The loop over torch.optim is timed on
a sample of runs and steps, spread over the map, and scaled to one step of one run. The batched
torch sweep is timed on fewer steps and scaled likewise. The compiled sweep runs in full, several
times per round, and the mean is counted, as the loop's time is a mean over its steps: a best time
would choose the moments when the machine is free. The first call in a process also traces, and
compiles or loads machine code; it is reported apart. The load of the machine is logged with the
result: with other processes about, two threads do not get two cores.

Run: python benchmarks/sweep_map.py [rounds]
"""

import json
import os
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import torch

from descent import HeavyBall, sweep
from descent.objectives import Rosenbrock

SIDE, STEPS, TORCH_STEPS, SAMPLE_STEPS, CALLS = 128, 1000, 100, 200, 10
TARGET = 1e-6
RESULT = Path(__file__).parent / "results" / "sweep_map.json"
THREADS = torch.get_num_threads()
F = Rosenbrock()
GRID = {
    "lr": torch.logspace(-5, -2.7, SIDE, dtype=torch.float64),
    "beta": torch.linspace(0, 0.99, SIDE, dtype=torch.float64),
}


def torch_optim() -> float:
    """Seconds per step and run of the loop that people write, on a sample of the map."""
    sample = range(SIDE // 8, SIDE, SIDE // 4)
    start = time.perf_counter()
    for i in sample:
        x = F.start.clone().requires_grad_()
        rule = torch.optim.SGD([x], lr=float(GRID["lr"][i]), momentum=float(GRID["beta"][i]))
        for _ in range(SAMPLE_STEPS):
            rule.zero_grad()
            F(x).backward()
            rule.step()
    return (time.perf_counter() - start) / (len(sample) * SAMPLE_STEPS)


def swept(backend: str, steps: int, target: float | None = None, threads: int = 1) -> float:
    """Seconds per step and run of `descent.sweep`, summaries only."""
    torch.set_num_threads(threads)
    start = time.perf_counter()
    sweep(
        F, HeavyBall(1e-3, 0.9), F.start, steps,
        grid=GRID, keep="last", backend=backend, target=target,
    )  # fmt: skip
    return (time.perf_counter() - start) / (SIDE * SIDE * steps)


def memory(steps: int, keep: str) -> float | None:
    """Growth of the peak memory of a fresh process over one torch sweep, in MiB; Linux only."""
    if not Path("/proc/self/clear_refs").exists():
        return None
    code = (
        "import sys; sys.path.insert(0, 'benchmarks'); import sweep_map as m; Path = m.Path;"
        "status = lambda key: int(Path('/proc/self/status').read_text().split(key)[1].split()[0]);"
        "go = lambda n: m.sweep(m.F, m.HeavyBall(1e-3, 0.9), m.F.start, n, grid=m.GRID,"
        f"keep='{keep}', backend='torch');"
        "go(2); Path('/proc/self/clear_refs').write_text('5'); before = status('VmRSS:');"
        f"kept = go({steps}); print(status('VmHWM:') - before)"
    )
    root = Path(__file__).parents[1]
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True
    )
    return round(int(done.stdout) / 1024, 1)


def measure(rounds: int, ways: dict[str, Callable[[], float]]) -> dict[str, list[float]]:
    seen: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(rounds):
        for name, way in ways.items():
            seen[name].append(way())
    return seen


def main() -> None:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 7
    work = SIDE * SIDE * STEPS
    first = [round(work * swept("numba", STEPS, target), 2) for target in (None, TARGET)]

    def compiled(target: float | None, threads: int) -> float:
        return statistics.fmean(swept("numba", STEPS, target, threads) for _ in range(CALLS))

    # Two threads that wait for each other cost torch more than they bring on arrays this small.
    ways = {
        "torch.optim": torch_optim,
        "sweep, torch": lambda: swept("torch", TORCH_STEPS),
        f"sweep, numba, {THREADS} threads": lambda: compiled(None, THREADS),
        "sweep, numba, 1 thread": lambda: compiled(None, 1),
        f"sweep, numba, {THREADS} threads, with target": lambda: compiled(TARGET, THREADS),
    }
    seen = measure(rounds, ways)
    rival = seen["torch.optim"]
    table = {
        name: {
            "ns per step and run": round(1e9 * statistics.median(times), 3),
            "ratio": round(statistics.median(r / t for r, t in zip(rival, times, strict=True))),
        }
        for name, times in seen.items()
    }
    kept = {
        f"keep={k}, {n} steps": memory(n, k)
        for n, k in ((100, "last"), (400, "last"), (100, "all"), (400, "all"))
    }
    result = {
        "what": f"{SIDE} x {SIDE} map, HeavyBall on Rosenbrock, {STEPS} steps, float64",
        "how": f"paired medians of {rounds} rounds; torch.optim sampled on 4 runs x {SAMPLE_STEPS} "
        f"steps and torch sweep on {TORCH_STEPS} steps, both scaled; compiled: mean of {CALLS}",
        "machine": f"{platform.machine()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}",
        "table": table,
        "seconds of the first compiled call, without and with a target": first,
        "peak memory growth of the torch sweep, MiB": kept,
    }
    RESULT.parent.mkdir(exist_ok=True)
    RESULT.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
    print(json.dumps(result, indent=2))


if __name__ == "__main__":
    main()
