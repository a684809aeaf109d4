"""Three methods on a bowl, each with the best constants that it has."""

import torch
from torch import Tensor

from descent.core import Optimizer
from descent.explore import (
    Axis,
    Explorer,
    Panel,
    Plane,
    marks,
    point,
    race,
    readout,
    scalars,
    slider,
    surface,
)
from descent.objectives import Quadratic
from descent.optimizers import SGD, HeavyBall, Nesterov

SIDE, STEEP = (-2.5, 2.5), (-4.0, 4.0)
STEPS = 100
RULES: dict[str, Optimizer] = {
    "gradient descent": SGD(1.0),
    "heavy ball": HeavyBall(1.0, 0.5),
    "Nesterov": Nesterov(1.0, 0.5),
}
OWN_RATES = {
    "gradient descent": {"lr": "descent_lr"},
    "heavy ball": {"lr": "ball_lr", "beta": "ball_beta"},
    "Nesterov": {"lr": "nesterov_lr", "beta": "nesterov_beta"},
}


def _best(kappa: Tensor) -> dict[str, Tensor]:
    """Return the best constants for curvatures 1 and κ."""
    root, wide = kappa.sqrt(), torch.sqrt(3 * kappa + 1)
    return {
        "descent_lr": 2 / (1 + kappa),
        "ball_lr": (2 / (1 + root)) ** 2,
        "ball_beta": ((root - 1) / (root + 1)) ** 2,
        "nesterov_lr": 4 / (3 * kappa + 1),
        "nesterov_beta": (wide - 2) / (wide + 2),
    }


def _bowl(kappa: Tensor) -> Quadratic:
    """Return the bowl whose second coordinate is κ times as steep."""
    return Quadratic(torch.stack([torch.ones_like(kappa), kappa]))


def _peak(heavy_ball_loss_max: Tensor, heavy_ball_loss_first: Tensor) -> dict[str, Tensor]:
    """Return how far the heavy ball's loss rises."""
    return {"peak": heavy_ball_loss_max / heavy_ball_loss_first}


def bowl() -> Explorer:
    """Gradient descent, heavy ball and Nesterov's method on a bowl."""
    runs = race(_bowl, RULES, start="start", steps=STEPS, bind=OWN_RATES)
    return Explorer(
        "momentum/bowl",
        title="Worse at first, then far ahead",
        question="After how many steps is the heavy ball below gradient descent at κ = 100? How "
        "high has it been before, and where must the start be for it not to rise at all?",
        controls=[
            slider("kappa", 1.5, 1000, 100, label="condition number κ", log=True, include=(10,)),
            point("start", (1.0, 1.0), x=SIDE, y=STEEP),
        ],
        signals=[
            scalars(_best),
            surface("f", lambda x, kappa: _bowl(kappa)(x), over=Plane("x", SIDE, STEEP)),
            *runs.signals,
            scalars(_peak),
        ],
        panels=[
            Panel(
                "Paths on the level lines",
                Axis("x₁, curvature 1", *SIDE),
                Axis("x₂, curvature κ", *STEEP),
                [
                    marks.contours("f"),
                    runs.paths,
                    marks.points([(0, 0)], "minimum", color=4),
                    marks.handle("start"),
                ],
                ratio=0.86,
            ),
            Panel(
                "Loss",
                Axis("step k", 0, STEPS),
                Axis("loss f(x)", 1e-8, 1e4, log=True),
                [runs.losses],
                ratio=0.86,
            ),
        ],
        readout=[*runs.readout, readout("heavy ball, highest / first loss", "peak", digits=3)],
        caption="Each method runs with the constants that are best for it at this κ.",
        play=runs.play,
    )
