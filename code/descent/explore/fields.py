"""Signals over a rectangle: functions of two variables, and maps with one run per cell."""

from collections.abc import Callable, Mapping
from inspect import signature
from typing import Any

import numpy as np
import torch
from torch import Tensor

from descent.explore.grids import Grid, Plane
from descent.explore.names import Field, Names
from descent.explore.runs import Run
from descent.explore.signals import Scalars, Signal, arguments, entries, slot
from descent.trace import Program, trace

Over = Plane | tuple[Grid, Grid]


class Surface(Scalars):
    """A function of two variables over a rectangle; made by `surface`."""

    def __init__(self, name: str, fn: Callable[..., Tensor], over: Over) -> None:
        super().__init__(_named(fn, name))
        self.name, self.over = name, over
        self.grids = over.grids if isinstance(over, Plane) else over
        self.free = (over.name,) if isinstance(over, Plane) else tuple(g.name for g in over)
        self.label = f"surface {name!r}"

    def prepare(self, names: Names) -> None:
        """Trace the function at one corner."""
        corner = [float(g.low) for g in self.grids]
        found: Names = (
            {self.free[0]: np.array(corner)}
            if len(self.free) == 1
            else dict(zip(self.free, corner, strict=True))
        )
        super().prepare({**names, **found})

    def evaluate(self, names: Names, time: float | None = None) -> None:
        """Evaluate the trace on the whole rectangle at once."""
        x, y = (g.array() for g in self.grids)
        across, up = torch.from_numpy(x).expand(len(y), -1), torch.from_numpy(y)[:, None]
        up = up.expand(-1, len(x))
        sides = [torch.stack([across, up], -1)] if len(self.free) == 1 else [across, up]
        given = {
            name: sides[self.free.index(name)] if name in self.free else w.tensor(names, self.label)
            for name, w in self.wired.items()
        }
        values = self.program(**given)[self.name].expand(len(y), len(x))
        names[self.name] = Field(x, y, values.numpy())

    def spec(self, key: str) -> dict[str, Any]:
        """Return what the page needs to know."""
        order = list(self.program.inputs)
        starts = [slot(self.wired, order, name) for name in self.free]
        return {
            "kind": "field",
            "fn": key,
            "out": self.name,
            **entries(self.wired, order, self.free),
            **_sides(self.grids),
            "slots": starts if len(starts) == 2 else [starts[0], starts[0] + 1],
        }


class RunMap(Signal):
    """A field with one run per cell; made by `run_map`."""

    def __init__(self, name: str, run: Run, over: tuple[Grid, Grid], value: Callable) -> None:
        self.name, self.run, self.over, self.value = name, run, over, value
        self.label = f"map {name!r}"
        self.free = tuple(g.name for g in over)
        self.asked: list[tuple[str, str]] = []
        self.program: Program

    def prepare(self, names: Names) -> None:
        """Trace the step and the summary."""
        inner: Names = {**names, **{g.name: float(g.low) for g in self.over}}
        self.run.prepare(inner)
        shapes, example = self.run.loop.recorded, {}
        for name in arguments(self.value):
            series, _, place = name.rpartition("_")
            if name != "steps" and (series not in shapes or place not in ("first", "last")):
                raise ValueError(
                    f"{self.label} asks for {name!r}; known are steps, and _first and _last of "
                    f"{', '.join(shapes)}"
                )
            self.asked.append((series, place))
            example[name] = torch.ones(shapes.get(series, ()))
        self.program = trace(_named(self.value, self.name), example)

    def evaluate(self, names: Names, time: float | None = None) -> None:
        """Run all cells together in torch."""
        x, y = (g.array() for g in self.over)
        given = self.run.given({**names, **{g.name: float(g.low) for g in self.over}})
        given[self.free[0]] = torch.from_numpy(x).expand(len(y), -1)
        given[self.free[1]] = torch.from_numpy(y)[:, None].expand(-1, len(x))
        rows, diverged = self.run.loop(self.run.steps, **given)
        last = torch.where(diverged < 0, self.run.steps, (diverged - 1).clamp(min=0))
        asked = [_row(rows, series, place, last) for series, place in self.asked]
        values = self.program(**dict(zip(self.program.inputs, asked, strict=True)))[self.name]
        names[self.name] = Field(x, y, values.expand(len(y), len(x)).numpy())

    def spec(self, key: str) -> dict[str, Any]:
        """Return what the page needs to know."""
        order, wired = list(self.run.loop.inputs), self.run.wired
        sizes = {name: int(np.prod(s)) for name, s in self.run.loop.recorded.items()}
        ends = np.cumsum([0, *sizes.values()]).tolist()
        offset = dict(zip(sizes, ends[:-1], strict=True))
        ask = [
            [place, offset.get(series, 0) + j]
            for series, place in self.asked
            for j in range(sizes.get(series, 1))
        ]
        loop = {"fn": f"{key}run", "steps": self.run.steps, "width": ends[-1], "ask": ask}
        return {
            "kind": "field",
            "fn": key,
            "out": self.name,
            **entries(wired, order, self.free),
            **_sides(self.over),
            "slots": [slot(wired, order, name) for name in self.free],
            "loop": loop,
        }

    def functions(self, key: str) -> dict[str, str]:
        """Return the printed loop and summary."""
        run = f"{key}run"
        return {run: self.run.loop.javascript(run), key: self.program.javascript(key)}


def _named(fn: Callable[..., Tensor], name: str) -> Callable[..., Mapping[str, Tensor]]:
    """Give the single result of a function a name; its arguments stay visible."""

    def named(**given: Tensor) -> dict[str, Tensor]:
        return {name: fn(**given)}

    named.__signature__ = signature(fn)  # type: ignore[attr-defined]
    return named


def _sides(grids: tuple[Grid, Grid]) -> dict[str, Any]:
    return {"x": grids[0].spec(), "y": grids[1].spec()}


def _row(rows: Mapping[str, Tensor], series: str, place: str, last: Tensor) -> Tensor:
    """Return the first or the last finite row of a recorded series, or the index of the latter."""
    if place == "steps":
        return last.double()
    values = rows[series]
    if place == "first":
        return values[0]
    index = last.reshape(1, *last.shape, *(1,) * (values.ndim - 1 - last.ndim))
    return values.gather(0, index.expand(1, *values.shape[1:]))[0]


def surface(name: str, fn: Callable[..., Tensor], *, over: Over) -> Surface:
    """Compute a function of two variables, for contours or a heat map.

    Args:
        name: Name that the field is bound to.
        fn: Function of named float64 tensors that returns one number. One argument, of shape (2,),
            has the name of the plane; or two arguments have the names of the grids.
        over: A plane, or the grids of the horizontal and the vertical axis.

    Returns:
        The signal.
    """
    return Surface(name, fn, over)


def run_map(
    name: str, run: Run, *, over: tuple[Grid, Grid], value: Callable[..., Tensor]
) -> RunMap:
    """Repeat a run for every cell of a rectangle of settings, live.

    Args:
        name: Name that the field is bound to.
        run: The run, made by `trajectory` or `recurrence`; two of its inputs have the names of the
            grids.
        over: Grids of the horizontal and the vertical axis.
        value: Function of `<series>_first`, `<series>_last` (the last finite row) and `steps` (how
            many steps were finite) that gives the cell its number.

    Returns:
        The signal.
    """
    return RunMap(name, run, over, value)
