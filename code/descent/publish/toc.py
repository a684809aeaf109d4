"""The order of the book, read from the one place where it stands: ``_toc.yml``."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml


@dataclass(frozen=True)
class Entry:
    """A page in the order of the book: its name without a suffix, its depth, its part's caption."""

    document: str
    depth: int
    part: str


def entries(root: Path) -> list[Entry]:
    """List the pages in reading order, with their places.

    Args:
        root: The folder that holds ``_toc.yml``.

    Returns:
        The first page and every chapter at depth 1, their sub-pages below; none where the folder
        has no ``_toc.yml``.
    """
    toc = root / "_toc.yml"
    if not toc.exists():
        return []
    tree = yaml.safe_load(toc.read_text("utf-8"))
    parts = tree.get("parts", [tree])
    below = [entry for part in parts for entry in _below(part, 1, part.get("caption", ""))]
    return [Entry(_name(tree["root"]), 1, ""), *below]


def _below(node: Mapping[str, Any], depth: int, part: str) -> Iterator[Entry]:
    for child in [*node.get("chapters", []), *node.get("sections", [])]:
        yield Entry(_name(child["file"]), depth, part)
        yield from _below(child, depth + 1, part)


def _name(file: str) -> str:
    return re.sub(r"\.(md|ipynb)$", "", file)


def documents(root: Path) -> list[str]:
    """List the pages in reading order.

    Args:
        root: The folder that holds ``_toc.yml``.

    Returns:
        Page names without a suffix, such as ``book/chapters/ill_conditioning``; none where the
        folder has no ``_toc.yml``.
    """
    return [entry.document for entry in entries(root)]


def stems(root: Path) -> list[str]:
    """List the stems of the chapters in reading order.

    Args:
        root: The folder that holds ``_toc.yml``.

    Returns:
        The stems, such as ``ill_conditioning``.
    """
    chapters = "book/chapters/"
    return [page.removeprefix(chapters) for page in documents(root) if page.startswith(chapters)]
