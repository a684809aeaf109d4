r"""Three ways to clip a gradient, and what each does to its direction and to its mean."""

from dataclasses import dataclass

import torch
from torch import Tensor

from descent import validate
from descent.optimizers.base import Hyper, State, align
from descent.optimizers.wrappers import Wrapper


def clip_norm(g: Tensor, threshold: Hyper) -> Tensor:
    r"""Shorten a gradient that is longer than the threshold; keep its direction.

    $$g \to g \min\Bigl(1, \frac{c}{\norm g}\Bigr)$$

    Args:
        g: Gradients, (*batch, dim).
        threshold: $c > 0$, in units of the gradient.

    Returns:
        The clipped gradients.

    Reference: Pascanu, Mikolov, Bengio (2013), algorithm 1.

    >>> clip_norm(torch.tensor([3.0, 4.0]), 1.0)
    tensor([0.6000, 0.8000])
    """
    [c] = align(g, threshold)
    size = g.square().sum(-1, keepdim=True).sqrt()
    # Where the gradient is 0 the quotient is of no account; the clamp keeps it finite.
    return g * (c / size.clamp(min=1e-30)).clamp(max=1.0)


def clip_value(g: Tensor, threshold: Hyper) -> Tensor:
    r"""Cut every component on its own; the direction may turn, by less than a right angle.

    $$g_i \to \max(-c, \min(c, g_i))$$

    Args:
        g: Gradients, (*batch, dim).
        threshold: $c > 0$, in units of the gradient.

    Returns:
        The clipped gradients.

    >>> clip_value(torch.tensor([3.0, 0.5]), 1.0)
    tensor([1.0000, 0.5000])
    """
    [c] = align(g, threshold)
    return torch.maximum(torch.minimum(g, torch.as_tensor(c, dtype=g.dtype)), -1.0 * c + 0 * g)


def clip_each(gs: Tensor, threshold: Hyper) -> Tensor:
    r"""Clip the gradient of every example by its norm, then take the mean.

    $$\bar g = \frac1n\sum_i g_i \min\Bigl(1, \frac{c}{\norm{g_i}}\Bigr)$$

    It is *not* the mean of the gradients, shortened: where it vanishes the loss need not have a
    critical point.

    Args:
        gs: Gradients of single examples, (*batch, n, dim).
        threshold: $c > 0$.

    Returns:
        The mean, (*batch, dim).

    Reference: Abadi et al. (2016), arXiv:1607.00133, algorithm 1, without its noise.
    """
    return clip_norm(gs, threshold).mean(-2)


def huber_location(a: Tensor, threshold: float, steps: int = 200) -> Tensor:
    r"""Return where per-example clipping comes to rest on $f_i(x) = \frac12(x-a_i)^2$.

    $$\sum_i \max(-c, \min(c, x - a_i)) = 0$$

    That is the minimum of Huber's loss: the mean for large $c$, the median for small.

    Args:
        a: Numbers $a_i$, (n,).
        threshold: $c > 0$.
        steps: Bisections.

    Returns:
        The location; if there is an interval of them, its lower end.

    Reference: Huber (1964).
    """
    validate.positive("threshold", threshold)
    low, high = a.min(), a.max()
    for _ in range(steps):
        middle = (low + high) / 2
        pull = (middle - a).clamp(-threshold, threshold).sum()
        low, high = torch.where(pull < 0, middle, low), torch.where(pull < 0, high, middle)
    return high


@dataclass(frozen=True)
class ClipNorm(Wrapper):
    """Any rule, told the gradient shortened to a norm of at most `threshold`.

    Args:
        rule: The rule that is asked.
        threshold: $c > 0$, in units of the gradient.

    Raises:
        ValueError: If `threshold` is not positive.

    >>> from descent import SGD
    >>> ClipNorm(SGD(lr=1.0), 1.0).update(torch.tensor([3.0, 4.0]), {}, torch.zeros(2))[0]
    tensor([-0.6000, -0.8000])
    """

    threshold: Hyper = 1.0

    def __post_init__(self) -> None:
        validate.positive("threshold", self.threshold)

    def update(self, grad: Tensor, state: State, x: Tensor) -> tuple[Tensor, State]:
        """Ask the rule with the shortened gradient."""
        return self.rule.update(clip_norm(grad, self.threshold), state, x)


@dataclass(frozen=True)
class ClipValue(ClipNorm):
    """Any rule, told the gradient with each component cut at `threshold`."""

    def update(self, grad: Tensor, state: State, x: Tensor) -> tuple[Tensor, State]:
        """Ask the rule with the cut gradient."""
        return self.rule.update(clip_value(grad, self.threshold), state, x)
