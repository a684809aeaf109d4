r"""Arrays as few bytes for a page, within a stated error.

A code $c$ reads back as $a_0 + c\,s$; with relative precision $\log a$ is coded instead of $a$.
`descent.explore.bits` writes the codes with as many bits as they need. Where floats take fewer,
floats are stored.
"""

import zlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from descent.explore.bits import Whole, read_whole, write_whole

Precision = Literal["absolute", "relative"]
Array = NDArray[np.float64]

# Half a unit in the fourth digit, which is what readouts show.
TOLERANCE = 5e-5

_SPECIAL = (np.nan, -np.inf, np.inf)  # codes 0, 1, 2; the others are finite
_LARGEST = 2**26  # their differences fit the 32-bit integers of the page
_ROOM = 1 + 1e-6
_FLOATS = {f"float{b}": np.dtype(f"<f{b // 8}") for b in (16, 32, 64)}


def pack(
    arrays: Mapping[str, Any],
    precision: Mapping[str, Precision] | Precision = "absolute",
    tolerance: Mapping[str, float] | float = TOLERANCE,
) -> tuple[bytes, dict[str, Any]]:
    """Pack named arrays one after the other, each in the way that takes the fewest bytes.

    Args:
        arrays: Name to array of real numbers, any shape. NaN and infinities are kept.
        precision: For all or by name: what the tolerance is a part of, "absolute" for the range of
            the array, "relative" for each number.
        tolerance: For all or by name: the largest deviation allowed; 0 gives back the same numbers.

    Returns:
        The bytes, and a header for `unpack`: length, checksum and for each array its place, shape,
        coding and `error`, the largest deviation made (relative for "relative").

    Raises:
        ValueError: If a precision is unknown, or a tolerance is not in [0, 0.1].

    >>> data, header = pack({"steps": [0.0, 20.0, 40.0, float("inf")]}, tolerance=0)
    >>> len(data), unpack(data, header)["steps"]
    (3, array([ 0., 20., 40., inf]))
    """
    blocks: list[bytes] = []
    entries: dict[str, Any] = {}
    offset = 0
    for name, given in arrays.items():
        kind = precision if isinstance(precision, str) else precision.get(name, "absolute")
        allowed = tolerance.get(name, TOLERANCE) if isinstance(tolerance, Mapping) else tolerance
        array = np.asarray(given, dtype=np.float64)
        block, entry = _encode(name, array, kind, float(allowed))
        place = {"offset": offset, "bytes": len(block), "shape": list(array.shape)}
        entries[name] = place | entry
        blocks.append(block)
        offset += len(block)
    data = b"".join(blocks)
    return data, {"bytes": len(data), "adler32": zlib.adler32(data), "arrays": entries}


def unpack(data: bytes, header: Mapping[str, Any]) -> dict[str, Array]:
    """Read back what `pack` wrote.

    Args:
        data: The bytes.
        header: The header.

    Returns:
        Name to float64 array.

    Raises:
        ValueError: If the bytes are cut, altered, or do not hold what the header says.
    """
    if len(data) != header["bytes"]:
        raise ValueError(f"packed data has {len(data)} bytes; its header says {header['bytes']}")
    if zlib.adler32(data) != header["adler32"]:
        raise ValueError("packed data is damaged: its checksum differs from the header's")
    return {name: _decode(name, data, entry) for name, entry in header["arrays"].items()}


def _encode(name: str, array: Array, kind: str, tolerance: float) -> tuple[bytes, dict[str, Any]]:
    """Return the shortest of the ways that stay within the tolerance."""
    if kind not in ("absolute", "relative"):
        raise ValueError(f"precision of {name!r} is {kind!r}; it must be absolute or relative")
    if not 0 <= tolerance <= 0.1:
        raise ValueError(f"tolerance of {name!r} is {tolerance}; it must lie in [0, 0.1]")
    relative = kind == "relative"
    known = array[np.isfinite(array)]
    # Halves, because the range itself may overflow.
    half_range = float(known.max() / 2 - known.min() / 2) if known.size else 0.0
    allowed = tolerance if relative else 2 * tolerance * half_range
    found = []
    for block, entry in _ways(array, known, relative, allowed):
        error = _deviation(array, _values(block, entry, array.shape), relative)
        if error <= allowed:
            found.append((block, entry | {"error": error, "relative": relative}))
    return min(found, key=lambda way: len(way[0]))


def _ways(
    array: Array, known: Array, relative: bool, allowed: float
) -> Iterator[tuple[bytes, dict[str, Any]]]:
    """Propose ways to store an array; the last of them is exact."""
    # Twice the deviation allowed, or 1 where that keeps whole numbers as they are.
    widest = [(False, 2 * allowed)] if not relative else []
    if relative and np.all(known > 0):
        widest = [(True, 2 * float(np.log1p(allowed)))]
    if np.all(known == np.rint(known)):
        widest.append((False, 1.0))
    for log, width in widest:
        line = np.log(known) if log else known
        low = float(line.min()) if line.size else 0.0
        step = _even_step(line, width)
        codes = _codes(array, line, low, step)
        if codes is not None:
            block, entry = write_whole(codes)
            yield block, {"code": "steps", "low": low, "step": step, "log": log, **entry}
    for code, dtype in _FLOATS.items():
        with np.errstate(over="ignore"):
            yield array.astype(dtype).tobytes(), {"code": code}


def _even_step(line: Array, widest: float) -> float:
    """Return the largest step not above `widest` that leads from the least number to the largest.

    It is a trace smaller where it would be `widest` itself, to leave room for rounding; the step
    of 1 between whole numbers needs none.
    """
    half = float(line.max() / 2 - line.min() / 2) if line.size else 0.0
    if widest in (0.0, 1.0) or half == 0:
        return widest
    return 2 * half / float(np.ceil(2 * (half / widest) * _ROOM))


def _codes(array: Array, line: Array, low: float, step: float) -> Whole | None:
    """Map finite numbers to even codes and the rest to the kept ones; None if that takes many."""
    place = np.zeros_like(line)
    if step > 0:
        with np.errstate(over="ignore", invalid="ignore"):
            place = np.rint(line / step - low / step)
    if not np.all(place < _LARGEST):
        return None
    codes = np.zeros(array.shape, dtype=np.int64)
    codes[np.isfinite(array)] = place.astype(np.int64) + len(_SPECIAL)
    for code in (1, 2):
        codes[array == _SPECIAL[code]] = code
    return codes


def _values(block: bytes, entry: Mapping[str, Any], shape: Sequence[int]) -> Array:
    """Turn the bytes of one array into its numbers."""
    if entry["code"] != "steps":
        count = int(np.prod(shape, dtype=np.int64))
        stored = np.frombuffer(block, _FLOATS[entry["code"]], count)
        return stored.astype(np.float64).reshape(shape)
    codes = read_whole(block, shape, entry["order"], entry["along"])
    special = codes < len(_SPECIAL)
    with np.errstate(over="ignore"):
        values = entry["low"] + np.where(special, 0, codes - len(_SPECIAL)) * entry["step"]
        values = np.exp(values) if entry["log"] else values
    return np.where(special, np.take(_SPECIAL, codes, mode="clip"), values)


def _decode(name: str, data: bytes, entry: Mapping[str, Any]) -> Array:
    """Read one array, if its place lies inside of the data and is large enough for its shape."""
    if entry["code"] not in ("steps", *_FLOATS):
        raise ValueError(f"array {name!r} has the unknown code {entry['code']!r}")
    count = int(np.prod(entry["shape"], dtype=np.int64))
    bits = 1 if entry["code"] == "steps" else 8 * _FLOATS[entry["code"]].itemsize
    start, size = entry["offset"], entry["bytes"]
    if start < 0 or start + size > len(data) or count * bits > 8 * size:
        raise ValueError(f"array {name!r} reaches beyond the end of the packed data")
    return _values(data[start : start + size], entry, entry["shape"])


def _deviation(array: Array, back: Array, relative: bool) -> float:
    """Return the largest deviation over the finite entries."""
    finite = np.isfinite(array)
    gap = np.abs(back[finite] - array[finite])
    if relative:
        with np.errstate(divide="ignore"):  # zero must come back as zero
            gap = np.divide(gap, np.abs(array[finite]), out=gap, where=gap > 0)
    return float(gap.max(initial=0.0))
