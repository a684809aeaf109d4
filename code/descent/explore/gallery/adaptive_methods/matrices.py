"""Two rules complete the same matrices: equal on what they see, unequal on the rest."""

import numpy as np

from descent.explore import Axis, Explorer, Panel, choice, marks, quantiles, readout, table

PACES = ("slow", "middle", "fast")


def completion() -> Explorer:
    """Seen and unseen error of gradient descent and Adam over the steps."""
    from descent.experiments.adaptive_methods import DEEP, RULES
    from descent.experiments.adaptive_methods import completion as measure

    depths = tuple(float(depth) for depth, _ in DEEP)
    curves: dict[str, np.ndarray] = {}
    step = np.zeros(0)
    for rule, short in zip(RULES, ("gd", "adam"), strict=True):
        runs = [measure(rule, depth, scale) for depth, scale in DEEP]
        step = runs[0]["step"]
        error = np.stack([run["error"] for run in runs]).transpose(0, 2, 1, 3, 4)
        for i, part in enumerate(("seen", "unseen")):
            curves |= quantiles(f"{short}_{part}", np.maximum(error[..., i], 1e-12), axis=3)
    axes = {"depth": depths, "pace": tuple(float(i) for i in range(len(PACES)))}
    return Explorer(
        "adaptive_methods/completion",
        title="Equal on what is seen",
        question="Both rules come to fit the seen entries. Whose matrix is right where nothing was "
        "seen? Does a smaller learning rate close the gap?",
        controls=[
            choice("depth", depths, 2, label="factors", words=("two", "three")),
            choice("pace", axes["pace"], 1, label="learning rate", words=PACES),
        ],
        signals=[table(curves, axes=axes, at=step, timed=True, precision="relative")],
        panels=[
            Panel(
                title,
                Axis("step", 0, float(step[-1])),
                Axis("relative error", 1e-9, 3, log=True),
                [
                    *marks.spread(f"gd_{part}", "gradient descent", color=0),
                    *marks.spread(f"adam_{part}", "Adam", color=1, dash=1),
                ],
            )
            for part, title in (("seen", "360 entries that are seen"), ("unseen", "the other 540"))
        ],
        readout=[
            readout("unseen error of gradient descent at the end", "gd_unseen_last", digits=2),
            readout("unseen error of Adam at the end", "adam_unseen_last", digits=2),
        ],
        caption="Matrices of 30 × 30 and rank 3 as a product of two or three, started near 0. "
        "Learning rates 0.1, 0.2, 0.4 for gradient descent and 0.0003, 0.001, 0.003 for Adam. "
        "Lines are medians, bands the range of four matrices.",
        play="gd_unseen",
        clock="step",
    )
