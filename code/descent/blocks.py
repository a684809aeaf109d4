"""Give each block of a flat parameter vector to the rule that fits its shape."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor

from descent.core import Optimizer
from descent.optimizers import State


@dataclass(frozen=True)
class Blockwise:
    r"""Cut a flat vector into tensors and update each by a rule that fits its shape.

    $$x = (W_1, b_1, W_2, b_2, \dots), \qquad \Delta W_i = \text{matrix rule}, \quad
    \Delta b_i = \text{vector rule}$$

    Batch axes stay on the left: a batch of flat vectors (*batch, dim) becomes batches of matrices
    (*batch, m, n), so a matrix-shaped rule sweeps like any other.

    Args:
        shapes: Shape of each block, in the order of the flat vector.
        matrix: Rule for blocks with two or more axes.
        vector: Rule for the others.

    Raises:
        ValueError: If `shapes` is empty, or its sizes do not add up to the length of the vector.

    >>> from descent.optimizers import SGD
    >>> rule = Blockwise([(2, 2), (2,)], matrix=SGD(1.0), vector=SGD(0.5))
    >>> rule.update(torch.ones(6), rule.init(torch.zeros(6)), torch.zeros(6))[0]
    tensor([-1.0000, -1.0000, -1.0000, -1.0000, -0.5000, -0.5000])
    """

    shapes: Sequence[tuple[int, ...]]
    matrix: Optimizer
    vector: Optimizer
    min_ndim: ClassVar[int] = 1

    def __post_init__(self) -> None:
        if not self.shapes:
            raise ValueError("shapes is empty; it must name at least one block")

    def init(self, x: Tensor) -> State:
        """Return the state of every block, its names prefixed by the block's number."""
        pairs = zip(self._rules(), self._cut(x), strict=True)
        return {f"{i}.{k}": v for i, (r, b) in enumerate(pairs) for k, v in r.init(b).items()}

    def update(self, grad: Tensor, state: State, x: Tensor) -> tuple[Tensor, State]:
        """Return the blocks' steps as one flat vector, and their states."""
        steps, new = [], {}
        blocks = zip(self._rules(), self._cut(grad), self._cut(x), strict=True)
        for i, (rule, g, w) in enumerate(blocks):
            mine = {k.split(".", 1)[1]: v for k, v in state.items() if k.startswith(f"{i}.")}
            dw, mine = rule.update(g, mine, w)
            steps.append(dw.flatten(x.ndim - 1))
            new.update({f"{i}.{k}": v for k, v in mine.items()})
        return torch.cat(steps, -1), new

    def _rules(self) -> list[Optimizer]:
        """Choose the rule of each block."""
        return [self.matrix if len(s) >= 2 else self.vector for s in self.shapes]

    def _cut(self, x: Tensor) -> list[Tensor]:
        """View the last axis of `x` as blocks."""
        sizes = [math.prod(s) for s in self.shapes]
        if sum(sizes) != x.shape[-1]:
            raise ValueError(f"shapes hold {sum(sizes)} numbers; x has {x.shape[-1]}")
        blocks = x.split(sizes, -1)
        return [b.unflatten(-1, s) for b, s in zip(blocks, self.shapes, strict=True)]
