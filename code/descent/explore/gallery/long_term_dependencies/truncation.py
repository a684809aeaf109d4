"""A chain on which a truncated gradient points the wrong way."""

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
    table,
    verdict,
)
from descent.long_term_dependencies import Chain

STEPS, LAGS = 1500, 100
CHAIN = Chain()
INFLUENCE = CHAIN.influence(LAGS)


def _slope(horizon: Tensor) -> dict[str, Tensor]:
    """Return the truncated derivative of the first unit, and whether its sign is right."""
    seen = torch.where(torch.arange(LAGS) < horizon, INFLUENCE, torch.zeros(LAGS).double())
    slope = seen.sum()
    return {"slope": slope, "right": (slope * CHAIN.rest > 0).double()}


def _learn(x: Tensor, theta: Tensor, slope: Tensor, lr: Tensor) -> dict[str, Tensor]:
    """Let time pass by one step, and learn from it."""
    miss = x[0] - 1
    return {
        "x": CHAIN.step(x, theta),
        "theta": theta - lr * miss * slope,
        "loss": 0.5 * miss**2 + 1e-30,
    }


def truncation() -> Explorer:
    """How far back a gradient must look before its sign is right."""
    running = INFLUENCE.cumsum(0).numpy()
    return Explorer(
        "long_term_dependencies/truncation",
        title="How far back must a gradient look?",
        question="Which is the shortest horizon with which the parameter finds −1/6? What does "
        "half of it do, and does a smaller learning rate help?",
        controls=[
            slider("horizon", 1, LAGS, 15, label="horizon of the gradient", stops=LAGS - 1),
            slider("lr", 1e-5, 5e-4, 2e-4, label="learning rate η", log=True),
        ],
        signals=[
            table({"running": running}, axes={}, at=range(1, LAGS + 1), tolerance=1e-6),
            scalars(_slope),
            recurrence(
                _learn,
                start={"x": (0.0,) * CHAIN.units, "theta": 0.0},
                steps=STEPS,
                record=["loss"],
            ),
        ],
        panels=[
            Panel(
                "Derivative of the first unit",
                Axis("horizon", 0, LAGS),
                Axis("derivative by θ", -8, 22),
                [
                    marks.rule(y=0.0),
                    marks.rule("whole", y=CHAIN.rest, color=2),
                    marks.line("running", "seen within the horizon"),
                    marks.dot("horizon", "slope", "chosen", color=1),
                ],
            ),
            Panel(
                "Learning",
                Axis("step", 0, STEPS),
                Axis("parameter θ", -0.5, 0.5),
                [
                    marks.rule("best, −1/6", y=CHAIN.best, color=2),
                    marks.line("theta", "θ", color=1),
                ],
            ),
        ],
        readout=[
            readout("truncated derivative", "slope"),
            verdict("its sign is", "right", ("wrong", "right")),
            readout("parameter in the end", "theta_last", digits=3),
            readout("loss in the end", "loss_last", digits=3),
        ],
        caption="A chain of 23 units: the parameter raises the first unit through the 10 nearest "
        "and lowers it through the 13 farthest.",
        play="theta",
    )
