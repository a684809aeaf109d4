"""One style sheet for each page, joined from all that it asks for.

A browser paints nothing before the last style sheet has come, and on a slow phone every file costs
its own wait. Pages that ask for the same sheets share one joined file, named by the list. Its first
line holds that list, so that a later build can write it anew for pages that it leaves alone.
"""

import re
from hashlib import sha256
from pathlib import Path

LINK = re.compile(r'\s*<link rel="stylesheet"[^>]*? href="(?!https?:)([^"?]+)[^"]*"[^>]*>')
# An address within a style sheet that is relative to it.
RELATIVE = re.compile(r"""url\((["']?)(?!data:|https?:|/|#)""")


def join_styles(html: str, page: Path, outdir: Path) -> str:
    """Replace the style sheets of a page by one.

    Args:
        html: Text of the page.
        page: Where the page stands.
        outdir: Folder of the whole book.

    Returns:
        The page with one link, where the first was; the joined file is written beside the others.

    Raises:
        FileNotFoundError: If the page asks for a style sheet that the book does not have.
    """
    static = (outdir / "_static").resolve()
    links = list(LINK.finditer(html))
    if len(links) < 2:
        return html
    parts = [(page.parent / link[1]).resolve().relative_to(static).as_posix() for link in links]
    joined = static / f"styles.{sha256(' '.join(parts).encode()).hexdigest()[:10]}.css"
    write(joined, parts)
    top = "../" * (len(page.resolve().relative_to(static.parent).parts) - 1)
    start = links[0].start()
    one = f'\n  <link rel="stylesheet" href="{top}_static/{joined.name}">'
    return html[:start] + one + LINK.sub("", html[start:])


def write(joined: Path, parts: list[str]) -> None:
    """Write a joined style sheet.

    Args:
        joined: The file.
        parts: Its parts in order, relative to its folder.
    """
    texts = [f"/* {' '.join(parts)} */"]
    for part in parts:
        folder = part.rpartition("/")[0]
        text = (joined.parent / part).read_text("utf-8")
        texts.append(RELATIVE.sub(rf"url(\1{folder}/", text) if folder else text)
    joined.write_text("\n".join(texts), "utf-8")


def refresh(static: Path) -> None:
    """Write every joined style sheet anew: its parts may have changed since its pages were built.

    Args:
        static: Folder of the book's static files.
    """
    for joined in static.glob("styles.*.css"):
        write(joined, joined.read_text("utf-8").partition("\n")[0].split()[1:-1])
