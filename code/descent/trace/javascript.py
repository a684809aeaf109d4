"""A traced program or loop as JavaScript: plain functions on numbers, no allocation, no eval."""

from __future__ import annotations

from typing import TYPE_CHECKING

from descent.trace.printer import Language, Printer, element_names

if TYPE_CHECKING:
    from descent.trace.loop import Loop
    from descent.trace.program import Program

JAVASCRIPT = Language(
    attribute="javascript",
    declare="const {0}={1};",
    infinity="Infinity",
    nan="NaN",
    booleans=("false", "true"),
    integer="{0}",
    trim=True,
)


def program_source(program: Program, name: str) -> str:
    """`function name(p, out)`: read inputs from `p`, write outputs to `out`."""
    flat = [int(i) for a in program.inputs.values() for i in a.flat]
    printer = Printer(program.graph, JAVASCRIPT, {i: f"p[{n}]" for n, i in enumerate(flat)})
    wanted = [int(i) for a in program.outputs.values() for i in a.flat]
    lines, results = printer.block(wanted)
    stores = [f"out[{n}]={text};" for n, text in enumerate(results)]
    return f"function {name}(p,out){{{''.join(lines + stores)}}}"


def loop_source(loop: Loop, name: str) -> str:
    """`function name(p, steps, rec)`: see `Loop.javascript`."""
    readable = element_names(loop.program.inputs)
    position = {i: n for n, i in enumerate(loop.parameter_ids)}
    printer = Printer(loop.program.graph, JAVASCRIPT, {})
    declared = [i for i in loop.parameter_ids if i not in loop.carry_ids]
    head = [f"const {readable[i]}=p[{position[i]}];" for i in declared]
    printer.names.update({i: readable[i] for i in declared})
    head += printer.block(loop.invariant_ids())[0]
    head += _start(loop, printer.fork(), readable, position)
    printer.names.update({i: readable[i] for i in loop.carry_ids})
    if loop.counter_id is not None:
        printer.names[loop.counter_id] = "k"
    return (
        f"function {name}(p,steps,rec){{\n{''.join(head)}\n"
        f"for(let k=0,r=0;;k++,r+={len(loop.record_ids)}){{\n{_observe(loop, printer)}\n"
        f"if(k===steps)return -1;\n{_update(loop, printer, readable)}}}}}"
    )


def _start(loop: Loop, printer: Printer, readable: dict, position: dict) -> list[str]:
    """Declare the carried scalars: given in `p`, or computed from it."""
    given = [i for i in loop.carry_ids if i in position]
    lines = [f"let {readable[i]}=p[{position[i]}];" for i in given]
    printer.names.update({i: readable[i] for i in given})
    made, values = printer.block(loop.start_ids.values())
    lines += made
    return lines + [f"let {readable[i]}={v};" for i, v in zip(loop.start_ids, values, strict=True)]


def _observe(loop: Loop, printer: Printer) -> str:
    """Compute and store what is recorded; on divergence fill the remaining rows and return."""
    lines, values = printer.block([*loop.record_ids, *loop.watched_ids], loop.next_ids.values())
    row, watched = values[: len(loop.record_ids)], values[len(loop.record_ids) :]
    lines += [f"rec[r+{n}]={v};" for n, v in enumerate(row)]
    width, losses = len(row), loop.loss_columns
    repeat = "".join(
        f"rec[r+{n}]=Infinity;" if n in losses else f"if(k)rec[r+{n}]=rec[r+{n - width}];"
        for n in range(width)
    ).replace("+-", "-")
    finite = "+".join(f"0*{v if v.isidentifier() else f'({v})'}" for v in watched)
    lines.append(
        f"if({finite}!==0){{const bad=k;for(;k<=steps;k++,r+={width}){{{repeat}}}return bad;}}"
    )
    return "".join(lines)


def _update(loop: Loop, printer: Printer, readable: dict) -> str:
    """Compute every new carried value before assigning the first."""
    lines, values = printer.block(loop.next_ids.values())
    fresh = {}
    for i, value in zip(loop.next_ids, values, strict=True):
        fresh[i] = value if value.startswith("_") and value.isidentifier() else f"{readable[i]}$"
        if fresh[i] != value:
            lines.append(f"const {fresh[i]}={value};")
    return "".join(lines + [f"{readable[i]}={v};" for i, v in fresh.items()])
