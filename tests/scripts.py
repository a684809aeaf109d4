"""Run generated JavaScript in an embedded V8, so that no test needs node."""

import atexit
import json
import math
from collections.abc import Callable, Sequence
from functools import cache
from itertools import count

import torch
from py_mini_racer import MiniRacer
from torch import Tensor

from descent.publish.engine import javascript_engine

_NAMES = count()
_TEXT = "v=>Number.isFinite(v)?(Object.is(v,-0)?'-0':v):String(v)"


@cache
def engine() -> MiniRacer:
    """One V8 for the whole session, closed before the interpreter takes its threads away."""
    v8 = javascript_engine()
    atexit.register(v8.close)
    return v8


def javascript(source: str, call: str, size: int) -> Callable[[Sequence[float]], Tensor]:
    """A Python function that calls generated code.

    Args:
        source: Declarations.
        call: Expression that reads `input` and fills `out`, a Float64Array.
        size: Length of `out`.

    Returns:
        Function from input numbers to `out`, followed by the value of the call if it is a number.
    """
    name = f"script{next(_NAMES)}"
    engine().eval(
        f"const {name}=(()=>{{'use strict';{source}\nreturn input=>{{"
        f"const out=new Float64Array({size});const r={call};"
        f"return JSON.stringify([...out,...(typeof r==='number'?[r]:[])].map({_TEXT}))}}}})()"
    )

    def run(numbers: Sequence[float]) -> Tensor:
        given = ",".join(_literal(float(v)) for v in numbers)
        values = json.loads(engine().eval(f"{name}([{given}])"))
        return torch.tensor([float(v) for v in values], dtype=torch.float64)

    return run


def _literal(value: float) -> str:
    if math.isnan(value):
        return "NaN"
    return repr(value) if math.isfinite(value) else ("-" if value < 0 else "") + "Infinity"
