"""Each optimizer again, in plain numpy, line for line from its paper.

These are for reading and for proof: slow, one vector at a time, no shared code with
`descent.optimizers`. A test equates reference, class and `torch.optim`. Where a paper is silent or
incomplete, a comment in the code says what was added.
"""

from descent.references.adam import adam_reference, adamw_reference, amsgrad_reference
from descent.references.matrices import muon_reference, shampoo_reference, soap_reference
from descent.references.modern import (
    lion_reference,
    schedule_free_adamw_reference,
    schedule_free_sgd_reference,
    sophia_reference,
)
from descent.references.momentum import (
    damped_momentum_reference,
    heavy_ball_reference,
    nesterov_reference,
    sgd_reference,
)
from descent.references.nadam import nadam_reference
from descent.references.rates import (
    adadelta_reference,
    adagrad_reference,
    delta_bar_delta_reference,
)
from descent.references.rmsprop import (
    rmsprop_momentum_reference,
    rmsprop_nesterov_reference,
    rmsprop_reference,
)

__all__ = [
    "adadelta_reference",
    "adagrad_reference",
    "adam_reference",
    "adamw_reference",
    "amsgrad_reference",
    "damped_momentum_reference",
    "delta_bar_delta_reference",
    "heavy_ball_reference",
    "lion_reference",
    "muon_reference",
    "nadam_reference",
    "nesterov_reference",
    "rmsprop_momentum_reference",
    "rmsprop_nesterov_reference",
    "rmsprop_reference",
    "schedule_free_adamw_reference",
    "schedule_free_sgd_reference",
    "sgd_reference",
    "shampoo_reference",
    "soap_reference",
    "sophia_reference",
]
