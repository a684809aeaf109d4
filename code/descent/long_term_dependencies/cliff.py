r"""A recurrent network of one unit, whose loss over two parameters has a cliff.

The map $x \to w\,\sigma(x) + b$ is repeated. Where it has two stable fixed points, a small change
of the parameters sends the start to the other one: the loss jumps. The edge is where the start
stands on the fixed point between them, $b = x_0 - w\,\sigma(x_0)$, with slope $w\,\sigma'(x_0)>1$.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from descent import validate


@dataclass(frozen=True)
class OneUnit:
    r"""Error of a one-unit network after T steps without input.

    $$x_t = w\,\sigma(x_{t-1}) + b, \qquad f(w, b) = \bigl(\sigma(x_T) - y\bigr)^2$$

    Called on (*batch, 2), the points (w, b). `grad` carries the derivatives forward with the state.

    Args:
        steps: Number T of steps.
        start: State $x_0$.
        target: Wanted output y.

    Raises:
        TypeError: If `steps` is not an integer.
        ValueError: If `steps` < 1.

    Reference: Pascanu, Mikolov, Bengio (2013), arXiv:1211.5063.
    """

    steps: int = 50
    start: float = 0.5
    target: float = 0.7

    def __post_init__(self) -> None:
        validate.count("steps", self.steps)

    def __call__(self, x: Tensor) -> Tensor:
        """Return the losses, (*batch,)."""
        return (torch.sigmoid(self.states(x)[-1]) - self.target) ** 2

    def states(self, x: Tensor) -> list[Tensor]:
        """Return the states at steps 0 to T, (*batch,) each."""
        w, b = x[..., 0], x[..., 1]
        states = [torch.zeros_like(w) + self.start]
        for _ in range(self.steps):
            states.append(w * torch.sigmoid(states[-1]) + b)
        return states

    def grad(self, x: Tensor) -> Tensor:
        """Return the gradients, (*batch, 2)."""
        w, b = x[..., 0], x[..., 1]
        state = torch.zeros_like(w) + self.start
        by_w = by_b = torch.zeros_like(w)
        for _ in range(self.steps):
            s = torch.sigmoid(state)
            slope = w * s * (1 - s)
            by_w, by_b = s + slope * by_w, 1 + slope * by_b
            state = w * s + b
        y = torch.sigmoid(state)
        outer = 2 * (y - self.target) * y * (1 - y)
        return torch.stack([outer * by_w, outer * by_b], -1)

    def edge(self, w: Tensor) -> Tensor:
        r"""Return the bias at which the start is a fixed point, $b = x_0 - w\sigma(x_0)$."""
        return self.start - w * torch.sigmoid(torch.as_tensor(self.start, dtype=w.dtype))

    def factor(self, w: Tensor) -> Tensor:
        r"""Return the factor per step at that fixed point, $w\sigma'(x_0)$: a cliff if above 1."""
        s = torch.sigmoid(torch.as_tensor(self.start, dtype=w.dtype))
        return w * s * (1 - s)


def folds(s: Tensor) -> tuple[Tensor, Tensor]:
    r"""Return where two fixed points meet and vanish, as a curve with parameter s = σ(x).

    $$w = \frac{1}{s(1-s)}, \qquad b = \log\frac{s}{1-s} - \frac{1}{1-s}$$

    Between its two branches the unit has three fixed points, so that it can remember one bit.

    Args:
        s: Outputs σ(x) in (0, 1).

    Returns:
        w and b, the shape of `s`.
    """
    return 1 / (s * (1 - s)), torch.log(s / (1 - s)) - 1 / (1 - s)
