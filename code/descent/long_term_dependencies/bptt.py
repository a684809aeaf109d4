r"""Backpropagation through time, written out, for a batch of networks.

Every step back multiplies a row vector by the Jacobian of one step:

$$\frac{\partial f}{\partial s_{t-1}} = \frac{\partial f}{\partial s_t}
\frac{\partial s_t}{\partial s_{t-1}} + \text{what the output at } t-1 \text{ adds.}$$

The products with the weights' gradients are left for the end, where all steps share one.
"""

from dataclasses import dataclass, replace

import torch
from torch import Tensor

from descent import validate
from descent.long_term_dependencies.cells import Saved, State
from descent.long_term_dependencies.recurrent import Recurrent, Weights
from descent.networks.losses import Loss, mse_half


@dataclass(frozen=True, eq=False)
class Sequences:
    r"""Mean loss of a recurrent network over sequences: an objective on flat vectors.

    The last S outputs of a sequence count, S being the length of its targets:

    $$f(x) = \frac1{nS}\sum_{i=1}^n\sum_{j=1}^S \ell\bigl(y^{(i)}_{T-S+j}, t^{(i)}_j\bigr)$$

    Args:
        network: The architecture.
        inputs: Sequences (n, T, m) for all networks, or (networks, n, T, m).
        targets: Dense targets (n, S, k), or (networks, n, S, k), with S ≤ T.
        loss: `mse_half` or `cross_entropy`.
        horizon: Truncate: the way back is cut every so many steps, counted from the end. The
            states still run on. None follows the whole sequence.

    Raises:
        ValueError: If shapes do not fit, or `horizon` is below 1.
    """

    network: Recurrent
    inputs: Tensor
    targets: Tensor
    loss: Loss = mse_half
    horizon: int | None = None

    def __post_init__(self) -> None:
        if self.horizon is not None:
            validate.count("horizon", self.horizon)
        fits = (
            self.inputs.shape[-1] == self.network.inputs
            and self.targets.shape[-1] == self.network.outputs
            and self.targets.shape[-3] == self.inputs.shape[-3]
            and self.targets.shape[-2] <= self.inputs.shape[-2]
        )
        if not fits:
            raise ValueError(
                f"inputs {tuple(self.inputs.shape)} and targets {tuple(self.targets.shape)} must be"
                f" (n, T, {self.network.inputs}) and (n, S, {self.network.outputs}) with S <= T"
            )

    @property
    def size(self) -> int:
        """Number n of sequences."""
        return self.inputs.shape[-3]

    def on(self, index: Tensor) -> "Sequences":
        """Return the same objective on the sequences `index`, (B,)."""
        picked = self.inputs[..., index, :, :], self.targets[..., index, :, :]
        return replace(self, inputs=picked[0], targets=picked[1])

    def __call__(self, x: Tensor) -> Tensor:
        """Return the loss of every network: (*batch, P) -> (*batch,)."""
        outputs = self.network.outputs_of(x, self.inputs)[..., -self.targets.shape[-2] :, :]
        return self.loss(outputs.flatten(-3, -2), self.targets.flatten(-3, -2))

    def grad(self, x: Tensor) -> Tensor:
        """Return the gradient of every network, the shape of `x`."""
        return self.value_and_grad(x)[1]

    @torch.no_grad()
    def value_and_grad(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Return losses (*batch,) and gradients (*batch, P) from one way forth and back."""
        rows = x.reshape(-1, x.shape[-1])
        weights = self.network.unflatten(rows)
        inputs = self.inputs.reshape(-1, *self.inputs.shape[-3:])
        targets = self.targets.reshape(-1, *self.targets.shape[-3:])
        states, saved = unroll(self.network, weights, inputs)
        length = targets.shape[-2]
        h = torch.stack([s[0] for s in states[-length:]], 3).flatten(2)
        y = torch.baddbmm(weights.shift[:, None], h.mT, weights.out.mT)
        value, delta = self.loss.value_and_delta(y, targets.flatten(1, 2))
        asked = (weights.out.mT @ delta.mT).unflatten(2, (-1, length)).unbind(3)
        grad = _assemble(
            Weights(
                *_recurrent_part(self, weights, inputs, states, saved, asked),
                out=(h @ delta).mT,
                shift=delta.sum(1),
            )
        )
        return value.reshape(x.shape[:-1]), grad.reshape(x.shape)


def unroll(network: Recurrent, weights: Weights, inputs: Tensor) -> tuple[list[State], list[Saved]]:
    """Run every network over every sequence.

    Args:
        network: The architecture.
        weights: Of N networks.
        inputs: Sequences, (1, n, T, m) or (N, n, T, m).

    Returns:
        The T + 1 states, each a tuple of (N, width, n), and what the T steps saved.
    """
    count, rows = weights.u.shape[0], inputs.shape[1]
    # One product for all times; time comes first so that every step reads contiguous memory.
    b = weights.b + weights.c if network.step.joint else weights.b
    drive = torch.baddbmm(b[..., None], weights.w, _columns(inputs).expand(count, -1, -1))
    steps = drive.unflatten(2, (-1, rows)).movedim(2, 0).contiguous().unbind(0)
    start = weights.u.new_zeros(count, network.width, rows)
    states: list[State] = [(start,) * network.step.states]
    saved, c = [], weights.c[..., None]
    for p in steps:
        state, kept = network.step.forward(p, states[-1], weights.u, c)
        states.append(state)
        saved.append(kept)
    return states, saved


def _recurrent_part(
    problem: Sequences,
    weights: Weights,
    inputs: Tensor,
    states: list[State],
    saved: list[Saved],
    asked: tuple[Tensor, ...],
) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Go back in time; return the gradients of w, u, b and c."""
    steps, cell = len(saved), problem.network.step
    zero = torch.zeros_like(states[0][0])
    d: State = (zero,) * cell.states
    ps, qs = [zero] * steps, [zero] * steps
    for back in range(steps):
        t = steps - 1 - back
        if problem.horizon and back % problem.horizon == 0:
            d = (zero,) * cell.states
        if back < len(asked):
            d = (d[0] + asked[-1 - back], *d[1:])
        ps[t], qs[t], d = cell.backward(d, saved[t], weights.u)
    same = ps[0] is qs[0]
    p = torch.stack(ps, 2).flatten(2)
    q = p if same else torch.stack(qs, 2).flatten(2)
    before = torch.stack([s[0] for s in states[:-1]], 2).flatten(2)
    b = p.sum(2)
    seen = _columns(inputs).expand(len(p), -1, -1)
    return p @ seen.mT, q @ before.mT, b, b if same else q.sum(2)


def _columns(inputs: Tensor) -> Tensor:
    """Lay sequences (N, n, T, m) out as columns, (N, m, T n): all rows of a time side by side."""
    return inputs.permute(0, 3, 2, 1).flatten(2)


def _assemble(blocks: Weights) -> Tensor:
    """Join the gradients of N networks into vectors (N, P)."""
    return torch.cat([block.flatten(1) for block in blocks], -1)
