"""The mean loss of a network over a dataset, as an objective."""

import math
from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor

from descent.data import Dataset, Examples
from descent.networks.backprop import value_and_grad
from descent.networks.full_hessian import full_hessian
from descent.networks.losses import Loss, cross_entropy
from descent.networks.mlp import MLP, check_inputs
from descent.networks.second_order import HandOperator


@dataclass(frozen=True, eq=False)
class Empirical:
    r"""Empirical risk of an MLP: a finite sum over examples.

    $$f(x) = \frac1N\sum_{i=1}^{N} \ell(\text{network}(x, u_i), t_i)$$

    Called on (*batch, P) it returns (*batch,), differentiable by autograd. `grad`, `hvp` and
    `hessian` are hand-written and agree with autograd to rounding; `run` and `descent.curvature`
    prefer them. The oracle `minibatch` uses `size` and `on(index)`.

    Args:
        network: The architecture.
        dataset: Examples: `inputs` (N, m) and `labels`, class numbers (N,) or targets (N, k).
        loss: `cross_entropy` or `mse_half`.

    Raises:
        ValueError: If the examples do not fit the network.

    Example:
        >>> from descent.data import spirals
        >>> objective = Empirical(MLP((2, 16, 2)), spirals(100, seed=0))
        >>> x = objective.network.init([0, 1, 2])
        >>> objective(x).shape, objective.grad(x).shape
        (torch.Size([3]), torch.Size([3, 82]))
    """

    network: MLP
    dataset: Dataset | Examples
    loss: Loss = cross_entropy

    def __post_init__(self) -> None:
        if self.inputs.shape[-1] != self.network.sizes[0]:
            raise ValueError(
                f"dataset has inputs of width {self.inputs.shape[-1]}; network.sizes[0] is "
                f"{self.network.sizes[0]}"
            )
        if self.targets.shape[-1] != self.network.sizes[-1]:
            raise ValueError(
                f"dataset has {self.targets.shape[-1]} classes or target values; "
                f"network.sizes[-1] is {self.network.sizes[-1]}"
            )
        if isinstance(self.dataset, Dataset) and self.loss == cross_entropy:
            _check_probabilities(self.targets)

    @property
    def inputs(self) -> Tensor:
        """Inputs of the examples, (N, m) or, on batches of their own, (*batch, N, m)."""
        return self.dataset.inputs

    @cached_property
    def targets(self) -> Tensor:
        """Dense targets, (N, k) or (*batch, N, k)."""
        return self.dataset.one_hot

    @property
    def size(self) -> int:
        """Number of examples N."""
        return self.inputs.shape[-2]

    @property
    def test(self) -> "Empirical":
        """The same objective on the held-out examples; ValueError if there are none."""
        if not isinstance(self.dataset, Dataset):
            raise ValueError("a mini-batch has no test examples; ask the whole objective")
        return Empirical(self.network, self.dataset.test, self.loss)

    def on(self, index: Tensor) -> "Empirical":
        """Return the same objective on a subset of the examples.

        Args:
            index: Example numbers, (B,) shared by all networks, or (*batch, B).
        """
        return Empirical(self.network, Examples(self.inputs[index], self.targets[index]), self.loss)

    def __call__(self, x: Tensor) -> Tensor:
        """Return the loss of every network: (*batch, P) -> (*batch,)."""
        return self.loss(self.network(x, self.inputs), self.targets)

    def grad(self, x: Tensor) -> Tensor:
        """Return the gradient of every network, the shape of `x`."""
        return self.value_and_grad(x)[1]

    def value_and_grad(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Return losses (*batch,) and gradients (*batch, P), sharing one forward pass."""
        check_inputs(self.network, x, self.inputs)
        batch = x.shape[:-1]
        with torch.no_grad():
            values, grads = value_and_grad(
                self.network,
                self.loss,
                x.reshape(-1, x.shape[-1]),
                _match(self.inputs, batch),
                _match(self.targets, batch),
            )
        return values.reshape(batch), grads.reshape(x.shape)

    def hvp(self, x: Tensor) -> HandOperator:
        """Return the map v ↦ Hv at `x`, on vectors of the shape of `x`."""
        check_inputs(self.network, x, self.inputs)
        batch = x.shape[:-1]
        inputs, targets = _match(self.inputs, batch), _match(self.targets, batch)
        return HandOperator(self.network, self.loss, x.detach(), inputs, targets)

    def hessian(self, x: Tensor) -> Tensor:
        """Return the full Hessian of every network: (*batch, P) -> (*batch, P, P)."""
        check_inputs(self.network, x, self.inputs)
        batch = x.shape[:-1]
        rows = x.detach().reshape(-1, x.shape[-1])
        inputs, targets = (
            t.expand(len(rows), *t.shape[-2:]) if t.ndim == 2 else t
            for t in (_match(self.inputs, batch), _match(self.targets, batch))
        )
        full = [
            full_hessian(self.network, self.loss, *row)
            for row in zip(rows, inputs, targets, strict=True)
        ]
        square = (x.shape[-1], x.shape[-1])
        return torch.stack(full).reshape(*batch, *square) if batch else full[0]

    @torch.no_grad()
    def accuracy(self, x: Tensor) -> Tensor:
        """Return the fraction of examples whose largest output is the right one, (*batch,)."""
        right = self.network(x, self.inputs).argmax(-1) == self.targets.argmax(-1)
        return right.to(x.dtype).mean(-1)


def _check_probabilities(targets: Tensor) -> None:
    """Require what the derivatives of the cross-entropy assume."""
    if targets.shape[-1] < 2:
        raise ValueError("cross_entropy needs at least 2 outputs; with 1 it is always 0")
    if not torch.allclose(targets.sum(-1), torch.ones_like(targets[..., 0]), atol=1e-5):
        raise ValueError(
            "dataset has dense targets whose rows do not sum to 1, as cross_entropy needs; use "
            "mse_half"
        )


def _match(examples: Tensor, batch: torch.Size) -> Tensor:
    """Give per-network examples (*some, n, m) exactly one left axis, in step with the networks."""
    if examples.ndim == 2:
        return examples
    return examples.expand(*batch, *examples.shape[-2:]).reshape(
        math.prod(batch), *examples.shape[-2:]
    )
