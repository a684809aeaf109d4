"""Training, validation and population risk, with early stopping."""

import numpy as np
import torch

from descent.cost_functions import stop
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

PATIENCE = (1, 2, 4, 8, 16, 32)


def _returned(found: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Return when runs halt and what they return, for each patience: (..., patience, seeds)."""
    moved = {k: np.moveaxis(found[k], -1, 0) for k in ("validation", "population")}
    values = {k: torch.from_numpy(v.copy()) for k, v in moved.items()}
    rows = [stop(values["validation"], p) for p in PATIENCE]
    step = found["step"]
    return {
        "halt": np.stack([step[row.at.numpy()] for row in rows], -2),
        "kept": np.stack([step[row.best.numpy()] for row in rows], -2),
        "got": np.stack([row.of(values["population"]).numpy() for row in rows], -2),
    }


def three_risks() -> Explorer:
    """Three risks over the steps, for sample size, label noise and patience."""
    from descent.experiments.cost_functions import FLIPS, SIZES
    from descent.experiments.cost_functions import three_risks as measure

    found = measure()
    axes = {"size": SIZES, "flip": FLIPS}
    names = ("train", "validation", "population")
    curves = {k: v for name in names for k, v in quantiles(name, found[name], axis=2).items()}
    shipped = _returned(found)
    middle = {name: np.median(v, -1) for name, v in shipped.items()}
    return Explorer(
        "cost_functions/three_risks",
        title="Three risks of one training run",
        question="Where does the true risk turn while the training risk goes on falling? How does "
        "that point move with more examples, and with more noise? When is a patience of one "
        "evaluation too little?",
        controls=[
            choice("size", SIZES, 200, label="labeled examples"),
            choice("flip", FLIPS, 0.1, label="flipped labels", words=[f"{p:.0%}" for p in FLIPS]),
            choice("patience", PATIENCE, 4, label="patience (evaluations)"),
        ],
        signals=[
            table(curves, axes=axes, at=found["step"], timed=True),
            table({"bayes": found["bayes"]}, axes={"flip": FLIPS}),
            table(middle, axes={**axes, "patience": PATIENCE}),
            table(quantiles("choice", shipped["got"], axis=-1), axes=axes, at=np.array(PATIENCE)),
        ],
        panels=[
            Panel(
                "During training",
                Axis("step k", 0, float(found["step"][-1])),
                Axis("mean cross-entropy", 0, 2),
                [
                    marks.rule("Bayes risk", y="bayes", color=4, legend=True),
                    marks.rule("returned", x="kept", color=2),
                    *marks.spread("train", "training", color=0, dash=2),
                    *marks.spread("validation", "validation", color=2, dash=3),
                    *marks.spread("population", "population", color=1),
                ],
            ),
            Panel(
                "What early stopping returns",
                Axis("patience (evaluations)", 0.9, 36, log=True),
                Axis("population risk", 0, 1.2),
                [
                    marks.rule("Bayes risk", y="bayes", color=4, legend=True),
                    marks.rule("end of training", y="population_last", color=3),
                    *marks.spread("choice", "returned network", color=1),
                    marks.dot("patience", "got", "chosen patience", color=1),
                ],
            ),
        ],
        readout=[
            readout("halts at step", "halt", digits=1),
            readout("returns the network of step", "kept", digits=1),
            readout("its population risk", "got", digits=3),
            readout("population risk at the end", "population_last", digits=3),
            readout("Bayes risk", "bayes", digits=3),
        ],
        caption="Ten inputs, 32 tanh units, plain SGD with η = 0.1 and batches of 20. A fifth of "
        "the examples is for validation, evaluated every 20 steps. Medians and ranges of six "
        "draws of data and weights.",
        play="population",
    )
