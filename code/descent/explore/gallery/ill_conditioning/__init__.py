"""Figures of the chapter on ill-conditioning."""

from descent.explore.gallery.ill_conditioning.in_page import train_here
from descent.explore.gallery.ill_conditioning.networks import (
    catapult,
    edge_of_stability,
    gradient_norm,
)
from descent.explore.gallery.ill_conditioning.one_step import step_budget
from descent.explore.gallery.ill_conditioning.quadratics import bowl, momentum_map, newton_batch
from descent.explore.gallery.ill_conditioning.valley import valley

FIGURES = {
    figure.__name__: figure
    for figure in (
        gradient_norm,
        step_budget,
        bowl,
        momentum_map,
        newton_batch,
        edge_of_stability,
        catapult,
        train_here,
        valley,
    )
}

__all__ = [
    "FIGURES",
    "bowl",
    "catapult",
    "edge_of_stability",
    "gradient_norm",
    "momentum_map",
    "newton_batch",
    "step_budget",
    "train_here",
    "valley",
]
