"""Every optimizer and every objective, listed once; tests take the product."""

from collections.abc import Callable
from dataclasses import dataclass

import torch

from descent import SGD, HeavyBall, Nesterov, references
from descent.objectives import (
    Beale,
    Hill,
    Himmelblau,
    MonkeySaddle,
    Plateau,
    Quadratic,
    Rosenbrock,
    StrictSaddle,
    StyblinskiTang,
)


@dataclass(frozen=True)
class OptimizerCase:
    """An optimizer, its numpy reference, and its counterpart in torch.optim."""

    rule: object
    reference: Callable
    torch: Callable  # params -> torch.optim.Optimizer

    def __str__(self):
        return repr(self.rule)


def _torch_sgd(lr, **options):
    return lambda params: torch.optim.SGD(params, lr=lr, **options)


OPTIMIZERS = [
    OptimizerCase(SGD(0.003), references.sgd_reference, _torch_sgd(0.003)),
    OptimizerCase(
        HeavyBall(0.0005, 0.9),
        references.heavy_ball_reference,
        _torch_sgd(0.0005, momentum=0.9),
    ),
    OptimizerCase(
        HeavyBall(0.003, 0.0),
        references.heavy_ball_reference,
        _torch_sgd(0.003, momentum=0.0),
    ),
    OptimizerCase(
        Nesterov(0.0005, 0.9),
        references.nesterov_reference,
        _torch_sgd(0.0005, momentum=0.9, nesterov=True),
    ),
]

OBJECTIVES = [
    Quadratic.conditioned(10.0),
    Quadratic.conditioned(50.0, angle=0.6),
    Quadratic.conditioned(100.0, dim=5),
    Quadratic(torch.tensor([2.0, -1.0], dtype=torch.float64)),
    Rosenbrock(b=10.0),
    Rosenbrock(),
    Beale(),
    Himmelblau(),
    StyblinskiTang(dim=3),
    Hill(),
    StrictSaddle(),
    MonkeySaddle(),
    Plateau(),
]


def name(case):
    """Short name of a case, for test ids."""
    return str(case).replace("torch.", "").replace("\n", "")[:60]
