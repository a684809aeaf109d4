r"""Mini-batches: a gradient that is a measurement, and what to do about its error.

| part | idea |
|---|---|
| `sampling` | standard error, covariance and noise scale of a gradient |
| `tradeoff` | progress per step, and the hyperbola of steps and examples |
| `jitter` | one curvature with noise: floors, decaying rates, averages, delays |
| `order` | drawing, shuffling, and keeping an order |
| `schedules` | rates that change during a run |
| `flatness` | a measure of sharpness |
"""

from descent.mini_batching.flatness import box_sharpness
from descent.mini_batching.jitter import (
    averaged_variance,
    bias_and_variance,
    delay_limit,
    delay_radius,
    floor,
    interpolating_factor,
    power_rates,
    spread,
)
from descent.mini_batching.order import drawn_variance, settled, shuffled_variance
from descent.mini_batching.sampling import (
    GradientNoise,
    example_gradients,
    finite_population,
    gradient_noise,
    standard_error,
    two_batch_estimate,
)
from descent.mini_batching.schedules import SCHEDULES, cosine, late, linear, stairs, warmed
from descent.mini_batching.tradeoff import Hyperbola, best_step, noise_batch

__all__ = [
    "SCHEDULES",
    "GradientNoise",
    "Hyperbola",
    "averaged_variance",
    "best_step",
    "bias_and_variance",
    "box_sharpness",
    "cosine",
    "delay_limit",
    "delay_radius",
    "drawn_variance",
    "example_gradients",
    "finite_population",
    "floor",
    "gradient_noise",
    "interpolating_factor",
    "late",
    "linear",
    "noise_batch",
    "power_rates",
    "settled",
    "shuffled_variance",
    "spread",
    "stairs",
    "standard_error",
    "two_batch_estimate",
    "warmed",
]
