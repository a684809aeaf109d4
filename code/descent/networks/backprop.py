r"""Hand-written backpropagation for batches of MLPs.

$$\delta_L = \frac{\partial L}{\partial z_L}, \qquad
\delta_{l} = \varphi'(z_l) \odot W_{l+1}^\top\delta_{l+1}, \qquad
\frac{\partial L}{\partial W_l} = \delta_l a_{l-1}^\top, \quad
\frac{\partial L}{\partial b_l} = \sum_i \delta_l$$

Batched matrix products do the work of many networks in one call, without a graph to build. A
large batch is cut into chunks whose activations stay in the processor's cache: done all at once,
it can be slower than one network at a time. Examples are the last axis here: forward and backward
are then products that the matrix library does about twice as fast as with examples first.
"""

from collections.abc import Iterator

import torch
from torch import Tensor

from descent.networks.losses import Loss
from descent.networks.mlp import MLP

# Measured on the shapes of benchmarks/ensembles.py: half or twice as much costs a few per cent.
CACHE_BYTES = 2**22

Layers = list[tuple[Tensor, Tensor]]


def chunks(count: int, per_item: int, device: torch.device) -> Iterator[slice]:
    """Cut a batch of networks into slices that fit the cache.

    Args:
        count: Number of networks.
        per_item: Bytes of the activations and parameters of one network.
        device: Where they live; only on the CPU is there a reason to cut.

    Yields:
        Slices that cover `range(count)`.
    """
    size = count if device.type != "cpu" else max(1, CACHE_BYTES // per_item)
    for start in range(0, count, size):
        yield slice(start, min(start + size, count))


def forward(
    network: MLP, layers: Layers, inputs: Tensor
) -> tuple[Tensor, list[Tensor], list[Tensor]]:
    """Evaluate a batch of networks and keep what the backward pass needs.

    Args:
        network: The architecture.
        layers: Weights (e, n, m) and biases (e, n) of e networks.
        inputs: Examples (e, m, examples).

    Returns:
        Outputs (e, k, examples), the inputs of every layer, and the hidden pre-activations.
    """
    a, inputs_of, before = inputs, [], []
    for i, (w, b) in enumerate(layers):
        inputs_of.append(a)
        z = torch.bmm(w, a).add_(b.unsqueeze(2))
        if i + 1 < len(layers):
            before.append(z)
            a = network.phi.value(z)
    return z, inputs_of, before


def value_and_grad(
    network: MLP, loss: Loss, x: Tensor, inputs: Tensor, targets: Tensor
) -> tuple[Tensor, Tensor]:
    """Return loss and gradient of every network.

    Args:
        network: The architecture.
        loss: A loss with `value_and_delta`.
        x: Parameters (e, P).
        inputs: Examples (n, m) or (e, n, m).
        targets: Targets (n, k) or (e, n, k).

    Returns:
        Losses (e,) and gradients (e, P).
    """
    values, grads = x.new_empty(len(x)), torch.empty_like(x, memory_format=torch.contiguous_format)
    per_item = (sum(network.sizes) * inputs.shape[-2] + 2 * network.dim) * x.element_size()
    turned = inputs.mT.contiguous()
    for s in chunks(len(x), per_item, x.device):
        u, a, t = (part(data, s) for data in (inputs, turned, targets))
        layers, out = network.unflatten(x[s]), network.unflatten(grads[s])
        z, inputs_of, before = forward(network, layers, a)
        values[s], delta = loss.value_and_delta(z.mT.contiguous(), t)
        _backward(network, layers, u, inputs_of, before, delta.mT.contiguous(), out)
    return values, grads


def part(examples: Tensor, s: slice) -> Tensor:
    """Return the examples of a chunk of networks, (e, ., .), shared ones without a copy.

    Args:
        examples: Shape (n, m) or (e, n, m).
        s: Which networks.
    """
    return examples[s] if examples.ndim == 3 else examples.expand(s.stop - s.start, -1, -1)


def _backward(
    network: MLP,
    layers: Layers,
    inputs: Tensor,
    inputs_of: list[Tensor],
    before: list[Tensor],
    delta: Tensor,
    out: Layers,
) -> None:
    """Write the gradients of one chunk into `out`."""
    for i in range(len(layers) - 1, -1, -1):
        # Not `out=`: into a strided view, bmm falls back to one product at a time.
        out[i][0].copy_(torch.bmm(delta, inputs_of[i].mT if i else inputs))
        out[i][1].copy_(delta.sum(2))
        if i:
            delta = torch.bmm(layers[i][0].mT, delta)
            delta = network.phi.backward(delta, before[i - 1], inputs_of[i])
