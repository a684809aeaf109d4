"""Figures of the chapter on implicit bias."""

from descent.explore.gallery.implicit_bias.directions import margin_of_geometry
from descent.explore.gallery.implicit_bias.kernels import angle, shifted, to_the_limit
from descent.explore.gallery.implicit_bias.lazy import moving_neurons, output_scale
from descent.explore.gallery.implicit_bias.modes import modes
from descent.explore.gallery.implicit_bias.plane import line_of_solutions, stopping
from descent.explore.gallery.implicit_bias.runaway import runaway
from descent.explore.gallery.implicit_bias.shipped import (
    predictors,
    seen_fraction,
    sparse_start,
    spectra,
)
from descent.explore.gallery.implicit_bias.wide import drift, movie

FIGURES = {
    figure.__name__: figure
    for figure in (
        predictors,
        line_of_solutions,
        sparse_start,
        stopping,
        margin_of_geometry,
        movie,
        angle,
        to_the_limit,
        drift,
        output_scale,
        moving_neurons,
        shifted,
        spectra,
        runaway,
        modes,
        seen_fraction,
    )
}

__all__ = [
    "FIGURES",
    "angle",
    "drift",
    "line_of_solutions",
    "margin_of_geometry",
    "modes",
    "movie",
    "moving_neurons",
    "output_scale",
    "predictors",
    "runaway",
    "seen_fraction",
    "shifted",
    "sparse_start",
    "spectra",
    "stopping",
    "to_the_limit",
]
