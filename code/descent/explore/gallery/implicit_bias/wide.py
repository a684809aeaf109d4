"""Wide networks beside their kernels: functions on the circle, and kernels that drift."""

import numpy as np

from descent.explore import (
    Axis,
    Explorer,
    Grid,
    Panel,
    choice,
    marks,
    quantiles,
    readout,
    table,
)


def movie() -> Explorer:
    """Functions of five networks through training, beside the function of the kernel."""
    from descent.experiments.implicit_bias import MOVIE_WIDTHS, STEPS
    from descent.experiments.implicit_bias import movie as measure
    from descent.experiments.implicit_bias.kernels import ANGLES, VALUES

    found = measure()
    # At step 0 nothing has changed, and a logarithmic axis has no place for that.
    f, kernel, steps = found["f"][:, 1:], found["kernel"][1:], STEPS[1:]
    axes = {"width": MOVIE_WIDTHS, "moment": steps}
    bands = quantiles("net", f, axis=2)
    gap = np.sqrt(np.square(f - kernel[:, None]).mean((2, 3)))
    return Explorer(
        "implicit_bias/movie",
        title="A wide network does what its kernel says",
        question="At which width can you no longer tell the five networks apart? Do they agree "
        "with the kernel at every step, or only at the end?",
        controls=[
            choice("width", MOVIE_WIDTHS, 16, label="width m"),
            choice("moment", steps, 30, label="step k"),
        ],
        signals=[
            table(bands, axes=axes, at=found["angle"]),
            table({"kernel": kernel}, axes={"moment": steps}, at=found["angle"]),
            table({"gap": gap, "loss": found["net_loss"][:, 1:].mean(2)}, axes=axes),
            table({"kernel_loss": found["kernel_loss"][1:]}, axes={"moment": steps}),
            table({"gaps": gap.T.copy()}, axes={"moment": steps}, at=np.array(MOVIE_WIDTHS)),
        ],
        panels=[
            Panel(
                "Change of the function since the start",
                Axis("angle of the input", 0, 360, unit="°"),
                Axis("change of f", -2, 2),
                [
                    *marks.spread("net", "networks", color=0),
                    marks.line("kernel", "kernel", color=2, dash=1),
                    marks.points(list(zip(ANGLES, VALUES, strict=True)), "targets", color=1),
                ],
                ratio=0.62,
            ),
            Panel(
                "Distance to the kernel",
                Axis("width m", 3, 340, log=True),
                Axis("root mean square", 0.02, 2, log=True),
                [
                    marks.line("gaps", "five networks", color=0),
                    marks.dot("width", "gap", "chosen width", color=1),
                ],
                ratio=0.62,
            ),
        ],
        readout=[
            readout("distance to the kernel's function", "gap", digits=2),
            readout("mean square error, networks", "loss", digits=2),
            readout("mean square error, kernel", "kernel_loss", digits=2),
        ],
        caption="Two hidden layers, eight examples on the circle, gradient descent. The kernel's "
        "curve is computed without any network.",
    )


def drift() -> Explorer:
    """A kernel at the start, its error, and what training does to it."""
    from descent.experiments.implicit_bias import WIDTHS, against_kernel

    found = against_kernel()
    limit, start, end = np.moveaxis(found["kernels"], 1, 0)
    side = Grid("i", 1, 10, n=10), Grid("j", 1, 10, n=10)
    axes = {"width": WIDTHS}
    names = ("drift", "movement", "gap", "correlation")
    numbers = {name: np.median(found[name], -1) for name in names}
    return Explorer(
        "implicit_bias/drift",
        title="Does the kernel stand still?",
        question="How wide must the network be for its kernel to move by less than a tenth while "
        "it learns? By what factor do drift and movement fall when the width grows 16 times?",
        controls=[choice("width", WIDTHS, 16, label="width m")],
        signals=[
            table({"off": start - limit, "moved": end - start}, axes=axes, plane=side),
            table(numbers, axes=axes),
            table(
                {k + "s": v for k, v in numbers.items()},
                axes={},
                at=np.array(WIDTHS),
            ),
        ],
        panels=[
            *(
                Panel(
                    title,
                    Axis("example", 0.5, 10.5),
                    Axis("example", 0.5, 10.5),
                    [marks.heat(name, label="Θ", low=-1, high=1, ramp="diverging")],
                    ratio=0.8,
                )
                for name, title in (("off", "Start minus limit"), ("moved", "End minus start"))
            ),
            Panel(
                "Relative change by training",
                Axis("width m", 12, 1400, log=True),
                Axis("relative change", 0.01, 1, log=True),
                [
                    marks.line("drifts", "kernel", color=0),
                    marks.line("movements", "weights", color=2, dash=1),
                    marks.dot("width", "drift", "chosen width", color=1),
                ],
                ratio=0.8,
            ),
        ],
        readout=[
            readout("kernel moves by", "drift", digits=2),
            readout("weights move by", "movement", digits=2),
            readout("distance to the kernel's predictions", "gap", digits=2),
            readout("correlation with them", "correlation", digits=4),
        ],
        caption="Digits 3 and 8, one hidden layer, 30 examples. The matrices belong to one network "
        "and ten of the examples, eights first; the numbers are medians of three networks.",
    )
