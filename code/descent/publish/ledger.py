"""Sphinx extension: the `{claim}` role, the `{ledger}` directive and a build that fails on lies.

``{claim}`0.9802 <ic-gd-rate-100>``` prints its text with a check mark that leads to the claim's
entry on the ledger page, where the test that verifies it can be read. A claim without a test, a
test whose claim left the text, an id used twice or a claim without a number is a warning, and the
book is built with warnings as errors.
"""

import html
import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import groupby
from pathlib import Path
from typing import Any

from docutils import nodes
from docutils.statemachine import StringList
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective, SphinxRole

from descent.publish.bindings import Binding
from descent.publish.claims import Claim, Ledger, split_role
from descent.publish.toc import documents

logger = logging.getLogger(__name__)


class claim_link(nodes.Element):
    """A link between a claim and its ledger entry; the address is settled when it is written."""


class ClaimRole(SphinxRole):
    """``{claim}`text <id>```: the text, then a mark that leads to its verification."""

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        """Build the nodes; the text may hold mathematics and emphasis."""
        try:
            text, claim_id = split_role(self.text)
            known = self.env.claims_ledger[claim_id]  # type: ignore[attr-defined]
        except (ValueError, KeyError) as error:
            logger.warning(error.args[0], location=self.get_location(), type="claims")
            return [nodes.inline(self.text, self.text)], []
        children, messages = self.inliner.parse(text, self.lineno, None, None)  # type: ignore
        claim = nodes.inline("", "", *children, classes=["claim"], ids=[f"claim-{known.id}"])
        claim += _mark(self.env.claims_ledger, known, self.config.claims_page)  # type: ignore
        return [claim], messages


def _mark(ledger: Ledger, claim: Claim, page: str) -> claim_link:
    tests = "; ".join(f"{b.path.as_posix()}::{b.test}" for b in ledger.tests_of(claim.id))
    title = f"verified by {tests}" if tests else "no test verifies this"
    sign = "✓" if tests else "?"
    return claim_link(
        docname=page, anchor=f"ledger-{claim.id}", css="claim-mark", title=title, sign=sign
    )


class LedgerDirective(SphinxDirective):
    """``{ledger}``: every claim, chapter by chapter, with the source of its tests."""

    def run(self) -> list[nodes.Node]:
        """Build one section for each page that prints a claim."""
        ledger: Ledger = self.env.claims_ledger  # type: ignore[attr-defined]
        order = documents(Path(self.env.srcdir))

        def position(claim: Claim) -> tuple[int, str, int]:
            name = claim.path.with_suffix("").as_posix()
            return (order.index(name) if name in order else len(order), name, claim.line)

        tests = {(binding.path, binding.test) for binding in ledger.bindings}
        count = f"{len(ledger.claims)} claims, verified by {len(tests)} tests."
        pages = groupby(sorted(ledger.claims, key=position), key=lambda claim: claim.path)
        sections = [self._page(path, list(claims)) for path, claims in pages]
        return [nodes.paragraph(count, count, classes=["ledger-count"]), *sections]

    def _page(self, path: Path, claims: list[Claim]) -> nodes.section:
        source = Path(self.env.srcdir, path).read_text(encoding="utf-8")
        heading = re.search(r"^# +(.+)$", source, re.MULTILINE)
        title = nodes.title()
        text = heading[1].strip() if heading else path.stem
        title += self.state.inline_text(text, self.lineno)[0]
        section = nodes.section("", title, ids=[f"ledger-of-{path.stem.replace('_', '-')}"])
        groups: dict[tuple[Binding, ...], list[Claim]] = {}  # a test may verify many claims
        for claim in claims:
            groups.setdefault(self._verified_by(claim), []).append(claim)
        for tests, together in groups.items():
            parts = [*map(self._entry, together), *map(_source, tests)]
            section += nodes.container("", *parts, classes=["ledger-group"])
        return section

    def _verified_by(self, claim: Claim) -> tuple[Binding, ...]:
        """Return the tests of a claim, each the same for every claim that it verifies."""
        tests = self.env.claims_ledger.tests_of(claim.id)  # type: ignore[attr-defined]
        return tuple(replace(test, claim_id="") for test in tests)

    def _entry(self, claim: Claim) -> nodes.container:
        entry = nodes.container(ids=[f"ledger-{claim.id}"], classes=["ledger-entry"])
        self.state.nested_parse(StringList([claim.sentence], claim.path.as_posix()), 0, entry)
        label = nodes.paragraph(classes=["ledger-label"])
        label += nodes.literal(claim.id, claim.id)
        label += nodes.Text(" · ")
        label += claim_link(
            docname=self.env.path2doc(str(Path(self.env.srcdir, claim.path))) or "",
            anchor=f"claim-{claim.id}",
            css="ledger-back",
            title=f"back to the claim {claim.id} in the text",
            sign="↩ in the text",
        )
        entry += label
        return entry


def _source(test: Binding) -> nodes.admonition:
    name = f"{test.path.as_posix()}::{test.test}"
    code = nodes.literal_block(test.source, test.source, language="python")
    caption = nodes.title("", "", nodes.literal(name, name))
    return nodes.admonition("", caption, code, classes=["dropdown", "ledger-test"])


def check_ledger(
    app: Sphinx, env: BuildEnvironment, added: set, changed: set, removed: set
) -> list[str]:
    """Read the ledger anew, warn of its loose ends, and name the pages it makes out of date."""
    config = app.config
    ledger = Ledger.read(Path(app.srcdir), config.claims_pages, config.claims_tests)
    for problem in ledger.problems:
        place = f"{Path(app.srcdir, problem.path)}:{problem.line}"
        logger.warning(problem.message, location=place, type="claims")
    if ledger.claims and config.claims_page not in env.found_docs:
        logger.warning(f"there is no page {config.claims_page!r} to list the claims", type="claims")
    stale = getattr(env, "claims_ledger", None) != ledger
    env.claims_ledger = ledger  # type: ignore[attr-defined]
    return sorted(set(_pages_of(app, ledger)) & env.found_docs) if stale else []


def _pages_of(app: Sphinx, ledger: Ledger) -> Iterator[str]:
    yield app.config.claims_page
    for claim in ledger.claims:
        yield app.env.path2doc(str(Path(app.srcdir, claim.path))) or ""


def _visit(translator: Any, node: nodes.Element) -> None:
    builder = translator.builder
    address = builder.get_relative_uri(builder.current_docname, node["docname"])
    title = html.escape(node["title"])
    translator.body.append(
        f'<a class="{node["css"]}" href="{address}#{node["anchor"]}" title="{title}" '
        f'aria-label="{title}">{node["sign"]}</a>'
    )
    raise nodes.SkipNode


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the role, the directive and the check."""
    app.add_config_value("claims_pages", "book", "env", str)
    app.add_config_value("claims_tests", "tests", "env", str)
    app.add_config_value("claims_page", "book/ledger", "env", str)
    app.add_node(claim_link, html=(_visit, None))
    app.add_role("claim", ClaimRole())
    app.add_directive("ledger", LedgerDirective)
    app.connect("env-get-outdated", check_ledger)
    app.add_css_file("claims.css")
    return {"version": "1", "env_version": 1, "parallel_read_safe": True}
