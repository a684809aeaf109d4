"""Empirical and true risk where both are known: labels drawn from a stated law."""

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from descent import validate


@dataclass(frozen=True)
class LogisticTeacher:
    r"""A law of examples: Gaussian inputs, binary labels with known probabilities.

    $$u \sim \mathcal N(0, I_d), \qquad
    P(y=1\mid u) = \nu + (1-2\nu)\,\sigma\bigl(s\,\bar u\bigr), \qquad
    \bar u = \frac{1}{\sqrt d}\sum_i u_i \sim \mathcal N(0,1)$$

    Because the law is known, the true risk of any classifier is an integral over inputs alone.

    Args:
        dim: Number of inputs d.
        scale: Steepness s: large values make the clean labels a function of the inputs.
        flip: Probability $\nu < \tfrac12$ with which a label is flipped.

    Raises:
        ValueError: If a field is out of range.

    Example:
        >>> teacher = LogisticTeacher(dim=10)
        >>> inputs, labels = teacher.draw(5, seed=0)
        >>> inputs.shape, labels.shape
        (torch.Size([5, 10]), torch.Size([5, 2]))
    """

    dim: int
    scale: float = 3.0
    flip: float = 0.0

    def __post_init__(self) -> None:
        validate.count("dim", self.dim)
        validate.positive("scale", self.scale)
        validate.at_least("flip", self.flip, 0)
        if self.flip >= 0.5:
            raise ValueError(f"flip is {self.flip}; it must be below 0.5")

    def probability(self, mean: Tensor) -> Tensor:
        r"""Return $P(y=1)$ for values of $\bar u$, the shape of `mean`."""
        return self.flip + (1 - 2 * self.flip) * torch.sigmoid(self.scale * mean)

    def inputs(self, n: int, seed: int) -> Tensor:
        """Draw inputs (n, d), float32."""
        generator = torch.Generator().manual_seed(validate.count("seed", seed, low=0))
        return torch.randn(validate.count("n", n), self.dim, generator=generator)

    def stratified(self, n: int, seed: int) -> Tensor:
        r"""Draw inputs (n, d) whose $\bar u$ are the n even quantiles of their law."""
        free = self.inputs(n, seed)
        share = (torch.arange(n, dtype=free.dtype) + 0.5) / n
        want = math.sqrt(2) * torch.erfinv(2 * share - 1)
        return free + (want / math.sqrt(self.dim) - free.mean(-1))[:, None]

    def posterior(self, inputs: Tensor) -> Tensor:
        """Return the probabilities of both labels, (n, 2)."""
        p = self.probability(inputs.sum(-1) / math.sqrt(self.dim))
        return torch.stack([1 - p, p], -1)

    def draw(self, n: int, seed: int) -> tuple[Tensor, Tensor]:
        """Draw examples.

        Args:
            n: How many.
            seed: Seed of inputs and labels. Inputs and coins are drawn apart, so that two
                teachers with different `flip` see the same inputs and the same coins.

        Returns:
            Inputs (n, d) and one-hot labels (n, 2).
        """
        u = self.inputs(n, seed)
        generator = torch.Generator().manual_seed(seed + 2**20)
        ones = torch.rand(n, generator=generator) < self.posterior(u)[:, 1]
        return u, torch.stack([~ones, ones], -1).to(u.dtype)

    @property
    def bayes_risk(self) -> float:
        r"""Smallest true cross-entropy of any classifier, $\mathbb E\,h(P(y=1\mid u))$."""
        return self._expect(lambda p: -(p * p.log() + (1 - p) * (-p).log1p()))

    @property
    def bayes_error(self) -> float:
        r"""Smallest true error of any classifier, $\mathbb E\min(p, 1-p)$."""
        return self._expect(lambda p: torch.minimum(p, 1 - p))

    def _expect(self, value) -> float:
        """Integrate a function of p over the standard normal law of the mean."""
        mean = torch.linspace(-9, 9, 20001, dtype=torch.float64)
        weight = torch.exp(-mean.square() / 2) / math.sqrt(2 * math.pi)
        p = self.probability(mean).clamp(1e-300, 1 - 1e-16)
        return float(torch.trapezoid(weight * value(p), mean))


def hoeffding_width(n: int, candidates: int = 1, confidence: float = 0.95) -> float:
    r"""Bound how far measured error rates lie from the true ones, for all candidates at once.

    $$P\Bigl(\max_{j\le m}\,|\hat e_j - e_j| > w\Bigr) \le 2m\,e^{-2nw^2}, \qquad
    w = \sqrt{\frac{\log(2m/\delta)}{2n}}$$

    Args:
        n: Examples on which they are measured, none of which was used to make a candidate.
        candidates: Number m of classifiers.
        confidence: $1-\delta$.

    Returns:
        The width w.

    Raises:
        ValueError: If an argument is out of range.

    Example:
        >>> round(hoeffding_width(1000), 3)
        0.043

    Reference: Hoeffding (1963), *Probability inequalities for sums of bounded random variables*.
    """
    validate.count("n", n)
    validate.count("candidates", candidates)
    validate.fraction("confidence", confidence)
    return math.sqrt(math.log(2 * candidates / (1 - confidence)) / (2 * n))
