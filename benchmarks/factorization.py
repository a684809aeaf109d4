"""Descent on products of matrices, and the gradient flow.

The first rows time one step of gradient descent at n = 100 against `torch.optim.SGD` with automatic
differentiation, and say which share of our time the bare matrix products take. The last row follows
the flow to equal accuracy by the adaptive solver and by gradient descent with small steps, whose
rate is halved until it is accurate enough. Run: `python benchmarks/factorization.py [--quick]`.
"""

import sys

import torch
from timing import ratio, save
from torch import Tensor

from descent.implicit_bias import flow
from descent.objectives import Completion

SIZE, LR, ACCURACY, TIME = 100, 1e-3, 1e-4, 3.0


def step(depth: int, pairs: int) -> dict:
    """One step of gradient descent on all factors."""
    drawn = Completion.draw(SIZE, 5, 2000, 1, unit="entry")
    problem = Completion(drawn.truth[0].float(), drawn.seen[0].float())
    start = problem.start(depth, 0.1)
    leaves = [torch.nn.Parameter(factor.clone()) for factor in start]
    optimizer = torch.optim.SGD(leaves, lr=LR)
    scale = 0.5 * SIZE**2 / 2000

    def rival() -> None:
        optimizer.zero_grad()
        product = leaves[0]
        for factor in leaves[1:]:
            product = factor @ product
        loss = scale * (problem.seen * (product - problem.truth)).square().sum()
        loss.backward()
        optimizer.step()

    def ours() -> Tensor:
        return torch.sub(start, problem.grad(start), alpha=LR)

    def products() -> None:
        for _ in range(3 * (depth - 1)):
            start[0] @ start[1]

    want = ours()
    rival()
    torch.testing.assert_close(torch.stack(list(leaves)).detach(), want, rtol=1e-4, atol=1e-6)
    row = ratio(lambda: [rival() for _ in range(50)], lambda: [ours() for _ in range(50)], pairs)
    bare = ratio(
        lambda: [products() for _ in range(50)], lambda: [ours() for _ in range(50)], pairs
    )
    return {
        "work": f"one step, {depth} factors, n = {SIZE}",
        "rival": "torch.optim and autograd",
        "rival_ms": row["rival_s"] * 20,
        "ours_ms": row["ours_s"] * 20,
        **{k: row[k] for k in ("ratio", "low", "high")},
        "matrix_products_share": bare["ratio"],
    }


def follow(depth: int, pairs: int) -> dict:
    """Follow the flow from a small start until the first singular values have grown."""
    drawn = Completion.draw(50, 3, 600, 1, unit="spectral")
    problem = Completion(drawn.truth[0], drawn.seen[0])
    start = problem.start(depth, 0.1)
    exact = flow(problem, start, [0.0, TIME], rtol=1e-10)[-1]

    def off(x: Tensor) -> float:
        return float((x - exact).norm() / exact.norm())

    def small_steps(steps: int) -> Tensor:
        x = start
        for _ in range(steps):
            x = x - TIME / steps * problem.grad(x)
        return x

    steps, rtol = 16, 1e-2
    while off(small_steps(steps)) > ACCURACY:
        steps *= 2
    while off(flow(problem, start, [0.0, TIME], rtol)[-1]) > ACCURACY:
        rtol /= 2
    row = ratio(lambda: small_steps(steps), lambda: flow(problem, start, [0.0, TIME], rtol), pairs)
    return {
        "work": f"gradient flow, {depth} factors, n = 50",
        "rival": f"gradient descent, {steps} steps",
        "rival_ms": row["rival_s"] * 1e3,
        "ours_ms": row["ours_s"] * 1e3,
        **{k: row[k] for k in ("ratio", "low", "high")},
        "rival_error": off(small_steps(steps)),
        "our_error": off(flow(problem, start, [0.0, TIME], rtol)[-1]),
    }


def main() -> None:
    torch.set_num_threads(1)
    pairs = 3 if "--quick" in sys.argv else 9
    rows = [step(depth, pairs) for depth in (2, 3, 4)]
    save("factorization", rows + [follow(depth, pairs) for depth in (2, 3)])


if __name__ == "__main__":
    main()
