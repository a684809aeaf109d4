"""Loops over arrays: what one aten operation does, and several of them in one pass over memory.

A `Nest` is a rectangle of loops around scalar operations. Its scalars are a `Graph` whose inputs
are loads; a load or a store is an `Access`, a place that moves by constant strides as the loops
run. Views need no operation: they are other strides into the same memory.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from descent.trace.ir import Graph

# The name of the memory behind an access whose value is its place: a loop counter.
COUNTER = -1


@dataclass(frozen=True)
class Access:
    """A place in memory, by loop counters: offset + sum of counter * stride.

    Args:
        storage: Which memory.
        offset: Place at the start of all loops, in elements.
        strides: Elements per turn of each loop.
        kind: What is stored there: float64, int32 or bool.
        index: Computed scalars that move the place, with the elements that each counts for.
    """

    storage: int
    offset: int
    strides: tuple[int, ...]
    kind: str
    index: tuple[tuple[int, int], ...] = ()

    def shifted(self, axis: int, by: int) -> Access:
        """The place `by` turns of a loop later."""
        return replace(self, offset=self.offset + by * self.strides[axis])


@dataclass(frozen=True)
class Fold:
    """A running value of the inner loops: `total = combined(total, ...)`.

    Args:
        target: Where the result goes; does not move with the inner loops.
        start: Constant that the running value starts from.
        total: Input of the graph that holds the running value.
        combined: Its next value.
    """

    target: Access | None
    start: float | bool
    total: int
    combined: int


@dataclass
class Nest:
    """Loops around scalar operations.

    Args:
        extents: Turns of each loop, outermost first.
        inner: How many of the loops, the last ones, belong to running values.
        graph: The scalar operations.
        loads: Places to the graph inputs that hold what is read there.
        stores: Places to the scalars that are written there, after all loads of the same turn.
        folds: Running values.
    """

    extents: tuple[int, ...]
    inner: int = 0
    graph: Graph = field(default_factory=Graph)
    loads: dict[Access, int] = field(default_factory=dict)
    stores: dict[Access, int] = field(default_factory=dict)
    folds: list[Fold] = field(default_factory=list)

    def read(self, place: Access) -> int:
        """The scalar at a place: what this turn wrote there, or else a load."""
        if place in self.stores:
            return self.stores[place]
        if place not in self.loads:
            self.loads[place] = self.graph.input(place.kind)
        return self.loads[place]

    def absorb(self, other: Nest, axis: int = 0, by: int = 0) -> None:
        """Do what another nest does in the same turn, or `by` turns of a loop later."""
        moved: dict[int, int] = {}
        self._rebuild(other, moved, axis, by)
        for place, value in other.stores.items():
            self.stores[_moved(place, moved, axis, by)] = moved[value]
        for fold in other.folds:
            target = None if fold.target is None else _moved(fold.target, moved, axis, by)
            self.folds.append(Fold(target, fold.start, moved[fold.total], moved[fold.combined]))

    def _rebuild(self, other: Nest, moved: dict[int, int], axis: int, by: int) -> None:
        """Write the scalars of another nest into this graph, sharing what is equal."""
        places = {i: place for place, i in other.loads.items()}
        totals = {fold.total for fold in other.folds}
        for i in other.graph.live(other.results()):
            node = other.graph.nodes[i]
            if i in places:
                moved[i] = self.read(_moved(places[i], moved, axis, by))
            elif i in totals:
                moved[i] = self.graph.input(node.kind)
            elif node.op == "const":
                moved[i] = self.graph.constant(node.value, node.kind)
            else:
                moved[i] = self.graph.emit(node.op, *(moved[a] for a in node.args))

    def results(self) -> list[int]:
        """Everything that must be computed, places included."""
        wanted = [*self.stores.values(), *(f.combined for f in self.folds)]
        wanted += [f.total for f in self.folds]
        places = [*self.stores, *self.needed(wanted)]
        return [*(i for p in places for i, _ in p.index), *wanted]

    def needed(self, wanted: list[int]) -> Iterable[Access]:
        """The loads behind results, and behind the places of those loads."""
        places = {i: place for place, i in self.loads.items()}
        found: dict[Access, None] = {}
        while fresh := [p for i in self.graph.live(wanted) if (p := places.get(i))]:
            new = [p for p in fresh if p not in found]
            if not new:
                break
            found |= dict.fromkeys(new)
            wanted = [i for p in new for i, _ in p.index]
        return found

    def reads(self) -> list[Access]:
        """The places that are read."""
        wanted = [*self.stores.values(), *(f.combined for f in self.folds)]
        wanted += [i for p in self.stores for i, _ in p.index]
        return [p for p in self.needed(wanted) if p.storage != COUNTER]

    def writes(self) -> list[Access]:
        """The places that are written."""
        return [*self.stores, *(f.target for f in self.folds if f.target is not None)]


def _moved(place: Access, moved: dict[int, int], axis: int, by: int) -> Access:
    index = tuple((moved[i], n) for i, n in place.index)
    place = replace(place, index=index) if index else place
    return place.shifted(axis, by) if by else place
