"""Print the whole book into one PDF: `python -m descent.publish.pdf [file]`.

Chromium lays the pages out, resolves the links and writes the outline from the headings. The book
is printed twice: the first time tells on which page each chapter begins, the second time prints
those numbers in the table of contents.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path

from playwright.sync_api import Browser, Page, Route, sync_playwright
from pypdf import PdfReader

from descent.publish import paper, toc
from descent.publish.browser import FLAGS, MISSING, find_chromium
from descent.publish.serve import BOOK, server

HERE = "<!--contents-->"
ADDRESS = "paper.html"
PATIENCE_MS = 600_000


def page_numbers(reader: PdfReader) -> dict[str, int]:
    """Find where the links within a PDF lead.

    Args:
        reader: The PDF.

    Returns:
        Name of each destination to the number of its page, counted from 1.
    """
    found = {}
    for name, destination in reader.named_destinations.items():
        number = reader.get_destination_page_number(destination)
        if number is not None:
            found[name.lstrip("/")] = number + 1
    return found


def make(book: Path, entries: list[toc.Entry], browser: Browser) -> bytes:
    """Print a built book.

    Args:
        book: Its folder.
        entries: Its pages in reading order.
        browser: A running Chromium.

    Returns:
        The PDF, with page numbers in its table of contents, an outline and tags.

    Raises:
        RuntimeError: If the numbers move every page that they stand on.
    """
    html, titles = paper.assemble(book, entries)
    numbers: dict[str, int] = {}
    with _tab(book, browser) as page:
        for _ in range(3):
            known = bool(numbers)
            pdf = _print(page, html.replace(HERE, paper.contents(titles, numbers)), final=known)
            found = page_numbers(PdfReader(BytesIO(pdf)))
            if found == numbers:
                return pdf
            numbers = found
    raise RuntimeError("the numbers of the pages do not settle")


@contextmanager
def _tab(book: Path, browser: Browser) -> Iterator[Page]:
    """Open a tab, without scripts, beside a server of the book's pictures and styles."""
    with server(book) as host:
        threading.Thread(target=host.serve_forever, daemon=True).start()
        base = f"http://127.0.0.1:{host.server_port}/"
        context = browser.new_context(base_url=base, java_script_enabled=False)
        context.set_default_timeout(PATIENCE_MS)
        yield context.new_page()
        context.close()
        host.shutdown()


def _print(page: Page, html: str, final: bool) -> bytes:
    def answer(route: Route) -> None:
        route.fulfill(body=html, content_type="text/html; charset=utf-8")

    page.route(f"**/{ADDRESS}", answer)
    page.goto(ADDRESS, wait_until="networkidle")
    pdf = page.pdf(format="A4", print_background=True, outline=final, tagged=final)
    page.unroute(f"**/{ADDRESS}")
    return pdf


def main() -> None:
    """Write `_build/descent.pdf`, or the file that is named."""
    target = Path(sys.argv[1] if len(sys.argv) > 1 else "_build/descent.pdf")
    chromium = find_chromium()
    if chromium is None:
        sys.exit(f"make: {MISSING}")
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=chromium, args=list(FLAGS))
            pdf = make(BOOK, toc.entries(Path()), browser)
    except FileNotFoundError as error:
        sys.exit(f"make: {error.filename or error}: run `make book` first")
    target.write_bytes(pdf)
    print(f"The book on {len(PdfReader(BytesIO(pdf)).pages)} pages: {target.resolve()}")


if __name__ == "__main__":
    main()
