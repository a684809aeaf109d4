"""Long runs of the chapter on cost functions: stated budgets, cached results."""

from descent.experiments.cost_functions.digits import (
    FRACTIONS,
    NOISE,
    REGULARIZERS,
    gradient_at_the_stop,
    random_labels,
)
from descent.experiments.cost_functions.margins import growing_margins
from descent.experiments.cost_functions.risks import FLIPS, SIZES, three_risks
from descent.experiments.cost_functions.starts import GAINS, PARTS, RECIPES, same_value, straight

__all__ = [
    "FLIPS",
    "FRACTIONS",
    "GAINS",
    "NOISE",
    "PARTS",
    "RECIPES",
    "REGULARIZERS",
    "SIZES",
    "gradient_at_the_stop",
    "growing_margins",
    "random_labels",
    "same_value",
    "straight",
    "three_risks",
]
