r"""The full Hessian of an MLP from matrix products.

For every unit p of layer l, push a unit change of its pre-activation through the network and back:

$$Z_{m} = \frac{\partial z_m}{\partial z_{lp}}, \qquad
A_m = \frac{\partial a_{m-1}}{\partial z_{lp}} = \varphi'_{m-1}\odot Z_{m-1}$$

$$U_m = \frac{\partial \delta_m}{\partial z_{lp}}
= \varphi''_m\odot e_m\odot Z_m + \varphi'_m\odot W_{m+1}^\top U_{m+1}$$

Since $\partial z_{lp}/\partial W_{l,pq} = a_{l-1,q}$, each block of the Hessian is one contraction
over the examples:

$$\frac{\partial^2 L}{\partial W_{l,pq}\,\partial W_{m,rs}} = \sum_i a_{l-1,q}
\bigl(U_{m,r}\,a_{m-1,s} + \delta_{m,r}\,A_{m,s}\bigr), \qquad m \ge l$$

For m = l the second term is absent (A = 0), and the sum is symmetric in (p, r) and in (q, s): a
quarter of the products is enough.

Reference: Bishop (1992), *Exact calculation of the Hessian matrix for the multilayer perceptron*.
"""

from functools import lru_cache

import torch
from torch import Tensor

from descent.networks.backprop import forward
from descent.networks.losses import Loss
from descent.networks.mlp import MLP

# Bytes of the largest intermediate array; more leaves the cache.
BLOCK_BYTES = 2**22


@torch.no_grad()
def full_hessian(network: MLP, loss: Loss, x: Tensor, inputs: Tensor, targets: Tensor) -> Tensor:
    """Return the Hessian of the mean loss of one network.

    Args:
        network: The architecture.
        loss: A loss with `value_and_delta` and `curve`.
        x: Parameters (P,).
        inputs: Examples (n, m).
        targets: Targets (n, k).

    Returns:
        Symmetric matrix (P, P).
    """
    pass_ = _Pass(network, loss, x, inputs, targets)
    h = x.new_empty(len(x), len(x))
    for layer in range(len(pass_.weights)):
        pass_.write_layer(layer, h)
    return h


class _Pass:
    """One forward and backward pass of one network, and the Hessian rows it yields.

    Examples are the last axis here: elementwise work on many small blocks then runs along a long
    contiguous line.
    """

    def __init__(
        self, network: MLP, loss: Loss, x: Tensor, inputs: Tensor, targets: Tensor
    ) -> None:
        layers = network.unflatten(x.unsqueeze(0))
        self.loss, self.weights = loss, [w[0] for w, _ in layers]
        outputs, inputs_of, before = forward(network, layers, inputs.mT.unsqueeze(0).contiguous())
        self.outputs, self.a, z = outputs[0].mT, [a[0] for a in inputs_of], [z[0] for z in before]
        self.slope = [network.phi.slope(z, a) for z, a in zip(z, self.a[1:], strict=True)]
        self.delta = [loss.value_and_delta(self.outputs, targets)[1].mT.contiguous()]
        self.bend: list[Tensor] = []
        for i in range(len(z), 0, -1):
            e = self.weights[i].mT @ self.delta[0]
            self.bend.insert(0, network.phi.bend(z[i - 1], self.a[i]) * e)
            self.delta.insert(0, e * self.slope[i - 1])
        ends = torch.tensor([0] + [w.numel() + len(w) for w in self.weights]).cumsum(0)
        self.offset: list[int] = ends.tolist()

    def write_layer(self, layer: int, h: Tensor) -> None:
        """Write the columns of one layer from the diagonal block on, and mirror them."""
        start, end = self.offset[layer], self.offset[layer + 1]
        a_next, u = self._respond(layer)
        self._write_diagonal(layer, u[0], h[start:end, start:end])
        if layer + 1 == len(self.weights):
            return
        units, width = self.weights[layer].shape
        a = _with_ones(self.a[layer]).mT
        below = h[end:, start:end]
        per_unit = below.shape[0] * len(a) * h.element_size()
        step = max(1, BLOCK_BYTES // per_unit)
        buffer = h.new_empty(min(step, units), below.shape[0], len(a))
        for p in range(0, units, step):
            s = slice(p, min(p + step, units))
            k = buffer[: s.stop - p]
            self._summands(layer, [t[s] for t in a_next], [t[s] for t in u[1:]], k)
            block = torch.matmul(k, a).transpose(0, 1)
            below[:, p * width : s.stop * width].unflatten(1, (-1, width)).copy_(block[..., :-1])
            below[:, units * width + p : units * width + s.stop].copy_(block[..., -1])
        h[start:end, end:].copy_(below.mT)

    def _respond(self, layer: int) -> tuple[list[Tensor], list[Tensor]]:
        """Return A_m for m > layer and U_m for m ≥ layer, each (units, width, n)."""
        units, n = len(self.weights[layer]), len(self.outputs)
        z = torch.eye(units, dtype=self.outputs.dtype, device=self.outputs.device)
        zs, a_next = [z.unsqueeze(2).expand(units, units, n)], []
        for m in range(layer, len(self.weights) - 1):
            a_next.append(zs[-1] * self.slope[m])
            zs.append(self.weights[m + 1] @ a_next[-1])
        u = [self.loss.curve(self.outputs, zs[-1].mT).mT.contiguous()]
        for m in range(len(self.weights) - 2, layer - 1, -1):
            back = (self.weights[m + 1].mT @ u[0]).mul_(self.slope[m])
            u.insert(0, back.addcmul_(zs[m - layer], self.bend[m]))
        return a_next, u

    def _summands(self, layer: int, a_next: list[Tensor], u: list[Tensor], out: Tensor) -> None:
        """Write the summand of each example for all later parameters, (units, rows, n)."""
        first = self.offset[layer + 1]
        for m, (da, um) in enumerate(zip(a_next, u, strict=True), layer + 1):
            w = self.weights[m]
            block = out[:, self.offset[m] - first : self.offset[m + 1] - first]
            k = block[:, : w.numel()].unflatten(1, w.shape)
            torch.mul(um.unsqueeze(2), self.a[m], out=k)
            k.addcmul_(self.delta[m].unsqueeze(1), da.unsqueeze(1))
            block[:, w.numel() :].copy_(um)

    def _write_diagonal(self, layer: int, u: Tensor, out: Tensor) -> None:
        """Write the block of one layer with itself."""
        units, w = self.weights[layer].shape
        a = _with_ones(self.a[layer])
        unit_pairs, unit_index = _pairs(units, u.device)
        input_pairs, input_index = _pairs(w + 1, u.device)
        uu = u.flatten(0, 1).index_select(0, unit_pairs[0] * units + unit_pairs[1])
        quarter = u.new_zeros(len(uu), input_pairs.shape[1])
        step = max(16, BLOCK_BYTES // (a.element_size() * quarter.shape[1]))
        for i in range(0, a.shape[1], step):
            part = a[:, i : i + step].contiguous()
            aa = part.index_select(0, input_pairs[0]).mul_(part.index_select(0, input_pairs[1]))
            quarter.addmm_(uu[:, i : i + step], aa.mT)
        half = quarter.index_select(1, input_index.flatten())
        full = half.index_select(0, unit_index.flatten())
        full = full.view(units, units, w + 1, w + 1).transpose(1, 2)  # (p, q, r, s)
        split = units * w
        out[:split, :split].view(units, w, units, w).copy_(full[:, :w, :, :w])
        out[:split, split:].view(units, w, units).copy_(full[:, :w, :, w])
        out[split:, :split].view(units, units, w).copy_(full[:, w, :, :w])
        out[split:, split:].copy_(full[:, w, :, w])


def _with_ones(a: Tensor) -> Tensor:
    """Append the constant input that the bias multiplies."""
    return torch.cat([a, torch.ones_like(a[:1])])


@lru_cache(maxsize=64)
def _pairs(n: int, device: torch.device) -> tuple[Tensor, Tensor]:
    """Return the pairs i ≤ j, (2, n(n+1)/2), and the table of their numbers, (n, n)."""
    pairs = torch.triu_indices(n, n, device=device)
    table = torch.empty(n, n, dtype=torch.int64, device=device)
    number = torch.arange(pairs.shape[1], device=device)
    table[pairs[0], pairs[1]] = number
    table[pairs[1], pairs[0]] = number
    return pairs, table
