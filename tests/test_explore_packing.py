"""Packing: what comes back lies within the stated error, and damage is refused."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from descent.explore.packing import pack, unpack

NUMBERS = st.floats(-1e300, 1e300) | st.sampled_from([np.nan, np.inf, -np.inf])
ANY = arrays.arrays(np.float64, arrays.array_shapes(max_dims=3, max_side=7), elements=NUMBERS)
POSITIVE = arrays.arrays(
    np.float64, arrays.array_shapes(max_dims=2, max_side=7), elements=st.floats(1e-200, 1e200)
)


def same_kind(a, b):
    """Whether NaN and infinities stand in the same places."""
    return np.array_equal(np.where(np.isfinite(a), 0, a), np.where(np.isfinite(b), 0, b), True)


@given(ANY)
def test_quantized_arrays_come_back_within_the_stated_error(array):
    data, header = pack({"a": array})
    back, error = unpack(data, header)["a"], header["arrays"]["a"]["error"]
    finite = np.isfinite(array)
    assert back.shape == array.shape
    assert same_kind(array, back)
    assert np.all(np.abs(back[finite] - array[finite]) <= error)
    known = array[finite]
    if known.size:
        # Half a code step, and the rounding of the arithmetic itself.
        half = (known.max() / 65532 - known.min() / 65532) / 2
        assert error <= half * (1 + 1e-6) + 4 * np.spacing(np.abs(known).max())


@given(POSITIVE)
def test_relative_packing_bounds_the_relative_error(array):
    data, header = pack({"a": array}, "relative")
    back, error = unpack(data, header)["a"], header["arrays"]["a"]["error"]
    assert np.all(np.abs(back - array) <= error * array * (1 + 1e-9))
    span = math.log(array.max()) - math.log(array.min())
    assert error <= math.expm1(span / 65532 / 2) * (1 + 1e-6) + 1e-12


@given(ANY)
def test_floats_come_back_unchanged(array):
    data, header = pack({"a": array, "b": array[..., :1]}, "float64")
    back = unpack(data, header)
    assert np.array_equal(back["a"], array, equal_nan=True)
    assert np.array_equal(back["b"], array[..., :1], equal_nan=True)
    assert header["arrays"]["a"]["error"] == 0


def test_single_precision_states_its_rounding():
    array = np.array([1 / 3, 1e-3, np.inf])
    data, header = pack({"a": array}, {"a": "float32"})
    assert np.array_equal(unpack(data, header)["a"], array.astype(np.float32))
    assert header["arrays"]["a"]["error"] == abs(float(np.float32(1 / 3)) - 1 / 3)


@pytest.mark.parametrize(
    ("array", "precision", "message"),
    [
        ([1.0, 0.0], "relative", "numbers <= 0"),
        ([1.0, -np.inf], "relative", "numbers <= 0"),
        ([1e39], "float32", "too large for float32"),
        ([-1.7e308, 1.7e308], "absolute", "too large a range"),
        ([1.0], "float16", "precision of 'a' is 'float16'"),
    ],
)
def test_unsuitable_precision_is_refused(array, precision, message):
    with pytest.raises(ValueError, match=message):
        pack({"a": array}, precision)


@given(st.data())
def test_damaged_bytes_are_refused(data):
    packed, header = pack({"a": np.arange(12.0).reshape(3, 4), "b": np.ones(3)})
    index = data.draw(st.integers(0, len(packed) - 1))
    flipped = bytearray(packed)
    flipped[index] ^= data.draw(st.integers(1, 255))
    with pytest.raises(ValueError, match="checksum"):
        unpack(bytes(flipped), header)
    with pytest.raises(ValueError, match=f"has {index} bytes"):
        unpack(packed[:index], header)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"dtype": "float16"}, "unknown type"),
        ({"shape": [300]}, "beyond the end"),
        ({"offset": -8}, "beyond the end"),
    ],
)
def test_header_that_does_not_fit_is_refused(change, message):
    packed, header = pack({"a": np.arange(12.0)})
    header["arrays"]["a"] |= change
    with pytest.raises(ValueError, match=message):
        unpack(packed, header)


def test_nothing_packs_to_nothing():
    assert pack({})[0] == b""
