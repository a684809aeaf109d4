"""The exercises of the chapter on implicit bias, in the order of the page."""

from descent.exercises.implicit_bias import (
    checks,
    deep_floor,
    filling,
    kernel_checks,
    largest_rate,
    lazy_targets,
    linear,
    outer_products,
    products,
    recursion,
    steps,
    three_trainings,
)

TITLE = "Exercises: implicit bias"

EXERCISES = (
    linear.SCALED,
    linear.NEAREST,
    linear.SQUARES,
    steps.STEEPEST,
    steps.SLOPES,
    outer_products.EXERCISE,
    recursion.EXERCISE,
    deep_floor.EXERCISE,
    largest_rate.EXERCISE,
    lazy_targets.EXERCISE,
    three_trainings.EXERCISE,
    products.WAIT,
    products.BOUND,
    filling.SHRINK,
    filling.LOGS,
    filling.REPLICATE,
)

CHECKS = (
    checks.START,
    checks.MARGIN,
    kernel_checks.ORTHOGONAL,
    kernel_checks.HALF_ERROR,
    kernel_checks.TEN_TIMES_LAZIER,
    checks.WAITING,
)
