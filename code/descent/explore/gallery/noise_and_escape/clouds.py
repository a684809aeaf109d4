"""Clouds of particles over a potential: two equal minima, a chain of three, a deviation."""

import torch
from torch import Tensor

from descent.explore import (
    Axis,
    Explorer,
    Grid,
    Panel,
    choice,
    curve,
    guess,
    marks,
    readout,
    scalars,
    simulation,
    slider,
    surface,
)
from descent.noise_and_escape import (
    double_well,
    double_well_slope,
    laplace_ratio,
    switch,
    three_wells,
    three_wells_slope,
)
from descent.noise_and_escape.line import grid, share_below, stationary
from descent.trace.noise import normals

COUNT, STEPS, RATE = 300, 1500, 0.1
ACROSS, UP = Grid("u", -2.0, 2.0, n=41), Grid("w", -2.2, 2.2, n=41)


def _begin(eps: Tensor) -> dict[str, Tensor]:
    """Half of the particles in each well, whatever the noise."""
    side = 2.0 * (torch.arange(COUNT) % 2).double() - 1.0 + 0.0 * eps
    return {"q": torch.stack([side, torch.zeros_like(side)], 1)}


def _walk(q: Tensor, out: Tensor, eps: Tensor, step: Tensor) -> dict[str, Tensor]:
    """Make one step in two wells whose noise differs; its trace is 2 on both sides."""
    z = normals(0, (step + 1.0) * COUNT + torch.arange(COUNT), 2)
    x, y = q[:, 0], q[:, 1]
    sigma = torch.stack([switch(x, 1.0, out) ** 0.5, switch(x, 1.0, 2.0 - out) ** 0.5], 1)
    force = torch.stack([double_well_slope(x), y], 1)
    return {"q": q - RATE * force + (RATE * eps) ** 0.5 * sigma * z}


def selection() -> Explorer:
    """Two equal minima whose noise differs, and who gets the particles."""
    x = grid(-3.0, 3.0, 401)

    def exact(out: Tensor, eps: Tensor) -> dict[str, Tensor]:
        density = stationary(double_well_slope, lambda u: switch(u, 1.0, out), eps, x)
        ratio = laplace_ratio(0.25, 1.0, out, eps)
        return {"exact": share_below(density, x, 0.0), "laplace": ratio / (1 + ratio)}

    return Explorer(
        "noise_and_escape/selection",
        title="Two equal minima, two kinds of noise",
        question="The left noise is round. Which minimum gets more particles when the right one "
        "has most of its noise along the way out? And when it has nearly none there?",
        controls=[
            slider("out", 0.3, 1.7, 1.5, label="right noise along the way out, d₁", include=(1,)),
            slider("eps", 0.1, 0.5, 0.25, label="noise strength ε", include=(0.25,)),
        ],
        signals=[
            surface(
                "f",
                lambda u, w: double_well(u) + 0.5 * w * w,
                over=(ACROSS, UP),
            ),
            simulation(
                _begin,
                _walk,
                lambda q: {"left": (q[:, 0] < 0).double().mean(), "q": q},
                steps=STEPS,
                every=15,
            ),
            scalars(exact),
            scalars(lambda out, eps: {"across": 2.0 - out, "along": eps * out}),
        ],
        panels=[
            Panel(
                "Particles",
                Axis("x", -2, 2),
                Axis("y", -2.2, 2.2),
                [
                    marks.contours("f", power=2),
                    marks.cloud("q", "particles", color=1),
                    marks.points([(-1, 0), (1, 0)], "minima", marker=1, color=3),
                ],
                ratio=0.9,
            ),
            Panel(
                "Share in the left well",
                Axis("step k", 0, STEPS),
                Axis("share", 0, 1),
                [
                    marks.rule("exact", y="exact", color=2),
                    marks.line("left", "cloud", color=1),
                ],
                ratio=0.9,
            ),
        ],
        readout=[
            readout("right noise across the way out, d₂", "across", digits=3),
            readout("kicks towards the exit, left: ε", "eps", digits=3),
            readout("kicks towards the exit, right: ε d₁", "along", digits=3),
            readout("exact share on the left", "exact", digits=3),
            readout("Laplace's approximation", "laplace", digits=3),
            readout("cloud, at the end", "left_last", digits=3),
        ],
        caption=f"{COUNT} particles, steps of {RATE:g}. On the left D = (1, 1); on the right "
        "D = (d₁, 2 − d₁), so the trace is 2 on both sides. The two minima are equally deep and "
        "equally sharp.",
        play="left",
        guess=guess(
            "exact",
            "Which share of the time is spent on the left?",
            within=0.05,
            hides=["laplace", "left", "left_last"],
        ),
    )


LONG, STRIDE = 1500, 0.2
CUTS = (-1.0, 1.1)


def _right(seed: Tensor) -> dict[str, Tensor]:
    return {"x": 2.1 + 0.0 * seed + torch.zeros(COUNT, dtype=torch.float64)}


def _hop(x: Tensor, eps: Tensor, height: Tensor, seed: Tensor, step: Tensor) -> dict[str, Tensor]:
    """Make one step in three wells."""
    z = normals(seed, (step + 1.0) * COUNT + torch.arange(COUNT), 2)[:, 0]
    return {"x": x - STRIDE * three_wells_slope(x, height) + (STRIDE * eps) ** 0.5 * z}


def _shares(x: Tensor, height: Tensor) -> dict[str, Tensor]:
    """Measure the shares, and put the particles on the graph of the loss."""
    left, right = (x < CUTS[0]).double().mean(), (x > CUTS[1]).double().mean()
    points = torch.stack([x, three_wells(x, height)], 1)
    return {"left": left, "middle": 1 - left - right, "right": right, "points": points}


def three_wells_figure() -> Explorer:
    """Shares of three wells, from a cloud, from a chain of jumps and from Gibbs."""
    x = grid(-4.0, 4.0, 801)

    def laws(eps: Tensor, height: Tensor) -> dict[str, Tensor]:
        density = torch.exp(-2 * (three_wells(x, height) - three_wells(x, height).min()) / eps)
        total = density.sum()
        left, right = density[x <= CUTS[0]].sum() / total, density[x >= CUTS[1]].sum() / total
        return {"gibbs": torch.stack([left, 1 - left - right, right])}

    def now(left_now: Tensor, middle_now: Tensor, right_now: Tensor) -> dict[str, Tensor]:
        return {"cloud": torch.stack([left_now, middle_now, right_now])}

    names = ["left, −2", "middle, 0", "right, 2.1"]
    return Explorer(
        "noise_and_escape/three_wells",
        title="Visits, not arrivals",
        question="All particles begin in the right well. How long until their shares are Gibbs's? "
        "Double the barriers: does the cloud get there in the time shown?",
        controls=[
            slider("eps", 0.06, 0.4, 0.2, label="noise strength ε", include=(0.2,)),
            choice("height", (0.06, 0.12, 0.25), 0.12, label="height of the landscape"),
            choice("seed", (0, 1, 2), 0, label="seed"),
        ],
        signals=[
            curve(
                lambda t, height: {"f": three_wells(t, height)},
                over=Grid("t", -2.8, 2.9, n=121),
            ),
            simulation(_right, _hop, _shares, steps=LONG, every=15),
            scalars(laws),
            scalars(now),
        ],
        panels=[
            Panel(
                "Loss",
                Axis("x", -2.8, 2.9),
                Axis("f(x)", -0.8, 1.2),
                [
                    marks.line("f", "f", color=0),
                    marks.cloud("points", "particles", color=1),
                ],
                ratio=0.9,
            ),
            Panel(
                "Share of the particles",
                Axis("share", 0, 1),
                Axis("well", names=names),
                [
                    marks.bars("cloud", "cloud now", color=1, transpose=True, digits=2),
                    marks.bars("gibbs", "Gibbs", color=2, transpose=True, digits=2),
                ],
                ratio=0.9,
            ),
            Panel(
                "Shares over time",
                Axis("step k", 0, LONG),
                Axis("share", 0, 1),
                [marks.lines({"left": "left", "middle": "middle", "right": "right"})],
                ratio=0.9,
            ),
        ],
        readout=[
            readout("left, at the end", "left_last", digits=3),
            readout("middle, at the end", "middle_last", digits=3),
            readout("right, at the end", "right_last", digits=3),
        ],
        caption=f"{COUNT} particles, steps of {STRIDE:g}. The left well is the deepest.",
        play="left",
    )


SPAN = 400


def _together(start: Tensor, seed: Tensor) -> dict[str, Tensor]:
    x = start + 0.0 * seed + torch.zeros(COUNT, dtype=torch.float64)
    return {"x": x, "calm": start + 0.0 * seed}


def _part(x: Tensor, calm: Tensor, eps: Tensor, seed: Tensor, step: Tensor) -> dict[str, Tensor]:
    """Make one step of a cloud and of gradient descent beside it."""
    z = normals(seed, (step + 1.0) * COUNT + torch.arange(COUNT), 2)[:, 0]
    h = 0.0125
    return {
        "x": x - h * double_well_slope(x) + (h * eps) ** 0.5 * z,
        "calm": calm - h * double_well_slope(calm),
    }


def _apart(x: Tensor, calm: Tensor, eps: Tensor) -> dict[str, Tensor]:
    gap = ((x - calm) ** 2).mean() / eps
    return {"gap": gap, "path": calm, "low": x.min(), "high": x.max(), "mean": x.mean()}


def deviation() -> Explorer:
    """A cloud and the descent without noise, and the constant of the lemma."""
    return Explorer(
        "noise_and_escape/deviation",
        title="How far from gradient descent?",
        question="Start at 1.5, then at 0.05, beside the barrier. By what factor does the "
        "constant of the lemma grow? When does the cloud stop being a blurred point?",
        controls=[
            slider("start", 0.02, 1.5, 0.1, label="start x₀", log=True, include=(0.1,)),
            slider("eps", 0.0005, 0.05, 0.005, label="noise strength ε = η", log=True),
            choice("seed", (0, 1, 2), 0, label="seed"),
        ],
        signals=[
            simulation(_together, _part, _apart, steps=SPAN, every=4),
            curve(
                lambda k: {"bound": (torch.exp(2 * k * 0.0125) - 1) / 2},
                over=Grid("k", 4, SPAN, n=100),
            ),
            scalars(lambda gap_max, eps: {"square": gap_max * eps}),
        ],
        panels=[
            Panel(
                "Cloud and descent",
                Axis("step", 0, SPAN),
                Axis("x", -1.6, 1.8),
                [
                    marks.band("low", "high", "all particles", color=1),
                    marks.line("mean", "mean of the cloud", color=1, dash=1),
                    marks.line("path", "gradient descent", color=0),
                ],
            ),
            Panel(
                "Constant of the lemma",
                Axis("step", 0, SPAN),
                Axis("mean squared distance / ε", 1e-2, 1e3, log=True),
                [
                    marks.line("bound", "(e²ᵗ − 1)/2", color=4, dash=1),
                    marks.line("gap", "cloud", color=1),
                ],
            ),
        ],
        readout=[
            readout("largest mean square over ε", "gap_max", digits=3),
            readout("largest mean square", "square", digits=3),
        ],
        caption=f"{COUNT} particles in the double well, up to time t = 5. The bound is what noise "
        "becomes where the curvature is −1, the worst of this loss.",
        play="gap",
    )
