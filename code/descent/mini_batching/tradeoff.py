r"""What a batch buys: progress per step, and the hyperbola of steps and examples.

On a quadratic, the best step along a mini-batch gradient gains

$$\Delta(B) = \frac{\Delta_{\max}}{1 + B_{\text{noise}}/B}, \qquad
B_{\text{noise}} = \frac{\tr(H\Sigma)}{g^\top H g}.$$
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from torch import Tensor

from descent import validate
from descent.validate import Number


def noise_batch(hessian: Tensor, covariance: Tensor, g: Tensor) -> Tensor:
    r"""Batch size at which noise takes half of the gain of the best step.

    $$B_{\text{noise}} = \frac{\tr(H\Sigma)}{g^\top H g}$$

    With $H$ a multiple of the identity it is the simple noise scale $\tr\Sigma/\norm{g}^2$.

    Args:
        hessian: $H$, (P, P).
        covariance: $\Sigma$ of one example's gradient, (P, P).
        g: Exact gradient, (P,).

    Returns:
        A number, in examples.

    Reference: McCandlish et al. (2018), arXiv:1812.06162, section 2.2.
    """
    return (hessian * covariance.mT).sum() / (g @ hessian @ g)


def best_step(
    hessian: Tensor, covariance: Tensor, g: Tensor, batch: float
) -> tuple[Tensor, Tensor]:
    r"""Learning rate with the largest expected gain of one step, and that gain.

    $$\eta^\star = \frac{g^\top g}{g^\top Hg + \tr(H\Sigma)/B}, \qquad
    \Delta = \tfrac12\,\eta^\star\, g^\top g$$

    Args:
        hessian: $H$, (P, P).
        covariance: $\Sigma$, (P, P).
        g: Exact gradient, (P,).
        batch: Batch size $B$; infinity for the exact gradient.

    Returns:
        $\eta^\star$ and $\Delta$.

    Raises:
        ValueError: If the curvature that the step meets is not positive.
    """
    curvature = g @ hessian @ g + (hessian * covariance.mT).sum() / batch
    if not curvature > 0:
        raise ValueError(f"the expected curvature is {float(curvature):g}; it must be positive")
    lr = (g @ g) / curvature
    return lr, lr * (g @ g) / 2


@dataclass(frozen=True)
class Hyperbola:
    r"""The trade of steps for examples to reach one target.

    $$S(B) = S_{\min}\Bigl(1+\frac{B_c}{B}\Bigr), \quad E(B) = B\,S(B), \quad
    \Bigl(\frac{S}{S_{\min}}-1\Bigr)\Bigl(\frac{E}{E_{\min}}-1\Bigr) = 1, \quad
    B_c = \frac{E_{\min}}{S_{\min}}$$

    Args:
        steps: $S_{\min}$, the steps that are left however large the batch.
        examples: $E_{\min}$, the examples that are needed however small the batch.

    Raises:
        ValueError: If one of them is not positive.

    Example:
        >>> curve = Hyperbola(steps=10.0, examples=400.0)
        >>> curve.critical, curve.steps_at(40.0), curve.examples_at(40.0)
        (40.0, 20.0, 800.0)

    Reference: McCandlish et al. (2018), arXiv:1812.06162, section 2.3.
    """

    steps: Number
    examples: Number

    def __post_init__(self) -> None:
        validate.positive("steps", self.steps)
        validate.positive("examples", self.examples)

    @property
    def critical(self) -> Number:
        """Batch size that costs twice the fewest steps and twice the fewest examples."""
        return self.examples / self.steps

    def steps_at(self, batch: Number) -> Number:
        """Return the steps that a batch size needs."""
        return self.steps * (1 + self.critical / batch)

    def examples_at(self, batch: Number) -> Number:
        """Return the examples that a batch size needs."""
        return self.examples * (1 + batch / self.critical)

    @classmethod
    def fit(cls, batches: Sequence[float], steps: Sequence[float]) -> "Hyperbola":
        """Fit measured steps, with equal relative weight to every batch size.

        Args:
            batches: Batch sizes, at least two different ones.
            steps: Steps to the target.

        Returns:
            The hyperbola with the least squared relative error.
        """
        b, s = np.asarray(batches, float), np.asarray(steps, float)
        rows = np.stack([1 / s, 1 / (b * s)], 1)
        (fewest, examples), *_ = np.linalg.lstsq(rows, np.ones(len(s)), rcond=None)
        return cls(float(fewest), float(examples))
