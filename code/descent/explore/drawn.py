"""What each mark draws, as columns of numbers: for pictures, texts, tables and tests.

The script of the page does the same in `columns.js`.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from descent.explore.names import Array, Field, Series, Value

Names = Mapping[str, Value]
Spec = Mapping[str, Any]


def number(names: Names, source: Any) -> Any:
    """Return a number given as such or by name."""
    return names[source] if isinstance(source, str) else source


def field(names: Names, name: str) -> Field:
    """Return a field; a series of vectors counts as one, with a row of cells for each component.

    Args:
        names: Known names.
        name: Name of the field or series.

    Returns:
        The field.

    Raises:
        ValueError: If the name is bound to something else.
    """
    value = names[name]
    if isinstance(value, Field):
        return value
    if not isinstance(value, Series):
        raise ValueError(f"{name!r} is a {type(value).__name__}; a field or a series is needed")
    rows = value.values.reshape(len(value.at), -1)
    return Field(value.at, np.arange(rows.shape[1], dtype=np.float64), rows.T)


def cell_edges(at: Array, log: bool) -> Array:
    """Return the edges of the cells around places.

    Args:
        at: Places, (n,).
        log: Whether the axis is logarithmic; edges then lie in the middle of the logarithms.

    Returns:
        Edges, (n + 1,).

    >>> cell_edges(np.array([0.0, 1.0, 3.0]), log=False)
    array([-0.5,  0.5,  2. ,  4. ])
    """
    u = np.log(at) if log else at
    if len(u) == 1:
        edges = np.array([u[0] - 0.5, u[0] + 0.5])
    else:
        half = np.diff(u) / 2
        edges = np.concatenate([[u[0] - half[0]], u[:-1] + half, [u[-1] + half[-1]]])
    return np.exp(edges) if log else edges


def _pairs(rows: Array) -> tuple[Array, Array]:
    x, y = np.asarray(rows, dtype=np.float64).reshape(-1, 2).T
    return x, y


def _cloud(mark: Spec, names: Names) -> tuple[Array, Array]:
    value: Any = names[mark["of"]]
    if "y" in mark:
        other: Any = names[mark["y"]]
        rows = [v.values if isinstance(v, Series) else v for v in (value, other)]
        return np.ravel(rows[0]), np.ravel(rows[1])
    if isinstance(value, Series):
        return (value.at, value.values) if value.values.ndim == 1 else _pairs(value.values)
    return _pairs(value)


def columns(mark: Spec, names: Names) -> tuple[Array, Array]:
    """Return where a mark draws.

    Args:
        mark: Spec of a mark that is no field, rule, circle or handle.
        names: Known names.

    Returns:
        Its x and its y; a band has its lower edge first.
    """
    kind = mark["kind"]
    if kind == "cloud":
        return _cloud(mark, names)
    if kind == "points":
        return _pairs(mark["at"])
    if kind == "dot":
        return np.array([number(names, mark["x"])]), np.array([number(names, mark["y"])])
    if kind == "path":
        return _pairs(names[mark["xy"]].values)  # type: ignore[union-attr]
    if kind == "band":
        low, high = names[mark["low"]], names[mark["high"]]
        assert isinstance(low, Series) and isinstance(high, Series)
        return np.concatenate([low.at, high.at]), np.concatenate([low.values, high.values])
    value: Any = names[mark["y"]]
    if not isinstance(value, Series):
        value = Series(np.arange(len(value), dtype=np.float64), np.asarray(value), len(value))
    return (value.values, value.at) if mark.get("transpose") else (value.at, value.values)


# Marks that `columns` knows.
COLUMNS = ("line", "path", "band", "points", "cloud", "dot", "bars")
