"""The recurrence x_{k+1} = step(x_k; parameters), written as a loop in the target language."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from torch import Tensor

from descent.trace.wiring import Wiring

if TYPE_CHECKING:
    from descent.trace.compiled import CompiledLoop


@dataclass(frozen=True, eq=False)
class Loop(Wiring):
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
        from descent.trace.powers import without_powers

        return CompiledLoop(without_powers(self))

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
        from descent.trace.powers import without_powers

        return loop_source(without_powers(self), name)

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
        from descent.trace.powers import without_powers

        return summary_source(without_powers(self), name)
