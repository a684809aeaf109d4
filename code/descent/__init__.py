"""Descent: optimization for deep learning, with every claim tested and every figure alive.

Start with `run` and `sweep`. Nothing here loads matplotlib or ipywidgets.
"""

from descent.blocks import Blockwise
from descent.checking import check
from descent.core import Objective, Optimizer, Trajectory, run
from descent.devices import pick_device
from descent.optimizers import (
    SGD,
    AdaDelta,
    AdaGrad,
    Adam,
    AdamW,
    AMSGrad,
    DeltaBarDelta,
    HeavyBall,
    Nesterov,
    RMSProp,
    RMSPropMomentum,
    RMSPropNesterov,
)
from descent.oracles import gradient, langevin, metered, minibatch
from descent.sweeps import sweep
from descent.torch_bridge import torch_optimizer

__all__ = [
    "SGD",
    "AMSGrad",
    "AdaDelta",
    "AdaGrad",
    "Adam",
    "AdamW",
    "Blockwise",
    "DeltaBarDelta",
    "HeavyBall",
    "Nesterov",
    "Objective",
    "Optimizer",
    "RMSProp",
    "RMSPropMomentum",
    "RMSPropNesterov",
    "Trajectory",
    "check",
    "gradient",
    "langevin",
    "metered",
    "minibatch",
    "pick_device",
    "run",
    "sweep",
    "torch_optimizer",
]
