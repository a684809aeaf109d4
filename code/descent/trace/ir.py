"""A flat list of scalar operations in single-assignment form.

Each value is one number: a tensor of shape (2, 3) is an array of six value ids. Ids grow in the
order of creation, so the list is topologically sorted by construction. Equal expressions get the
same id (common-subexpression elimination), constants fold as they are created, and `rebuild`
drops what no output needs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from descent.trace.scalars import BOOL, DTYPES, FLOAT, INT, SCALARS
from descent.trace.simplify import simplify


@dataclass(frozen=True)
class Node:
    """One scalar value: an input (`op="input"`), a constant (`op="const"`) or an operation."""

    op: str
    args: tuple[int, ...]
    kind: str
    value: Any = None


# Constants by id; then, in order, an id, how it is computed, and from which ids.
Plan = tuple[dict[int, Any], list[tuple[int, Callable[..., Any], tuple[int, ...]]]]


class Graph:
    """A growing list of nodes in which equal expressions share one id."""

    def __init__(self) -> None:
        self.nodes: list[Node] = []
        self._known: dict[object, int] = {}
        self._plans: dict[object, Plan] = {}

    def copy(self) -> Graph:
        """A graph that grows on its own from here; ids keep their meaning."""
        other = Graph()
        other.nodes, other._known = list(self.nodes), dict(self._known)
        return other

    def _add(self, key: object, node: Node) -> int:
        if key not in self._known:
            self._known[key] = len(self.nodes)
            self.nodes.append(node)
        return self._known[key]

    def input(self, kind: str = FLOAT) -> int:
        """A new input."""
        return self._add(("input", len(self.nodes)), Node("input", (), kind))

    def constant(self, value: float | int | bool, kind: str = FLOAT) -> int:
        """The constant `value`; `repr` keeps -0.0 apart from 0.0 and makes all NaN one."""
        value = {FLOAT: float, INT: int, BOOL: bool}[kind](value)
        return self._add((kind, repr(value)), Node("const", (), kind, value))

    def value(self, i: int) -> Any:
        """The number behind a constant id, None for any other id."""
        return self.nodes[i].value

    def emit(self, op: str, *args: int) -> int:
        """The id of `op(*args)`: folded, simplified, or shared where that changes no bit."""
        if SCALARS[op].commutative:
            args = tuple(sorted(args, key=lambda i: (self.nodes[i].op == "const", i)))
        simpler = self._fold(op, args) if self._constant(args) else simplify(self, op, args)
        if simpler is not None:
            return simpler
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

    def live(self, outputs: Iterable[int], bound: Iterable[int] = ()) -> list[int]:
        """The ids needed for `outputs`, in order, not looking behind ids in `bound`."""
        stop, seen, stack = set(bound), set(), list(outputs)
        while stack:
            i = stack.pop()
            if i not in seen and i not in stop:
                seen.add(i)
                stack.extend(self.nodes[i].args)
        return sorted(seen)

    def evaluate(self, wanted: Iterable[int], known: Mapping[int, Any]) -> dict[int, Any]:
        """Compute values.

        Args:
            wanted: Ids to compute.
            known: Values of the inputs: tensors that broadcast against each other, or numpy's
                numbers, which are faster where there is no batch.

        Returns:
            The wanted values by id, of the same type.
        """
        ids = tuple(wanted)
        numbers = not any(isinstance(v, Tensor) for v in known.values())
        constants, order = self._plan(ids, tuple(known), numbers)
        values = constants | dict(known)
        with np.errstate(all="ignore"):  # as in torch, what has no value is inf or NaN
            for i, compute, args in order:
                values[i] = compute(*[values[a] for a in args])
        return {i: values[i] for i in ids}

    def _plan(self, wanted: tuple[int, ...], known: tuple[int, ...], numbers: bool) -> Plan:
        """The constants and the operations between two sets of ids; a loop asks at each step."""
        key = (wanted, known, numbers)
        if key not in self._plans:
            needed = [(i, self.nodes[i]) for i in self.live(wanted, bound=known)]
            constants: dict[int, Any] = {
                i: torch.tensor(n.value, dtype=DTYPES[n.kind]) for i, n in needed if n.op == "const"
            }
            if numbers:
                constants = {i: value.numpy()[()] for i, value in constants.items()}
            rows = [(i, SCALARS[n.op], n.args) for i, n in needed if n.op != "const"]
            order = [(i, row.numpy if numbers else row.torch, args) for i, row, args in rows]
            self._plans[key] = constants, order
        return self._plans[key]
