"""From a pure torch function to a flat list of scalar operations.

`make_fx` runs the function once on example tensors and records every aten operation, those of
automatic differentiation included. Shapes are small and static, so each tensor becomes an array of
scalars, and each aten operation becomes a few scalar ones. What does not depend on an input is
computed by torch itself, once, here.
"""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch._decomp import core_aten_decompositions
from torch._ops import OpOverload
from torch.fx import Graph as FxGraph
from torch.fx import Node as FxNode
from torch.fx.experimental.proxy_tensor import make_fx
from torch.utils._python_dispatch import TorchDispatchMode

from descent.trace import indexing  # noqa: F401 (registers its operations)
from descent.trace.aten import ELEMENTWISE, TABLE
from descent.trace.expr import Expr, elementwise, wrap
from descent.trace.ir import Graph
from descent.trace.scalars import BOOL, DTYPES, FLOAT, INT
from descent.trace.views import VIEWS

# A traced function is a list of scalars; beyond this many it wants loops over arrays instead.
MAX_NODES = 50_000
KINDS = {torch.float64: FLOAT, torch.int64: FLOAT, torch.int32: INT, torch.bool: BOOL}
# Of their tensor argument these read the shape alone.
SHAPES = {
    f"{n}.default"
    for n in "zeros_like ones_like full_like empty_like new_zeros new_ones "
    "new_full new_empty".split()
}
CASTS = ("_to_copy.default", "to.dtype", "convert_element_type.default")


class UnsupportedOperation(NotImplementedError):
    """A traced function does something that has no scalar form here.

    Args:
        name: The aten operation.
        why: What about it is not supported.
        where: File, line and text of the call, if known.
    """

    def __init__(self, name: str, why: str = "it is not in the operation table", where: str = ""):
        self.name, self.why = name, why
        super().__init__(f"{name} cannot be traced: {why}" + (f" ({where})" if where else ""))


def record(fn: Callable[..., Mapping[str, Tensor]], example: dict[str, Tensor]) -> FxGraph:
    """Record the aten operations of `fn(**example)`.

    Args:
        fn: Pure function from named tensors to a mapping of named tensors.
        example: Tensors of the shapes to record.

    Returns:
        The graph; its output is the mapping.

    Raises:
        UnsupportedOperation: If the function needs the value of a traced number.
    """
    known = {*TABLE, *ELEMENTWISE, *VIEWS}
    table = {
        op: rule
        for op, rule in core_aten_decompositions().items()
        if str(op).removeprefix("aten.") not in known
    }
    try:
        module = make_fx(
            lambda *values: dict(fn(**dict(zip(example, values, strict=True)))), table
        )(*example.values())
    except RuntimeError as error:
        if "_local_scalar_dense" not in str(error):
            raise
        raise UnsupportedOperation(
            "aten._local_scalar_dense.default", "a Python branch or number depends on an input"
        ) from error
    module.graph.owning_module = module
    return module.graph


class Interpreter:
    """Executes a recorded graph on arrays of `Expr`."""

    def __init__(self, recorded: FxGraph, graph: Graph) -> None:
        self.recorded, self.graph = recorded, graph
        self.values: dict[FxNode, Any] = {}

    def run(self, inputs: Iterable[np.ndarray]) -> dict[str, np.ndarray]:
        """Return the named outputs as arrays of `Expr`."""
        waiting = iter(inputs)
        for node in self.recorded.nodes:
            if node.op == "placeholder":
                self.values[node] = next(waiting)
            elif node.op == "get_attr":
                tensor = getattr(self.recorded.owning_module, node.target)
                self.values[node] = self.constants(tensor)
            elif node.op == "call_function":
                self.values[node] = self.call(node)
            if len(self.graph.nodes) > MAX_NODES:
                raise UnsupportedOperation(str(node.target), f"more than {MAX_NODES} scalars")
        [outputs] = [n.args[0] for n in self.recorded.nodes if n.op == "output"]
        return {name: self.floats(self.look_up(value)) for name, value in outputs.items()}

    def constants(self, value: Tensor | float) -> np.ndarray:
        """Turn known numbers into constant scalars."""
        tensor = torch.as_tensor(value).detach().cpu()
        kind = KINDS.get(tensor.dtype, FLOAT)
        numbers = [self.graph.constant(v, kind) for v in tensor.flatten().tolist()]
        return wrap(self.graph, numbers, tuple(tensor.shape))

    def floats(self, value: np.ndarray | float) -> np.ndarray:
        """An output: a float64 array, whatever the function returned."""
        value = value if isinstance(value, np.ndarray) else self.constants(value)
        return elementwise(lambda e: e.cast(FLOAT), value)

    def look_up(self, arg: Any) -> Any:
        """Replace recorded nodes by their values, inside lists too."""
        if isinstance(arg, FxNode):
            return self.values[arg]
        return [self.look_up(a) for a in arg] if isinstance(arg, (list, tuple)) else arg

    def call(self, node: FxNode) -> Any:
        """Execute one aten operation."""
        if not isinstance(node.target, OpOverload):  # operator.getitem of a tuple result
            return node.target(*self.look_up(node.args))
        name = str(node.target).removeprefix("aten.")
        args, kwargs = self.look_up(node.args), {k: self.look_up(v) for k, v in node.kwargs.items()}
        dtype = _dtype(node)
        if torch.Tag.nondeterministic_seeded in node.target.tags:
            raise UnsupportedOperation(str(node.target), "it draws random numbers")
        if name in VIEWS:
            return VIEWS[name](*args, **kwargs)
        if node.target._schema.is_mutable:
            return self.write(node, name, args, kwargs)
        if name in SHAPES or self.known([*args, *kwargs.values()]):
            return self.evaluate(node)
        if dtype not in KINDS:
            raise UnsupportedOperation(str(node.target), f"its dtype is {dtype}; use float64")
        if name in CASTS:
            return elementwise(lambda e: e.cast(KINDS[dtype]), args[0])
        return self.compute(node, name, args, kwargs, dtype)

    def compute(self, node: FxNode, name: str, args: list, kwargs: dict, dtype: torch.dtype):
        """Look an operation up in the table and apply it."""
        if dtype == torch.int64 and name not in ("sum.default", "sum.dim_IntList"):
            if name not in ("add.Tensor", "sub.Tensor", "where.self"):
                raise UnsupportedOperation(str(node.target), "int64 is only counted with here")
            args = [self.floats(a) if isinstance(a, np.ndarray) else a for a in args]
        try:
            if name in ELEMENTWISE:
                return elementwise(lambda *a: ELEMENTWISE[name](*a, **kwargs), *args)
            return TABLE[name](*args, **kwargs)
        except KeyError as error:
            raise UnsupportedOperation(str(node.target)) from error
        except NotImplementedError as error:
            raise UnsupportedOperation(str(node.target), str(error)) from error

    def write(self, node: FxNode, name: str, args: list, kwargs: dict) -> np.ndarray:
        """Execute an in-place operation; views share memory, so bases change with them."""
        target = args[0]
        if name == "copy_.default":
            result = args[1]
        else:
            plain = getattr(torch.ops.aten, name.split(".")[0].rstrip("_"), None)
            overload = name.split(".")[1]
            if plain is not None and f"{plain.__name__}.{overload}" in VIEWS:  # as in squeeze_
                return VIEWS[f"{plain.__name__}.{overload}"](*args, **kwargs)
            if plain is None or overload not in plain.overloads():
                raise UnsupportedOperation(str(node.target), "it writes in place")
            result = self.compute(node, f"{plain.__name__}.{overload}", args, kwargs, _dtype(node))
        kind = target.flat[0].kind if target.size else FLOAT
        target[...] = elementwise(lambda e: e.cast(kind), result)
        return target

    def known(self, args: Iterable[Any]) -> bool:
        """Whether no argument depends on an input."""
        for arg in args:
            if isinstance(arg, list) and not self.known(arg):
                return False
            if isinstance(arg, np.ndarray) and any(e.constant is None for e in arg.flat):
                return False
        return True

    def evaluate(self, node: FxNode) -> Any:
        """Let torch compute an operation whose arguments are all known."""
        result = node.target(*self.tensors(node.args), **dict(self.tensors(node.kwargs)))
        many = isinstance(result, (list, tuple))
        return [self.constants(r) for r in result] if many else self.constants(result)

    def tensors(self, arg: Any) -> Any:
        """Replace recorded nodes by tensors of their known values."""
        if isinstance(arg, FxNode):
            array = self.values[arg]
            flat = torch.tensor([e.constant or 0 for e in array.flat], dtype=_dtype(arg))
            return flat.reshape(array.shape)
        if isinstance(arg, Mapping):
            return {k: self.tensors(v) for k, v in arg.items()}
        return [self.tensors(a) for a in arg] if isinstance(arg, (list, tuple)) else arg


def _dtype(node: FxNode) -> torch.dtype | None:
    value = node.meta.get("val")
    return getattr(value[0] if isinstance(value, (list, tuple)) else value, "dtype", None)


class _Finder(TorchDispatchMode):
    """Remembers the first line outside torch and this package that calls an operation."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name, self.where = name, ""

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        if str(func) == self.name and not self.where:
            frames = [f for f in traceback.extract_stack() if not _internal(f.filename)]
            if frames:
                last = frames[-1]
                self.where = f"{last.filename}:{last.lineno}: {last.line}"
        return func(*args, **(kwargs or {}))


def _internal(filename: str) -> bool:
    return filename == __file__ or "/torch/" in filename.replace("\\", "/")


def locate(fn: Callable, example: dict[str, Tensor], name: str) -> str:
    """Where `fn` calls the aten operation `name`, as file:line: text, or '' if it is not seen."""
    with _Finder(name) as finder:
        fn(**example)
    return finder.where


__all__ = ["DTYPES", "Expr", "Interpreter", "UnsupportedOperation", "locate", "record"]
