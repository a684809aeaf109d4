"""How likely is a minimum? Three models, and a landscape where the value decides."""

import math

import numpy as np

from descent.explore import (
    Axis,
    Explorer,
    Grid,
    Panel,
    choice,
    curve,
    marks,
    readout,
    scalars,
    table,
)
from descent.saddles import THRESHOLD, limiting_share


def models() -> Explorer:
    """Probability of a minimum, and the law of the index, in three models."""
    from descent.experiments.saddles import LAWS, SIZES, index_laws, index_models

    found = {name: values / math.log(10) for name, values in index_models().items()}
    laws = index_laws()
    number = tuple(float(n) for n in LAWS)
    at = {f"{name}_here": np.array([found[name][SIZES.index(n)] for n in LAWS]) for name in found}
    names = {"coin": "coin flips", "field": "Gaussian field", "matrix": "Gaussian matrix"}
    return Explorer(
        "saddles/models",
        title="How likely is it that all directions lead up?",
        question="In 16 dimensions, how many orders of magnitude lie between a random matrix and "
        "a critical point of a random field? Which of the two do the coin flips describe?",
        controls=[choice("n", number, 8, label="dimension n")],
        signals=[
            table(found, axes={}, at=np.array(SIZES, float), tolerance=1e-6),
            table(at, axes={"n": number}, tolerance=1e-6),
            table(
                {f"{k}_law": v for k, v in laws.items()},
                axes={"n": number},
                at=np.linspace(0, 1, 17),
            ),
            scalars(lambda matrix_here, field_here: {"gap": field_here - matrix_here}),
        ],
        panels=[
            Panel(
                "Probability of a minimum",
                Axis("dimension n", 0, 25),
                Axis("log₁₀ of the probability", -30, 1),
                [
                    marks.lines(names),
                    marks.dot("n", "field_here", "chosen n", color=1),
                    marks.dot("n", "matrix_here", color=3),
                ],
                ratio=0.86,
            ),
            Panel(
                "Law of the index",
                Axis("share leading down", 0, 1),
                Axis("density", 0, 4),
                marks.lines({f"{k}_law": v for k, v in names.items()}),
                ratio=0.86,
            ),
        ],
        readout=[
            readout("coin flips, log₁₀ P", "coin_here"),
            readout("Gaussian field, log₁₀ P", "field_here"),
            readout("Gaussian matrix, log₁₀ P", "matrix_here"),
            readout("orders of magnitude between the last two", "gap", digits=3),
        ],
        caption="Left: exact. Right: 40,000 matrices for each n.",
    )


def spins() -> Explorer:
    """Index against energy on spherical 3-spin models."""
    from descent.experiments.saddles import DISORDERS, SPINS, spin_points

    found = spin_points()
    pairs = np.stack([found["energy"], found["share"]], -1)
    # A table has no gaps: what was not found is drawn on top of the first point.
    pairs = np.where(np.isnan(pairs), pairs[:, :, :1], pairs)
    sizes = tuple(float(n) for n in SPINS)
    count = np.isfinite(found["energy"]).sum(-1).astype(float)
    floor = np.nanmin(np.where(found["share"] == 0, found["energy"], np.nan), -1)
    top = np.nanmax(np.where(found["share"] == 0, found["energy"], np.nan), -1)
    return Explorer(
        "saddles/spins",
        title="The value tells how many ways lead down",
        question="Above which energy are there no minima? Does the cloud come closer to the "
        "limiting curve as N grows?",
        controls=[
            choice("size", sizes, 30, label="coordinates N"),
            choice(
                "draw",
                DISORDERS,
                0,
                label="coefficients",
                words=[f"draw {s + 1}" for s in DISORDERS],
            ),
        ],
        signals=[
            table({"found": pairs}, axes={"size": sizes, "draw": DISORDERS}),
            table(
                {"count": count, "floor": floor, "top": top},
                axes={"size": sizes, "draw": DISORDERS},
            ),
            curve(lambda e: {"limit": limiting_share(e)}, over=Grid("e", -1.75, 0.4, n=130)),
        ],
        panels=[
            Panel(
                "Critical points",
                Axis("energy e", -1.75, 0.4),
                Axis("share leading down", -0.02, 0.7),
                [
                    marks.rule("threshold", x=THRESHOLD, color=2),
                    marks.line("limit", "limit of large N", color=2, dash=1),
                    marks.cloud("found", "found by Newton", color=0),
                ],
                ratio=0.6,
            )
        ],
        readout=[
            readout("critical points found", "count", digits=3),
            readout("lowest minimum found", "floor", digits=4),
            readout("highest minimum found", "top", digits=4),
        ],
        caption="Newton's method from 210 starts at different heights on the sphere.",
    )
