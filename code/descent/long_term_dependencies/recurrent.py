"""Recurrent networks on flat parameter vectors, with the batch of networks on the left."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor, nn

from descent import validate
from descent.long_term_dependencies.cells import CELLS, Cell

SCHEMES = ("torch", "gaussian", "orthogonal", "identity")


class Weights(NamedTuple):
    """Views of a parameter vector; shapes after the batch, for m inputs, width n and k outputs.

    Attributes:
        w: Input weights, (gates n, m).
        u: Recurrent weights, (gates n, n).
        b: Biases beside the input, (gates n,).
        c: Biases beside the state, (gates n,).
        out: Weights of the readout, (k, n).
        shift: Biases of the readout, (k,).
    """

    w: Tensor
    u: Tensor
    b: Tensor
    c: Tensor
    out: Tensor
    shift: Tensor


@dataclass(frozen=True)
class Recurrent:
    r"""A recurrent layer with a linear readout, as a function of one flat vector.

    $$s_t = \text{cell}(u_t, s_{t-1}), \qquad s_0 = 0, \qquad y_t = W_o h_t + b_o$$

    The vector has the order of `torch.nn.RNN`, `GRU` or `LSTM` followed by `torch.nn.Linear`.

    Args:
        cell: "tanh", "relu", "linear", "gru" or "lstm".
        inputs: Width m of an input.
        width: Width n of the state.
        outputs: Width k of an output.
        scheme: How the square blocks of the recurrent weights are drawn: "torch": uniform in
            ±1/√n; "gaussian": normal, variance 1/n; "orthogonal": uniform over rotations and
            reflections; "identity". All but "torch" set the recurrent biases to zero.
        gain: Factor on the recurrent weights after they are drawn.
        forget: Bias of the LSTM's forget gate at the start, beside the drawn ones.

    Raises:
        TypeError: If a width is not an integer or `gain` not a number.
        ValueError: If a width is below 1, `gain` is negative, or a name is unknown.

    Example:
        >>> network = Recurrent("lstm", 2, 8, 1)
        >>> x = network.init([0, 1, 2])  # three networks
        >>> x.shape, network.outputs_of(x, torch.zeros(5, 30, 2)).shape
        (torch.Size([3, 393]), torch.Size([3, 5, 30, 1]))

    Reference: Saxe, McClelland, Ganguli (2014), arXiv:1312.6120 (orthogonal); Le, Jaitly, Hinton
    (2015), arXiv:1504.00941 (identity); Jozefowicz, Zaremba, Sutskever (2015) (forget bias).
    """

    cell: str
    inputs: int
    width: int
    outputs: int
    scheme: str = "torch"
    gain: float = 1.0
    forget: float = 0.0

    def __post_init__(self) -> None:
        for name in ("inputs", "width", "outputs"):
            validate.count(name, getattr(self, name))
        validate.at_least("gain", self.gain, 0)
        for name, known in (("cell", tuple(CELLS)), ("scheme", SCHEMES)):
            if getattr(self, name) not in known:
                raise ValueError(f"{name} is {getattr(self, name)!r}; it must be one of {known}")

    @property
    def step(self) -> Cell:
        """The cell."""
        return CELLS[self.cell]

    @property
    def shapes(self) -> Weights:
        """Shapes of the blocks of the vector."""
        wide = self.step.gates * self.width
        blocks = (wide, self.inputs), (wide, self.width), (wide,), (wide,)
        return Weights(*blocks, (self.outputs, self.width), (self.outputs,))  # type: ignore[arg-type]

    @property
    def dim(self) -> int:
        """Number of parameters P."""
        return sum(math.prod(shape) for shape in self.shapes)

    def unflatten(self, x: Tensor) -> Weights:
        """View vectors (*batch, P) as weights.

        Raises:
            ValueError: If the last axis of `x` is not P long.
        """
        if x.ndim == 0 or x.shape[-1] != self.dim:
            raise ValueError(f"x has shape {tuple(x.shape)}; it must be (*batch, {self.dim})")
        parts = x.split([math.prod(shape) for shape in self.shapes], -1)
        pairs = zip(parts, self.shapes, strict=True)
        return Weights(*(part.view(*x.shape[:-1], *shape) for part, shape in pairs))

    def init(self, seeds: Sequence[int], *, dtype: torch.dtype = torch.float32) -> Tensor:
        """Draw initial parameters.

        Args:
            seeds: One network for each.
            dtype: Floating-point type.

        Returns:
            Parameters, (len(seeds), P). With `scheme="torch"` and no forget bias they are those of
            `torch.manual_seed(seed)` followed by torch's recurrent layer.
        """
        return torch.stack([self._draw(torch.Generator().manual_seed(s), dtype) for s in seeds])

    def _draw(self, generator: torch.Generator, dtype: torch.dtype) -> Tensor:
        x = torch.empty(self.dim, dtype=dtype)
        bound = 1 / math.sqrt(self.width)
        x.uniform_(-bound, bound, generator=generator)
        weights = self.unflatten(x)
        if self.scheme != "torch":
            for block in weights.u.split(self.width):
                _square(block, self.scheme, generator)
            weights.b.zero_(), weights.c.zero_()
        weights.u.mul_(self.gain)
        if self.cell == "lstm":
            weights.b[self.width : 2 * self.width] += self.forget
        return x

    def outputs_of(self, x: Tensor, inputs: Tensor) -> Tensor:
        """Evaluate every network on every sequence.

        Args:
            x: Parameters (*batch, P).
            inputs: Sequences (n, T, m) for all networks, or (*batch, n, T, m).

        Returns:
            Outputs, (*batch, n, T, k).
        """
        from descent.long_term_dependencies.bptt import unroll

        rows = x.reshape(-1, self.dim)
        weights = self.unflatten(rows)
        seen = inputs.reshape(-1, *inputs.shape[-3:])
        h = torch.stack([state[0].mT for state in unroll(self, weights, seen)[0][1:]], -2)
        y = h @ weights.out.mT[:, None] + weights.shift[:, None, None]
        return y.reshape(*x.shape[:-1], *y.shape[1:])


def _square(block: Tensor, scheme: str, generator: torch.Generator) -> None:
    """Draw one square block of recurrent weights in place."""
    n = block.shape[0]
    if scheme == "identity":
        nn.init.eye_(block)
    elif scheme == "gaussian":
        block.normal_(0, 1 / math.sqrt(n), generator=generator)
    else:
        nn.init.orthogonal_(block, generator=generator)
