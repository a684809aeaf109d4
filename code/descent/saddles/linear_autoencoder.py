"""A two-layer linear autoencoder: every critical point known, its index counted by hand."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import torch
from torch import Tensor

from descent import validate


@dataclass(frozen=True, eq=False)
class LinearAutoencoder:
    r"""Reproduce inputs through a bottleneck, with linear units only.

    $$f(W_1, W_2) = \tfrac12 \tr\bigl[(I-W_2W_1)\,\Sigma\,(I-W_2W_1)^\top\bigr], \qquad
    \Sigma=\diag(\lambda_1,\dots,\lambda_n)$$

    A point is $W_1$ (width × n) row by row, then $W_2$ (n × width).

    Args:
        spectrum: Variances $\lambda$ of the inputs, (n,), positive.
        width: Number of hidden units, at most n.

    Raises:
        ValueError: If a variance is not positive, or `width` does not fit.

    Reference: Baldi, Hornik (1989).
    """

    spectrum: Tensor
    width: int

    def __post_init__(self) -> None:
        validate.spectrum("spectrum", self.spectrum)
        validate.positive("spectrum", self.spectrum)
        if validate.count("width", self.width) > len(self.spectrum):
            raise ValueError(f"width is {self.width}; it must be at most {len(self.spectrum)}")

    @property
    def dim(self) -> int:
        """Number of weights."""
        return 2 * self.width * len(self.spectrum)

    def split(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """View a point as its two matrices, (*batch, width, n) and (*batch, n, width)."""
        n, first = len(self.spectrum), x[..., : self.dim // 2]
        second = x[..., self.dim // 2 :]
        shape = x.shape[:-1]
        return first.reshape(*shape, self.width, n), second.reshape(*shape, n, self.width)

    def __call__(self, x: Tensor) -> Tensor:
        """Return the losses."""
        missing, spectrum = self._missing(x)
        return 0.5 * (missing**2 * spectrum).sum((-2, -1))

    def grad(self, x: Tensor) -> Tensor:
        r"""Return $-(W_2^\top M\Sigma,\ M\Sigma W_1^\top)$ with $M=I-W_2W_1$, the shape of `x`."""
        first, second = self.split(x)
        missing, spectrum = self._missing(x)
        pull = missing * spectrum
        parts = (second.mT @ pull, pull @ first.mT)
        return -torch.cat([p.reshape(*x.shape[:-1], -1) for p in parts], -1)

    def _missing(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """What is not reproduced, I - W2 W1, and the spectrum like `x`."""
        first, second = self.split(x)
        eye = torch.eye(len(self.spectrum), dtype=x.dtype, device=x.device)
        return eye - second @ first, self.spectrum.to(x)

    def subsets(self) -> list[tuple[int, ...]]:
        """Which components are kept, for every critical point: any set of at most `width`."""
        n = len(self.spectrum)
        return [s for size in range(self.width, -1, -1) for s in combinations(range(n), size)]

    def critical_point(self, subset: Sequence[int]) -> Tensor:
        """Return a balanced point that keeps exactly these components, (dim,)."""
        n = len(self.spectrum)
        first = torch.zeros(self.width, n, dtype=self.spectrum.dtype)
        first[torch.arange(len(subset)), torch.tensor(subset, dtype=torch.long)] = 1.0
        return torch.cat([first.flatten(), first.mT.flatten()])

    def level(self, subset: Sequence[int]) -> float:
        """Loss at that point: half the variance that is left out."""
        return 0.5 * float(self.spectrum.sum() - self.spectrum[list(subset)].sum())

    def index(self, subset: Sequence[int]) -> int:
        r"""Number of descending directions there.

        $$\#\{(i,j): i\in S,\ j\notin S,\ \lambda_j>\lambda_i\} + (\text{width}-|S|)(n-|S|)$$

        A kept component may be exchanged for a stronger one, and every unit that keeps none may
        take up any that is missing.
        """
        lam, kept = self.spectrum.tolist(), set(subset)
        missing = [j for j in range(len(lam)) if j not in kept]
        better = sum(lam[j] > lam[i] for i in kept for j in missing)
        return better + (self.width - len(kept)) * len(missing)
