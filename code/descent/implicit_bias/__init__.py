"""Which of many solutions training finds: linear models, margins, and products of matrices.

- `regression`: the solution nearest to the start, and how it depends on the geometry of steps.
- `squares`: a linear model in other coordinates, whose start chooses between two norms.
- `margins`: each kind of step has a widest margin of its own.
- `balance`: what the flow of the factors does to a product and to its singular values.
- `descending`: the rule of the paper on matrix factorization, and the gradient flow.
- `nuclear`: the completion of smallest nuclear norm, with a proof that it is.
- `runaway`: a completion problem on which every norm diverges.
"""

from descent.implicit_bias.balance import (
    arrival_time,
    balanced_start,
    end_to_end,
    imbalance,
    mode_speed,
    singular_rates,
)
from descent.implicit_bias.descending import GroupRMSProp, flow
from descent.implicit_bias.margins import margin, steepest, widest
from descent.implicit_bias.nuclear import Fitted, shrink, smallest_nuclear
from descent.implicit_bias.regression import nearest, ridge_from, stopped_flow
from descent.implicit_bias.runaway import least_entry, runaway
from descent.implicit_bias.squares import Squares, flow_limit, potential

__all__ = [
    "Fitted",
    "GroupRMSProp",
    "Squares",
    "arrival_time",
    "balanced_start",
    "end_to_end",
    "flow",
    "flow_limit",
    "imbalance",
    "least_entry",
    "margin",
    "mode_speed",
    "nearest",
    "potential",
    "ridge_from",
    "runaway",
    "shrink",
    "singular_rates",
    "smallest_nuclear",
    "steepest",
    "stopped_flow",
    "widest",
]
