"""Escapes: the Arrhenius plot, the cheapest ways, and mini-batches that share minima out."""

import math

import numpy as np
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
    scalars,
    simulation,
    surface,
    table,
)
from descent.noise_and_escape import (
    CurvedValley,
    batch_deviation,
    batch_variance,
    double_well_slope,
    standard_scores,
)
from descent.noise_and_escape.line import grid, share_below, stationary
from descent.trace.noise import uniform


def arrhenius() -> Explorer:
    """Escape times over 1/ε, with a line that the reader fits."""
    from descent.experiments.noise_and_escape import STRENGTHS, escape_times

    times = torch.from_numpy(escape_times()["time"])
    where = 1 / torch.tensor(STRENGTHS, dtype=torch.float64)
    logs = times.log().mean(-1)

    def fit(cut: Tensor, divide: Tensor) -> dict[str, Tensor]:
        y = logs - divide * math.log(2 * math.pi / math.sqrt(2.0))
        used = (where >= cut - 1e-9).double()
        n = used.sum()
        mx, my = (used * where).sum() / n, (used * y).sum() / n
        slope = (used * (where - mx) * (y - my)).sum() / (used * (where - mx) ** 2).sum()
        through = (used * where * y).sum() / (used * where**2).sum()
        return {
            "slope": slope,
            "offset": my - slope * mx,
            "through": through,
            "points": torch.stack([where, y], 1),
        }

    return Explorer(
        "noise_and_escape/arrhenius",
        title="The logarithm of waiting",
        question="Theory says slope 0.5 = 2Δf. What slope do you fit to all points? To the "
        "coldest ones alone? What changes when you know the prefactor and force the line through "
        "the origin?",
        controls=[
            choice("cut", (4.0, 5.0, 6.5, 8.0), 4.0, label="fit from 1/ε ="),
            choice("divide", (0, 1), 0, label="prefactor", words=("left in", "divided out")),
        ],
        signals=[
            scalars(fit),
            curve(
                lambda r, slope, offset, divide: {
                    "line": offset + slope * r,
                    "theory": 0.5 * r + (1 - divide) * math.log(2 * math.pi / math.sqrt(2.0)),
                },
                over=Grid("r", 0.0, 11.0, n=45),
            ),
        ],
        panels=[
            Panel(
                "Mean time from −1 to +1",
                Axis("1/ε", 0, 11),
                Axis("ln of the mean time", 0, 8),
                [
                    marks.line("theory", "Eyring and Kramers", color=2, dash=1),
                    marks.line("line", "your fit", color=0),
                    marks.cloud("points", "measured", color=1),
                    marks.rule("fit from here", x="cut", color=4),
                ],
                ratio=0.62,
            )
        ],
        readout=[
            readout("slope of the fit", "slope", digits=3),
            readout("slope of a line through the origin", "through", digits=3),
        ],
        caption="Four clouds of 1000 particles for each noise strength, steps of 0.01.",
    )


def cheapest_way() -> Explorer:
    """Paths of least action over a curved barrier, for noise of several shapes."""
    from descent.experiments.noise_and_escape import PARTS, curved_ways

    f, found = CurvedValley(), curved_ways()
    x, y = Grid("u", -1.6, 1.6, n=49), Grid("w", -0.6, 1.6, n=45)
    time = np.linspace(0, 16, found["path"].shape[1])
    round_way = found["path"][len(PARTS) // 2]
    return Explorer(
        "noise_and_escape/cheapest_way",
        title="The cheapest way out",
        question="With round noise the way out is the way in, backwards. Which way does noise "
        "along x prefer, and what does it pay? And noise along y?",
        controls=[choice("part", PARTS, 0.9, label="part of the noise along x")],
        signals=[
            surface("f", lambda u, w: f(torch.stack([u, w], -1)), over=(x, y)),
            table(
                {"way": found["path"], "action": found["action"]},
                axes={"part": PARTS},
                at=time,
                timed=True,
            ),
            table({"calm": round_way[None].repeat(len(PARTS), 0)}, axes={"part": PARTS}, at=time),
            table({"cost": found["action"]}, axes={}, at=np.array(PARTS)),
        ],
        panels=[
            Panel(
                "Way over the barrier",
                Axis("x", -1.6, 1.6),
                Axis("y", -0.6, 1.6),
                [
                    marks.contours("f", power=2),
                    marks.points(f.minima.tolist(), "minima", marker=1),
                    marks.path("calm", "round noise", color=0, dash=1, marker=1),
                    marks.path("way", "this noise", color=1),
                ],
                ratio=0.9,
            ),
            Panel(
                "What it costs",
                Axis("part of the noise along x", 0, 1.2),
                Axis("least action", 0.4, 0.8),
                [
                    marks.rule("2Δf", y=0.5),
                    marks.line("cost", "least action", color=1),
                    marks.dot("part", "action", "chosen noise", color=1),
                ],
                ratio=0.9,
            ),
        ],
        readout=[readout("least action", "action", digits=4)],
        caption="f = ¼(x²−1)² + (y−1+x²)². The noise has trace 2. Time 16, 240 steps.",
        play="way",
    )


COUNT, STEPS, ROWS = 300, 2400, 4
X = grid(-3.0, 3.0, 401)


def _begin(seed: Tensor) -> dict[str, Tensor]:
    side = 2.0 * (torch.arange(COUNT) % 2).double() - 1.0
    return {"x": side + 0.0 * seed}


def _batch(x: Tensor, lr: Tensor, batch: Tensor, seed: Tensor, step: Tensor) -> dict[str, Tensor]:
    """Make one step of SGD: each particle draws up to four examples and uses the first B."""
    scores = torch.tensor(standard_scores(64), dtype=torch.float64)
    u = uniform(seed, (step + 1.0) * COUNT + torch.arange(COUNT))
    total = torch.zeros_like(x)
    for i in range(ROWS):
        # Six bits of the random number choose an example, the next six the next one.
        pick = torch.floor(64 * u)
        u = 64 * u - pick
        total = total + scores[pick.long()] * (i < batch).double()
    return {"x": x - lr * (double_well_slope(x) + total / batch * batch_deviation(x))}


def linear_scaling() -> Explorer:
    """SGD with real batches on a finite data set: only the ratio of rate and batch counts."""

    def exact(lr: Tensor, batch: Tensor) -> dict[str, Tensor]:
        density = stationary(double_well_slope, batch_variance, lr / batch, X)
        return {"exact": share_below(density, X, 0.0), "ratio": lr / batch}

    return Explorer(
        "noise_and_escape/linear_scaling",
        title="Only η/B counts",
        question="Start with η = 0.05 and B = 1. Double B: where does the share go? Now double η "
        "as well. At which η does the rule begin to fail?",
        controls=[
            choice("lr", (0.05, 0.1, 0.2, 0.4), 0.1, label="learning rate η"),
            choice("batch", (1, 2, 4), 2, label="batch size B"),
            choice("seed", (0, 1, 2), 0, label="seed"),
        ],
        signals=[
            simulation(
                _begin,
                _batch,
                lambda x: {"left": (x < 0).double().mean()},
                steps=STEPS,
                every=40,
            ),
            scalars(exact),
            curve(
                lambda q: {
                    "law": share_below(stationary(double_well_slope, batch_variance, q, X), X, 0.0)
                },
                over=Grid("q", 0.0125, 0.4, n=25, log=True),
            ),
        ],
        panels=[
            Panel(
                "Share on the left, the quiet side",
                Axis("step k", 0, STEPS),
                Axis("share", 0, 1),
                [
                    marks.rule("diffusion", y="exact", color=2, legend=True),
                    marks.line("left", "SGD", color=1),
                ],
            ),
            Panel(
                "In the long run",
                Axis("η/B", 0.01, 1, log=True),
                Axis("share", 0, 1),
                [
                    marks.line("law", "diffusion", color=2),
                    marks.dot("ratio", "left_last", "SGD, at the end", color=1),
                ],
            ),
        ],
        readout=[
            readout("η/B", "ratio", digits=3),
            readout("share on the left, diffusion", "exact", digits=3),
            readout("share on the left, SGD, at the end", "left_last", digits=3),
        ],
        caption="64 examples with the same two minima; the variance of their slopes is 3 on the "
        "left and 5.4 on the right. 300 runs, each with batches of its own.",
        play="left",
    )
