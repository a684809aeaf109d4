"""Long runs of the chapter on mini-batches: stated budgets, several seeds, cached results."""

from descent.experiments.mini_batching.minima import line, minima
from descent.experiments.mini_batching.orders import orders, passes
from descent.experiments.mini_batching.phases import phases
from descent.experiments.mini_batching.schedules import schedules, warmups
from descent.experiments.mini_batching.sizes import noise_scales, steps_to_target

__all__ = [
    "line",
    "minima",
    "noise_scales",
    "orders",
    "passes",
    "phases",
    "schedules",
    "steps_to_target",
    "warmups",
]
