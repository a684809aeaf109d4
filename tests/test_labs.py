"""The labs, and the outputs that they store."""

from __future__ import annotations

import json
from pathlib import Path

import nbformat
import pytest

from descent.explore import assets
from descent.publish import labs
from descent.publish.figures import figures_of
from descent.publish.toc import stems

ROOT = Path(__file__).parents[1]


def models(path: Path) -> dict:
    """State of the figures that a lab stores, by id."""
    widgets = json.loads(path.read_text("utf-8"))["metadata"]["widgets"][labs.WIDGETS]["state"]
    return {k: model["state"] for k, model in figures_of(widgets).items()}


@pytest.mark.parametrize("stem", stems(ROOT))
def test_figures_of_a_lab_run_with_the_scripts_of_the_package(stem):
    stored = models(ROOT / "book" / "labs" / f"{stem}.ipynb")
    assert len(stored) >= 4
    for state in stored.values():
        current = assets.runtime() == state["_esm"].partition(assets.SEAM)[0]
        again = f"store the lab again: python -m descent.publish.labs {stem}"
        assert current and state["_css"] == assets.style_sheet(), again


def test_a_lab_is_written_the_same_when_its_results_are(tmp_path):
    cells = [
        "from descent.explore.gallery import saddles as figures\nprint('one')\nprint('two')",
        "figures.models()",
        "figures.models()",
    ]
    path = tmp_path / "lab.ipynb"
    new = [nbformat.v4.new_code_cell(cell, id=f"cell-{i}") for i, cell in enumerate(cells)]
    nbformat.write(nbformat.v4.new_notebook(cells=new), path)
    labs.store(path)
    first = path.read_text("utf-8")
    labs.store(path)
    assert path.read_text("utf-8") == first
    assert len(models(path)) == 2
    for model_id in models(path):
        assert first.count(model_id) == 2  # in its view and in the state


def test_an_unknown_lab_is_named(capsys):
    assert labs.main(["nowhere"]) == 1
    assert "nowhere" in capsys.readouterr().out
