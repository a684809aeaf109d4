"""A process as JavaScript for a page and as Python for numba."""

from __future__ import annotations

import string
from typing import TYPE_CHECKING

import numpy as np

from descent.trace.arrays.source import ARRAYS, Words, nest_lines
from descent.trace.javascript import JAVASCRIPT
from descent.trace.numba_source import PYTHON
from descent.trace.scalars import BOOL, FLOAT, INT

if TYPE_CHECKING:
    from descent.trace.arrays.process import Process, Slot

_JAVASCRIPT = Words(
    JAVASCRIPT, "let {0}={1};", "{0}={1};", "for(let {0}=0;{0}<{1};{0}++){{", "}",
    truth="{0}!==0", whole="({0}|0)", indent=False,
)  # fmt: skip
_PYTHON = Words(
    PYTHON, "{0} = {1}", "{0} = {1}", "for {0} in range({1}):", "",
    truth="({0} != 0)", whole="int({0})", indent=True,
)  # fmt: skip
_TYPES = {FLOAT: "Float64Array", INT: "Int32Array", BOOL: "Uint8Array"}
# What a table of few different numbers is written with; safe inside of a string and of a page.
_ALPHABET = string.ascii_letters + string.digits + "!#$%()*+,-.:;=?@[]^_{|}~"


class Layout:
    """Where each storage that is still used begins, in one array for each kind.

    Args:
        process: What is laid out.
    """

    def __init__(self, process: Process) -> None:
        self.nests = process.nests
        used = {n for n, s in enumerate(process.storages) if s.keep}
        for nests in self.nests.values():
            for nest in nests:
                used |= {p.storage for p in (*nest.reads(), *nest.writes())}
        self.sizes = dict.fromkeys((FLOAT, INT, BOOL), 0)
        self.bases: dict[int, int] = {}
        for n in sorted(used):
            storage = process.storages[n]
            self.bases[n] = self.sizes[storage.kind]
            self.sizes[storage.kind] += storage.size
        self.constants = {
            n: data for n in self.bases if (data := process.storages[n].data) is not None
        }


def javascript_source(process: Process, name: str) -> str:
    """`function name()`: see `Process.javascript`.

    Each nest of loops is a function of its own: a long function with many loops is compiled again
    and again, and in the end not at all (12 times slower in Chromium).
    """
    layout = Layout(process)
    made = [f"{ARRAYS[k]}=new {_TYPES[k]}({n})" for k, n in layout.sizes.items() if n]
    fill = "".join(
        _fill(ARRAYS[process.storages[n].kind], layout.bases[n], data)
        for n, data in layout.constants.items()
    )
    loops, body = "", {}
    for phase, nests in layout.nests.items():
        names = [f"{phase}{n}" for n in range(len(nests))]
        for own, nest in zip(names, nests, strict=True):
            lines = "".join(nest_lines(nest, layout.bases, _JAVASCRIPT))
            loops += f"function {own}(){{{lines}}}\n"
        body[phase] = "".join(f"{own}();" for own in names)
    count = f"f[{layout.bases[process.counter.storage]}]=k;"
    given = _copies(process.inputs, process, layout, "p", write=False)
    seen = _copies(process.outputs, process, layout, "out", write=True)
    return (
        f"function {name}(){{const {','.join(made)};\n{fill}{loops}return {{"
        f"start(p){{{given}\n{body['start']}}},\n"
        f"step(k){{{count}\n{body['step']}}},\n"
        f"observe(k,out){{{count}\n{body['observe']}{seen}}}}};}}"
    )


def _copies(
    slots: dict[str, Slot], process: Process, layout: Layout, name: str, write: bool
) -> str:
    """Statements that copy named tensors to or from one flat array."""
    at, lines = 0, ""
    for slot in slots.values():
        array = ARRAYS[process.storages[slot.storage].kind]
        mine, other = f"{array}[{layout.bases[slot.storage]}+n]", f"{name}[{at}+n]"
        a, b = (other, mine) if write else (mine, other)
        lines += f"for(let n=0;n<{slot.size};n++){a}={b};"
        at += slot.size
    return lines


def _fill(array: str, base: int, data: np.ndarray) -> str:
    """A statement that puts constants into memory."""
    data = data.astype(np.float64) if data.dtype == np.bool_ else data
    rise = (data[-1] - data[0]) / max(len(data) - 1, 1)
    if len(data) > 2 and np.array_equal(data, data[0] + np.arange(len(data)) * rise):
        first, by = (JAVASCRIPT.literal(float(v), FLOAT) for v in (data[0], rise))
        return f"for(let n=0;n<{len(data)};n++){array}[{base}+n]={first}+n*{by};\n"
    values, codes = np.unique(data, return_inverse=True)
    texts = [JAVASCRIPT.literal(float(v), FLOAT) for v in values]
    if len(values) > len(_ALPHABET) or len(data) < len(values) + 32:
        row = ",".join(texts[c] for c in codes)
        return f"{array}.set([{row}],{base});\n"
    text = "".join(_ALPHABET[c] for c in codes)
    key = "".join(_ALPHABET[: len(values)])
    return (
        f'{{const s="{text}",v=[{",".join(texts)}];'
        f'for(let n=0;n<{len(data)};n++){array}[{base}+n]=v["{key}".indexOf(s[n])];}}\n'
    )


def python_source(process: Process) -> str:
    """A module of three functions: see `Process.python`."""
    layout = Layout(process)
    at = layout.bases[process.counter.storage]
    heads = {
        "start": "start(f, i, b)",
        "step": "step(f, i, b, k)",
        "observe": "observe(f, i, b, k)",
    }
    text = '"""Written by descent.trace; safe to delete."""\n\nimport math\n\nimport numpy as np\n'
    text += "from numba import int32, njit\n\ninf, nan = math.inf, math.nan\n"
    text += 'compiled = njit(nogil=True, error_model="numpy", cache=True)\n'
    for phase, nests in layout.nests.items():
        lines = [] if phase == "start" else [f"f[{at}] = k"]
        for nest in nests:
            lines += nest_lines(nest, layout.bases, _PYTHON)
        body = "\n    ".join(lines or ["pass"])
        text += f"\n\n@compiled\ndef {heads[phase]}:\n    {body}\n"
    return text
