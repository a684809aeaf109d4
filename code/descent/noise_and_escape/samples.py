r"""A finite data set with two equal minima whose noise differs.

$$f_i(x) = f(x) + z_i\,s(x), \qquad s' = \sigma, \qquad \sum_i z_i = 0, \quad
\frac1N\sum_i z_i^2 = 1$$

The mean of the examples is $f$, exactly; a batch of $B$ drawn with replacement has the gradient
$f'(x) + \bar z\,\sigma(x)$ with variance $\sigma^2(x)/B$.
"""

from collections.abc import Callable
from dataclasses import dataclass
from statistics import NormalDist

from torch import Tensor

from descent import validate
from descent.noise_and_escape.laws import Law


def standard_scores(n: int = 64) -> tuple[float, ...]:
    """Numbers with mean 0 and variance 1, spread like normal quantiles.

    Args:
        n: How many, at least 2.

    Returns:
        The numbers, increasing.

    >>> [round(z, 3) for z in standard_scores(4)]
    [-1.363, -0.378, 0.378, 1.363]
    """
    validate.count("n", n, low=2)
    raw = [NormalDist().inv_cdf((i + 0.5) / n) for i in range(n)]
    scale = (sum(z * z for z in raw) / n) ** 0.5
    return tuple(z / scale for z in raw)


@dataclass(frozen=True)
class Scattered:
    """A finite sum for the oracle `minibatch`: one number z for each example.

    Args:
        slope: Derivative of the mean loss, elementwise.
        sigma: Standard deviation of the examples' derivatives, elementwise.
        scores: The numbers z, (n,).
    """

    slope: Callable[[Tensor], Tensor]
    sigma: Callable[[Tensor], Tensor]
    scores: Tensor

    @property
    def size(self) -> int:
        """Number of examples."""
        return len(self.scores)

    def on(self, index: Tensor) -> "Scattered":
        """Return the same sum over some of the examples."""
        return Scattered(self.slope, self.sigma, self.scores[index])

    def grad(self, x: Tensor) -> Tensor:
        """Return the mean derivative over the examples, the shape of `x`."""
        return self.slope(x) + self.scores.mean() * self.sigma(x)


def scattered_law(slope: Callable, sigma: Callable) -> Law:
    """Return the same walk for clouds: each particle draws its own batches.

    Args:
        slope: As for `Scattered`, in plain arithmetic.
        sigma: As for `Scattered`, in plain arithmetic.

    Returns:
        The law; give the scores to a `Walk` as its table, with `scale` equal to `lr`.
    """
    return Law(lambda x: (slope(x),), lambda x, z: (sigma(x) * z,))
