"""Small networks as objectives: flat parameters, the batch of networks on the left.

`MLP` is the architecture, `Empirical` its mean loss over a dataset with a closed-form gradient,
`FunctionalObjective` the same for any `torch.nn.Module`.
"""

from descent.networks.empirical import Empirical
from descent.networks.functional import FunctionalObjective, to_module
from descent.networks.losses import cross_entropy, mse_half
from descent.networks.mlp import MLP

__all__ = ["MLP", "Empirical", "FunctionalObjective", "cross_entropy", "mse_half", "to_module"]
