"""The largest eigenvalues of a Hessian: its sharpness, and what follows."""

from collections.abc import Callable
from dataclasses import dataclass, field

import torch
from torch import Tensor

from descent import validate
from descent.curvature.hvp import hvp
from descent.curvature.lanczos import Process, Product


@dataclass(frozen=True, eq=False)
class Eigenpairs:
    """The largest eigenvalues found, and how well.

    Args:
        values: Largest first, (*batch, k), double precision, on the CPU like the residuals.
        vectors: Unit eigenvectors as rows, (*batch, k, P).
        residuals: ‖Hv - λv‖ of each pair, (*batch, k). An eigenvalue lies within this distance of
            the value; the error is about residual² / gap.
        steps: Products with the operator that were used.
        converged: Whether every residual passed the tolerance, (*batch,).
    """

    values: Tensor
    vectors: Tensor
    residuals: Tensor
    steps: int
    converged: Tensor


def top_eigenvalues(
    operator: Product,
    k: int = 1,
    tol: float = 1e-3,
    *,
    dim: int | None = None,
    max_steps: int = 300,
    seed: int = 0,
    start: Tensor | None = None,
) -> Eigenpairs:
    r"""Find the k largest (most positive) eigenvalues by Lanczos.

    Steps are taken until every residual is at most `tol` times the largest Ritz value in magnitude:

    $$\lVert Hv_i - \lambda_i v_i\rVert \le \text{tol}\cdot\max_j|\theta_j|, \qquad i \le k$$

    A repeated eigenvalue is found once until the Krylov space is exhausted: no method that starts
    from one vector can see its copies.

    Args:
        operator: Symmetric product (*batch, P) -> (*batch, P), such as `hvp(objective, x)`.
        k: How many, at most P.
        tol: Relative residual at which to stop; below the rounding of the dtype it is not reached.
        dim: P, where neither `start` nor `operator.x` says it.
        max_steps: Give up after so many products; `converged` tells.
        seed: Seed of the starting vector.
        start: Starting vectors (*batch, P), for example eigenvectors at a nearby point.

    Returns:
        The eigenpairs. Where a Hessian is not finite its values are NaN and `converged` is False.

    Raises:
        ValueError: If k exceeds P or an argument is out of range.

    Example:
        >>> A = torch.diag(torch.arange(100.0))
        >>> top_eigenvalues(lambda v: v @ A, k=2, dim=100, tol=1e-5).values
        tensor([99.0000, 98.0000], dtype=torch.float64)
    """
    validate.positive("tol", tol)
    process = Process(operator, dim, seed, start)
    if validate.count("k", k) > process.dim:
        raise ValueError(f"k is {k}; the operator has only {process.dim} eigenvalues")
    last = max(min(validate.count("max_steps", max_steps), process.dim), k)
    check = min(k + 1, last)
    while True:
        while len(process.alpha) < check:
            process.step()
        found = process.result()
        values, s, residuals = found.ritz()
        settled = (residuals[..., -k:] <= tol * values.abs().amax(-1, keepdim=True)).all(-1)
        if check == last or bool((settled | values.isnan().any(-1)).all()):
            break
        check = min(last, check + 1 + check // 32)
    s = s[..., -k:].flip(-1)
    vectors = s.mT.to(found.basis) @ found.basis
    return Eigenpairs(
        values[..., -k:].flip(-1), vectors, residuals[..., -k:].flip(-1), check, settled
    )


def sharpness(
    objective: Callable[[Tensor], Tensor],
    x: Tensor,
    *,
    tol: float = 1e-2,
    max_steps: int = 100,
    seed: int = 0,
    start: Tensor | None = None,
) -> Tensor:
    r"""Return the largest Hessian eigenvalue of every network of a batch.

    $$\lambda_{\max}(x_b) = \max_{\lVert v\rVert = 1} v^\top \nabla^2 f(x_b)\, v$$

    Args:
        objective: Maps (*batch, P) to (*batch,).
        x: Points (*batch, P).
        tol: Relative residual. Where the next eigenvalue is far the relative error is about tol²;
            where eigenvalues crowd together, as at the edge of stability, it can reach tol.
        max_steps: Most Hessian-vector products to use.
        seed: Seed of the starting vector.
        start: Starting vectors (*batch, P).

    Returns:
        Sharpness, (*batch,), dtype of `x`; NaN where the Hessian is not finite.
    """
    found = top_eigenvalues(hvp(objective, x), 1, tol, max_steps=max_steps, seed=seed, start=start)
    return found.values[..., 0].to(x)


@dataclass(eq=False)
class SharpnessProbe:
    """A probe for `run` that starts each measurement from the last eigenvector.

    During training the top eigenvector turns slowly, so fewer products suffice. A random vector of
    the same size is mixed in: a start without a component along a new top direction could not find
    it, and with a small one might stop too early.

    Args:
        tol: Relative residual, see `sharpness`.
        max_steps: Most Hessian-vector products in one measurement.
        seed: Seed of the random vectors.
        fresh: Norm of the random part, relative to the eigenvector.

    Example:
        >>> import descent
        >>> f = lambda x: (x[..., 0] ** 4 + x[..., 1] ** 2)  # largest curvature 12 x², then 2
        >>> x0 = torch.tensor([1.0, 1.0])
        >>> done = descent.run(f, descent.SGD(lr=0.1), x0, 2, probes={"λ": SharpnessProbe()})
        >>> done.probes["λ"]
        tensor([12.0000,  4.3200,  3.1654])
    """

    tol: float = 1e-2
    max_steps: int = 100
    seed: int = 0
    fresh: float = 1.0
    vectors: Tensor | None = field(default=None, init=False, repr=False)
    products: int = field(default=0, init=False, repr=False)

    def __call__(self, objective: Callable[[Tensor], Tensor], x: Tensor) -> Tensor:
        """Measure the sharpness at `x`, (*batch,)."""
        found = top_eigenvalues(
            hvp(objective, x), 1, self.tol, max_steps=self.max_steps, start=self._start(x)
        )
        self.products += found.steps
        self.vectors = torch.nan_to_num(found.vectors[..., 0, :])
        return found.values[..., 0].to(x)

    def _start(self, x: Tensor) -> Tensor:
        """Mix the last eigenvectors with a random vector of relative norm `fresh`."""
        generator = torch.Generator().manual_seed(self.seed + self.products)
        noise = torch.randn(x.shape[-1], generator=generator, dtype=x.dtype).to(x.device)
        noise = (noise / noise.norm()).expand(x.shape)
        if self.vectors is None or self.vectors.shape != x.shape:
            return noise
        return self.vectors + self.fresh * noise
