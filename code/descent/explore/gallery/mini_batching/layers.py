"""Signal and noise of the gradients of every layer."""

import numpy as np

from descent.explore import Axis, Explorer, Panel, choice, marks, readout, scalars, table


def layers() -> Explorer:
    """Two phases, layer by layer."""
    from descent.experiments.mini_batching import phases
    from descent.experiments.mini_batching.phases import NOISE

    found = phases()
    mean, std = (np.median(found[name], 1) for name in ("mean", "std"))
    ratio = np.median(found["mean"] / found["std"], 1)
    epochs, count = ratio.shape[1:]
    layer = tuple(float(i) for i in range(count))
    by_layer = {"mean": mean, "std": std, "ratio": ratio}
    floor = float(found["floor"])
    return Explorer(
        "mini_batching/layers",
        title="Signal and noise, layer by layer",
        question="In which layer does the signal drop below the noise first? Does the noise rise "
        "or fall, and does that depend on the labels?",
        controls=[
            choice("wrong", NOISE, 0.0, label="wrong labels", words=("none", "a fifth")),
            choice("layer", layer, 0, label="layer", words=("first", "second", "last")),
        ],
        signals=[
            table(
                {name: np.moveaxis(v, 2, 1).copy() for name, v in by_layer.items()},
                axes={"wrong": NOISE, "layer": layer},
                at=np.arange(1, epochs + 1),
                timed=True,
                precision="relative",
            ),
            scalars(
                lambda ratio_first, ratio_last, std_first, std_last: {
                    "ratio_fall": ratio_first / ratio_last,
                    "std_change": std_last / std_first,
                }
            ),
        ],
        panels=[
            Panel(
                "Gradients of one epoch",
                Axis("epoch", 1, float(epochs), log=True),
                Axis("norm over the layer's weights", 1e-3, 3, log=True),
                [
                    marks.line("mean", "mean: the signal", color=0),
                    marks.line("std", "standard deviation: the noise", color=1, dash=1),
                ],
            ),
            Panel(
                "Signal over noise",
                Axis("epoch", 1, float(epochs), log=True),
                Axis("ratio", 0.02, 3, log=True),
                [
                    marks.line("ratio", "ratio", color=0),
                    marks.rule("pure independent noise", y=floor, legend=True),
                ],
            ),
        ],
        readout=[
            readout("ratio in the first epoch", "ratio_first", digits=3),
            readout("ratio in the last epoch", "ratio_last", digits=2),
            readout("ratio falls by a factor of", "ratio_fall", digits=3),
            readout("noise, last over first", "std_change", digits=3),
        ],
        caption="A 64-64-64-10 tanh network on 1200 digits, batches of 32, learning rate 0.05; "
        "medians of three seeds.",
        play="ratio",
        clock="epoch",
    )
