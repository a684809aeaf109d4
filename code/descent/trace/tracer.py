"""From a pure torch function to a flat list of scalar operations.

The function runs once on example tensors under a dispatch mode, which sees every aten operation,
those of automatic differentiation included, and writes each down as operations on scalars. Shapes
are small and static. What does not depend on an input is computed by torch itself, once, here.

(`make_fx` records the same operations through the same hook, but loads the compiler behind it,
which takes seconds; listening directly takes milliseconds and knows the source line of a refusal.)
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch._ops import OpOverload
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves, tree_map

from descent.trace.expr import elementwise, wrap
from descent.trace.ir import Graph
from descent.trace.refusal import UnsupportedOperation
from descent.trace.rules import COUNTING, KINDS, SHAPES, find_rule, short_name
from descent.trace.scalars import FLOAT
from descent.trace.views import VIEWS

# A traced function is a list of scalars; beyond this many it wants loops over arrays instead.
MAX_NODES = 50_000


class Tracer(TorchDispatchMode):
    """Executes aten operations, and beside each tensor keeps the scalars that it is made of."""

    def __init__(self, graph: Graph) -> None:
        super().__init__()
        self.graph = graph
        # Tensors are kept with their scalars, so that an id is not used again during the trace.
        self.known: dict[int, tuple[Tensor, np.ndarray]] = {}

    @classmethod
    def _should_skip_dynamo(cls) -> bool:
        """Keep torch from loading its compiler only to exclude this class from it."""
        return False

    def input(self, example: Tensor) -> np.ndarray:
        """Declare a tensor whose elements are inputs of the graph."""
        numbers = [self.graph.input() for _ in range(example.numel())]
        return self.remember(example, wrap(self.graph, numbers, tuple(example.shape)))

    def remember(self, tensor: Tensor, scalars: np.ndarray) -> np.ndarray:
        """Note what a tensor is made of."""
        self.known[id(tensor)] = (tensor, scalars)
        return scalars

    def scalars(self, value: Any) -> Any:
        """The scalars of a tensor; an unseen tensor is a constant. Other values pass through."""
        if not isinstance(value, Tensor):
            return value
        if id(value) not in self.known:
            kind = KINDS.get(value.dtype, FLOAT)
            if value._is_zerotensor() or value.is_meta:  # no memory behind them
                raise UnsupportedOperation("forward-mode differentiation", "use reverse mode")
            with outside():
                numbers = [self.graph.constant(v, kind) for v in value.flatten().tolist()]
            self.remember(value, wrap(self.graph, numbers, tuple(value.shape)))
        return self.known[id(value)][1]

    def constant(self, *values: Any) -> bool:
        """Whether nothing among the values depends on an input."""
        arrays = [self.scalars(v) for v in tree_leaves(values) if isinstance(v, Tensor)]
        return all(e.constant is not None for a in arrays for e in a.flat)

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        """Execute one operation and write it down."""
        kwargs = kwargs or {}
        if torch.Tag.nondeterministic_seeded in func.tags:
            raise UnsupportedOperation(str(func), "it draws random numbers")
        if len(self.graph.nodes) > MAX_NODES:
            raise UnsupportedOperation(str(func), f"the program has over {MAX_NODES} scalars")
        if self.by_torch(func, args, kwargs):
            return func(*args, **kwargs)
        rule = find_rule(func)
        if rule is None:
            return self.decompose(func, args, kwargs)
        result = func(*args, **kwargs)
        scalars = self.apply(func, rule, result, args, kwargs)
        outputs = [result] if isinstance(result, Tensor) else result
        arrays = [scalars] if isinstance(result, Tensor) else scalars
        for tensor, array in zip(outputs, arrays, strict=True):
            self.remember(tensor, array)
        return result

    def by_torch(self, func: OpOverload, args: Any, kwargs: Any) -> bool:
        """Whether torch itself computes the result, which is then a constant, whatever it is."""
        name = short_name(func)
        if name in VIEWS or func._schema.is_mutable:
            return False  # a view must share the scalars of its base, which may change later
        return name in SHAPES or self.constant(args, kwargs)

    def apply(self, func: OpOverload, rule: Callable, result: Any, args: Any, kwargs: Any) -> Any:
        """Apply a rule to the scalars of the arguments, giving scalars of the result's dtype."""
        args, kwargs = tree_map(self.scalars, (args, kwargs))
        if not isinstance(result, Tensor) or rule in VIEWS.values():
            return rule(*args, **kwargs)
        if result.dtype not in KINDS:
            raise UnsupportedOperation(str(func), f"its dtype is {result.dtype}; use float64")
        if result.dtype == torch.int64 and short_name(func) not in COUNTING:
            raise UnsupportedOperation(str(func), "int64 can only be counted with here")
        try:
            scalars = rule(*args, **kwargs)
        except NotImplementedError as error:
            raise UnsupportedOperation(str(func), str(error)) from error
        if func._schema.is_mutable:
            return scalars
        return elementwise(lambda e: e.cast(KINDS[result.dtype]), scalars)

    def decompose(self, func: OpOverload, args: Any, kwargs: Any) -> Any:
        """Execute an operation as the simpler ones that torch defines it by."""
        by = decompositions().get(func)
        with self:
            if by is not None:
                return by(*args, **kwargs)
            result = func.decompose(*args, **kwargs)
        if result is NotImplemented:
            raise UnsupportedOperation(str(func))
        return result


def record(
    fn: Callable[..., Mapping[str, Tensor]], example: Mapping[str, Tensor]
) -> tuple[Graph, dict[str, np.ndarray], dict[str, np.ndarray]]:
    """Write down what `fn(**example)` computes.

    Args:
        fn: Pure function from named tensors to a mapping of named tensors.
        example: Float64 tensors of the shapes to trace.

    Returns:
        The graph, and the scalars of the named inputs and outputs.
    """
    tracer = Tracer(Graph())
    # A fresh tensor per input: two names for one tensor would be one input.
    tensors = {name: value.detach().clone() for name, value in example.items()}
    inputs = {name: tracer.input(value) for name, value in tensors.items()}
    # The flag tells argument checks that there are no numbers to look at yet.
    with torch.compiler._compile_session_context(), tracer:
        outputs = fn(**tensors)
        scalars = {name: tracer.scalars(torch.as_tensor(value)) for name, value in outputs.items()}
    return (
        tracer.graph,
        inputs,
        {name: elementwise(lambda e: e.cast(FLOAT), a) for name, a in scalars.items()},
    )


@cache
def decompositions() -> dict:
    """Torch's definitions of aten operations by simpler ones; loaded only when needed."""
    import torch._decomp.decompositions  # noqa: F401 (registers them)
    from torch._decomp import decomposition_table

    # The others end in primitives of the compiler, which are no aten operations.
    return {
        op: by
        for op, by in decomposition_table.items()
        if inspect.unwrap(by).__module__ == "torch._decomp.decompositions"
    }


def outside() -> Any:
    """Let torch compute for the tracer itself, unrecorded."""
    from torch.utils._python_dispatch import _disable_current_modes

    return _disable_current_modes()
