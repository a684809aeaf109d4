"""Several optimizers from one start: their runs, and the marks that tell them apart."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from descent.core import Objective, Optimizer
from descent.explore.marks import Mark, handle, lines, paths
from descent.explore.readouts import Readout, readout
from descent.explore.runs import Run, trajectory
from descent.explore.signals import Source


@dataclass(frozen=True)
class Race:
    """Runs and what to draw of them; made by `race`.

    Args:
        signals: One run for each optimizer. A run called "heavy ball" binds `heavy_ball_x` and
            `heavy_ball_loss`.
        paths: Marks of the paths.
        losses: Marks of the losses over the steps, in the same colors.
        grip: Mark of the start point, to be dragged.
        readout: The last loss of each.
        play: Series that play and step move through.
    """

    signals: tuple[Run, ...]
    paths: list[Mark]
    losses: list[Mark]
    grip: Mark
    readout: tuple[Readout, ...]
    play: str


def race(
    objective: Objective | Callable[..., Objective],
    rules: Mapping[str, Optimizer],
    *,
    start: str,
    steps: int,
    bind: Mapping[str, Mapping[str, Source]] | None = None,
) -> Race:
    """Descend one objective by several optimizers.

    Args:
        objective: As for `trajectory`.
        rules: What the reader calls an optimizer, to the optimizer; at most five.
        start: Name of the start point.
        steps: Number of updates.
        bind: As for `trajectory`, for each optimizer that needs it, such as a rate of its own.

    Returns:
        The runs with their marks.
    """
    named = {label: re.sub(r"\W+", "_", label.lower()).strip("_") for label in rules}
    extra = bind or {}
    runs = (
        trajectory(
            objective, rule, start=start, steps=steps, name=named[label], bind=extra.get(label)
        )
        for label, rule in rules.items()
    )
    ends = (readout(f"last loss, {k}", f"{n}_loss_last") for k, n in named.items())
    return Race(
        tuple(runs),
        paths({f"{name}_x": label for label, name in named.items()}),
        lines({f"{name}_loss": label for label, name in named.items()}),
        handle(start),
        tuple(ends),
        f"{next(iter(named.values()))}_loss",
    )
