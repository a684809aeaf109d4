"""Build the book on every core: `python -m descent.publish.build`.

jupyter-book builds on one core; Sphinx below it can read pages side by side. Pages of one chapter
share their long computations, so one process reads them all.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import jupyter_book.sphinx
import sphinx.builders
from jupyter_cache import get_cache

from descent.publish.progress import CHAPTERS, EXERCISES, LABS

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.environment import BuildEnvironment


def rooms(arguments: Sequence[str], nproc: int = 1, maxbatch: int = 10) -> list[list[str]]:
    """Deal pages to batches in place of Sphinx's `make_chunks`: a chapter is not split.

    Args:
        arguments: Names of the pages.
        nproc: How many processes read side by side; each takes a new batch when one is done.
        maxbatch: Sphinx's limit; no chapter comes near it.

    Returns:
        The batches, those of most pages first.

    Example:
        >>> rooms(["book/index", "book/chapters/a", "book/labs/a"])
        [['book/chapters/a', 'book/labs/a'], ['book/index']]
    """
    found: dict[str, list[str]] = {}
    for name in arguments:
        room = name.rpartition("/")[2] if name.startswith((CHAPTERS, EXERCISES, LABS)) else name
        found.setdefault(room, []).append(name)
    return sorted(found.values(), key=len, reverse=True)


def open_store(app: Sphinx, env: BuildEnvironment, docnames: list[str]) -> None:
    """Make the store of outputs, which every process would make where it finds none."""
    if notebooks := getattr(env, "mystnb_config", None):
        get_cache(notebooks.execution_cache_path).list_cache_records()


def write_alone(app: Sphinx, env: BuildEnvironment) -> None:
    """Write the pages in one process: the engine that typesets them does not outlive a fork."""
    app.parallel = 1


def setup(app: Sphinx) -> dict[str, Any]:
    """Make the store of outputs before pages are read, and write the pages one by one."""
    # It works after all pages were read, and only fails to say so.
    if numbering := app.extensions.get("sphinx_multitoc_numbering"):
        numbering.parallel_read_safe = True
    app.connect("env-before-read-docs", open_store)
    app.connect("env-updated", write_alone)
    return {"version": "1", "parallel_read_safe": True}


def main() -> None:
    """Run `jupyter-book build` with one process for each core; warnings are errors."""
    from jupyter_book.cli.main import main as jupyter_book_cli

    on_every_core = partial(jupyter_book.sphinx.build_sphinx, jobs=os.cpu_count())
    jupyter_book.sphinx.build_sphinx = on_every_core
    sphinx.builders.make_chunks = rooms
    sys.exit(jupyter_book_cli(["build", ".", "-W", "-n", "--keep-going"]))


if __name__ == "__main__":
    main()
