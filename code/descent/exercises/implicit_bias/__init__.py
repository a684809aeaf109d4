"""The exercises of the chapter on implicit bias, in the order of the page."""

from descent.exercises.implicit_bias import checks, filling, linear, products, steps

TITLE = "Exercises: implicit bias"

EXERCISES = (
    linear.SCALED,
    linear.NEAREST,
    linear.SQUARES,
    steps.STEEPEST,
    steps.SLOPES,
    products.WAIT,
    products.BOUND,
    filling.SHRINK,
    filling.LOGS,
    filling.REPLICATE,
)

CHECKS = (
    checks.START,
    checks.MARGIN,
    checks.WAITING,
)
