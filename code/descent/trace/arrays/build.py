"""From three pure torch functions to a process."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor

from descent.trace.arrays.evaluate import evaluate, fresh
from descent.trace.arrays.nest import Nest
from descent.trace.arrays.process import Function, Process, Slot
from descent.trace.arrays.recorder import Recorder
from descent.trace.refusal import UnsupportedOperation


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
