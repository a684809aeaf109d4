"""Loops of the package's own objects: an objective descended by an optimizer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields, is_dataclass, replace
from typing import Any

import torch
from torch import Tensor

from descent.core import Objective, Optimizer
from descent.optimizers import with_hyperparameters
from descent.oracles import gradient
from descent.trace.loop import Loop
from descent.trace.program import Program, trace
from descent.trace.refusal import UnsupportedOperation

Observe = Mapping[str, Callable[..., Tensor]]
STEP = "step"


def trace_run(
    objective: Objective | Callable[..., Objective],
    optimizer: Optimizer,
    dim: int,
    *,
    objective_fields: Sequence[str] | Mapping[str, float] = (),
    observe: Observe | None = None,
    oracle: Callable[..., Tensor] = gradient,
) -> Loop:
    """Trace `descent.run` of one point into a loop.

    Every real number among the fields of `optimizer` becomes an input, and so does every objective
    field that is named. The inputs are, in order: `x` (dim,), the optimizer's fields, the
    objective's, the oracle's. A row records `x`, `loss` and what `observe` adds.

    Args:
        objective: Maps (dim,) to a loss; or, if `objective_fields` is a mapping, a function of
            those names that builds the objective.
        optimizer: The rule; the values of its real fields do not matter.
        dim: Number of coordinates.
        objective_fields: Fields of the objective to keep as inputs, or names and example values of
            the arguments from which `objective` builds one.
        observe: Name to measurement `(objective, x) -> tensor`, recorded at every step.
        oracle: What the optimizer is told, `(objective, x, step) -> gradient`; the step is a
            tensor here. Real fields of an oracle that is a dataclass become inputs.

    Returns:
        The loop.

    Raises:
        UnsupportedOperation: If a step has no scalar form.
        ValueError: If two inputs share a name, or a field of the objective does not reach the step.

    >>> from descent import SGD
    >>> loop = trace_run(lambda x: 0.5 * (x**2).sum(-1), SGD(lr=0.5), dim=1)
    >>> loop(3, x=torch.tensor([8.0]), lr=0.5)[0]["x"][:, 0].tolist()
    [8.0, 4.0, 2.0, 1.0]
    """
    build, shape = _family(objective, objective_fields)
    rule, noise, watch = adjustable(optimizer), adjustable(oracle), dict(observe or {})
    start = torch.zeros(dim, dtype=torch.float64)
    state = optimizer.init(start)
    counter = {} if oracle is gradient else {STEP: 0.0}
    _distinct(["x"], rule, shape, noise, state, counter, ["loss"], watch)

    def step(**given: Tensor) -> dict[str, Tensor]:
        def pick(names: Mapping) -> dict[str, Any]:
            return {name: given[name] for name in names}

        x, f = given["x"], build(**pick(shape))
        mine = set_fields(optimizer, pick(rule))
        g = set_fields(oracle, pick(noise))(f, x, given.get(STEP, 0))
        dx, new = mine.update(g, pick(state), x)
        first = {_first(k): v for k, v in mine.init(x).items()}
        seen = {name: look(f, x) for name, look in watch.items()}
        return {"loss": f(x), **seen, "x": x + dx, **new, **first}

    program = trace(step, {"x": start, **rule, **shape, **noise, **counter, **state})
    if program.output_shapes["loss"] != ():
        raise UnsupportedOperation("objective", "its loss at one point is not one number")
    _check_reached(program, shape)
    return Loop(
        program,
        carry={name: name for name in ("x", *state)},
        record=("x", "loss", *watch),
        start={name: _first(name) for name in state},
        counter=STEP if counter else None,
    )


def adjustable(thing: Any) -> dict[str, float]:
    """The fields that a loop takes as inputs: real numbers, not counts or switches.

    Args:
        thing: A dataclass; anything else has no fields.

    Returns:
        Name and value; a field declared `int` or `bool` is built into the loop instead.
    """
    if not is_dataclass(thing):
        return {}
    counts = {f.name for f in fields(thing) if f.type in ("int", "bool", int, bool) or not f.init}
    numbers = adjustable(getattr(thing, "rule", None))
    for name, value in ((f.name, getattr(thing, f.name)) for f in fields(thing)):
        single = isinstance(value, (int, float)) or (isinstance(value, Tensor) and not value.ndim)
        if single and name not in counts and not isinstance(value, bool):
            numbers[name] = float(value)
    return numbers


def set_fields(thing: Any, values: Mapping[str, Any]) -> Any:
    """Replace fields of a dataclass; anything else has none.

    Args:
        thing: A dataclass, or an object without fields.
        values: Field to value.

    Returns:
        The thing with these fields.
    """
    return with_hyperparameters(thing, values) if values else thing


def _first(name: str) -> str:
    """The output that holds the first value of a state."""
    return f"{name}(0)"


def _distinct(*groups: Any) -> None:
    """Refuse a name that stands for two things."""
    count = Counter(name for group in groups for name in group)
    if twice := [name for name, n in count.items() if n > 1]:
        raise ValueError(f"{twice} name more than one of x, loss, fields, state and measurements")


def _family(
    objective: Any, named: Sequence[str] | Mapping[str, float]
) -> tuple[Callable[..., Objective], dict[str, float | Tensor]]:
    """How to build the objective from inputs, and example values of them."""
    if isinstance(named, Mapping):
        return (objective if named else lambda: objective), dict(named)
    if not named:
        return lambda: objective, {}
    known = [f.name for f in fields(objective) if f.init] if is_dataclass(objective) else []
    if unknown := [name for name in named if name not in known]:
        raise ValueError(
            f"objective_fields names {unknown}; {type(objective).__name__} has the fields {known}"
        )
    return lambda **given: replace(objective, **given), {k: getattr(objective, k) for k in named}


def _check_reached(program: Program, names: Mapping) -> None:
    """Refuse a slider that would move nothing."""
    used = {a for node in program.graph.nodes for a in node.args}
    for name in names:
        if not used & {int(i) for i in program.inputs[name].flat}:
            raise ValueError(f"objective_fields names {name!r}, which does not reach the step")
