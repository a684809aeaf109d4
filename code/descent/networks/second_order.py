r"""Hand-written second derivatives for batches of MLPs.

Differentiating backpropagation along a direction v = (V_l, c_l) gives a pass of the same shape,
with R· for the derivative of each quantity:

$$Rz_l = V_l a_{l-1} + c_l + W_l Ra_{l-1}, \qquad Ra_l = \varphi'_l \odot Rz_l$$

$$R\delta_l = \varphi'_l \odot (W_{l+1}^\top R\delta_{l+1} + V_{l+1}^\top\delta_{l+1})
 + \varphi''_l \odot e_l \odot Rz_l, \qquad e_l = W_{l+1}^\top\delta_{l+1}$$

$$(Hv)_{W_l} = R\delta_l\,a_{l-1}^\top + \delta_l\,Ra_{l-1}^\top, \qquad
(Hv)_{b_l} = \sum_i R\delta_l$$

Reference: Pearlmutter (1994), *Fast exact multiplication by the Hessian*, section 4.
"""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from descent.networks.backprop import Layers, chunks, forward
from descent.networks.losses import Loss
from descent.networks.mlp import MLP


@dataclass(frozen=True, eq=False)
class _Part:
    """What the products of one chunk of networks need: everything that does not depend on v."""

    layers: Layers
    inputs_of: list[Tensor]
    slopes: list[Tensor]
    bends: list[Tensor]  # φ''(z) ⊙ e
    deltas: list[Tensor]
    outputs: Tensor


class HandOperator:
    """The map v ↦ Hv for a batch of MLPs.

    Args:
        network: The architecture.
        loss: A loss with `value_and_delta` and `curve`.
        x: Parameters (*batch, P).
        inputs: Examples (n, m) or (e, n, m), where e is the product of `batch`.
        targets: Targets (n, k) or (e, n, k).
    """

    def __init__(
        self, network: MLP, loss: Loss, x: Tensor, inputs: Tensor, targets: Tensor
    ) -> None:
        self.network, self.loss, self.x = network, loss, x
        self.examples = inputs, targets
        rows = x.reshape(-1, x.shape[-1])
        per_item = (3 * sum(network.sizes) * inputs.shape[-2] + 3 * network.dim) * x.itemsize
        self.slices = list(chunks(len(rows), per_item, x.device))
        with torch.no_grad():
            self.parts = [self._linearize(rows[s], s) for s in self.slices]
        self._pullback: Callable | None = None

    @torch.no_grad()
    def __call__(self, v: Tensor) -> Tensor:
        """Return Hv, the shape of `x`."""
        if v.shape != self.x.shape:
            raise ValueError(
                f"v has shape {tuple(v.shape)}; the operator acts on {tuple(self.x.shape)}"
            )
        rows = v.reshape(-1, v.shape[-1])
        result = torch.empty_like(rows, memory_format=torch.contiguous_format)
        for part, s in zip(self.parts, self.slices, strict=True):
            self._apply(part, self.network.unflatten(rows[s]), self.network.unflatten(result[s]))
        return result.reshape(v.shape)

    def many(self, v: Tensor) -> Tensor:
        """Return Hv for k stacked vectors.

        Here autograd is faster: under `vmap` the k products with one network become single large
        matrix products, which beat k small ones.
        """
        if self._pullback is None:
            inputs, targets = self.examples
            gradient = torch.func.grad(lambda x: self.loss(self.network(x, inputs), targets).sum())
            flat = self.x.reshape(-1, self.x.shape[-1]) if inputs.ndim == 3 else self.x
            self._pullback = torch.func.vjp(gradient, flat)[1]
            self._flat = flat.shape
        return torch.func.vmap(self._pullback)(v.reshape(len(v), *self._flat))[0].view(v.shape)

    def _linearize(self, x: Tensor, s: slice) -> _Part:
        """Run forward and backward once, keeping what every product shares."""
        phi, (inputs, targets) = self.network.phi, self.examples
        layers = self.network.unflatten(x)
        a = inputs[s] if inputs.ndim == 3 else inputs.expand(len(x), -1, -1)
        t = targets[s] if targets.ndim == 3 else targets
        outputs, inputs_of, before = forward(self.network, layers, a)
        after = inputs_of[1:]
        slopes = [phi.slope(z, a) for z, a in zip(before, after, strict=True)]
        deltas = [self.loss.value_and_delta(outputs, t)[1]]
        bends: list[Tensor] = []
        for i in range(len(layers) - 1, 0, -1):
            e = torch.bmm(deltas[0], layers[i][0])
            bends.insert(0, phi.bend(before[i - 1], after[i - 1]) * e)
            deltas.insert(0, e * slopes[i - 1])
        return _Part(layers, inputs_of, slopes, bends, deltas, outputs)

    def _apply(self, part: _Part, direction: Layers, out: Layers) -> None:
        """Write Hv of one chunk into `out`."""
        rz, ra = self._push(part, direction)
        r_delta = self.loss.curve(part.outputs, rz[-1])
        for i in range(len(direction) - 1, -1, -1):
            product = torch.bmm(r_delta.mT, part.inputs_of[i])
            if i:
                product.baddbmm_(part.deltas[i].mT, ra[i])
            out[i][0].copy_(product)
            out[i][1].copy_(r_delta.sum(1))
            if i:
                r_delta = torch.bmm(r_delta, part.layers[i][0])
                r_delta.baddbmm_(part.deltas[i], direction[i][0]).mul_(part.slopes[i - 1])
                r_delta.addcmul_(part.bends[i - 1], rz[i - 1])

    def _push(self, part: _Part, direction: Layers) -> tuple[list[Tensor], list[Tensor]]:
        """Carry the direction forward: derivatives of pre-activations and of layer inputs."""
        rz: list[Tensor] = []
        ra = [part.inputs_of[0]]  # Holds the place: the data does not depend on the parameters.
        for i, (w, b) in enumerate(direction):
            z = torch.baddbmm(b.unsqueeze(1), part.inputs_of[i], w.mT)
            if i:
                z.baddbmm_(ra[i], part.layers[i][0].mT)
            rz.append(z)
            if i + 1 < len(direction):
                ra.append(z * part.slopes[i])
        return rz, ra
