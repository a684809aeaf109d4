r"""Lanczos: a small tridiagonal matrix that knows the ends of a large spectrum.

$$H Q_m = Q_m T_m + \beta_m q_{m+1} e_m^\top, \qquad Q_m^\top Q_m = I$$

Only products with H are needed. Eigenpairs (θ, s) of T give Ritz pairs (θ, Q s) of H with residual
$\lVert H Qs - \theta Qs\rVert = \beta_m |s_m|$, known without another product.

Reference: Golub and Van Loan (2013), *Matrix Computations*, 4th ed., section 10.1.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from descent import validate

Product = Callable[[Tensor], Tensor]


@dataclass(frozen=True, eq=False)
class Tridiagonal:
    """The result of m Lanczos steps.

    Args:
        alpha: Diagonal of T, (*batch, m).
        beta: Below the diagonal, and last the residual β_m, (*batch, m).
        basis: Orthonormal rows q_1 … q_m, (*batch, m, P).
    """

    alpha: Tensor
    beta: Tensor
    basis: Tensor

    def ritz(self) -> tuple[Tensor, Tensor, Tensor]:
        """Diagonalize T.

        Returns:
            Values (*batch, m) in ascending order, eigenvectors s as columns (*batch, m, m), and
            residual norms (*batch, m), in double precision and on the CPU. Where H is not finite,
            values and residuals are NaN.
        """
        # Tiny matrices: the CPU is quicker at them than a GPU, and some devices lack float64.
        alpha, beta = self.alpha.cpu().double(), self.beta.cpu().double()
        # eigh refuses NaN, and one diverged network must not stop the measurement of the others.
        bad = ~torch.isfinite(alpha + beta).all(-1, keepdim=True)
        alpha, beta = alpha.masked_fill(bad, 0.0), beta.masked_fill(bad, 0.0)
        t = torch.diag_embed(alpha) + torch.diag_embed(beta[..., :-1], -1)
        values, s = torch.linalg.eigh(t)  # Reads the lower triangle only.
        residuals = beta[..., -1:] * s[..., -1, :].abs()
        nan = torch.where(bad, torch.nan, 0.0)
        return values + nan, s, residuals + nan


def lanczos(
    operator: Product,
    dim: int | None = None,
    steps: int = 20,
    seed: int = 0,
    *,
    start: Tensor | None = None,
    reorthogonalize: bool = True,
) -> Tridiagonal:
    """Run Lanczos for a fixed number of steps, on a batch of operators together.

    Args:
        operator: Symmetric product (*batch, P) -> (*batch, P), such as `hvp(objective, x)`.
        dim: P, where neither `start` nor `operator.x` says it.
        steps: Number of steps; at most P are taken.
        seed: Seed of the starting vector, the same for all entries of the batch.
        start: Starting vectors (*batch, P), of any norm but 0.
        reorthogonalize: Keep the basis orthonormal to rounding. Without it, rounding brings back
            converged directions and the spectrum shows copies ("ghosts") of its ends.

    Returns:
        The tridiagonal matrix and the basis.

    Raises:
        TypeError: If a count is not an integer.
        ValueError: If the size is unknown, or `start` is zero or not finite.

    Example:
        >>> A = torch.diag(torch.tensor([1.0, 2.0, 5.0], dtype=torch.float64))
        >>> lanczos(lambda v: v @ A, start=torch.ones(3, dtype=torch.float64), steps=3).ritz()[0]
        tensor([1.0000, 2.0000, 5.0000], dtype=torch.float64)
    """
    steps = validate.count("steps", steps)
    process = Process(operator, dim, seed, start, reorthogonalize)
    for _ in range(min(steps, process.dim)):
        process.step()
    return process.result()


class Process:
    """Lanczos one step at a time, for callers that decide when to stop."""

    def __init__(
        self,
        operator: Product,
        dim: int | None = None,
        seed: int = 0,
        start: Tensor | None = None,
        reorthogonalize: bool = True,
    ) -> None:
        self.operator, self.reorthogonalize = operator, reorthogonalize
        self.generator = torch.Generator().manual_seed(validate.count("seed", seed, low=0))
        q = validate.point("start", self._random(operator, dim) if start is None else start)
        norm = q.norm(dim=-1, keepdim=True)
        if not bool((norm > 0).all()):
            raise ValueError("start has a vector of norm 0; every starting vector must be nonzero")
        self.dim = q.shape[-1]
        self.q: Tensor = q / norm
        self.rows = self.q.new_empty(*q.shape[:-1], 8, self.dim)
        self.alpha: list[Tensor] = []
        self.beta: list[Tensor] = []

    def step(self) -> None:
        """Take one step: one product with the operator."""
        m = len(self.alpha)
        self._store(m)
        w = self.operator(self.q)
        alpha = (w * self.q).sum(-1)
        w = w - alpha.unsqueeze(-1) * self.q
        if m:
            w -= self.beta[-1].unsqueeze(-1) * self.rows[..., m - 1, :]
        if self.reorthogonalize:
            w = self._orthogonal(w, m + 1)
        self.alpha.append(alpha)
        self._next(w, m + 1)

    def result(self) -> Tridiagonal:
        """Return what the steps so far have found."""
        m = len(self.alpha)
        return Tridiagonal(
            torch.stack(self.alpha, -1), torch.stack(self.beta, -1), self.rows[..., :m, :]
        )

    def _next(self, w: Tensor, m: int) -> None:
        """Normalize w into the next basis vector, or restart where nothing is left of it."""
        beta = w.norm(dim=-1)
        scale = torch.stack([a.abs() for a in self.alpha] + self.beta).amax(0)
        over = beta <= 32 * math.sqrt(m) * torch.finfo(w.dtype).eps * scale
        if bool(over.any()) or m == self.dim:
            # An invariant subspace is complete: what follows lives in its complement.
            over = over | (m == self.dim)
            beta = beta.masked_fill(over, 0.0)
            fresh = torch.randn(self.dim, generator=self.generator, dtype=w.dtype).to(w.device)
            fresh = self._orthogonal(fresh.expand(w.shape), m)
            w = torch.where(over.unsqueeze(-1), fresh, w)
        self.beta.append(beta)
        self.q = w / w.norm(dim=-1, keepdim=True)

    def _orthogonal(self, w: Tensor, m: int) -> Tensor:
        """Remove from w its components along the first m basis vectors, twice for rounding."""
        basis = self.rows[..., :m, :]
        for _ in range(2):
            w = w - (basis.mT @ (basis @ w.unsqueeze(-1))).squeeze(-1)
        return w

    def _store(self, m: int) -> None:
        """Append the current vector to the basis, doubling the storage when it is full."""
        if m == self.rows.shape[-2]:
            self.rows = torch.cat([self.rows, torch.empty_like(self.rows)], -2)
        self.rows[..., m, :] = self.q

    def _random(self, operator: Product, dim: int | None) -> Tensor:
        """Draw the starting vector in the shape, dtype and device of the operator."""
        like = getattr(operator, "x", None)
        if like is None and dim is None:
            raise ValueError("dim is None; give dim or start for an operator without `x`")
        if like is None:
            return torch.randn(validate.count("dim", dim), generator=self.generator)  # type: ignore[arg-type]
        if dim not in (None, like.shape[-1]):
            raise ValueError(f"dim is {dim}; the operator acts on {like.shape[-1]}")
        v = torch.randn(like.shape[-1], generator=self.generator, dtype=like.dtype)
        return v.to(like.device).expand(like.shape)
