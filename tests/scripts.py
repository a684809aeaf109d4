"""Run generated JavaScript in an embedded V8, so that no test needs node."""

import json
import math
from collections.abc import Callable, Sequence

import torch
from py_mini_racer import MiniRacer
from torch import Tensor

_NUMBERS = "v=>Number.isFinite(v)?(Object.is(v,-0)?'-0':v):String(v)"


def javascript(source: str, call: str, size: int) -> Callable[[Sequence[float]], Tensor]:
    """A Python function that calls generated code.

    Args:
        source: Declarations.
        call: Expression that reads `input` and fills `out`, a Float64Array.
        size: Length of `out`.

    Returns:
        Function from input numbers to `out`, followed by the value of the call if it is a number.
    """
    engine = MiniRacer()
    engine.eval(source)

    def run(numbers: Sequence[float]) -> Tensor:
        given = ",".join(_literal(float(v)) for v in numbers)
        text = engine.eval(
            f"(()=>{{const input=[{given}],out=new Float64Array({size});const r={call};"
            f"return JSON.stringify([...out,...(typeof r==='number'?[r]:[])].map({_NUMBERS}))}})()"
        )
        return torch.tensor([float(v) for v in json.loads(text)], dtype=torch.float64)

    return run


def _literal(value: float) -> str:
    if math.isnan(value):
        return "NaN"
    return repr(value) if math.isfinite(value) else ("-" if value < 0 else "") + "Infinity"
