"""Explicit and semi-implicit steps of the same particle."""

import torch
from torch import Tensor

from descent.explore import (
    Axis,
    Explorer,
    Panel,
    marks,
    readout,
    recurrence,
    scalars,
    slider,
    verdict,
)
from descent.momentum import explicit, heavy_ball

STEPS = 80
FATES = ("shrinks", "grows")


def _orders(x: Tensor, v: Tensor, late: Tensor, w: Tensor, product: Tensor, beta: Tensor) -> dict:
    """Make one step in either order, at λ = 1."""
    new = beta * v - product * x
    return {
        "x": x + new,
        "v": new,
        "late": late + w,
        "w": beta * w - product * late,
        "semi": torch.stack([x, v]),
        "expl": torch.stack([late, w]),
        "energy": product * x**2 + v**2,
        "energy_late": product * late**2 + w**2,
    }


def _theory(product: Tensor, beta: Tensor) -> dict[str, Tensor]:
    """Return rates and limits of both."""
    semi, late = heavy_ball(product, beta).radius, explicit(product, beta).radius
    return {
        "rate": semi,
        "rate_late": late,
        "fate_late": (late >= 1).double(),
        "limit": 2 * (1 + beta),
        "limit_late": 1 - beta,
        "ratio": 2 * (1 + beta) / (1 - beta),
    }


def order() -> Explorer:
    """Velocity first, or position first."""
    return Explorer(
        "momentum/order",
        title="Two lines in the wrong order",
        question="At which ηλ does moving with the old velocity begin to gain energy? Is there any "
        "β for which the order of the two lines does not matter?",
        controls=[
            slider("product", 0.005, 1, 0.11, label="ηλ", log=True, include=(0.1,)),
            slider("beta", 0, 0.99, 0.9, label="momentum β", include=(0.5,)),
        ],
        signals=[
            scalars(_theory),
            recurrence(
                _orders,
                start={"x": 1.0, "v": 0.0, "late": 1.0, "w": 0.0},
                steps=STEPS,
                record=["semi", "expl", "energy", "energy_late"],
            ),
        ],
        panels=[
            Panel(
                "Position and velocity",
                Axis("position x", -2, 2),
                Axis("velocity v", -1, 1),
                [
                    marks.path("semi", "velocity first", color=0),
                    marks.path("expl", "position first", color=1, dash=1, marker=1),
                    marks.points([(0, 0)], "rest", color=2),
                ],
                ratio=0.86,
            ),
            Panel(
                "Energy",
                Axis("step k", 0, STEPS),
                Axis("ηλx² + v²", 1e-6, 1e3, log=True),
                [
                    marks.line("energy", "velocity first", color=0),
                    marks.line("energy_late", "position first", color=1, dash=1),
                ],
                ratio=0.86,
            ),
        ],
        readout=[
            readout("factor, velocity first", "rate"),
            readout("factor, position first", "rate_late"),
            verdict("position first", "fate_late", FATES),
            readout("limit of ηλ, velocity first", "limit", digits=3),
            readout("limit of ηλ, position first", "limit_late", digits=3),
            readout("ratio of the limits", "ratio", digits=3),
        ],
        caption="The same particle in a bowl of one curvature, from 1 at rest. Velocity first is "
        "the heavy ball.",
        play="semi",
    )
