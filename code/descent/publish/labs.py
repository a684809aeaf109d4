"""Run labs and store their outputs: `python -m descent.publish.labs momentum saddles`.

The book shows what a lab has stored, its figures included; `make test` runs every lab again and
compares. The ids of figures are made from their names, and no times are stored, so that a lab whose
results stay the same is written the same.
"""

from __future__ import annotations

import os
import sys
from hashlib import sha256
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient
from tqdm import tqdm

from descent.publish.figures import figures_of
from descent.publish.toc import stems

ROOT = Path(__file__).parents[3]
WIDGETS = "application/vnd.jupyter.widget-state+json"


def fixed_ids(models: dict[str, Any]) -> dict[str, str]:
    """Give each figure, and the layout that belongs to it, an id that does not change.

    Args:
        models: State of a notebook's widgets by id, in the order in which they were made.

    Returns:
        The new ids by the old ones; other widgets keep theirs.

    Example:
        >>> from descent.publish.figures import CLASS
        >>> figure = {"_anywidget_id": CLASS, "spec": {"id": "x/y"}, "layout": "IPY_MODEL_b"}
        >>> {old: len(new) for old, new in fixed_ids({"a": {"state": figure}}).items()}
        {'a': 32, 'b': 32}
    """
    new: dict[str, str] = {}
    for old, model in figures_of(models).items():
        state = model["state"]
        name = f"{state['spec']['id']} {len(new)}"
        new[old] = sha256(name.encode()).hexdigest()[:32]
        layout = state["layout"].removeprefix("IPY_MODEL_")
        new[layout] = sha256(f"layout of {name}".encode()).hexdigest()[:32]
    return new


def store(path: Path) -> None:
    """Run one lab on the CPU from top to bottom, and write it with its outputs.

    Args:
        path: The notebook.

    Raises:
        nbclient.exceptions.CellExecutionError: If a cell fails; the file is then left as it is.
    """
    notebook = nbformat.read(path, as_version=4)
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
    NotebookClient(
        notebook,
        timeout=600,
        resources={"metadata": {"path": str(path.parent)}},
        store_widget_state=True,
        record_timing=False,
        coalesce_streams=True,
    ).execute()
    text = nbformat.writes(notebook)
    for old, new in fixed_ids(notebook.metadata.widgets[WIDGETS]["state"]).items():
        text = text.replace(old, new)
    # Read and written once more, the widgets stand in the order of their new ids.
    path.write_text(nbformat.writes(nbformat.reads(text, as_version=4)) + "\n", "utf-8")


def main(names: list[str]) -> int:
    """Store the labs that are named, or all."""
    if unknown := set(names) - set(stems(ROOT)):
        print(f"no lab {', '.join(sorted(unknown))}; there are {', '.join(stems(ROOT))}")
        return 1
    os.environ |= {"DESCENT_DEVICE": "cpu", "OMP_NUM_THREADS": "1"}
    for stem in tqdm(names or stems(ROOT), unit="lab"):
        store(ROOT / "book" / "labs" / f"{stem}.ipynb")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
