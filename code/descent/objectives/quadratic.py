"""Quadratic bowls and saddles with a chosen spectrum."""

from dataclasses import dataclass

import torch
from torch import Tensor

from descent import validate

Domain = tuple[tuple[float, float], ...]


def rotation(angle: float | Tensor) -> Tensor:
    r"""Return the rotation of the plane by `angle` radians.

    $$R = \begin{pmatrix}\cos\varphi & -\sin\varphi\\ \sin\varphi & \cos\varphi\end{pmatrix}$$

    Args:
        angle: Radians, counter-clockwise.

    Returns:
        Matrix, (2, 2), float64.
    """
    a = torch.as_tensor(angle, dtype=torch.float64)
    c, s = torch.cos(a), torch.sin(a)
    return torch.stack([torch.stack([c, -s]), torch.stack([s, c])])


@dataclass(frozen=True, eq=False)
class Quadratic:
    r"""A bowl with a chosen spectrum.

    $$f(x) = \tfrac12 \sum_i \lambda_i \langle q_i, x\rangle^2 = \tfrac12 x^\top H x,
    \qquad H = Q\,\mathrm{diag}(\lambda)\,Q^\top$$

    Args:
        eigenvalues: $\lambda$, (*batch, dim); any sign, so that saddles are quadratics too.
        basis: Orthogonal $Q$ with the eigenvectors $q_i$ as columns, (dim, dim); None for the axes.

    Raises:
        TypeError: If `eigenvalues` is not a floating-point tensor.
        ValueError: If it is empty or not finite, or `basis` is not orthogonal of matching size.

    >>> f = Quadratic(torch.tensor([1.0, 10.0]))
    >>> f(torch.tensor([[1.0, 1.0], [2.0, 0.0]]))
    tensor([5.5000, 2.0000])
    """

    eigenvalues: Tensor
    basis: Tensor | None = None

    def __post_init__(self) -> None:
        validate.spectrum("eigenvalues", self.eigenvalues)
        if self.basis is not None:
            validate.orthogonal("basis", self.basis, self.eigenvalues.shape[-1])

    @classmethod
    def conditioned(cls, kappa: float, dim: int = 2, angle: float = 0.0) -> "Quadratic":
        r"""Make a bowl with curvatures from 1 to $\kappa$, spaced evenly in the logarithm.

        Args:
            kappa: Condition number, at least 1.
            dim: Number of coordinates, at least 2.
            angle: Rotation in the plane, radians; needs `dim` 2 unless it is 0.

        Returns:
            The bowl, in float64.

        Raises:
            ValueError: If an argument is out of range.
        """
        validate.at_least("kappa", kappa, 1)
        validate.count("dim", dim, low=2)
        if angle and dim != 2:
            raise ValueError(f"angle is {angle}; it must be 0 unless dim is 2")
        spectrum = torch.logspace(0, 1, dim, base=kappa, dtype=torch.float64)
        return cls(spectrum, rotation(angle) if angle else None)

    @property
    def dim(self) -> int:
        """Number of coordinates."""
        return self.eigenvalues.shape[-1]

    @property
    def minima(self) -> Tensor:
        """The origin, (1, dim), unless a curvature is negative: then there is none."""
        count = 0 if bool((self.eigenvalues < 0).any()) else 1
        return torch.zeros(count, self.dim, dtype=self.eigenvalues.dtype)

    @property
    def start(self) -> Tensor:
        """The point with all coordinates 1."""
        return torch.ones(self.dim, dtype=self.eigenvalues.dtype)

    @property
    def domain(self) -> Domain:
        """The square from -1.5 to 1.5."""
        return ((-1.5, 1.5),) * self.dim

    def __call__(self, x: Tensor) -> Tensor:
        """Return the losses."""
        return 0.5 * (self._spectrum(x) * self._components(x) ** 2).sum(-1)

    def grad(self, x: Tensor) -> Tensor:
        """Return $Hx$, the shape of `x`."""
        scaled = self._spectrum(x) * self._components(x)
        return scaled if self.basis is None else scaled @ self.basis.to(x).mT

    def hessian(self, x: Tensor) -> Tensor:
        """Return $H$ for every point, (*batch, dim, dim)."""
        if self.basis is None:
            h = torch.diag_embed(self._spectrum(x))
        else:
            q = self.basis.to(x)
            h = (q * self._spectrum(x)[..., None, :]) @ q.mT
        return h.expand(*x.shape, x.shape[-1])

    def _spectrum(self, x: Tensor) -> Tensor:
        return self.eigenvalues.to(x)

    def _components(self, x: Tensor) -> Tensor:
        return x if self.basis is None else x @ self.basis.to(x)
