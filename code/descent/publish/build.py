"""Build the book on every core: `python -m descent.publish.build`.

jupyter-book builds on one core; Sphinx below it can read pages side by side. Pages of one chapter
share their long computations, so one process reads them all.
"""

from __future__ import annotations

import os
import sys
from functools import partial
from typing import TYPE_CHECKING, Any

import jupyter_book.sphinx
from jupyter_cache import get_cache
from sphinx.util.parallel import make_chunks

from descent.publish.progress import CHAPTERS, EXERCISES, LABS

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.environment import BuildEnvironment


def deal(names: list[str], sizes: list[int]) -> list[str]:
    """Order pages so that batches of the given sizes split as few chapters as they can.

    Args:
        names: Names of the pages.
        sizes: How many pages each batch takes, in order; they add up to the number of pages.

    Returns:
        The pages in batch after batch; the pages of a chapter go where most places are free.

    Example:
        >>> deal(["book/chapters/a", "book/chapters/b", "book/labs/a", "book/labs/b"], [2, 2])
        ['book/chapters/a', 'book/labs/a', 'book/chapters/b', 'book/labs/b']
    """
    rooms: dict[str, list[str]] = {}
    for name in names:
        room = name.rpartition("/")[2] if name.startswith((CHAPTERS, EXERCISES, LABS)) else name
        rooms.setdefault(room, []).append(name)
    batches: list[list[str]] = [[] for _ in sizes]
    for pages in sorted(rooms.values(), key=len, reverse=True):
        for page in pages:
            free = [size - len(batch) for size, batch in zip(sizes, batches, strict=True)]
            here = [i for i, batch in enumerate(batches) if pages[0] in batch and free[i]]
            batches[here[0] if here else free.index(max(free))].append(page)
    return [page for batch in batches for page in batch]


def order(app: Sphinx, env: BuildEnvironment, docnames: list[str]) -> None:
    """Deal the pages that are to be read to the processes that will read them."""
    sizes = [len(batch) for batch in make_chunks(docnames, app.parallel)]
    docnames[:] = deal(docnames, sizes)
    if notebooks := getattr(env, "mystnb_config", None):
        # Processes that find no store of outputs would each make one.
        get_cache(notebooks.execution_cache_path).list_cache_records()


def write_alone(app: Sphinx, env: BuildEnvironment) -> None:
    """Write the pages in one process: the engine that typesets them does not outlive a fork."""
    app.parallel = 1


def setup(app: Sphinx) -> dict[str, Any]:
    """Order the pages before they are read, and write them one by one."""
    # It works after all pages were read, and only fails to say so.
    if numbering := app.extensions.get("sphinx_multitoc_numbering"):
        numbering.parallel_read_safe = True
    app.connect("env-before-read-docs", order)
    app.connect("env-updated", write_alone)
    return {"version": "1", "parallel_read_safe": True}


def main() -> None:
    """Run `jupyter-book build` with one process for each core; warnings are errors."""
    from jupyter_book.cli.main import main as jupyter_book_cli

    on_every_core = partial(jupyter_book.sphinx.build_sphinx, jobs=os.cpu_count())
    jupyter_book.sphinx.build_sphinx = on_every_core
    sys.exit(jupyter_book_cli(["build", ".", "-W", "-n", "--keep-going"]))


if __name__ == "__main__":
    main()
