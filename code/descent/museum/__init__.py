"""The bug museum: faults from published optimizer code, each with the law that catches it.

An exhibit holds a healthy thing, the same thing with one fault, and a law: a function that asserts
what must hold. `tests/test_museum.py` runs every law on both, and requires that it passes on the
first and fails on the second.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch

from descent.museum.laws import (
    a_dead_coordinate_stays_put,
    a_plain_step_forgets,
    decay_shrinks_by_rate_times_decay,
    moments_do_not_see_the_decay,
    rounding_makes_no_variance_negative,
    steps_on_a_constant_gradient_are_the_rate,
    the_look_ahead_brakes,
    the_verdict_does_not_depend_on_the_machine,
    the_winner_does_not_depend_on_units,
    units_of_the_loss_do_not_matter,
)
from descent.museum.mutants import (
    DecaysFirst,
    DecaysTwice,
    EpsilonOnParameter,
    LooksBack,
    NoClamp,
    NoFloor,
    NoRoot,
    StartsAtTwo,
    Uncorrected,
    best_over,
    by_seconds,
    by_steps,
)
from descent.museum.trials import TRIALS, Trial
from descent.optimizers import SGD, Adam, AdamW, HeavyBall, Nesterov, RMSProp, RMSPropNesterov


@dataclass(frozen=True)
class Exhibit:
    """A bug.

    Args:
        name: The bug in a few words.
        bug: What was written.
        symptom: What a user sees.
        healthy: The right thing.
        mutant: The same with the bug.
        law: Asserts what the bug breaks; its name is the test's.
    """

    name: str
    bug: str
    symptom: str
    healthy: Any
    mutant: Any
    law: Callable[[Any], None]


_ADAM, _ADAMW = Adam(0.01), AdamW(0.01, weight_decay=0.1)

EXHIBITS = [
    Exhibit(
        "ε on the parameter",
        "Adam adds epsilon to the parameter instead of the denominator",
        "weights into dead units drift; 0/0 where a gradient was always 0",
        _ADAM,
        EpsilonOnParameter(0.01),
        a_dead_coordinate_stays_put,
    ),
    Exhibit(
        "no root",
        "Adam's denominator lacks its square root",
        "the right learning rate depends on the units of the loss",
        _ADAM,
        NoRoot(0.01),
        units_of_the_loss_do_not_matter,
    ),
    Exhibit(
        "no correction",
        "Adam's second moment is not corrected",
        "early steps are up to thirty times too long",
        _ADAM,
        Uncorrected(0.01),
        steps_on_a_constant_gradient_are_the_rate,
    ),
    Exhibit(
        "counter from 2",
        "Adam's step counter starts at 2",
        "early steps are too short or too long; nothing looks broken later",
        _ADAM,
        StartsAtTwo(0.01),
        steps_on_a_constant_gradient_are_the_rate,
    ),
    Exhibit(
        "look back",
        "Nesterov looks back: the look-ahead has the wrong sign",
        "more oscillation with momentum than without, at rates that should be safe",
        Nesterov(0.1, 0.9),
        LooksBack(0.1, 0.9),
        the_look_ahead_brakes,
    ),
    Exhibit(
        "decay scaled twice",
        "AdamW multiplies its decay by the learning rate twice",
        "weight decay seems to do nothing at any usual value",
        _ADAMW,
        DecaysTwice(0.01, weight_decay=0.1),
        decay_shrinks_by_rate_times_decay,
    ),
    Exhibit(
        "decay in the moments",
        "AdamW decays before the moments, through the gradient",
        "weights with large gradients hardly decay: it is L2 under another name",
        _ADAMW,
        DecaysFirst(0.01, weight_decay=0.1),
        moments_do_not_see_the_decay,
    ),
    Exhibit(
        "secret momentum",
        "a baseline called plain SGD has momentum",
        "the new method gains less over SGD than it should, or more",
        SGD(0.1),
        HeavyBall(0.1, 0.9),
        a_plain_step_forgets,
    ),
    Exhibit(
        "no floor",
        "RMSProp with Nesterov momentum divides by the root alone",
        "NaN as soon as one unit is dead",
        RMSPropNesterov(0.1),
        NoFloor(0.1),
        a_dead_coordinate_stays_put,
    ),
    Exhibit(
        "negative variance",
        "the centered RMSProp subtracts two nearly equal numbers and takes the root",
        "NaN after a long stretch of constant gradients",
        RMSProp(0.01, centered=True),
        NoClamp(0.01, centered=True),
        rounding_makes_no_variance_negative,
    ),
    Exhibit(
        "one rate for all",
        "all methods are compared at one shared learning rate",
        "the winner is whoever's units fit the rate that was chosen",
        best_over(torch.logspace(-6, 1, 36, dtype=torch.float64)),
        best_over(torch.tensor([1e-3], dtype=torch.float64)),
        the_winner_does_not_depend_on_units,
    ),
    Exhibit(
        "a budget of seconds",
        "each method gets a number of seconds",
        "the figure changes with the machine and its load",
        by_steps,
        by_seconds,
        the_verdict_does_not_depend_on_the_machine,
    ),
]


def museum_table() -> str:
    """Run every law on both, and list the exhibits.

    Returns:
        An HTML table: bug, symptom, the law that kills it, and what it says of the mutant.

    Raises:
        AssertionError: If a law fails on the healthy thing, or passes on the mutant.
    """
    rows = []
    for e in EXHIBITS:
        e.law(e.healthy)
        try:
            e.law(e.mutant)
        except AssertionError:
            rows.append(
                f"<tr><td>{e.bug}</td><td>{e.symptom}</td>"
                f"<td><code>{e.law.__name__.replace('_', '_<wbr>')}</code></td></tr>"
            )
        else:
            raise AssertionError(f"{e.law.__name__} does not see that {e.bug}")
    head = "<tr><th>bug</th><th>symptom</th><th>killed by</th></tr>"
    return f"<table><thead>{head}</thead><tbody>{''.join(rows)}</tbody></table>"


__all__ = ["EXHIBITS", "TRIALS", "Exhibit", "Trial", "museum_table"]
