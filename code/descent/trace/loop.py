"""The recurrence x_{k+1} = step(x_k; parameters), written as a loop in the target language."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from torch import Tensor

from descent.trace.program import Program, Shapes

if TYPE_CHECKING:
    from descent.trace.compiled import CompiledLoop


@dataclass(frozen=True, eq=False)
class Loop:
    r"""A traced step, repeated.

    $$s_{k+1} = \text{step}(s_k;\, \theta), \qquad \text{row}_k = \text{record}(s_k;\, \theta)$$

    A run diverges at the first step whose iterate or loss is not finite. From then on what is
    recorded stays at the last finite row, except losses, which read +inf: the rule of
    `descent.run`.

    Args:
        program: The step.
        carry: Program output to the input that it becomes in the next step.
        record: What a row holds, in order: a carried input (its value before the update) or an
            output.
        start: Carried input to the program output that gives its first value, computed once. What
            is not listed here is given by the caller.
        loss: Recorded outputs that read +inf after divergence.
        iterate: Carried inputs which, with the losses, decide divergence.
        counter: Input that receives the step number k, for seeded noise; None if there is none.
    """

    program: Program
    carry: Mapping[str, str]
    record: tuple[str, ...]
    start: Mapping[str, str] = field(default_factory=dict)
    loss: tuple[str, ...] = ("loss",)
    iterate: tuple[str, ...] = ("x",)
    counter: str | None = None

    def __post_init__(self) -> None:
        inputs, outputs = self.program.input_shapes, self.program.output_shapes
        for out, name in self.carry.items():
            if outputs.get(out) != inputs.get(name) or name not in inputs:
                raise ValueError(
                    f"carry maps {out!r} {outputs.get(out)} to {name!r} {inputs.get(name)}; it "
                    "must map an output to an input of the same shape"
                )
        known = {*self.carry.values(), *outputs}
        for name in (*self.record, *self.loss, *self.start.values()):
            if name not in known:
                raise ValueError(f"{name!r} is recorded but is not among {sorted(known)}")

    @property
    def inputs(self) -> Shapes:
        """What `p` holds, in order: the inputs that the caller gives."""
        made = {*self.start, self.counter}
        return {k: s for k, s in self.program.input_shapes.items() if k not in made}

    @property
    def recorded(self) -> Shapes:
        """What a row of `rec` holds, in order."""
        return {name: self._where(name).shape for name in self.record}

    def _where(self, name: str) -> np.ndarray:
        """Ids of something recorded: a carried input before the update, or an output."""
        carried = name in self.carry.values()
        return self.program.inputs[name] if carried else self.program.outputs[name]

    @property
    def parameter_ids(self) -> list[int]:
        """Ids of the scalars in `p`."""
        return _flat(self.program.inputs[k] for k in self.inputs)

    @property
    def carry_ids(self) -> list[int]:
        """Ids of the scalars that change from step to step."""
        return _flat(self.program.inputs[k] for k in self.carry.values())

    @property
    def next_ids(self) -> dict[int, int]:
        """Carried id to the id of its next value."""
        return dict(
            zip(self.carry_ids, _flat(self.program.outputs[k] for k in self.carry), strict=True)
        )

    @property
    def start_ids(self) -> dict[int, int]:
        """Carried id to the id of its first value, for what the caller does not give."""
        heads = _flat(self.program.inputs[k] for k in self.start)
        return dict(
            zip(heads, _flat(self.program.outputs[v] for v in self.start.values()), strict=True)
        )

    @property
    def record_ids(self) -> list[int]:
        """Ids of one recorded row."""
        return _flat(self._where(name) for name in self.record)

    @property
    def iterate_ids(self) -> list[int]:
        """Ids of the iterate's coordinates."""
        return _flat(self.program.inputs[k] for k in self.iterate)

    @property
    def watched_ids(self) -> list[int]:
        """Ids that decide divergence: the iterate, then the losses."""
        return self.iterate_ids + _flat(self.program.outputs[k] for k in self.loss)

    def is_additive(self) -> bool:
        """Whether every coordinate moves by adding to it, so that it never turns finite again."""
        nodes, after = self.program.graph.nodes, self.next_ids
        return all(
            nodes[after[i]].op in ("add", "sub") and i in nodes[after[i]].args
            for i in self.iterate_ids
        )

    @property
    def counter_id(self) -> int | None:
        """Id of the step number."""
        return None if self.counter is None else int(self.program.inputs[self.counter])

    @property
    def loss_columns(self) -> set[int]:
        """Which entries of a row read +inf after divergence."""
        names = [name for name, shape in self.recorded.items() for _ in range(int(np.prod(shape)))]
        return {n for n, name in enumerate(names) if name in self.loss}

    def invariant_ids(self) -> list[int]:
        """Computed ids that depend on parameters only and are used by something that does not."""
        graph = self.program.graph
        varying = {*self.carry_ids, self.counter_id}
        results = [*self.next_ids.values(), *self.record_ids, *self.watched_ids]
        live = graph.live(results)
        for i in live:
            if any(a in varying for a in graph.nodes[i].args):
                varying.add(i)
        border = {a for i in live if i in varying for a in graph.nodes[i].args}
        border.update(results)
        return sorted(i for i in border - varying if graph.nodes[i].args)

    def __call__(
        self, steps: int, **parameters: Tensor | float
    ) -> tuple[dict[str, Tensor], Tensor]:
        """Run the loop in torch, one step at a time: the reference for the other back ends.

        Args:
            steps: Number of updates.
            **parameters: One tensor (*batch, *shape) for each name in `inputs`.

        Returns:
            Recorded name to (steps + 1, *batch, *shape), and the index of the first step that is
            not finite, (*batch,), -1 where there is none.
        """
        from descent.trace.reference import run_loop

        return run_loop(self, steps, parameters)

    def numba(self) -> CompiledLoop:
        """Compile the loop for many settings at once; only summaries of the runs are kept.

        Returns:
            A function `(steps, parameters, target=None) -> Summary`.
        """
        from descent.trace.compiled import CompiledLoop

        return CompiledLoop(self)

    def javascript(self, name: str = "run") -> str:
        """Write `function name(p, steps, rec)`.

        Args:
            name: Name of the function.

        Returns:
            Source of a function that reads `inputs` from `p`, flattened in order, and fills `rec`,
            a Float64Array of (steps + 1) rows as described by `recorded`. It returns the index of
            the first step that is not finite, or -1.
        """
        from descent.trace.javascript import loop_source

        return loop_source(self, name)

    def javascript_summary(self, name: str = "last") -> str:
        """Write `function name(p, steps, target, out)`, for maps of many runs in a page.

        Args:
            name: Name of the function.

        Returns:
            Source of a function that fills `out` with the last finite iterate, the last loss (+inf
            after divergence) and the first step with loss <= target (-1 if there is none). It
            returns the index of the first step that is not finite, or -1.
        """
        from descent.trace.javascript import summary_source

        return summary_source(self, name)


def _flat(arrays: Iterable[np.ndarray]) -> list[int]:
    return [int(i) for a in arrays for i in a.flat]
