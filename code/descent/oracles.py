r"""Oracles: what an optimizer is told about the objective at a point.

An oracle is a function `(objective, x, step) -> gradient`, pure in its arguments: noise is drawn
from a generator seeded by `(seed, step)`, so a run can be repeated or resumed at any step. Noise is
never a flag of an optimizer.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

import torch
from torch import Tensor

from descent import validate

Oracle = Callable[[Callable[[Tensor], Tensor], Tensor, int], Tensor]


def gradient(objective: Callable[[Tensor], Tensor], x: Tensor, step: int = 0) -> Tensor:
    r"""Return the exact gradient at every point of a batch.

    $$g_b = \nabla f(x_b) = \nabla_{x_b} \sum_{b'} f(x_{b'})$$

    The sum has no cross terms, so one backward pass serves the whole batch. An objective with a
    closed-form `grad` is asked for that instead.

    Args:
        objective: Maps (*batch, dim) to (*batch,).
        x: Points, shape (*batch, dim).
        step: Ignored; part of the oracle signature.

    Returns:
        Gradients, the shape of `x`.

    >>> gradient(lambda x: (x**2).sum(-1), torch.tensor([[1.0, 2.0], [3.0, 4.0]]))
    tensor([[2., 4.],
            [6., 8.]])
    """
    closed_form = getattr(objective, "grad", None)
    if closed_form is not None:
        return closed_form(x)
    with torch.enable_grad():
        x = x.detach().requires_grad_()
        [g] = torch.autograd.grad(objective(x).sum(), x)
    return g


@dataclass(frozen=True)
class minibatch:
    r"""Gradient on a random subset of the examples of a finite-sum objective.

    $$\hat g = \frac1B \sum_{i\in\mathcal B} \nabla f_i(x), \qquad
    \mathbb E\,\hat g = g, \quad
    \operatorname{Cov}\hat g = \frac{\Sigma}{B}\cdot\frac{N-B}{N-1}$$

    The last factor holds for a batch drawn without replacement. Within an epoch the batches are
    disjoint; a tail shorter than `size` is dropped. All runs of a batch see the same examples, so
    they differ by their settings alone.

    The objective must provide `size` (the number N of examples) and `on(index)`, the objective
    restricted to those examples.

    Args:
        size: Batch size B, from 1 to N.
        seed: Seed of the order of the examples.
        replacement: Draw every batch afresh, with replacement, instead of by epochs.

    Raises:
        TypeError: If `size` or `seed` is not an integer.
        ValueError: If `size` < 1.

    Reference: Goodfellow, Bengio, Courville (2016), section 8.1.3.
    """

    size: int
    seed: int = 0
    replacement: bool = False
    _epoch: dict = field(default_factory=dict, init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        validate.count("size", self.size)
        validate.count("seed", self.seed, low=0)

    def __call__(self, objective: Callable[[Tensor], Tensor], x: Tensor, step: int) -> Tensor:
        """Return the gradient on the batch that belongs to this step."""
        if not (hasattr(objective, "on") and hasattr(objective, "size")):
            raise TypeError(
                f"objective is a {type(objective).__name__}; minibatch needs a finite sum with "
                "`size` and `on(index)`"
            )
        index = self.indices(objective.size, step).to(x.device)
        return gradient(objective.on(index), x, step)

    def indices(self, n: int, step: int) -> Tensor:
        """Return the examples of one step.

        Args:
            n: Number of examples N.
            step: Which step.

        Returns:
            Indices, shape (size,), int64, on the CPU.

        Raises:
            ValueError: If the batch is larger than N.
        """
        if self.size > n:
            raise ValueError(f"size is {self.size}; it must be at most the {n} examples there are")
        if self.replacement:
            return torch.randint(n, (self.size,), generator=seeded(self.seed, step))
        epoch, k = divmod(step, n // self.size)
        if self._epoch.get("key") != (n, epoch):
            # Only the current epoch's order is kept: it is a cache, not state.
            order = torch.randperm(n, generator=seeded(self.seed, epoch))
            self._epoch.update(key=(n, epoch), order=order)
        return self._epoch["order"][k * self.size : (k + 1) * self.size]


@dataclass(frozen=True)
class langevin:
    r"""Exact gradient plus white noise of a chosen strength.

    $$\hat g = g + \sigma\,\xi, \qquad \xi\sim\mathcal N(0, I)$$

    Gradient descent with learning rate $\eta$ then discretizes
    $dx = -\nabla f\,dt + \sigma\sqrt{\eta}\,dW$ with time $t = k\eta$; its stationary law is
    approximately Gibbs at temperature $T = \eta\sigma^2/2$ for small $\eta$.

    Args:
        sigma: Standard deviation $\sigma \ge 0$ of the noise in each coordinate.
        seed: Seed of the noise.

    Raises:
        ValueError: If `sigma` is negative or not finite.

    Reference: Mandt, Hoffman, Blei (2017), arXiv:1704.04289, section 3.
    """

    sigma: float
    seed: int = 0

    def __post_init__(self) -> None:
        validate.at_least("sigma", self.sigma, 0)
        validate.count("seed", self.seed, low=0)

    def __call__(self, objective: Callable[[Tensor], Tensor], x: Tensor, step: int) -> Tensor:
        """Return the gradient with this step's noise."""
        noise = torch.randn(x.shape, dtype=x.dtype, generator=seeded(self.seed, step))
        return gradient(objective, x, step) + self.sigma * noise.to(x.device)


class metered:
    """Any oracle, with a measurement of each gradient that it hands out.

    Args:
        oracle: The oracle to listen to.
        measure: Maps gradients (*batch, dim) to what is kept, (*batch, ...).

    >>> oracle = metered(gradient, lambda g: g.norm(dim=-1))
    >>> oracle(lambda x: (x**2).sum(-1), torch.tensor([3.0, 4.0]), 0)
    tensor([6., 8.])
    >>> oracle.readings
    tensor([10.])
    """

    def __init__(self, oracle: Oracle, measure: Callable[[Tensor], Tensor]) -> None:
        self.oracle, self.measure = oracle, measure
        self._readings: list[Tensor] = []

    def __call__(self, objective: Callable[[Tensor], Tensor], x: Tensor, step: int) -> Tensor:
        """Pass the oracle's gradient on, and keep its measurement."""
        g = self.oracle(objective, x, step)
        self._readings.append(self.measure(g))
        return g

    @property
    def readings(self) -> Tensor:
        """The measurements in order of the calls, (calls, *batch, ...)."""
        return torch.stack(self._readings)


def seeded(seed: int, counter: int) -> torch.Generator:
    """Return a CPU generator whose state is a hash (SplitMix64) of seed and counter.

    Args:
        seed: Seed of a run.
        counter: Step of the run.

    Returns:
        The generator; equal arguments give equal streams.
    """
    z = (seed * 0x9E3779B97F4A7C15 + counter + 1) * 0x9E3779B97F4A7C15 % 2**64
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9 % 2**64
    z = (z ^ (z >> 27)) * 0x94D049BB133111EB % 2**64
    return torch.Generator().manual_seed(z ^ (z >> 31))
