"""The spherical 3-spin model: a random cubic on a sphere, where index and value are tied."""

import math
from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor

from descent import validate
from descent.saddles.index_models import semicircle

# Below this energy a critical point has, in the limit of many coordinates, no direction down.
THRESHOLD = -2 * math.sqrt(2 / 3)


@dataclass(frozen=True, eq=False)
class ThreeSpin:
    r"""A cubic form with Gaussian coefficients on the unit sphere.

    $$e(u) = N^{-1/2}\sum_{ijk} J_{ijk}\,u_iu_ju_k, \qquad \norm{u}=1, \quad
    J_{ijk}\sim\mathcal N(0,1)$$

    At a critical point of energy $e$ the Hessian on the sphere has, for large $N$, the semicircle
    law with radius $2\sqrt6$ around $-3e$: the value alone says how many directions lead down.

    Args:
        n: Number of coordinates N.
        seed: Seed of the coefficients.

    Reference: Auffinger, Ben Arous, Černý (2013), arXiv:1003.1129.
    """

    n: int
    seed: int = 0

    def __post_init__(self) -> None:
        validate.count("n", self.n, low=2)
        validate.count("seed", self.seed, low=0)

    @cached_property
    def tensor(self) -> Tensor:
        """The symmetric coefficients over the root of N, (N, N, N), float64."""
        generator = torch.Generator().manual_seed(self.seed)
        j = torch.randn(self.n, self.n, self.n, generator=generator, dtype=torch.float64)
        orders = [(0, 1, 2), (0, 2, 1), (1, 0, 2), (1, 2, 0), (2, 0, 1), (2, 1, 0)]
        return torch.stack([j.permute(p) for p in orders]).mean(0) / math.sqrt(self.n)

    def _parts(self, u: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Matrix T[u], vector T[u, u] and energy T[u, u, u]."""
        matrix = (u @ self.tensor.reshape(self.n, -1)).reshape(*u.shape, self.n)
        vector = (matrix @ u[..., None])[..., 0]
        return matrix, vector, (vector * u).sum(-1)

    def __call__(self, u: Tensor) -> Tensor:
        """Return the energies, (*batch,)."""
        return self._parts(u)[2]

    def grad(self, u: Tensor) -> Tensor:
        """Return the gradient on the sphere, (*batch, N)."""
        _, vector, energy = self._parts(u)
        return 3 * (vector - energy[..., None] * u)

    def hessian(self, u: Tensor) -> Tensor:
        """Return the Hessian on the sphere in the tangent space, (*batch, N - 1, N - 1)."""
        matrix, _, energy = self._parts(u)
        full = 6 * matrix - 3 * energy[..., None, None] * torch.eye(self.n, dtype=u.dtype)
        # The last N - 1 columns of this basis are orthogonal to u.
        basis = torch.linalg.qr(torch.cat([u[..., None], _frame(u)], -1)).Q[..., 1:]
        return basis.mT @ full @ basis

    def start(self, count: int, seed: int = 0) -> Tensor:
        """Draw points evenly from the sphere, (count, N)."""
        generator = torch.Generator().manual_seed(seed)
        u = torch.randn(count, self.n, generator=generator, dtype=torch.float64)
        return u / u.norm(dim=-1, keepdim=True)

    def descend(self, u: Tensor, lr: float, steps: int) -> Tensor:
        """Take gradient steps and return to the sphere after each, (*batch, N)."""
        for _ in range(steps):
            u = u - lr * self.grad(u)
            u = u / u.norm(dim=-1, keepdim=True)
        return u

    def newton(self, u: Tensor, steps: int = 50, cap: float = 0.3) -> tuple[Tensor, Tensor]:
        """Solve for a critical point of any kind near each start.

        Args:
            u: Starts, (batch, N).
            steps: Newton steps for the point and its multiplier together.
            cap: Longest step; far from a critical point the full one leads nowhere.

        Returns:
            Points on the sphere, (batch, N), and the lengths of their gradients, (batch,).
        """
        for _ in range(steps):
            matrix, _, energy = self._parts(u)
            system = 6 * matrix - 3 * energy[..., None, None] * torch.eye(self.n, dtype=u.dtype)
            top = torch.cat([system, -u[..., None]], -1)
            edge = torch.cat([u, torch.zeros_like(u[..., :1])], -1)[..., None, :]
            right = torch.cat([self.grad(u), torch.zeros_like(u[..., :1])], -1)
            move = torch.linalg.solve(torch.cat([top, edge], -2), -right[..., None])
            move = move[..., : self.n, 0]
            u = u + move * (cap / move.norm(dim=-1, keepdim=True)).clamp(max=1)
            u = u / u.norm(dim=-1, keepdim=True)
        return u, self.grad(u).norm(dim=-1)


def _frame(u: Tensor) -> Tensor:
    """Unit vectors but the one closest to u, (*batch, N, N - 1): with u they span everything."""
    n = u.shape[-1]
    largest = u.abs().argmax(-1, keepdim=True)
    order = torch.arange(n - 1).expand(*u.shape[:-1], n - 1)
    order = order + (order >= largest).long()
    return torch.eye(n, dtype=u.dtype)[order].mT


def limiting_share(energy: Tensor) -> Tensor:
    r"""Index over N at a critical point of that energy, for large N.

    $$\alpha(e) = F_{sc}\Bigl(\frac{3e}{2\sqrt6}\Bigr)$$

    >>> limiting_share(torch.tensor([THRESHOLD, 0.0]))
    tensor([0.0000, 0.5000])
    """
    return semicircle(3 * energy / (2 * math.sqrt(6)))
