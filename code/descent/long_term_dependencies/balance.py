r"""A chain on which truncated gradients point the wrong way.

Units pass their state on with a delay, so that the parameter acts on the first one at many lags.
Near units pull it one way, far units, which are more, the other way. A gradient that is cut after
few steps sees the near ones only.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from descent import validate


@dataclass(frozen=True)
class Chain:
    r"""A linear chain of leaky units, driven by one parameter.

    $$x^i_{t+1} = \tfrac12 x^i_t + \tfrac12 x^{i+1}_t + s_i\theta, \qquad
    f = \tfrac12(x^1 - 1)^2$$

    with $s_i = 1$ for the first `near` units and $-1$ for the others. At rest
    $x^1 = 2\theta\sum_i s_i$.

    Args:
        units: Number of units.
        near: How many of them, counted from the first, have the sign +1.

    Raises:
        TypeError: If a number is not an integer.
        ValueError: If `units` < 1, or `near` does not lie between 0 and `units`, or the signs
            cancel.

    Reference: after the influence balancing of Tallec, Ollivier (2017), arXiv:1705.08209.
    """

    units: int = 23
    near: int = 10

    def __post_init__(self) -> None:
        validate.count("units", self.units)
        validate.count("near", self.near, low=0)
        if self.near > self.units or 2 * self.near == self.units:
            raise ValueError(
                f"near is {self.near}; it must be at most units = {self.units}, and not half of it"
            )

    @property
    def signs(self) -> Tensor:
        """The signs, (units,), float64."""
        at = torch.arange(self.units)
        return torch.where(at < self.near, 1.0, -1.0).double()

    @property
    def rest(self) -> float:
        """Derivative of the first unit at rest by the parameter: what a full gradient knows."""
        return 2.0 * float(self.signs.sum())

    @property
    def best(self) -> float:
        """The parameter at which the loss at rest is 0."""
        return 1 / self.rest

    def step(self, x: Tensor, theta: Tensor) -> Tensor:
        """Return the states (*batch, units) one step later, for parameters (*batch,)."""
        following = torch.cat([x[..., 1:], torch.zeros_like(x[..., :1])], -1)
        return 0.5 * (x + following) + self.signs * theta[..., None]

    def influence(self, lags: int) -> Tensor:
        r"""Return how strongly the parameter of $\tau$ steps ago acts on the first unit now.

        $$e_1^\top A^\tau s = \sum_i s_i \binom{\tau}{i-1} 2^{-\tau}$$

        Args:
            lags: How many lags, counted from 0.

        Returns:
            Influences, (lags,), float64. Their running sum is the truncated derivative.
        """
        row, found = torch.zeros(self.units, dtype=torch.float64), []
        row[0] = 1.0
        for _ in range(validate.count("lags", lags)):
            found.append(row @ self.signs)
            shifted = torch.cat([torch.zeros(1, dtype=torch.float64), row[:-1]])
            row = 0.5 * (row + shifted)
        return torch.stack(found)

    def needed(self) -> int:
        """Return the shortest horizon from which on the truncated derivative has the right sign."""
        seen = self.influence(40 * self.units).cumsum(0)
        wrong = torch.nonzero(seen * self.rest <= 0)
        return int(wrong[-1]) + 2 if len(wrong) else 1

    def learn(self, horizon: int, lr: float, steps: int, theta: float = 0.0) -> tuple[Tensor, ...]:
        """Learn the parameter online, one step of gradient descent at each step of time.

        Args:
            horizon: How many steps the gradient goes back.
            lr: Learning rate.
            steps: Number of steps.
            theta: Start of the parameter; the states start where it leaves them at rest.

        Returns:
            Parameters and losses before each step and after the last, (steps + 1,) each.
        """
        slope = self.influence(horizon).sum()
        at = torch.tensor(theta, dtype=torch.float64)
        x = 2 * at * self.signs.flip(0).cumsum(0).flip(0)
        thetas, losses = [], []
        for _ in range(steps):
            miss = x[0] - 1
            thetas.append(at)
            losses.append(0.5 * miss**2)
            x, at = self.step(x, at), at - lr * miss * slope
        return torch.stack([*thetas, at]), torch.stack([*losses, 0.5 * (x[0] - 1) ** 2])
