"""Oracles that look further than one gradient: around the point, and at its curvature."""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from descent import validate
from descent.oracles import Oracle, gradient, seeded

# Keeps the direction of a zero gradient finite; the authors of SAM use the same number.
NORM_FLOOR = 1e-12


@dataclass(frozen=True)
class sharpness_aware:
    r"""Gradient at the worst point nearby: sharpness-aware minimization around any rule.

    $$\hat g = g\Bigl(x + \rho\, \frac{g(x)}{\norm{g(x)}}\Bigr)$$

    Both gradients come from the same oracle at the same step, so from the same mini-batch. The norm
    is taken over all coordinates of a point. Assumes that flat minima are worth looking for. Costs
    a second gradient a step.

    Args:
        rho: Radius $\rho > 0$, in units of x.
        oracle: Where gradients come from.

    Raises:
        ValueError: If `rho` is not finite and positive.

    >>> sharpness_aware(rho=0.5)(lambda x: (x**2).sum(-1), torch.tensor([3.0, 4.0]), 0)
    tensor([6.6000, 8.8000])

    Reference: Foret et al. (2021), arXiv:2010.01412, algorithm 1.
    """

    rho: float
    oracle: Oracle = gradient

    def __post_init__(self) -> None:
        validate.positive("rho", self.rho)

    def __call__(self, objective: Callable[[Tensor], Tensor], x: Tensor, step: int) -> Tensor:
        """Climb by rho, and return the gradient found there."""
        g = self.oracle(objective, x, step)
        norm = torch.sqrt((g * g).sum(-1, keepdim=True))
        return self.oracle(objective, x + self.rho * g / (norm + NORM_FLOOR), step)


@dataclass(frozen=True)
class curvature_too:
    r"""Exact gradient and an unbiased estimate of the Hessian's diagonal, on a last axis of two.

    $$\hat g = (g,\ z \odot H z), \qquad z_i = \pm 1 \text{ at random}, \qquad
    \E[z \odot H z] = \diag H$$

    The estimate is exact where H is diagonal. It is for rules that ask for curvature (`Sophia`).
    Costs one Hessian-vector product a step.

    Args:
        seed: Seed of the signs.

    Raises:
        ValueError: If `seed` is negative.

    >>> curvature_too()(lambda x: (x**3).sum(-1), torch.tensor([1.0, 2.0]), 0)
    tensor([[ 3.,  6.],
            [12., 12.]])

    Reference: Hutchinson (1989); Bekas, Kokiopoulou, Saad (2007).
    """

    seed: int = 0

    def __post_init__(self) -> None:
        validate.count("seed", self.seed, low=0)

    def __call__(self, objective: Callable[[Tensor], Tensor], x: Tensor, step: int) -> Tensor:
        """Return gradient and curvature, (*batch, dim, 2)."""
        z = random_signs(x, self.seed, step)
        with torch.enable_grad():
            x = x.detach().requires_grad_()
            [g] = torch.autograd.grad(objective(x).sum(), x, create_graph=True)
            [hz] = torch.autograd.grad(g, x, z)
        return torch.stack([g.detach(), z * hz], -1)


def random_signs(like: Tensor, seed: int, step: int) -> Tensor:
    """Draw independent fair signs.

    Args:
        like: A tensor whose shape, dtype and device are wanted.
        seed: Seed.
        step: Counter; the same seed and counter give the same signs.

    Returns:
        Entries -1 and 1, shaped like `like`.
    """
    bits = torch.randint(2, like.shape, generator=seeded(seed, step))
    return (2 * bits - 1).to(like)
