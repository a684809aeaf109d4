"""Six networks, two tasks that need memory."""

import numpy as np

from descent.explore import Axis, Explorer, Panel, choice, marks, quantiles, readout, table


def learning() -> Explorer:
    """What each network learns to remember."""
    from descent.experiments.long_term_dependencies import ARMS, EVERY, NETWORKS, STEPS, learn

    names = tuple(NETWORKS)
    number = tuple(float(i) for i in range(len(names)))
    shown: dict[str, list[np.ndarray]] = {"adding": [], "copying": []}
    for task, name, rates in sorted(ARMS, key=lambda arm: names.index(arm[1])):
        loss = learn(task, name, rates)["loss"]
        best = np.median(loss[-1], axis=-1).argmin()
        shown[task].append(loss[:, best])
    return Explorer(
        "long_term_dependencies/learning",
        title="Each memory has its task",
        question="Which networks learn to add, and which to copy? Is there one that does both?",
        controls=[choice("network", number, 5, label="network", words=names)],
        signals=[
            table(
                quantiles(task, np.stack(runs), axis=-1),
                axes={"network": number},
                at=EVERY * np.arange(STEPS[task] // EVERY + 1),
                timed=True,
                precision="relative",
            )
            for task, runs in shown.items()
        ],
        panels=[
            Panel(
                "Adding, 40 steps",
                Axis("training step", 0, STEPS["adding"]),
                Axis("mean squared error", 1e-4, 1, log=True),
                [
                    marks.rule("no memory, 1/6", y=1 / 6, color=4),
                    marks.spread("adding", "three seeds", color=0),
                ],
            ),
            Panel(
                "Copying after 30 steps",
                Axis("training step", 0, STEPS["copying"]),
                Axis("cross-entropy", 1e-3, 10, log=True),
                [
                    marks.rule("no memory, log 8", y=float(np.log(8)), color=4),
                    marks.spread("copying", "three seeds", color=1, dash=1),
                ],
            ),
        ],
        readout=[
            readout("adding, median", "adding_last", digits=2),
            readout("copying, median", "copying_last", digits=2),
        ],
        caption="Adam with norm clipping at 1, fresh sequences at every step; the better of the "
        "learning rates tried; median and range of three seeds.",
        play="adding",
        clock="training step",
    )
