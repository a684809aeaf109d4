"""Figures of the chapter on implicit bias: wide networks and their kernels."""

from descent.explore.gallery.implicit_bias.kernels import angle, shifted, to_the_limit
from descent.explore.gallery.implicit_bias.lazy import moving_neurons, output_scale
from descent.explore.gallery.implicit_bias.wide import drift, movie

FIGURES = {
    "angle": angle,
    "movie": movie,
    "to_the_limit": to_the_limit,
    "drift": drift,
    "output_scale": output_scale,
    "moving_neurons": moving_neurons,
    "shifted": shifted,
}

__all__ = [
    "FIGURES",
    "angle",
    "drift",
    "movie",
    "moving_neurons",
    "output_scale",
    "shifted",
    "to_the_limit",
]
