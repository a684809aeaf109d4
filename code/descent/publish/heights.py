"""Say about how tall each section is, so that a browser lays out far ones later.

A chapter has ten thousand elements, most of them the letters of its formulas. A browser skips a
section that is far from the window (`content-visibility` in descent.css), and keeps the room free
that is written here. What stands in a section tells its height. The other pages are light.
"""

import re
from pathlib import Path

from bs4 import BeautifulSoup, Tag

from descent.publish.progress import is_chapter

SECTIONS = ".bd-article > section > section"
# Heights in CSS pixels in a wide window and on a phone, least squares over all sections of the
# book: one letter of text, one of each of these, one row of panels, one line of code; and what
# every section has.
LETTER = (0.52, 0.75)
PARTS = {
    ".katex-display": (110, 121),
    ".descent-figure": (360, 403),
    "pre": (106, 112),
    "details": (67, 69),
    "tr": (21, 39),
}
PANELS, LINE, ANY = (282, 374), (13.5, 21.3), (80, 100)


def estimate(section: Tag) -> tuple[int, int]:
    """Estimate the height of a section.

    Args:
        section: The section; what it folds and what it holds besides plain text is taken out.

    Returns:
        Pixels in a wide window, where two panels of a figure stand side by side, and on a phone.
    """
    for unseen in section.select(".katex-mathml, details:not([open]) > :not(summary)"):
        unseen.decompose()
    counts = [len(section.select(part)) for part in PARTS]
    panels = [len(figure.select(".dx-plot")) for figure in section.select(".descent-figure")]
    rows = (sum((n + 1) // 2 for n in panels), sum(panels))
    lines = sum(block.get_text().count("\n") for block in section.select("pre"))
    for counted in section.select("pre, .katex-display, .descent-figure"):
        counted.decompose()
    letters = len(" ".join(section.get_text().split()))
    wide, narrow = (
        ANY[i]
        + LETTER[i] * letters
        + LINE[i] * lines
        + PANELS[i] * rows[i]
        + sum(n * height[i] for n, height in zip(counts, PARTS.values(), strict=True))
        for i in range(2)
    )
    return round(wide), round(narrow)


def state_heights(html: str, page: Path, outdir: Path) -> str:
    """Write into each section how tall it is, about.

    Args:
        html: Text of the page.
        page: Where the page stands.
        outdir: Folder of the whole book.

    Returns:
        The page; in a chapter, each section has the variables `--wide` and `--narrow`.
    """
    if not is_chapter(page, outdir):
        return html
    for section in BeautifulSoup(html, "html.parser").select(SECTIONS):
        tag = re.compile(rf'<section(?=[^>]* id="{re.escape(str(section["id"]))}")')
        wide, narrow = estimate(section)
        html = tag.sub(f'<section style="--wide:{wide}px;--narrow:{narrow}px"', html, count=1)
    return html
