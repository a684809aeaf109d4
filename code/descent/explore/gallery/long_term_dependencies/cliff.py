"""The loss of a one-unit network, and three ways to step down from it."""

import torch
from torch import Tensor

from descent.core import Optimizer
from descent.explore import (
    Axis,
    Explorer,
    Grid,
    Panel,
    Plane,
    curve,
    marks,
    point,
    race,
    readout,
    scalars,
    slider,
    surface,
)
from descent.long_term_dependencies import ClipNorm, ClipValue, OneUnit
from descent.optimizers import SGD

W, B = (3.5, 7.0), (-4.6, -1.4)
STEPS = 30
UNIT = OneUnit()
RULES: dict[str, Optimizer] = {
    "no clipping": SGD(1.0),
    "norm clipped": ClipNorm(SGD(1.0), 1.0),
    "values clipped": ClipValue(SGD(1.0), 1.0),
}


def _steepness(start: Tensor) -> dict[str, Tensor]:
    """Return the factor per step on the edge at the start's w, and after all steps."""
    factor = UNIT.factor(start[0])
    return {"factor": factor, "all": factor**UNIT.steps}


def _slice(bias: Tensor, start: Tensor) -> dict[str, Tensor]:
    """Return the loss over the bias, at the start's w."""
    return {"cut": UNIT(torch.stack([start[0].expand_as(bias), bias], -1))}


def cliff() -> Explorer:
    """Descent beside a cliff."""
    runs = race(UNIT, RULES, start="start", steps=STEPS)
    return Explorer(
        "long_term_dependencies/cliff",
        title="A cliff, and what a step at its edge does",
        question="Where does the first long step of the unclipped run end? What do the clipped "
        "runs do at the edge? Move the start to w = 3.8: is there a cliff left?",
        controls=[
            slider("lr", 0.005, 0.5, 0.05, label="learning rate η", log=True, include=(0.1,)),
            slider("threshold", 0.03, 30, 1, label="threshold c", log=True, include=(0.1, 10)),
            point("start", (5.0, -2.5), x=W, y=B),
        ],
        signals=[
            scalars(_steepness),
            surface("f", UNIT, over=Plane("x", W, B, n=70)),
            *runs.signals,
            curve(lambda w: {"edge": UNIT.edge(w)}, over=Grid("w", 1 / 0.235, W[1], n=40)),
            curve(_slice, over=Grid("bias", *B, n=241)),
            scalars(lambda start: {"b_start": start[1], "b_edge": UNIT.edge(start[0])}),
        ],
        panels=[
            Panel(
                "Loss over weight and bias",
                Axis("weight w", *W),
                Axis("bias b", *B),
                [
                    marks.contours("f", power=1.5),
                    marks.line("edge", "edge of the cliff", color=4, dash=1),
                    runs.paths,
                    runs.grip,
                ],
                ratio=0.9,
            ),
            Panel(
                "Loss over the bias, at the start's w",
                Axis("bias b", *B),
                Axis("loss", 0, 0.52),
                [
                    marks.rule("edge", x="b_edge", color=4),
                    marks.rule("start", x="b_start", color=1),
                    marks.line("cut", "loss", color=0),
                ],
                ratio=0.9,
            ),
            Panel(
                "Loss over the steps",
                Axis("step k", 0, STEPS),
                Axis("loss", 1e-3, 1, log=True),
                [runs.losses],
                ratio=0.9,
            ),
        ],
        readout=[
            *runs.readout,
            readout("factor per time step on the edge", "factor", digits=3),
            readout("over 50 time steps", "all", digits=3),
        ],
        caption="x is w σ(x) + b, fifty times; the loss asks for σ(x) = 0.7 at the end.",
        play=runs.play,
    )
