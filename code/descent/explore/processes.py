"""Signals that run on in the page: networks that train, clouds of particles, matrices."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import torch
from torch import Tensor

from descent.core import Optimizer
from descent.explore.grids import Grid
from descent.explore.names import Field, Names, Series, bind_series
from descent.explore.signals import Signal, Source, Wire, arguments, entries, wires
from descent.networks import Empirical
from descent.networks.seeded import seeded_minibatch, seeded_weights
from descent.trace.arrays import Process, trace_process, trace_training
from descent.trace.runs import adjustable

Step = Callable[..., Mapping[str, Tensor]]
Sides = tuple[Grid, Grid]


class Running(Signal):
    """A process that the page advances between two frames; made by `simulation` or `training`."""

    def __init__(
        self,
        build: Callable[[Mapping[str, Wire]], Process],
        sources: Callable[[Names], Mapping[str, Source]],
        steps: int,
        every: int,
        prefix: str,
        planes: Mapping[str, Sides],
    ) -> None:
        if steps % every:
            raise ValueError(f"steps is {steps}; it must be a multiple of every, which is {every}")
        self.build, self.sources, self.planes = build, sources, dict(planes)
        self.steps, self.every, self.prefix = steps, every, prefix
        self.label = f"process of {steps} steps"
        self.wired: dict[str, Wire] = {}
        self.process: Process
        self._done: tuple[list[float], dict[str, np.ndarray]] = ([], {})

    def prepare(self, names: Names) -> None:
        """Trace the three functions."""
        self.wired = wires(names, self.sources(names), self.label)
        built = self.build(self.wired)
        curves_first = sorted(built.outputs.items(), key=lambda item: len(item[1].shape) > 1)
        self.process = replace(built, outputs=dict(curves_first))
        for name, (x, y) in self.planes.items():
            if name not in built.outputs:
                raise ValueError(f"{self.label}: planes names {name!r}, which is not measured")
            shape = built.outputs[name].shape
            if shape != (y.n, x.n):
                raise ValueError(f"{self.label}: {name!r} is {shape}; its plane is {(y.n, x.n)}")

    def evaluate(self, names: Names, time: float | None = None) -> None:
        """Run the functions in torch; the last run is remembered."""
        given = {k: self.wired[k].tensor(names, self.label) for k in self.process.inputs}
        key = torch.cat([v.flatten() for v in given.values()]).tolist()
        if self._done[0] != key:
            rows = self.process.torch(self.steps, self.every, **given)
            self._done = (key, {k: v.numpy() for k, v in rows.items()})
        self._bind(names, self._done[1], time)

    def _bind(self, names: Names, rows: Mapping[str, np.ndarray], time: float | None) -> None:
        at = np.arange(0.0, self.steps + 1, self.every)
        wrong = [~np.isfinite(rows[k].reshape(len(at), -1)).all(1) for k in self._curves()]
        bad = np.any(wrong, axis=0) if wrong else np.zeros(len(at), bool)
        count = int(bad.argmax()) if bad.any() else len(at)
        now = Series(at, at, count, True).row(at[-1] if time is None else time)
        for name, values in rows.items():
            if name in self._curves():
                shown = values.copy()
                shown[count:] = np.nan
                bind_series(names, self.prefix + name, Series(at, shown, count, True), time)
                continue
            frame = values[min(now, max(count - 1, 0))]
            if name in self.planes:
                x, y = self.planes[name]
                names[self.prefix + name] = Field(x.array(), y.array(), frame)
            else:
                order = np.arange(float(len(frame)))
                bind_series(names, self.prefix + name, Series(order, frame, len(frame)))

    def _curves(self) -> list[str]:
        """The measurements that are kept as series over the steps."""
        return [k for k, slot in self.process.outputs.items() if len(slot.shape) < 2]

    def spec(self, key: str) -> dict[str, Any]:
        """Return what the page needs to know."""
        out: list[dict[str, Any]] = []
        for name, slot in self.process.outputs.items():
            entry: dict[str, Any] = {"name": self.prefix + name, "size": slot.size}
            if name in self.planes:
                entry |= dict(zip("xy", (g.spec() for g in self.planes[name]), strict=True))
            elif name not in self._curves():
                entry["rows"] = slot.shape[0]
            out.append(entry)
        wiring = entries(self.wired, list(self.process.inputs), ())
        rows = self.steps // self.every
        return {
            "kind": "process",
            "fn": key,
            **wiring,
            "out": out,
            "steps": rows,
            "every": self.every,
        }

    def functions(self, key: str) -> dict[str, str]:
        """Return the printed process."""
        return {key: self.process.javascript(key)}


def simulation(
    start: Step,
    step: Step,
    observe: Step,
    *,
    steps: int,
    every: int = 1,
    name: str = "",
    planes: Mapping[str, Sides] | None = None,
) -> Running:
    """Repeat a step on arrays: particles, matrices, cells.

    Args:
        start: Function of settings, by argument name, that returns the state.
        step: Function of the state, of settings and of `step`, the step number; it returns the
            next state under the same names.
        observe: Function of the same that returns measurements.
        steps: Number of repetitions.
        every: Distance between measurements, a divisor of `steps`.
        name: What the bound names begin with, followed by "_".
        planes: Matrix among the measurements to the grids of its columns and rows.

    Returns:
        The signal. It binds numbers and vectors among the measurements as series over the steps,
        and, at the step that is shown, matrices as fields, or as series of points (n, 2).
    """

    def sources(names: Names) -> dict[str, Source]:
        return _settings(names, start, (step, observe))

    def named(fn: Step) -> Step:
        return lambda **given: fn(**{k: given[k] for k in arguments(fn)})

    def build(wired: Mapping[str, Wire]) -> Process:
        example = {k: torch.ones(w.shape, dtype=torch.float64) for k, w in wired.items()}
        return trace_process(named(start), named(step), named(observe), example)

    return Running(build, sources, steps, every, f"{name}_" if name else "", planes or {})


def _settings(names: Names, start: Step, others: Sequence[Step]) -> dict[str, Source]:
    """What the functions ask for, less the state, which is what `start` returns."""
    first = arguments(start)
    given = {k: w.tensor(names, "start") for k, w in wires(names, _own(first), "start").items()}
    state = {"step", *start(**given)}
    asked = dict.fromkeys(a for fn in others for a in arguments(fn) if a not in state)
    return _own([*dict.fromkeys([*first, *asked])])


def _own(fields: Sequence[str]) -> dict[str, Source]:
    """Inputs that ask by their own names."""
    return {name: name for name in fields}


def training(
    objective: Empirical,
    optimizer: Optimizer,
    *,
    batch: int,
    steps: int,
    every: int,
    name: str = "",
    bind: Mapping[str, Source] | None = None,
    observe: Mapping[str, Callable[..., Tensor]] | None = None,
    planes: Mapping[str, Sides] | None = None,
) -> Running:
    """Train a network in the page, on batches that depend on a seed.

    Args:
        objective: Network, examples and loss, float64.
        optimizer: The rule. Each of its fields asks by its own name.
        batch: Examples in a batch, drawn with replacement.
        steps: Number of updates.
        every: Distance between measurements, a divisor of `steps`.
        name: What the bound names begin with, followed by "_".
        bind: Field of the rule, or "seed", to another source, a name or a number.
        observe: Name to measurement `(objective, x) -> tensor` beside loss and accuracy.
        planes: As for `simulation`.

    Returns:
        The signal. It asks for `seed`, which draws weights and batches, and binds the series `loss`
        and `accuracy` on all examples, and what `observe` adds.
    """
    look = {"accuracy": lambda f, x: f.accuracy(x), **(observe or {})}
    fields = [*adjustable(optimizer), "seed"]

    def build(wired: Mapping[str, Wire]) -> Process:
        return trace_training(
            objective,
            optimizer,
            lambda seed: seeded_weights(objective.network, seed),
            oracle=seeded_minibatch(batch),
            observe=look,
        )

    wanted: dict[str, Source] = {**_own(fields), **(bind or {})}
    return Running(
        build, lambda names: wanted, steps, every, f"{name}_" if name else "", planes or {}
    )
