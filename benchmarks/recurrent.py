"""Recurrent networks trained at once, and Jacobians through a thousand steps.

The first rows time one step of training of 64 networks against a loop over `torch.nn` layers with
`torch.optim`. The last rows time the norms of all Jacobians of the last state against one graph
with a batched vector-Jacobian product, and against one Jacobian after another, of which a few are
timed. Run: `python benchmarks/recurrent.py [--quick]`.
"""

import sys

import torch
from timing import ratio, save
from torch import Tensor, nn

from descent.long_term_dependencies import Recurrent, Sequences, adding, jacobian_norms

LAYERS = {"tanh": nn.RNN, "gru": nn.GRU, "lstm": nn.LSTM}
STEPS, NETWORKS, ROWS, WIDTH, LR = 100, 64, 16, 16, 0.01


def train(cell: str, pairs: int) -> dict:
    """One step of stochastic gradient descent for all networks."""
    network = Recurrent(cell, 2, WIDTH, 1)
    x = network.init(range(NETWORKS))
    f = Sequences(network, *adding(ROWS, STEPS))
    layer, readout = LAYERS[cell](2, WIDTH, batch_first=True), nn.Linear(WIDTH, 1)
    parts = [*layer.parameters(), *readout.parameters()]
    nn.utils.vector_to_parameters(x[0], parts)
    optimizer = torch.optim.SGD(parts, lr=LR)

    def loop() -> None:  # One network; the time is multiplied by their number.
        optimizer.zero_grad()
        loss = (readout(layer(f.inputs)[0][:, -1:]) - f.targets).square().mean() / 2
        loss.backward()
        optimizer.step()

    def together() -> Tensor:
        return x - LR * f.grad(x)

    want = together()[0]
    loop()
    got = nn.utils.parameters_to_vector(parts)
    torch.testing.assert_close(got, want, rtol=1e-4, atol=1e-6)
    row = ratio(lambda: [loop() for _ in range(8)], together, pairs)
    each = NETWORKS / 8
    return {
        "work": f"train {cell}",
        "rival": "loop of torch.nn and torch.optim",
        "rival_ms": row["rival_s"] * each * 1e3,
        "ours_ms": row["ours_s"] * 1e3,
        **{k: row[k] * each for k in ("ratio", "low", "high")},
    }


def jacobians(steps: int, width: int, pairs: int) -> list[dict]:
    """Mean-square norms of the Jacobians of the last state by all earlier ones."""
    network = Recurrent("tanh", 2, width, 1, "orthogonal")
    x, seen = network.init([0]), torch.randn(steps, 2, generator=torch.Generator().manual_seed(0))
    w = network.unflatten(x[0])

    def states() -> list[Tensor]:
        h = [torch.zeros(width, requires_grad=True)]
        for u in seen:
            h.append(torch.tanh(w.w @ u + w.b + w.u @ h[-1] + w.c))
        return h

    def batched() -> Tensor:
        h = states()
        rows = torch.autograd.grad(h[-1], h[:-1], torch.eye(width), is_grads_batched=True)
        return torch.stack([row.norm() for row in rows]) / width**0.5

    def naive(first: int) -> Tensor:
        h = states()
        rows = [torch.autograd.grad(v, h[first], retain_graph=True)[0] for v in h[-1]]
        return torch.stack(rows).norm() / width**0.5

    def ours() -> Tensor:
        return jacobian_norms(network, x, seen, norm="mean")

    got, want = ours()[1:21, 0].exp(), batched().flip(0)[:20]
    torch.testing.assert_close(got, want, rtol=1e-3, atol=0)
    torch.testing.assert_close(naive(steps - 10), want[9], rtol=1e-3, atol=0)
    rows = []
    for name, rival, times in (
        ("one graph, batched", batched, 1),
        ("one Jacobian after another", lambda: naive(steps // 2), steps),
    ):
        row = ratio(rival, ours, pairs)
        rows.append(
            {
                "work": f"Jacobians, T = {steps}, width {width}",
                "rival": name,
                "rival_ms": row["rival_s"] * times * 1e3,
                "ours_ms": row["ours_s"] * 1e3,
                **{k: row[k] * times for k in ("ratio", "low", "high")},
            }
        )
    return rows


def main() -> None:
    torch.set_num_threads(1)
    pairs = 3 if "--quick" in sys.argv else 9
    rows = [train(cell, pairs) for cell in LAYERS]
    save("recurrent", rows + jacobians(1000, 64, pairs))


if __name__ == "__main__":
    main()
