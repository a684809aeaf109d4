"""Loops of the package's own objects: an objective descended by an optimizer."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields, is_dataclass, replace
from typing import Any

import torch
from torch import Tensor

from descent.core import Objective, Optimizer
from descent.optimizers import hyperparameters
from descent.oracles import gradient
from descent.trace.loop import Loop
from descent.trace.program import trace
from descent.trace.tracer import UnsupportedOperation

Observe = Mapping[str, Callable[..., Tensor]]


def trace_run(
    objective: Objective | Callable[..., Objective],
    optimizer: Optimizer,
    dim: int,
    *,
    objective_fields: Sequence[str] | Mapping[str, float] = (),
    observe: Observe | None = None,
) -> Loop:
    """Trace `descent.run` of one point into a loop.

    Every number or 0-d tensor among the fields of `optimizer` becomes an input, and so does every
    objective field that is named. The inputs are, in order: `x` (dim,), the optimizer's fields, the
    objective's fields. A row records `x`, `loss` and what `observe` adds.

    Args:
        objective: Maps (dim,) to a loss; or, if `objective_fields` is a mapping, a function of
            those names that builds the objective.
        optimizer: The rule; the values of its fields do not matter.
        dim: Number of coordinates.
        objective_fields: Fields of the objective to keep as inputs, or names and example values of
            the arguments from which `objective` builds one.
        observe: Name to measurement `(objective, x) -> tensor`, recorded at every step.

    Returns:
        The loop.

    Raises:
        ValueError: If two inputs share a name, or a field of the objective does not reach the step.

    >>> from descent import SGD
    >>> loop = trace_run(lambda x: 0.5 * (x**2).sum(-1), SGD(lr=0.5), dim=1)
    >>> loop(3, x=torch.tensor([8.0]), lr=0.5)[0]["x"][:, 0].tolist()
    [8.0, 4.0, 2.0, 1.0]
    """
    observe = dict(observe or {})
    rule = adjustable(optimizer)
    build, extra = _family(objective, objective_fields)
    state = optimizer.init(torch.zeros(dim, dtype=torch.float64))
    example = {"x": torch.zeros(dim, dtype=torch.float64), **state}
    if clash := (example.keys() & rule.keys()) | ((example.keys() | rule.keys()) & extra.keys()):
        raise ValueError(f"{sorted(clash)} name more than one of x, state, fields")

    def step(**given: Tensor) -> dict[str, Tensor]:
        x = given["x"]
        mine = replace(optimizer, **{k: given[k] for k in rule})  # type: ignore[type-var]
        f = build(**{k: given[k] for k in extra})
        dx, new = mine.update(gradient(f, x), {k: given[k] for k in state}, x)
        first = {f"{k}(0)": v for k, v in mine.init(x).items()}
        seen = {name: look(f, x) for name, look in observe.items()}
        return {"loss": f(x), **seen, "x": x + dx, **new, **first}

    program = trace(step, {"x": example["x"], **rule, **extra, **state})
    if program.output_shapes["loss"] != ():
        raise UnsupportedOperation("objective", "its loss at one point is not one number")
    _check_reached(program.inputs, program.graph, extra)
    return Loop(
        program,
        carry={name: name for name in example},
        record=("x", "loss", *observe),
        start={k: f"{k}(0)" for k in state},
    )


def adjustable(optimizer: Optimizer) -> dict[str, float]:
    """The fields of a rule that a loop takes as inputs: real numbers, not counts or switches.

    Args:
        optimizer: A frozen dataclass.

    Returns:
        Name and value; a field declared `int` or `bool` is built into the loop instead.
    """
    counts = {f.name for f in fields(optimizer) if f.type in ("int", "bool", int, bool)}  # type: ignore[arg-type]
    numbers = {}
    for name, value in hyperparameters(optimizer).items():
        single = isinstance(value, (int, float)) or (isinstance(value, Tensor) and not value.ndim)
        if single and name not in counts and not isinstance(value, bool):
            numbers[name] = float(value)
    return numbers


def _family(
    objective: Any, named: Sequence[str] | Mapping[str, float]
) -> tuple[Callable[..., Objective], dict[str, float | Tensor]]:
    """How to build the objective from inputs, and example values of them."""
    if isinstance(named, Mapping):
        return (objective if named else lambda: objective), dict(named)
    if named and not is_dataclass(objective):
        raise ValueError(f"objective_fields is {list(named)}, but the objective is no dataclass")
    known = {f.name for f in fields(objective) if f.init} if named else set()
    if unknown := set(named) - known:
        raise ValueError(f"objective_fields names {sorted(unknown)}; fields are {sorted(known)}")
    example = {name: getattr(objective, name) for name in named}
    return (lambda **given: replace(objective, **given) if given else objective), example


def _check_reached(inputs: Mapping, graph: Any, names: Mapping) -> None:
    used = {a for node in graph.nodes for a in node.args}
    for name in names:
        if not used & set(inputs[name].flat):
            raise ValueError(f"objective field {name!r} does not reach the step")
