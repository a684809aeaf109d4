"""A cloud of particles in two wells: compiled blocks, a torch program, and numpy.

A figure is the time of one step of one particle with one normal number, on one thread; the last row
is the wall time of a hundred thousand particles and ten thousand steps on two threads.
Run: `python benchmarks/particles.py [--quick]`.
"""

import sys
import time

import numpy as np
import torch
from timing import ratio, save

from descent import noise_and_escape as ne
from descent.noise_and_escape import tensors

WALK = ne.Walk(ne.TWO_WELLS, 0.02, ne.amplitude(0.25, 0.02))


def cloud(count: int) -> torch.Tensor:
    return torch.full((count, 1), -1.0, dtype=torch.float64)


def watch(x):
    return x, x * x


def ours(count: int, steps: int) -> torch.Tensor:
    return ne.averages(WALK, cloud(count), steps, watch, steps)


def by_torch(count: int, steps: int) -> torch.Tensor:
    return tensors.averages(WALK, cloud(count), steps, watch, steps)


def by_numpy(count: int, steps: int) -> float:
    rng, x = np.random.default_rng(0), np.full(count, -1.0)
    for _ in range(steps):
        x += WALK.scale * rng.standard_normal(count) - WALK.lr * ne.double_well_slope(x)
    return float((x**2).mean())


def main() -> None:
    torch.set_num_threads(1)
    pairs = 3 if "--quick" in sys.argv else 9
    rows = []
    for count, steps in ((1000, 1000), (100_000, 20)):
        ns = 1e9 / (count * steps)
        for name, rival in (("torch", by_torch), ("numpy", by_numpy)):
            row = ratio(lambda: rival(count, steps), lambda: ours(count, steps), pairs)  # noqa: B023
            rows.append({
                "particles": count,
                "rival": name,
                "rival_ns": row["rival_s"] * ns,
                "ours_ns": row["ours_s"] * ns,
                **{k: row[k] for k in ("ratio", "low", "high")},
            })  # fmt: skip
    torch.set_num_threads(2)
    begin = time.perf_counter()
    ours(100_000, 10_000)
    rows.append({"particles": 100_000, "steps": 10_000, "threads": 2,
                 "wall_s": time.perf_counter() - begin})  # fmt: skip
    save("particles", rows, "CPU time of the process; the last row is time on the wall")


if __name__ == "__main__":
    main()
