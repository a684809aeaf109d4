"""Sphinx extension: what the search page finds beside whole pages.

The index lists the glossary's terms in every language, the claims with the sentence that makes
them, and the exercises and checks. It is one script of data, since a page opened from disk can
load no other kind of file; only the search page loads it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment

from descent.exercises import checks
from descent.publish.elements import html_element
from descent.publish.plain import plain
from descent.publish.predict import anchor
from descent.publish.progress import CHAPTERS, EXERCISES, placed
from descent.publish.toc import stems

Entry = dict[str, str]

FILE = "finder-index.js"

# Longer texts are cut: the reader needs enough to choose a result, not to read it.
LONGEST = 260


def entries(env: BuildEnvironment) -> list[Entry]:
    """Collect everything that can be found.

    Args:
        env: The build environment, after every page has been read.

    Returns:
        For each thing its `kind`, `title`, `text`, the title of its `page`, and its `url` from the
        root of the book.
    """
    return [*_terms(env), *_claims(env), *_exercises(env)]


def _terms(env: BuildEnvironment) -> Iterator[Entry]:
    objects = env.domains["std"].get_objects()
    pages = sorted({page for _, _, kind, page, *_ in objects if kind == "term"})
    for page in pages:
        for glossary in env.get_doctree(page).findall(addnodes.glossary):
            for item in glossary.findall(nodes.definition_list_item):
                names = list(item.findall(nodes.term))
                text = " ".join(plain(part) for part in item.findall(nodes.definition))
                title = " · ".join(plain(name) for name in names)
                yield _entry(env, "term", title, text, page, names[0]["ids"][0])


def _claims(env: BuildEnvironment) -> Iterator[Entry]:
    ledger, page = getattr(env, "claims_ledger", None), env.config.claims_page
    if ledger is None or page not in env.found_docs:
        return
    found: dict[tuple[str, str], list[str]] = {}  # a sentence may hold several claims
    for entry in env.get_doctree(page).findall(nodes.container):
        if "ledger-entry" in entry["classes"]:
            claim = ledger[entry["ids"][0].removeprefix("ledger-")]
            where = env.path2doc(str(Path(env.srcdir, claim.path))) or ""
            sentence = plain(entry.next_node(nodes.paragraph))
            found.setdefault((where, sentence), []).append(claim.id)
    for (where, sentence), ids in found.items():
        tests = dict.fromkeys(test.test for name in ids for test in ledger.tests_of(name))
        text = f"verified by {', '.join(tests)}"
        yield _entry(env, "claim", sentence, text, where, f"claim-{ids[0]}")


def _exercises(env: BuildEnvironment) -> Iterator[Entry]:
    for stem in stems(Path(env.srcdir)):
        room, page = EXERCISES + stem, CHAPTERS + stem
        asked = [(check, anchor(check.id)) for check in checks(stem)]
        for where, found in ((room, placed(env, stem)), (page, asked)):
            tree = env.get_doctree(where)
            for exercise, fragment in found:
                text = _task(tree, fragment)
                yield _entry(env, exercise.kind, exercise.title, text, where, fragment)


def _task(tree: nodes.Element, fragment: str) -> str:
    """Return the text of the section or form of an id, without its title."""
    for part in tree.findall(lambda node: isinstance(node, nodes.section | html_element)):
        ids = [part["attributes"].get("id")] if isinstance(part, html_element) else part["ids"]
        if fragment in ids:
            paragraphs = [p for p in part.findall(nodes.paragraph) if not _is_facts(p)]
            return plain(paragraphs[0]) if paragraphs else ""
    return ""


def _is_facts(paragraph: nodes.paragraph) -> bool:
    return "★" in paragraph.astext()


def _entry(
    env: BuildEnvironment, kind: str, title: str, text: str, page: str, fragment: str
) -> Entry:
    if len(text) > LONGEST:
        text = text[:LONGEST].rpartition(" ")[0] + " …"
    name = plain(env.titles[page])
    return {
        "kind": kind,
        "title": title,
        "text": text,
        "page": name,
        "url": f"{page}.html#{fragment}",
    }


def write(app: Sphinx, exception: Exception | None) -> None:
    """Write the index among the book's scripts."""
    if exception is not None or app.builder.format != "html":
        return
    data = json.dumps(entries(app.env), ensure_ascii=False, separators=(",", ":"))
    path = Path(app.outdir, "_static", FILE)
    path.write_text(f'"use strict";\nconst finderIndex = {data};\n', encoding="utf-8")


def setup(app: Sphinx) -> dict[str, Any]:
    """Write the index when every page is there."""
    app.connect("build-finished", write)
    return {"version": "1", "parallel_read_safe": True}
