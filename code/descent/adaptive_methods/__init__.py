"""Adaptive methods: one learning rate for each coordinate, and what that buys and costs.

- `constant`: what each rule does with a gradient that does not change, in closed form.
- `axes`: a rate for each coordinate repairs what is aligned with the coordinates, and no more.
- `counterexamples`: where Adam walks to the worst point, and where adaptive rules generalize badly.
- `decay`: weight decay that passes through the denominator, and weight decay that does not.
- `layers`: rules that treat a weight matrix as a matrix, and rates that carry over to other widths.
- `distance`: a learning rate found from the distance still to go.
- `budget`: what a search for a learning rate is expected to find.

The rules themselves are in `descent.optimizers`; what networks do with them is in
`descent.experiments.adaptive_methods`.
"""

from descent.adaptive_methods.axes import (
    effective_rate,
    equilibrated_condition,
    jacobi_condition,
    turned_bowl,
)
from descent.adaptive_methods.budget import expected_choice
from descent.adaptive_methods.constant import (
    adadelta_first_step,
    adagrad_step,
    adagrad_travel,
    adam_step,
    floored_step,
    knee,
    rmsprop_step,
)
from descent.adaptive_methods.counterexamples import (
    RareFeatures,
    cycle_averages,
    cycle_drift,
    cycle_gradient,
)
from descent.adaptive_methods.decay import kept_by_decay, kept_by_l2, noise_spread
from descent.adaptive_methods.distance import distance_estimates
from descent.adaptive_methods.layers import (
    kfac_step,
    muon_polynomial,
    transferred_rate,
)

__all__ = [
    "RareFeatures",
    "adadelta_first_step",
    "adagrad_step",
    "adagrad_travel",
    "adam_step",
    "cycle_averages",
    "cycle_drift",
    "cycle_gradient",
    "distance_estimates",
    "effective_rate",
    "equilibrated_condition",
    "expected_choice",
    "floored_step",
    "jacobi_condition",
    "kept_by_decay",
    "kept_by_l2",
    "kfac_step",
    "knee",
    "muon_polynomial",
    "noise_spread",
    "rmsprop_step",
    "transferred_rate",
    "turned_bowl",
]
