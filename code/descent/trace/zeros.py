"""Rewrites that change at most the sign of a zero, where nobody can see it.

x + 0.0 equals x, except that it turns -0.0 into 0.0. That matters only where a later operation
tells the two apart, as 1 / x does. Backward passes of indexing add many zeros, so it pays to find
out.
"""

from __future__ import annotations

from collections.abc import Iterable

from descent.trace.ir import Graph

# Operations whose result does not depend on the sign of a zero argument.
BLIND = {"abs", "exp", "log", "cosh", "cos", "lt", "le", "gt", "ge", "eq", "ne", "int_of_float"}


def sign_of_zero_matters(graph: Graph, outputs: Iterable[int]) -> set[int]:
    """Ids whose value feeds, through anything that passes the sign of a zero on, a 1 / x.

    Args:
        graph: The program.
        outputs: Ids that leave it. If an input's sign of zero matters, so does theirs, because a
            loop may feed them back.

    Returns:
        The ids.
    """
    marked: set[int] = set()
    for _ in range(2):
        for i in range(len(graph.nodes) - 1, -1, -1):
            marked.update(_exposed(graph, i, i in marked))
        if not any(graph.nodes[i].op == "input" for i in marked):
            break
        marked.update(outputs)
    return marked


def _exposed(graph: Graph, i: int, marked: bool) -> list[int]:
    """The arguments of node i whose sign of zero matters, given whether its own does."""
    node = graph.nodes[i]
    args = list(node.args)
    if node.op == "div":
        return args if marked else args[1:]
    if node.op in ("atan2", "pow"):
        return args
    if not marked or node.op in BLIND:
        return []
    if node.op in ("add", "sub") and any(graph.value(a) for a in args):
        return []  # A non-zero constant swallows the zero, whatever its sign.
    return args[1:] if node.op == "select" else args


def compact(
    graph: Graph, inputs: Iterable[int], outputs: list[int]
) -> tuple[Graph, dict[int, int]]:
    """Copy a graph without dead code, additions of zero and signs that can be spared.

    Args:
        graph: The program.
        inputs: Its inputs, kept in order even if unused.
        outputs: The ids that must survive.

    Returns:
        The new graph, and the new id of each old one.
    """
    matters = sign_of_zero_matters(graph, outputs)
    new, moved = Graph(), {}
    for i in inputs:
        moved[i] = new.input()
    for i in graph.live(outputs, bound=moved):
        node = graph.nodes[i]
        args = [moved[a] for a in node.args]
        zero = [a for a in args if new.value(a) == 0.0]
        if node.op == "const":
            moved[i] = new.constant(node.value, node.kind)
        elif node.op == "add" and zero and i not in matters:
            moved[i] = args[1] if zero[0] == args[0] else args[0]
        elif node.op == "sub" and new.nodes[args[0]].op == "neg" and i not in matters:
            # -a - b and -(a + b) differ in the sign of a zero sum alone.
            total = new.emit("add", new.nodes[args[0]].args[0], args[1])
            moved[i] = new.emit("neg", total)
        else:
            moved[i] = new.emit(node.op, *args)
    return new, moved
