"""Between flat vectors and `torch.nn` modules, both ways."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor, nn

from descent.data import Examples
from descent.networks.losses import cross_entropy
from descent.networks.mlp import MLP


@dataclass(frozen=True, eq=False)
class FunctionalObjective:
    r"""Empirical risk of a module: a finite sum over examples, for a batch of parameter vectors.

    $$f(x) = \text{loss}(\text{module}_x(\text{inputs}), \text{targets})$$

    The module gives the architecture only; its own parameters are never changed. Batches run
    through `torch.func.vmap`. For an MLP, `Empirical` is faster.

    Args:
        module: Any module without side effects in its forward pass: batch normalization needs
            `track_running_stats=False` or `eval()`, and dropout `eval()`.
        dataset: Examples: `inputs` (N, m) and `labels`. The module may reshape its inputs.
        loss: `cross_entropy`, `mse_half`, or any map (outputs (n, k), dense targets (n, k)) to
            the mean loss.

    Example:
        >>> from descent.data import spirals
        >>> module = nn.Sequential(nn.Linear(2, 8), nn.ReLU(), nn.Linear(8, 2))
        >>> f = FunctionalObjective(module, spirals(50))
        >>> f(torch.zeros(3, f.dim))  # three networks that guess: log 2
        tensor([0.6931, 0.6931, 0.6931])
    """

    module: nn.Module
    dataset: Examples
    loss: Callable[[Tensor, Tensor], Tensor] = cross_entropy

    @cached_property
    def _shapes(self) -> dict[str, torch.Size]:
        return {name: p.shape for name, p in self.module.named_parameters()}

    @property
    def dim(self) -> int:
        """Number of parameters P."""
        return sum(shape.numel() for shape in self._shapes.values())

    @property
    def size(self) -> int:
        """Number of examples N."""
        return self.dataset.inputs.shape[0]

    def start(self) -> Tensor:
        """Return the module's own parameters as a vector (P,), a copy."""
        return nn.utils.parameters_to_vector(self.module.parameters()).detach().clone()

    def locate(self, name: str) -> slice:
        """Return where a named parameter stands in the vector.

        Raises:
            ValueError: If the module has no such parameter.
        """
        start = 0
        for known, shape in self._shapes.items():
            if known == name:
                return slice(start, start + shape.numel())
            start += shape.numel()
        raise ValueError(f"name is {name!r}; it must be one of {', '.join(self._shapes)}")

    def on(self, index: Tensor) -> "FunctionalObjective":
        """Return the same objective on the examples `index`, (B,)."""
        part = Examples(self.dataset.inputs[index], self.dataset.one_hot[index])
        return FunctionalObjective(self.module, part, self.loss)

    def outputs(self, x: Tensor) -> Tensor:
        """Evaluate the modules: (*batch, P) -> (*batch, N, k).

        Raises:
            ValueError: If the last axis of `x` is not P long.
        """
        if x.ndim == 0 or x.shape[-1] != self.dim:
            raise ValueError(f"x has shape {tuple(x.shape)}; it must be (*batch, {self.dim})")
        if x.ndim == 1:
            return self._one(x)
        rows = torch.func.vmap(self._one)(x.reshape(-1, self.dim))
        return rows.reshape(*x.shape[:-1], *rows.shape[1:])

    def __call__(self, x: Tensor) -> Tensor:
        """Return the loss of every network: (*batch, P) -> (*batch,)."""
        outputs = self.outputs(x)
        if x.ndim == 1:
            return self.loss(outputs, self.dataset.one_hot)
        rows = outputs.reshape(-1, *outputs.shape[x.ndim - 1 :])
        losses = torch.func.vmap(self.loss, in_dims=(0, None))(rows, self.dataset.one_hot)
        return losses.reshape(x.shape[:-1])

    @torch.no_grad()
    def accuracy(self, x: Tensor) -> Tensor:
        """Return the fraction of examples whose largest output is the right one, (*batch,)."""
        right = self.outputs(x).argmax(-1) == self.dataset.one_hot.argmax(-1)
        return right.to(x.dtype).mean(-1)

    def _one(self, x: Tensor) -> Tensor:
        """Evaluate one module."""
        parts = x.split([shape.numel() for shape in self._shapes.values()])
        named = zip(self._shapes.items(), parts, strict=True)
        params = {name: part.view(shape) for (name, shape), part in named}
        return torch.func.functional_call(self.module, params, (self.dataset.inputs,))


def to_module(network: MLP, x: Tensor) -> nn.Sequential:
    """Build the same network as a `torch.nn` module.

    Args:
        network: The architecture.
        x: Parameters of one network, shape (P,). They are copied.

    Returns:
        Linear layers and activations whose `parameters_to_vector` is `x`.

    Raises:
        ValueError: If `x` is not one network.
    """
    if x.ndim != 1:
        raise ValueError(f"x has shape {tuple(x.shape)}; it must be one network, ({network.dim},)")
    modules: list[nn.Module] = []
    for w, b in network.unflatten(x.detach()):
        layer = nn.Linear(w.shape[1], w.shape[0], device=x.device, dtype=x.dtype)
        layer.weight.data.copy_(w)
        layer.bias.data.copy_(b)
        modules += [layer, network.phi.module()]
    return nn.Sequential(*modules[:-1])
