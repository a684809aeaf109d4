"""The finishing pass: what happens to the pages after Sphinx has written them.

Each function in `PASSES` turns the HTML of one page into new HTML. It runs once per written page,
in order, and gets the page's text, its path and the folder of the whole book. Another module adds
its own function with `PASSES.append(function)`.
"""

from __future__ import annotations

import re
import shutil
import struct
from collections.abc import Callable
from fnmatch import fnmatch
from pathlib import Path
from textwrap import shorten
from typing import Any

from sphinx.application import Sphinx

from descent.publish.figures import place_figures
from descent.publish.heights import state_heights
from descent.publish.progress import is_chapter, is_practice
from descent.publish.styles import join_styles, refresh

Pass = Callable[[str, Path, Path], str]

FINISHED = "<!-- finished -->"

# Files that Sphinx and its themes copy and that no page of this book loads: the theme's own
# scripts, styles and icon fonts (book/_templates and book/_static replace them), translations.
UNUSED = (
    "scripts",
    "styles",
    "locales",
    "vendor/fontawesome",
    "webpack-macros.html",
    "sbt-webpack-macros.html",
    "images/logo_*",
    "**/*.map",
    "file.png",
    "minus.png",
    "plus.png",
    "basic.css",
    "design-tabs.js",
    "mystnb.*.css",
)

# Sphinx adds these to every page; only its search page uses them.
SEARCH_SCRIPTS = ("documentation_options.js", "doctools.js", "sphinx_highlight.js")
UNUSED_ASSETS = (
    "basic.css",
    "mystnb.*.css",
    "sphinx-book-theme.css",
    "sphinx-book-theme.js",
    "design-tabs.js",
)


def size_images(html: str, page: Path, outdir: Path) -> str:
    """Give every local PNG its width and height, so that text does not jump when it arrives.

    Args:
        html: Text of the page.
        page: Where the page stands.
        outdir: Folder of the whole book.

    Returns:
        The page with `width`, `height` and lazy loading on its images.
    """

    def sized(match: re.Match[str]) -> str:
        tag, source = match.group(0), match.group(1)
        path = (page.parent / source).resolve()
        extra = "" if "loading=" in tag else ' loading="lazy" decoding="async"'
        if path.suffix == ".png" and path.is_file() and "width" not in tag and "style=" not in tag:
            width, height = struct.unpack(">II", path.read_bytes()[16:24])
            extra += f' width="{width}" height="{height}"'
        return tag.replace("<img", "<img" + extra, 1)

    return re.sub(r'<img\b[^>]*?\bsrc="(?!data:|https?:)([^"]+)"[^>]*>', sized, html)


def mark_chinese(html: str, page: Path, outdir: Path) -> str:
    """Name the language of Chinese glossary terms, for fonts, hyphenation and screen readers.

    Args:
        html: Text of the page.
        page: Where the page stands.
        outdir: Folder of the whole book.

    Returns:
        The page with `lang` on every term that holds Chinese characters.
    """
    return re.sub(r"<dt\b(?=[^>]*>[^<]*[\u4e00-\u9fff])", '<dt lang="zh-Hans"', html)


def mark_code_lines(html: str, page: Path, outdir: Path) -> str:
    """Put each line of program text into an element of its own, so that a long one can wrap.

    Spaces and punctuation, a third of the elements, have the ink of their block and lose their own.

    Args:
        html: Text of the page.
        page: Where the page stands.
        outdir: Folder of the whole book.

    Returns:
        The page with a `span` of class `line` around every line of code; printed output, whose
        columns must stay in place, is left alone.
    """

    def marked(match: re.Match[str]) -> str:
        text = re.sub(r'<span class="[pw]">([^<]*)</span>', r"\1", match.group(2))
        lines = text.removesuffix("\n").split("\n")
        return match.group(1) + "".join(f'<span class="line">{line}\n</span>' for line in lines)

    code = r'(<div class="highlight-(?!myst-ansi|none|text)[^"]*"><div class="highlight"><pre>'
    return re.sub(rf"{code}(?:<span></span>)?)(.*?)(?=</pre>)", marked, html, flags=re.DOTALL)


def name_citations(html: str, page: Path, outdir: Path) -> str:
    """Give the entries of a bibliography the role that its list needs.

    Args:
        html: Text of the page.
        page: Where the page stands.
        outdir: Folder of the whole book.

    Returns:
        The page with its citations as list items; the role that docutils writes is deprecated.
    """
    return html.replace('role="doc-biblioentry"', 'role="listitem"')


def describe_page(html: str, page: Path, outdir: Path) -> str:
    """Say in the head what the page begins with: search engines and link previews show it.

    Args:
        html: Text of the page.
        page: Where the page stands.
        outdir: Folder of the whole book.

    Returns:
        The page, described by its first paragraph without a formula, cut to about a line. A lab and
        a page of exercises, which begin as all others do, are described by their headings.
    """
    if is_practice(page, outdir):
        title, *headings = re.findall(r"<h[12]>(?:\d+\. )?(.*?)<a class=\"headerlink", html)
        text = f"{title}: {'; '.join(headings)}."
    else:
        # A chapter begins with its goals and needs; what it is about, its first section says.
        article = html.partition("</h2>" if is_chapter(page, outdir) else "</h1>")[2]
        paragraphs = re.findall(r"(?<!<li>)<p>(.*?)</p>", article, re.DOTALL)
        text = next((p for p in paragraphs if "<img" not in p and "katex" not in p), "")
    words = " ".join(re.sub(r"<[^>]+>|✓", "", text).replace('"', "&quot;").split())
    if not words:
        return html
    meta = f'<meta name="description" content="{shorten(words, 160, placeholder=" …")}">'
    return html.replace("</head>", meta + "\n</head>", 1)


PASSES: list[Pass] = [
    describe_page,
    size_images,
    mark_chinese,
    mark_code_lines,
    name_citations,
    place_figures,
    state_heights,
    join_styles,
]


def finish_page(page: Path, outdir: Path) -> None:
    """Run every pass over one page, unless this writing of the page has had them already."""
    html = page.read_text("utf-8")
    if html.endswith(FINISHED):
        return
    for transform in PASSES:
        html = transform(html, page, outdir)
    page.write_text(html.rstrip() + "\n" + FINISHED, "utf-8")


def prune(static: Path) -> None:
    """Delete from the book what no page loads."""
    for pattern in UNUSED:
        for path in list(static.glob(pattern)):
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink()


def choose_assets(
    app: Sphinx, pagename: str, template: str, context: dict[str, Any], doctree: object
) -> None:
    """Leave a page only the scripts and styles that it uses."""
    dropped = UNUSED_ASSETS if pagename == "search" else UNUSED_ASSETS + SEARCH_SCRIPTS
    for kind in ("script_files", "css_files"):
        context[kind] = [asset for asset in context[kind] if not _is_dropped(asset, dropped)]
    # A style sheet is dead weight on a page that has nothing of its kind.
    body = context.get("body", "")
    context["has_math"] = 'class="katex' in body
    if 'class="sd-' not in body:
        context["css_files"] = [
            asset
            for asset in context["css_files"]
            if not _is_dropped(asset, ("sphinx-design.*.css",))
        ]


def _is_dropped(asset: object, dropped: tuple[str, ...]) -> bool:
    filename = str(getattr(asset, "filename", asset) or "")
    if filename:
        name = Path(filename.partition("?")[0]).name
        return any(fnmatch(name, pattern) for pattern in dropped)
    # An inline script: the theme's settings for its own scripts, which this book does without.
    return "DOCUMENTATION_OPTIONS" in str(getattr(asset, "attributes", {}).get("body", ""))


def finish(app: Sphinx, exception: Exception | None) -> None:
    """Finish the whole book when Sphinx has written it."""
    if exception is not None or app.builder.format != "html":
        return
    outdir = Path(app.outdir)
    prune(outdir / "_static")
    refresh(outdir / "_static")
    for page in sorted(outdir.rglob("*.html")):
        if "_static" not in page.relative_to(outdir).parts:
            finish_page(page, outdir)


def setup(app: Sphinx) -> None:
    """Connect to the two moments of a build that matter here."""
    app.connect("html-page-context", choose_assets, priority=900)
    app.connect("build-finished", finish, priority=900)
