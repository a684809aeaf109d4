r"""Powers of a matrix: what happens to a signal, and to a gradient, that is multiplied many times.

With $h_t = W h_{t-1}$ the state is $W^t h_0$, and gradients go back through the transposed powers.
Norms are kept as logarithms: $0.5^{1100}$ is 0 in double precision, its logarithm is not.
"""

import math

import torch
from torch import Tensor

from descent import validate


def power_norms(w: Tensor, steps: int) -> Tensor:
    r"""Return the logarithms of the norms of all powers.

    $$\log\norm{W^t}, \qquad t = 0, \dots, T$$

    Args:
        w: Matrix, (*batch, n, n).
        steps: Largest power T.

    Returns:
        Logarithms of the largest singular values, (T + 1, *batch).

    Raises:
        TypeError: If `steps` is not an integer.
        ValueError: If `w` is not square, or `steps` < 1.

    >>> shift = torch.tensor([[0.9, 10.0], [0.0, 0.9]], dtype=torch.float64)
    >>> power_norms(shift, 60).exp().max()  # although both eigenvalues are 0.9
    tensor(38.7459, dtype=torch.float64)
    """
    _square(w)
    power = torch.eye(w.shape[-1], dtype=w.dtype, device=w.device).expand_as(w)
    scale, logs = torch.zeros_like(w[..., 0, 0]), [torch.zeros_like(w[..., 0, 0])]
    for _ in range(validate.count("steps", steps)):
        power = w @ power
        size = torch.linalg.matrix_norm(power, 2).clamp(min=torch.finfo(w.dtype).tiny)
        power, scale = power / size[..., None, None], scale + size.log()
        logs.append(scale)
    return torch.stack(logs)


def spectral_radius(w: Tensor) -> Tensor:
    """Return the largest absolute value of the eigenvalues of (*batch, n, n)."""
    _square(w)
    return torch.linalg.eigvals(w).abs().amax(-1)


def kreiss(w: Tensor, radii: int = 200, angles: int = 96) -> float:
    r"""Return a lower bound of the highest transient, from the resolvent alone.

    $$\mathcal K = \sup_{|z|>1} (|z|-1)\,\norm{(zI-W)^{-1}}, \qquad
    \mathcal K \le \sup_t \norm{W^t} \le e\,n\,\mathcal K$$

    The supremum is taken over a grid, so that what is returned is a lower bound too.

    Args:
        w: Matrix with spectral radius at most 1, (n, n).
        radii: Number of circles, with radii 1.0001 to 11.
        angles: Number of points on each circle.

    Returns:
        The bound; 1 at least, since the identity is among the powers.

    Raises:
        ValueError: If `w` is not one square matrix, or an eigenvalue lies outside the unit circle.

    Reference: Trefethen, Embree (2005), *Spectra and Pseudospectra*.
    """
    if w.ndim != 2:
        raise ValueError(f"w has shape {tuple(w.shape)}; it must be one matrix, (n, n)")
    if float(spectral_radius(w)) > 1 + 1e-12:
        raise ValueError(f"w has spectral radius {float(spectral_radius(w)):g}; it must be <= 1")
    beyond = torch.logspace(-4, 1, radii, dtype=torch.float64)
    turn = torch.arange(angles, dtype=torch.float64) * (2 * math.pi / angles)
    z = (1 + beyond)[:, None] * torch.exp(1j * turn)
    eye = torch.eye(w.shape[0], dtype=torch.complex128)
    smallest = torch.linalg.svdvals(z[..., None, None] * eye - w.to(torch.complex128))[..., -1]
    return max(1.0, float((beyond[:, None] / smallest).max()))


def gradient_terms(w: Tensor, states: Tensor, delta: Tensor) -> Tensor:
    r"""Return what each use of W adds to its gradient, in $h_t = W h_{t-1}$.

    $$\nabla_W J = \sum_{k=1}^{t} (W^\top)^{t-k}\, \nabla_{h_t} J\; h_{k-1}^\top$$

    Args:
        w: Matrix, (n, n).
        states: $h_0, \dots, h_{t-1}$, (t, n).
        delta: $\nabla_{h_t} J$, (n,).

    Returns:
        The t terms, (t, n, n); the first is the oldest, whose gradient travelled longest.

    Raises:
        ValueError: If `w` is not square.

    Reference: Goodfellow, Bengio, Courville (2016), section 10.7.
    """
    _square(w)
    terms = []
    for h in states.flip(0):
        terms.append(torch.outer(delta, h))
        delta = w.mT @ delta
    return torch.stack(terms).flip(0)


def _square(w: Tensor) -> None:
    if w.ndim < 2 or w.shape[-1] != w.shape[-2]:
        raise ValueError(f"w has shape {tuple(w.shape)}; it must be (*batch, n, n)")
