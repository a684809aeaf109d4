"""Momentum and learning-rate schedules on a problem that noise holds up."""

import numpy as np

from descent.explore import Axis, Explorer, Panel, choice, marks, readout, scalars, table

WORDS = ("0", "0.5", "0.9", "0.99", "0.5 → 0.99")


def schedules() -> Explorer:
    """Constant and decaying rates at five momenta."""
    from descent.experiments.momentum import MOMENTA, RATES
    from descent.experiments.momentum import schedules as measure

    gap = measure()["gap"]
    number = tuple(float(i) for i in range(len(MOMENTA)))
    axes = {"momentum": number, "rate": RATES}
    constant, decaying = (np.moveaxis(part, -1, -2) for part in gap)
    curves = {"constant": constant.mean(-2), "decaying": decaying.mean(-2)}
    ends = {"constant_end": constant[..., -1].mean(-1), "decaying_end": decaying[..., -1].mean(-1)}
    return Explorer(
        "momentum/schedules",
        title="Which matters more: momentum, or letting the rate decay?",
        question="For each momentum find the best rate, constant and decaying. What changes the "
        "end more?",
        controls=[
            choice("momentum", number, 2, label="momentum β", words=WORDS),
            choice("rate", RATES, 0.2, label="effective rate η/(1−β)"),
        ],
        signals=[
            table(curves, axes=axes, at=np.arange(gap.shape[-2]), timed=True, precision="relative"),
            table(ends, axes={"momentum": number}, at=RATES, precision="relative"),
            scalars(
                lambda constant_end_min, decaying_end_min: {
                    "gain": constant_end_min / decaying_end_min
                }
            ),
        ],
        panels=[
            Panel(
                "Training",
                Axis("epoch", 0, float(gap.shape[-2] - 1)),
                Axis("loss above its minimum", 1e-2, 3, log=True),
                [
                    marks.line("constant", "constant rate", color=1),
                    marks.line("decaying", "rate decays to 0", color=0, dash=1),
                ],
            ),
            Panel(
                "In the end",
                Axis("effective rate η/(1−β)", 0.04, 1, log=True),
                Axis("loss above its minimum", 1e-2, 1, log=True),
                [
                    marks.line("constant_end", "constant rate", color=1),
                    marks.line("decaying_end", "rate decays to 0", color=0, dash=1),
                    marks.dot("rate", "constant_last", "chosen rate", color=1, marker=1),
                ],
            ),
        ],
        readout=[
            readout("this rate, constant", "constant_last", digits=3),
            readout("this rate, decaying", "decaying_last", digits=3),
            readout("best constant rate", "constant_end_min", digits=3),
            readout("best decaying rate", "decaying_end_min", digits=3),
            readout("decay lowers the end by a factor of", "gain", digits=3),
        ],
        caption="Softmax regression on 1000 digits, a fifth with wrong labels, batches of 16, 20 "
        "epochs; means of three seeds.",
        play="constant",
        clock="epoch",
    )
