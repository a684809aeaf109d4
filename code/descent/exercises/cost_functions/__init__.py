"""The exercises of the chapter on cost functions, one module each, in the order of the page."""

from descent.exercises.cost_functions import (
    checks,
    honest,
    interpolation,
    line,
    patience,
    price,
    relabel,
    ridge,
    shapes,
    validation,
)

TITLE = "Exercises: cost functions"

EXERCISES = (
    interpolation.EXERCISE,
    validation.EXERCISE,
    honest.EXERCISE,
    price.EXERCISE,
    shapes.EXERCISE,
    patience.EXERCISE,
    ridge.EXERCISE,
    relabel.EXERCISE,
    line.EXERCISE,
)

CHECKS = checks.CHECKS
