"""One network, one recipe, labels with and without meaning."""

import numpy as np

from descent.explore import (
    Axis,
    Explorer,
    Panel,
    choice,
    marks,
    quantiles,
    readout,
    table,
)

WORDS = ("right", "half random", "all random")
METHODS = ("none", "weight decay 0.001", "weight decay 0.01", "noise on the inputs")


def random_labels() -> Explorer:
    """Training on right and on random labels, with and without regularizers."""
    from descent.experiments.cost_functions import FRACTIONS, REGULARIZERS
    from descent.experiments.cost_functions import random_labels as measure

    found = measure()
    numbers = tuple(float(i) for i in range(len(REGULARIZERS)))
    epochs = np.arange(found["loss"].shape[-1]) * 3
    curves = {k: v for name in ("train", "test", "loss") for k, v in
              quantiles(name, found[name], axis=2).items()}  # fmt: skip
    return Explorer(
        "cost_functions/random_labels",
        title="A network that learns nothing, perfectly",
        question="Does the training loss tell you whether the labels mean anything? Which "
        "regularizer stops the network from learning random labels by heart, and what does it do "
        "to right ones?",
        controls=[
            choice("fraction", FRACTIONS, 1.0, label="labels", words=WORDS),
            choice("method", numbers, 0, label="regularizer", words=METHODS),
        ],
        signals=[
            table(curves, axes={"fraction": FRACTIONS, "method": numbers}, at=epochs, timed=True)
        ],
        panels=[
            Panel(
                "What is minimized",
                Axis("epoch", 0, float(epochs[-1])),
                Axis("training loss", 0, 3.2),
                [
                    marks.rule("all answers alike, log 10", y=float(np.log(10))),
                    *marks.spread("loss", "training loss", color=0),
                ],
            ),
            Panel(
                "What is wanted",
                Axis("epoch", 0, float(epochs[-1])),
                Axis("share of right answers", 0, 1.03),
                [
                    marks.rule("chance", y=0.1),
                    *marks.spread("train", "on the training labels", color=0),
                    *marks.spread("test", "on 797 test digits", color=1, dash=1),
                ],
            ),
        ],
        readout=[
            readout("right on the training labels at the end", "train_last", digits=3),
            readout("right on test digits at the end", "test_last", digits=3),
            readout("training loss at the end", "loss_last", digits=2),
        ],
        caption="1000 digits, 256 ReLU units, SGD with momentum 0.9, η = 0.05, batches of 50. "
        "Lines are medians, bands the range of three seeds.",
        play="train",
        clock="epoch",
    )
