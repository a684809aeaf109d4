"""The exercises of the chapter on ill-conditioning, one module each, in the order of the page."""

from descent.exercises.ill_conditioning import (
    best_rate,
    catapult,
    diagonal,
    edge,
    growing_gradient,
    hessian_vector,
    largest_step,
    logs,
    many_steps_checks,
    newton,
    newton_batch,
    one_step_checks,
    steps_for_thousand,
    uphill,
)

TITLE = "Exercises: ill-conditioning"

EXERCISES = (
    largest_step.EXERCISE,
    best_rate.EXERCISE,
    steps_for_thousand.EXERCISE,
    logs.EXERCISE,
    hessian_vector.EXERCISE,
    newton.EXERCISE,
    newton_batch.EXERCISE,
    diagonal.EXERCISE,
    uphill.EXERCISE,
    growing_gradient.EXERCISE,
    edge.EXERCISE,
    catapult.END,
    catapult.LIMIT,
)

CHECKS = (
    one_step_checks.SUM_OR_MEAN,
    one_step_checks.WRONG_TURN,
    many_steps_checks.MOMENTUM_STEPS,
    many_steps_checks.ONE_PERCENT,
    many_steps_checks.HALF_THE_RATE,
)
