"""What must hold: each law is killed by at least one bug of the museum."""

from collections.abc import Callable, Iterable
from typing import Any

import torch
from torch import Tensor

from descent.core import run
from descent.optimizers import (
    SGD,
    HeavyBall,
)


def _first_steps(rule: Any, gradients: Iterable[float], x0: float = 1.0) -> Tensor:
    x = torch.tensor([x0], dtype=torch.float64)
    state, steps = rule.init(x), []
    for g in gradients:
        dx, state = rule.update(torch.full_like(x, g), state, x)
        steps.append(dx)
    return torch.cat(steps)


def a_dead_coordinate_stays_put(rule: Any) -> None:
    """A parameter that never sees a gradient does not move.

    Args:
        rule: The rule on trial.
    """
    assert torch.equal(_first_steps(rule, [0.0] * 3), torch.zeros(3, dtype=torch.float64))


def units_of_the_loss_do_not_matter(rule: Any) -> None:
    """A loss a hundred times larger leaves the steps as they were.

    Args:
        rule: The rule on trial.
    """
    g = [1.0, -0.5, 2.0]
    one, other = _first_steps(rule, g), _first_steps(rule, [100 * v for v in g])
    torch.testing.assert_close(one, other, rtol=1e-4, atol=0)


def steps_on_a_constant_gradient_are_the_rate(rule: Any) -> None:
    """On a slope every step of Adam is as long as the learning rate, from the first on.

    Args:
        rule: The rule on trial.
    """
    steps = _first_steps(rule, [3.0] * 20)
    torch.testing.assert_close(steps, torch.full_like(steps, -rule.lr), rtol=1e-6, atol=0)


def points_ahead(rule: Any, steps: int) -> Tensor:
    """Run Nesterov's method on x²/2 from 1 as it is defined, and look ahead.

    Args:
        rule: Holds `lr` and `beta`.
        steps: Number of updates.

    Returns:
        After each update, where the velocity is about to carry the point, (steps,).
    """
    theta, v, ahead = 1.0, 0.0, []
    for _ in range(steps):
        v = rule.beta * v - rule.lr * (theta + rule.beta * v)
        theta += v
        ahead.append(theta + rule.beta * v)
    return torch.tensor(ahead, dtype=torch.float64)


def the_look_ahead_brakes(rule: Any) -> None:
    """The gradient is taken where the velocity is about to carry the point.

    Args:
        rule: The rule on trial.
    """
    found = run(lambda x: 0.5 * (x**2).sum(-1), rule, torch.ones(1, dtype=torch.float64), 5).x
    torch.testing.assert_close(found[1:, 0], points_ahead(rule, 5))


def decay_shrinks_by_rate_times_decay(rule: Any) -> None:
    """Without a gradient a step of AdamW shrinks x by the share lr times weight_decay.

    Args:
        rule: The rule on trial.
    """
    assert abs(float(_first_steps(rule, [0.0])) + rule.lr * rule.weight_decay) < 1e-12


def moments_do_not_see_the_decay(rule: Any) -> None:
    """AdamW's averages are those of the gradients alone.

    Args:
        rule: The rule on trial.
    """
    x = torch.ones(1, dtype=torch.float64)
    _, state = rule.update(torch.zeros_like(x), rule.init(x), x)
    assert float(state["m"]) == 0.0


def a_plain_step_forgets(rule: Any) -> None:
    """Plain gradient descent moves by the present gradient alone.

    Args:
        rule: The rule on trial.
    """
    assert float(_first_steps(rule, [1.0, 0.0])[1]) == 0.0


def rounding_makes_no_variance_negative(rule: Any) -> None:
    """On constant gradients the centered spread is 0, and its root a number.

    Args:
        rule: The rule on trial.
    """
    for g in (0.1, 0.3, 0.7, 1.1, 1.3):
        assert torch.isfinite(_first_steps(rule, [g] * 1000)).all()


def the_winner_does_not_depend_on_units(choose: Callable) -> None:
    """Measuring one method's rate in other units changes no verdict.

    Args:
        choose: Maps method name to rate-to-rule to the winner's name.
    """
    methods = {"gradient descent": SGD, "heavy ball": lambda lr: HeavyBall(lr, 0.9)}
    other = {**methods, "heavy ball": lambda lr: HeavyBall(lr / 1000, 0.9)}
    assert choose(methods) == choose(other)


def the_verdict_does_not_depend_on_the_machine(count: Callable) -> None:
    """A slow clock and a fast one give the same figure.

    Args:
        count: Maps a clock, a function that returns seconds, to the number of steps taken.
    """
    taken = []
    for tick in (1.0, 3.0):
        seconds = iter(range(10**6))
        taken.append(count(lambda s=seconds, t=tick: t * next(s)))
    assert taken[0] == taken[1]
