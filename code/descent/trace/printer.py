"""What JavaScript and Python have in common when a list of scalar operations is written out.

A value used once is written where it is used; a value used more often gets a name. The evaluation
order never changes a result, because every operation is pure. Only spelling differs between the
languages, and that is a `Language`.
"""

from __future__ import annotations

import keyword
import math
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np

from descent.trace.ir import Graph
from descent.trace.scalars import ATOM, FLOAT, INT, SCALARS, UNARY

# Expressions longer than this are named even if used once, so that no line grows without bound.
MAX_INLINE = 240
# Words of the languages and of the generated functions. Other generated names start with "_".
_RESERVED = {
    *keyword.kwlist,
    *"break case catch class const debugger default delete do else enum export extends".split(),
    *"false finally for function if implements import in instanceof interface let new".split(),
    *"null package private protected public return static super switch this throw true".split(),
    *"try typeof var void while with yield Math Infinity NaN isFinite undefined".split(),
    *"np math int32 inf nan p out rec steps k r bad arguments eval loss hit target".split(),
    *"w j n i at table blocks begin end suspect restore found total alive old step".split(),
    *"LANES CHANGED SUM ALIVE SAVED compiled fast careful float abs range len".split(),
}


@dataclass(frozen=True)
class Language:
    """The spelling of one language.

    Args:
        attribute: Which field of `ScalarOp` holds its templates.
        declare: Statement that binds a name, with `{0}` and `{1}` for name and value.
        infinity: Its positive infinity.
        nan: Its not-a-number.
        booleans: Its words for false and true.
        integer: Template of a 32-bit integer constant.
        trim: Whether 1.0 may be written 1.
    """

    attribute: str
    declare: str
    infinity: str
    nan: str
    booleans: tuple[str, str]
    integer: str
    trim: bool

    def literal(self, value: float | int | bool, kind: str) -> str:
        """The shortest text that reads back as exactly this constant."""
        if kind == INT:
            return self.integer.format(value)
        if kind != FLOAT:
            return self.booleans[bool(value)]
        if math.isnan(value):
            return self.nan
        if math.isinf(value):
            return self.infinity if value > 0 else f"-{self.infinity}"
        text = re.sub(r"e([+-])0*", lambda m: "e" + m[1].replace("+", ""), repr(value))
        return text.removesuffix(".0") if self.trim else text

    def operation(self, op: str, args: list[tuple[str, int]]) -> tuple[str, int]:
        """Text and precedence of an operation on (text, precedence) pairs."""
        row = SCALARS[op]
        template = getattr(row, self.attribute)
        if op == "neg":
            return "-" + _guard(*args[0], UNARY + 1), UNARY
        if row.level == ATOM:
            return template.format(*(text for text, _ in args)), ATOM
        left, right = _guard(*args[0], row.level), _guard(*args[1], row.level + 1)
        return f"{left}{template}{f'({right})' if right.startswith('-') else right}", row.level


def _guard(text: str, level: int, need: int) -> str:
    return text if level >= need else f"({text})"


@dataclass
class Printer:
    """Writes parts of a graph, remembering which values have names already.

    Args:
        graph: The operations.
        language: How to spell them.
        names: Value id to the name it is known by.
    """

    graph: Graph
    language: Language
    names: dict[int, str] = field(default_factory=dict)
    _counter: int = 0

    def block(
        self, wanted: Iterable[int], later: Iterable[int] = (), *, named: bool = False
    ) -> tuple[list[str], list[str]]:
        """Statements that compute values, and the expression of each wanted value.

        Names given here are kept, so that a block that computes `later` finds what it shares.
        With `named`, every wanted value gets a name.
        """
        wanted, later = list(wanted), list(later)
        order = self.graph.live(wanted, bound=self.names)
        uses = Counter(
            a for i in self.graph.live(wanted + later, self.names) for a in self._arguments(i)
        )
        uses.update(wanted + later + wanted * named)
        lines, text = [], {}
        for i in order:
            node = self.graph.nodes[i]
            if node.op == "const":
                value = self.language.literal(node.value, node.kind)
                text[i] = (value, UNARY if value.startswith("-") else ATOM)
                continue
            args = [text[a] if a in text else (self.names[a], ATOM) for a in node.args]
            text[i] = self.language.operation(node.op, args)
            if uses[i] > 1 or len(text[i][0]) > MAX_INLINE:
                lines.append(self.bind(i, text[i][0]))
                text[i] = (self.names[i], ATOM)
        return lines, [self.names[i] if i in self.names else text[i][0] for i in wanted]

    def bind(self, i: int, value: str) -> str:
        """A statement that gives value `i` a new name."""
        self.names[i] = f"_{self._counter}"
        self._counter += 1
        return self.language.declare.format(self.names[i], value)

    def _arguments(self, i: int) -> list[int]:
        """The arguments of a node, as often as its template writes them."""
        node = self.graph.nodes[i]
        if node.op in ("const", "input"):
            return []
        template = getattr(SCALARS[node.op], self.language.attribute)
        return [
            a for n, a in enumerate(node.args) for _ in range(max(1, template.count(f"{{{n}}}")))
        ]

    def fork(self) -> Printer:
        """A printer that knows the same names, and forgets the new ones when it is dropped."""
        return Printer(self.graph, self.language, dict(self.names), self._counter)


def element_names(values: dict[str, np.ndarray]) -> dict[int, str]:
    """A readable identifier for every element of named arrays: `lr`, `x_0`, `x_1`."""
    names = {}
    for name, array in values.items():
        clean = re.sub(r"\W", "_", name)
        if clean in _RESERVED or clean.startswith("_") or clean[0].isdigit():
            clean = f"v_{clean}"
        for n, i in enumerate(array.flat):
            names[int(i)] = f"{clean}_{n}" if array.ndim else clean
    if len(set(names.values())) < len(names):
        raise ValueError(f"input names {list(values)} are too alike to be written as identifiers")
    return names
