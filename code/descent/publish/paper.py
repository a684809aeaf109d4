"""The whole book as one page, to be printed: no scripts, no controls, links within itself."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Sequence
from html import escape
from pathlib import Path

from bs4 import BeautifulSoup, Tag

from descent.publish.toc import Entry

TITLE = "Descent"
# What answers to a reader's hand, or shows again what a still picture shows.
DROPPED = ".headerlink, .js-only, .copy-button, .dx-controls, .dx-live, canvas, script, img.dx-dark"
# Attributes that name elements by their ids.
NAMING = ("for", "headers", "aria-labelledby", "aria-describedby", "aria-controls")


def anchor(document: str, fragment: str = "") -> str:
    """Return the id that an element of a page has in the whole book.

    Args:
        document: Name of the page, without a suffix.
        fragment: Id within the page; "" for the page itself.

    Returns:
        An id that no other page can have.

    Example:
        >>> anchor("book/glossary", "term-loss")
        'book/glossary:term-loss'
    """
    return f"{document}:{fragment}" if fragment else document


def chapter(html: str, entry: Entry, documents: Sequence[str]) -> Tag:
    """Take the text of one page, ready to stand among the others.

    Args:
        html: The page as it was built.
        entry: Its place in the book.
        documents: Every page of the book.

    Returns:
        The page's article. Its ids and links are those of the whole book, its headings lie as
        deep as the page does, its folded parts are open.
    """
    article = BeautifulSoup(html, "html.parser").select_one("article")
    if article is None:
        raise ValueError(f"{entry.document} has no article")
    for node in article.select(DROPPED):
        node.decompose()
    for details in article.find_all("details"):
        details["open"] = ""
    for heading in article.find_all(re.compile("^h[1-6]$")):
        heading.name = f"h{min(int(heading.name[1]) + entry.depth - 1, 6)}"
    for formula in article.select(".katex"):
        _speak(formula)
    _rename(article, entry.document)
    for link in article.find_all("a", href=True):
        _lead(link, entry.document, documents)
    for image in article.find_all("img", src=True):
        image["src"] = _within(entry.document, str(image["src"]))
        image.attrs.pop("loading", None)
    article["id"] = anchor(entry.document)
    return article


def _speak(formula: Tag) -> None:
    """Let a formula carry its LaTeX source as its text alternative, instead of MathML."""
    for spoken in formula.select(".katex-mathml"):
        source = spoken.find("annotation")
        if source is not None:
            formula["role"], formula["aria-label"] = "img", source.get_text()
        spoken.decompose()


def _rename(article: Tag, document: str) -> None:
    """Make every id, and every attribute that names one, unique in the book."""
    for node in article.find_all(id=True):
        node["id"] = anchor(document, str(node["id"]))
    for name in NAMING:
        for node in article.select(f"[{name}]"):
            ids = " ".join(node.get_attribute_list(name)).split()
            node[name] = " ".join(anchor(document, one) for one in ids)


def _lead(link: Tag, document: str, documents: Sequence[str]) -> None:
    """Let a link lead to its place in the whole book; one without such a place becomes text."""
    address = str(link["href"])
    if re.match(r"[a-z]+:", address):
        return
    target, _, fragment = address.partition("#")
    page = _within(document, target).lstrip("/").removesuffix(".html") if target else document
    if page in documents:
        link["href"] = f"#{anchor(page, fragment)}"
    else:
        link.unwrap()


def _within(document: str, address: str) -> str:
    """Resolve an address, as seen from a page, to a path from the root of the book."""
    if address.startswith("data:"):
        return address
    return "/" + posixpath.normpath(posixpath.join(posixpath.dirname(document), address))


def contents(titles: dict[Entry, str], pages: dict[str, int]) -> str:
    """Write the table of contents.

    Args:
        titles: Every page of the book with its title, in order.
        pages: Number of the printed page on which each begins; those unknown stay blank.

    Returns:
        A `nav` element.
    """
    rows, part = [], ""
    for entry, title in titles.items():
        if entry.part != part:
            part = entry.part
            rows.append(f'<p class="caption">{escape(part)}</p>')
        number = pages.get(entry.document, "")
        rows.append(
            f'<p class="depth-{entry.depth}"><a href="#{anchor(entry.document)}">{escape(title)}'
            f"</a><span>{number}</span></p>"
        )
    return f'<nav class="contents" aria-label="Contents">{"".join(rows)}</nav>'


def assemble(book: Path, entries: Sequence[Entry]) -> tuple[str, dict[Entry, str]]:
    """Put the pages of a built book together.

    Args:
        book: Folder of the built book.
        entries: Its pages in reading order.

    Returns:
        One HTML page, with `<!--contents-->` where the table of contents goes, and the title of
        every page.
    """
    documents = [entry.document for entry in entries]
    sheets: dict[str, None] = {}
    titles, articles = {}, []
    for entry in entries:
        html = (book / f"{entry.document}.html").read_text("utf-8")
        for href in re.findall(r'<link rel="stylesheet"[^>]*? href="([^"]+)"', html):
            sheets[_within(entry.document, href)] = None
        article = chapter(html, entry, documents)
        heading = article.find(re.compile("^h[1-6]$"))
        titles[entry] = heading.get_text(" ", strip=True) if heading else entry.document
        articles.append(str(article))
    links = "".join(f'<link rel="stylesheet" href="{escape(sheet)}">' for sheet in sheets)
    return (
        f'<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>{TITLE}</title>{links}'
        f'</head><body class="paper"><header class="cover"><p>{TITLE}</p><!--contents--></header>'
        f"<main>{''.join(articles)}</main></body></html>"
    ), titles
