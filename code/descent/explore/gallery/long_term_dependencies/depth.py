"""Random layers, fresh ones or one again and again."""

import numpy as np

from descent.explore import Axis, Explorer, Panel, choice, marks, quantiles, readout, table
from descent.long_term_dependencies import drift, product_norms

DEPTH, SEEDS = 100, 40
WIDTHS = (4, 16, 64)
GAINS = (0.5, 0.6, 0.707, 0.8, 0.9, 1.0, 1.1, 1.25, 1.414, 1.6, 2.0)


def depth() -> Explorer:
    """Whether different matrices are safe."""
    arrays: dict[str, list] = {}
    for width in WIDTHS:
        for name, shared in (("fresh", False), ("shared", True)):
            # The gain only adds its logarithm at each layer.
            logs = product_norms(width, DEPTH, 1.0, SEEDS, shared=shared).numpy()
            bands = quantiles(name, logs, axis=1, edges=(0.1, 0.9))
            for key, rows in bands.items():
                arrays.setdefault(key, []).append(_factors(rows))
        mean = drift(width)[0] * np.arange(DEPTH + 1)
        arrays.setdefault("theory", []).append(_factors(mean))
    return Explorer(
        "long_term_dependencies/depth",
        title="Are different matrices safer than one?",
        question="At gain 0.707, how much is left after 100 layers of width 64, fresh or shared? "
        "Which gain keeps the signal, and what does a small width change?",
        controls=[
            choice("width", WIDTHS, 64, label="width n"),
            choice("gain", GAINS, 0.707, label="gain g"),
        ],
        signals=[
            table(
                {name: np.stack(rows) for name, rows in arrays.items()},
                axes={"width": WIDTHS, "gain": GAINS},
                timed=True,
                precision="relative",
            ),
        ],
        panels=[
            Panel(
                "Length of a signal",
                Axis("layer", 0, DEPTH),
                Axis("‖u‖ over its start", 1e-32, 1e32, log=True),
                [
                    marks.spread("fresh", "a fresh matrix in every layer", color=0),
                    marks.spread("shared", "one matrix, shared", color=1, dash=1),
                    marks.line("theory", "expected", color=4, dash=3),
                ],
                ratio=0.6,
            )
        ],
        readout=[
            readout("fresh, median after 100 layers", "fresh_last", digits=2),
            readout("shared, median after 100 layers", "shared_last", digits=2),
        ],
        caption="Gaussian matrices with entries of variance g²/n; median and middle 80 % of "
        f"{SEEDS} networks.",
        play="fresh",
        clock="layer",
    )


def _factors(logs: np.ndarray) -> np.ndarray:
    """Return the factors at every gain, (gains, layers + 1)."""
    layer = np.arange(len(logs))
    return np.exp(logs + np.log(GAINS)[:, None] * layer)
