"""Shampoo, and SOAP, which is Adam in Shampoo's eigenbasis."""

from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor

from descent import validate
from descent.optimizers.base import Hyper, State, align


def eigenbasis(matrix: Tensor) -> tuple[Tensor, Tensor]:
    """Decompose symmetric matrices in float64, where float32 may not converge.

    Args:
        matrix: Symmetric matrices, (*batch, n, n). One with an entry that is not finite gives a
            basis of NaN, so that a run that diverges does not stop the others.

    Returns:
        Eigenvalues in ascending order, (*batch, n), and eigenvectors, (*batch, n, n), in float64.
    """
    finite = torch.isfinite(matrix).all(-1).all(-1)[..., None, None]
    eye = torch.eye(matrix.shape[-1], dtype=torch.float64, device=matrix.device)
    values, vectors = torch.linalg.eigh(torch.where(finite, matrix.double(), eye))
    return values, torch.where(finite, vectors, torch.nan)


@dataclass(frozen=True)
class Shampoo:
    r"""Shampoo: precondition a matrix from the left and from the right.

    $$L_{k+1} = L_k + G_k G_k^\top, \quad R_{k+1} = R_k + G_k^\top G_k, \quad
    X_{k+1} = X_k - \eta\, L_{k+1}^{-1/4} G_k R_{k+1}^{-1/4}, \quad L_0 = R_0 = \epsilon I$$

    It is AdaGrad with a whole matrix $\sqrt{L\otimes R}$ in place of a diagonal, and so does not
    care about rotations of rows or columns. Assumes that curvature is about a Kronecker product.
    Costs $m^2 + n^2$ numbers and two eigendecompositions a step, of order $m^3 + n^3$; libraries
    renew the roots every few hundred steps.

    Args:
        lr: Learning rate $\eta > 0$, in units of x.
        eps: Weight of the identity at the start, $\epsilon > 0$, in units of the gradient squared.

    Raises:
        ValueError: If a field is out of its range.

    Reference: Gupta, Koren, Singer (2018), algorithm 1.
    """

    lr: Hyper
    eps: Hyper = 1e-4
    min_ndim: ClassVar[int] = 2

    def __post_init__(self) -> None:
        validate.positive("lr", self.lr)
        validate.positive("eps", self.eps)

    def init(self, x: Tensor) -> State:
        """Return the two preconditioners, multiples of the identity."""
        [eps] = align(x, self.eps)
        left, right = (_identity(x, axis) for axis in (-2, -1))
        return {"left": eps * left, "right": eps * right}

    def update(self, grad: Tensor, state: State, x: Tensor) -> tuple[Tensor, State]:
        """Return the preconditioned step and the new preconditioners."""
        lr, eps = align(x, self.lr, self.eps)
        left, right = state["left"] + grad @ grad.mT, state["right"] + grad.mT @ grad
        step = _inverse_fourth_root(left, eps) @ grad @ _inverse_fourth_root(right, eps)
        return -lr * step, {"left": left, "right": right}


@dataclass(frozen=True)
class SOAP:
    r"""SOAP: Adam run in the eigenbasis of Shampoo's preconditioners.

    $$\tilde G_k = Q_L^\top G_k Q_R, \qquad \tilde M_k = Q_L^\top M_k Q_R, \qquad
    X_{k+1} = X_k - \eta\, \frac{\sqrt{u_k}}{w_k}\,
    Q_L \frac{\tilde M_k}{\sqrt{V_k} + \epsilon} Q_R^\top$$

    $V$ averages $\tilde G^2$ with memory $\beta_2$; $Q_L$, $Q_R$ follow the eigenvectors of the
    averages of $G G^\top$ and $G^\top G$ by one power iteration every `every` steps. With
    $Q_L = Q_R = I$ it is Adam. The first gradient only sets the basis: no step is taken, as in the
    authors' code. Costs $2mn + 2m^2 + 2n^2$ numbers, and a QR decomposition at each renewal.

    Args:
        lr: Learning rate $\eta > 0$, in units of x.
        beta1: Memory of the mean, in [0, 1).
        beta2: Memory of the mean square and of the preconditioners, in [0, 1).
        eps: Floor $\epsilon > 0$, added before the bias is corrected, as in the authors' code.
        every: Steps between renewals of the basis.

    Raises:
        ValueError: If a field is out of its range.

    Reference: Vyas et al. (2024), arXiv:2409.11321, algorithm 3.
    """

    lr: Hyper
    beta1: Hyper = 0.95
    beta2: Hyper = 0.95
    eps: Hyper = 1e-8
    every: int = 10
    min_ndim: ClassVar[int] = 2

    def __post_init__(self) -> None:
        validate.positive("lr", self.lr)
        validate.fraction("beta1", self.beta1)
        validate.fraction("beta2", self.beta2)
        validate.positive("eps", self.eps)
        validate.count("every", self.every)

    def init(self, x: Tensor) -> State:
        """Return averages of nothing, in a basis that is not chosen yet."""
        left, right = (_identity(x, axis) for axis in (-2, -1))
        nothing = x.new_zeros(())
        return {
            **{name: torch.zeros_like(x) for name in ("m", "v")},
            **{"left": 0 * left, "right": 0 * right, "rows": left, "columns": right},
            **{name: nothing for name in ("w", "u", "k")},
        }

    def update(self, grad: Tensor, state: State, x: Tensor) -> tuple[Tensor, State]:
        """Return Adam's step in the eigenbasis, and the state."""
        k = int(state["k"])
        new = {**state, "k": state["k"] + 1}
        dx = self._step(grad, new, x) if k else torch.zeros_like(x)
        _, beta2 = align(x, self.beta1, self.beta2)
        new["left"] = beta2 * state["left"] + (1 - beta2) * grad @ grad.mT
        new["right"] = beta2 * state["right"] + (1 - beta2) * grad.mT @ grad
        if k == 0:
            for moment, basis in (("left", "rows"), ("right", "columns")):
                new[basis] = eigenbasis(new[moment])[1].flip(-1).to(x.dtype)
        elif k % self.every == 0:
            new["rows"], order = _power_iteration(new["left"], state["rows"])
            new["v"] = new["v"].gather(-2, order[..., :, None].expand_as(new["v"]))
            new["columns"], order = _power_iteration(new["right"], state["columns"])
            new["v"] = new["v"].gather(-1, order[..., None, :].expand_as(new["v"]))
        return dx, new

    def _step(self, grad: Tensor, new: State, x: Tensor) -> Tensor:
        """Average into `new`, and return the step in the present basis."""
        lr, beta1, beta2, eps = align(x, self.lr, self.beta1, self.beta2, self.eps)
        rows, columns = new["rows"], new["columns"]
        turned = rows.mT @ grad @ columns
        new["m"] = beta1 * new["m"] + (1 - beta1) * grad
        new["v"] = beta2 * new["v"] + (1 - beta2) * turned * turned
        new["w"] = beta1 * new["w"] + (1 - beta1)
        new["u"] = beta2 * new["u"] + (1 - beta2)
        scaled = (rows.mT @ new["m"] @ columns) / (torch.sqrt(new["v"]) + eps)
        return -lr * torch.sqrt(new["u"]) / new["w"] * (rows @ scaled @ columns.mT)


def _identity(x: Tensor, axis: int) -> Tensor:
    """Identity matrices as long as one axis of x, (*batch, n, n)."""
    n = x.shape[axis]
    return torch.eye(n, dtype=x.dtype, device=x.device).expand(*x.shape[:-2], n, n)


def _inverse_fourth_root(matrix: Tensor, least: Hyper) -> Tensor:
    """Take M^(-1/4), knowing that no eigenvalue is below `least` but for rounding."""
    values, vectors = eigenbasis(matrix)
    floor = least[..., 0] if isinstance(least, Tensor) and least.ndim else least
    scaled = vectors * values.clamp(min=floor)[..., None, :] ** -0.25
    return (scaled @ vectors.mT).to(matrix.dtype)


def _power_iteration(moment: Tensor, basis: Tensor) -> tuple[Tensor, Tensor]:
    """Improve a basis once; return it with the order into which its vectors were sorted."""
    product = moment @ basis
    order = (basis * product).sum(-2).argsort(-1, descending=True)
    return torch.linalg.qr(product.gather(-1, order[..., None, :].expand_as(product)))[0], order
