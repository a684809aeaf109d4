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
    newton,
    newton_batch,
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
