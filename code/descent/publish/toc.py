"""The order of the book, read from the one place where it stands: ``_toc.yml``."""

import re
from pathlib import Path


def documents(root: Path) -> list[str]:
    """List the pages in reading order.

    Args:
        root: The folder that holds ``_toc.yml``.

    Returns:
        Page names without a suffix, such as ``book/chapters/ill_conditioning``; none where the
        folder has no ``_toc.yml``.
    """
    toc = root / "_toc.yml"
    if not toc.exists():
        return []
    entry = re.compile(r"^[\s-]*(?:root|file):\s*([^\s#]+)", re.MULTILINE)
    return [re.sub(r"\.(md|ipynb)$", "", name) for name in entry.findall(toc.read_text("utf-8"))]


def stems(root: Path) -> list[str]:
    """List the stems of the chapters in reading order.

    Args:
        root: The folder that holds ``_toc.yml``.

    Returns:
        The stems, such as ``ill_conditioning``.
    """
    chapters = "book/chapters/"
    return [page.removeprefix(chapters) for page in documents(root) if page.startswith(chapters)]
