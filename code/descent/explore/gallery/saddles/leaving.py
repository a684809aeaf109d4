"""Leaving saddles: one direction, three optimizers, and a chain of saddles."""

import torch
from torch import Tensor

from descent.core import Optimizer
from descent.explore import (
    Axis,
    Explorer,
    Grid,
    Panel,
    Plane,
    choice,
    curve,
    marks,
    point,
    race,
    readout,
    recurrence,
    scalars,
    slider,
    surface,
)
from descent.objectives import StrictSaddle
from descent.optimizers import SGD, Adam, HeavyBall
from descent.oracles import gradient
from descent.saddles import PerturbedDescent, SaddleChain, escape_steps
from descent.trace.noise import normal

LAND = StrictSaddle()
STEPS = 300
# Curvature of the saddle along its way down.
DOWN = 2.0


def _leave(k: Tensor, x: Tensor, lr: Tensor, noise: Tensor) -> dict[str, Tensor]:
    """Make one step with noise along the way down, and measure the distance from the saddle."""
    kick = torch.stack([torch.zeros_like(k), noise * normal(3, k)])
    return {
        "k": k + 1,
        "x": x - lr * gradient(LAND, x) + kick,
        "away": x[1].abs() + 1e-14,
        "gone": (x[1].abs() < 1).double(),
    }


def escape() -> Explorer:
    """Time to leave a saddle, against the closed form."""
    x, y = LAND.domain
    return Explorer(
        "saddles/escape",
        title="How long does it take to leave a saddle?",
        question="Each factor of 100 in the start adds how many steps? What is the use of noise "
        "when the start is 10⁻¹²?",
        controls=[
            slider("begin", 1e-12, 0.5, 1e-6, label="start beside the ridge, x₂", log=True),
            slider("lr", 0.01, 0.18, 0.05, label="learning rate η", log=True),
            choice(
                "noise",
                (0, 1e-9, 1e-6, 1e-3),
                0,
                label="noise per step",
                words=("0", "10⁻⁹", "10⁻⁶", "10⁻³"),
            ),
        ],
        signals=[
            scalars(
                lambda begin, lr: {
                    "x0": torch.stack([torch.ones_like(begin), begin]),
                    "predicted": escape_steps(begin, lr * DOWN),
                }
            ),
            surface("f", lambda p: LAND(p), over=Plane("p", x, y, n=60)),
            recurrence(
                _leave,
                start={"k": 0.0, "x": "x0"},
                steps=STEPS,
                record=["away"],
            ),
            curve(
                lambda i, begin, lr: {"theory": begin * (1 + DOWN * lr) ** i},
                over=Grid("i", 0, STEPS, n=101),
            ),
        ],
        panels=[
            Panel(
                "Path",
                Axis("x₁", *x),
                Axis("x₂", *y),
                [
                    marks.contours("f", power=2),
                    marks.points([(0, 0)], "saddle", color=3),
                    marks.points(LAND.minima.tolist(), "minima", marker=1),
                    marks.path("x", "gradient descent"),
                ],
                ratio=0.9,
            ),
            Panel(
                "Distance from the ridge",
                Axis("step k", 0, STEPS),
                Axis("|x₂|", 1e-13, 10, log=True),
                [
                    marks.rule("left", y=1.0),
                    marks.rule("predicted", x="predicted", color=2),
                    marks.line("theory", "x₂(1+2η)ᵏ", color=2, dash=1),
                    marks.line("away", "run", color=1),
                ],
                ratio=0.9,
            ),
        ],
        readout=[
            readout("predicted steps without noise", "predicted", digits=4),
            readout("distance at the end", "away_last", digits=3),
        ],
        caption="f = 5x₁² − x₂² + ¼x₂⁴: the saddle's curvature along the way down is −2.",
        play="x",
    )


def race_off() -> Explorer:
    """Three optimizers leave a saddle."""
    x, y = LAND.domain
    rules: dict[str, Optimizer] = {
        "SGD": SGD(0.01),
        "heavy ball": HeavyBall(0.01, 0.9),
        "Adam": Adam(0.01),
    }
    fixed = {
        "heavy ball": {"beta": 0.9},
        "Adam": {"beta1": 0.9, "beta2": 0.999, "eps": 1e-8},
    }
    runs = race(LAND, rules, start="start", steps=150, bind=fixed)
    return Explorer(
        "saddles/race_off",
        title="Three optimizers beside a saddle",
        question="Put the start at x₂ = 0.05 and then on the ridge's foot, x₂ = 0. Who leaves "
        "first, and who never leaves?",
        controls=[
            slider("lr", 1e-3, 0.1, 0.02, label="learning rate η", log=True),
            point("start", (0.6, 0.05), x=x, y=y),
        ],
        signals=[surface("f", lambda p: LAND(p), over=Plane("p", x, y, n=60)), *runs.signals],
        panels=[
            Panel(
                "Paths",
                Axis("x₁", *x),
                Axis("x₂", *y),
                [marks.contours("f", power=2), runs.paths, runs.grip],
                ratio=0.9,
            ),
            Panel("Loss", Axis("step k", 0, 150), Axis("f(x)", -1.2, 3), [runs.losses], ratio=0.9),
        ],
        readout=runs.readout,
        caption="Adam divides by the size of the gradient, so it leaves in a number of steps that "
        "hardly depends on how close it starts; with one rate for all this is no contest.",
        play=runs.play,
    )


LENGTH, LONG, RATE = 4, 400, 0.25


def _along(
    k: Tensor, x: Tensor, z: Tensor, since: Tensor, ell: Tensor, radius: Tensor
) -> dict[str, Tensor]:
    """Make one step of plain and one of perturbed descent on the chain."""
    f = SaddleChain(LENGTH, ell)
    rule = PerturbedDescent(RATE, radius, small=0.02, wait=20.0)
    step, state = rule.update(gradient(f, z), {"k": k, "since": since[None]}, z)
    return {
        "k": k + 1,
        "x": x - RATE * gradient(f, x),
        "z": z + step,
        "since": state["since"][0],
        "plain": f(x),
        "perturbed": f(z),
        **{f"part{i}": x[i].abs() + 1e-300 for i in range(LENGTH)},
    }


def chain() -> Explorer:
    """Waiting times that grow from saddle to saddle, and how noise ends that."""
    begin = (0.1,) * LENGTH
    parts = {f"part{i}": f"x{'₁₂₃₄'[i]}" for i in range(LENGTH)}
    return Explorer(
        "saddles/chain",
        title="Saddle after saddle",
        question="By what factor does each wait of gradient descent exceed the one before? How do "
        "the waits of the perturbed run grow?",
        controls=[
            slider("ell", 0.2, 1.2, 0.9, label="curvature L while waiting"),
            slider("radius", 1e-8, 0.1, 1e-3, label="length of a random step", log=True),
        ],
        signals=[
            scalars(
                lambda ell: {
                    "ratio": 1 - torch.log1p(-RATE * ell) / torch.log1p(torch.ones_like(ell) * RATE)
                }
            ),
            recurrence(
                _along,
                start={"k": 0.0, "x": begin, "z": begin, "since": 20.0},
                steps=LONG,
                record=["plain", "perturbed", *parts],
            ),
        ],
        panels=[
            Panel(
                "Loss",
                Axis("step k", 0, LONG),
                Axis("f(x)", -1.05, 0.1),
                [
                    *(marks.rule(y=-i / 4) for i in range(LENGTH)),
                    marks.line("plain", "gradient descent", color=1),
                    marks.line("perturbed", "perturbed", color=0, dash=1),
                ],
                ratio=0.7,
            ),
            Panel(
                "Components of gradient descent",
                Axis("step k", 0, LONG),
                Axis("|xᵢ|", 1e-20, 10, log=True),
                marks.lines(parts),
                ratio=0.7,
            ),
        ],
        readout=[
            readout("theory: each wait is longer by a factor of", "ratio", digits=3),
            readout("gradient descent, last loss", "plain_last", digits=3),
            readout("perturbed, last loss", "perturbed_last", digits=3),
        ],
        caption=f"{LENGTH} saddles, γ = 1, η = {RATE}; all components start at {begin[0]}. The "
        "random step is taken where |g| ≤ 0.02, at most every 20 steps.",
        play="plain",
    )
