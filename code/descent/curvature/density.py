r"""The density of a spectrum by stochastic Lanczos quadrature.

$$\rho(t) = \frac1P\sum_i \delta(t - \lambda_i) \approx
\frac1K\sum_{k=1}^{K}\sum_{j=1}^{m} \omega_{kj}\,\delta(t - \theta_{kj}), \qquad
\omega_{kj} = (e_1^\top s_{kj})^2$$

Each of K random probes gives, by m Lanczos steps, a Gauss quadrature of its own spectral measure:
moments up to degree 2m - 1 are exact for that probe, and their mean over probes is unbiased.

Reference: Ubaru, Chen, Saad (2017), *Fast estimation of tr(f(A)) via stochastic Lanczos
quadrature*, algorithm 1; Ghorbani, Krishnan, Xiao (2019), arXiv:1901.10159, section 2.
"""

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from descent import validate
from descent.curvature.hvp import Operator
from descent.curvature.lanczos import lanczos


@dataclass(frozen=True, eq=False)
class SpectralDensity:
    """A weighted set of points that stands for a spectrum.

    Args:
        nodes: Ritz values θ, (probes, m), double precision, on the CPU.
        weights: ω ≥ 0, (probes, m); each row sums to 1.
        dim: P, the number of eigenvalues.
    """

    nodes: Tensor
    weights: Tensor
    dim: int

    def moment(self, power: int = 1) -> Tensor:
        r"""Return each probe's estimate of the mean of λ to a power, (probes,).

        P times the first moment estimates the trace, P times the second the squared Frobenius norm.

        Args:
            power: At least 1; exact for the probe up to 2m - 1.
        """
        return (self.weights * self.nodes ** validate.count("power", power)).sum(-1)

    def cumulative(self, t: Tensor) -> Tensor:
        """Return the estimated fraction of eigenvalues ≤ t, the shape of `t`."""
        below = self.nodes <= t.cpu().double().unsqueeze(-1).unsqueeze(-1)
        return (below * self.weights).sum(-1).mean(-1).to(t)

    def density(self, t: Tensor, sigma: float) -> Tensor:
        """Return the density smoothed by a Gaussian of standard deviation `sigma`.

        Args:
            t: Where, any shape, in units of the eigenvalues.
            sigma: Width, in the same units. Features narrower than it are not resolved.

        Returns:
            Density per unit of eigenvalue, the shape of `t`; its integral is 1.
        """
        validate.positive("sigma", sigma)
        z = (t.cpu().double().unsqueeze(-1).unsqueeze(-1) - self.nodes) / sigma
        bump = torch.exp(-0.5 * z**2) / (sigma * math.sqrt(2 * math.pi))
        return (bump * self.weights).sum(-1).mean(-1).to(t)


def spectral_density(
    operator: Operator, *, probes: int = 8, steps: int = 60, seed: int = 0
) -> SpectralDensity:
    """Estimate the spectrum of a Hessian that is too large to diagonalize.

    All probes advance together. The ends of the spectrum converge first; more steps resolve the
    bulk. A fraction F of the eigenvalues has standard error √(2F(1-F) / ((P + 2) · probes)).

    Args:
        operator: Product at one point, such as `hvp(objective, x)` with x of shape (P,).
        probes: Number of Gaussian vectors K.
        steps: Lanczos steps m for each, at most P are taken.
        seed: Seed of the vectors.

    Returns:
        Nodes and weights, with `density`, `cumulative` and `moment`.

    Raises:
        ValueError: If the operator is a batch, or not finite.

    Example:
        >>> from descent.curvature import hvp
        >>> product = hvp(lambda x: 0.5 * (torch.tensor([1.0, 3.0]) * x**2).sum(-1), torch.ones(2))
        >>> spectral_density(product, probes=1, steps=2).nodes
        tensor([[1.0000, 3.0000]], dtype=torch.float64)
    """
    x = operator.x
    if x.ndim != 1:
        raise ValueError(f"operator acts on {tuple(x.shape)}; it must be at one point, (P,)")
    validate.count("probes", probes)
    generator = torch.Generator().manual_seed(validate.count("seed", seed, low=0))
    start = torch.randn(probes, len(x), generator=generator, dtype=x.dtype).to(x.device)
    nodes, s, _ = lanczos(operator.many, steps=steps, start=start).ritz()
    if nodes.isnan().any():
        raise ValueError(
            "operator returns NaN or infinity; the Hessian at this point is not finite"
        )
    return SpectralDensity(nodes, s[..., 0, :] ** 2, len(x))
