"""The velocity as a sum: a slope that is constant, and then turns around."""

import torch
from torch import Tensor

from descent.explore import (
    Axis,
    Explorer,
    Grid,
    Panel,
    curve,
    marks,
    readout,
    recurrence,
    scalars,
    slider,
)

STEPS, TURN = 160, 80
LR = 0.02


def _slope(k: Tensor) -> Tensor:
    """The gradient: 1 for the first half, then -1."""
    return torch.where(k < TURN, torch.ones_like(k), -torch.ones_like(k))


def _step(k: Tensor, v: Tensor, m: Tensor, beta: Tensor) -> dict[str, Tensor]:
    """Make one step of the sum and of the average."""
    g = _slope(k)
    return {
        "k": k + 1,
        "v": beta * v - LR * g,
        "m": beta * m + (1 - beta) * g,
        "summed": v,
        "averaged": -LR * m,
        "plain": torch.where(k > 0, -LR * _slope(k - 1), torch.zeros_like(v)),
    }


def terminal() -> Explorer:
    """Velocity on a slope that turns around."""
    return Explorer(
        "momentum/terminal",
        title="A velocity has a limit, and a memory",
        question="How many times the plain step is the velocity in the end? How many steps after "
        "the turn does the ball still move the wrong way, at β = 0.9 and at 0.98?",
        controls=[slider("beta", 0, 0.99, 0.9, label="momentum β", include=(0.5, 0.98))],
        signals=[
            scalars(
                lambda beta: {
                    "limit": -LR / (1 - beta),
                    "factor": 1 / (1 - beta),
                    "late": torch.log(1 / (2 - beta**TURN)) / torch.log(beta + 1e-12),
                }
            ),
            recurrence(
                _step,
                start={"k": 0.0, "v": 0.0, "m": 0.0},
                steps=STEPS,
                record=["summed", "averaged", "plain"],
            ),
            curve(lambda age, beta: {"weight": beta**age}, over=Grid("age", 0, 50, n=51)),
        ],
        panels=[
            Panel(
                "Step on a slope that turns around",
                Axis("step k", 0, STEPS),
                Axis("step taken", -0.5, 0.5),
                [
                    marks.rule("the slope turns", x=float(TURN)),
                    marks.rule("−ηg/(1−β)", y="limit", color=2, legend=True),
                    marks.line("summed", "sum, v", color=1),
                    marks.line("averaged", "average", color=0, dash=2),
                    marks.line("plain", "no memory", color=3, dash=3),
                ],
            ),
            Panel(
                "Weight of an old gradient",
                Axis("age of the gradient", 0, 50),
                Axis("weight in units of η", 0, 1.05),
                [marks.bars("weight", "βˢ", color=1)],
            ),
        ],
        readout=[
            readout("sum of all weights, 1/(1−β)", "factor", digits=3),
            readout("limit of the velocity", "limit", digits=3),
            readout("wrong way after the turn", "late", digits=2, unit="steps"),
        ],
        caption=f"η = {LR}; the gradient is 1 for {TURN} steps and −1 after that.",
        play="summed",
    )
