r"""Saddles: where gradients vanish, how long that lasts, and whether it is the end.

| part | idea |
|---|---|
| `symmetries` | permutations, scalings and signs that leave the function as it is |
| `critical` | kinds of critical points; Newton's step and its saddle-free version |
| `index_models` | how likely is a minimum? coin flips, random matrices, random fields |
| `pfaffian` | the integrals behind them, exactly |
| `linear_autoencoder` | a network with all critical points known |
| `spin_glass` | a random function on a sphere where value and index are tied |
| `students` | a network with bad local minima |
| `escape` | times to leave a saddle; chains of saddles; perturbed descent |
| `plateaus` | slopes without end, and steps with a finite sum |
| `connectivity` | paths between trained networks |
"""

from descent.saddles.connectivity import barrier, bent, match, straight, train_bend
from descent.saddles.critical import (
    KINDS,
    index,
    kind,
    newton_direction,
    planar_direction,
    planar_eigenvalues,
    saddle_free_direction,
)
from descent.saddles.escape import (
    PerturbedDescent,
    SaddleChain,
    escape_steps,
    still_there,
    unstable_spread,
    waiting_ratio,
)
from descent.saddles.index_models import (
    coin,
    gaussian_matrices,
    log_minima,
    log_positive,
    sampled_index,
    semicircle,
)
from descent.saddles.linear_autoencoder import LinearAutoencoder
from descent.saddles.plateaus import exponential_bounds, part_left, shrinking_rates
from descent.saddles.spin_glass import THRESHOLD, ThreeSpin, limiting_share
from descent.saddles.students import ReluStudent
from descent.saddles.symmetries import TwoFactors, log_arrangements, permute, rescale

__all__ = [
    "KINDS",
    "THRESHOLD",
    "LinearAutoencoder",
    "PerturbedDescent",
    "ReluStudent",
    "SaddleChain",
    "ThreeSpin",
    "TwoFactors",
    "barrier",
    "bent",
    "coin",
    "escape_steps",
    "exponential_bounds",
    "gaussian_matrices",
    "index",
    "kind",
    "limiting_share",
    "log_arrangements",
    "log_minima",
    "log_positive",
    "match",
    "newton_direction",
    "part_left",
    "permute",
    "planar_direction",
    "planar_eigenvalues",
    "rescale",
    "saddle_free_direction",
    "sampled_index",
    "semicircle",
    "shrinking_rates",
    "still_there",
    "straight",
    "train_bend",
    "unstable_spread",
    "waiting_ratio",
]
