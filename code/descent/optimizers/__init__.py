"""Optimizers: frozen dataclasses whose fields are the hyper-parameters.

One class drives a two-dimensional toy, a batch of a thousand toys and a network, because a rule
only ever sees *one tensor*:

- A **vector** `x` of shape (dim,): every field is a number.
- A **batch** `x` of shape (*batch, dim): a field is a number, or a tensor whose axes line up with
  the left, batch axes of `x` (`align`). `sweep` builds such tensors, so a map over 16,384 settings
  is one array program and no rule knows about it.
- A **network**: `torch_optimizer(rule, params)` calls `init` and `update` once for each parameter
  tensor, whatever its shape, inside a genuine `torch.optim.Optimizer`.
- A **matrix-shaped rule** (one that orthogonalizes or preconditions a whole matrix) declares
  `min_ndim = 2`: it acts on the last two axes and treats what is left of them as batch. `run` and
  `torch_optimizer` refuse parameters with fewer axes; `Blockwise` (in `descent.blocks`) cuts a flat
  vector into matrices and vectors and gives each block to the rule that fits it.

Rules keep no state of their own: `init` makes it, `update` returns the next one, and both are pure
functions of tensors. That is what lets the same code run in torch, under `vmap`, traced to
JavaScript in a page, or compiled for a large sweep.
"""

from descent.optimizers.adam import Adam, AdamW, AMSGrad
from descent.optimizers.base import (
    Hyper,
    State,
    align,
    hyperparameters,
    with_hyperparameters,
)
from descent.optimizers.lion import Lion
from descent.optimizers.momentum import SGD, DampedMomentum, HeavyBall, Nesterov
from descent.optimizers.muon import Muon
from descent.optimizers.nadam import NAdam
from descent.optimizers.rates import AdaDelta, AdaGrad, DecayedAdaGrad, DeltaBarDelta
from descent.optimizers.rmsprop import RMSProp, RMSPropMomentum, RMSPropNesterov
from descent.optimizers.schedule_free import ScheduleFreeAdamW, ScheduleFreeSGD
from descent.optimizers.shampoo import SOAP, Shampoo
from descent.optimizers.sophia import Sophia
from descent.optimizers.wrappers import L2, Ascent, DecoupledDecay

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
    "DampedMomentum",
    "DecayedAdaGrad",
    "DecoupledDecay",
    "DeltaBarDelta",
    "HeavyBall",
    "Hyper",
    "Lion",
    "Muon",
    "NAdam",
    "Nesterov",
    "RMSProp",
    "RMSPropMomentum",
    "RMSPropNesterov",
    "ScheduleFreeAdamW",
    "ScheduleFreeSGD",
    "Shampoo",
    "Sophia",
    "State",
    "align",
    "hyperparameters",
    "with_hyperparameters",
]
