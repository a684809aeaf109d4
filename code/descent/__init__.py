"""Descent: optimization for deep learning, with every claim tested and every figure alive.

Start with `run` and `sweep`. Nothing here loads matplotlib or ipywidgets.
"""

from descent.blocks import Blockwise
from descent.checking import check
from descent.core import Objective, Optimizer, Trajectory, run
from descent.devices import pick_device
from descent.optimizers import SGD, HeavyBall, Nesterov
from descent.oracles import gradient, langevin, metered, minibatch
from descent.sweeps import sweep
from descent.torch_bridge import torch_optimizer

__all__ = [
    "SGD",
    "Blockwise",
    "HeavyBall",
    "Nesterov",
    "Objective",
    "Optimizer",
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
