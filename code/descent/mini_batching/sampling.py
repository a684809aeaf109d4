r"""The gradient of a sample as a measurement: how far it lies from the gradient of all examples.

One example's gradient has the mean $g$ and the covariance
$\Sigma = \frac1N\sum_i(\nabla f_i-g)(\nabla f_i-g)^\top$. A batch of $B$ divides the covariance
by $B$, and by a little more where examples are drawn without replacement.
"""

from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor

from descent import validate
from descent.oracles import gradient
from descent.validate import Number


class FiniteSum(Protocol):
    """A mean over examples that can be restricted to some of them."""

    @property
    def size(self) -> int:
        """Number of examples N."""
        ...

    def on(self, index: Tensor) -> "FiniteSum":
        """Return the mean over the examples `index`."""
        ...

    def __call__(self, x: Tensor) -> Tensor:
        """Return the mean, (*batch, P) -> (*batch,)."""
        ...


def finite_population(n: Number, population: Number) -> Number:
    r"""Factor by which drawing without replacement shrinks the variance of a mean.

    $$\frac{N-n}{N-1}$$

    Args:
        n: Number of examples drawn, from 1 to N.
        population: Number N of examples, at least 2.

    Returns:
        The factor, the broadcast shape.
    """
    return (population - n) / (population - 1)


def standard_error(sigma: Number, n: Number, population: Number | None = None) -> Number:
    r"""Standard deviation of the mean of n examples.

    $$\mathrm{SE} = \frac{\sigma}{\sqrt n}\sqrt{\frac{N-n}{N-1}}$$

    Args:
        sigma: Standard deviation of one example, with the divisor N.
        n: Number of examples drawn.
        population: Number N of examples if they are drawn without replacement; None draws each
            anew from all of them, and leaves out the second root.

    Returns:
        The standard error, the broadcast shape, in units of sigma.

    Raises:
        ValueError: If `sigma` is negative.

    Example:
        >>> standard_error(1.0, 100), standard_error(1.0, 100, population=100)
        (0.1, 0.0)

    Reference: Cochran (1977), *Sampling Techniques*, chapter 2.
    """
    validate.at_least("sigma", sigma, 0)
    factor = 1.0 if population is None else finite_population(n, population)
    return sigma * (factor / n) ** 0.5


def example_gradients(objective: FiniteSum, x: Tensor) -> Tensor:
    """Return the gradient of every example.

    Args:
        objective: A finite sum whose `on` takes a batch of index lists, such as `Empirical`.
        x: One point, (P,).

    Returns:
        Gradients, (N, P); their mean is the gradient of the objective.
    """
    index = torch.arange(objective.size, device=x.device)[:, None]
    return gradient(objective.on(index), x.expand(objective.size, -1))


@dataclass(frozen=True)
class GradientNoise:
    r"""Signal and noise of one example's gradient.

    Args:
        square: $\norm{g}^2$, squared length of the mean.
        trace: $\tr\Sigma$, the mean squared distance of one example's gradient from it.
    """

    square: float
    trace: float

    @property
    def scale(self) -> float:
        r"""Batch size at which noise and signal are equally long, $\tr\Sigma/\norm{g}^2$."""
        return self.trace / self.square if self.square > 0 else float("inf")


def gradient_noise(gradients: Tensor) -> GradientNoise:
    """Measure signal and noise.

    Args:
        gradients: One row for each example, (N, P); see `example_gradients`.

    Returns:
        The measurement, with the divisor N.
    """
    mean = gradients.mean(0)
    return GradientNoise(
        float(mean.square().sum()), float((gradients - mean).square().sum(-1).mean())
    )


def two_batch_estimate(small: Number, big: Number, b: int, big_b: int) -> tuple[Number, Number]:
    r"""Signal and noise from two gradient lengths, without a single example's gradient.

    $$\norm{g}^2 \approx \frac{B\,\norm{\hat g_B}^2 - b\,\norm{\hat g_b}^2}{B-b}, \qquad
    \tr\Sigma \approx \frac{\norm{\hat g_b}^2 - \norm{\hat g_B}^2}{1/b - 1/B}$$

    Both are unbiased for examples drawn independently, since
    $\E\norm{\hat g_B}^2 = \norm{g}^2 + \tr\Sigma/B$. Their ratio is not; average both first.

    Args:
        small: Squared length of the gradient of a small batch, or a mean of such.
        big: The same for a big batch, such as the mean over several machines.
        b: Size of the small batch.
        big_b: Size of the big batch, above b.

    Returns:
        Estimates of $\norm{g}^2$ and of $\tr\Sigma$.

    Raises:
        ValueError: If `big_b` is not above `b`.

    Reference: McCandlish, Kaplan, Amodei, OpenAI Dota Team (2018), arXiv:1812.06162, appendix A.
    """
    if validate.count("big_b", big_b) <= validate.count("b", b):
        raise ValueError(f"big_b is {big_b}; it must be above b, which is {b}")
    square = (big_b * big - b * small) / (big_b - b)
    return square, (small - big) / (1 / b - 1 / big_b)
