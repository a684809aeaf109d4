"""The Content-Security-Policy under which the book works: `python -m descent.publish.policy`.

Scripts and styles come from files of the book. What little stands in the pages themselves is named
by its hash, so the policy is computed from the built pages. No script is made from text: what the
figures compute is printed while the book is built, and is a file like any other.
"""

from __future__ import annotations

import base64
import re
import sys
from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path

BOOK = Path("_build/html")

INLINE = re.compile(r"<(script|style)\b([^>]*)>(.*?)</\1>", re.DOTALL)
# A script of another type holds data, which the browser never runs.
RUNS = re.compile(r'\btype="(?!text/javascript"|module")|\bsrc=')

RULES = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    # Formulas are laid out by style attributes, which are written while the book is built.
    "style-src-attr": "'unsafe-inline'",
    "img-src": "'self' data:",
    "font-src": "'self'",
    "connect-src": "'self'",  # Search reads its excerpts from the pages.
    "form-action": "'self'",
    "base-uri": "'none'",
    "frame-ancestors": "'none'",
}


def policy(pages: Iterable[str]) -> str:
    """Write the policy for some pages.

    Args:
        pages: Their texts.

    Returns:
        The value of the header.

    >>> policy(["<script>let a</script>"]).split("; ")[1]
    "script-src 'self' 'sha256-IfEXP/8HLuXoAiy0hZVrCAcjcLsZqYFpLOHDGj8enqE='"
    """
    found: dict[str, set[str]] = {"script": set(), "style": set()}
    for page in pages:
        for kind, attributes, text in INLINE.findall(page):
            if kind == "style" or not RUNS.search(attributes):
                digest = base64.b64encode(sha256(text.encode()).digest()).decode()
                found[kind].add(f"'sha256-{digest}'")
    rules = dict(RULES)
    for kind, hashes in found.items():
        rules[f"{kind}-src"] = " ".join([rules[f"{kind}-src"], *sorted(hashes)])
    return "; ".join(f"{name} {value}" for name, value in rules.items())


def book_policy(book: Path) -> str:
    """Write one policy for all pages of a built book.

    Args:
        book: Its folder.

    Returns:
        The value of the header.
    """
    return policy(page.read_text("utf-8") for page in sorted(book.rglob("*.html")))


if __name__ == "__main__":
    if not (BOOK / "index.html").is_file():
        sys.exit("make: the book is not built; run `make book` first")
    print(f"Content-Security-Policy: {book_policy(BOOK)}")
