"""The exercises of the chapter on momentum, one module each, in the order of the page."""

from descent.exercises.momentum import (
    as_average,
    best_constants,
    best_gap,
    checks,
    critical,
    cycle,
    floor,
    four_codes,
    nesterov_limit,
    old_velocity,
    radius,
    restart,
    terminal,
    transient,
    variance,
)

TITLE = "Exercises: momentum"

EXERCISES = (
    terminal.EXERCISE,
    as_average.EXERCISE,
    radius.EXERCISE,
    critical.EXERCISE,
    best_constants.EXERCISE,
    transient.EXERCISE,
    old_velocity.EXERCISE,
    four_codes.EXERCISE,
    nesterov_limit.EXERCISE,
    cycle.EXERCISE,
    best_gap.EXERCISE,
    restart.EXERCISE,
    variance.EXERCISE,
    floor.EXERCISE,
)

CHECKS = (
    checks.SAME_SPEED,
    checks.SLOWEST,
    checks.QUIETER,
)
