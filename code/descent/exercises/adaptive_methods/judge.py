"""A comparison of two methods that depends neither on units nor on the clock."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock

import torch
from torch import Tensor

from descent.exercises.measure import expect
from descent.exercises.model import Exercise, Failed, NotYet, Wrong
from descent.optimizers import SGD, HeavyBall

METHODS = {"gradient descent": SGD, "heavy ball": lambda lr: HeavyBall(lr, 0.9)}
UNITS = (1.0, 1e3, 1e-2)
TICKS = (2e-5, 1e-2)


def bowl(x: Tensor) -> Tensor:
    """Two coordinates, κ = 100."""
    return x[..., 0] ** 2 + 100 * x[..., 1] ** 2


@contextmanager
def clock(tick: float) -> Iterator[None]:
    """Let every look at the clock take so many seconds.

    Args:
        tick: Seconds.

    Yields:
        Nothing.
    """
    looks = iter(range(10**9))

    def now() -> float:
        return tick * next(looks)

    with (
        mock.patch.object(time, "perf_counter", now),
        mock.patch.object(time, "monotonic", now),
        mock.patch.object(time, "time", now),
    ):
        yield


def verdict(winner: Any, unit: float, tick: float) -> tuple[str, int]:
    """Judge with the rate of heavy ball in other units; count how often the loss is asked."""
    asked = 0

    def counted(x: Tensor) -> Tensor:
        nonlocal asked
        asked += 1
        return bowl(x)

    methods: dict[str, Callable] = {**METHODS, "heavy ball": lambda lr: HeavyBall(lr / unit, 0.9)}
    with clock(tick):
        name = winner(methods, counted, torch.ones(2, dtype=torch.float64))
    if name is None or name is ...:
        raise NotYet
    if not isinstance(name, str) or name not in methods:
        raise Failed(f"the winner is one of {', '.join(map(repr, methods))}; it was {name!r}")
    return name, asked


def check_units(winner) -> None:
    """A rate in other units changes no verdict."""
    for unit in UNITS:
        name, _ = verdict(winner, unit, TICKS[0])
        expect(
            name == "heavy ball",
            f"heavy ball wins, as it does when both are tuned; with its rate measured in units of "
            f"{unit:g} your winner was {name}",
        )


def check_clock(winner) -> None:
    """A slow machine does the same work."""
    works = [verdict(winner, 1.0, tick)[1] for tick in TICKS]
    expect(
        works[0] == works[1],
        f"a slow machine asks for the loss as often as a fast one; yours asked {works[0]} times "
        f"on the fast one and {works[1]} on the slow one",
    )


def behavior(winner: Any) -> list[float]:
    """Who wins in which units, and whether the work depends on the clock."""
    names = [verdict(winner, unit, TICKS[0])[0] for unit in UNITS]
    works = [verdict(winner, 1.0, tick)[1] for tick in TICKS]
    return [*(float(name == "heavy ball") for name in names), float(works[0] == works[1])]


def judged(rates: str, budget: str) -> str:
    """Write a judge from its rates and its budget."""
    return f"""
import time


def train(rule, f, x):
    state, k, start = rule.init(x), 0, time.perf_counter()
    while {budget}:
        x = x.detach().requires_grad_()
        [g] = torch.autograd.grad(f(x), x)
        dx, state = rule.update(g, state, x.detach())
        x, k = x.detach() + dx, k + 1
    loss = float(f(x))
    return loss if loss == loss else float("inf")


def winner(methods, f, x0):
    rates = {rates}
    best = {{
        name: min(train(method(lr), f, x0) for lr in rates)
        for name, method in methods.items()
    }}
    return min(best, key=best.get)
"""


SECONDS = "time.perf_counter() - start < 1e-3"
EVERY_RATE = "torch.logspace(-5, 2, 15).tolist()"
SOLUTION = (
    judged(EVERY_RATE, "k < 50")
    .replace("import time\n\n\n", "")
    .replace("state, k, start = rule.init(x), 0, time.perf_counter()", "state, k = rule.init(x), 0")
)

EXERCISE = Exercise(
    id="adaptive_methods.judge",
    kind="code",
    title="Bug hunt: an unfair judge",
    stars=2,
    minutes=15,
    name="winner",
    prompt=rf"""
The last two bugs of the [museum](../museum.md) live in the comparison and not in a rule. This
judge has both. `methods` maps a name to a function from learning rate to rule, and a method has a
loss of NaN where it diverges:

```python
{judged("[1e-3]", SECONDS).strip()}
```

Repair it: the winner must not change when one method's rate is measured in other units, a hundred
times smaller or a thousand times larger, nor when the machine is slow. 50 steps are enough.
""",
    stub='''
def winner(methods, f, x0):
    """Return the name of the method with the smallest loss."""
    ...
''',
    solution=SOLUTION,
    hints=(
        "Which line makes the result depend on the load of the machine? Which on the units of one "
        "method's rate?",
        "Count steps instead of seconds, and let every method choose its own rate.",
        "`torch.logspace(-5, 2, 15)` holds a good rate for either method in all the units asked "
        "for; keep each method's smallest loss after 50 steps.",
    ),
    checks=(check_units, check_clock),
    probe=behavior,
    wrong={
        "as_given": Wrong(
            judged("[1e-3]", SECONDS),
            "This judge has both bugs: one rate for all, and a budget in seconds.",
        ),
        "one_rate": Wrong(
            judged("[1e-3]", "k < 50"),
            "The clock is gone. The one shared rate is still there, and the winner is whoever's "
            "units fit it.",
        ),
        "seconds": Wrong(
            judged(EVERY_RATE, SECONDS),
            "Every method now has its own rate, but a budget in seconds: the figure changes with "
            "the machine.",
        ),
    },
    explanation=r"""
A learning rate has no meaning across methods, so sharing one is choosing a winner. Seconds are a
fair question about machines and an unfair one about methods: where they matter, report them beside
a count that anyone can repeat.
""",
)
