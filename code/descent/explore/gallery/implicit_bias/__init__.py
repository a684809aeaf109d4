"""Figures of the chapter on implicit bias."""

from descent.explore.gallery.implicit_bias.directions import margin_of_geometry
from descent.explore.gallery.implicit_bias.modes import modes
from descent.explore.gallery.implicit_bias.plane import line_of_solutions, stopping
from descent.explore.gallery.implicit_bias.runaway import runaway
from descent.explore.gallery.implicit_bias.shipped import (
    predictors,
    seen_fraction,
    sparse_start,
    spectra,
)

FIGURES = {
    figure.__name__: figure
    for figure in (
        predictors,
        line_of_solutions,
        sparse_start,
        stopping,
        margin_of_geometry,
        modes,
        spectra,
        seen_fraction,
        runaway,
    )
}

__all__ = [
    "FIGURES",
    "line_of_solutions",
    "margin_of_geometry",
    "modes",
    "predictors",
    "runaway",
    "seen_fraction",
    "sparse_start",
    "spectra",
    "stopping",
]
