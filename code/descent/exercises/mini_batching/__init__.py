"""The exercises of the chapter on mini-batches, one module each, in the order of the page."""

from descent.exercises.mini_batching import (
    best_gain,
    checks,
    decay_or_grow,
    four_runs,
    frozen,
    late_limit,
    noise_floor,
    own_scale,
    precision,
    shuffle,
    twice,
)

TITLE = "Exercises: mini-batches"

EXERCISES = (
    precision.EXERCISE,
    own_scale.EXERCISE,
    best_gain.EXERCISE,
    twice.EXERCISE,
    noise_floor.EXERCISE,
    frozen.EXERCISE,
    decay_or_grow.EXERCISE,
    shuffle.EXERCISE,
    late_limit.EXERCISE,
    four_runs.EXERCISE,
)

CHECKS = (
    checks.HALF_THE_ERROR,
    checks.DUPLICATES,
    checks.AT_THE_BEND,
    checks.WHICH_POWER,
    checks.EQUAL_FUNCTION,
)
