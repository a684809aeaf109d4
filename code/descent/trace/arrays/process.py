"""A state that a step changes again and again, as loops over arrays in the target language."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from descent.trace.arrays.evaluate import evaluate, fresh
from descent.trace.arrays.memory import Storage
from descent.trace.arrays.nest import Nest
from descent.trace.arrays.recorder import Recorder
from descent.trace.arrays.schedule import schedule
from descent.trace.refusal import UnsupportedOperation

Function = Callable[..., Mapping[str, Tensor]]


@dataclass(frozen=True)
class Slot:
    """A named tensor: its storage and its shape."""

    storage: int
    shape: tuple[int, ...]

    @property
    def size(self) -> int:
        """Count of numbers."""
        return int(np.prod(self.shape, dtype=np.int64))


@dataclass(frozen=True, eq=False)
class Process:
    r"""A traced state that a step changes, with measurements.

    $$s_0 = \text{start}(\theta), \qquad s_{k+1} = \text{step}(s_k, k; \theta), \qquad
    \text{row}_k = \text{observe}(s_k, k; \theta)$$

    Args:
        storages: The memory.
        phases: What each of the three does, as recorded.
        inputs: The parameters θ, in order.
        counter: The step number.
        outputs: What `observe` measures, in order.
        functions: The three functions themselves, which torch can run.
    """

    storages: list[Storage]
    phases: dict[str, list[Nest]]
    inputs: dict[str, Slot]
    counter: Slot
    outputs: dict[str, Slot]
    functions: dict[str, Function]

    @property
    def nests(self) -> dict[str, list[Nest]]:
        """The phases with as few passes over memory as possible."""
        kept = {n for n, s in enumerate(self.storages) if s.keep}
        return {name: schedule(nests, kept) for name, nests in self.phases.items()}

    def torch(self, steps: int, every: int = 1, **given: Tensor | float) -> dict[str, Tensor]:
        """Run the functions themselves.

        Args:
            steps: Number of steps.
            every: Distance between measurements.
            **given: The parameters.

        Returns:
            Name of a measurement to its values at steps 0, every, 2 every, …, stacked.
        """
        theta = {k: torch.as_tensor(v, dtype=torch.float64) for k, v in given.items()}
        if theta.keys() != self.inputs.keys():
            raise TypeError(f"parameters are {sorted(theta)}; they must be {sorted(self.inputs)}")
        state, rows = self.functions["start"](**theta), []
        for k in range(steps + 1):
            step = torch.tensor(float(k), dtype=torch.float64)
            if k % every == 0:
                rows.append(self.functions["observe"](**state, **theta, step=step))
            if k < steps:
                state = self.functions["step"](**state, **theta, step=step)
        return {k: torch.stack([row[k].double() for row in rows]).detach() for k in self.outputs}

    def javascript(self, name: str = "process") -> str:
        """Write `function name()`, which allocates memory once and returns the three phases.

        Args:
            name: Name of the function.

        Returns:
            Source of a function that returns `{start(p), step(k), observe(k, out)}`: `start` reads
            the parameters from `p`, flattened in order; `observe` fills `out` likewise.
        """
        from descent.trace.arrays.languages import javascript_source

        return javascript_source(self, name)

    def python(self) -> str:
        """Write a module with `start(f, i, b, p)`, `step(f, i, b, k)`, `observe(f, i, b, k, out)`.

        Returns:
            Source for numba; `descent.trace.arrays.compiled` runs it.
        """
        from descent.trace.arrays.languages import python_source

        return python_source(self)


def trace_process(
    start: Function, step: Function, observe: Function, example: Mapping[str, Tensor | float]
) -> Process:
    """Turn three pure torch functions into loops over arrays.

    Args:
        start: Function of the parameters that returns the state.
        step: Function of state, parameters and `step`, the step number as a tensor; it returns the
            next state.
        observe: Function of the same that returns measurements.
        example: Parameter to a tensor or number of the shape to trace.

    Returns:
        The process.

    Raises:
        UnsupportedOperation: If a function uses an operation that has no form as loops. The error
            names it, and the source line where that is known.
    """
    functions = {"start": start, "step": step, "observe": observe}
    builder = _Builder(example)
    for name, fn in functions.items():
        builder.record(name, fn)
    process = builder.process(functions)
    _check(process, builder.theta)
    return process


class _Builder:
    """Records the three functions on one memory."""

    def __init__(self, example: Mapping[str, Tensor | float]) -> None:
        self.recorder = Recorder()
        self.theta = {
            name: torch.as_tensor(value, dtype=torch.float64).detach().clone()
            for name, value in example.items()
        }
        self.counter = torch.zeros((), dtype=torch.float64)
        for tensor in (*self.theta.values(), self.counter):
            _slot(self.recorder, tensor)
        self.state: dict[str, Tensor] = {}
        self.measured: dict[str, Tensor] = {}
        self.phases: dict[str, list[Nest]] = {}

    def record(self, phase: str, fn: Function) -> None:
        """Run one of the functions, and keep what it returns in memory of its own."""
        given = self.theta | ({} if phase == "start" else {**self.state, "step": self.counter})
        with torch.compiler._compile_session_context(), self.recorder:
            made = {k: torch.as_tensor(v).detach() for k, v in fn(**given).items()}
            own = {k: v.clone() for k, v in made.items()}  # state may be handed on as it is
        cells = self.state if phase == "step" else {k: torch.empty_like(v) for k, v in made.items()}
        if cells.keys() != made.keys():
            raise ValueError(f"step returns {sorted(made)}; the state is {sorted(cells)}")
        for cell in cells.values():
            _slot(self.recorder, cell)
        with self.recorder:
            for k, cell in cells.items():
                cell.copy_(own[k])
        self.phases[phase] = self.recorder.take()
        if phase == "start":
            self.state = cells
        self.measured = cells

    def process(self, functions: dict[str, Function]) -> Process:
        """Everything that was recorded."""
        inputs = {k: _slot(self.recorder, t) for k, t in self.theta.items()}
        outputs = {k: _slot(self.recorder, t) for k, t in self.measured.items()}
        counter, storages = _slot(self.recorder, self.counter), self.recorder.memory.storages
        return Process(storages, self.phases, inputs, counter, outputs, functions)


def _slot(recorder: Recorder, tensor: Tensor) -> Slot:
    return Slot(recorder.memory.number(tensor, keep=True), tuple(tensor.shape))


def _check(process: Process, theta: Mapping[str, Tensor]) -> None:
    """Compare the trace with the functions at another point.

    What leaves torch (`x.numpy()`, `x.tolist()`) is not seen while tracing and would be frozen at
    its example value, silently.
    """
    moved = {k: 0.9375 * v + 0.03125 for k, v in theta.items()}
    want, memory = process.torch(1, 1, **moved), fresh(process.storages)
    for name, slot in process.inputs.items():
        memory[slot.storage][:] = moved[name].reshape(-1)
    for k, phase in enumerate(("start", "observe", "step", "observe")):
        memory[process.counter.storage][:] = float(k // 3)
        for nest in process.phases[phase]:
            evaluate(nest, memory)
        if phase == "observe":
            _compare(process, {n: v[k // 2] for n, v in want.items()}, memory)


def _compare(process: Process, want: Mapping[str, Tensor], memory: list[Tensor]) -> None:
    for name, slot in process.outputs.items():
        mine = memory[slot.storage].double().reshape(slot.shape)
        if not torch.allclose(mine, want[name], rtol=1e-9, atol=1e-12, equal_nan=True):
            raise UnsupportedOperation(
                f"measurement {name!r}", "it depends on the inputs through something not torch"
            )
