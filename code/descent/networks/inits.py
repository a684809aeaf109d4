"""How the weights (n, m) and biases (n,) of one layer are drawn; biases arrive as zeros."""

import math
from collections.abc import Callable

import torch
from torch import Tensor

Draw = Callable[[Tensor, Tensor, torch.Generator], None]


def _torch(w: Tensor, b: Tensor, generator: torch.Generator) -> None:
    bound = 1 / math.sqrt(w.shape[1])
    w.uniform_(-bound, bound, generator=generator)
    b.uniform_(-bound, bound, generator=generator)


def _normal(scale: float) -> Draw:
    def draw(w: Tensor, b: Tensor, generator: torch.Generator) -> None:
        w.normal_(0, math.sqrt(scale / w.shape[1]), generator=generator)

    return draw


def _glorot(w: Tensor, b: Tensor, generator: torch.Generator) -> None:
    bound = math.sqrt(6 / sum(w.shape))
    w.uniform_(-bound, bound, generator=generator)


INITS: dict[str, Draw] = {
    "torch": _torch,
    "he": _normal(2.0),
    "lecun": _normal(1.0),
    "glorot": _glorot,
}
