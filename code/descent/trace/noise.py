r"""Random numbers that are a function of a seed and a counter, equal to the last bit everywhere.

A traced step has no generator to draw from: noise is computed from the step number, as hash(seed,
counter). The hash uses 32-bit integers, which torch, JavaScript and numba treat alike. Logarithm,
cosine and even square root are not the same in every mathematical library, so the normal numbers
use series of additions and products, which are.

Resolution: 32 bits, so uniform numbers are multiples of $2^{-32}$ plus $2^{-33}$, and normal ones
reach $\pm 6.8$.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from descent import validate
from descent.optimizers import align
from descent.oracles import gradient
from descent.trace.series import direction, log, sqrt

Number = float | Tensor


def bits(seed: Number, counter: Number) -> Tensor:
    """Hash two integers to 32 bits.

    Two rounds of a mixing function, each keyed by a hash of the seed, so that neither neighboring
    counters nor neighboring seeds give related numbers.

    Args:
        seed: Whole numbers in [-2^31, 2^31).
        counter: Whole numbers in [-2^31, 2^31); broadcasts against `seed`.

    Returns:
        Tensor of int32.

    >>> bits(0, torch.arange(3))
    tensor([...], dtype=torch.int32)
    """
    key = _whole(seed)
    inner = _mix(_whole(counter) + _mix(key + 0x1B873593))
    return _mix(inner + _mix(key + 0x2545F491))


def uniform(seed: Number, counter: Number) -> Tensor:
    r"""Random numbers in the open interval (0, 1).

    $$u = 2^{-32}\,(h + 2^{31} + \tfrac12), \qquad h = \text{hash}(\text{seed}, \text{counter})$$

    Args:
        seed: Whole numbers in [-2^31, 2^31).
        counter: Whole numbers in [-2^31, 2^31); broadcasts against `seed`.

    Returns:
        Tensor of float64.
    """
    return _unit(bits(seed, counter))


def normal(seed: Number, counter: Number) -> Tensor:
    """Standard normal random numbers, one for each counter.

    Args:
        seed: Whole numbers in [-2^31, 2^31).
        counter: Whole numbers in [-2^30, 2^30); broadcasts against `seed`.

    Returns:
        Tensor of float64.
    """
    return _pair(seed, _whole(counter))[0]


def normals(seed: Number, counter: Number, count: int) -> Tensor:
    """A vector of independent standard normal numbers for each counter, for the noise of one step.

    Args:
        seed: Whole numbers in [-2^31, 2^31).
        counter: Whole numbers, such as the step; broadcasts against `seed`. Its product with
            `count` must stay below 2^30.
        count: Length of the vector.

    Returns:
        Tensor of float64, (*shape, count).
    """
    half = -(-count // 2)
    first = _whole(counter) * half
    parts = [z for i in range(half) for z in _pair(seed, first + i)]
    return torch.stack(parts[:count], -1)


@dataclass(frozen=True)
class seeded_langevin:
    r"""Exact gradient plus white noise that is a function of seed and step.

    $$\hat g = g + \sigma\,\xi_k, \qquad \xi_k \sim \mathcal N(0, I)$$

    Like `descent.oracles.langevin`, but traceable: the same noise in torch, in a page and in
    compiled sweeps.

    Args:
        sigma: Standard deviation in each coordinate, at least 0; a number, or a tensor (*batch,).
        seed: Whole number in [-2^31, 2^31), or a tensor (*batch,) of them for independent runs.

    Raises:
        ValueError: If `sigma` is negative or not finite.
    """

    sigma: Number
    seed: Number = 0.0

    def __post_init__(self) -> None:
        validate.at_least("sigma", self.sigma, 0)

    def __call__(self, objective: Callable[[Tensor], Tensor], x: Tensor, step: Number) -> Tensor:
        """Return the gradient with this step's noise."""
        noise = normals(self.seed, step, x.shape[-1])
        [sigma] = align(x, self.sigma)
        return gradient(objective, x) + sigma * noise


def _pair(seed: Number, counter: Tensor) -> tuple[Tensor, Tensor]:
    r"""Two independent normal numbers (Box, Muller 1958).

    $$z = \sqrt{-2\ln u}\,(\cos 2\pi v, \sin 2\pi v)$$
    """
    u, v = (_unit(bits(seed, 2 * counter + i)) for i in (0, 1))
    radius = sqrt(-2.0 * log(u))
    cosine, sine = direction(v)
    return radius * cosine, radius * sine


def _whole(value: Number) -> Tensor:
    return torch.as_tensor(value).to(torch.int32)


def _mix(x: Tensor) -> Tensor:
    """The integer hash `lowbias32` of Wellons (2018): each input bit flips half the output."""
    x = (x ^ _shift(x, 16)) * 0x7FEB352D
    x = (x ^ _shift(x, 15)) * (0x846CA68B - 2**32)
    return x ^ _shift(x, 16)


def _shift(x: Tensor, by: int) -> Tensor:
    """Shift right and fill with zeros; the shift of int32 fills with the sign."""
    return (x >> by) & (2 ** (32 - by) - 1)


def _unit(h: Tensor) -> Tensor:
    return (h.to(torch.float64) + (2.0**31 + 0.5)) * 2.0**-32
