"""Sphinx extension: what a reader has done, kept in the reader's browser alone.

``{passed} ill_conditioning.newton`` takes the code that `descent.check` prints when an answer
passed, and ``{progress}`` shows everything that was kept: ``chapters``, ``calibration`` or
``file``. In an exercise notebook the comment ``<!-- passed: ill_conditioning.newton -->`` stands
for the first. The pages list what there is to do; the scripts fill in what was done.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util.docutils import SphinxDirective

from descent.exercises import Exercise, checks, load
from descent.publish.elements import html_element, make
from descent.publish.plain import plain
from descent.publish.predict import ExerciseDirective, anchor
from descent.publish.toc import stems

CHAPTERS, EXERCISES, LABS = "book/chapters/", "book/exercises/", "book/labs/"


def is_chapter(page: Path, outdir: Path) -> bool:
    """Tell whether a written page of the book is a chapter.

    Args:
        page: Where the page stands.
        outdir: Folder of the whole book.

    Returns:
        True for the text of a chapter; its lab and its exercises are pages of their own.
    """
    return _place(page, outdir).startswith(CHAPTERS)


def is_practice(page: Path, outdir: Path) -> bool:
    """Tell whether a written page of the book is a lab or one of exercises.

    Args:
        page: Where the page stands.
        outdir: Folder of the whole book.

    Returns:
        True for both.
    """
    return _place(page, outdir).startswith((LABS, EXERCISES))


def _place(page: Path, outdir: Path) -> str:
    return page.resolve().relative_to(outdir.resolve()).as_posix()


class PassedDirective(ExerciseDirective):
    """``{passed} <exercise>``: a form for the exercise's pass code."""

    def run(self) -> list[nodes.Node]:
        """Build the form; it stays hidden where no script can read it."""
        exercise = self.exercise()
        box = make("input", type="text", autocomplete="off", spellcheck="false", size="9")
        return [
            make(
                "form",
                make("label", "Passed in Python? Its pass code: ", box),
                make("button", "Mark as passed", type="submit"),
                make("p", role="status", aria_live="polite"),
                id=anchor(exercise.id, "passed"),
                class_="passed",
                aria_label=f"Pass code of: {exercise.title}",
                data_passed=json.dumps({"id": exercise.id, "code": exercise.pass_code}),
                hidden=None,
            )
        ]


class progress_chapters(nodes.Element):
    """Stands for the list of chapters until every page has been read."""


class ProgressDirective(SphinxDirective):
    """``{progress} chapters``, ``calibration`` or ``file``."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """Build one part of the page.

        Returns:
            One node, whose content the page's script or the writing of the page completes.
        """
        part = self.arguments[0]
        if part not in PARTS:
            raise self.error(f"progress: {part!r} must be one of {', '.join(PARTS)}")
        return [PARTS[part]()]


def _calibration() -> html_element:
    silent = make("noscript", make("p", "Calibration needs JavaScript."))
    return make("div", silent, class_="progress-calibration")


def _file() -> html_element:
    chooser = make("input", type="file", accept=".json,application/json")
    keep = make("button", "Keep everything", type="button", value="keep")
    erase = make("button", "Erase everything", type="button", value="erase")
    dialog = make("dialog", make("p"), make("div", keep, erase), aria_label="Erase everything?")
    return make(
        "div",
        make("button", "Export to a file", type="button", class_="progress-export"),
        make("label", "Import from a file", chooser, class_="progress-import"),
        make("button", "Erase …", type="button", class_="progress-erase"),
        make("p", role="status", aria_live="polite"),
        dialog,
        class_="progress-file",
        hidden=None,
    )


PARTS = {"chapters": progress_chapters, "calibration": _calibration, "file": _file}


def sections(env: BuildEnvironment, page: str) -> Iterator[tuple[str, list[nodes.Node]]]:
    """Yield the anchor and the title of every section of a page, those of the second level."""
    top = env.tocs[page].next_node(nodes.list_item) if page in env.tocs else None
    for inner in top.children[1:] if top else []:
        for item in inner.children:
            if link := item.next_node(nodes.reference):
                yield link["anchorname"].removeprefix("#"), link.children


def _chapter(app: Sphinx, stem: str, here: str) -> html_element:
    """Build the bars of one chapter, and below them everything that they count."""
    page, room = CHAPTERS + stem, EXERCISES + stem

    def link(target: str, fragment: str, words: list[nodes.Node]) -> html_element:
        address = app.builder.get_relative_uri(here, target) + (fragment and f"#{fragment}")
        return make("a", *(word.deepcopy() for word in words), href=address)

    def task(exercise: Exercise, target: str, fragment: str) -> html_element:
        name = link(target, fragment, [nodes.Text(exercise.title)])
        return make("li", name, make("span", class_="progress-state"), data_exercise=exercise.id)

    def section(fragment: str, words: list[nodes.Node]) -> html_element:
        spoken = f"Read: {' '.join(map(plain, words))}"
        box = make("input", type="checkbox", aria_label=spoken, disabled=None)
        line = make("div", box, " ", make("span", link(page, fragment, words)))
        return make("li", line, data_section=f"{page}#{fragment}")

    parts = (
        ("sections", "Sections read", [section(*found) for found in sections(app.env, page)]),
        ("exercises", "Exercises passed", [task(e, room, at) for e, at in placed(app.env, stem)]),
        ("checks", "Checks right", [task(c, page, anchor(c.id)) for c in checks(stem)]),
    )
    title = make("h3", link(page, "", app.env.titles[page].children))
    bars = [_bar(kind, name, rows) for kind, name, rows in parts if rows]
    return make("section", title, *bars, class_="progress-chapter", data_chapter=stem)


def placed(env: BuildEnvironment, stem: str) -> Iterator[tuple[Exercise, str]]:
    """Yield the exercises of a room with the anchors of their sections."""
    anchors = [fragment for fragment, _ in sections(env, EXERCISES + stem)]
    return zip(load(stem), anchors, strict=False)


def _bar(kind: str, name: str, rows: list[html_element]) -> html_element:
    total = str(len(rows))
    bar = make("progress", max=total, value="0", aria_label=name)
    count = make("span", f"{total} in all", class_="progress-count")
    words = make("summary", make("span", name, class_="progress-name"), " ", bar, " ", count)
    return make("details", words, make("ul", *rows), class_="progress-bar", data_kind=kind)


def resolve(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Put the chapters where their node stands, now that the sections of all are known."""
    for node in list(doctree.findall(progress_chapters)):
        order = [stem for stem in stems(Path(app.srcdir)) if CHAPTERS + stem in app.env.titles]
        note = make("p", class_="progress-note", role="status", aria_live="polite")
        silent = make(
            "noscript", make("p", "Nothing is kept without JavaScript; this is the list.")
        )
        node.replace_self([note, silent, *(_chapter(app, stem, docname) for stem in order)])


def _always(app: Sphinx, env: BuildEnvironment) -> list[str]:
    """Write the page anew in every build: any chapter may have gained a section."""
    return sorted({app.config.progress_page} & env.found_docs)


def _load(app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: Any) -> None:
    body, scripts = context.get("body", ""), []
    if page.startswith(CHAPTERS):
        scripts.append("reading.js")
    if 'class="passed"' in body:
        scripts.append("passed.js")
        app.add_css_file("predict.css")
    if page == app.config.progress_page:
        scripts.append("progress.js")
        app.add_css_file("progress.css")
    # A figure of a lab keeps what the reader guessed.
    for script in ["study.js", *scripts] if scripts or page.startswith(LABS) else []:
        app.add_js_file(script, loading_method="defer")


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the directives, and give their pages scripts and styles."""
    app.setup_extension("descent.publish.elements")
    app.add_config_value("progress_page", "book/progress", "env", str)
    app.add_node(progress_chapters)
    app.add_directive("passed", PassedDirective)
    app.add_directive("progress", ProgressDirective)
    app.connect("env-updated", _always)
    app.connect("doctree-resolved", resolve)
    app.connect("html-page-context", _load)
    return {"version": "1", "parallel_read_safe": True}
