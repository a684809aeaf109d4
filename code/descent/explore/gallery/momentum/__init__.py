"""Figures of the chapter on momentum."""

from descent.explore.gallery.momentum.bowl import bowl
from descent.explore.gallery.momentum.cycle import cycle
from descent.explore.gallery.momentum.limits import restarts, worst_function
from descent.explore.gallery.momentum.mechanics import order
from descent.explore.gallery.momentum.modes import phases
from descent.explore.gallery.momentum.noise import lost, noise_floor
from descent.explore.gallery.momentum.speed import terminal
from descent.explore.gallery.momentum.training import schedules

FIGURES = {
    figure.__name__: figure
    for figure in (
        bowl,
        terminal,
        order,
        phases,
        worst_function,
        restarts,
        noise_floor,
        lost,
        schedules,
        cycle,
    )
}

__all__ = [
    "FIGURES",
    "bowl",
    "cycle",
    "lost",
    "noise_floor",
    "order",
    "phases",
    "restarts",
    "schedules",
    "terminal",
    "worst_function",
]
