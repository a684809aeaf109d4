"""Logistic regression after its last training error."""

import torch
from torch import Tensor

from descent.cost_functions import MarginObjective, hard_margin, normalized_margin
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

# Inputs times labels; the first two decide the largest margin.
ROWS = ((0.4, 1.6), (1.4, 0.1), (1.9, 1.3), (2.6, 0.6), (0.9, 2.4), (2.2, 2.2))
STEPS = 150


def _objective() -> MarginObjective:
    return MarginObjective(torch.tensor(ROWS, dtype=torch.float64))


def _degrees(w: Tensor, best: tuple[float, float]) -> Tensor:
    """Return the angle to the direction of the largest margin."""
    across = w[..., 0] * best[1] - w[..., 1] * best[0]
    along = w[..., 0] * best[0] + w[..., 1] * best[1]
    return torch.atan2(across.abs(), along) * (180 / torch.pi)


def margin() -> Explorer:
    """Plain and normalized descent on separable examples."""
    objective = _objective()
    direction, widest = hard_margin(objective.rows)
    best = (float(direction[0]), float(direction[1]))

    def step(w: Tensor, v: Tensor, lr: Tensor) -> dict[str, Tensor]:
        return {
            "w": w - lr * objective.grad(w),
            "v": v - lr * objective.grad(v) / objective(v),
            "errors": objective.errors(w),
            "part": normalized_margin(objective.rows, w) / widest,
            "part_scaled": normalized_margin(objective.rows, v) / widest,
            "turned": _degrees(w, best),
        }

    measured = ["errors", "part", "part_scaled", "turned"]
    return Explorer(
        "cost_functions/margin",
        title="After the last error",
        question="At which step is the last training error gone? How much of the largest margin "
        f"has each method then, and after {STEPS} steps?",
        controls=[slider("lr", 0.05, 2, 0.5, label="learning rate η", log=True, include=(1,))],
        signals=[
            recurrence(
                step,
                start={"w": [0.02, -0.6], "v": [0.02, -0.6]},
                steps=STEPS,
                record=measured,
            ),
            curve(lambda c: {"ray": best[1] / best[0] * c}, over=Grid("c", 0, 6, n=13)),
            scalars(lambda errors_now, part_now: {"wrong": 6 * errors_now, "share": part_now}),
        ],
        panels=[
            Panel(
                "Weights",
                Axis("w₁", -0.5, 6),
                Axis("w₂", -1.5, 5),
                [
                    marks.line("ray", "largest margin", color=4, dash=1),
                    marks.points(ROWS, "examples", color=2),
                    marks.path("w", "gradient descent", color=1),
                ],
            ),
            Panel(
                "Margin",
                Axis("step k", 1, STEPS, log=True),
                Axis("part of the largest margin", -1, 1.05),
                [
                    marks.rule("largest", y=1.0),
                    marks.rule(y=0.0),
                    marks.line("part", "gradient descent", color=1),
                    marks.line("part_scaled", "steps divided by the loss", color=0, dash=1),
                ],
            ),
        ],
        readout=[
            readout("training errors now", "wrong", digits=1),
            readout("part of the largest margin now", "share", digits=3),
            readout("degrees off the best direction now", "turned_now", digits=3),
            readout("part in the end", "part_last", digits=3),
            readout("part in the end, steps divided by the loss", "part_scaled_last", digits=3),
        ],
        caption="Six examples of two inputs, drawn on the side of their label.",
        play="part",
    )
