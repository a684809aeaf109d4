"""How long it takes to leave a saddle, alone, with noise, and one saddle after another."""

import math
from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor

from descent import validate
from descent.optimizers import Hyper, State, align
from descent.trace.noise import normal

Number = float | Tensor


def escape_steps(start: Number, product: Number, exit: Number = 1.0) -> Tensor:
    r"""Steps of gradient descent from `start` to `exit` along a direction that curves down.

    $$x_{k+1} = (1+\eta\abs{\lambda})\,x_k \quad\Rightarrow\quad
    k = \frac{\log(x_{exit}/\abs{x_0})}{\log(1+\eta\abs{\lambda})}$$

    Args:
        start: Component $x_0$ at the start, not 0.
        product: $\eta\abs{\lambda}$, positive.
        exit: Component at which the saddle counts as left.

    Returns:
        Steps, not rounded.

    >>> escape_steps(1e-2, 0.1)
    tensor(48.3177, dtype=torch.float64)
    """
    x, p, end = (torch.as_tensor(v, dtype=torch.float64) for v in (start, product, exit))
    return torch.log(end / x.abs()) / torch.log1p(p)


def unstable_spread(steps: Number, product: Number, noise: Number) -> Tensor:
    r"""Standard deviation of the unstable component after noisy steps from the saddle itself.

    $$x_{k+1} = (1+p)\,x_k + \sigma\xi_k \quad\Rightarrow\quad
    \Var x_k = \sigma^2\,\frac{(1+p)^{2k}-1}{(1+p)^2-1}$$

    Args:
        steps: Number of steps k.
        product: $p = \eta\abs{\lambda}$, positive.
        noise: $\sigma$, the standard deviation of one step's noise along the direction.

    Returns:
        Standard deviations.
    """
    k, p, s = (torch.as_tensor(v, dtype=torch.float64) for v in (steps, product, noise))
    growth = (1 + p) ** 2
    return s * torch.sqrt((growth**k - 1) / (growth - 1))


def still_there(steps: Number, product: Number, noise: Number, exit: Number = 1.0) -> Tensor:
    r"""Probability that the noisy component lies within `exit` of the saddle after `steps`.

    It is Gaussian: $P(\abs{x_k}<x_{exit}) = \operatorname{erf}(x_{exit}/(\sqrt2\,s_k))$ with the
    `unstable_spread` $s_k$.
    """
    end = torch.as_tensor(exit, dtype=torch.float64)
    return torch.erf(end / (math.sqrt(2) * unstable_spread(steps, product, noise)))


def waiting_ratio(lr: float, ell: float, gamma: float) -> float:
    r"""How many times longer gradient descent waits at each next saddle of a chain.

    $$\frac{t_{i+1}}{t_i} \to 1 + \frac{-\log(1-\eta L)}{\log(1+\eta\gamma)}
    \;\ge\; \frac{L+\gamma}{\gamma}$$

    While it waits at one saddle, the component that it will need next shrinks by $1-\eta L$ a step,
    and later has to grow back by $1+\eta\gamma$ a step.

    Args:
        lr: Learning rate, below 1 / ell.
        ell: Curvature of a component while it waits for its turn.
        gamma: Size of its negative curvature when its turn has come.

    Returns:
        The ratio.

    Reference: Du et al. (2017), arXiv:1705.10412, for the mechanism.
    """
    return 1 - math.log1p(-lr * ell) / math.log1p(lr * gamma)


@dataclass(frozen=True)
class SaddleChain:
    r"""Saddles in a row: each opens the way down that leads to the next.

    $$f(x) = \sum_{i=1}^d \Bigl(\tfrac12 c(x_{i-1})\,x_i^2 + \tfrac\gamma4 x_i^4\Bigr), \qquad
    c(s) = L - (L+\gamma)\,S(s^2), \quad c(x_0) = -\gamma$$

    $S$ rises smoothly from 0 at 0 to 1 at 1. Coordinate i is confined with curvature L until the
    one before it has arrived at $\pm1$; from then on it is repelled by the saddle with $-\gamma$
    and falls into a well at $\pm1$. The minima have all coordinates at $\pm1$.

    Args:
        dim: Number of saddles d.
        ell: Curvature L while a coordinate waits.
        gamma: Size of the negative curvature.

    Raises:
        ValueError: If a curvature is not positive.
    """

    dim: int = 3
    ell: Number = 1.0
    gamma: Number = 1.0
    min_ndim: ClassVar[int] = 1

    def __post_init__(self) -> None:
        validate.count("dim", self.dim)
        validate.positive("ell", self.ell)
        validate.positive("gamma", self.gamma)

    @property
    def minimum(self) -> Number:
        r"""The smallest loss, $-d\gamma/4$."""
        return -self.dim * self.gamma / 4

    def __call__(self, x: Tensor) -> Tensor:
        """Return the losses."""
        s = x[..., :-1].square().clamp(max=1)
        opened = torch.cat([torch.ones_like(x[..., :1]), s * s * (3 - 2 * s)], -1)
        curvature = self.ell - (self.ell + self.gamma) * opened
        return (0.5 * curvature * x**2 + 0.25 * self.gamma * x**4).sum(-1)


@dataclass(frozen=True)
class PerturbedDescent:
    r"""Gradient descent that takes a random step of fixed length where the gradient is short.

    $$x_{k+1} = x_k - \eta g_k + r\,\frac{\xi_k}{\norm{\xi_k}}
    \ \text{ if } \norm{g_k}\le g_{small} \text{ and none in the last } w \text{ steps}$$

    Noise is a function of seed and step.

    Args:
        lr: Learning rate $\eta$.
        radius: Length r of the random step.
        small: Gradient norm up to which a point is suspected of being a saddle.
        wait: Steps w between two random steps.
        seed: Whole number, or one for each run.

    Raises:
        ValueError: If a field is out of range.

    Reference: Jin et al. (2017), arXiv:1703.00887; their step is drawn from the ball.
    """

    lr: Hyper
    radius: Hyper = 1e-3
    small: Hyper = 1e-2
    wait: Hyper = 50
    seed: Hyper = 0.0
    min_ndim: ClassVar[int] = 1

    def __post_init__(self) -> None:
        validate.positive("lr", self.lr)
        for name in ("radius", "small"):
            validate.at_least(name, getattr(self, name), 0)
        validate.at_least("wait", self.wait, 1)

    def init(self, x: Tensor) -> State:
        """Return step 0 and, for every run, how long ago its last random step was."""
        _, wait = align(x, self.lr, self.wait)
        return {"k": torch.zeros((), dtype=x.dtype, device=x.device),
                "since": torch.zeros_like(x[..., :1]) + wait}  # fmt: skip

    def update(self, grad: Tensor, state: State, x: Tensor) -> tuple[Tensor, State]:
        """Return the step, random or not, and the new state."""
        lr, radius, small, wait = align(x, self.lr, self.radius, self.small, self.wait)
        seed, dim = torch.as_tensor(self.seed, dtype=torch.float64), x.shape[-1]
        noise = normal(seed[..., None], state["k"] * dim + torch.arange(dim)).to(x)
        noise = radius * noise / noise.norm(dim=-1, keepdim=True)
        due = (grad.norm(dim=-1, keepdim=True) <= small) & (state["since"] >= wait)
        step = -lr * grad + torch.where(due, noise, torch.zeros_like(x))
        since = torch.where(due, torch.ones_like(state["since"]), state["since"] + 1)
        return step, {"k": state["k"] + 1, "since": since}
