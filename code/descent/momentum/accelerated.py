r"""Nesterov's method with growing momentum, and how to restart it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar, Literal, get_args

import torch
from torch import Tensor

from descent import validate
from descent.optimizers import Hyper, State, align

Restart = Literal["never", "gradient", "function"]


@dataclass(frozen=True)
class Accelerated:
    r"""Nesterov's accelerated gradient for convex functions: the momentum grows towards 1.

    $$\theta_{k+1} = y_k - \eta\,g(y_k), \qquad
    y_{k+1} = \theta_{k+1} + \beta_{k+1}(\theta_{k+1}-\theta_k), \qquad
    \beta_{k} = \frac{t_{k}-1}{t_{k+1}}, \quad t_{k+1} = \frac{1+\sqrt{1+4t_k^2}}{2}, \quad t_1=1$$

    The iterate of a run is $y_k$, where gradients are taken; $\theta_{k+1}$ is one gradient step
    further. A restart sets $t$ back to 1 and drops the velocity, when the last move

    - went uphill by the gradient, $g(y_k)^\top(\theta_{k+1}-\theta_k) > 0$ ("gradient"), or
    - raised the loss, $f(\theta_{k+1}) > f(\theta_k)$ ("function").

    Args:
        lr: Learning rate $\eta > 0$, at most 1 / L for the guarantee.
        restart: When to restart.
        objective: The function itself; "function" needs it.

    Raises:
        ValueError: If `lr` is not positive, or `restart` is unknown or lacks its objective.

    Reference: Nesterov (1983); Beck, Teboulle (2009), eqs. 4.1-4.3;
    O'Donoghue, Candès (2015).
    """

    lr: Hyper
    restart: Restart = "never"
    objective: Callable[[Tensor], Tensor] | None = None
    min_ndim: ClassVar[int] = 1

    def __post_init__(self) -> None:
        validate.positive("lr", self.lr)
        if self.restart not in get_args(Restart):
            allowed = ", ".join(map(repr, get_args(Restart)))
            raise ValueError(f"restart is {self.restart!r}; it must be one of {allowed}")
        if self.restart == "function" and self.objective is None:
            raise ValueError("objective is None; restart='function' needs the objective")

    def init(self, x: Tensor) -> State:
        """Return the main point and t = 1 for every run."""
        return {"theta": x, "t": torch.ones_like(x[..., :1])}

    def update(self, grad: Tensor, state: State, x: Tensor) -> tuple[Tensor, State]:
        """Return the step between look-ahead points, and the new main point with its t."""
        [lr] = align(x, self.lr)
        theta = x - lr * grad
        move = theta - state["theta"]
        again = self._uphill(grad, theta, state["theta"], move)
        t = torch.where(again, torch.ones_like(state["t"]), state["t"])
        after = (1 + torch.sqrt(1 + 4 * t**2)) / 2
        momentum = torch.where(again, torch.zeros_like(t), (t - 1) / after)
        return theta + momentum * move - x, {"theta": theta, "t": after}

    def _uphill(self, grad: Tensor, theta: Tensor, before: Tensor, move: Tensor) -> Tensor:
        """Which runs restart, (*batch, 1)."""
        if self.restart == "gradient":
            return (grad * move).sum(-1, keepdim=True) > 0
        if self.objective is not None and self.restart == "function":
            return (self.objective(theta) > self.objective(before))[..., None]
        return torch.zeros_like(move[..., :1], dtype=torch.bool)
