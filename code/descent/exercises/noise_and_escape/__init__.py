"""The exercises of the chapter on noise and escape, in the order of the page."""

from descent.exercises.noise_and_escape import checks, clouds, costs, logs, rates, sums

TITLE = "Exercises: noise and escape"

EXERCISES = (
    rates.HALVED,
    sums.ACTION,
    costs.BOWL,
    sums.SHARE,
    clouds.ESCAPE,
    sums.TREES,
    rates.STABLE,
    rates.TEMPERATURE,
    costs.ENTROPY_RATE,
    logs.EXERCISE,
)

CHECKS = (
    checks.HORIZON,
    checks.ALIGNED,
    checks.TURNED,
    checks.BELOW_ZERO,
)
