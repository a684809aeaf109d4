"""A traced loop as numba source that advances many runs at once and keeps only summaries.

Runs go in blocks of `LANES`. Every scalar of a block is `LANES` neighbors in a flat array `w`, so
the inner loop over lanes has constant distances and becomes vector instructions. Two versions of
the step exist. `fast` does not look for divergence, but keeps a sum that stops being finite if any
loss or iterate did. Only then is the stretch repeated by `careful`, which finds the step and holds
the run.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from descent.trace.printer import Language, Printer, element_names
from descent.trace.scalars import BOOL, FLOAT, INT

if TYPE_CHECKING:
    from descent.trace.loop import Loop

PYTHON = Language(
    attribute="python",
    declare="{0} = {1}",
    infinity="inf",
    nan="nan",
    booleans=("False", "True"),
    integer="int32({0})",
    trim=False,
)
LANES = 32
# Rows are float64, which holds every int32 and bool exactly.
_READ = {FLOAT: "{}", INT: "int32({})", BOOL: "{} != 0.0"}

_MODULE = '''"""Written by descent.trace; safe to delete."""

import math

import numpy as np
from numba import int32, njit

inf, nan = math.inf, math.nan
compiled = njit(nogil=True, error_model="numpy", cache=True)


@compiled
def fast(table, blocks, begin, end, target, suspect):
    """Advance blocks; say which have a run that stopped being finite and was not known to."""
    for n in range(len(blocks)):
        w = table[blocks[n]]
        for i in range(CHANGED):
            w[SAVED + i] = w[i]
        for j in range(LANES):
            w[j + SUM] = 0.0
        for k in range(begin, end):
            step = float(k)
            for j in range(LANES):
                $load
                $observe
                w[j + SUM] += $sum
                $hit
                $update
                $store
        step = float(end)
        found = False
        for j in range(LANES):
            $load
            $observe_again
            total = w[j + SUM] + $zero
            found |= (w[j + ALIVE] > 0.0) & (total - total != 0.0)
        suspect[n] = found


@compiled
def careful(table, blocks, begin, end, target, restore):
    """Advance blocks, holding each run at its last finite point; `restore` undoes `fast` first."""
    for n in range(len(blocks)):
        w = table[blocks[n]]
        for i in range(CHANGED * restore):
            w[i] = w[SAVED + i]
        for k in range(begin, end):
            step = float(k)
            for j in range(LANES):
                $load
                $observe
                alive = (w[j + ALIVE] > 0.0) & ($zero == 0.0)
                w[j + ALIVE] = 1.0 if alive else 0.0
                $keep
                $late
                $hit
                $update
                $store
'''


class Rows:
    """Which row of a block holds what. Rows that `fast` changes come first, and are saved.

    Args:
        loop: The loop to lay out.
    """

    def __init__(self, loop: Loop) -> None:
        self.carry, self.derived = loop.carry_ids, loop.invariant_ids()
        self.fixed = [i for i in loop.parameter_ids if i not in self.carry]
        order: list[int | str] = [*self.carry, "HIT"]
        self.changed = len(order)
        order += ["SUM", "ALIVE", "LOSS", *self.fixed, *self.derived]
        self.at = {value: n for n, value in enumerate(order)}
        self.at |= {"KEPT": len(order), "SAVED": len(order) + len(loop.iterate_ids)}
        self.count = self.at["SAVED"] + self.changed

    def text(self, value: int | str, n: int = 0) -> str:
        """How a lane of the row, or of the n-th row after it, is written."""
        return f"w[j + {(self.at[value] + n) * LANES}]"


def loop_source(loop: Loop, *, target: bool) -> str:
    """A module with the functions `fast` and `careful`.

    Args:
        loop: What to repeat.
        target: Whether to look for the first step with loss <= target.

    Returns:
        Source of the module.
    """
    rows = Rows(loop)
    numbers = {name: rows.at[name] * LANES for name in ("SUM", "ALIVE", "SAVED")}
    numbers |= {"LANES": LANES, "CHANGED": rows.changed * LANES}
    constants = "".join(f"{name} = {value}\n" for name, value in numbers.items())
    source = _MODULE.replace("\n\n\n@compiled", f"\n{constants}\n\n@compiled", 1)
    for key, lines in _step(loop, rows, target=target).items():
        source = _fill(source, f"${key}", lines)
    return source


def _fill(source: str, key: str, lines: list[str] | str) -> str:
    """Put statements where the key stands alone on a line, or text where it stands in one."""
    out = []
    for line in source.split("\n"):
        if line.strip() == key:
            indent = line[: len(line) - len(line.lstrip())]
            out += [indent + text for text in lines]
        else:
            out.append(line.replace(key, lines) if isinstance(lines, str) else line)
    return "\n".join(out)


def _step(loop: Loop, rows: Rows, *, target: bool) -> dict[str, list[str] | str]:
    """Load a lane, observe its loss, update it, store it."""
    printer = Printer(loop.program.graph, PYTHON)
    names = element_names(loop.program.inputs)
    printer.names |= {i: names[i] for i in (*rows.carry, *rows.fixed)}
    printer.names |= {i: f"_c{n}" for n, i in enumerate(rows.derived)}
    nodes = loop.program.graph.nodes
    load = [
        f"{name} = {_READ[nodes[i].kind].format(rows.text(i))}" for i, name in printer.names.items()
    ]
    if loop.counter_id is not None:
        printer.names[loop.counter_id] = "step"
    again, watched_again = printer.fork().block(loop.watched_ids)
    observe, watched = printer.block(loop.watched_ids, loop.next_ids.values())
    update, fresh = printer.block(loop.next_ids.values())
    size = len(loop.iterate_ids)
    seen = [f"_seen{n}" for n in range(len(watched))]
    # An iterate that moves by adding a step stays non-finite: looking at the end is enough.
    summed = seen[size:] if loop.is_additive() else seen
    kept, loss = [rows.text("KEPT", n) for n in range(size)], rows.text("LOSS")
    return {
        "load": load,
        "observe_again": [*again, *_assign(seen, watched_again)],
        "observe": [*observe, *_assign(seen, watched)],
        "update": update,
        "store": _assign([rows.text(i) for i in loop.next_ids], fresh),
        "sum": " + ".join(summed),
        "zero": "(" + " + ".join(f"0.0 * {name}" for name in seen) + ")",
        "keep": [f"{a} = {b} if alive else {a}" for a, b in zip([*kept, loss], seen, strict=True)],
        "late": _replace(rows.text("HIT"), "inf", "(not alive) & (old < 0.0)") * target,
        "hit": _replace(rows.text("HIT"), "step", f"({seen[-1]} <= target) & (old < 0.0)") * target,
    }


def _replace(place: str, value: str, condition: str) -> list[str]:
    """Overwrite a place where a condition holds, by selection: a branch would stop the vectors."""
    return [f"old = {place}", f"{place} = {value} if {condition} else old"]


def _assign(names: list[str], values: list[str]) -> list[str]:
    return [f"{name} = {value}" for name, value in zip(names, values, strict=True)]
