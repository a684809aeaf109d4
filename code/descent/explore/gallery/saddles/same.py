"""Different weights, same function: an orbit of minima, and paths between networks."""

import numpy as np
import torch
from torch import Tensor

from descent.explore import (
    Axis,
    Explorer,
    Grid,
    Panel,
    Plane,
    choice,
    curve,
    marks,
    readout,
    recurrence,
    scalars,
    slider,
    surface,
    table,
)
from descent.saddles import TwoFactors

LAND, STEPS, SIDE = TwoFactors(), 60, (0.05, 4.0)


def _step(x: Tensor, lr: Tensor) -> dict[str, Tensor]:
    """Make one step of gradient descent."""
    return {"x": x - lr * LAND.grad(x), "loss": LAND(x)}


def orbit() -> Explorer:
    """Equal loss, unequal sharpness: two factors in a row."""
    return Explorer(
        "saddles/orbit",
        title="One function, many minima, any sharpness",
        question="All points of the curve compute the same. From which of them does gradient "
        "descent with η = 0.5 flee, and where does it settle?",
        controls=[
            slider("c", 0.3, 3.5, 3, label="first factor c", log=True, include=(1,)),
            slider("lr", 0.02, 0.9, 0.25, label="learning rate η", log=True, include=(0.5,)),
        ],
        signals=[
            scalars(
                lambda c, lr: {
                    "other": 1 / c,
                    "sharp": c**2 + 1 / c**2,
                    "limit": 2 / lr,
                    "x0": torch.stack([c, 1 / c + 0.03]),
                }
            ),
            surface("f", lambda p: LAND(p), over=Plane("p", SIDE, SIDE, n=80)),
            curve(lambda s: {"same": 1 / s}, over=Grid("s", 0.25, 4, n=80)),
            curve(lambda u: {"sharpness": u**2 + 1 / u**2}, over=Grid("u", 0.3, 3.5, n=80)),
            recurrence(_step, start={"x": "x0"}, steps=STEPS, record=["loss"], loss=["loss"]),
            scalars(lambda x_last: {"settled": x_last[0] ** 2 + x_last[1] ** 2}),
        ],
        panels=[
            Panel(
                "f = ½(ab − 1)²",
                Axis("a", *SIDE),
                Axis("b", *SIDE),
                [
                    marks.contours("f", power=4),
                    marks.line("same", "ab = 1: equal functions", color=3, dash=1),
                    marks.path("x", "gradient descent"),
                    marks.dot("c", "other", "chosen minimum", color=2, marker=2),
                ],
                ratio=0.9,
            ),
            Panel(
                "Sharpness along the curve",
                Axis("first factor a", 0.3, 3.5),
                Axis("largest eigenvalue", 1, 40, log=True),
                [
                    marks.rule("2/η", y="limit", color=2),
                    marks.line("sharpness", "a² + 1/a²", color=3, dash=1),
                    marks.dot("c", "sharp", "chosen minimum", color=2, marker=2),
                ],
                ratio=0.9,
            ),
        ],
        readout=[
            readout("sharpness of the chosen minimum", "sharp", digits=3),
            readout("2/η", "limit", digits=3),
            readout("sharpness where descent ends", "settled", digits=3),
            readout("last loss", "loss_last", digits=2),
        ],
        caption=f"Gradient descent starts 0.03 above the chosen minimum and takes {STEPS} steps.",
        play="x",
    )


def paths() -> Explorer:
    """Loss on paths between independently trained networks."""
    from descent.experiments.saddles import SEEDS, connected

    found = connected()
    pair = tuple(float(i) for i in range(len(SEEDS)))
    words = [f"{a + 1} and {b + 1}" for a, b in zip(SEEDS, [*SEEDS[1:], SEEDS[0]], strict=True)]
    losses = {name: found[name] for name in ("straight", "matched", "bent", "own")}
    errors = {name: found[name] for name in ("straight_error", "matched_error", "bent_error")}
    t = np.linspace(0, 1, losses["straight"].shape[1])
    names = {"straight": "straight", "matched": "units matched", "bent": "bent"}
    return Explorer(
        "saddles/paths",
        title="Is there a mountain between two solutions?",
        question="How high is the wall between two networks? How high is it between a network and "
        "its own shuffled copy? What is left of it once units are matched?",
        controls=[choice("pair", pair, 0, label="networks", words=words)],
        signals=[
            table(losses, axes={"pair": pair}, at=t, precision="relative"),
            table(errors, axes={"pair": pair}, at=t),
        ],
        panels=[
            Panel(
                "Training loss",
                Axis("place on the path", 0, 1),
                Axis("loss", 1e-4, 10, log=True),
                [
                    marks.lines(names),
                    marks.line("own", "to its own shuffled copy", color=4, dash=4),
                ],
                ratio=0.9,
            ),
            Panel(
                "Test error",
                Axis("place on the path", 0, 1),
                Axis("share of wrong answers", 0, 0.16),
                marks.lines({f"{k}_error": v for k, v in names.items()}),
                ratio=0.9,
            ),
        ],
        readout=[
            readout("highest loss, straight", "straight_max", digits=3),
            readout("own shuffled copy", "own_max", digits=3),
            readout("units matched", "matched_max", digits=3),
            readout("bent", "bent_max", digits=3),
        ],
        caption="1200 digits, two hidden layers of 64 tanh units, three initial weights.",
    )
