"""One figure of every kind of panel, each about ten lines; the browser tests draw them all."""

import numpy as np
import torch

from descent.explore import (
    Axis,
    Explorer,
    Grid,
    Panel,
    Plane,
    choice,
    curve,
    density,
    guess,
    histogram,
    marks,
    point,
    quantiles,
    race,
    readout,
    recurrence,
    scalars,
    slider,
    surface,
    table,
    verdict,
)
from descent.objectives import Rosenbrock
from descent.optimizers import SGD, HeavyBall, Nesterov
from descent.trace.noise import normals

RATES = Grid("lr", 0.01, 1.0, n=13, log=True)
BETAS = Grid("beta", 0.0, 0.9, n=10)
LAYERS = ("embedding", "hidden 1", "hidden 2", "hidden 3", "output")


def optimizers() -> Explorer:
    """Several optimizers' paths on contours, and their losses."""
    x, y = Rosenbrock.domain
    rules = {"SGD": SGD(1.0), "heavy ball": HeavyBall(1.0, 0.9), "Nesterov": Nesterov(1.0, 0.9)}
    runs = race(Rosenbrock(), rules, start="start", steps=80, bind=_momentum(rules))
    return Explorer(
        "sample/optimizers",
        title="Optimizers on contours",
        question="Which one is ahead?",
        controls=[
            slider("lr", 1e-4, 2e-3, 5e-4, label="learning rate η", log=True),
            point("start", (-1.2, 1.0), x=x, y=y),
        ],
        signals=[surface("f", Rosenbrock(), over=Plane("x", x, y)), *runs.signals],
        panels=[
            Panel("Paths", "x₁", "x₂", [marks.contours("f"), runs.paths, runs.grip]),
            Panel("Loss", "step k", Axis("f(x)", log=True), [runs.losses]),
        ],
        readout=runs.readout,
        play=runs.play,
    )


def _momentum(rules: dict) -> dict:
    return {name: {"beta": 0.9} for name in rules if name != "SGD"}


def seeds() -> Explorer:
    """Curves with bands over seeds."""
    rates, steps = (0.05, 0.1, 0.2), np.arange(60)
    noise = np.random.default_rng(0).lognormal(0, 0.25, (2, 3, 12, 60))
    decay = np.exp(-np.outer(rates, steps))[:, None] + 0.01
    arrays = {}
    for name, runs in zip(
        ("plain", "averaged"), (decay * noise[0], decay**1.4 * noise[1]), strict=True
    ):
        arrays |= quantiles(name, runs, axis=1, edges=(0.1, 0.9))
    return Explorer(
        "sample/seeds",
        title="Bands over seeds",
        question="From which step on do the bands part?",
        controls=[choice("lr", rates, 0.1, label="learning rate η")],
        signals=[table(arrays, axes={"lr": rates}, timed=True, precision="relative")],
        panels=[
            Panel(
                "Loss",
                "step k",
                Axis("loss", log=True),
                [
                    marks.spread("plain", "plain, 10 % to 90 %", color=1),
                    marks.spread("averaged", "averaged", color=0, dash=1),
                ],
            )
        ],
        readout=[readout("median at the end", "plain_last", digits=3)],
        play="plain",
    )


def sweep() -> Explorer:
    """A shipped map with lines of equal value and a boundary; click it to choose a run."""
    rates, betas = RATES.array(), BETAS.array()
    product = 12 * rates[:, None] / (1 + betas)
    shrink = np.maximum(np.abs(1 - product), betas**0.5)
    runs = {"loss": shrink[..., None] ** np.arange(25)}
    axes = {"lr": rates, "beta": betas}
    return Explorer(
        "sample/sweep",
        title="A shipped sweep",
        question="Which pair is fastest?",
        controls=[
            choice("lr", rates, rates[6], label="learning rate η"),
            choice("beta", betas, betas[5], label="momentum β"),
        ],
        signals=[
            table({"factor": shrink.T}, axes={}, plane=(RATES, BETAS)),
            table(runs, axes=axes, timed=True, precision="relative"),
            scalars(lambda lr, beta: {"edge": 12 * lr / (1 + beta)}),
            curve(lambda b: {"theory": (1 + b) / 6}, over=Grid("b", 0, 0.9, n=30)),
        ],
        panels=[
            Panel(
                "Factor per step",
                Axis("learning rate η", log=True),
                "momentum β",
                [
                    marks.heat("factor", label="factor", low=0, high=2, ramp="diverging"),
                    marks.iso("factor", [0.8, 1.5], color=4, dash=3),
                    marks.line("theory", "stability limit", color=4, transpose=True),
                    marks.handle("lr", "beta", label="chosen pair"),
                ],
            ),
            Panel("Loss at the chosen pair", "step k", "loss", [marks.line("loss", "loss")]),
        ],
        readout=[readout("ηL / (1 + β)", "edge", digits=3)],
        play="loss",
    )


def particles() -> Explorer:
    """A particle cloud over a potential, its histogram and its density."""
    count, eta = 8, 0.05
    left = np.linspace(-1.4, -0.6, count).tolist()

    def step(q, k, temperature):
        noise = normals(3.0, k, count)
        slope = 4 * q * (q**2 - 1)
        return {"q": q - eta * slope + (2 * eta * temperature) ** 0.5 * noise, "k": k + 1}

    return Explorer(
        "sample/particles",
        title="Particles in two wells",
        question="At which temperature do they cross?",
        controls=[slider("temperature", 0.1, 2, 0.5, label="temperature T")],
        signals=[
            recurrence(step, start={"q": left, "k": 0.0}, steps=24),
            scalars(lambda q_now: {"height": (q_now**2 - 1) ** 2}),
            curve(lambda z: {"potential": (z**2 - 1) ** 2}, over=Grid("z", -1.9, 1.9, n=61)),
            histogram("counts", "q_now", over=Grid("bin", -1.8, 1.8, n=10)),
            density("smooth", "q_now", over=Grid("t", -1.9, 1.9, n=61), width=0.25),
        ],
        panels=[
            Panel(
                "Particles",
                Axis("q", -1.9, 1.9),
                Axis("potential U(q)", -0.3, 5),
                [
                    marks.line("potential", "U", color=4),
                    marks.cloud("q_now", "particles", y="height", color=1),
                ],
            ),
            Panel(
                "Where they are",
                Axis("q", -1.9, 1.9),
                Axis("density", 0),
                [
                    marks.bars("counts", "histogram"),
                    marks.line("smooth", "smoothed", color=1, dash=1),
                ],
            ),
        ],
        readout=[readout("steps", "q_steps", digits=2)],
        play="q",
    )


def eigenvalues() -> Explorer:
    """Complex eigenvalues of heavy ball in the plane, and the unit circle."""

    def roots(lr, beta):
        half = (1 + beta - lr * torch.tensor([0.5, 1.0, 2.0, 4.0], dtype=torch.float64)) / 2
        inside = half**2 - beta
        real, turn = inside.clamp(min=0).sqrt(), (-inside).clamp(min=0).sqrt()
        re, im = torch.cat([half + real, half - real]), torch.cat([turn, -turn])
        return {"re": re, "im": im, "radius": (re**2 + im**2).sqrt().amax()}

    return Explorer(
        "sample/eigenvalues",
        title="Eigenvalues of heavy ball",
        question="When do they leave the unit circle?",
        controls=[
            slider("lr", 0.05, 1.2, 0.3, label="learning rate η"),
            slider("beta", 0, 0.99, 0.7, label="momentum β"),
        ],
        signals=[scalars(roots), scalars(lambda beta: {"ring": beta.sqrt()})],
        panels=[
            Panel(
                "Complex plane",
                Axis("real part", -1.6, 1.6),
                Axis("imaginary part", -1.2, 1.2),
                [
                    marks.circle(1.0, "unit circle"),
                    marks.circle("ring", "radius √β", color=2, dash=3),
                    marks.cloud("re", "eigenvalues", y="im", color=1, marker=3),
                ],
                equal=True,
            )
        ],
        readout=[readout("spectral radius", "radius")],
    )


def gantt() -> Explorer:
    """Gradient norms of layers over time, with numbers, and bars of the present step."""
    rates, steps = (0.1, 0.3), np.arange(0, 80, 10.0)
    depth = np.arange(len(LAYERS))
    norms = np.stack([np.exp(-0.02 * r * 10 * steps[:, None] - 0.8 * depth[::-1]) for r in rates])
    return Explorer(
        "sample/gantt",
        title="Gradient norms of the layers",
        question="Which layer hears least of the loss?",
        controls=[choice("lr", rates, 0.1, label="learning rate η")],
        signals=[
            table({"norms": norms}, axes={"lr": rates}, at=steps, timed=True, precision="relative"),
            scalars(lambda norms_now, norms_first: {"ratio": norms_now[0] / norms_now[-1]}),
        ],
        panels=[
            Panel(
                "Layer × time",
                "step k",
                Axis("layer", names=LAYERS),
                [marks.heat("norms", label="gradient norm", log=True, digits=2)],
            ),
            Panel(
                "Now and at the start",
                Axis("gradient norm", 0, 1.3),
                Axis("layer", names=LAYERS),
                [
                    marks.bars("norms_now", "now", transpose=True, digits=2),
                    marks.bars("norms_first", "at the start", color=1, transpose=True),
                ],
            ),
        ],
        readout=[readout("first over last layer", "ratio", digits=3)],
        play="norms",
    )


def decay(**changes) -> Explorer:
    """A figure that asks for a guess before it shows the answer."""
    parts = {
        "guess": guess("loss_last", "How large is the loss after 20 steps?", hides=["loss"]),
        "readout": [
            readout("loss after 20 steps", "loss_last", digits=3),
            readout("factor per step", "factor", digits=3),
            verdict("it", "grows", ["shrinks", "grows"]),
        ],
    }
    return Explorer(
        "sample/decay",
        title="One coordinate",
        question="What does a step of ηλ do?",
        controls=[slider("product", 0.1, 2.2, 0.2, label="ηλ", include=(1, 2))],
        signals=[
            recurrence(
                lambda x, product: {"x": x * (1 - product), "loss": x**2 / 2},
                start={"x": 1.0},
                steps=20,
                record=["loss"],
            ),
            scalars(lambda product: {"factor": 1 - product, "grows": (product > 2).double()}),
        ],
        panels=[
            Panel("Coordinate", "step k", "x", [marks.line("x", "x", color=1)]),
            Panel("Loss", "step k", "loss x²/2", [marks.line("loss", "loss", dash=1)]),
        ],
        play="x",
        **{**parts, **changes},
    )


KINDS = {f.__name__: f for f in (optimizers, seeds, sweep, particles, eigenvalues, gantt, decay)}
