"""Many small networks trained at once, against a loop of torch.optim runs.

Both train the same networks on the same mini-batches with the same learning rate; a figure is the
time of one step of one network. Run: `python benchmarks/ensembles.py [--quick]`.
"""

import sys

import torch
from timing import ratio, save
from torch import nn

import descent
from descent.data import Dataset
from descent.networks import MLP, Empirical, FunctionalObjective, mse_half, to_module

SHAPES = [(64, 100, 10), (64, 16, 10), (2, 16, 1)]
LR = 0.01


def problem(sizes: tuple[int, ...], n: int) -> Empirical:
    g = torch.Generator().manual_seed(0)
    inputs = torch.randn(n, sizes[0], generator=g)
    targets = torch.randn(n, sizes[-1], generator=g)
    return Empirical(MLP(sizes), Dataset(inputs, targets), mse_half)


def loop(f: Empirical, x: torch.Tensor, steps: int, batch: int | None) -> torch.Tensor:
    """Train one network as a PyTorch user would."""
    module = to_module(f.network, x)
    optimizer = torch.optim.SGD(module.parameters(), lr=LR)
    batches = descent.minibatch(batch or f.size)
    for k in range(steps):
        u, t = f.inputs, f.targets
        if batch:
            index = batches.indices(f.size, k)
            u, t = u[index], t[index]
        optimizer.zero_grad()
        (0.5 * nn.functional.mse_loss(module(u), t) * t.shape[1]).backward()
        optimizer.step()
    return nn.utils.parameters_to_vector(module.parameters()).detach()


def together(f, x: torch.Tensor, steps: int, batch: int | None) -> torch.Tensor:
    """Train all networks in one array program."""
    oracle = descent.minibatch(batch) if batch else descent.gradient
    return descent.run(
        f, descent.SGD(lr=LR), x, steps, oracle=oracle, keep="last", watch=False
    ).final_x


def compare(sizes: tuple[int, ...], n: int, batch: int | None, count: int, pairs: int) -> dict:
    f = problem(sizes, n)
    x = f.network.init(0, (count,))
    steps = 256 if batch else 16
    torch.testing.assert_close(
        together(f, x, 5, batch)[0], loop(f, x[0], 5, batch), rtol=1e-4, atol=1e-6
    )
    row = ratio(lambda: loop(f, x[0], steps, batch), lambda: together(f, x, steps, batch), pairs)
    per_step = {k: row[k] * count for k in ("ratio", "low", "high")}
    us = 1e6 / steps
    return {
        "shape": "-".join(map(str, sizes)),
        "examples": n,
        "batch": batch or "all",
        "networks": count,
        "loop_us": row["rival_s"] * us,
        "together_us": row["ours_s"] * us / count,
        **per_step,
    }


def compare_any_module(sizes: tuple[int, ...], count: int, pairs: int) -> dict:
    """The same through vmap, as for a model that is not an MLP."""
    f = problem(sizes, 256)
    x = f.network.init(0, (count,))
    g = FunctionalObjective(to_module(f.network, x[0]), f.dataset, mse_half)
    row = ratio(lambda: loop(f, x[0], 256, 32), lambda: together(g, x, 256, 32), pairs)
    return {
        "shape": "-".join(map(str, sizes)) + " by vmap",
        "examples": 256,
        "batch": 32,
        "networks": count,
        "loop_us": row["rival_s"] * 1e6 / 256,
        "together_us": row["ours_s"] * 1e6 / 256 / count,
        **{k: row[k] * count for k in ("ratio", "low", "high")},
    }


def main() -> None:
    torch.set_num_threads(1)
    pairs = 3 if "--quick" in sys.argv else 9
    rows = []
    for sizes in SHAPES:
        for n, batch in ((1024, 32), (256, None), (1024, None)):
            rows += [compare(sizes, n, batch, count, pairs) for count in (32, 256)]
    rows += [compare_any_module(sizes, 256, pairs) for sizes in SHAPES]
    save("ensembles", rows)


if __name__ == "__main__":
    main()
