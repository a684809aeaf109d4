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
    lines, results = printer.block([int(i) for a in program.outputs.values() for i in a.flat])
    stores = [f"out[{n}]={text};" for n, text in enumerate(results)]
    return f"function {name}(p,out){{{''.join(lines + stores)}}}"


def loop_source(loop: Loop, name: str) -> str:
    """`function name(p, steps, rec)`: see `Loop.javascript`."""
    parts = _Parts(loop)
    width, losses = len(loop.record_ids), loop.loss_columns
    lines, values = parts.observe([*loop.record_ids, *loop.watched_ids])
    row, watched = values[:width], values[width:]
    store = "".join(f"rec[r+{n}]={v};" for n, v in enumerate(row))
    repeat = "".join(
        f"rec[r+{n}]=Infinity;" if n in losses else f"if(k)rec[r+{n}]=rec[r-{width - n}];"
        for n in range(width)
    )
    return (
        f"function {name}(p,steps,rec){{\n{parts.head}\n"
        f"for(let k=0,r=0;;k++,r+={width}){{\n{lines}{store}"
        f"if({_zero(watched)}!==0){{const bad=k;"
        f"for(;k<=steps;k++,r+={width}){{{repeat}}}return bad;}}\n"
        f"if(k===steps)return -1;\n{parts.update()}}}}}"
    )


def summary_source(loop: Loop, name: str) -> str:
    """`function name(p, steps, target, out)`: see `Loop.javascript_summary`."""
    parts = _Parts(loop)
    size = len(loop.iterate_ids)
    lines, watched = parts.observe(loop.watched_ids)
    last = [f"_last{n}" for n in range(size)]
    keep = "".join(f"{a}={b};" for a, b in zip(last, watched, strict=False))
    write = "".join(f"out[{n}]={v};" for n, v in enumerate([*last, "loss", "hit"]))
    begin = "".join(f"{a}={parts.names[i]}," for a, i in zip(last, loop.iterate_ids, strict=True))
    return (
        f"function {name}(p,steps,target,out){{\n{parts.head}let {begin}loss=Infinity,hit=-1,k=0;\n"
        f"for(;;k++){{\n{lines}loss={watched[-1]};if({_zero(watched)}!==0){{loss=Infinity;break;}}"
        f"{keep}if(hit<0&&loss<=target)hit=k;\n"
        f"if(k===steps)break;\n{parts.update()}}}\n{write}return loss===Infinity?k:-1;}}"
    )


class _Parts:
    """The pieces that every form of a loop shares."""

    def __init__(self, loop: Loop) -> None:
        self.loop, self.names = loop, element_names(loop.program.inputs)
        self.printer = Printer(loop.program.graph, JAVASCRIPT, {})
        position = {i: n for n, i in enumerate(loop.parameter_ids)}
        fixed = [i for i in loop.parameter_ids if i not in loop.carry_ids]
        lines = [f"const {self.names[i]}=p[{position[i]}];" for i in fixed]
        self.printer.names.update({i: self.names[i] for i in fixed})
        lines += self.printer.block(loop.invariant_ids(), named=True)[0]
        self.head = "".join(lines + self._start(position))
        self.printer.names.update({i: self.names[i] for i in loop.carry_ids})
        if loop.counter_id is not None:
            self.printer.names[loop.counter_id] = "k"

    def _start(self, position: dict[int, int]) -> list[str]:
        """Declare the carried scalars: given in `p`, or computed from it."""
        given = [i for i in self.loop.carry_ids if i in position]
        lines = [f"let {self.names[i]}=p[{position[i]}];" for i in given]
        printer, start = self.printer.fork(), self.loop.start_ids
        printer.names.update({i: self.names[i] for i in given})
        made, values = printer.block(start.values())
        lines += made
        return lines + [f"let {self.names[i]}={v};" for i, v in zip(start, values, strict=True)]

    def observe(self, wanted: list[int]) -> tuple[str, list[str]]:
        """Compute what is looked at before the update."""
        lines, values = self.printer.block(wanted, self.loop.next_ids.values(), named=True)
        return "".join(lines), values

    def update(self) -> str:
        """Compute every new carried value before assigning the first."""
        lines, values = self.printer.block(self.loop.next_ids.values())
        fresh = {}
        for i, value in zip(self.loop.next_ids, values, strict=True):
            named = value.startswith("_") and value.isidentifier()
            fresh[i] = value if named else f"{self.names[i]}$"
            if not named:
                lines.append(f"const {fresh[i]}={value};")
        return "".join(lines + [f"{self.names[i]}={v};" for i, v in fresh.items()])


def _zero(values: list[str]) -> str:
    """An expression that is 0 if all values are finite, and NaN otherwise."""
    return "+".join(f"0*{v if v.isidentifier() else f'({v})'}" for v in values)
