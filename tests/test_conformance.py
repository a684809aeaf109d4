"""Rule = reference = published implementation, at random settings, with every flag."""

import pytest
import torch
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from descent.conformance import ALL, CALM, drawn_ranges, in_float64

EXACT = 1e-10


def settings_of(comparison):
    """Every hyper-parameter anywhere in its range."""
    return st.fixed_dictionaries({k: st.floats(0, 1) for k in comparison.ranges}).map(
        lambda unit: drawn_ranges(comparison.ranges, unit)
    )


@pytest.mark.parametrize("name", ALL)
def test_rule_equals_its_counterpart(name):
    comparison = ALL[name]

    @given(settings_of(comparison), st.integers(0, 2**31))
    @settings(
        max_examples=4, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck)
    )
    def check(hypers, seed):
        found = comparison.deviation(hypers, seed, steps=200, resume=100)
        if found >= EXACT:  # where rounding alone grows, two exact programs part too
            assume(comparison.amplification(hypers, seed) < CALM)
        assert found < EXACT

    check()


@pytest.mark.parametrize("name", [n for n in ALL if any(r is bool for r in ALL[n].ranges.values())])
def test_every_flag_is_on_once(name):
    comparison = ALL[name]
    flags = [k for k, r in comparison.ranges.items() if r is bool]
    for on in [*flags, None]:
        hypers = drawn_ranges(comparison.ranges, dict.fromkeys(comparison.ranges, 0.4))
        hypers.update({k: k == on for k in flags})
        assert comparison.deviation(hypers, seed=1, steps=200) < EXACT


def test_a_wrong_setting_is_noticed():
    adam = ALL["Adam"]
    hypers = drawn_ranges(adam.ranges, dict.fromkeys(adam.ranges, 0.4))
    wrong = dict(hypers, beta2=hypers["beta2"] + 1e-6)
    theirs = adam.theirs
    mixed = type(adam)(adam.name, adam.rival, adam.ours, lambda p, h: theirs(p, wrong), adam.ranges)
    assert mixed.deviation(hypers, seed=1, steps=20) > EXACT


def test_ranges_are_met_at_their_ends():
    ranges = {"a": (0, 2.0), "b": (1e-4, 1.0), "c": bool}
    assert drawn_ranges(ranges, {"a": 0, "b": 0, "c": 0}) == {"a": 0, "b": 1e-4, "c": False}
    top = drawn_ranges(ranges, {"a": 1, "b": 1, "c": 1})
    assert top == {"a": 2.0, "b": pytest.approx(1.0), "c": True}


def test_widening_ends_with_its_block():
    x = torch.ones(1, dtype=torch.float64)
    with in_float64():
        assert x.bfloat16().dtype == x.float().dtype == x.to(torch.float32).dtype == torch.float64
    assert x.bfloat16().dtype == torch.bfloat16
    assert x.to(torch.float32).dtype == torch.float32
