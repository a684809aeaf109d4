"""Functions by additions and products alone, equal to the last bit on every machine."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor


def log(u: Tensor) -> Tensor:
    r"""Logarithm of u in [2^-33, 1), from exact operations alone.

    $$\ln u = \ln m - e\ln 2, \qquad \ln m = 2\sum_{j\ge0} \frac{s^{2j+1}}{2j+1},
    \quad s = \frac{m-1}{m+1}, \quad \tfrac{1}{\sqrt2}\le m<\sqrt2$$
    """
    m, e = u, torch.zeros_like(u)
    for power in (32, 16, 8, 4, 2, 1):
        small = m < math.sqrt(0.5) * 2.0 ** (1 - power)
        m, e = torch.where(small, m * 2.0**power, m), torch.where(small, e + power, e)
    s = (m - 1.0) / (m + 1.0)
    series = horner(s * s, [1 / (2 * j + 1) for j in range(11)])
    return 2.0 * (s * series) - e * math.log(2)


def sqrt(x: Tensor) -> Tensor:
    """Square root of x > 0, rounded correctly: the libraries behind torch may miss by one bit.

    One Newton step from any good guess r, with x - r² computed exactly (Dekker, 1971).
    """
    r = torch.sqrt(x)
    scaled = r * (2.0**27 + 1.0)
    high = scaled - (scaled - r)
    low = r - high
    square = r * r
    error = ((high * high - square) + 2.0 * high * low) + low * low
    return r + ((x - square) - error) / (2.0 * r)


def direction(v: Tensor) -> tuple[Tensor, Tensor]:
    """Cosine and sine of 2 pi v for v in [0, 1]: series on an eighth of a turn, then symmetry."""
    quarter = torch.floor(4.0 * v + 0.5)
    angle = (v - 0.25 * quarter) * (2 * math.pi)
    square = -(angle * angle)
    cosine = horner(square, [1 / math.factorial(2 * j) for j in range(9)])
    sine = angle * horner(square, [1 / math.factorial(2 * j + 1) for j in range(9)])
    odd = (quarter == 1.0) | (quarter == 3.0)
    along, across = torch.where(odd, sine, cosine), torch.where(odd, cosine, sine)
    left, down = (quarter == 1.0) | (quarter == 2.0), (quarter == 2.0) | (quarter == 3.0)
    return torch.where(left, -along, along), torch.where(down, -across, across)


def horner(x: Any, coefficients: Sequence[float]) -> Any:
    """The polynomial with these coefficients, lowest degree first; x may be traced."""
    *rest, total = coefficients
    for c in reversed(rest):
        total = total * x + c
    return total
