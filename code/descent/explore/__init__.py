"""Figures that are alive without a kernel: controls, signals, panels.

A figure is an `Explorer`: *controls* that the reader moves, *signals* computed from them in order,
*panels* made of marks, and a *readout*. Functions are written once, in torch; the page runs their
printed traces. See `descent.explore.gallery` for the figures of the book.
"""

from descent.explore import marks
from descent.explore.controls import choice, point, slider
from descent.explore.fields import run_map, surface
from descent.explore.grids import Grid, Plane
from descent.explore.panels import Axis, Panel
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
    "marks",
    "point",
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
