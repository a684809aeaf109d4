"""Figures of the chapter on cost functions."""

from descent.explore.gallery.cost_functions.features import features
from descent.explore.gallery.cost_functions.labels import random_labels
from descent.explore.gallery.cost_functions.line import straight_line
from descent.explore.gallery.cost_functions.losses import surrogates
from descent.explore.gallery.cost_functions.margin import margin
from descent.explore.gallery.cost_functions.ridge import ridge
from descent.explore.gallery.cost_functions.risks import three_risks
from descent.explore.gallery.cost_functions.stopping import stopped_gradient

FIGURES = {
    figure.__name__: figure
    for figure in (
        random_labels,
        features,
        three_risks,
        surrogates,
        margin,
        stopped_gradient,
        ridge,
        straight_line,
    )
}

__all__ = [
    "FIGURES",
    "features",
    "margin",
    "random_labels",
    "ridge",
    "stopped_gradient",
    "straight_line",
    "surrogates",
    "three_risks",
]
