"""A traced function: callable in torch, printable as JavaScript, source of loops."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from torch import Tensor

from descent.trace.expr import ids
from descent.trace.ir import Graph
from descent.trace.refusal import UnsupportedOperation
from descent.trace.tracer import record
from descent.trace.zeros import compact

Shapes = dict[str, tuple[int, ...]]


@dataclass(frozen=True, eq=False)
class Program:
    """A pure function of named float64 tensors as a list of scalar operations.

    Args:
        graph: The operations.
        inputs: Name to value ids, an array of the input's shape.
        outputs: Name to value ids, an array of the output's shape.
    """

    graph: Graph = field(repr=False)
    inputs: dict[str, np.ndarray]
    outputs: dict[str, np.ndarray]

    @property
    def input_shapes(self) -> Shapes:
        """Shapes by name, in calling order."""
        return {name: a.shape for name, a in self.inputs.items()}

    @property
    def output_shapes(self) -> Shapes:
        """Shapes by name, in the order they are written."""
        return {name: a.shape for name, a in self.outputs.items()}

    def __call__(self, **inputs: Tensor | float) -> dict[str, Tensor]:
        """Evaluate the scalar operations, in torch or, without a batch, in numpy.

        Args:
            **inputs: One float64 tensor (*batch, *shape) per input; batches broadcast.

        Returns:
            Output name to tensor, (*batch, *shape).

        Raises:
            TypeError: If the names are not those of the inputs.
        """
        if inputs.keys() != self.inputs.keys():
            raise TypeError(f"inputs are {sorted(inputs)}; they must be {sorted(self.inputs)}")
        given = {k: torch.as_tensor(inputs[k], dtype=torch.float64) for k in self.inputs}
        batched = any(given[k].ndim > where.ndim for k, where in self.inputs.items())
        values: dict[int, Any] = {}
        for name, where in self.inputs.items():
            tensor = given[name]
            flat = tensor.reshape(*tensor.shape[: tensor.ndim - where.ndim], where.size)
            each = flat.unbind(-1) if batched else flat.detach().numpy()
            values.update(zip(where.flat, each, strict=True))
        wanted = [int(i) for a in self.outputs.values() for i in a.flat]
        values = self.graph.evaluate(wanted, values)
        return {name: _gather(values, where) for name, where in self.outputs.items()}

    def javascript(self, name: str = "step") -> str:
        """Write `function name(p, out)`.

        Args:
            name: Name of the function.

        Returns:
            Source of a function that reads the inputs from `p` and writes the outputs to `out`,
            each flattened row-major and concatenated in the order of `inputs` and `outputs`.
        """
        from descent.trace.javascript import program_source

        return program_source(self, name)


def _gather(values: dict[int, Any], where: np.ndarray) -> Tensor:
    if not where.size:
        return torch.zeros(where.shape, dtype=torch.float64)
    each = [values[i] for i in where.flat]
    if not isinstance(each[0], Tensor):
        return torch.from_numpy(np.array(each)).reshape(where.shape)
    parts = torch.broadcast_tensors(*each)
    return torch.stack(parts, -1).reshape(parts[0].shape + where.shape)


def _check(
    fn: Callable[..., Mapping[str, Tensor]],
    example: Mapping[str, Tensor],
    graph: Graph,
    inputs: Mapping[str, np.ndarray],
    outputs: Mapping[str, np.ndarray],
) -> None:
    """Compare the trace with the function at another point.

    What leaves torch (`x.numpy()`, `x.tolist()`) is not seen while tracing and would be frozen at
    its example value, silently.
    """
    moved = {k: 0.9375 * v + 0.03125 for k, v in example.items()}
    with torch.compiler._compile_session_context():  # no argument checks: the point is arbitrary
        right = fn(**moved)
    values = {
        e.id: v for k, a in inputs.items() for e, v in zip(a.flat, moved[k].flatten(), strict=True)
    }
    for name, array in outputs.items():
        found = graph.evaluate(ids(array).flatten().tolist(), values)
        mine = torch.stack([found[e.id].double() for e in array.flat]) if array.size else None
        want = torch.as_tensor(right[name]).detach().double().flatten()
        if mine is not None and not torch.allclose(
            mine, want, rtol=1e-9, atol=1e-12, equal_nan=True
        ):
            raise UnsupportedOperation(
                f"output {name!r}", "it depends on the inputs through something that is not torch"
            )


def trace(
    fn: Callable[..., Mapping[str, Tensor]], example: Mapping[str, Tensor | float]
) -> Program:
    """Turn a pure torch function into a list of scalar operations.

    Args:
        fn: Function of keyword tensors that returns named tensors. It may differentiate inside.
        example: Input name to a tensor or number of the shape to trace. Values do not matter.

    Returns:
        The program, with constants folded, equal expressions shared and dead code dropped.

    Raises:
        UnsupportedOperation: If the function uses an operation that has no scalar form. The error
            names it, and the source line where that is known.

    >>> double = trace(lambda x: {"y": 2 * x + 0 * 3}, {"x": 1.0})
    >>> print(double.javascript("double"))
    function double(p,out){out[0]=p[0]*2;}
    >>> double(x=torch.tensor(3.0))
    {'y': tensor(6., dtype=torch.float64)}
    """
    tensors = {k: torch.as_tensor(v, dtype=torch.float64) for k, v in example.items()}
    graph, inputs, outputs = record(fn, tensors)
    _check(fn, tensors, graph, inputs, outputs)
    heads = [int(i) for a in inputs.values() for i in ids(a).flat]
    tails = [int(i) for a in outputs.values() for i in ids(a).flat]
    small, moved = compact(graph, heads, tails)
    renumber = np.vectorize(moved.__getitem__, otypes=[np.int64])
    return Program(
        small,
        {k: renumber(ids(a)) if a.size else ids(a) for k, a in inputs.items()},
        {k: renumber(ids(a)) if a.size else ids(a) for k, a in outputs.items()},
    )
