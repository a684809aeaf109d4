"""Rewrites of scalar operations that are exact: for NaN, infinities, subnormals and -0.0 too.

Rounding is symmetric in sign, so signs move out of products freely. Doubling is exact, so powers
of two move into a constant factor where nothing can overflow earlier than before. Sums are not
reordered.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from descent.trace.ir import Graph


def simplify(graph: Graph, op: str, args: tuple[int, ...]) -> int | None:
    """Find an equal, shorter value.

    Args:
        graph: Where the values live; new ones may be added.
        op: The operation that is about to be written down.
        args: Its arguments, constants last if the order is free.

    Returns:
        The id of the shorter value, or None.
    """
    if op in ("mul", "div"):
        return _product(graph, op, *args)
    if op in ("add", "sub"):
        return _sum(graph, op, *args)
    if op == "select":
        return _choice(graph, *args)
    inner = graph.nodes[args[0]]
    if op in ("neg", "not") and inner.op == op:
        return inner.args[0]
    if op in ("and", "or", "min", "max") and args[0] == args[1]:
        return args[0]
    return None


def _product(graph: Graph, op: str, a: int, b: int) -> int | None:
    left, factor = graph.nodes[a], graph.value(b)
    if factor == 1.0:
        return a
    if factor == -1.0:
        return graph.emit("neg", a)
    if op == "div" and _power_of_two(factor) and 2.0**-1000 < abs(factor) < 2.0**1000:
        return graph.emit("mul", a, graph.constant(1.0 / factor))
    if left.op == "neg":
        if factor is not None:
            return graph.emit(op, left.args[0], graph.constant(-factor))
        return graph.emit("neg", graph.emit(op, left.args[0], b))
    if graph.nodes[b].op == "neg":
        return graph.emit("neg", graph.emit(op, a, graph.nodes[b].args[0]))
    if op == "mul" and factor is not None and left.op == "mul":
        return _twice(graph, factor, *left.args)
    return None


def _twice(graph: Graph, outer: float, a: int, b: int) -> int | None:
    """(a * 2**n) * c as a * (2**n c); with |c| >= 1 neither side overflows before the other."""
    inner = graph.value(b)
    if inner is None or not _power_of_two(inner) or abs(inner) < 1.0 or not abs(outer) >= 1.0:
        return None
    both = outer * inner
    return graph.emit("mul", a, graph.constant(both)) if math.isfinite(both) else None


def _sum(graph: Graph, op: str, a: int, b: int) -> int | None:
    left, right, constant = graph.nodes[a], graph.nodes[b], graph.value(b)
    # x + (-0.0) is x for every x; x + 0.0 is not, since -0.0 + 0.0 is 0.0.
    if constant == 0.0 and math.copysign(1.0, constant) == (-1.0 if op == "add" else 1.0):
        return a
    if right.op == "neg":
        return graph.emit("sub" if op == "add" else "add", a, right.args[0])
    if op == "add" and left.op == "neg":
        return graph.emit("sub", b, left.args[0])
    return None


def _choice(graph: Graph, condition: int, yes: int, no: int) -> int | None:
    known = graph.value(condition)
    if known is not None:
        return yes if known else no
    return yes if yes == no else None


def _power_of_two(value: Any) -> bool:
    return value is not None and math.isfinite(value) and abs(math.frexp(value)[0]) == 0.5
