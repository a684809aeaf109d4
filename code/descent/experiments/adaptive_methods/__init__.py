"""Long runs of the chapter on adaptive methods: tuned by stated grids, cached results.

`planes` holds the problems of two dimensions, `matrices` those of products, `networks` the
networks. The book, the lab, the exercises and the tests read the same cached results.
"""

from descent.experiments.adaptive_methods.matrices import DEEP, RULES, completion
from descent.experiments.adaptive_methods.networks import (
    CHECKPOINTS,
    CONTEST,
    LOG_RATES,
    WIDTHS,
    contest,
    flatness,
    rates_across_widths,
)
from descent.experiments.adaptive_methods.planes import (
    DEGREES,
    KAPPAS,
    PLANE,
    delta_bar_delta,
    turned_bowls,
    without_schedule,
)

__all__ = [
    "CHECKPOINTS",
    "CONTEST",
    "DEEP",
    "DEGREES",
    "KAPPAS",
    "LOG_RATES",
    "PLANE",
    "RULES",
    "WIDTHS",
    "completion",
    "contest",
    "delta_bar_delta",
    "flatness",
    "rates_across_widths",
    "turned_bowls",
    "without_schedule",
]
