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

from descent.networks.backprop import Layers, chunks, forward, part
from descent.networks.losses import Loss
from descent.networks.mlp import MLP


@dataclass(frozen=True, eq=False)
class _Part:
    """What the products of one chunk of networks need: everything that does not depend on v."""

    layers: Layers
    inputs_of: list[Tensor]  # (e, width, examples), as all that follow except `outputs` …
    inputs_first: list[Tensor]  # … and these two, (e, examples, width).
    slopes: list[Tensor]
    bends: list[Tensor]  # φ''(z) ⊙ e
    deltas: list[Tensor]
    deltas_first: list[Tensor]
    outputs: Tensor  # (e, examples, k)


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
        self.examples, self.turned = (inputs, targets), inputs.mT.contiguous()
        rows = x.reshape(-1, x.shape[-1])
        per_item = (5 * sum(network.sizes) * inputs.shape[-2] + 3 * network.dim) * x.itemsize
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
        for kept, s in zip(self.parts, self.slices, strict=True):
            self._apply(kept, self.network.unflatten(rows[s]), self.network.unflatten(result[s]))
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
        outputs, inputs_of, before = forward(self.network, layers, part(self.turned, s))
        outputs = outputs.mT.contiguous()
        slopes = [phi.slope(z, a) for z, a in zip(before, inputs_of[1:], strict=True)]
        delta = self.loss.value_and_delta(outputs, part(targets, s))[1]
        deltas, bends = [delta.mT.contiguous()], list[Tensor]()
        for i in range(len(layers) - 1, 0, -1):
            e = torch.bmm(layers[i][0].mT, deltas[0])
            bends.insert(0, phi.bend(before[i - 1], inputs_of[i]) * e)
            deltas.insert(0, e * slopes[i - 1])
        inputs_first = [part(inputs, s), *(a.mT.contiguous() for a in inputs_of[1:])]
        deltas_first = [d.mT.contiguous() for d in deltas]
        return _Part(layers, inputs_of, inputs_first, slopes, bends, deltas, deltas_first, outputs)

    def _apply(self, kept: _Part, direction: Layers, out: Layers) -> None:
        """Write Hv of one chunk into `out`."""
        rz, ra = self._push(kept, direction)
        r_delta = self.loss.curve(kept.outputs, rz[-1].mT.contiguous()).mT.contiguous()
        for i in range(len(direction) - 1, -1, -1):
            out[i][0].copy_(torch.bmm(r_delta, kept.inputs_first[i]))
            out[i][1].copy_(r_delta.sum(2))
            if i:
                out[i][0].add_(torch.bmm(ra[i], kept.deltas_first[i]).mT)
                r_delta = torch.bmm(kept.layers[i][0].mT, r_delta)
                r_delta.baddbmm_(direction[i][0].mT, kept.deltas[i]).mul_(kept.slopes[i - 1])
                r_delta.addcmul_(kept.bends[i - 1], rz[i - 1])

    def _push(self, kept: _Part, direction: Layers) -> tuple[list[Tensor], list[Tensor]]:
        """Carry the direction forward: derivatives of pre-activations and of layer inputs."""
        rz: list[Tensor] = []
        ra = [kept.inputs_of[0]]  # Holds the place: the data does not depend on the parameters.
        for i, (w, b) in enumerate(direction):
            z = torch.bmm(w, kept.inputs_of[i])
            if i:
                z.baddbmm_(kept.layers[i][0], ra[i])
            rz.append(z.add_(b.unsqueeze(2)))
            if i + 1 < len(direction):
                ra.append(z * kept.slopes[i])
        return rz, ra
