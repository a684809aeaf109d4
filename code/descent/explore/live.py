"""What a kernel does for a figure: compute the settings between those that were shipped.

The page asks `{"ask": "ready"}` and, for a setting between, `{"ask": "numbers", "signal": 2,
"settings": [0.36]}`. Numbers are sent back as bytes, float64, one buffer for each array.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from descent.explore.controls import Control, Slider
from descent.explore.signals import Signal
from descent.explore.tables import Table

STOPS = 200

Answer = tuple[dict[str, Any], list[bytes]]


def answer(
    controls: Sequence[Control], signals: Sequence[Signal], asked: dict[str, Any]
) -> Answer | None:
    """Answer one message of the page.

    Args:
        controls: Controls of the figure.
        signals: Its signals.
        asked: The message.

    Returns:
        The message to send back and its buffers; None where nothing can be computed.
    """
    tables = {i: s for i, s in enumerate(signals) if isinstance(s, Table) and s.live}
    if asked.get("ask") == "ready" and tables:
        axes = {name for one in tables.values() for name in one.axes}
        # A slider with words, such as a seed, has nothing between its values.
        free = [c for c in controls if isinstance(c, Slider) and c.name in axes and not c.words]
        between = {c.name: finer(c.values) for c in free}
        return {"reply": "ready", "controls": between, "tables": list(tables)}, []
    if asked.get("ask") == "numbers":
        return _numbers(tables, asked)
    return None


def _numbers(tables: dict[int, Table], asked: dict[str, Any]) -> Answer:
    """Compute one table; what goes wrong is said to the reader, who is not at the kernel."""
    signal, settings = asked.get("signal"), asked.get("settings")
    try:
        arrays = tables[asked["signal"]].compute([float(v) for v in asked["settings"]])
    except (ArithmeticError, KeyError, TypeError, ValueError, RuntimeError) as error:
        reason = " ".join(f"{error}".split()) or type(error).__name__
        return {"reply": "failed", "settings": settings, "reason": reason}, []
    buffers = [np.ascontiguousarray(a, "<f8").tobytes() for a in arrays.values()]
    return {"reply": "numbers", "signal": signal, "settings": settings}, buffers


def finer(values: Sequence[float]) -> list[float]:
    """Put more values between those of a slider, evenly between each two neighbors.

    Args:
        values: Increasing values.

    Returns:
        About `STOPS` values, the given ones among them; the others have three digits. Where the
        given values are positive and span a factor of ten, the spacing is even in the logarithm.

    >>> len(finer((0.1, 0.3))), finer((1, 10, 100))[100]
    (201, 10.0)
    """
    given = np.asarray(values, dtype=np.float64)
    log = given[0] > 0 and given[-1] >= 10 * given[0]
    line = np.log(given) if log else given
    parts = -(-STOPS // (len(given) - 1))
    places = np.arange(parts * (len(given) - 1) + 1) / parts
    fine = np.interp(places, np.arange(len(given)), line)
    short = {float(f"{v:.3g}") for v in (np.exp(fine) if log else fine)}
    return sorted({v for v in short if given[0] <= v <= given[-1]} | set(given.tolist()))
