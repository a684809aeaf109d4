"""Muon: momentum whose singular values are all made about equal."""

import math
from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor

from descent import validate
from descent.optimizers.base import Hyper, State, align

# Steep at 0, so that small singular values grow fast; it does not converge to 1, but stays near it.
QUINTIC = (3.4445, -4.7750, 2.0315)


def orthogonalize(matrix: Tensor, steps: int = 5, eps: float = 1e-7) -> Tensor:
    r"""Push all singular values of a matrix towards 1 by Newton-Schulz iteration.

    $$X_0 = \frac{M}{\norm{M}_F}, \qquad
    X_{j+1} = a X_j + b\, (X_j X_j^\top) X_j + c\, (X_j X_j^\top)^2 X_j$$

    The coefficients buy speed with accuracy: five steps bring singular values that are not tiny
    into [0.68, 1.14], not to 1. Matrix products only, so it runs where a decomposition is slow.

    Args:
        matrix: Matrices, (*batch, m, n).
        steps: Number of iterations.
        eps: Smallest norm that is divided by.

    Returns:
        Matrices with the same singular vectors, (*batch, m, n).

    Reference: Jordan et al. (2024), Muon: an optimizer for hidden layers.
    """
    a, b, c = QUINTIC
    tall = matrix.shape[-2] > matrix.shape[-1]
    x = matrix.mT if tall else matrix
    x = x / torch.linalg.matrix_norm(x, keepdim=True).clamp(min=eps)
    for _ in range(steps):
        gram = x @ x.mT
        x = a * x + (b * gram + c * gram @ gram) @ x
    return x.mT if tall else x


@dataclass(frozen=True)
class Muon:
    r"""Muon: steepest descent in the spectral norm, along an average of gradients.

    $$M_{k+1} = \beta M_k + (1-\beta) G_k, \qquad
    X_{k+1} = X_k - \eta\, s\, \operatorname{orth}\bigl((1-\beta) G_k + \beta M_{k+1}\bigr)$$

    with $\operatorname{orth}(U\Sigma V^\top) \approx UV^\top$ (`orthogonalize`) and
    $s = \sqrt{\max(1, m/n)}$. Assumes that the parameter is a matrix that maps activations to
    activations: rare directions then get the same step as common ones. Biases, embeddings and
    output layers go to another rule (`Blockwise`). Costs one number per weight and about
    $30\, m^2 n$ operations a step, for m ≤ n. Its decay is `DecoupledDecay(Muon(...))`.

    Args:
        lr: Learning rate $\eta > 0$: about the spectral norm of a step.
        beta: Memory of the average, in [0, 1).
        eps: Smallest norm of a momentum that is divided by, > 0.
        nesterov: Mix the present gradient in once more; False orthogonalizes M alone.
        match_rms: Scale by $s = 0.2\sqrt{\max(m, n)}$ instead, so that the entries of a step are
            as large as Adam's and its learning rate can be reused.
        iterations: Newton-Schulz iterations.

    Raises:
        ValueError: If a field is out of its range.

    Reference: Jordan et al. (2024); Liu et al. (2025), arXiv:2502.16982, for `match_rms`.
    """

    lr: Hyper
    beta: Hyper = 0.95
    eps: float = 1e-7
    nesterov: bool = True
    match_rms: bool = False
    iterations: int = 5
    min_ndim: ClassVar[int] = 2

    def __post_init__(self) -> None:
        validate.positive("lr", self.lr)
        validate.fraction("beta", self.beta)
        validate.positive("eps", self.eps)
        validate.count("iterations", self.iterations)

    def init(self, x: Tensor) -> State:
        """Return the average of no gradients."""
        return {"m": torch.zeros_like(x)}

    def update(self, grad: Tensor, state: State, x: Tensor) -> tuple[Tensor, State]:
        """Return the orthogonalized step and the new average."""
        lr, beta = align(x, self.lr, self.beta)
        m = beta * state["m"] + (1 - beta) * grad
        u = (1 - beta) * grad + beta * m if self.nesterov else m
        rows, columns = x.shape[-2:]
        scale = math.sqrt(max(1, rows / columns))
        if self.match_rms:
            scale = 0.2 * math.sqrt(max(rows, columns))
        return -lr * scale * orthogonalize(u, self.iterations, self.eps), {"m": m}
