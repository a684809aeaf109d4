r"""Whole numbers with as many bits as they need: exponential Golomb codes.

The number $v \ge 0$ in the code of order $k$ is $v + 2^k$ in binary, behind as many zeros as it has
bits beyond $k + 1$. Small numbers take $k + 1$ bits; a number twice as large takes two bits more.
Differences of neighbors are often smaller than the numbers; they are folded to be $\ge 0$.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Whole = NDArray[np.int64]

_ORDERS = range(31)
# Differences of numbers below 2^26, so many times over, are whole numbers of 32 bits.
_DIFFERENCES = 4


def write_whole(values: Whole) -> tuple[bytes, dict[str, Any]]:
    """Write an array, after differences along axes as long as they shorten it.

    Args:
        values: Numbers in [0, 2^26), any shape.

    Returns:
        The bytes, and what `read_whole` needs: the order of the code, and the axes.
    """
    size, order = cheapest_order(values)
    along: list[int] = []
    changes = values
    while len(along) < _DIFFERENCES and values.ndim:
        tries = [np.diff(changes, axis=axis, prepend=0) for axis in range(values.ndim)]
        found = [(*cheapest_order(_fold(tried)), axis) for axis, tried in enumerate(tries)]
        shorter, next_order, axis = min(found)
        if shorter >= size:
            break
        size, order, changes = shorter, next_order, tries[axis]
        along.append(axis)
    return write_bits(_fold(changes) if along else values, order), {"order": order, "along": along}


def read_whole(data: bytes, shape: Sequence[int], order: int, along: Sequence[int]) -> Whole:
    """Read what `write_whole` wrote.

    Args:
        data: The bytes.
        shape: Shape of the array.
        order: Order of the code.
        along: Axes along which differences were taken.

    Returns:
        The array.

    Raises:
        ValueError: If the bytes end too early.
    """
    values = read_bits(data, int(np.prod(shape, dtype=np.int64)), order).reshape(shape)
    if along:
        values = np.where(values % 2, -(values + 1) // 2, values // 2)
    for axis in reversed(along):
        values = np.cumsum(values, axis=axis)
    return values


def _fold(values: Whole) -> Whole:
    """Number the whole numbers 0, -1, 1, -2, 2, ..., so that small ones stay small."""
    return np.where(values < 0, -2 * values - 1, 2 * values)


def cheapest_order(values: Whole) -> tuple[int, int]:
    """Find the order of the code in which numbers take the fewest bits.

    Args:
        values: Numbers >= 0, any shape.

    Returns:
        The number of bits, and the order.
    """
    # Numbers of equal bit length need not be told apart one by one: count each number once.
    distinct, counts = np.unique(values, return_counts=True)
    sizes = [int(counts @ (2 * _bit_length(distinct + (1 << k)) - k - 1)) for k in _ORDERS]
    order = int(np.argmin(sizes))
    return sizes[order], order


def write_bits(values: Whole, order: int) -> bytes:
    """Write numbers one after the other.

    Args:
        values: Numbers >= 0, any shape.
        order: Order of the code.

    Returns:
        The bits, highest first; zeros fill the last byte.

    >>> write_bits(np.array([0, 1, 2]), 0).hex()  # 1 010 011
    'a6'
    """
    shifted = values.ravel() + (1 << order)
    length = _bit_length(shifted)
    ends = np.cumsum(2 * length - order - 1)
    bits = np.zeros(int(ends[-1]) if ends.size else 0, dtype=np.uint8)
    for place in range(int(length.max(initial=0))):
        has = length > place
        bits[ends[has] - 1 - place] = (shifted[has] >> place) & 1
    return np.packbits(bits).tobytes()


def read_bits(data: bytes, count: int, order: int) -> Whole:
    """Read what `write_bits` wrote.

    Args:
        data: The bytes.
        count: How many numbers.
        order: Order of the code.

    Returns:
        The numbers, (count,).

    Raises:
        ValueError: If the bytes end too early.

    >>> read_bits(bytes.fromhex("a6"), 3, 0)
    array([0, 1, 2])
    """
    bits = np.unpackbits(np.frombuffer(data, dtype=np.uint8))
    ones = np.flatnonzero(bits)
    starts = np.zeros(count, dtype=np.int64)
    lengths = np.zeros(count, dtype=np.int64)
    end, seen, places = 0, 0, ones.tolist()
    for i in range(count):
        while seen < len(places) and places[seen] < end:
            seen += 1
        if seen == len(places):
            raise ValueError(f"packed data ends after {i} of {count} numbers")
        starts[i], lengths[i] = places[seen], places[seen] - end + order + 1
        end = places[seen] + int(lengths[i])
    if end > bits.size or lengths.max(initial=0) > 62:
        raise ValueError(f"packed data ends before the last of {count} numbers, or is damaged")
    values = np.zeros(count, dtype=np.int64)
    for place in range(int(lengths.max(initial=0))):
        has = lengths > place
        values[has] = values[has] << 1 | bits[starts[has] + place]
    return values - (1 << order)


def _bit_length(values: Whole) -> Whole:
    """Return the number of binary digits of numbers in [1, 2^52]."""
    return np.frexp(values.astype(np.float64))[1].astype(np.int64)
