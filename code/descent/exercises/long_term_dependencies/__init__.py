"""The exercises of the chapter on long-term dependencies, one module each, in the page's order."""

from descent.exercises.long_term_dependencies import (
    checks,
    clip_all,
    corner,
    edge,
    four_memories,
    jacobian_logs,
    knows_one,
    resting,
    shortest,
    weight_gradient,
    width_two,
)

TITLE = "Exercises: long-term dependencies"

EXERCISES = (
    four_memories.EXERCISE,
    corner.EXERCISE,
    weight_gradient.EXERCISE,
    jacobian_logs.EXERCISE,
    edge.EXERCISE,
    clip_all.EXERCISE,
    resting.EXERCISE,
    width_two.EXERCISE,
    knows_one.EXERCISE,
    shortest.EXERCISE,
)

CHECKS = checks.CHECKS
