"""The book on paper: one PDF with links, an outline and page numbers that are true."""

from __future__ import annotations

import re
from io import BytesIO
from pathlib import Path

import pytest
from pypdf import PdfReader

from descent.publish import paper, pdf
from descent.publish.toc import entries, stems

ROOT = Path(__file__).parents[2]
# A part of the book keeps the test short: a page of text, one with figures that lies deeper,
# and one full of links.
STEM = stems(ROOT)[0]
PART = [
    entry
    for entry in entries(ROOT)
    if entry.document
    in {"book/index", "book/how_to_run", f"book/labs/{STEM}", "book/glossary", "book/references"}
]


@pytest.fixture(scope="module")
def titles(html_dir):
    return paper.assemble(html_dir, PART)[1]


@pytest.fixture(scope="module")
def printed(html_dir, browser) -> PdfReader:
    return PdfReader(BytesIO(pdf.make(html_dir, PART, browser)))


def flat(outline: list, depth: int = 1) -> list[tuple[int, object]]:
    found = []
    for item in outline:
        found += flat(item, depth + 1) if isinstance(item, list) else [(depth, item)]
    return found


def text(page) -> str:
    return re.sub(r"\s+", " ", page.extract_text())


def test_every_page_begins_where_the_contents_say(printed, titles):
    assert len(printed.pages) > len(PART)
    lines = printed.pages[0].extract_text().splitlines()
    numbers = pdf.page_numbers(printed)
    for entry, title in titles.items():
        number = numbers[entry.document]
        assert any(re.fullmatch(rf"{re.escape(title)}\s*{number}", line) for line in lines), title
        assert title in text(printed.pages[number - 1])


def test_outline_names_every_page_of_the_book_at_its_depth(printed, titles):
    found = [(depth, item.title) for depth, item in flat(printed.outline)]
    wanted = [(entry.depth, title) for entry, title in titles.items()]
    assert [item for item in found if item in wanted] == wanted


def test_links_lead_to_places_within_the_file(printed):
    named = printed.named_destinations
    inner = outer = 0
    for page in printed.pages:
        for note in page.get("/Annots", []):
            note = note.get_object()
            if "/Dest" in note:
                assert note["/Dest"].lstrip("/") in {name.lstrip("/") for name in named}
                inner += 1
            elif "/A" in note:
                assert re.match(r"https?://(?!127\.)|mailto:", note["/A"]["/URI"])
                outer += 1
    assert inner > 2 * len(PART)
    assert outer > 5


def test_pages_are_numbered(printed):
    for number, page in enumerate(printed.pages, start=1):
        assert re.match(rf"{number}\s", page.extract_text()), number


def test_no_control_reaches_the_paper(html_dir, printed):
    html, _ = paper.assemble(html_dir, PART)
    assert "<script" not in html
    assert "dx-controls" not in html
    whole = " ".join(text(page) for page in printed.pages)
    for control in ("▶ Play", "Reset", "On this page", "Search the book"):
        assert control not in whole


def test_missing_browser_is_one_line(monkeypatch):
    monkeypatch.setenv("DESCENT_CHROMIUM", "/no/such/browser")
    with pytest.raises(SystemExit) as refusal:
        pdf.main()
    assert re.fullmatch(r"make: no Chromium .*DESCENT_CHROMIUM.*", str(refusal.value))
