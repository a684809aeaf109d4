r"""Tangent kernels of finite networks: how far a step on one example moves the output on another.

$$\Theta(u, u') = \inner{\partial_x f(x, u)}{\partial_x f(x, u')}$$

The gradient is taken with respect to the parameters x, not to the input u.
"""

from collections.abc import Callable, Sequence

import torch
from torch import Tensor, nn
from torch.func import functional_call, grad, jacrev, vmap

from descent import validate
from descent.networks import MLP
from descent.networks.backprop import forward
from descent.networks.mlp import check_inputs

# Numbers of the two Jacobians that are in memory together.
_BUDGET = 2**25


def tangent_kernel(
    module: nn.Module, inputs: Tensor, others: Tensor | None = None, *, block: int | None = None
) -> Tensor:
    r"""Return the tangent kernel of any module, between all outputs on all pairs of inputs.

    $$\Theta_{ik,jl} = \inner{\partial_x f_k(x, u_i)}{\partial_x f_l(x, u'_j)}$$

    Jacobians are made and contracted in blocks of inputs, so memory stays constant.

    Args:
        module: Maps a batch (n, ...) to outputs (n, k), without side effects; every example by
            itself, so batch normalization needs `eval()`.
        inputs: Examples (n, ...).
        others: Examples (n', ...) of the columns; None for `inputs` again, and then no block is
            computed twice.
        block: Inputs in a block; None chooses by the number of parameters.

    Returns:
        Shape (n, k, n', k).

    >>> module = nn.Linear(3, 2)
    >>> tangent_kernel(module, torch.eye(3))[0, :, 0]  # |u|^2 + 1 for the bias, for each output
    tensor([[2., 0.],
            [0., 2.]])
    """
    params = {name: p.detach() for name, p in module.named_parameters()}
    symmetric, others = others is None, inputs if others is None else others
    with torch.no_grad():
        outputs = module(inputs[:1]).shape[1]
    size = sum(p.numel() for p in params.values())
    block = block or max(1, _BUDGET // (2 * size * outputs))
    jacobian = _jacobian(module, params)
    kernel = inputs.new_empty(len(inputs), outputs, len(others), outputs)
    for i in range(0, len(inputs), block):
        rows = slice(i, i + block)
        left = jacobian(inputs[rows])
        for j in range(i if symmetric else 0, len(others), block):
            cols = slice(j, j + block)
            right = left if symmetric and i == j else jacobian(others[cols])
            part = inputs.new_zeros(())
            for a, b in zip(left, right, strict=True):
                part = part + a.flatten(0, 1) @ b.flatten(0, 1).mT
            part = part.view(len(left[0]), outputs, -1, outputs)
            kernel[rows, :, cols] = part
            if symmetric:
                kernel[cols, :, rows] = part.permute(2, 3, 0, 1)
    return kernel


def _jacobian(module: nn.Module, params: dict[str, Tensor]) -> Callable[[Tensor], list[Tensor]]:
    """Return the map from inputs (b, ...) to Jacobians (b, k, size) of every parameter."""

    def one(values: dict[str, Tensor], example: Tensor) -> Tensor:
        return functional_call(module, values, (example[None],))[0]

    each = vmap(jacrev(one), (None, 0))

    def jacobian(inputs: Tensor) -> list[Tensor]:
        with torch.no_grad():
            return [j.flatten(2) for j in each(params, inputs).values()]

    return jacobian


def layer_kernels(
    network: MLP, x: Tensor, inputs: Tensor, others: Tensor | None = None, *, output: int = 0
) -> Tensor:
    r"""Return the tangent kernel of one output of MLPs, layer by layer, in closed form.

    The gradient with respect to $W_l$ is the outer product $\delta_l a_{l-1}^\top$, so inner
    products of gradients need no gradients:

    $$\inner{\delta a^\top}{\delta' a'^\top} = \inner{\delta}{\delta'}\inner{a}{a'}$$

    Args:
        network: The architecture.
        x: Parameters, shape (*batch, P).
        inputs: Examples (n, m).
        others: Examples (n', m) of the columns; None for `inputs` again.
        output: Which output.

    Returns:
        Shape (*batch, layers, 2, n, n'): what weights and biases of every layer add to the kernel.

    Raises:
        ValueError: If the inputs do not fit, or there is no such output.
    """
    check_inputs(network, x, inputs)
    if validate.count("output", output, low=0) >= network.sizes[-1]:
        raise ValueError(f"output is {output}; the network has {network.sizes[-1]}")
    with torch.no_grad():
        rows = x.detach().reshape(-1, network.dim)
        left = _signals(network, rows, inputs, output)
        right = left if others is None else _signals(network, rows, others, output)
        layers = []
        for (a, d), (b, e) in zip(left, right, strict=True):
            errors = d.mT @ e
            layers.append(torch.stack((errors * (a.mT @ b), errors), 1))
    stacked = torch.stack(layers, 1)
    return stacked.reshape(*x.shape[:-1], *stacked.shape[1:])


def _signals(
    network: MLP, rows: Tensor, inputs: Tensor, output: int
) -> Sequence[tuple[Tensor, Tensor]]:
    """Return for every layer its inputs a (e, m, n) and the derivatives δ (e, width, n)."""
    layers = network.unflatten(rows)
    columns = inputs.mT.expand(len(rows), -1, -1)
    z, inputs_of, before = forward(network, layers, columns)
    delta = torch.zeros_like(z)
    delta[:, output] = 1
    deltas = [delta]
    for i in range(len(layers) - 1, 0, -1):
        delta = network.phi.backward(layers[i][0].mT @ delta, before[i - 1], inputs_of[i])
        deltas.append(delta)
    return list(zip(inputs_of, reversed(deltas), strict=True))


def input_gradients(module: nn.Module, inputs: Tensor) -> Tensor:
    r"""Return the gradients of the output with respect to the *inputs*, which no kernel here uses.

    Args:
        module: Maps (n, m) to (n, 1).
        inputs: Examples (n, m).

    Returns:
        Shape (n, m). Their inner products form a matrix of rank at most m.
    """
    return vmap(grad(lambda u: module(u[None])[0, 0]))(inputs).detach()
