r"""Noise and escape: SGD as a diffusion, how far that goes, and what it does between minima.

| part | idea |
|---|---|
| `laws`, `wells` | walks: a force and a kick, written once |
| `particles` | clouds of them, of which only statistics are kept |
| `line` | one coordinate, solved: stationary law and mean time of an escape |
| `quasi`, `action` | the quasi-potential, its equation, and paths of least action |
| `chain` | jumps between minima as a Markov chain |
| `samples` | a finite data set whose two minima differ in noise alone |
| `entropy` | temperature and entropy by the Fokker-Planck equation |
| `information` | what the layers of a small network keep of their input |
"""

from descent.noise_and_escape.action import Way, action, cheapest
from descent.noise_and_escape.chain import kramers_rates, relaxation_time, tree_law
from descent.noise_and_escape.entropy import (
    FokkerPlanck,
    gaussian_entropy,
    gibbs,
    settling_variance,
    surprise_of_one,
    temperature,
)
from descent.noise_and_escape.information import (
    all_inputs,
    binned,
    entropy_bits,
    label_bits,
    layers,
    symmetric_rule,
)
from descent.noise_and_escape.laws import (
    Law,
    amplitude,
    double_well,
    double_well_slope,
    switch,
    three_wells,
    three_wells_slope,
)
from descent.noise_and_escape.line import (
    eyring,
    grid,
    laplace_ratio,
    mean_exit_time,
    quasi_potential,
    share_below,
    stationary,
)
from descent.noise_and_escape.particles import Walk, averages, exit_steps, histogram
from descent.noise_and_escape.quasi import ball_level, bowl_covariance, hamiltonian, residual
from descent.noise_and_escape.samples import Scattered, scattered_law, standard_scores
from descent.noise_and_escape.wells import (
    BOWL,
    BOWL_IN_PLANE,
    HESSIAN,
    ROOT,
    TWO_WELLS,
    UNEQUAL_BATCHES,
    CurvedValley,
    absorbing,
    batch_deviation,
    batch_variance,
    round_bowl,
    three,
    unequal,
)

__all__ = [
    "BOWL",
    "BOWL_IN_PLANE",
    "HESSIAN",
    "ROOT",
    "TWO_WELLS",
    "UNEQUAL_BATCHES",
    "CurvedValley",
    "FokkerPlanck",
    "Law",
    "Scattered",
    "Walk",
    "Way",
    "absorbing",
    "action",
    "all_inputs",
    "amplitude",
    "averages",
    "ball_level",
    "batch_deviation",
    "batch_variance",
    "binned",
    "bowl_covariance",
    "cheapest",
    "double_well",
    "double_well_slope",
    "entropy_bits",
    "exit_steps",
    "eyring",
    "gaussian_entropy",
    "gibbs",
    "grid",
    "hamiltonian",
    "histogram",
    "kramers_rates",
    "label_bits",
    "laplace_ratio",
    "layers",
    "mean_exit_time",
    "quasi_potential",
    "relaxation_time",
    "residual",
    "round_bowl",
    "scattered_law",
    "settling_variance",
    "share_below",
    "standard_scores",
    "stationary",
    "surprise_of_one",
    "switch",
    "symmetric_rule",
    "temperature",
    "three",
    "three_wells",
    "three_wells_slope",
    "tree_law",
    "unequal",
]
