"""Every optimizer and every objective, listed once; tests take the pairs that tell something."""

from collections.abc import Callable
from dataclasses import dataclass

import torch

from descent import (
    SGD,
    SOAP,
    AdaDelta,
    AdaGrad,
    Adam,
    AdamW,
    AMSGrad,
    DampedMomentum,
    DecayedAdaGrad,
    DeltaBarDelta,
    HeavyBall,
    Lion,
    Muon,
    NAdam,
    Nesterov,
    RMSProp,
    RMSPropMomentum,
    RMSPropNesterov,
    ScheduleFreeAdamW,
    ScheduleFreeSGD,
    Shampoo,
    references,
)
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
    torch: Callable | None  # params -> torch.optim.Optimizer; None where torch has no such rule

    def __str__(self):
        return repr(self.rule)


def _torch(kind, **options):
    return lambda params: getattr(torch.optim, kind)(params, **options)


SGDS = [
    OptimizerCase(SGD(0.003), references.sgd_reference, _torch("SGD", lr=0.003)),
    OptimizerCase(
        HeavyBall(0.0005, 0.9),
        references.heavy_ball_reference,
        _torch("SGD", lr=0.0005, momentum=0.9),
    ),
    OptimizerCase(
        HeavyBall(0.003, 0.0),
        references.heavy_ball_reference,
        _torch("SGD", lr=0.003, momentum=0.0),
    ),
    OptimizerCase(
        Nesterov(0.0005, 0.9),
        references.nesterov_reference,
        _torch("SGD", lr=0.0005, momentum=0.9, nesterov=True),
    ),
]

RATES = [
    OptimizerCase(DeltaBarDelta(0.0005, 0.0001, 0.2), references.delta_bar_delta_reference, None),
    OptimizerCase(
        AdaGrad(0.05, 1e-7), references.adagrad_reference, _torch("Adagrad", lr=0.05, eps=1e-7)
    ),
    OptimizerCase(AdaGrad(0.05, 1e-3, 0.1, True), references.adagrad_reference, None),
    OptimizerCase(
        DecayedAdaGrad(0.05, 1e-7, lr_decay=0.02),
        references.adagrad_reference,
        _torch("Adagrad", lr=0.05, eps=1e-7, lr_decay=0.02),
    ),
    OptimizerCase(
        AdaDelta(0.9, 1e-8), references.adadelta_reference, _torch("Adadelta", rho=0.9, eps=1e-8)
    ),
    OptimizerCase(
        RMSProp(0.002, 0.95, 1e-6),
        references.rmsprop_reference,
        _torch("RMSprop", lr=0.002, alpha=0.95, eps=1e-6),
    ),
    OptimizerCase(RMSProp(0.002, 0.95, 1e-6, inside=True), references.rmsprop_reference, None),
    OptimizerCase(
        RMSPropMomentum(0.001, 0.9, 1e-2, centered=True, beta=0.8),
        references.rmsprop_momentum_reference,
        _torch("RMSprop", lr=0.001, alpha=0.9, eps=1e-2, momentum=0.8, centered=True),
    ),
    OptimizerCase(
        RMSPropNesterov(0.001, 0.95, 1e-2, beta=0.8), references.rmsprop_nesterov_reference, None
    ),
]

ADAMS = [
    OptimizerCase(
        Adam(0.01, 0.9, 0.99, 1e-8),
        references.adam_reference,
        _torch("Adam", lr=0.01, betas=(0.9, 0.99)),
    ),
    OptimizerCase(
        AMSGrad(0.01), references.amsgrad_reference, _torch("Adam", lr=0.01, amsgrad=True)
    ),
    OptimizerCase(AMSGrad(0.01, corrected=False), references.amsgrad_reference, None),
    OptimizerCase(
        AdamW(0.01, weight_decay=0.1),
        references.adamw_reference,
        _torch("AdamW", lr=0.01, weight_decay=0.1),
    ),
    # torch keeps a product in float32, so NAdam meets it in `descent.conformance`, widened.
    OptimizerCase(NAdam(0.01, momentum_decay=0.05), references.nadam_reference, None),
]

MODERN = [
    OptimizerCase(
        DampedMomentum(0.0005, 0.9, 0.5),
        references.damped_momentum_reference,
        _torch("SGD", lr=0.0005, momentum=0.9, dampening=0.5),
    ),
    OptimizerCase(Lion(0.001), references.lion_reference, None),
    OptimizerCase(ScheduleFreeSGD(0.002), references.schedule_free_sgd_reference, None),
    OptimizerCase(
        ScheduleFreeAdamW(0.01, weight_decay=0.1), references.schedule_free_adamw_reference, None
    ),
]

OPTIMIZERS = [*SGDS, *RATES, *ADAMS, *MODERN]

MATRIX_RULES = [
    OptimizerCase(Muon(0.01), references.muon_reference, None),
    OptimizerCase(Muon(0.01, nesterov=False, match_rms=True), references.muon_reference, None),
    OptimizerCase(Shampoo(0.01, 0.01), references.shampoo_reference, None),
    OptimizerCase(SOAP(0.01, eps=1e-4, every=3), references.soap_reference, None),
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

# Three rules meet every objective; every rule meets a bowl, a valley and an unbounded fall. (A
# turned bowl is summed in another order when batched, and rules that act like signs blow that up.)
PAIRS = [(f, case) for f in OBJECTIVES for case in (SGDS[0], SGDS[1], ADAMS[0])]
PAIRS += [
    (f, case)
    for f in (OBJECTIVES[0], OBJECTIVES[4], OBJECTIVES[11])
    for case in OPTIMIZERS
    if (f, case) not in PAIRS
]


def name(case):
    """Short name of a case, or of a pair of them, for test ids."""
    if isinstance(case, tuple):
        return "-".join(map(name, case))
    return str(case).replace("torch.", "").replace("\n", "")[:60]
