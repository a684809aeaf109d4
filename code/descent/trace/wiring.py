"""Which scalars of a traced step play which part when it is repeated."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np

from descent.trace.program import Program, Shapes


@dataclass(frozen=True, eq=False)
class Wiring:
    """A step and how its outputs feed its inputs; see `descent.trace.Loop` for the fields."""

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

    @property
    def result_ids(self) -> list[int]:
        """Ids of all that a step computes."""
        return [*self.next_ids.values(), *self.record_ids, *self.watched_ids]

    def invariant_ids(self) -> list[int]:
        """Computed ids that depend on parameters only and are used by something that does not."""
        graph = self.program.graph
        varying = {*self.carry_ids, self.counter_id}
        live = graph.live(self.result_ids, bound=self.carry_ids)
        for i in live:
            if any(a in varying for a in graph.nodes[i].args):
                varying.add(i)
        border = {a for i in live if i in varying for a in graph.nodes[i].args}
        border.update(self.result_ids)
        return sorted(i for i in border - varying if graph.nodes[i].args)


def _flat(arrays: Iterable[np.ndarray]) -> list[int]:
    return [int(i) for a in arrays for i in a.flat]
