"""The exercises of the chapter on adaptive methods, one module each, in the order of the page."""

from descent.exercises.adaptive_methods import (
    adam,
    adam_law,
    best_rates,
    bug_hunt,
    checks,
    decay,
    drift,
    fair_choice,
    first_step,
    floors,
    judge,
    other_laws,
    rare_features,
    travel,
    turn,
)

TITLE = "Exercises: adaptive methods"

EXERCISES = (
    first_step.EXERCISE,
    adam.EXERCISE,
    travel.EXERCISE,
    floors.EXERCISE,
    bug_hunt.EXERCISE,
    adam_law.EXERCISE,
    other_laws.EXERCISE,
    turn.EXERCISE,
    best_rates.EXERCISE,
    drift.EXERCISE,
    rare_features.EXERCISE,
    decay.EXERCISE,
    fair_choice.EXERCISE,
    judge.EXERCISE,
)

CHECKS = (
    checks.TEN_TIMES,
    checks.HALF_LEFT,
    checks.TURNED,
)
