"""Activations with the first two derivatives that hand-written backpropagation needs.

Each entry gives φ, φ' and φ'' as elementwise functions of the pre-activation z; where the output
a = φ(z) is enough to express a derivative, it is used, because it costs less than a second tanh.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor, nn


@dataclass(frozen=True)
class Activation:
    """An elementwise function φ with φ'(z, a) and φ''(z, a), where a = φ(z).

    Args:
        value: φ, from pre-activations to activations of the same shape.
        slope: φ' at (z, a).
        bend: φ'' at (z, a).
        module: the same function as a `torch.nn` module class.
        fused: delta ⊙ φ' from (delta, z, a), where torch has a kernel for it.
    """

    value: Callable[[Tensor], Tensor]
    slope: Callable[[Tensor, Tensor], Tensor]
    bend: Callable[[Tensor, Tensor], Tensor]
    module: Callable[[], nn.Module]
    fused: Callable[[Tensor, Tensor, Tensor], Tensor] | None = None

    def backward(self, delta: Tensor, z: Tensor, a: Tensor) -> Tensor:
        """Return delta ⊙ φ'(z), in one pass over memory where torch has a kernel for it."""
        return delta * self.slope(z, a) if self.fused is None else self.fused(delta, z, a)


def _normal_density(z: Tensor) -> Tensor:
    return torch.exp(-0.5 * z * z) / math.sqrt(2 * math.pi)


def _gelu_slope(z: Tensor, a: Tensor) -> Tensor:
    return torch.special.ndtr(z) + z * _normal_density(z)


def _softplus(z: Tensor) -> Tensor:
    # torch's softplus switches to the identity above 20, where it differs by 2e-9: too coarse
    # for second derivatives in float64.
    return torch.logaddexp(z, torch.zeros_like(z))


def _softplus_bend(z: Tensor, a: Tensor) -> Tensor:
    s = torch.sigmoid(z)
    return s * (1 - s)


class _Softplus(nn.Module):
    def forward(self, z: Tensor) -> Tensor:
        return _softplus(z)


_aten = torch.ops.aten

ACTIVATIONS: dict[str, Activation] = {
    "tanh": Activation(
        value=torch.tanh,
        slope=lambda z, a: 1 - a * a,
        bend=lambda z, a: -2 * a * (1 - a * a),
        module=nn.Tanh,
        fused=lambda d, z, a: _aten.tanh_backward(d, a),
    ),
    # The derivative at the kink is taken as 0, as torch does.
    "relu": Activation(
        value=torch.relu,
        slope=lambda z, a: (a > 0).to(a.dtype),
        bend=lambda z, a: torch.zeros_like(a),
        module=nn.ReLU,
        fused=lambda d, z, a: _aten.threshold_backward(d, a, 0),
    ),
    "sigmoid": Activation(
        value=torch.sigmoid,
        slope=lambda z, a: a * (1 - a),
        bend=lambda z, a: a * (1 - a) * (1 - 2 * a),
        module=nn.Sigmoid,
        fused=lambda d, z, a: _aten.sigmoid_backward(d, a),
    ),
    "softplus": Activation(
        value=_softplus,
        slope=lambda z, a: torch.sigmoid(z),
        bend=_softplus_bend,
        module=_Softplus,
    ),
    "gelu": Activation(
        value=nn.functional.gelu,
        slope=_gelu_slope,
        bend=lambda z, a: (2 - z * z) * _normal_density(z),
        module=nn.GELU,
        fused=lambda d, z, a: _aten.gelu_backward(d, z),
    ),
    "identity": Activation(
        value=lambda z: z,
        slope=lambda z, a: torch.ones_like(a),
        bend=lambda z, a: torch.zeros_like(a),
        module=nn.Identity,
        fused=lambda d, z, a: d,
    ),
}
