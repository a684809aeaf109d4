"""The exercises of the chapter on implicit bias that belong to kernels."""

from descent.exercises.implicit_bias import (
    deep_floor,
    kernel_checks,
    largest_rate,
    lazy_targets,
    outer_products,
    recursion,
    three_trainings,
)

TITLE = "Exercises: implicit bias"

EXERCISES = (
    outer_products.EXERCISE,
    recursion.EXERCISE,
    deep_floor.EXERCISE,
    largest_rate.EXERCISE,
    lazy_targets.EXERCISE,
    three_trainings.EXERCISE,
)

CHECKS = (
    kernel_checks.HALF_ERROR,
    kernel_checks.ORTHOGONAL,
    kernel_checks.TEN_TIMES_LAZIER,
)
