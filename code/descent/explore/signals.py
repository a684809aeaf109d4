"""What a figure computes: each signal asks for names and binds new ones.

A function asks by the names of its arguments, so a signal is wired by writing the function:
`scalars(lambda eta_L, kappa: {"lr": eta_L / kappa})` binds `lr` for the signals after it. Functions
are pure torch functions on small float64 tensors. They are traced once, and the page runs the
printed trace: no mathematics is written twice.
"""

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from descent.explore.grids import Grid
from descent.explore.names import Names, Series, Value, bind_series, look_up
from descent.trace import Program, trace

Source = str | float | Sequence[float]


class Signal:
    """A step of a figure's computation.

    `prepare` sees the names of the first frame and fixes shapes; `evaluate` binds the results at
    any setting; `spec` and `functions` are what the page needs to do the same.
    """

    def prepare(self, names: Names) -> None:
        """Fix shapes; `names` holds what earlier signals bound at the first frame."""

    def evaluate(self, names: Names, time: float | None = None) -> None:
        """Bind the results, computed in Python."""
        raise NotImplementedError

    def spec(self, key: str) -> dict[str, Any]:
        """Return what the page needs to know; its functions are named after `key`."""
        raise NotImplementedError

    def functions(self, key: str) -> dict[str, str]:
        """Return the JavaScript functions of this signal by name."""
        return {}


@dataclass(frozen=True)
class Wire:
    """Where one input of a function comes from, and its shape."""

    source: Source
    shape: tuple[int, ...]

    @property
    def size(self) -> int:
        """Count of numbers."""
        return int(np.prod(self.shape, dtype=np.int64))

    def entry(self, skip: bool) -> Any:
        """Return the source as the page reads it; what a grid fills in is skipped."""
        if skip:
            return {"skip": self.size}
        if isinstance(self.source, str):
            return self.source
        return np.broadcast_to(np.asarray(self.source, dtype=float), self.shape).ravel().tolist()

    def tensor(self, names: Names, asked_by: str) -> Tensor:
        """Return the value as a tensor."""
        value: Any = self.source
        if isinstance(value, str):
            value = look_up(names, value, asked_by)
        return torch.as_tensor(value, dtype=torch.float64).expand(self.shape)


def arguments(fn: Callable) -> list[str]:
    """Return the names of a function's arguments, by which it asks for its inputs.

    Args:
        fn: The function.

    Returns:
        Names in order.
    """
    return list(inspect.signature(fn).parameters)


def wires(names: Names, sources: Mapping[str, Source], asked_by: str) -> dict[str, Wire]:
    """Find the shape of each input.

    Args:
        names: Known names.
        sources: Input to the name or number that it takes.
        asked_by: Who asks, for messages.

    Returns:
        Input to wire.

    Raises:
        ValueError: If a name is unknown, or is bound to a series or a field.
    """
    found = {}
    for name, source in sources.items():
        value: Value | Source = source
        if isinstance(source, str):
            value = look_up(names, source, asked_by)
        if not isinstance(value, float | int | tuple | list | np.ndarray):
            raise ValueError(f"{asked_by} asks for {source!r}, which is a {type(value).__name__}")
        found[name] = Wire(source, np.shape(value))
    return found


def entries(wired: Mapping[str, Wire], order: Sequence[str], free: Sequence[str]) -> dict[str, Any]:
    """Return the part of a spec that says how the page fills a function's input vector."""
    return {
        "in": [wired[name].entry(name in free) for name in order],
        "size": sum(wired[name].size for name in order),
    }


def slot(wired: Mapping[str, Wire], order: Sequence[str], name: str) -> int:
    """Return where an input starts in the input vector."""
    return sum(wired[n].size for n in order[: list(order).index(name)])


def plain(values: Mapping[str, Tensor]) -> dict[str, Any]:
    """Turn outputs into floats and arrays."""
    return {k: v.item() if v.ndim == 0 else v.detach().numpy() for k, v in values.items()}


class Scalars(Signal):
    """Numbers and short vectors computed from the settings; made by `scalars`."""

    def __init__(self, fn: Callable[..., Mapping[str, Tensor]]) -> None:
        self.fn = fn
        self.label = f"scalars {getattr(fn, '__name__', '')}"
        self.wired: dict[str, Wire] = {}
        self.program: Program

    def prepare(self, names: Names) -> None:
        """Trace the function."""
        self.wired = wires(names, {name: name for name in arguments(self.fn)}, self.label)
        self.program = trace(
            self.fn, {name: w.tensor(names, self.label) for name, w in self.wired.items()}
        )

    def evaluate(self, names: Names, time: float | None = None) -> None:
        """Call the function itself."""
        given = {name: w.tensor(names, self.label) for name, w in self.wired.items()}
        names.update(plain({k: torch.as_tensor(v) for k, v in self.fn(**given).items()}))

    def spec(self, key: str) -> dict[str, Any]:
        """Return what the page needs to know."""
        out = [[k, int(np.prod(s))] for k, s in self.program.output_shapes.items()]
        wiring = entries(self.wired, list(self.program.inputs), ())
        return {"kind": "scalars", "fn": key, **wiring, "out": out}

    def functions(self, key: str) -> dict[str, str]:
        """Return the printed function."""
        return {key: self.program.javascript(key)}


class Curve(Scalars):
    """Functions of one variable over a grid; made by `curve`."""

    def __init__(self, fn: Callable[..., Mapping[str, Tensor]], over: Grid) -> None:
        super().__init__(fn)
        self.over = over
        self.label = f"curve over {over.name}"

    def prepare(self, names: Names) -> None:
        """Trace the function."""
        super().prepare({**names, self.over.name: float(self.over.low)})
        if bad := [k for k, s in self.program.output_shapes.items() if s]:
            raise ValueError(f"{self.label}: {', '.join(bad)} must be a single number per point")

    def evaluate(self, names: Names, time: float | None = None) -> None:
        """Evaluate the trace on the whole grid at once."""
        at = self.over.array()
        given = {
            name: torch.from_numpy(at) if name == self.over.name else w.tensor(names, self.label)
            for name, w in self.wired.items()
        }
        for name, values in self.program(**given).items():
            rows = values.expand(len(at)).numpy()
            bind_series(names, name, Series(at, rows, len(at)), time)

    def spec(self, key: str) -> dict[str, Any]:
        """Return what the page needs to know."""
        order = list(self.program.inputs)
        return {
            **super().spec(key),
            **entries(self.wired, order, (self.over.name,)),
            "kind": "curve",
            "grid": self.over.spec(),
            "slot": slot(self.wired, order, self.over.name),
        }


def scalars(fn: Callable[..., Mapping[str, Tensor]]) -> Scalars:
    """Compute numbers and short vectors: theory values, thresholds, derived settings.

    Args:
        fn: Function of named float64 tensors that returns named tensors. It asks by its argument
            names for settings, for earlier scalars, and for `<series>_first`, `_last`, `_now`,
            `_min`, `_max`.

    Returns:
        The signal. It binds the names that `fn` returns.
    """
    return Scalars(fn)


def curve(fn: Callable[..., Mapping[str, Tensor]], *, over: Grid) -> Curve:
    """Compute functions of one variable on a grid.

    Args:
        fn: As for `scalars`; one argument has the name of the grid.
        over: The grid.

    Returns:
        The signal. It binds one series for each name that `fn` returns.
    """
    return Curve(fn, over)
