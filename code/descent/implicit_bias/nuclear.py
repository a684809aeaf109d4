r"""The rival: among all matrices that fit, the one of smallest nuclear norm, with a proof of it."""

from dataclasses import dataclass

import torch
from torch import Tensor

from descent import validate


@dataclass(frozen=True, eq=False)
class Fitted:
    r"""A matrix that fits, and a bound on how far its nuclear norm is above the smallest.

    Args:
        matrix: W, (*batch, n, n); equal to the data where they were seen.
        norm: $\|W\|_*$, (*batch,).
        gap: $\|W\|_* - \langle\Lambda, b\rangle$ for a feasible dual $\Lambda$, (*batch,).
        steps: Iterations that were made.
    """

    matrix: Tensor
    norm: Tensor
    gap: Tensor
    steps: int


def shrink(matrix: Tensor, by: float) -> Tensor:
    r"""Lower every singular value by the same amount, and stop at 0.

    $$\operatorname{prox}(A) = U\,\diag\bigl(\max(\sigma_i-\mu, 0)\bigr)\,V^\top$$

    Computed from the eigenvectors of $A^\top A$: only singular values above $\mu$ matter, and those
    are accurate there.

    Args:
        matrix: A, (*batch, n, n).
        by: $\mu$, positive.

    Returns:
        The shrunk matrix.
    """
    square, right = torch.linalg.eigh(matrix.mT @ matrix)
    sigma = square.clamp(min=by**2).sqrt()
    return (matrix @ right) * (1 - by / sigma).unsqueeze(-2) @ right.mT


def smallest_nuclear(
    truth: Tensor, seen: Tensor, tol: float = 1e-4, limit: int = 20_000, check: int = 25
) -> Fitted:
    r"""Complete matrices with the smallest nuclear norm, by Douglas and Rachford's splitting.

    $$\min \|W\|_* \quad\text{with}\quad W_{ij}=M_{ij},\ (i,j)\in S; \qquad
    \max \langle\Lambda, M\rangle \quad\text{with}\quad \|\Lambda\|\le1,\ \Lambda=0
    \text{ outside of } S$$

    Every iterate W fits exactly. $\Lambda$ is scaled to norm 1, so the gap is a proof, whatever the
    iteration did.

    Args:
        truth: M, (*batch, n, n); only seen entries are read.
        seen: 1 on S, (*batch, n, n).
        tol: Gap at which to stop, as a part of the norm.
        limit: Largest number of iterations.
        check: Iterations between two looks at the gap.

    Returns:
        The completions, with their gaps; at the limit these may be above the tolerance.

    Raises:
        ValueError: If an argument is out of range.

    Reference: Candès, Recht (2009) for the problem.
    """
    validate.positive("tol", tol)
    validate.count("limit", limit)
    known = seen * truth
    # The prox's threshold sets the pace, not the result; this one suits entries of any size.
    by = float(torch.linalg.matrix_norm(known, 2).mean()) / 10
    z = known
    for k in range(1, limit + 1):
        fit = z + seen * (known - z)
        z = z + shrink(2 * fit - z, by) - fit
        if k % check == 0 or k == limit:
            found = _certified(z, known, seen, by, k)
            if bool((found.gap <= tol * found.norm).all()):
                break
    return found


def _certified(z: Tensor, known: Tensor, seen: Tensor, by: float, steps: int) -> Fitted:
    """Bound the distance to the optimum by a dual point."""
    fit = z + seen * (known - z)
    dual = (fit - z) / by
    dual = dual / torch.linalg.matrix_norm(dual, 2).clamp(min=1)[..., None, None]
    norm = torch.linalg.svdvals(fit).sum(-1)
    return Fitted(fit, norm, norm - (dual * known).sum((-1, -2)), steps)
