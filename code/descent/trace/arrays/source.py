"""Loops over arrays as JavaScript or Python: the same statements, spelled twice.

Every different way of walking through memory gets one running pointer; what does not change in a
loop is computed before it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from descent.trace.arrays.nest import COUNTER, Access, Nest
from descent.trace.printer import Language, Printer
from descent.trace.scalars import BOOL, FLOAT, INT

ARRAYS = {FLOAT: "f", INT: "i", BOOL: "b"}


@dataclass(frozen=True)
class Words:
    """How a language spells statements.

    Args:
        language: How it spells values.
        let: A new variable, of a name and a value.
        put: A new value for a variable or a place.
        repeat: The head of a loop, of a counter and the number of turns.
        end: What closes a loop.
        truth: How a stored truth value is read.
        whole: How a computed index becomes an integer.
        indent: Whether blocks are indented.
    """

    language: Language
    let: str
    put: str
    repeat: str
    end: str
    truth: str
    whole: str
    indent: bool


def nest_lines(nest: Nest, bases: Mapping[int, int], words: Words) -> list[str]:
    """Statements that do what a nest says.

    Args:
        nest: The loops.
        bases: Where each storage begins in the array of its kind.
        words: The language.

    Returns:
        Lines.
    """
    return _Writer(nest, bases, words).lines


class _Writer:
    """Writes one nest."""

    def __init__(self, nest: Nest, bases: Mapping[int, int], words: Words) -> None:
        self.nest, self.bases, self.words = nest, bases, words
        self.printer = Printer(nest.graph, words.language)
        self.lines: list[str] = []
        self.depth = len(nest.extents)
        self.places = {i: p for p, i in nest.loads.items()}
        self.results = nest.results()
        self.level = self._levels()
        live = self.nest.needed(self.results)
        walks = dict.fromkeys(p.strides for p in [*live, *nest.writes()] if any(p.strides))
        self.walks = {strides: f"_p{n}" for n, strides in enumerate(walks)}
        self.block(0, 0)

    def _levels(self) -> dict[int, int]:
        """How many loops a scalar stands in: those that it changes with."""
        levels: dict[int, int] = {}
        totals = {f.total for f in self.nest.folds}
        for i in self.nest.graph.live(self.results):
            if i in totals:
                levels[i] = self.depth
            elif i in self.places:
                place = self.places[i]
                moving = [d + 1 for d, s in enumerate(place.strides) if s]
                levels[i] = max([0, *moving, *(levels[j] for j, _ in place.index)])
            else:
                levels[i] = max([0, *(levels[a] for a in self.nest.graph.nodes[i].args)])
        return levels

    def write(self, indent: int, lines: Iterable[str]) -> None:
        """Add statements."""
        self.lines += [" " * 4 * indent * self.words.indent + line for line in lines]

    def block(self, level: int, indent: int) -> None:
        """Write what stands inside of `level` loops."""
        border = self.depth - self.nest.inner
        if level == border:
            for n, fold in enumerate(self.nest.folds):
                start = self.words.language.literal(
                    fold.start, self.nest.graph.nodes[fold.total].kind
                )
                self.printer.names[fold.total] = f"_t{n}"
                self.write(indent, [self.words.let.format(f"_t{n}", start)])
        self.compute(level, indent)
        if level == self.depth:
            self.finish(indent)
        else:
            self.loop(level, indent)
        if level == border:
            for n, fold in enumerate(self.nest.folds):
                if fold.target is not None:
                    self.write(indent, [self.words.put.format(self.place(fold.target), f"_t{n}")])

    def loop(self, level: int, indent: int) -> None:
        """Write one loop; a pointer is declared where it first moves, and moved after each turn."""
        extents, moves = self.nest.extents, []
        for strides, name in self.walks.items():
            if not any(strides[: level + 1]):
                continue
            if not any(strides[:level]):
                self.write(indent, [self.words.let.format(name, "0")])
            # The loops inside have moved the pointer on.
            gone = extents[level + 1] * strides[level + 1] if level + 1 < self.depth else 0
            by = strides[level] - gone
            sum_ = f"{name}+{by}" if by > 0 else f"{name}-{-by}"
            moves += [self.words.put.format(name, sum_)] if by else []
        self.write(indent, [self.words.repeat.format(f"_k{level}", extents[level])])
        self.block(level + 1, indent + 1)
        self.write(indent + 1, moves)
        self.write(indent, [self.words.end] if self.words.end else [])

    def compute(self, level: int, indent: int) -> None:
        """Name the loads of this depth, and the scalars of this depth that deeper ones use."""
        nodes, here = self.nest.graph.nodes, []
        live = self.nest.graph.live(self.results)
        asked = {a for j in live if self.level[j] > level for a in nodes[j].args}
        asked |= (
            {i for p in self.places.values() for i, _ in p.index} if level < self.depth else set()
        )
        for i in live:
            if self.level[i] != level or i in self.printer.names:
                continue
            if i in self.places:
                self.load(i, indent)
            elif nodes[i].args and level < self.depth and i in asked | set(self.results):
                here.append(i)
        lines, _ = self.printer.block(here, self.results, named=True)
        self.write(indent, lines)

    def load(self, i: int, indent: int) -> None:
        """Read one place."""
        place = self.places[i]
        lines, _ = self.printer.block([j for j, _ in place.index], self.results, named=True)
        text = self.place(place)
        if place.kind == BOOL:
            text = self.words.truth.format(text)
        self.write(indent, [*lines, self.printer.bind(i, text)])

    def finish(self, indent: int) -> None:
        """Write the innermost statements: running values and stores."""
        wanted = [*(f.combined for f in self.nest.folds), *self.nest.stores.values()]
        places = [i for p in self.nest.stores for i, _ in p.index]
        lines, values = self.printer.block([*wanted, *places], named=len(self.nest.folds) > 0)
        self.write(indent, lines)
        folds = zip(self.nest.folds, values, strict=False)
        self.write(indent, [self.words.put.format(f"_t{n}", v) for n, (_, v) in enumerate(folds)])
        stores = zip(self.nest.stores, values[len(self.nest.folds) :], strict=False)
        self.write(indent, [self.words.put.format(self.place(p), v) for p, v in stores])

    def place(self, place: Access) -> str:
        """An element of an array, or the counter that stands for one."""
        at = place.offset + self.bases.get(place.storage, 0)
        parts = [self.walks[place.strides]] if any(place.strides) else []
        for i, n in place.index:
            parts.append(self.words.whole.format(self.printer.names[i]) + f"*{n}" * (n != 1))
        text = "+".join([*parts, *([str(at)] if at or not parts else [])])
        return text if place.storage == COUNTER else f"{ARRAYS[place.kind]}[{text}]"
