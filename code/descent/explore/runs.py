"""Signals that repeat a step: trajectories of optimizers, and recurrences of any kind."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from descent.core import Objective, Optimizer
from descent.explore.names import Names, Series, bind_series
from descent.explore.signals import Signal, Source, Wire, arguments, entries, wires
from descent.optimizers import hyperparameters
from descent.trace import Loop, trace, trace_run

Step = Callable[..., Mapping[str, Tensor]]


class Run(Signal):
    """A trajectory; made by `trajectory` or `recurrence`."""

    def __init__(
        self,
        build: Callable[[Mapping[str, Wire]], Loop],
        sources: Mapping[str, Source],
        steps: int,
        rename: Mapping[str, str],
    ) -> None:
        self.build, self.sources, self.steps, self.rename = build, dict(sources), steps, rename
        self.label = f"run of {steps} steps"
        self.wired: dict[str, Wire] = {}
        self.loop: Loop

    def prepare(self, names: Names) -> None:
        """Trace the step."""
        self.wired = wires(names, self.sources, self.label)
        self.loop = self.build(self.wired)
        if unknown := self.loop.inputs.keys() - self.wired.keys():
            raise ValueError(f"{self.label} has no source for {sorted(unknown)}")

    def given(self, names: Names) -> dict[str, Tensor]:
        """Return the inputs of the loop."""
        return {name: self.wired[name].tensor(names, self.label) for name in self.loop.inputs}

    def evaluate(self, names: Names, time: float | None = None) -> None:
        """Run the loop in Python."""
        rows, diverged = self.loop(self.steps, **self.given(names))
        count = self.steps + 1 if int(diverged) < 0 else int(diverged)
        at = np.arange(self.steps + 1, dtype=np.float64)
        for name, values in rows.items():
            array = values.detach().numpy().copy()
            array[count:] = np.nan
            bind_series(names, self.rename.get(name, name), Series(at, array, count, True), time)

    def spec(self, key: str) -> dict[str, Any]:
        """Return what the page needs to know."""
        record = [[self.rename.get(k, k), int(np.prod(s))] for k, s in self.loop.recorded.items()]
        wiring = entries(self.wired, list(self.loop.inputs), ())
        return {"kind": "loop", "fn": key, **wiring, "record": record, "steps": self.steps}

    def functions(self, key: str) -> dict[str, str]:
        """Return the printed loop."""
        return {key: self.loop.javascript(key)}


def trajectory(
    objective: Objective | Callable[..., Objective],
    optimizer: Optimizer,
    *,
    start: str,
    steps: int,
    name: str = "",
    rename: Mapping[str, str] | None = None,
    bind: Mapping[str, Source] | None = None,
    observe: Mapping[str, Callable[..., Tensor]] | None = None,
) -> Run:
    """Descend an objective of the plane by an optimizer of the package.

    Args:
        objective: The objective, a function of `x`; or a function that builds one and asks by its
            argument names for settings.
        optimizer: The rule. Each of its fields asks by its own name.
        start: Name of the start point.
        steps: Number of updates.
        name: Prefix of what is bound: `<name>_x`, `<name>_loss`. Runs beside each other need one.
        rename: Recorded name to the name it is bound to; "x" and "loss" are recorded.
        bind: Field or argument to another source, a name or a number.
        observe: Name to measurement `(objective, x) -> tensor`, recorded too.

    Returns:
        The signal. It binds series over the steps: `x`, `loss` and what `observe` adds.
    """
    given = arguments(objective)
    itself = given == ["x"]
    asked = [] if itself else given

    def build(wired: Mapping[str, Wire]) -> Loop:
        example = dict.fromkeys(asked, 1.0)
        maker: Any = objective
        made = maker if asked or itself else maker()
        return trace_run(made, optimizer, 2, objective_fields=example, observe=observe)

    # A flag is part of the rule, not a setting: type(True) is bool.
    known = [k for k, v in hyperparameters(optimizer).items() if type(v) in (float, int)]
    sources: dict[str, Source] = {"x": start, **{name: name for name in (*known, *asked)}}
    recorded = ("x", "loss", *(observe or {})) if name else ()
    names = {**{kept: f"{name}_{kept}" for kept in recorded}, **(rename or {})}
    return Run(build, {**sources, **(bind or {})}, steps, names)


def recurrence(
    step: Step,
    *,
    start: Mapping[str, Source],
    steps: int,
    record: Sequence[str] = (),
    loss: Sequence[str] = (),
    rename: Mapping[str, str] | None = None,
) -> Run:
    """Repeat any step.

    Args:
        step: Function of the state and of settings, by argument name. It returns the next state
            under the same names, and may return measurements of the present state under others.
        start: State variable to where it starts: a name or numbers. Its keys define the state.
        steps: Number of repetitions.
        record: Measurements to keep beside the state.
        loss: Measurements that read infinity after divergence.
        rename: Recorded name to the name it is bound to.

    Returns:
        The signal. It binds series over the steps: the state before each step, and `record`.
    """
    asked = [name for name in arguments(step) if name not in start]

    def build(wired: Mapping[str, Wire]) -> Loop:
        example = {name: torch.ones(wired[name].shape) for name in (*start, *asked)}
        return Loop(
            trace(step, example),
            carry={name: name for name in start},
            record=(*start, *record),
            loss=tuple(loss),
            iterate=tuple(start),
        )

    return Run(build, {**start, **{name: name for name in asked}}, steps, rename or {})
