"""Long runs of the chapter on implicit bias: margins, sparse weights, completed matrices."""

from descent.experiments.implicit_bias.factorization import (
    DEPTHS,
    SCALES,
    SEEN,
    SMALL,
    completions,
    convex,
    fractions,
    paper_size,
)
from descent.experiments.implicit_bias.paths import (
    ALPHAS,
    DECAYS,
    GEOMETRIES,
    MARGIN_RULES,
    PLACES,
    SIZES,
    VALUES,
    margins,
    predictors,
    sparse,
    squares_run,
)

__all__ = [
    "ALPHAS",
    "DECAYS",
    "DEPTHS",
    "GEOMETRIES",
    "MARGIN_RULES",
    "PLACES",
    "SCALES",
    "SEEN",
    "SIZES",
    "SMALL",
    "VALUES",
    "completions",
    "convex",
    "fractions",
    "margins",
    "paper_size",
    "predictors",
    "sparse",
    "squares_run",
]
