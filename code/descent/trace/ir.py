"""A flat list of scalar operations in single-assignment form.

Each value is one number: a tensor of shape (2, 3) is an array of six value ids. Ids grow in the
order of creation, so the list is topologically sorted by construction. Equal expressions get the
same id (common-subexpression elimination), constants fold as they are created, and `rebuild`
drops what no output needs.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from descent.trace.scalars import BOOL, DTYPES, FLOAT, INT, SCALARS


@dataclass(frozen=True)
class Node:
    """One scalar value: an input (`op="input"`), a constant (`op="const"`) or an operation."""

    op: str
    args: tuple[int, ...]
    kind: str
    value: Any = None


class Graph:
    """A growing list of nodes in which equal expressions share one id."""

    def __init__(self) -> None:
        self.nodes: list[Node] = []
        self._known: dict[object, int] = {}

    def _add(self, key: object, node: Node) -> int:
        if key not in self._known:
            self._known[key] = len(self.nodes)
            self.nodes.append(node)
        return self._known[key]

    def input(self) -> int:
        """A new float64 input."""
        return self._add(("input", len(self.nodes)), Node("input", (), FLOAT))

    def constant(self, value: float | int | bool, kind: str = FLOAT) -> int:
        """The constant `value`; `repr` keeps -0.0 apart from 0.0 and makes all NaN one."""
        value = {FLOAT: float, INT: int, BOOL: bool}[kind](value)
        return self._add((kind, repr(value)), Node("const", (), kind, value))

    def value(self, i: int) -> Any:
        """The number behind a constant id, None for any other id."""
        return self.nodes[i].value

    def emit(self, op: str, *args: int) -> int:
        """The id of `op(*args)`: folded, simplified, or shared where that changes no bit."""
        simpler = self._fold(op, args) if self._constant(args) else self._simplify(op, args)
        if simpler is not None:
            return simpler
        if SCALARS[op].commutative:
            args = tuple(sorted(args))
        # `where` has the kind of its branches; every other operation has a fixed one.
        kind = self.nodes[args[1]].kind if op == "select" else SCALARS[op].kind
        return self._add((op, args), Node(op, args, kind))

    def _constant(self, args: Iterable[int]) -> bool:
        return all(self.nodes[a].op == "const" for a in args)

    def _fold(self, op: str, args: tuple[int, ...]) -> int:
        tensors = [
            torch.tensor(self.nodes[a].value, dtype=DTYPES[self.nodes[a].kind]) for a in args
        ]
        kind = self.nodes[args[1]].kind if op == "select" else SCALARS[op].kind
        return self.constant(SCALARS[op].torch(*tensors).item(), kind)

    def _simplify(self, op: str, args: tuple[int, ...]) -> int | None:
        """An equal, shorter value, or None. Only rewrites that are exact for NaN and -0.0."""
        a, b = args[0], args[-1]
        left, right = self.value(a), self.value(b)
        inner = self.nodes[b]
        match op:
            case "mul" if right == 1.0 or left == 1.0:
                return a if right == 1.0 else b
            case "mul" if right == -1.0 or left == -1.0:
                return self.emit("neg", a if right == -1.0 else b)
            case "div" if right is not None and _reciprocal_is_exact(float(right)):
                return self.emit("mul", a, self.constant(1.0 / float(right)))
            case "add" if _is_zero(right, -1) or _is_zero(left, -1):
                return a if _is_zero(right, -1) else b
            case "sub" if _is_zero(right, 1):
                return a
            case "add" if self.nodes[a].op == "neg":
                return self.emit("sub", b, self.nodes[a].args[0])
            case "add" | "sub" if inner.op == "neg":
                return self.emit("sub" if op == "add" else "add", a, inner.args[0])
            case "neg" if inner.op == "neg":
                return inner.args[0]
            case "not" if inner.op == "not":
                return inner.args[0]
            case "and" | "or" | "min" | "max" if a == b:
                return a
            case "select" if args[1] == args[2]:
                return args[1]
            case "select" if left is not None:
                return args[1] if left else args[2]
        return None

    def live(self, outputs: Iterable[int], bound: Iterable[int] = ()) -> list[int]:
        """The ids needed for `outputs`, in order, not looking behind ids in `bound`."""
        stop, seen, stack = set(bound), set(), list(outputs)
        while stack:
            i = stack.pop()
            if i not in seen and i not in stop:
                seen.add(i)
                stack.extend(self.nodes[i].args)
        return sorted(seen)

    def evaluate(self, wanted: Iterable[int], known: Mapping[int, Tensor]) -> dict[int, Tensor]:
        """Compute values in torch.

        Args:
            wanted: Ids to compute.
            known: Values of the inputs, tensors that broadcast against each other.

        Returns:
            The wanted values by id.
        """
        wanted, values = list(wanted), dict(known)
        for i in self.live(wanted, bound=known):
            node = self.nodes[i]
            if node.op == "const":
                values[i] = torch.tensor(node.value, dtype=DTYPES[node.kind])
            else:
                values[i] = SCALARS[node.op].torch(*(values[a] for a in node.args))
        return {i: values[i] for i in wanted}


def _is_zero(value: float | int | bool | None, sign: int) -> bool:
    return value is not None and repr(value) == ("0.0" if sign > 0 else "-0.0")


def _reciprocal_is_exact(value: float) -> bool:
    """Whether dividing by `value` is multiplying by 1 / value: true of powers of two."""
    if value == 0 or value != value or abs(value) == float("inf"):
        return False
    mantissa, exponent = torch.frexp(torch.tensor(value, dtype=torch.float64))
    return bool(mantissa.abs() == 0.5) and abs(int(exponent)) < 1000
