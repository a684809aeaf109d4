"""What is minimized and what is wanted: risks, surrogate losses, stopping, and straight paths."""

from descent.cost_functions.features import least_squares_risks, prefix_risks
from descent.cost_functions.margins import MarginObjective, hard_margin, normalized_margin
from descent.cost_functions.paths import largest_rise, on_the_line
from descent.cost_functions.risk import LogisticTeacher, hoeffding_width
from descent.cost_functions.shrinkage import (
    descent_filter,
    flow_filter,
    ridge_filter,
    shrinkage_risk,
    worst_flow_over_ridge,
)
from descent.cost_functions.stopping import Stopped, stop
from descent.cost_functions.surrogates import (
    MARGIN_LOSSES,
    SLOPES,
    best_score,
    conditional_risk,
)

__all__ = [
    "MARGIN_LOSSES",
    "SLOPES",
    "LogisticTeacher",
    "MarginObjective",
    "Stopped",
    "best_score",
    "conditional_risk",
    "descent_filter",
    "flow_filter",
    "hard_margin",
    "hoeffding_width",
    "largest_rise",
    "least_squares_risks",
    "normalized_margin",
    "on_the_line",
    "prefix_risks",
    "ridge_filter",
    "shrinkage_risk",
    "stop",
    "worst_flow_over_ridge",
]
