"""Test functions with known minima, gradients and Hessians.

Each is a frozen dataclass that maps points (*batch, dim) to losses (*batch,). Beside the value it
knows its `dim`, its `minima` (num, dim; none for a saddle or a plain) and its closed-form
`hessian`; `start` is the usual first point and `domain` the part worth drawing,
((low, high), ...) per axis. Every closed form is proven against automatic differentiation in the
tests.

`Completion`, on stacks of matrices, is the exception: infinitely many minima, and the path chooses.
"""

from descent.objectives.completion import Completion
from descent.objectives.landscapes import (
    Beale,
    Hill,
    Himmelblau,
    MonkeySaddle,
    Plateau,
    Rosenbrock,
    StrictSaddle,
    StyblinskiTang,
)
from descent.objectives.quadratic import Quadratic, rotation

__all__ = [
    "Beale",
    "Completion",
    "Hill",
    "Himmelblau",
    "MonkeySaddle",
    "Plateau",
    "Quadratic",
    "Rosenbrock",
    "StrictSaddle",
    "StyblinskiTang",
    "rotation",
]
