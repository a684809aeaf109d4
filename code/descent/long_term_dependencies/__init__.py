"""Signals and gradients over many steps: matrix powers, recurrent networks, clipping, depth."""

from descent.long_term_dependencies.balance import Chain
from descent.long_term_dependencies.bptt import Sequences
from descent.long_term_dependencies.cliff import OneUnit, folds
from descent.long_term_dependencies.clipping import (
    ClipNorm,
    ClipValue,
    clip_each,
    clip_norm,
    clip_value,
    huber_location,
)
from descent.long_term_dependencies.depth import (
    critical_line,
    drift,
    gradient_factor,
    product_norms,
    variance_step,
)
from descent.long_term_dependencies.jacobians import jacobian_norms
from descent.long_term_dependencies.powers import (
    gradient_terms,
    kreiss,
    power_norms,
    spectral_radius,
)
from descent.long_term_dependencies.recurrent import Recurrent
from descent.long_term_dependencies.tasks import adding, copying

__all__ = [
    "Chain",
    "ClipNorm",
    "ClipValue",
    "OneUnit",
    "Recurrent",
    "Sequences",
    "adding",
    "clip_each",
    "clip_norm",
    "clip_value",
    "copying",
    "critical_line",
    "drift",
    "folds",
    "gradient_factor",
    "gradient_terms",
    "huber_location",
    "jacobian_norms",
    "kreiss",
    "power_norms",
    "product_norms",
    "spectral_radius",
    "variance_step",
]
