"""Matrix completion by a product of matrices.

Fewer entries are seen than there are, so infinitely many matrices fit. Which of them training finds
depends on the path, and the path on the rule.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor

from descent import validate


@dataclass(frozen=True, eq=False)
class Completion:
    r"""Squared error on the seen entries of a matrix that is fitted by a product of factors.

    $$f(W_1, \dots, W_N) = \frac{n^2}{2|S|} \sum_{(i,j)\in S}
        \left(P - M\right)_{ij}^2, \qquad P = W_N \cdots W_1$$

    A point is the stack of factors, shape (*batch, N, n, n).

    Args:
        truth: $M$, shape (*batch, n, n).
        seen: 1 where an entry belongs to $S$ and 0 elsewhere, the shape of `truth`; the same
            number of entries in each matrix.

    Raises:
        ValueError: If the shapes differ, or no entry is seen.

    Reference: Arora, Cohen, Hu, Luo (2019), section 2.
    """

    truth: Tensor
    seen: Tensor

    def __post_init__(self) -> None:
        if self.seen.shape != self.truth.shape:
            raise ValueError(
                f"seen has shape {tuple(self.seen.shape)}; it must be that of truth, "
                f"{tuple(self.truth.shape)}"
            )
        if not (self.seen.sum((-1, -2)) > 0).all():
            raise ValueError("seen marks no entry of a matrix; it must mark at least one")

    @classmethod
    def draw(
        cls, size: int, rank: int, count: int, seeds: int, unit: str = "spectral"
    ) -> Completion:
        """Draw random matrices of low rank, one for each seed.

        Args:
            size: $n$.
            rank: Rank of the matrices, at most `size`.
            count: $|S|$, how many entries are seen, at most `size` squared.
            seeds: How many matrices; seed k gives the k-th.
            unit: What is 1: "spectral", the largest singular value; "entry", the mean square of
                the entries, as in the paper.

        Returns:
            The problems as one batch, in float64.

        Raises:
            ValueError: If the rank, the count or the unit is out of its range.
        """
        if unit not in ("spectral", "entry"):
            raise ValueError(f"unit is {unit!r}; it must be 'spectral' or 'entry'")
        if not 1 <= rank <= size:
            raise ValueError(f"rank is {rank}; it must be between 1 and size = {size}")
        if not 1 <= count <= size**2:
            raise ValueError(f"count is {count}; it must be between 1 and size² = {size**2}")
        truths, masks = [], []
        for seed in range(validate.count("seeds", seeds)):
            source = torch.Generator().manual_seed(seed)
            left, right = torch.randn(2, size, rank, generator=source, dtype=torch.float64)
            truth = left @ right.T
            big = torch.linalg.matrix_norm(truth, 2) if unit == "spectral" else truth.norm() / size
            truths.append(truth / big)
            mask = torch.zeros(size**2, dtype=torch.float64)
            mask[torch.randperm(size**2, generator=source)[:count]] = 1
            masks.append(mask.reshape(size, size))
        return cls(torch.stack(truths), torch.stack(masks))

    def start(self, depth: int, scale: float, seed: int = 100) -> Tensor:
        r"""Draw Gaussian factors with standard deviation $s^{1/N} n^{-1/2}$.

        Args:
            depth: $N$, at least 1.
            scale: $s$; the singular values of the product are about that size.
            seed: Seed of the draw.

        Returns:
            A stack of factors for each matrix, shape (*batch, N, n, n).

        Raises:
            ValueError: If depth or scale is out of its range.
        """
        validate.count("depth", depth)
        validate.positive("scale", scale)
        *batch, n, _ = self.truth.shape
        source = torch.Generator().manual_seed(seed)
        factors = torch.randn(*batch, depth, n, n, generator=source, dtype=self.truth.dtype)
        return factors * scale ** (1 / depth) * n**-0.5

    def product(self, factors: Tensor) -> Tensor:
        """Return P, shape (*batch, n, n)."""
        first, *rest = factors.unbind(-3)
        for factor in rest:
            first = factor @ first
        return first

    def __call__(self, x: Tensor) -> Tensor:
        """Return the losses of stacks of factors, shape (*batch,)."""
        off = self.product(x) - self.truth
        return 0.5 * (self.share * off**2).sum((-1, -2))

    def grad(self, factors: Tensor) -> Tensor:
        r"""Return the gradient by each factor.

        $$\frac{\partial f}{\partial W_i} =
            (W_N\cdots W_{i+1})^\top R\,(W_{i-1}\cdots W_1)^\top, \qquad
            R = \frac{n^2}{|S|}\,\mathbb 1_S \odot (P-M)$$

        Args:
            factors: Stack of factors, shape (*batch, N, n, n).

        Returns:
            Gradients, the shape of `factors`.
        """
        below = list(factors.unbind(-3))
        for i, part in enumerate(below[1:], 1):
            below[i] = part @ below[i - 1]
        back = self.share * (below.pop() - self.truth)
        slopes = []
        for part, under in zip(reversed(factors.unbind(-3)), reversed(below), strict=False):
            slopes.append(back @ under.mT)
            back = part.mT @ back
        return torch.stack([back, *slopes[::-1]], -3)

    def errors(self, factors: Tensor) -> Tensor:
        r"""Return $\sum (P-M)^2 / \sum M^2$ over the seen entries and over the others.

        Args:
            factors: Stack of factors, shape (*batch, N, n, n).

        Returns:
            Relative errors, shape (*batch, 2): seen, unseen.
        """
        off, shares = self.product(factors) - self.truth, []
        for part in (self.seen, 1 - self.seen):
            size = (part * self.truth**2).sum((-1, -2))
            shares.append((part * off**2).sum((-1, -2)) / size)
        return torch.stack(shares, -1)

    def effective_rank(self, factors: Tensor) -> Tensor:
        r"""Return $\exp H(p)$ of the product, with $p_i = \sigma_i / \sum_j \sigma_j$.

        It is k for k equal singular values, and counts small ones in part.

        Args:
            factors: Stack of factors, shape (*batch, N, n, n).

        Returns:
            Between 1 and n, shape (*batch,).

        Reference: Roy, Vetterli (2007), definition 1.
        """
        values = torch.linalg.svdvals(self.product(factors))
        shares = values / values.sum(-1, keepdim=True)
        return torch.special.entr(shares).sum(-1).exp()

    @cached_property
    def share(self) -> Tensor:
        r"""What each entry counts: $n^2/|S|$ if it is seen, the shape of `seen`."""
        n = self.truth.shape[-1]
        return self.seen * n**2 / self.seen.sum((-1, -2), keepdim=True)
