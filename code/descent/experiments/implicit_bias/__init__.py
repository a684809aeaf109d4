"""Long runs of the chapter on implicit bias: wide networks and their kernels."""

from descent.experiments.implicit_bias.convolutional import (
    CANVASES,
    CHANNELS,
    METHODS,
    conv_errors,
    shifted_digits,
)
from descent.experiments.implicit_bias.kernels import (
    DEPTHS,
    MOVIE_WIDTHS,
    SIZES,
    STEPS,
    WIDTHS,
    against_kernel,
    digit_accuracies,
    movie,
    width_errors,
)
from descent.experiments.implicit_bias.lazy import ALPHAS, STOPS, neurons, output_scales, scalings

__all__ = [
    "ALPHAS",
    "CANVASES",
    "CHANNELS",
    "DEPTHS",
    "METHODS",
    "MOVIE_WIDTHS",
    "SIZES",
    "STEPS",
    "STOPS",
    "WIDTHS",
    "against_kernel",
    "conv_errors",
    "digit_accuracies",
    "movie",
    "neurons",
    "output_scales",
    "scalings",
    "shifted_digits",
    "width_errors",
]
