"""The gradient where early stopping halts."""

import numpy as np
import torch

from descent.cost_functions import stop
from descent.explore import Axis, Explorer, Panel, choice, marks, readout, scalars, table

PATIENCE = (1, 3, 10, 30)


def stopped_gradient() -> Explorer:
    """Loss and gradient of networks on noisy digits, with the place where training halts."""
    from descent.experiments.cost_functions import NOISE, gradient_at_the_stop

    found = gradient_at_the_stop()
    seeds = tuple(range(found["norm"].shape[1]))
    epochs = np.arange(found["norm"].shape[-1])
    axes = {"noise": NOISE, "seed": seeds}
    curves = {k: found[k] for k in ("train", "validation", "norm")}
    values = torch.from_numpy(np.moveaxis(found["validation"], -1, 0).copy())
    halted = [stop(values, p) for p in PATIENCE]
    places = {
        "halt": np.stack([h.at.numpy() for h in halted], -1).astype(float),
        "kept": np.stack([h.best.numpy() for h in halted], -1).astype(float),
        "there": np.stack(
            [np.take_along_axis(found["norm"], h.best.numpy()[..., None], -1)[..., 0]
             for h in halted], -1),
    }  # fmt: skip
    return Explorer(
        "cost_functions/stopped_gradient",
        title="Training halts where the gradient is large",
        question="How long is the gradient at the returned network, compared with the end? Is "
        "there any patience for which training halts at a critical point?",
        controls=[
            choice("noise", NOISE, 0.2, label="wrong labels", words=[f"{p:.0%}" for p in NOISE]),
            choice("patience", PATIENCE, 10, label="patience", unit="epochs"),
            choice("seed", seeds, 0, label="seed"),
        ],
        signals=[
            table(curves, axes=axes, at=epochs, timed=True, precision="relative"),
            table(places, axes={**axes, "patience": PATIENCE}),
            scalars(lambda there, norm_last: {"ratio": there / norm_last}),
        ],
        panels=[
            Panel(
                "Loss",
                Axis("epoch", 0, float(epochs[-1])),
                Axis("mean cross-entropy", 1e-3, 5, log=True),
                [
                    marks.rule("returned", x="kept", color=2),
                    marks.rule("halts", x="halt", color=3),
                    marks.line("train", "training", color=0, dash=1),
                    marks.line("validation", "validation", color=1),
                ],
            ),
            Panel(
                "Length of the training gradient",
                Axis("epoch", 0, float(epochs[-1])),
                Axis("|g|", 1e-3, 5, log=True),
                [
                    marks.rule("returned", x="kept", color=2),
                    marks.line("norm", "full gradient", color=0),
                    marks.dot("kept", "there", "returned network", color=2),
                ],
            ),
        ],
        readout=[
            readout("returned: epoch", "kept", digits=1),
            readout("|g| there", "there", digits=3),
            readout("|g| at the end", "norm_last", digits=3),
            readout("ratio", "ratio", digits=3),
        ],
        caption="900 training and 300 validation digits, mislabeled alike; two hidden layers of 64 "
        "ReLU units, plain SGD with η = 0.05.",
        play="norm",
        clock="epoch",
    )
