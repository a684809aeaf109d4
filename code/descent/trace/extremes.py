"""aten operations that say where an extreme stands, and those that return both."""

from __future__ import annotations

import numpy as np

from descent.trace.aten import aten


def _scan(better: str, a: np.ndarray, dim: int | None, keepdim: bool) -> list[np.ndarray]:
    """The first extreme along an axis, and its index; NaN counts as extreme, as in torch."""
    lines = a.reshape(-1) if dim is None else np.moveaxis(a, dim, -1)
    out = [np.empty(lines.shape[:-1], dtype=object) for _ in range(2)]
    for i in np.ndindex(out[0].shape):
        best, at = lines[i][0], lines[i][0].lift(0.0)
        for n, value in enumerate(lines[i][1:], 1):
            beats = value.compare(better, best).logic("or", value.compare("ne", value))
            beats = beats.logic("and", best.compare("eq", best))
            best, at = beats.where(value, best), beats.where(float(n), at)
        out[0][i], out[1][i] = best, at
    if keepdim:
        axes = tuple(range(a.ndim)) if dim is None else (dim % a.ndim,)
        out = [np.expand_dims(o, axes) for o in out]
    return out


def _register(name: str, better: str) -> None:
    def both(a: np.ndarray, dim: int, keepdim: bool = False) -> list[np.ndarray]:
        return _scan(better, a, dim, keepdim)

    def place(a: np.ndarray, dim: int | None = None, keepdim: bool = False) -> np.ndarray:
        return _scan(better, a, dim, keepdim)[1]

    aten(f"{name}.dim")(both)
    aten(f"arg{name}.default")(place)


_register("max", "gt")
_register("min", "lt")
