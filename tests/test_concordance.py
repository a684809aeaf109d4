"""Conversions between conventions reproduce the same path."""

import pytest

from descent.concordance import concordance_table, conversions

ROWS = conversions()


@pytest.mark.parametrize("row", ROWS, ids=lambda r: f"{r['topic']}, {r['library']}")
def test_converted_paths_are_the_same(row):
    assert row["converted"] < 1e-10


@pytest.mark.parametrize(
    "row", [r for r in ROWS if not r["how"].startswith("same")], ids=lambda r: r["library"]
)
def test_copied_numbers_give_another_path(row):
    assert row["copied"] > 1e-5


def test_every_conversion_is_printed():
    assert concordance_table().count("<tr>") == len(ROWS) + 1
