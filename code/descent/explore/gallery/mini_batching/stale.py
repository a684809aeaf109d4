"""Gradients that come too late."""

from typing import Any

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
    verdict,
)
from descent.mini_batching import delay_limit

STEPS, MOST = 80, 8


def _late(past: Tensor, product: Tensor, delay: Tensor) -> dict[str, Tensor]:
    """Step along the gradient of `delay` steps ago, at λ = 1; `past` is newest first."""
    old = (past * (torch.arange(MOST + 1) == delay).double()).sum()
    return {"past": torch.cat([(past[0] - product * old)[None], past[:-1]]), "x": past[0]}


def _theory(product: Tensor, delay: Tensor) -> dict[str, Any]:
    limit = delay_limit(delay)
    return {"limit": limit, "fate": (product >= limit).double(), "rule": 1 / (delay + 0.5)}


def stale() -> Explorer:
    """A component whose gradients are late."""
    return Explorer(
        "mini_batching/stale",
        title="A gradient from some steps ago",
        question="Start without delay at ηλ = 0.5 and let the gradients grow older. Which age does "
        "the run survive? By how much must η fall when the age doubles?",
        controls=[
            slider("product", 0.02, 2, 0.5, label="ηλ", log=True, include=(0.1, 1)),
            choice("delay", range(MOST + 1), 2, label="age of the gradient τ, in steps"),
        ],
        signals=[
            scalars(_theory),
            recurrence(_late, start={"past": (1.0,) * (MOST + 1)}, steps=STEPS, record=["x"]),
            curve(
                lambda t: {"edge": delay_limit(t), "rough": torch.pi / 2 / (t + 0.5)},
                over=Grid("t", 0, MOST, n=81),
            ),
        ],
        panels=[
            Panel(
                "One component",
                Axis("step k", 0, STEPS),
                Axis("x", -2, 2),
                [marks.rule(y=0.0), marks.line("x", "x", color=0)],
            ),
            Panel(
                "Stable below the line",
                Axis("age τ", 0, MOST),
                Axis("ηλ", 0, 2.2),
                [
                    marks.line("edge", "2 sin(π/(4τ + 2))", color=1),
                    marks.line("rough", "π/(2τ + 1)", color=4, dash=1),
                    marks.dot("delay", "product", "chosen", color=0),
                ],
            ),
        ],
        readout=[
            verdict("this run", "fate", ("converges", "diverges")),
            readout("largest stable ηλ", "limit", digits=3),
        ],
        caption="x starts at rest at 1.",
        play="x",
    )
