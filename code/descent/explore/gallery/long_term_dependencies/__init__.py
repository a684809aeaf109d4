"""Figures of the chapter on long-term dependencies."""

from descent.explore.gallery.long_term_dependencies.cliff import cliff
from descent.explore.gallery.long_term_dependencies.depth import depth
from descent.explore.gallery.long_term_dependencies.learning import learning
from descent.explore.gallery.long_term_dependencies.memory import memory
from descent.explore.gallery.long_term_dependencies.outliers import outliers
from descent.explore.gallery.long_term_dependencies.powers import powers
from descent.explore.gallery.long_term_dependencies.truncation import truncation

FIGURES = {
    figure.__name__: figure
    for figure in (cliff, powers, memory, depth, outliers, learning, truncation)
}

__all__ = [
    "FIGURES",
    "cliff",
    "depth",
    "learning",
    "memory",
    "outliers",
    "powers",
    "truncation",
]
