r"""Three entries of a 2 x 2 matrix that no small matrix fits with a positive determinant."""

import torch
from torch import Tensor

from descent.objectives import Completion


def runaway(dtype: torch.dtype = torch.float64) -> Completion:
    r"""Return the problem $W_{12}=W_{21}=1$, $W_{22}=0$, with $W_{11}$ unseen.

    The matrix with $W_{11}=0$ fits, and every norm is smallest there. Its determinant is $-1$.
    A product of factors that starts at a multiple of the identity has a positive determinant, and
    a flow cannot change that sign. So $W_{11}W_{22}>W_{12}W_{21}\to1$ while $W_{22}\to0$: the
    unseen entry must grow without bound.

    Args:
        dtype: Floating-point type.

    Returns:
        The problem; the unseen entry of its `truth` is 0.

    Reference: Razin, Cohen (2020), section 3.
    """
    truth = torch.tensor([[0.0, 1.0], [1.0, 0.0]], dtype=dtype)
    return Completion(truth, torch.tensor([[0.0, 1.0], [1.0, 1.0]], dtype=dtype))


def least_entry(loss: Tensor) -> Tensor:
    r"""Bound the unseen entry from below by the loss, for a positive determinant.

    $$W_{11} \ \ge\ \frac{(1-\sqrt{2\ell})^2}{\sqrt{2\ell}}, \qquad
    \ell=\tfrac12\sum_{(i,j)\in S}(W-M)_{ij}^2 < \tfrac12$$

    since no seen entry is off by more than $\sqrt{2\ell}$.

    Args:
        loss: $\ell$, the plain half sum of squares.

    Returns:
        The bound, the shape of `loss`.
    """
    off = torch.sqrt(2 * loss)
    return (1 - off).clamp(min=0) ** 2 / off
