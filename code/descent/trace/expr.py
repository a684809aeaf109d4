"""Scalars that write themselves down: arithmetic on `Expr` appends to a graph.

A traced tensor is a numpy object array of `Expr`. Numpy then does the shapes (views, broadcasting,
matrix products) and `Expr` does the arithmetic, so the operation table reads like mathematics.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from descent.trace.ir import Graph
from descent.trace.scalars import BOOL, FLOAT, INT

# x**n is written as products up to here, exact to 1 ulp per product and far cheaper than `pow`.
MAX_PRODUCT = 8


@dataclass(frozen=True, eq=False)
class Expr:
    """One scalar of a graph."""

    graph: Graph
    id: int

    @property
    def kind(self) -> str:
        """float64, int32 or bool."""
        return self.graph.nodes[self.id].kind

    @property
    def constant(self) -> float | int | bool | None:
        """The number, if it is known."""
        return self.graph.value(self.id)

    def op(self, name: str, *args: Expr | float) -> Expr:
        """Apply a scalar operation to this value and others."""
        ids = [self.id, *(self.lift(a).id for a in args)]
        return Expr(self.graph, self.graph.emit(name, *ids))

    def lift(self, value: Expr | float, kind: str | None = None) -> Expr:
        """Turn a Python number into a constant; leave an `Expr` alone."""
        if isinstance(value, Expr):
            return value
        if kind is None:
            kind = BOOL if isinstance(value, (bool, np.bool_)) else FLOAT
        return Expr(self.graph, self.graph.constant(value, kind))

    def cast(self, kind: str) -> Expr:
        """Convert to another kind the way torch does."""
        if kind == self.kind:
            return self
        if kind == BOOL:
            return self.op("ne", self.lift(0, self.kind))
        if kind == INT:
            return self.cast(FLOAT).op("int_of_float")
        return self.op("float_of_bool" if self.kind == BOOL else "float_of_int")

    def _arith(self, name: str, other: Expr | float, *, swap: bool = False) -> Expr:
        """Arithmetic in int32 where both sides are, otherwise in float64."""
        whole = isinstance(other, int) and not isinstance(other, bool)
        a, b = self, self.lift(other, INT if whole and self.kind == INT else None)
        if a.kind == b.kind == INT and name in ("add", "mul"):
            name = f"int_{name}"
        elif a.kind == b.kind == INT and name == "sub":
            name, b = "int_add", b.op("int_mul", b.lift(-1, INT))
        else:
            a, b = a.cast(FLOAT), b.cast(FLOAT)
        return b.op(name, a) if swap else a.op(name, b)

    def __add__(self, other):
        return self._arith("add", other)

    def __sub__(self, other):
        return self._arith("sub", other)

    def __mul__(self, other):
        return self._arith("mul", other)

    def __truediv__(self, other):
        return self.cast(FLOAT)._arith("div", other)

    def __radd__(self, other):
        return self._arith("add", other)

    def __rmul__(self, other):
        return self._arith("mul", other)

    def __rsub__(self, other):
        return self.cast(FLOAT)._arith("sub", other, swap=True)

    def __rtruediv__(self, other):
        return self.cast(FLOAT)._arith("div", other, swap=True)

    def __neg__(self):
        return self.cast(FLOAT).op("neg")

    def __pow__(self, other: Expr | float) -> Expr:
        base, n = self.cast(FLOAT), self.lift(other).cast(FLOAT)
        power = n.constant
        if power is not None and abs(power) == 0.5:
            root = base.op("sqrt")
            return root if power > 0 else 1.0 / root
        if power is None or power != int(power) or abs(power) > MAX_PRODUCT:
            return base.op("pow", n)
        product = _product(base, int(abs(power)))
        return product if power >= 0 else 1.0 / product

    def compare(self, name: str, other: Expr | float) -> Expr:
        """`lt`, `le`, `gt`, `ge`, `eq` or `ne`, after making the kinds equal."""
        b = self.lift(other)
        kind = self.kind if self.kind == b.kind and self.kind != BOOL else FLOAT
        return self.cast(kind).op(name, b.cast(kind))

    def logic(self, name: str, other: Expr | bool) -> Expr:
        """`and`, `or` or `xor` of truth values."""
        return self.cast(BOOL).op(name, self.lift(other).cast(BOOL))

    def where(self, yes: Expr | float, no: Expr | float) -> Expr:
        """`yes` where this holds, otherwise `no`."""
        a, b = self.lift(yes), self.lift(no)
        if a.kind != b.kind:
            a, b = a.cast(FLOAT), b.cast(FLOAT)
        return self.cast(BOOL).op("select", a, b)


def _product(base: Expr, n: int) -> Expr:
    """x**n by repeated squaring; torch multiplies in the same order for n = 2 and 3."""
    if n == 0:
        return base.lift(1.0)
    half = _product(base, n // 2) if n > 1 else base
    return half if n == 1 else half * half * base if n % 2 else half * half


def elementwise(fn: Callable[..., Expr], *operands: Any) -> np.ndarray:
    """Apply a scalar function to broadcast arrays of `Expr` and numbers."""
    arrays = np.broadcast_arrays(*[np.asarray(a, dtype=object) for a in operands])
    out = np.empty(arrays[0].shape, dtype=object)
    for i in np.ndindex(out.shape):
        out[i] = fn(*[a[i] for a in arrays])
    return out


def ids(array: np.ndarray) -> np.ndarray:
    """The graph ids behind an array of `Expr`, (*shape), int64."""
    return np.array([e.id for e in array.flat], dtype=np.int64).reshape(array.shape)


def wrap(graph: Graph, numbers: Sequence[int], shape: tuple[int, ...]) -> np.ndarray:
    """Arrange graph ids as an array of `Expr`."""
    out = np.empty(len(numbers), dtype=object)
    for i, n in enumerate(numbers):
        out[i] = Expr(graph, int(n))
    return out.reshape(shape)
