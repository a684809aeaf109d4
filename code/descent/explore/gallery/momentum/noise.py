"""Momentum with noisy gradients: the floor, and what acceleration does to noise."""

import torch
from torch import Tensor

from descent.explore import (
    Axis,
    Explorer,
    Grid,
    Panel,
    choice,
    curve,
    marks,
    readout,
    recurrence,
    scalars,
    slider,
)
from descent.explore.signals import Source
from descent.momentum import heavy_ball, nesterov, spread, stationary_variance
from descent.trace.noise import normal

STEPS = 300


def _rates(effective: Tensor, beta: Tensor) -> dict[str, Tensor]:
    """Return the learning rate with momentum, and the three floors, at λ = σ = 1."""
    lr = effective * (1 - beta)
    return {
        "lr": lr,
        "floor_plain": stationary_variance(heavy_ball(effective, 0.0), effective),
        "floor_ball": stationary_variance(heavy_ball(lr, beta), lr),
        "floor_ahead": stationary_variance(nesterov(lr, beta), lr),
    }


def _walk(
    k: Tensor,
    x: Tensor,
    v: Tensor,
    plain: Tensor,
    a: Tensor,
    b: Tensor,
    c: Tensor,
    d: Tensor,
    effective: Tensor,
    lr: Tensor,
    beta: Tensor,
) -> dict[str, Tensor]:
    """Make one noisy step with and without momentum, and one of the exact second moments."""
    xi = normal(0, k)
    v = beta * v - lr * (x + xi)
    a2, b2, c2 = spread(a, b, c, heavy_ball(lr, beta), lr)
    d2, _, _ = spread(d, d, d, heavy_ball(effective, 0.0), effective)
    return {
        "k": k + 1,
        "x": x + v,
        "v": v,
        "plain": plain - effective * (plain + xi),
        "a": a2,
        "b": b2,
        "c": c2,
        "d": d2,
    }


def noise_floor() -> Explorer:
    """The variance that noise keeps up, with and without momentum."""
    start = {"k": 0.0, "x": 3.0, "v": 0.0, "plain": 3.0, "a": 9.0, "b": 9.0, "c": 9.0, "d": 9.0}
    return Explorer(
        "momentum/noise_floor",
        title="The same floor, with or without momentum",
        question="Move β: does the level where the loss settles change? Now raise the effective "
        "rate towards 2. Which of the two survives?",
        controls=[
            slider(
                "effective",
                0.005,
                1.99,
                0.05,
                label="effective rate η/(1−β)",
                log=True,
                include=(0.1, 1),
            ),
            slider("beta", 0, 0.99, 0.9, label="momentum β", include=(0.5,)),
        ],
        signals=[
            scalars(_rates),
            recurrence(_walk, start=start, steps=STEPS),
            curve(
                lambda s, effective: {
                    "ball": stationary_variance(
                        heavy_ball(effective * (1 - s), s), effective * (1 - s)
                    ),
                    "ahead": stationary_variance(
                        nesterov(effective * (1 - s), s), effective * (1 - s)
                    ),
                },
                over=Grid("s", 0, 0.99, n=67),
            ),
        ],
        panels=[
            Panel(
                "One run, same noise",
                Axis("step k", 0, STEPS),
                Axis("x", -3.5, 3.5),
                [
                    marks.rule(y=0.0),
                    marks.line("plain", "no momentum", color=0, dash=1),
                    marks.line("x", "momentum", color=1),
                ],
            ),
            Panel(
                "Mean over all runs",
                Axis("step k", 0, STEPS),
                Axis("mean of x²", 1e-3, 100, log=True),
                [
                    marks.line("d", "no momentum", color=0, dash=1),
                    marks.line("a", "momentum", color=1),
                    marks.rule("floor", y="floor_ball", color=4),
                ],
            ),
            Panel(
                "Floor at this effective rate",
                Axis("momentum β", 0, 1),
                Axis("mean of x² in the end", 1e-3, 10, log=True),
                [
                    marks.line("ball", "heavy ball", color=1),
                    marks.line("ahead", "Nesterov", color=2, dash=2),
                    marks.dot("beta", "floor_ball", "chosen β", color=1),
                ],
            ),
        ],
        readout=[
            readout("floor without momentum", "floor_plain", digits=3),
            readout("floor, heavy ball", "floor_ball", digits=3),
            readout("floor, Nesterov", "floor_ahead", digits=3),
            readout("learning rate η with momentum", "lr", digits=3),
        ],
        caption="Curvature 1 and unit noise. Both runs have the same effective rate.",
        play="x",
    )


DIM, LONG = 13, 1000


def _curvatures() -> Tensor:
    """Curvatures from 1e-6 to 1."""
    return 10.0 ** (torch.arange(DIM, dtype=torch.float64) / 2 - 6)


def _moments(
    t: Tensor,
    momentum: Tensor,
    x: Tensor,
    v: Tensor,
    a: Tensor,
    b: Tensor,
    c: Tensor,
    p: Tensor,
    lr: Tensor,
    sigma: Tensor,
) -> dict[str, Tensor]:
    """Make one step of the mean and the variance of growing momentum, and of plain descent."""
    lam = _curvatures()
    after = (1 + torch.sqrt(1 + 4 * t**2)) / 2
    v2 = momentum * v - lr * lam * (x + momentum * v)
    a2, b2, c2 = spread(a, b, c, nesterov(lr * lam, momentum), lr * sigma)
    p2, _, _ = spread(p, p, p, heavy_ball(lr * lam, 0.0), lr * sigma)
    return {
        "t": after,
        "momentum": (t - 1) / after,
        "x": x + v2,
        "v": v2,
        "a": a2,
        "b": b2,
        "c": c2,
        "p": p2,
        "fast": 0.5 * (lam * (x**2 + a)).sum(-1),
        "plain": 0.5 * (lam * p).sum(-1),
    }


def lost() -> Explorer:
    """Acceleration, lost in noise."""
    ones, zeros = (1.0,) * DIM, (0.0,) * DIM
    start: dict[str, Source] = {"t": 1.0, "momentum": 0.0, "x": ones, "v": zeros, "p": ones}
    start |= dict.fromkeys("abc", zeros)
    return Explorer(
        "momentum/lost",
        title="What noise does to acceleration",
        question="Without noise, how much steeper is the accelerated line? With noise 0.01, at "
        "which step does plain descent overtake it, and which η brings it back?",
        controls=[
            choice("sigma", (0, 0.001, 0.01, 0.1), 0, label="noise σ of the gradient"),
            slider("lr", 0.001, 1, 1, label="learning rate η", log=True),
        ],
        signals=[
            recurrence(_moments, start=start, steps=LONG, record=["fast", "plain"]),
            curve(
                lambda i: {"one": 1 / i, "two": 12 / i**2},
                over=Grid("i", 3, LONG, n=60, log=True),
            ),
            scalars(lambda fast_last, plain_last: {"ratio": plain_last / fast_last}),
        ],
        panels=[
            Panel(
                "Mean loss",
                Axis("step k", 1, LONG, log=True),
                Axis("mean of f(x)", 1e-7, 100, log=True),
                [
                    marks.line("one", "slope −1", color=4, dash=3),
                    marks.line("two", "slope −2", color=4, dash=1),
                    marks.line("plain", "gradient descent", color=1, dash=2),
                    marks.line("fast", "growing momentum", color=0),
                ],
                ratio=0.62,
            )
        ],
        readout=[
            readout("gradient descent, last", "plain_last", digits=3),
            readout("growing momentum, last", "fast_last", digits=3),
            readout("ratio", "ratio", digits=3),
        ],
        caption=f"{DIM} curvatures from 10⁻⁶ to 1; means are exact, not sampled.",
    )
