"""Shipped tables: arrays computed before, of which the sliders choose a part."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from descent.explore.grids import Grid
from descent.explore.names import Array, Field, Names, Series, bind_series, number
from descent.explore.packing import TOLERANCE, Precision, pack, unpack
from descent.explore.signals import Signal

Live = Callable[..., Mapping[str, NDArray]]


class Table(Signal):
    """Arrays whose leading axes are slider values; made by `table`."""

    def __init__(
        self,
        arrays: Mapping[str, NDArray],
        axes: Mapping[str, Sequence[float]],
        at: Sequence[float] | NDArray | Grid | None,
        plane: tuple[Grid, Grid] | None,
        timed: bool,
        precision: Mapping[str, Precision] | Precision,
        tolerance: Mapping[str, float] | float,
        live: Live | None,
    ) -> None:
        self.axes = {name: [float(v) for v in values] for name, values in axes.items()}
        self.at, self.plane, self.timed, self.live = at, plane, timed, live
        self.label = f"table over {', '.join(axes)}"
        _check(self.label, arrays, self.axes)
        self.data, self.header = pack(arrays, precision, tolerance)
        # Python shows what the page shows: the numbers after packing.
        self.arrays = unpack(self.data, self.header)

    def place(self, names: Names) -> tuple[int, ...]:
        """Return the index of the settings that lie nearest to those of the sliders."""
        wanted = (number(names, name, self.label) for name in self.axes)
        pairs = zip(self.axes.values(), wanted, strict=True)
        return tuple(int(np.argmin(np.abs(np.array(values) - w))) for values, w in pairs)

    def evaluate(self, names: Names, time: float | None = None) -> None:
        """Read the part that belongs to the settings."""
        index = self.place(names)
        for name, array in self.arrays.items():
            part = array[index]
            if part.ndim == 0:
                names[name] = float(part)
            elif part.ndim == 2 and self.plane:
                x, y = self._plane(name, part)
                names[name] = Field(x.array(), y.array(), part)
            else:
                at = self._at(name, len(part))
                count = _finite_rows(part) if self.timed else len(part)
                bind_series(names, name, Series(at, part, count, self.timed), time)

    def spec(self, key: str) -> dict[str, Any]:
        """Return what the page needs to know."""
        entries = [self._entry(name, array) for name, array in self.arrays.items()]
        axes = [[name, values] for name, values in self.axes.items()]
        wiring = {"in": list(self.axes), "size": len(self.axes)}
        return {"kind": "table", **wiring, "axes": axes, "arrays": entries}

    def _entry(self, name: str, array: Array) -> dict[str, Any]:
        part = array[(0,) * len(self.axes)]
        if part.ndim == 0:
            return {"name": name, "kind": "number"}
        if part.ndim == 2 and self.plane:
            x, y = self._plane(name, part)
            return {"name": name, "kind": "field", "x": x.spec(), "y": y.spec()}
        if isinstance(self.at, Grid):
            at = self.at.spec()
        else:
            at = _at_spec(self._at(name, len(part)))
        size = {"size": part.shape[1]} if part.ndim == 2 else {}
        return {"name": name, "kind": "series", "at": at, "timed": self.timed, **size}

    def _at(self, name: str, n: int) -> Array:
        given = self.at.array() if isinstance(self.at, Grid) else self.at
        at = np.arange(n, dtype=np.float64) if given is None else np.asarray(given, np.float64)
        if at.shape != (n,):
            raise ValueError(f"{self.label}: {name!r} has {n} rows, but `at` has {at.size}")
        return at

    def _plane(self, name: str, part: Array) -> tuple[Grid, Grid]:
        assert self.plane is not None
        if part.shape != (self.plane[1].n, self.plane[0].n):
            raise ValueError(f"{self.label}: {name!r} is {part.shape}; its `plane` is another")
        return self.plane

    def compute(self, settings: Sequence[float]) -> dict[str, Array]:
        """Compute the arrays at any setting.

        Args:
            settings: One value for each axis.

        Returns:
            Name to array, shaped like the part of the table that belongs to one setting.

        Raises:
            ValueError: If the table cannot be computed, or a setting lies outside of its axis, or
                the function returns other names or shapes.
        """
        if self.live is None:
            raise ValueError(f"{self.label} holds stored numbers only")
        for (name, values), value in zip(self.axes.items(), settings, strict=True):
            if not min(values) <= value <= max(values):
                raise ValueError(
                    f"{name} is {value}; it must lie in [{min(values)}, {max(values)}]"
                )
        found = self.live(**dict(zip(self.axes, settings, strict=True)))
        arrays = {name: np.asarray(found[name], np.float64) for name in self.arrays}
        wanted = {name: a.shape[len(self.axes) :] for name, a in self.arrays.items()}
        if bad := [name for name, a in arrays.items() if a.shape != wanted[name]]:
            name = bad[0]
            raise ValueError(f"{name!r} has shape {arrays[name].shape}; it must be {wanted[name]}")
        return arrays

    @property
    def rounding(self) -> float:
        """Largest deviation that packing causes: relative, or as a part of an array's range."""
        worst = 0.0
        for name, entry in self.header["arrays"].items():
            known = self.arrays[name][np.isfinite(self.arrays[name])]
            span = 1.0 if entry["relative"] else float(np.ptp(known)) if known.size else 0.0
            worst = max(worst, entry["error"] / span if span else 0.0)
        return worst


def _check(label: str, arrays: Mapping[str, NDArray], axes: Mapping[str, Sequence[float]]) -> None:
    """Require the leading axes of every array to be those of the table."""
    sizes = tuple(len(values) for values in axes.values())
    if not arrays:
        raise ValueError(f"{label} needs at least one array")
    for name, array in arrays.items():
        shape = np.shape(array)
        if shape[: len(sizes)] != sizes or len(shape) > len(sizes) + 2:
            raise ValueError(
                f"{label}: {name!r} has shape {shape}; it must start with {sizes} and have at most "
                "two more axes"
            )


def _at_spec(at: Array) -> dict[str, Any]:
    """Write places for the page: as a start and a step where that gives the same numbers."""
    low, step = float(at[0]), float(at[1] - at[0]) if len(at) > 1 else 1.0
    if np.array_equal(low + step * np.arange(len(at)), at):
        return {"n": len(at), "low": low, "step": step}
    return {"n": len(at), "values": at.tolist()}


def _finite_rows(part: Array) -> int:
    """Return how many rows come before the first that is not finite."""
    bad = np.flatnonzero(~np.isfinite(part).reshape(len(part), -1).all(1))
    return int(bad[0]) if bad.size else len(part)


def table(
    arrays: Mapping[str, NDArray],
    *,
    axes: Mapping[str, Sequence[float]],
    at: Sequence[float] | NDArray | Grid | None = None,
    plane: tuple[Grid, Grid] | None = None,
    timed: bool = False,
    precision: Mapping[str, Precision] | Precision = "absolute",
    tolerance: Mapping[str, float] | float = TOLERANCE,
    live: Live | None = None,
) -> Table:
    """Ship arrays with the page; sliders choose among their settings.

    Args:
        arrays: Name to array (*axes), (*axes, n), (*axes, n, size) or (*axes, ny, nx): numbers,
            series of numbers or of vectors, or, with `plane`, fields.
        axes: Name of a slider to its settings, in the order of the leading axes. Between settings
            the nearest is used. Empty for arrays that no slider changes.
        at: Where the n values of a series stand; None counts from 0.
        plane: Grids of the horizontal and vertical axis of fields.
        timed: Whether series run over steps, which play and step move through; a series then ends
            before its first number that is not finite.
        precision: What `tolerance` is a part of: "absolute" for the range of an array, "relative"
            for each of its numbers. The packer then chooses how to store each array.
        tolerance: Largest deviation that the reader may meet; 0 for none.
        live: Function of the axes, by name, that computes the arrays at one setting, each without
            the axes. With a kernel, the reader may then choose settings between those of the
            table; give the function that made the arrays.

    Returns:
        The signal. It binds each name of `arrays`.
    """
    return Table(arrays, axes, at, plane, timed, precision, tolerance, live)


def tables_data(tables: Sequence[Table]) -> tuple[bytes, dict[str, Any]]:
    """Join the packed bytes of several tables under one header.

    Args:
        tables: The tables of a figure.

    Returns:
        Bytes and header, as from `pack`.
    """
    import zlib

    entries: dict[str, Any] = {}
    data = b""
    for one in tables:
        for name, entry in one.header["arrays"].items():
            entries[name] = {**entry, "offset": entry["offset"] + len(data)}
        data += one.data
    return data, {"bytes": len(data), "adler32": zlib.adler32(data), "arrays": entries}


__all__ = ["Table", "table", "tables_data"]
