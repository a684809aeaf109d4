"""The training of a network by any rule of the package, as a process."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import Tensor

from descent.core import Objective, Optimizer
from descent.trace.arrays.build import trace_process
from descent.trace.arrays.process import Process
from descent.trace.runs import adjustable, set_fields

Draw = Callable[[Tensor], Tensor]
Measure = Callable[[Any, Tensor], Tensor]


def trace_training(
    objective: Objective,
    optimizer: Optimizer,
    draw: Draw,
    *,
    oracle: Callable[..., Tensor],
    observe: Mapping[str, Measure] | None = None,
) -> Process:
    r"""Trace `descent.run` of a network into loops over arrays.

    $$x_0 = \text{draw}(\text{seed}), \qquad
    x_{k+1} = x_k + \Delta(\text{oracle}(f, x_k, k), \text{state}_k, x_k)$$

    Args:
        objective: Maps (P,) to a loss; with `grad`, it is asked for that.
        optimizer: The rule; its real fields become inputs.
        draw: Function of the seed that returns the first parameters.
        oracle: What the rule is told; a dataclass with a field `seed`, such as `seeded_minibatch`.
        observe: Name to measurement `(objective, x) -> tensor`; "loss" is always measured.

    Returns:
        The process. Its inputs are the fields of the rule, then those of the oracle.

    Raises:
        ValueError: If the oracle has no field `seed`.
    """
    rule, noise, watch = adjustable(optimizer), adjustable(oracle), dict(observe or {})
    if "seed" not in noise:
        raise ValueError(f"oracle is {oracle!r}; it must be a dataclass with a field seed")
    state = optimizer.init(draw(torch.zeros((), dtype=torch.float64)))

    def start(**given: Tensor) -> dict[str, Tensor]:
        x = draw(given["seed"])
        return {"x": x, **set_fields(optimizer, {k: given[k] for k in rule}).init(x)}

    def step(**given: Tensor) -> dict[str, Tensor]:
        x, mine = given["x"], set_fields(optimizer, {k: given[k] for k in rule})
        g = set_fields(oracle, {k: given[k] for k in noise})(objective, x, given["step"])
        dx, new = mine.update(g, {k: given[k] for k in state}, x)
        return {"x": x + dx, **new}

    def measure(**given: Tensor) -> dict[str, Tensor]:
        x = given["x"]
        return {"loss": objective(x), **{k: look(objective, x) for k, look in watch.items()}}

    return trace_process(start, step, measure, {**rule, **noise})
