"""The bugs, each the healthy code with one fault."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor

from descent.core import run
from descent.optimizers import (
    Adam,
    AdamW,
    Nesterov,
    RMSProp,
    RMSPropNesterov,
    State,
    align,
)


class EpsilonOnParameter(Adam):
    """Epsilon in the wrong place."""

    def update(self, grad: Tensor, state: State, x: Tensor) -> tuple[Tensor, State]:
        """Return the wrong step."""
        new = self._averages(grad, state, x)
        size = torch.sqrt(new["v"] / new["u"])
        return -self.lr * torch.nan_to_num(new["m"] / new["w"] / size) + self.eps, new


class NoRoot(Adam):
    """No square root."""

    def update(self, grad: Tensor, state: State, x: Tensor) -> tuple[Tensor, State]:
        """Return the wrong step."""
        new = self._averages(grad, state, x)
        return -self.lr * (new["m"] / new["w"]) / (new["v"] / new["u"] + self.eps), new


class Uncorrected(Adam):
    """No correction of the second moment."""

    def update(self, grad: Tensor, state: State, x: Tensor) -> tuple[Tensor, State]:
        """Return the wrong step."""
        new = self._averages(grad, state, x)
        return -self.lr * (new["m"] / new["w"]) / (torch.sqrt(new["v"]) + self.eps), new


class StartsAtTwo(Adam):
    """A counter that starts at 2."""

    def init(self, x: Tensor) -> State:
        """Return the state of one step too many."""
        state = super().init(x)
        return {**state, "w": state["w"] + 1 - self.beta1, "u": state["u"] + 1 - self.beta2}


class LooksBack(Nesterov):
    """The look-ahead with the wrong sign."""

    def update(self, grad: Tensor, state: State, x: Tensor) -> tuple[Tensor, State]:
        """Return the wrong step."""
        lr, beta = align(x, self.lr, self.beta)
        v = beta * state["v"] - lr * grad
        return v - beta * v + beta * state["v"], {"v": v}


class DecaysTwice(AdamW):
    """Decay scaled twice."""

    def update(self, grad: Tensor, state: State, x: Tensor) -> tuple[Tensor, State]:
        """Return the wrong step."""
        return replace(self, weight_decay=self.lr * self.weight_decay)._healthy(grad, state, x)

    def _healthy(self, grad: Tensor, state: State, x: Tensor) -> tuple[Tensor, State]:
        return super().update(grad, state, x)


class DecaysFirst(AdamW):
    """Decay through the moments."""

    def update(self, grad: Tensor, state: State, x: Tensor) -> tuple[Tensor, State]:
        """Return the wrong step."""
        return Adam.update(self, grad + self.weight_decay * x, state, x)


class NoFloor(RMSPropNesterov):
    """No epsilon."""

    def _scale(self, grad: Tensor, state: State, x: Tensor) -> tuple[Tensor, State]:
        new = {"r": self.rho * state["r"] + (1 - self.rho) * grad * grad}
        return grad / torch.sqrt(new["r"]), new


class NoClamp(RMSProp):
    """A variance that rounding may make negative."""

    def _scale(self, grad: Tensor, state: State, x: Tensor) -> tuple[Tensor, State]:
        rho = self.rho
        r = rho * state["r"] + (1 - rho) * grad * grad
        mean = state["mean"] + (1 - rho) * (grad - state["mean"])
        return grad / (torch.sqrt(r - mean * mean) + self.eps), {"r": r, "mean": mean}


def _final_losses(rule: Any, rates: Tensor) -> Tensor:
    x0 = torch.ones(len(rates), 2, dtype=torch.float64)
    weights = torch.tensor([1.0, 100.0], dtype=torch.float64)
    return run(lambda x: (weights * x**2).sum(-1), rule(rates), x0, 100, keep="last").final_loss


def best_over(rates: Tensor) -> Callable[[dict[str, Callable]], str]:
    """Compare methods, each at its best of the given rates.

    Args:
        rates: Learning rates that every method may try.

    Returns:
        A function from methods to the winner's name.
    """

    def choose(methods: dict[str, Callable]) -> str:
        return min(methods, key=lambda name: float(_final_losses(methods[name], rates).min()))

    return choose


def by_steps(clock: Callable[[], float]) -> int:
    """Spend a budget of steps.

    Args:
        clock: Ignored.

    Returns:
        Steps taken.
    """
    return 100


def by_seconds(clock: Callable[[], float]) -> int:
    """Spend a budget of seconds.

    Args:
        clock: Tells the time.

    Returns:
        Steps taken.
    """
    start, steps = clock(), 0
    while clock() - start < 100:
        steps += 1
    return steps
