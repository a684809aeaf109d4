"""Figures of the chapter on noise and escape."""

from descent.explore.gallery.noise_and_escape.clouds import (
    deviation,
    selection,
    three_wells_figure,
)
from descent.explore.gallery.noise_and_escape.escapes import (
    arrhenius,
    cheapest_way,
    linear_scaling,
)
from descent.explore.gallery.noise_and_escape.settling import entropy, information_plane

FIGURES = {
    "selection": selection,
    "deviation": deviation,
    "arrhenius": arrhenius,
    "cheapest_way": cheapest_way,
    "three_wells": three_wells_figure,
    "linear_scaling": linear_scaling,
    "entropy": entropy,
    "information_plane": information_plane,
}

__all__ = [
    "FIGURES",
    "arrhenius",
    "cheapest_way",
    "deviation",
    "entropy",
    "information_plane",
    "linear_scaling",
    "selection",
    "three_wells_figure",
]
