"""Long runs of the chapter on noise and escape: clouds, paths, and networks that forget."""

from descent.experiments.noise_and_escape.clouds import (
    BALLS,
    COLD,
    RATES,
    STRENGTHS,
    absorption,
    bowl_clouds,
    deviations,
    escape_times,
    exits_from_a_ball,
)
from descent.experiments.noise_and_escape.networks import KINDS, SIZES, compression
from descent.experiments.noise_and_escape.paths import PARTS, curved_ways, local_potential
from descent.experiments.noise_and_escape.shares import (
    BATCHES,
    RIGHTS,
    big_cloud,
    mini_batches,
    three_shares,
    two_minima,
)

__all__ = [
    "BALLS",
    "BATCHES",
    "COLD",
    "KINDS",
    "PARTS",
    "RATES",
    "RIGHTS",
    "SIZES",
    "STRENGTHS",
    "absorption",
    "big_cloud",
    "bowl_clouds",
    "compression",
    "curved_ways",
    "deviations",
    "escape_times",
    "exits_from_a_ball",
    "local_potential",
    "mini_batches",
    "three_shares",
    "two_minima",
]
