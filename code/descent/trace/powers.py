r"""Powers of a step counter as running products.

$$\beta^{t+c}:\quad q \leftarrow q\,\beta^{d} \quad\text{whenever}\quad t \leftarrow t + d$$

A power costs as much as all the rest of a step of Adam; a product costs nothing. After t steps the
product has lost at most t roundings, 1e-13 after a thousand.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from descent.trace.expr import Expr
from descent.trace.ir import Graph
from descent.trace.program import Program

if TYPE_CHECKING:
    from descent.trace.loop import Loop


def without_powers(loop: Loop) -> Loop:
    """Carry the powers of a counter from step to step instead of computing them anew.

    Args:
        loop: Any loop.

    Returns:
        An equal loop, to rounding, whose step has no such power; it has the same inputs.
    """
    graph = loop.program.graph.copy()
    inputs, outputs = dict(loop.program.inputs), dict(loop.program.outputs)
    carry, start = dict(loop.carry), dict(loop.start)
    for n, (i, first, factor) in enumerate(_found(loop, graph)):
        name, begin, after = f"power{n}", f"power{n}(0)", f"power{n}'"
        # The power itself becomes an input: whoever asks for it finds it there.
        inputs[name], outputs[begin] = np.array(i), np.array(first)
        outputs[after] = np.array(graph.emit("mul", i, factor))
        carry[after], start[name] = name, begin
    lean = replace(loop, program=Program(graph, inputs, outputs), carry=carry, start=start)
    return _without_idle(lean) if len(carry) > len(loop.carry) else loop


def _found(loop: Loop, graph: Graph) -> list[tuple[int, int, int]]:
    """Powers of a counter: their ids, their values at the start, the factors of a step."""
    strides, varying = _strides(loop), _varying(loop)
    found = []
    for i in graph.live(loop.result_ids, bound=loop.carry_ids):
        node = graph.nodes[i]
        if node.op != "pow" or node.args[0] in varying:
            continue
        counter, shift = _shifted(graph, node.args[1])
        if counter not in strides:
            continue
        base, (begin, stride) = Expr(graph, node.args[0]), strides[counter]
        first = Expr(graph, begin) + shift
        if first.constant is None or first.constant >= 0:
            found.append((i, (base**first).id, (base**stride).id))
    return found


def _strides(loop: Loop) -> Mapping[int, tuple[int, float]]:
    """Counters: their ids, the ids of their first values, and what a whole step adds to them."""
    graph, found = loop.program.graph, {}
    for i, after in loop.next_ids.items():
        counter, stride = _shifted(graph, after)
        if counter == i and stride and stride == int(stride):
            found[i] = (loop.start_ids.get(i, i), stride)
    return found


def _shifted(graph: Graph, i: int) -> tuple[int, float]:
    """A value as another one plus a constant."""
    node = graph.nodes[i]
    constant = graph.value(node.args[1]) if node.op == "add" else None
    return (i, 0.0) if constant is None else (node.args[0], float(constant))


def _varying(loop: Loop) -> set[int]:
    """Everything that may change from step to step."""
    varying = {*loop.carry_ids} | ({loop.counter_id} if loop.counter_id is not None else set())
    for i, node in enumerate(loop.program.graph.nodes):
        if any(a in varying for a in node.args):
            varying.add(i)
    return varying


def _without_idle(loop: Loop) -> Loop:
    """Drop carried values that nothing but themselves asks for, such as the counter."""
    inputs, outputs = dict(loop.program.inputs), dict(loop.program.outputs)
    carry, start = dict(loop.carry), dict(loop.start)
    for out, name in loop.carry.items():
        if name in loop.start and not _asked(loop, name):
            del inputs[name], outputs[out], carry[out], start[name]
    program = Program(loop.program.graph, inputs, outputs)
    return replace(loop, program=program, carry=carry, start=start)


def _asked(loop: Loop, name: str) -> bool:
    """Whether a carried value reaches a row, a test of divergence or another carried value."""
    outputs = loop.program.outputs
    wanted = {int(i) for out, n in loop.carry.items() if n != name for i in outputs[out].flat}
    wanted |= {*loop.record_ids, *loop.watched_ids, *loop.start_ids.values()}
    nodes = loop.program.graph.nodes
    used = {a for i in loop.program.graph.live(wanted, loop.carry_ids) for a in nodes[i].args}
    return not {int(i) for i in loop.program.inputs[name].flat}.isdisjoint(used | wanted)
