"""From a pure torch function to loops over arrays.

As in `descent.trace.tracer`, the function runs once on examples under a dispatch mode. Here an
operation is written down as loops instead of one scalar after the other, so that a network of a
thousand weights is a page of code.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torch._ops import OpOverload
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from descent.trace.arrays.memory import Memory, uniform
from descent.trace.arrays.nest import Access, Fold, Nest
from descent.trace.arrays.registry import BY, EMPTY, VIEWS_IN_PLACE, Operation, find
from descent.trace.expr import Expr
from descent.trace.ir import Graph
from descent.trace.refusal import UnsupportedOperation
from descent.trace.rules import KINDS, SHAPES, short_name
from descent.trace.scalars import FLOAT
from descent.trace.tracer import decompositions, outside


class Recorder(TorchDispatchMode):
    """Executes aten operations and writes down the loops that would do the same."""

    def __init__(self) -> None:
        super().__init__()
        self.memory = Memory()
        self.nests: list[Nest] = []
        # Constants without contents: `empty` promises nothing.
        self.blank: set[int] = set()

    @classmethod
    def _should_skip_dynamo(cls) -> bool:
        """Keep torch from loading its compiler only to exclude this class from it."""
        return False

    def take(self) -> list[Nest]:
        """The nests recorded since the last call."""
        done, self.nests = self.nests, []
        return done

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        """Execute one operation and write it down."""
        kwargs, name = kwargs or {}, short_name(func)
        if torch.Tag.nondeterministic_seeded in func.tags:
            raise UnsupportedOperation(str(func), "it draws random numbers")
        tensors = [v for v in tree_leaves((args, kwargs)) if isinstance(v, Tensor)]
        traced = any(self.memory.knows(t) for t in tensors)
        if not traced or name in SHAPES or name.split(".")[0] in EMPTY:
            return self.constant(func, name, args, kwargs)
        if name == "_local_scalar_dense.default":
            raise UnsupportedOperation(str(func), "a Python number or branch depends on an input")
        if func.is_view or name.replace("_.", ".") in VIEWS_IN_PLACE:
            return func(*args, **kwargs)
        record = find(func, name)
        if record is None:
            return self.decompose(func, name, args, kwargs)
        if func._schema.is_mutable:
            self.awaken(args[0])
        return self.write(func, record, args, kwargs)

    def write(self, func: OpOverload, record: Operation, args: Any, kwargs: Any) -> Any:
        """Record what an operation does, before it overwrites what it reads."""
        with outside():
            if func._schema.is_mutable:
                record(self, args[0], *args, **kwargs)
                return func(*args, **kwargs)
            result = func(*args, **kwargs)
            if isinstance(result, Tensor) and self.memory.knows(result):
                return result  # another shape of memory that is known
            try:
                record(self, result, *args, **kwargs)
            except UnsupportedOperation:
                raise
            except NotImplementedError as error:
                raise UnsupportedOperation(str(func), str(error)) from error
        return result

    def constant(self, func: OpOverload, name: str, args: Any, kwargs: Any) -> Any:
        """Let torch compute what depends on no input."""
        result = func(*args, **kwargs)
        tensors = [t for t in tree_leaves(result) if isinstance(t, Tensor)]
        for tensor in tensors:
            place = tensor.untyped_storage()._cdata
            if name.split(".")[0] in EMPTY:
                self.blank.add(place)
                self.memory.alive.append(tensor)
            elif func._schema.is_mutable:
                self.blank.discard(place)
        return result

    def awaken(self, target: Tensor) -> None:
        """Begin to write into memory that was constant until now."""
        if self.memory.knows(target):
            return
        with outside():
            size = target.untyped_storage().nbytes() // target.element_size()
            whole = target.detach().as_strided((size,), (1,), 0)
            if target.untyped_storage()._cdata not in self.blank:
                old = whole.clone()
                self.map(whole, lambda a: a, old)

    def decompose(self, func: OpOverload, name: str, args: Any, kwargs: Any) -> Any:
        """Execute an operation as the simpler ones that it is defined by."""
        by = BY.get(name) or decompositions().get(func)
        with self:
            if by is not None:
                return by(*args, **kwargs)
            result = func.decompose(*args, **kwargs)
        if result is NotImplemented:
            raise UnsupportedOperation(str(func))
        return result

    def read(self, nest: Nest, value: Any, shape: tuple[int, ...]) -> Any:
        """The scalar of a tensor in loops over `shape`; other values pass through."""
        if not isinstance(value, Tensor):
            return value
        if self.memory.knows(value):
            return Expr(nest.graph, nest.read(self.memory.access(value, shape)))
        number = uniform(value)
        if number is not None:
            return Expr(nest.graph, nest.graph.constant(number, KINDS.get(value.dtype, FLOAT)))
        return Expr(nest.graph, nest.read(self.memory.constant(value, shape)))

    def access(self, tensor: Tensor) -> Access:
        """The place of a tensor's elements, which may be constants."""
        if self.memory.knows(tensor):
            return self.memory.access(tensor)
        return self.memory.constant(tensor, tuple(tensor.shape))

    def map(self, result: Tensor, fn: Callable[..., Expr], *operands: Any) -> None:
        """Record `result[i] = fn(operands[i]...)` for all i."""
        shape = tuple(result.shape)
        nest = Nest(shape)
        values = [self.read(nest, v, shape) for v in operands]
        made = _lift(nest.graph, fn(*values))
        place = self.memory.access(result)
        nest.stores[place] = made.cast(place.kind).id
        self.nests.append(nest)

    def fold(
        self,
        result: Tensor,
        shape: tuple[int, ...],
        kept: tuple[int, ...],
        op: str,
        start: float | bool,
        fn: Callable[..., Expr],
        *operands: Tensor,
    ) -> None:
        """Record `result = start op fn(...) op fn(...) ...` over the axes that are not kept."""
        order = [*kept, *(d for d in range(len(shape)) if d not in kept)]
        nest = Nest(tuple(shape[d] for d in order), len(order) - len(kept))
        values = []
        for tensor in operands:
            wide = tensor.expand(shape).permute(order)
            values.append(self.read(nest, wide, tuple(wide.shape)))
        place = self.memory.access(result.reshape([shape[d] for d in kept]))
        place = Access(
            place.storage, place.offset, (*place.strides, *(0,) * nest.inner), place.kind
        )
        value = _lift(nest.graph, fn(*values)).cast(place.kind)
        total = Expr(nest.graph, nest.graph.input(place.kind))
        nest.folds.append(Fold(place, start, total.id, total.op(op, value).id))
        self.nests.append(nest)


def _lift(graph: Graph, value: Any) -> Expr:
    """A scalar of the graph, also where a rule gave back a plain number."""
    if isinstance(value, Expr):
        return value
    return Expr(graph, graph.constant(value, "bool" if isinstance(value, bool) else "float64"))
