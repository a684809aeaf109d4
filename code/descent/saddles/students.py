"""A network with bad local minima: ReLU units that learn other ReLU units."""

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from descent import validate


@dataclass(frozen=True)
class ReluStudent:
    r"""Exact expected loss of ReLU units that learn a sum of ReLU units, for Gaussian inputs.

    $$f(W) = \tfrac12\,\E_{u\sim\mathcal N(0,I)}\Bigl(\sum_{i=1}^n [w_i^\top u]_+
    - \sum_{j=1}^k [u_j]_+\Bigr)^2, \qquad
    \E\,[w^\top u]_+[v^\top u]_+ = \frac{\norm w\norm v}{2\pi}
    \bigl(\sin\theta+(\pi-\theta)\cos\theta\bigr)$$

    with $\theta$ the angle between $w$ and $v$. The smallest loss is 0, reached by the teacher's
    units $e_1,\dots,e_k$.

    Args:
        teacher: Number k of the teacher's units, and of inputs.
        width: Number n of the student's units.

    Reference: Safran, Shamir (2018), arXiv:1712.08968; Cho, Saul (2009) for the expectation.
    """

    teacher: int
    width: int

    def __post_init__(self) -> None:
        validate.count("teacher", self.teacher)
        validate.count("width", self.width)

    @property
    def dim(self) -> int:
        """Number of weights."""
        return self.teacher * self.width

    def init(self, count: int, seed: int = 0) -> Tensor:
        r"""Draw students with weights of variance $1/k$, (count, n k), float64."""
        generator = torch.Generator().manual_seed(validate.count("seed", seed, low=0))
        w = torch.randn(count, self.dim, generator=generator, dtype=torch.float64)
        return w / math.sqrt(self.teacher)

    def _angles(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Units (*batch, n, k), their norms, and angles to each other and to the teacher's."""
        w = x.reshape(*x.shape[:-1], self.width, self.teacher)
        norm = w.norm(dim=-1, keepdim=True)
        unit = w / norm
        # A unit's angle to itself is 0; the arc cosine has no derivative there.
        own = torch.eye(self.width, dtype=torch.bool)
        cosine = (unit @ unit.mT).clamp(-1, 1).masked_fill(own, 0.0)
        among = torch.acos(cosine).masked_fill(own, 0.0)
        return w, norm, among, torch.acos(unit.clamp(-1, 1))

    def __call__(self, x: Tensor) -> Tensor:
        """Return the losses."""
        _, norm, among, across = self._angles(x)
        students = (norm * norm.mT * _overlap(among)).sum((-2, -1))
        mixed = (norm * _overlap(across)).sum((-2, -1))
        k = self.teacher
        teachers = 0.5 * k + k * (k - 1) / (2 * math.pi)
        return 0.5 * students - mixed + 0.5 * teachers

    def grad(self, x: Tensor) -> Tensor:
        r"""Return the gradients, the shape of `x`.

        $$\partial_w\,\E\,[w^\top u]_+[v^\top u]_+ = \frac{1}{2\pi}
        \Bigl(\norm v\sin\theta\,\frac{w}{\norm w}+(\pi-\theta)\,v\Bigr)$$
        """
        w, norm, among, across = self._angles(x)
        along = (torch.sin(among) * norm.mT).sum(-1) - torch.sin(across).sum(-1)
        pull = (math.pi - among) @ w - (math.pi - across)
        return ((along[..., None] * w / norm + pull) / (2 * math.pi)).flatten(-2)


def _overlap(angle: Tensor) -> Tensor:
    """The expectation of the product of two ReLU units of length 1."""
    return (torch.sin(angle) + (math.pi - angle) * torch.cos(angle)) / (2 * math.pi)
