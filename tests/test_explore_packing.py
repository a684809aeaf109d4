"""Packing: what comes back lies within the stated tolerance, and damage is refused."""

import json
import zlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from py_mini_racer import JSEvalException

from descent.explore.assets import PAGE
from descent.explore.bits import cheapest_order, read_bits, write_bits
from descent.explore.packing import pack, unpack
from descent.publish.engine import javascript_engine
from page_engine import PageEngine
from sample_figures import shipped

NUMBERS = st.floats(-1e300, 1e300) | st.sampled_from([np.nan, np.inf, -np.inf])
SHAPES = arrays.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=7)
ANY = arrays.arrays(np.float64, SHAPES, elements=NUMBERS | st.floats(-3, 3) | st.just(0.0))
TOLERANCES = st.sampled_from([0.0, 1e-9, 5e-5, 1e-3, 0.1]) | st.floats(0, 0.1)
BRIEF = settings(deadline=None, max_examples=60)
PRECISIONS = st.sampled_from(["absolute", "relative"])


def same_kind(a, b):
    """Whether NaN and infinities stand in the same places."""
    return np.array_equal(np.where(np.isfinite(a), 0, a), np.where(np.isfinite(b), 0, b), True)


def assert_within(array, back, tolerance, precision, slack=0.0):
    """Every number has come back within the tolerance, and what is no number as it was."""
    assert back.shape == array.shape
    assert same_kind(array, back)
    known, found = array[np.isfinite(array)], back[np.isfinite(array)]
    if known.size:
        half = known.max() / 2 - known.min() / 2
        allowed = tolerance * np.abs(known) if precision == "relative" else 2 * tolerance * half
        assert np.all(np.abs(found - known) <= allowed + slack * np.abs(known))


@settings(deadline=None)
@given(ANY, PRECISIONS, TOLERANCES)
def test_numbers_come_back_within_the_tolerance(array, precision, tolerance):
    data, header = pack({"a": array}, precision, tolerance)
    back, entry = unpack(data, header)["a"], header["arrays"]["a"]
    assert_within(array, back, tolerance, precision)
    # The stated error is the one that was made.
    known, found = array[np.isfinite(array)], back[np.isfinite(array)]
    gap = np.abs(found - known)
    if precision == "relative":
        gap = gap[known != 0] / np.abs(known[known != 0])
    assert entry["error"] == gap.max(initial=0)


@pytest.fixture(scope="module")
def page():
    """The page's reader of packed data."""
    racer = javascript_engine()
    racer.eval((PAGE / "data.js").read_text("utf-8"))
    racer.eval(
        """
        function read(numbers, header) {
          const array = openData(new DataView(Uint8Array.from(numbers).buffer), header);
          return JSON.stringify(Object.keys(header.arrays).map((name) => {
            const { shape, values } = array(name);
            return [name, shape, Array.from(values, String)];
          }));
        }
        """
    )
    yield racer
    racer.close()


def read_in_page(page, data, header):
    found = json.loads(page.eval(f"read({json.dumps(list(data))}, {json.dumps(header)})"))
    return {name: np.array(values, dtype=float).reshape(shape) for name, shape, values in found}


@BRIEF
@given(ANY, ANY, PRECISIONS, TOLERANCES)
def test_page_reads_what_python_reads(page, first, second, precision, tolerance):
    data, header = pack({"a": first, "b": second}, precision, tolerance)
    there, here = read_in_page(page, data, header), unpack(data, header)
    for name, array in (("a", first), ("b", second)):
        # The two exponential functions may differ in the last place.
        assert_within(here[name], there[name], 0, "relative", slack=4e-16)
        assert_within(array, there[name], tolerance, precision, slack=4e-16)


def test_tolerance_chooses_how_an_array_is_stored():
    rng = np.random.default_rng(0)
    walk, noise = np.cumsum(rng.normal(size=(4, 200)), axis=1), rng.normal(size=(4, 200))
    signed = np.sign(noise) * 10.0 ** rng.uniform(-3, 4, noise.shape)
    cases = {
        "differences": (walk, "absolute", 1e-4),
        "plain": (rng.uniform(size=(4, 200)), "absolute", 1e-4),
        "logarithms": (np.exp(walk), "relative", 1e-4),
        "float16": (signed, "relative", 1e-3),
        "float32": (signed, "relative", 1e-5),
        "float64": (signed, "relative", 0.0),
        "whole": (np.rint(100 * walk), "relative", 0.0),
    }
    entries = {k: pack({"a": a}, p, t)[1]["arrays"]["a"] for k, (a, p, t) in cases.items()}
    assert entries["differences"]["along"]
    assert not entries["plain"]["along"]
    assert entries["logarithms"]["log"]
    assert [entries[k]["code"] for k in ("float16", "float32", "float64")] == [
        "float16",
        "float32",
        "float64",
    ]
    assert entries["whole"]["code"] == "steps" and entries["whole"]["error"] == 0


def test_a_smooth_series_takes_few_bits():
    t = np.linspace(0, 1, 1000)
    data, _ = pack({"a": np.sin(6 * t)})
    assert 8 * len(data) < 3 * t.size


def test_tolerance_by_name():
    arrays_ = {"a": np.linspace(0, 1, 50) ** 2, "b": np.linspace(0, 1, 50) ** 2}
    entries = pack(arrays_, {"b": "relative"}, {"a": 1e-2})[1]["arrays"]
    assert 5e-5 < entries["a"]["error"] <= 1e-2
    assert entries["b"]["error"] <= 5e-5 and entries["b"]["relative"]


@pytest.mark.parametrize(
    ("precision", "tolerance", "message"),
    [
        ("float16", 1e-3, "precision of 'a' is 'float16'"),
        ("absolute", -1e-3, r"tolerance of 'a' is -0\.001"),
        ("absolute", 0.2, r"it must lie in \[0, 0\.1\]"),
        ("absolute", float("nan"), "tolerance of 'a' is nan"),
    ],
)
def test_unsuitable_precision_is_refused(precision, tolerance, message):
    with pytest.raises(ValueError, match=message):
        pack({"a": [1.0]}, precision, tolerance)


@given(st.lists(st.integers(0, 2**40), max_size=40), st.integers(0, 30))
def test_bits_come_back(numbers, order):
    values = np.array(numbers, dtype=np.int64)
    written = write_bits(values, order)
    assert np.array_equal(read_bits(written, values.size, order), values)
    size, best = cheapest_order(values)
    assert len(write_bits(values, best)) == (size + 7) // 8 <= len(written)


@given(st.binary(max_size=30), st.integers(0, 60), st.integers(0, 30))
def test_any_bytes_are_read_or_refused(data, count, order):
    try:
        values = read_bits(data, count, order)
    except ValueError as error:
        assert "packed data ends" in str(error)
    else:
        # What was read can be written: a number has one code only.
        assert data.startswith(write_bits(values, order)[:-1])


@BRIEF
@given(st.data())
def test_damaged_bytes_are_refused(page, data):
    packed, header = pack({"a": np.arange(12.0).reshape(3, 4) ** 2, "b": np.ones(3)})
    index = data.draw(st.integers(0, len(packed) - 1))
    flipped = bytearray(packed)
    flipped[index] ^= data.draw(st.integers(1, 255))
    with pytest.raises(ValueError, match="checksum"):
        unpack(bytes(flipped), header)
    with pytest.raises(ValueError, match=f"has {index} bytes"):
        unpack(packed[:index], header)
    with pytest.raises(JSEvalException, match="the shipped data is damaged"):
        read_in_page(page, bytes(flipped), header)
    with pytest.raises(JSEvalException, match=f"has {index} bytes"):
        read_in_page(page, packed[:index], header)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"code": "float8"}, "unknown code"),
        ({"shape": [300]}, "beyond the end"),
        ({"offset": 1}, "beyond the end"),
        ({"bytes": 10**6}, "beyond the end"),
        ({"order": 30}, "ends|damaged"),
    ],
)
def test_header_that_does_not_fit_is_refused(page, change, message):
    packed, header = pack({"a": np.arange(12.0) ** 2})
    header["arrays"]["a"] |= change
    with pytest.raises(ValueError, match=message):
        unpack(packed, header)
    with pytest.raises(JSEvalException, match=message):
        read_in_page(page, packed, header)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**60), 2**60) | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=4,
)


@BRIEF
@given(st.data())
def test_page_survives_any_header(page, data):
    """Whatever stands in the header: numbers or one error, never a hang or a crash."""
    packed, header = pack({"a": np.cumsum(np.arange(24.0)).reshape(4, 6)})
    key = data.draw(st.sampled_from(sorted(header["arrays"]["a"])))
    header["arrays"]["a"][key] = data.draw(JSON)
    try:
        found = read_in_page(page, packed, header)
    except JSEvalException as error:
        assert "Error" in str(error)
    else:
        assert found["a"].size <= 8 * len(packed)


@BRIEF
@given(st.binary(max_size=60), st.integers(0, 30), st.lists(st.integers(0, 1), max_size=4))
def test_page_survives_any_bytes(page, data, order, along):
    header = pack({"a": np.arange(10.0).reshape(2, 5)})[1]
    entry = {**header["arrays"]["a"], "order": order, "along": along, "bytes": len(data)}
    header = {"bytes": len(data), "adler32": zlib.adler32(data), "arrays": {"a": entry}}
    try:
        found = read_in_page(page, data, header)
    except JSEvalException as error:
        assert "shipped data" in str(error)
    else:
        assert found["a"].shape == (2, 5)


def test_nothing_packs_to_nothing():
    assert pack({})[0] == b""


# --- the figure around the data ------------------------------------------------------------------


@pytest.fixture(scope="module")
def engine():
    one = PageEngine()
    yield one
    one.racer.close()


def places(part, way=()):
    """Every place in a description, as the keys that lead to it."""
    inner = part.items() if isinstance(part, dict) else enumerate(part)
    for key, value in inner:
        yield (*way, key)
        if isinstance(value, dict | list) and value:
            yield from places(value, (*way, key))


FIGURE = shipped()
PLACES = [p for p in places(FIGURE.spec) if p[0] in ("signals", "data")]


@BRIEF
@given(st.sampled_from(PLACES), JSON)
def test_page_survives_any_description(engine, place, value):
    """One part of the description exchanged for anything: the figure computes, or one error."""
    spec = json.loads(json.dumps(FIGURE.spec))
    part = spec
    for key in place[:-1]:
        part = part[key]
    part[place[-1]] = value
    try:
        engine.start(FIGURE, spec)
        found = engine.names({"lr": 0.3, "seed": 1})
    except JSEvalException as error:
        assert "Error" in str(error)
    else:
        assert found["lr"] == 0.3
