"""Clipping each example against clipping their mean."""

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
from descent.long_term_dependencies import clip_each, clip_norm

STEPS, LR = 150, 0.3
CROWD = (-1.0, -0.6, -0.3, -0.1, 0.1, 0.3, 0.6, 1.0)


def _examples(outlier: Tensor) -> Tensor:
    """Return the eight examples of the crowd and the one outside."""
    return torch.cat([torch.tensor(CROWD, dtype=torch.float64), outlier[None]])


def _step(x: Tensor, y: Tensor, z: Tensor, outlier: Tensor, threshold: Tensor) -> dict[str, Tensor]:
    """Make a step on the mean, on the clipped mean, and on the mean of clipped gradients."""
    a = _examples(outlier)
    mean = clip_norm((y - a).mean()[None], threshold)[0]
    return {
        "x": x - LR * (x - a).mean(),
        "y": y - LR * mean,
        "z": z - LR * clip_each((z - a)[:, None], threshold)[0],
    }


def _losses(s: Tensor, outlier: Tensor, threshold: Tensor) -> dict[str, Tensor]:
    """Return the mean loss, and the one that the clipped examples descend."""
    r = torch.abs(s[..., None] - _examples(outlier))
    huber = torch.where(r < threshold, r**2 / 2, threshold * (r - threshold / 2))
    return {"square": (r**2).mean(-1) / 2, "huber": huber.mean(-1)}


def outliers() -> Explorer:
    """Where clipping each example comes to rest."""
    return Explorer(
        "long_term_dependencies/outliers",
        title="Clip the mean, or average what is clipped?",
        question="Pull the outlier away. Which run follows it, and which ends elsewhere for good? "
        "How small must the threshold be before clipping the mean changes where its run ends?",
        controls=[
            slider("outlier", 0, 20, 9, label="outlier a₉", include=(0,)),
            slider("threshold", 0.02, 20, 0.5, label="threshold c", log=True, include=(1, 10)),
        ],
        signals=[
            recurrence(_step, start={"x": -2.0, "y": -2.0, "z": -2.0}, steps=STEPS),
            scalars(lambda x_last, z_last: {"bias": z_last - x_last}),
            curve(_losses, over=Grid("s", -3, 5, n=161)),
        ],
        panels=[
            Panel(
                "Three runs",
                Axis("step k", 0, STEPS),
                Axis("x", -2.2, 2.6),
                [
                    marks.line("x", "no clipping", color=0),
                    marks.line("y", "mean clipped", color=1, dash=1),
                    marks.line("z", "each example clipped", color=3, dash=3),
                ],
            ),
            Panel(
                "What they descend",
                Axis("x", -3, 5),
                Axis("mean loss", 0, 8),
                [
                    marks.line("square", "squares", color=0),
                    marks.line("huber", "what clipped examples descend", color=3, dash=3),
                    marks.rule(x="x_last", color=0),
                    marks.rule(x="z_last", color=3),
                ],
            ),
        ],
        readout=[
            readout("no clipping ends at", "x_last"),
            readout("mean clipped ends at", "y_last"),
            readout("each example clipped ends at", "z_last"),
            readout("bias of the last", "bias", digits=3),
        ],
        caption="Nine examples with losses (x − a)²/2: eight between −1 and 1, and the outlier; "
        f"η = {LR}.",
        play="x",
    )
