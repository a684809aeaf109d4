"""Compiled steps of a block of particles, and the random numbers they need.

Numba is imported here and in `observers` alone; `particles` loads them when a cloud runs on the
CPU. Random numbers are a hash of seed, block and step: no state, and no order of threads.
"""

import functools
import inspect
from collections.abc import Callable
from types import FunctionType
from typing import Any

import numpy as np
from numba import njit, uint32, uint64
from numba.extending import register_jitable

from descent.noise_and_escape.laws import Law

f4 = np.float32
OPTIONS: dict[str, Any] = {
    "nogil": True,
    "error_model": "numpy",
    "fastmath": {"contract", "nsz", "arcp", "nnan"},
}
fast: Any = njit(**OPTIONS)
kept: Any = njit(cache=True, **OPTIONS)


@kept
def mix(h):
    """The integer hash `lowbias32` of Wellons (2018)."""
    h = uint32(h ^ (h >> uint32(16)))
    h = uint32(h * uint32(0x7FEB352D))
    h = uint32(h ^ (h >> uint32(15)))
    h = uint32(h * uint32(0x846CA68B))
    return uint32(h ^ (h >> uint32(16)))


@kept
def key(seed, block, step, part):
    """SplitMix64 of four integers."""
    z = uint64(seed) * uint64(0x9E3779B97F4A7C15) + uint64(block)
    for more in (uint64(step), uint64(part)):
        z = (z ^ (z >> uint64(30))) * uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> uint64(27))) * uint64(0x94D049BB133111EB)
        z = (z ^ (z >> uint64(31))) + more * uint64(0x9E3779B97F4A7C15)
    z = (z ^ (z >> uint64(30))) * uint64(0xBF58476D1CE4E5B9)
    return z ^ (z >> uint64(31))


@kept
def bits(out, half, seed, block, step, part):
    """Fill a row with 32 random bits an entry."""
    z = key(seed, block, step, part)
    low, high = uint32(z), uint32(z >> uint64(32))
    for i in range(half):
        out[i] = mix(mix(uint32(i) + low) ^ high)


@kept
def gauss(z, n, h, seed, block, step, part):
    """Fill z[:n] with standard normal numbers: Box and Muller, with polynomials."""
    half = (n + 1) // 2
    bits(h[0], half, seed, block, step, 2 * part)
    bits(h[1], half, seed, block, step, 2 * part + 1)
    u, whole = h[2], h[2].view(f4)
    for i in range(half):
        whole[i] = (f4(h[0, i]) + f4(0.5)) * f4(2.0**-32)
    for i in range(half):
        # u = m 2^e with m in [sqrt(1/2), sqrt(2)): the exponent sits in the upper bits.
        raised = uint32(u[i] + uint32(0x3F800000 - 0x3F3504F3))
        e = f4(np.int32(raised >> uint32(23)) - np.int32(127))
        h[3, i] = uint32((raised & uint32(0x007FFFFF)) + uint32(0x3F3504F3))
        z[half + i] = e
    mantissa = h[3].view(f4)
    for i in range(half):
        s = (mantissa[i] - f4(1)) / (mantissa[i] + f4(1))
        q = s * s
        series = f4(2) + q * (f4(2 / 3) + q * (f4(2 / 5) + q * (f4(2 / 7) + q * f4(2 / 9))))
        log = z[half + i] * f4(0.6931471805599453) + s * series
        radius = np.sqrt(max(f4(-2) * log, f4(0)))
        # The two lowest bits choose the quarter, the others an angle within an eighth.
        w = (f4(h[1, i] >> uint32(2)) * f4(2.0**-30) - f4(0.5)) * f4(1.5707963267948966)
        r = w * w
        cos = f4(1) - r * (f4(0.5) - r * (f4(1 / 24) - r * (f4(1 / 720) - r * f4(1 / 40320))))
        sin = w * (f4(1) - r * (f4(1 / 6) - r * (f4(1 / 120) - r * f4(1 / 5040))))
        turned = (h[1, i] & uint32(1)) == uint32(1)
        signed = f4(1) - f4(h[1, i] & uint32(2))
        first, second = (sin, -cos) if turned else (cos, sin)
        z[i] = radius * signed * first
        z[half + i] = radius * signed * second


@kept
def drawn(z, n, h, table, batch, seed, block, step):
    """Fill z[:n] with means of `batch` entries of a table, drawn with replacement."""
    size = uint64(table.shape[0])
    for b in range(batch):
        bits(h[0], n, seed, block, step, b)
        for i in range(n):
            pick = (uint64(h[0, i]) * size) >> uint64(32)
            z[i] = table[pick] + (z[i] if b else f4(0))
    for i in range(n):
        z[i] = z[i] / f4(batch)


@functools.cache
def ready(function: Callable) -> Any:
    """Compile a function written in plain arithmetic, with the plain functions that it calls."""
    _admit(function)
    return fast(function)


@functools.cache
def _admit(function: Callable) -> None:
    """Let compiled code call the functions that this one names."""
    seen = inspect.getclosurevars(function)
    for named in (*seen.nonlocals.values(), *seen.globals.values()):
        if isinstance(named, FunctionType):
            _admit(named)
            register_jitable(named)


@functools.cache
def advance(law: Law) -> Any:
    """Compile one step of a block: x (dim, n) and noise z (dim, n + 2)."""
    force, kick, planar = ready(law.force), ready(law.kick), law.dim == 2

    @fast
    def one(x, z, n, h, lr, a, table, batch, seed, block, step):
        if batch:
            drawn(z[0], n, h, table, batch, seed, block, step)
        else:
            gauss(z[0], n, h, seed, block, step, 0)
        for i in range(n):
            [f] = force(x[0, i])
            [k] = kick(x[0, i], z[0, i])
            x[0, i] += a * k - lr * f

    @fast
    def two(x, z, n, h, lr, a, table, batch, seed, block, step):
        gauss(z[0], n, h, seed, block, step, 0)
        gauss(z[1], n, h, seed, block, step, 1)
        for i in range(n):
            f, g = force(x[0, i], x[1, i])
            k, m = kick(x[0, i], x[1, i], z[0, i], z[1, i])
            x[0, i] += a * k - lr * f
            x[1, i] += a * m - lr * g

    return two if planar else one
