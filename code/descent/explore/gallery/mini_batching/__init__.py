"""Figures of the chapter on mini-batches."""

from descent.explore.gallery.mini_batching.examples import order, orders, passes
from descent.explore.gallery.mini_batching.layers import layers
from descent.explore.gallery.mini_batching.minima import cut
from descent.explore.gallery.mini_batching.rates import powers, schedules
from descent.explore.gallery.mini_batching.sizes import estimate, growth, tradeoff
from descent.explore.gallery.mini_batching.stale import stale

FIGURES = {
    figure.__name__: figure
    for figure in (
        tradeoff,
        estimate,
        growth,
        order,
        orders,
        passes,
        powers,
        schedules,
        stale,
        layers,
        cut,
    )
}

__all__ = [
    "FIGURES",
    "cut",
    "estimate",
    "growth",
    "layers",
    "order",
    "orders",
    "passes",
    "powers",
    "schedules",
    "stale",
    "tradeoff",
]
