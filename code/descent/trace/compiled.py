"""Many runs of a traced loop as machine code: laid out in blocks, stretch by stretch."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache, cached_property
from types import ModuleType
from typing import TYPE_CHECKING

import numpy as np
import torch

from descent.trace.machine import load
from descent.trace.numba_source import LANES, Rows, loop_source

if TYPE_CHECKING:
    from descent.trace.loop import Loop

# Steps between two looks at divergence: long enough to make looking cheap, short enough to make
# going over a stretch again cheap.
STRETCH = 128
# Below this many steps of single runs, starting threads costs more than it saves.
WORTH_THREADS = 200_000


@dataclass(frozen=True, eq=False)
class Summary:
    """What is left of many runs.

    Args:
        x: Last finite iterate of each, (runs, size).
        loss: Last loss, (runs,); +inf where a run diverged.
        diverged: (runs,), bool.
        hit: First step with loss <= target, (runs,), int64; -1 where there was none.
    """

    x: np.ndarray
    loss: np.ndarray
    diverged: np.ndarray
    hit: np.ndarray


@dataclass(frozen=True, eq=False)
class CompiledLoop:
    """A loop that runs many settings at once and keeps summaries.

    Args:
        loop: What is repeated.
    """

    loop: Loop

    def __call__(self, steps: int, parameters: np.ndarray, target: float | None = None) -> Summary:
        """Run every column of `parameters`.

        Args:
            steps: Number of updates.
            parameters: Float64, (inputs, runs): the loop's `inputs`, flattened in order.
            target: Loss whose first crossing is wanted.

        Returns:
            Summaries of the runs.

        Raises:
            ValueError: If `parameters` has the wrong number of rows.
        """
        need = len(self.loop.parameter_ids)
        if parameters.ndim != 2 or parameters.shape[0] != need:
            raise ValueError(f"parameters has shape {parameters.shape}; it must be ({need}, runs)")
        module, rows = self._module(target is not None), self._rows
        w = self._lay_out(rows, parameters)
        goal = float("nan") if target is None else float(target)

        def advance(blocks: np.ndarray) -> None:
            _advance(module, w, rows, blocks, steps, goal)

        runs = parameters.shape[1]
        _in_threads(advance, len(w), runs * steps)
        return self._read(rows, w, runs)

    @cached_property
    def _rows(self) -> Rows:
        return Rows(self.loop)

    @cache  # noqa: B019 (a compiled loop lives as long as its machine code)
    def _module(self, target: bool) -> ModuleType:
        return load(loop_source(self.loop, target=target))

    def _lay_out(self, rows: Rows, parameters: np.ndarray) -> np.ndarray:
        """The blocks at the start, (blocks, rows, LANES); the last run fills the last block."""
        runs = parameters.shape[1]
        blocks = -(-runs // LANES)
        padded = np.pad(parameters, ((0, 0), (0, blocks * LANES - runs)), mode="edge")
        given = dict(zip(self.loop.parameter_ids, torch.from_numpy(padded), strict=True))
        start = self.loop.start_ids
        known = given | self.loop.program.graph.evaluate([*rows.derived, *start.values()], given)
        known |= {i: known[first] for i, first in start.items()}
        w = np.empty((blocks, rows.count, LANES))
        for i in (*rows.carry, *rows.fixed, *rows.derived):
            w[:, rows.at[i]] = known[i].expand(blocks * LANES).reshape(blocks, LANES)
        for n, i in enumerate(self.loop.iterate_ids):
            w[:, rows.at["KEPT"] + n] = w[:, rows.at[i]]
        w[:, rows.at["HIT"]], w[:, rows.at["ALIVE"]] = -1.0, 1.0
        return w

    def _read(self, rows: Rows, w: np.ndarray, runs: int) -> Summary:
        def row(n: int) -> np.ndarray:
            return w[:, n].reshape(-1)[:runs]

        size = len(self.loop.iterate_ids)
        x = np.stack([row(rows.at["KEPT"] + n) for n in range(size)], -1)
        diverged = row(rows.at["ALIVE"]) == 0.0
        loss = np.where(diverged, np.inf, row(rows.at["LOSS"]))
        hit = row(rows.at["HIT"])
        return Summary(x, loss, diverged, np.where(np.isfinite(hit), hit, -1).astype(np.int64))


def _advance(
    module: ModuleType, w: np.ndarray, rows: Rows, blocks: np.ndarray, steps: int, goal: float
) -> None:
    """Take all steps of some blocks, leaving out those that have diverged altogether."""
    table = w.reshape(len(w), -1)
    suspect = np.zeros(len(blocks), np.bool_)
    for begin in range(0, steps, STRETCH):
        end = min(begin + STRETCH, steps)
        module.fast(table, blocks, begin, end, goal, suspect)
        if suspect.any():
            module.careful(table, blocks[suspect], begin, end, goal, 1)
            blocks = blocks[w[blocks, rows.at["ALIVE"]].any(-1)]
            suspect = np.zeros(len(blocks), np.bool_)
    module.careful(table, blocks, steps, steps + 1, goal, 0)


def _in_threads(work: Callable[[np.ndarray], None], blocks: int, total: int) -> None:
    """Share the blocks among torch's threads; compiled code releases the interpreter lock."""
    threads = min(blocks, torch.get_num_threads() if total >= WORTH_THREADS else 1)
    if threads == 1:
        return work(np.arange(blocks))
    # Dealt out like cards, since neighbors tend to diverge together; in more hands than threads,
    # so that a thread the machine holds up does not hold up the others.
    hands = min(blocks, 4 * threads)
    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(work, [np.arange(n, blocks, hands) for n in range(hands)]))
    return None
