"""The exercises of the chapter on saddles, one module each, in the order of the page."""

from descent.exercises.saddles import (
    checkpoints,
    escape_time,
    free_step,
    index_rule,
    last_wait,
    matrix_share,
    schedules,
    sharp_copy,
    shuffle,
    stalls,
)

TITLE = "Exercises: saddles"

EXERCISES = (
    sharp_copy.EXERCISE,
    shuffle.EXERCISE,
    matrix_share.EXERCISE,
    index_rule.EXERCISE,
    escape_time.EXERCISE,
    free_step.EXERCISE,
    last_wait.EXERCISE,
    schedules.EXERCISE,
    stalls.EXERCISE,
)

CHECKS = (
    checkpoints.FOUR_CURVATURES,
    checkpoints.WHICH_LIMIT,
    checkpoints.CLOSER,
)
