r"""Arrays as bytes for a page: 16-bit codes with a stated error, or floats as they are.

A quantized array stores $c = \operatorname{round}((a - a_0)/s)$ and reads back $a_0 + c\,s$; with
relative precision the same is done to $\log a$. Three codes are kept for $-\infty$, $\infty$, NaN.
"""

import zlib
from collections.abc import Mapping
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

Precision = Literal["absolute", "relative", "float32", "float64"]
Array = NDArray[np.float64]

_TOP = 65532
_SPECIAL = {65533: -np.inf, 65534: np.inf, 65535: np.nan}
_DTYPES: dict[str, np.dtype[Any]] = {
    "uint16": np.dtype("<u2"),
    "float32": np.dtype("<f4"),
    "float64": np.dtype("<f8"),
}


def pack(
    arrays: Mapping[str, Any], precision: Mapping[str, Precision] | Precision = "absolute"
) -> tuple[bytes, dict[str, Any]]:
    """Pack named arrays one after the other.

    Args:
        arrays: Name to array of real numbers, any shape. NaN and infinities are kept.
        precision: For all or by name: "absolute" and "relative" quantize to 16 bits with an even
            absolute or relative error ("relative" needs positive numbers); "float32" and "float64"
            store floats.

    Returns:
        The bytes, and a header for `unpack`: length, checksum and for each array its place, shape,
        code and `error`, the largest deviation that packing causes (relative for "relative").

    Raises:
        ValueError: If a precision is unknown or does not suit an array.

    >>> data, header = pack({"loss": [0.0, 1.0, float("inf")]})
    >>> len(data), unpack(data, header)["loss"]
    (8, array([ 0.,  1., inf]))
    """
    blocks: list[bytes] = []
    entries: dict[str, Any] = {}
    offset = 0
    for name, given in arrays.items():
        kind = precision if isinstance(precision, str) else precision.get(name, "absolute")
        array = np.asarray(given, dtype=np.float64)
        raw, entry = _encode(name, array, kind)
        entries[name] = {"offset": offset, "shape": list(array.shape), **entry}
        # Eight-byte boundaries let the page view the buffer without copying it.
        blocks.append(raw + bytes(-len(raw) % 8))
        offset += len(blocks[-1])
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


def _encode(name: str, array: Array, kind: str) -> tuple[bytes, dict[str, Any]]:
    """Encode one array and state the error made."""
    if kind in ("float32", "float64"):
        stored = _narrow(name, array, _DTYPES[kind])
        return stored.tobytes(), {"dtype": kind, "error": _deviation(array, stored)}
    if kind not in ("absolute", "relative"):
        raise ValueError(
            f"precision of {name!r} is {kind!r}; it must be absolute, relative, float32 or float64"
        )
    log = kind == "relative"
    if log and np.any(array[~np.isnan(array)] <= 0):
        raise ValueError(f"{name!r} holds numbers <= 0; relative precision needs positive ones")
    codes, low, step = _quantize(np.log(array) if log else array)
    entry: dict[str, Any] = {"dtype": "uint16", "low": low, "step": step, "log": log}
    back = _dequantize(codes, entry)
    entry["error"] = _deviation(array, back, relative=log)
    if not np.isfinite(entry["error"]):
        raise ValueError(f"{name!r} spans too large a range for 16-bit codes")
    return codes.tobytes(), entry


def _narrow(name: str, array: Array, dtype: np.dtype) -> NDArray:
    """Convert to a float type, refusing numbers that would overflow."""
    with np.errstate(over="ignore"):
        stored = array.astype(dtype)
    if np.any(np.isinf(stored) & np.isfinite(array)):
        raise ValueError(f"{name!r} holds numbers too large for {dtype.name}")
    return stored


def _quantize(array: Array) -> tuple[NDArray[np.uint16], float, float]:
    """Map finite numbers to even codes and the rest to the kept ones."""
    finite = np.isfinite(array)
    known = array[finite]
    low = float(known.min()) if known.size else 0.0
    # Divide before subtracting: the range itself may overflow.
    step = float(known.max() / _TOP - low / _TOP) if known.size else 0.0
    codes = np.zeros(array.shape, dtype=_DTYPES["uint16"])
    if step > 0:
        codes[finite] = np.clip(np.rint(known / step - low / step), 0, _TOP)
    for code, value in _SPECIAL.items():
        codes[np.isnan(array) if np.isnan(value) else array == value] = code
    return codes, low, step


def _dequantize(codes: NDArray, entry: Mapping[str, Any]) -> Array:
    """Turn codes into numbers."""
    with np.errstate(over="ignore"):
        values = entry["low"] + np.where(codes > _TOP, 0.0, codes) * entry["step"]
        if entry["log"]:
            values = np.exp(values)
    for code, special in _SPECIAL.items():
        values[codes == code] = special
    return values


def _decode(name: str, data: bytes, entry: Mapping[str, Any]) -> Array:
    """Read one array."""
    dtype = _DTYPES.get(entry["dtype"])
    if dtype is None:
        raise ValueError(f"array {name!r} has the unknown type {entry['dtype']!r}")
    count = int(np.prod(entry["shape"], dtype=np.int64))
    if entry["offset"] < 0 or entry["offset"] + count * dtype.itemsize > len(data):
        raise ValueError(f"array {name!r} reaches beyond the end of the packed data")
    stored = np.frombuffer(data, dtype, count, entry["offset"]).reshape(entry["shape"])
    return _dequantize(stored, entry) if dtype.kind == "u" else stored.astype(np.float64)


def _deviation(array: Array, back: NDArray, *, relative: bool = False) -> float:
    """Return the largest deviation over the finite entries."""
    finite = np.isfinite(array)
    if not finite.any():
        return 0.0
    gap = np.abs(back[finite].astype(np.float64) - array[finite])
    return float(np.max(gap / array[finite] if relative else gap))
