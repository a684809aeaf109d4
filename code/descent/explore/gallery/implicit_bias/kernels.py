"""Kernels of infinite width: as functions of an angle, as limits, and on shifted digits."""

import math

import numpy as np
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
    scalars,
    slider,
    table,
)

DEEPEST = 12


def _kernels(c: Tensor, depth: Tensor) -> tuple[Tensor, Tensor]:
    """Both kernels of unit inputs with correlation c, over their values at c = 1."""
    ntk, nngp = c, c
    found = torch.zeros_like(c), torch.zeros_like(c)
    for h in range(1, DEEPEST + 1):
        angle = torch.acos(nngp.clamp(-1, 1))
        k0 = 1 - angle / math.pi
        nngp, ntk = torch.sin(angle) / math.pi + nngp * k0, ntk * k0
        ntk = ntk + nngp
        here = (depth == h).double()
        found = found[0] + here * ntk / (h + 1), found[1] + here * nngp
    return found


def angle() -> Explorer:
    """The kernels of a ReLU network against the angle between two inputs."""

    def over(phi: Tensor, depth: Tensor) -> dict[str, Tensor]:
        ntk, nngp = _kernels(torch.cos(phi * (math.pi / 180)), depth)
        return {"ntk": ntk, "nngp": nngp}

    def at(chosen: Tensor, depth: Tensor) -> dict[str, Tensor]:
        ntk, nngp = _kernels(torch.cos(chosen * (math.pi / 180)), depth)
        return {"ntk_at": ntk, "nngp_at": nngp}

    return Explorer(
        "implicit_bias/angle",
        title="What an infinitely wide network finds similar",
        question="How alike are opposite inputs to a deep network? Which kernel has a sharp tip at "
        "0°, and what does depth do to it?",
        controls=[
            choice("depth", tuple(range(1, DEEPEST + 1)), 2, label="hidden layers"),
            slider("chosen", 0.0, 180.0, 60.0, label="angle between inputs (°)"),
        ],
        signals=[
            curve(over, over=Grid("phi", 0, 180, n=181)),
            scalars(at),
        ],
        panels=[
            Panel(
                "Kernel over its value at 0°",
                Axis("angle between the inputs", 0, 180, unit="°"),
                Axis("relative value", -0.02, 1.05),
                [
                    marks.line("ntk", "tangent kernel Θ", color=0),
                    marks.line("nngp", "covariance Σ", color=2, dash=1),
                    marks.dot("chosen", "ntk_at", "chosen angle", color=1),
                ],
                ratio=0.6,
            )
        ],
        readout=[
            readout("tangent kernel", "ntk_at", digits=4),
            readout("covariance", "nngp_at", digits=4),
        ],
        caption="Unit inputs, ReLU, no biases: the recursion of this section, computed here.",
    )


def to_the_limit() -> Explorer:
    """Relative distance of finite networks' kernels from their limits."""
    from descent.experiments.implicit_bias import (
        CHANNELS,
        DEPTHS,
        SIZES,
        conv_errors,
        width_errors,
    )

    dense = width_errors()["error"]
    conv = conv_errors()["error"]
    kinds = (0.0, 1.0, 2.0, 3.0, 4.0)
    words = [*(f"{d} hidden" for d in DEPTHS), "convolutional", "pooled"]
    rows = [(SIZES, e) for e in dense] + [(CHANNELS, e) for e in conv]
    lines, dots, slopes = [], [], []
    for sizes, error in rows:
        x = np.log(np.array(sizes, dtype=float))
        slope, start = np.polyfit(x, np.log(error.mean(1)), 1)
        slopes.append(slope)
        at = np.geomspace(16, 1024, 13)
        lines.append(np.exp(start) * at**slope)
        pairs = [(m, e) for m, es in zip(sizes, error, strict=True) for e in es]
        pairs += [pairs[-1]] * (60 - len(pairs))  # a table has no gaps
        dots.append(pairs)
    return Explorer(
        "implicit_bias/to_the_limit",
        title="How fast a finite network reaches its kernel",
        question="How much wider must a network be for half the error? Does that depend on depth, "
        "or on convolution?",
        controls=[choice("kind", kinds, 1.0, label="network", words=words)],
        signals=[
            table(
                {"fit": np.array(lines)},
                axes={"kind": kinds},
                at=np.geomspace(16, 1024, 13),
                precision="relative",
            ),
            table({"dots": np.array(dots)}, axes={"kind": kinds}, precision="relative"),
            table({"slope": np.array(slopes)}, axes={"kind": kinds}),
            curve(lambda m: {"half": 2 / m**0.5}, over=Grid("m", 16, 1024, n=13, log=True)),
        ],
        panels=[
            Panel(
                "Kernel at the start, relative error",
                Axis("width m, or channels", 14, 1200, log=True),
                Axis("‖Θₘ − Θ‖ / ‖Θ‖", 0.01, 1.5, log=True),
                [
                    marks.line("half", "slope −½", color=4, dash=2),
                    marks.line("fit", "fitted line", color=2, dash=1),
                    marks.cloud("dots", "networks", color=0),
                ],
                ratio=0.6,
            )
        ],
        readout=[readout("slope of the fitted line", "slope", digits=3)],
        caption="Ten digits and ten networks of each width; for convolutions four random images of "
        "4 × 4, two layers and five networks.",
    )


def shifted() -> Explorer:
    """Accuracy of three kernels on digits that stand anywhere on a canvas."""
    from descent.experiments.implicit_bias import CANVASES, METHODS, shifted_digits

    found = shifted_digits()
    accuracy = found["accuracy"]
    side = Grid("x", 0.5, 11.5, n=12), Grid("y", 0.5, 11.5, n=12)
    names = ("dense", "flat", "pooled")
    means = {k: accuracy[:, i].mean(1) for i, k in enumerate(names)}
    return Explorer(
        "implicit_bias/shifted",
        title="Which kernel knows that a shifted digit is the same digit?",
        question="With room to move, two of the three kernels fall apart. Is it convolution that "
        "saves the third, or pooling?",
        controls=[
            choice(
                "canvas",
                CANVASES,
                10,
                label="canvas",
                words=[f"{c} × {c}" for c in CANVASES],
            )
        ],
        signals=[
            table({"image": found["examples"][:, ::-1].copy()}, axes={"canvas": CANVASES},
                  plane=side),
            table({"bars": accuracy.mean(2)}, axes={"canvas": CANVASES}),
            table(means, axes={"canvas": CANVASES}),
        ],
        panels=[
            Panel(
                "An example",
                Axis("column", 0, 12),
                Axis("row", 0, 12),
                [marks.heat("image", label="ink", low=0, high=1)],
                ratio=0.9,
            ),
            Panel(
                "Accuracy on new digits",
                Axis("share right", 0, 1.15),
                Axis("kernel", names=["dense", "flattened", "pooled"]),
                [marks.bars("bars", color=0, transpose=True, digits=2)],
                ratio=0.9,
            ),
        ],
        readout=[
            readout(METHODS[0], "dense", digits=3),
            readout(METHODS[1], "flat", digits=3),
            readout(METHODS[2], "pooled", digits=3),
        ],
        caption="50 training digits and 80 test digits of 8 × 8 pixels, each at a random place of "
        "the canvas; means of three draws. Guessing is right once in ten.",
    )  # fmt: skip
