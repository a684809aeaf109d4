"""Descent: optimization for deep learning, with every claim tested and every figure alive.

Start with `run` and `sweep`. Nothing here loads matplotlib or ipywidgets.
"""

from descent.blocks import Blockwise
from descent.checking import check
from descent.core import Objective, Optimizer, Trajectory, run
from descent.devices import pick_device
from descent.informed import curvature_too, sharpness_aware
from descent.optimizers import (
    L2,
    SGD,
    SOAP,
    AdaDelta,
    AdaGrad,
    Adam,
    AdamW,
    AMSGrad,
    Ascent,
    DampedMomentum,
    DecayedAdaGrad,
    DecoupledDecay,
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
    Sophia,
)
from descent.oracles import (
    gradient,
    langevin,
    metered,
    minibatch,
)
from descent.sweeps import sweep
from descent.torch_bridge import torch_optimizer

__all__ = [
    "L2",
    "SGD",
    "SOAP",
    "AMSGrad",
    "AdaDelta",
    "AdaGrad",
    "Adam",
    "AdamW",
    "Ascent",
    "Blockwise",
    "DampedMomentum",
    "DecayedAdaGrad",
    "DecoupledDecay",
    "DeltaBarDelta",
    "HeavyBall",
    "Lion",
    "Muon",
    "NAdam",
    "Nesterov",
    "Objective",
    "Optimizer",
    "RMSProp",
    "RMSPropMomentum",
    "RMSPropNesterov",
    "ScheduleFreeAdamW",
    "ScheduleFreeSGD",
    "Shampoo",
    "Sophia",
    "Trajectory",
    "check",
    "curvature_too",
    "gradient",
    "langevin",
    "metered",
    "minibatch",
    "pick_device",
    "run",
    "sharpness_aware",
    "sweep",
    "torch_optimizer",
]
