"""The page's computation in a JavaScript engine, without a browser."""

import json

import numpy as np

from descent.explore.assets import PAGE, functions_object
from descent.publish.engine import javascript_engine

HELPERS = """
let figure;
const view = (bytes) => new DataView(Uint8Array.from(bytes).buffer);
const plain = (v) => Array.isArray(v) ? v.map(String)
  : v.values ? Array.from(v.values, String) : String(v);
function names(values, time) {
  figure.update(values, time);
  return JSON.stringify(Object.fromEntries([...figure.names].map(([k, v]) => [k, plain(v)])));
}
"""


class PageEngine:
    """What `engine.js` offers to the page, called from Python."""

    def __init__(self):
        self.racer = javascript_engine()
        for part in ("data.js", "engine.js"):
            self._eval((PAGE / part).read_text("utf-8"))
        self._eval(HELPERS)

    def start(self, figure, spec=None, data=None):
        """Start a figure, its description or bytes exchanged for others."""
        printed = [s.functions(f"f{i}") for i, s in enumerate(figure.signals)]
        functions = {k: v for one in printed for k, v in one.items()}
        given = json.dumps(figure.spec if spec is None else spec)
        numbers = json.dumps(list(figure.data if data is None else data))
        self._eval(
            f"figure = createEngine({given}, view({numbers}), {functions_object(functions)}); 0"
        )

    def names(self, values, time=1e9):
        """Every name at a setting, as numbers and arrays."""
        found = json.loads(self._eval(f"names({json.dumps(values)}, {time})"))
        arrays = {k: np.array(v, dtype=float) for k, v in found.items()}
        return {k: float(v) if v.ndim == 0 else v for k, v in arrays.items()}

    def between(self):
        """Tables that are asked for settings between theirs."""
        return json.loads(self._eval("JSON.stringify(figure.between())"))

    def accept(self, index, settings, arrays):
        """Hand in what a kernel has computed."""
        buffers = [list(np.asarray(a, "<f8").tobytes()) for a in arrays]
        self._eval(f"figure.accept({index}, {settings}, {json.dumps(buffers)}.map(view)); 0")

    def _eval(self, source):
        return self.racer.eval(source, timeout_sec=20)
