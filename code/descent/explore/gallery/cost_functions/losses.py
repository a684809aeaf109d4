"""Surrogate losses, and the score that each asks for."""

import torch
from torch import Tensor

from descent.cost_functions import MARGIN_LOSSES, best_score, conditional_risk
from descent.explore import (
    Axis,
    Explorer,
    Grid,
    Panel,
    curve,
    marks,
    readout,
    scalars,
    slider,
)

SHOWN = ("zero_one", "logistic", "hinge", "square", "exponential")
LABELS = ("0-1", "logistic", "hinge", "square", "exponential")


def _losses(m: Tensor) -> dict[str, Tensor]:
    return {name: MARGIN_LOSSES[name](m) for name in SHOWN}


def _means(z: Tensor, p: Tensor) -> dict[str, Tensor]:
    return {f"mean_{name}": conditional_risk(MARGIN_LOSSES[name], z, p) for name in SHOWN}


def _best(p: Tensor) -> dict[str, Tensor]:
    """Return the best score of each loss with the mean loss there."""
    out = {}
    for name in SHOWN[1:]:
        score = best_score(name, p)
        out[f"best_{name}"] = score
        out[f"least_{name}"] = conditional_risk(MARGIN_LOSSES[name], score, p)
    return {**out, "bayes": torch.minimum(p, 1 - p)}


def surrogates() -> Explorer:
    """Five losses of a margin, and their means where the label is uncertain."""
    return Explorer(
        "cost_functions/surrogates",
        title="What each loss asks for",
        question="Move p from 0.3 to 0.7: what does each lowest point do at p = 0.5? From which "
        "of the lowest points could you read off p?",
        controls=[
            slider(
                "p", 0.02, 0.98, 0.8, label="probability p of the label +1", include=(0.3, 0.5, 0.7)
            )
        ],
        signals=[
            scalars(_best),
            curve(_losses, over=Grid("m", -2, 3, n=151)),
            curve(_means, over=Grid("z", -4, 4, n=160)),
        ],
        panels=[
            Panel(
                "Loss of one example",
                Axis("margin y·z", -2, 3),
                Axis("loss", 0, 4),
                marks.lines(dict(zip(SHOWN, LABELS, strict=True))),
            ),
            Panel(
                "Mean loss of a score",
                Axis("score z", -4, 4),
                Axis("mean over the label", 0, 4),
                [
                    *marks.lines({f"mean_{n}": t for n, t in zip(SHOWN, LABELS, strict=True)}),
                    *(
                        marks.dot(f"best_{name}", f"least_{name}", color=color, marker=marker)
                        for name, color, marker in zip(
                            SHOWN[1:], (1, 3, 2, 4), (1, 2, 3, 4), strict=True
                        )
                    ),
                ],
            ),
        ],
        readout=[
            readout("best score, logistic", "best_logistic", digits=3),
            readout("best score, hinge", "best_hinge", digits=3),
            readout("best score, square", "best_square", digits=3),
            readout("smallest probability of an error", "bayes", digits=3),
        ],
        caption="Dots mark the lowest points.",
    )
