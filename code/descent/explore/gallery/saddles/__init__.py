"""Figures of the chapter on saddles."""

from descent.explore.gallery.saddles.counting import models, spins
from descent.explore.gallery.saddles.kinds import curvatures, newton
from descent.explore.gallery.saddles.leaving import chain, escape, race_off
from descent.explore.gallery.saddles.plains import hill
from descent.explore.gallery.saddles.same import orbit, paths
from descent.explore.gallery.saddles.stairs import stairs, stalled

FIGURES = {
    figure.__name__: figure
    for figure in (
        stairs,
        stalled,
        orbit,
        curvatures,
        models,
        spins,
        newton,
        escape,
        race_off,
        chain,
        hill,
        paths,
    )
}

__all__ = [
    "FIGURES",
    "chain",
    "curvatures",
    "escape",
    "hill",
    "models",
    "newton",
    "orbit",
    "paths",
    "race_off",
    "spins",
    "stairs",
    "stalled",
]
