"""Compiled loops over a block of particles that keep statistics and nothing else."""

import functools
from collections.abc import Callable
from typing import Any

import numpy as np

from descent.noise_and_escape.compiled import advance, fast, ready
from descent.noise_and_escape.laws import Law

# Particles that have left are taken out of a block every so many steps.
ROUND = 32


@functools.cache
def averager(law: Law, watch: Callable, count: int) -> Any:
    """Compile sums over a block of what `watch` returns, `count` numbers, every few steps."""
    step_once, planar = advance(law), law.dim == 2
    watched = ready(watch)

    @fast
    def add_line(x, n, row):
        for i in range(n):
            seen = watched(x[0, i])
            for j in range(count):
                row[j] += seen[j]

    @fast
    def add_plane(x, n, row):
        for i in range(n):
            seen = watched(x[0, i], x[1, i])
            for j in range(count):
                row[j] += seen[j]

    add = add_plane if planar else add_line

    @fast
    def averages(x, z, n, h, lr, a, table, batch, seed, block, steps, every, out):
        add(x, n, out[0])
        for k in range(steps):
            step_once(x, z, n, h, lr, a, table, batch, seed, block, k)
            if (k + 1) % every == 0:
                add(x, n, out[(k + 1) // every])

    return averages


@functools.cache
def counter(law: Law) -> Any:
    """Compile a histogram of the first coordinate, of every few steps after the first `skip`."""
    step_once = advance(law)

    @fast
    def histogram(
        x, z, n, h, lr, a, table, batch, seed, block, steps, skip, every, low, width, out
    ):
        last = out.shape[0] - 1
        for k in range(steps):
            step_once(x, z, n, h, lr, a, table, batch, seed, block, k)
            if k >= skip and (k + 1) % every == 0:
                for i in range(n):
                    place = int(np.floor((x[0, i] - low) / width)) + 1
                    out[max(0, min(last, place))] += 1

    return histogram


@functools.cache
def leaver(law: Law, inside: Callable) -> Any:
    """Compile the first step at which each particle of a block is no longer inside."""
    step_once, dim = advance(law), law.dim
    held, planar = ready(inside), law.dim == 2

    @fast
    def note_line(x, n, left, k):
        for i in range(n):
            if left[i] == 0 and not held(x[0, i]):
                left[i] = k

    @fast
    def note_plane(x, n, left, k):
        for i in range(n):
            if left[i] == 0 and not held(x[0, i], x[1, i]):
                left[i] = k

    note = note_plane if planar else note_line

    @fast
    def leave(x, z, n, h, lr, a, table, batch, seed, block, steps, out):
        who, left, alive, k = np.arange(n), np.zeros(n, np.int64), n, 0
        while k < steps and alive:
            for _ in range(min(ROUND, steps - k)):
                step_once(x, z, alive, h, lr, a, table, batch, seed, block, k)
                k += 1
                note(x, alive, left, k)
            kept = 0
            for i in range(alive):
                if left[i]:
                    out[who[i]] = left[i]
                    continue
                who[kept], left[kept] = who[i], 0
                for j in range(dim):
                    x[j, kept] = x[j, i]
                kept += 1
            alive = kept

    return leave
