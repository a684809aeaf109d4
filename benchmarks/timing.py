"""Side-by-side timing: two ways of doing the same work, alternating in one process."""

import json
import os
import platform
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

import torch

RESULTS = Path(__file__).resolve().parent / "results"


def ratio(rival: Callable, ours: Callable, pairs: int = 9) -> dict[str, float]:
    """Time both in turn and compare each with its neighbor.

    CPU time of this process is taken, not time on the wall: with one thread they agree on an idle
    machine, and on a shared one only the first is about the code.

    Args:
        rival: The other way of doing the work.
        ours: Our way.
        pairs: Number of pairs, after one warm-up each.

    Returns:
        Median seconds of both, the median of the paired ratios rival / ours, and their quartiles.
    """
    rival(), ours()
    times = [(_seconds(rival), _seconds(ours)) for _ in range(pairs)]
    ratios = sorted(a / b for a, b in times)
    return {
        "rival_s": median(a for a, _ in times),
        "ours_s": median(b for _, b in times),
        "ratio": median(ratios),
        "low": ratios[len(ratios) // 4],
        "high": ratios[-1 - len(ratios) // 4],
    }


def _seconds(work: Callable) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start


def machine(clock: str) -> dict[str, str | int]:
    """Name what the figures were measured on."""
    return {
        "cpu": _cpu(),
        "cores": os.cpu_count() or 1,
        "torch": torch.__version__,
        "torch_threads": torch.get_num_threads(),
        "clock": clock,
    }


def save(name: str, rows: list[dict], clock: str = "CPU time of the process") -> None:
    """Print rows as a table and write them with the machine's name to results/<name>.json."""
    for row in rows:
        print("  ".join(f"{k}={_short(v)}" for k, v in row.items()))
    RESULTS.mkdir(exist_ok=True)
    text = json.dumps({"machine": machine(clock), "rows": rows}, indent=1, default=float)
    (RESULTS / f"{name}.json").write_text(text + "\n", encoding="utf-8")


def _short(value: object) -> str:
    return f"{value:.3g}" if isinstance(value, float) else str(value)


def _cpu() -> str:
    """Return the processor's model, on Linux and elsewhere."""
    info = Path("/proc/cpuinfo")
    if info.exists():
        for line in info.read_text().splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.processor() or platform.machine()
