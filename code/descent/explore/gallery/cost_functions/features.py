"""Training and true risk of least squares in closed form, below and beyond interpolation."""

import math

import torch
from torch import Tensor

from descent.cost_functions import prefix_risks
from descent.explore import Axis, Explorer, Grid, Panel, curve, marks, readout, scalars, slider

TOTAL, DECAY = 100, 15.0
TOP = 1e3


def _risks(d: Tensor, n: Tensor, variance: Tensor) -> dict[str, Tensor]:
    """Return both risks, the true one cut off at infinity; all weights have norm 1."""
    seen = torch.expm1(-d / DECAY) / math.expm1(-TOTAL / DECAY)
    found = prefix_risks(d, n, seen, variance + 1 - seen)
    return {"train": found["train"], "true": found["population"].clamp(max=TOP)}


def _chosen(dim: Tensor, n: Tensor, variance: Tensor) -> dict[str, Tensor]:
    """Return the risks of the chosen model, and what predicting 0 costs."""
    found = _risks(dim, n, variance)
    return {
        "own_train": found["train"],
        "own_true": found["true"],
        "nothing": variance + 1,
    }


def features() -> Explorer:
    """Both risks over the number of features."""
    return Explorer(
        "cost_functions/features",
        title="Two risks of one fit",
        question="From how many features on is the training risk zero? With how many is the true "
        "risk lowest, and with how many is it worse than predicting 0?",
        controls=[
            slider("n", 10, 90, 40, label="examples n", stops=80),
            slider("dim", 1, TOTAL, 20, label="features d", stops=99),
            slider("variance", 0.01, 2, 0.1, label="noise σ²", log=True),
        ],
        signals=[
            scalars(_chosen),
            curve(_risks, over=Grid("d", 1, TOTAL, n=199)),
        ],
        panels=[
            Panel(
                "Expected squared error",
                Axis("features d", 0, TOTAL),
                Axis("risk", 1e-3, 100, log=True),
                [
                    marks.rule("d = n", x="n", color=4),
                    marks.rule("predict 0", y="nothing", color=3),
                    marks.rule("noise σ²", y="variance", color=2),
                    marks.line("train", "training risk", color=0, dash=1),
                    marks.line("true", "true risk", color=1),
                    marks.dot("dim", "own_true", "chosen model", color=1),
                ],
                ratio=0.62,
            )
        ],
        readout=[
            readout("training risk", "own_train", digits=3),
            readout("true risk", "own_true", digits=3),
            readout("risk of predicting 0", "nothing", digits=3),
        ],
        caption=f"Gaussian inputs, {TOTAL} features of falling use, of which the model sees the "
        "first d. Exact means over all training sets.",
    )
