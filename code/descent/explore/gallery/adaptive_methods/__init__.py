"""Figures of the chapter on adaptive methods."""

from descent.explore.gallery.adaptive_methods.contests import contest, singular_values, widths
from descent.explore.gallery.adaptive_methods.counterexamples import cycle, rare_features
from descent.explore.gallery.adaptive_methods.matrices import completion
from descent.explore.gallery.adaptive_methods.steps import constant_gradient, decay
from descent.explore.gallery.adaptive_methods.turning import rates, turn

FIGURES = {
    figure.__name__: figure
    for figure in (
        turn,
        constant_gradient,
        rates,
        cycle,
        rare_features,
        completion,
        decay,
        contest,
        singular_values,
        widths,
    )
}

__all__ = [
    "FIGURES",
    "completion",
    "constant_gradient",
    "contest",
    "cycle",
    "decay",
    "rare_features",
    "rates",
    "singular_values",
    "turn",
    "widths",
]
