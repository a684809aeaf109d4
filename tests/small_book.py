"""Build a book of a few pages with the parts of the extension that a test is about."""

from io import StringIO
from pathlib import Path
from types import SimpleNamespace

from sphinx.application import Sphinx
from sphinx.util.docutils import docutils_namespace


def build(root: Path, files: dict[str, str], *extensions: str) -> SimpleNamespace:
    """Write the files, build them, and return `warnings`, `pages` by name and the folder `out`."""
    warnings = StringIO()
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")
    settings = {
        "extensions": ["myst_nb", *(f"descent.publish.{name}" for name in extensions)],
        "source_suffix": {".md": "myst-nb", ".ipynb": "myst-nb"},
        "root_doc": "index",
        "html_theme": "basic",
        "nb_execution_mode": "off",
        "myst_enable_extensions": ["dollarmath", "colon_fence"],
        "suppress_warnings": ["myst.xref_missing"],
        "exclude_patterns": ["out"],
    }
    with docutils_namespace():
        app = Sphinx(
            root, None, root / "out", root / "out/doctrees", "html",
            confoverrides=settings, status=None, warning=warnings,
        )  # fmt: skip
        app.build()
    out = root / "out"
    pages = {
        path.relative_to(out).with_suffix("").as_posix(): path.read_text("utf-8")
        for path in out.rglob("*.html")
    }
    return SimpleNamespace(warnings=warnings.getvalue(), pages=pages, out=out)
