"""Figures that are alive without a kernel: controls, signals, panels.

A figure is an `Explorer`: *controls* that the reader moves, *signals* computed from them in order,
*panels* made of marks, and a *readout*. A signal asks for names by the names of its function's
arguments and binds new names. Functions are written once, in torch; the page runs their printed
traces. The figures of the book are in `descent.explore.gallery`.

>>> figure = Explorer(
...     "demo/decay",
...     title="A component that shrinks",
...     question="For which ηλ does it change sign at every step?",
...     controls=[slider("product", 0.1, 2.2, 0.5, label="ηλ", include=(1, 2))],
...     signals=[
...         recurrence(lambda x, product: {"x": x * (1 - product)}, start={"x": 1.0}, steps=20),
...         scalars(lambda product: {"factor": 1 - product}),
...     ],
...     panels=[
...         Panel("Component", Axis("step k", 0, 20), Axis("x", -2, 2), [marks.line("x", "x")])
...     ],
...     readout=[readout("factor per step", "factor")],
...     play="x",
... )
>>> figure.evaluate(product=1.5)["text"]
{'factor per step': '−0.5000'}

| signal | computes | binds |
|---|---|---|
| `scalars(fn)` | a traced function | numbers and short vectors |
| `curve(fn, over=Grid(...))` | a traced function on a range | series over the range |
| `surface(name, fn, over=Plane(...))` | a traced function on a rectangle | a field |
| `trajectory(objective, optimizer, ...)` | a traced run of the package's own classes | series |
| `recurrence(step, start=...)` | any traced step, repeated | series over the steps |
| `run_map(name, run, over=...)` | one run per cell of a rectangle | a field |
| `table(arrays, axes=...)` | nothing: shipped arrays, packed | numbers, series, fields |

Every series `s` also binds `s_first`, `s_half`, `s_last`, `s_now`, `s_steps`, and, if it holds
numbers, `s_min`, `s_max`, `s_at_max`.
"""

from descent.explore import marks
from descent.explore.controls import choice, point, slider
from descent.explore.densities import density, histogram, quantiles
from descent.explore.fields import run_map, surface
from descent.explore.grids import Grid, Plane
from descent.explore.panels import Axis, Panel
from descent.explore.races import race
from descent.explore.readouts import readout, verdict
from descent.explore.runs import recurrence, trajectory
from descent.explore.signals import curve, scalars
from descent.explore.tables import table
from descent.explore.widget import Explorer

__all__ = [
    "Axis",
    "Explorer",
    "Grid",
    "Panel",
    "Plane",
    "choice",
    "curve",
    "density",
    "histogram",
    "marks",
    "point",
    "quantiles",
    "race",
    "readout",
    "recurrence",
    "run_map",
    "scalars",
    "slider",
    "surface",
    "table",
    "trajectory",
    "verdict",
]
