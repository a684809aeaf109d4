"""What a panel is made of: marks over two axes.

Every kind of picture is a list of marks: a path on contours is `contours`, `path`, `points` and
`handle`; a phase diagram is `heat`, `iso`, `line` and `handle`. To add a kind of mark, add it here,
its columns in `descent.explore.drawn`, its drawing in `marks.js` and in `descent.plot_marks`, and
its name in `KINDS`.

Where a mark takes a number it also takes the name of one.
"""

from descent.explore.marks.base import KINDS, Mark, Source
from descent.explore.marks.curves import band, bars, line, lines, path, paths, spread
from descent.explore.marks.fields import contours, heat, iso
from descent.explore.marks.places import circle, cloud, dot, handle, points, rule

__all__ = [
    "KINDS",
    "Mark",
    "Source",
    "band",
    "bars",
    "circle",
    "cloud",
    "contours",
    "dot",
    "handle",
    "heat",
    "iso",
    "line",
    "lines",
    "path",
    "paths",
    "points",
    "rule",
    "spread",
]
