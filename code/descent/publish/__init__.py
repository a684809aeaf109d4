"""How the book is made: a Sphinx extension. It holds no mathematics of the book's subject."""

from __future__ import annotations

from hashlib import sha256
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sphinx.application import Sphinx

# In this order: `finish` comes last, so that its pass sees what the others wrote.
PARTS = ("build", "math", "disclosure", "ledger", "predict", "progress", "finder", "finish")


def setup(app: Sphinx) -> dict[str, bool]:
    """Register every part of the extension.

    Returns:
        What Sphinx may do in parallel.
    """
    for part in PARTS:
        import_module(f"{__name__}.{part}").setup(app)
    # jupyter-book sets this value for an extension that this book does without.
    app.add_config_value("comments_config", {}, "")
    # Pages depend on this code too: a changed fingerprint makes Sphinx write all of them again.
    app.add_config_value("descent_fingerprint", _fingerprint(), "html")
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def _fingerprint() -> str:
    digest = sha256()
    package = Path(__file__).parents[1]
    for folder in (package / "publish", package / "explore"):
        for path in sorted(folder.rglob("*.py")) + sorted(folder.rglob("*.js")):
            digest.update(path.read_bytes())
    return digest.hexdigest()
