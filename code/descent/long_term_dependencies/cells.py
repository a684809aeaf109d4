r"""Recurrent cells: one step forward and one step back, for a batch of networks on the left.

A cell sees the input's part $p_t = W u_t + b$ of its pre-activations, its state, and the recurrent
weights $U$. Backwards it turns a cotangent of the new state into one of $p_t$, one of
$q_t = U h_{t-1} + c$, and one of the old state: a row vector times the Jacobian of one step.
Gates stand in the order of `torch.nn.GRU` and `torch.nn.LSTM`.
"""

from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor

from descent.networks.activations import ACTIVATIONS

_aten = torch.ops.aten
_sigmoid, _tanh = _aten.sigmoid_backward, _aten.tanh_backward  # d a (1 - a), d (1 - a²)

State = tuple[Tensor, ...]
Saved = tuple[Tensor, ...]


class Cell(Protocol):
    """One step of a recurrent network; states are (networks, width, rows).

    Rows stand last, so that the gates of a network are contiguous blocks of memory.
    """

    @property
    def gates(self) -> int:
        """Width of the pre-activations over that of the state."""

    @property
    def states(self) -> int:
        """Number of state tensors; the first is what the outside sees."""

    @property
    def joint(self) -> bool:
        """Whether p and q enter by their sum alone; then p arrives with c added."""

    def forward(self, p: Tensor, state: State, u: Tensor, c: Tensor) -> tuple[State, Saved]:
        """Return the new state, and what the way back needs."""
        ...

    def backward(self, d: State, saved: Saved, u: Tensor) -> tuple[Tensor, Tensor, State]:
        """Return the cotangents of p, of q and of the old state."""
        ...


@dataclass(frozen=True)
class Simple:
    r"""A state that is mixed and bent.

    $$h_t = \varphi(p_t + U h_{t-1} + c), \qquad
    \frac{\partial h_t}{\partial h_{t-1}} = \diag\bigl(\varphi'(z_t)\bigr)\,U$$

    Args:
        activation: φ, a name known to `descent.networks`.

    Reference: Elman (1990).
    """

    activation: str
    gates: int = 1
    states: int = 1
    joint: bool = True

    def forward(self, p: Tensor, state: State, u: Tensor, c: Tensor) -> tuple[State, Saved]:
        """Return the new state, and what the way back needs."""
        z = torch.baddbmm(p, u, state[0])
        a = ACTIVATIONS[self.activation].value(z)
        return (a,), (z, a)

    def backward(self, d: State, saved: Saved, u: Tensor) -> tuple[Tensor, Tensor, State]:
        """Return the cotangents of p, of q and of the old state."""
        q = ACTIVATIONS[self.activation].backward(d[0], *saved)
        return q, q, (u.mT @ q,)


@dataclass(frozen=True)
class LSTM:
    r"""A state that is added to, behind gates.

    $$c_t = f_t\odot c_{t-1} + i_t\odot g_t, \qquad h_t = o_t\odot\tanh c_t$$

    with $i, f, o = \sigma(\cdot)$ and $g = \tanh(\cdot)$ of $p_t + U h_{t-1} + c$.

    Reference: Hochreiter, Schmidhuber (1997); the forget gate is of Gers, Schmidhuber, Cummins
    (2000).
    """

    gates: int = 4
    states: int = 2
    joint: bool = True

    def forward(self, p: Tensor, state: State, u: Tensor, c: Tensor) -> tuple[State, Saved]:
        """Return the new state, and what the way back needs."""
        z = torch.baddbmm(p, u, state[0])
        n = u.shape[-1]
        i, f = torch.sigmoid(z[:, : 2 * n]).chunk(2, 1)
        g, o = torch.tanh(z[:, 2 * n : 3 * n]), torch.sigmoid(z[:, 3 * n :])
        memory = torch.addcmul(f * state[1], i, g)
        shown = torch.tanh(memory)
        return (o * shown, memory), (i, f, g, o, state[1], shown)

    def backward(self, d: State, saved: Saved, u: Tensor) -> tuple[Tensor, Tensor, State]:
        """Return the cotangents of p, of q and of the old state."""
        i, f, g, o, before, shown = saved
        memory = d[1] + _tanh(d[0] * o, shown)
        q = torch.cat(
            [
                _sigmoid(memory * g, i),
                _sigmoid(memory * before, f),
                _tanh(memory * i, g),
                _sigmoid(d[0] * shown, o),
            ],
            1,
        )
        return q, q, (u.mT @ q, memory * f)


@dataclass(frozen=True)
class GRU:
    r"""A state that is kept or replaced, component by component.

    $$h_t = z_t\odot h_{t-1} + (1-z_t)\odot n_t, \qquad
    n_t = \tanh\bigl(p^n_t + r_t\odot q^n_t\bigr)$$

    with $r, z = \sigma(p + q)$ and $q_t = U h_{t-1} + c$.

    Reference: Cho et al. (2014), arXiv:1406.1078, in the variant of `torch.nn.GRU`, which resets
    after the product with U.
    """

    gates: int = 3
    states: int = 1
    joint: bool = False

    def forward(self, p: Tensor, state: State, u: Tensor, c: Tensor) -> tuple[State, Saved]:
        """Return the new state, and what the way back needs."""
        [h] = state
        q, gates = torch.baddbmm(c, u, h), 2 * u.shape[-1]
        r, z = torch.sigmoid(p[:, :gates] + q[:, :gates]).chunk(2, 1)
        mixed = q[:, gates:]
        n = torch.tanh(torch.addcmul(p[:, gates:], r, mixed))
        return (torch.lerp(n, h, z),), (r, z, n, mixed, h)

    def backward(self, d: State, saved: Saved, u: Tensor) -> tuple[Tensor, Tensor, State]:
        """Return the cotangents of p, of q and of the old state."""
        r, z, n, mixed, h = saved
        kept = d[0] * z
        new = _tanh(d[0] - kept, n)
        gates = [_sigmoid(new * mixed, r), _sigmoid(d[0] * (h - n), z)]
        p, q = torch.cat([*gates, new], 1), torch.cat([*gates, new * r], 1)
        return p, q, (torch.baddbmm(kept, u.mT, q),)


CELLS: dict[str, Cell] = {
    "tanh": Simple("tanh"),
    "relu": Simple("relu"),
    "linear": Simple("identity"),
    "gru": GRU(),
    "lstm": LSTM(),
}
