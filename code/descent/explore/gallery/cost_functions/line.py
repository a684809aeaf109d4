"""The straight line from the start of training to its end, and the way the run took."""

import numpy as np

from descent.explore import Axis, Explorer, Panel, choice, marks, readout, table

LABELS = ("SGD, η = 0.1", "SGD, η = 0.5", "momentum 0.9, η = 0.02", "momentum 0.9, η = 0.1",
          "six layers, Adam")  # fmt: skip


def _rise(values: np.ndarray) -> np.ndarray:
    """Return how far a curve climbs above an earlier value."""
    return (values - np.minimum.accumulate(values, -1)).max(-1)


def straight_line() -> Explorer:
    """Loss on the line, and the run's own path beside it."""
    from descent.experiments.cost_functions import PARTS, straight

    found = straight()
    numbers = tuple(float(i) for i in range(len(LABELS)))
    seeds = tuple(range(found["train"].shape[1]))
    axes = {"recipe": numbers, "seed": seeds}
    inside = [i for i, part in enumerate(PARTS) if 0 <= part <= 1]
    path = np.stack([found["path_part"], found["path_off"]], -1)
    return Explorer(
        "cost_functions/straight_line",
        title="The straight way was open all the time",
        question="For which recipes does the training loss never rise on the straight line? Did "
        "the run walk along it?",
        controls=[
            choice("recipe", numbers, 0, label="recipe", words=LABELS),
            choice("seed", seeds, 0, label="seed"),
        ],
        signals=[
            table({k: found[k] for k in ("train", "test")}, axes=axes, at=np.array(PARTS),
                  precision="relative"),
            table({"walk": path}, axes=axes, timed=True),
            table({"rise": _rise(found["train"][..., inside]), "off": found["path_off"].max(-1),
                   "ends": found["path_loss"][..., -1]}, axes=axes, tolerance=0.0),
        ],
        panels=[
            Panel(
                "Loss on the straight line",
                Axis("place α, from start (0) to end (1)", -0.1, 1.1),
                Axis("mean cross-entropy", 0, 4),
                [
                    marks.rule("end", x=1.0),
                    marks.line("train", "training", color=0),
                    marks.line("test", "test", color=1, dash=1),
                ],
            ),
            Panel(
                "Where the run was, once an epoch",
                Axis("place along the line", -0.05, 1.05),
                Axis("distance from the line", 0, 0.55),
                [marks.path("walk", "the run", color=2)],
            ),
        ],
        readout=[
            readout("largest rise of the training loss on the line", "rise", digits=2),
            readout("training loss at the end", "ends", digits=2),
            readout("largest distance of the run from the line", "off", digits=2),
        ],
        caption="1200 digits, 64 ReLU units a layer, 20 epochs in batches of 32. Distances in "
        "units of the line's length.",
        play="walk",
        clock="epoch",
    )  # fmt: skip
