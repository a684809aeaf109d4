"""Every page under the Content-Security-Policy that the book states: nothing is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from descent.publish.policy import book_policy
from descent.publish.toc import documents

PAGES = [f"{name}.html" for name in documents(Path(__file__).parents[2])]

# The browser reports what the policy refuses; the page keeps the list.
LISTEN = """window.refused = [];
document.addEventListener("securitypolicyviolation", (e) =>
  window.refused.push(`${e.effectiveDirective}: ${e.blockedURI} ${e.sample} ${e.lineNumber}`));"""


def under_policy(visit, path, **options):
    """Open a page as a reader does: nothing is let past the policy."""
    return visit(path, bypass_csp=False, init=LISTEN, **options)


@pytest.mark.parametrize("path", PAGES)
def test_page_works_under_the_policy(visit, path):
    seen = under_policy(visit, path)
    for figure in seen.page.locator(".descent-figure").all():
        figure.scroll_into_view_if_needed()
        figure.locator("xpath=self::*[contains(@class,'dx-alive')]").wait_for(timeout=30_000)
    seen.page.locator(".theme-button:visible").first.click()
    assert seen.page.evaluate("window.refused") == []
    assert seen.faults == []


def test_search_works_under_the_policy(visit, html_dir):
    seen = under_policy(visit, "search.html?q=momentum")
    seen.page.locator("#search-results li").first.wait_for(timeout=30_000)
    assert seen.page.evaluate("window.refused") == []
    assert seen.faults == []


def test_policy_refuses_what_is_not_of_the_book(visit, html_dir):
    seen = under_policy(visit, "book/index.html")
    seen.page.evaluate(
        """() => { const s = document.createElement("script"); s.textContent = "window.ran = 1";
        document.body.append(s); }"""
    )
    assert seen.page.evaluate("window.ran") is None
    assert any("script-src" in line for line in seen.page.evaluate("window.refused"))


def test_policy_allows_no_script_made_from_text(visit, html_dir):
    rules = dict(rule.split(" ", 1) for rule in book_policy(html_dir).split("; "))
    assert "unsafe" not in rules["script-src"] and "unsafe" not in rules["style-src"]
    assert "http" not in " ".join(rules.values())
    seen = under_policy(visit, "book/index.html")
    header = next(r for r in seen.responses if r.url.endswith("book/index.html")).headers
    assert header["content-security-policy"] == book_policy(html_dir)
    assert header["x-content-type-options"] == "nosniff"


def test_page_without_script_keeps_its_style(visit, html_dir):
    page = visit("book/index.html", bypass_csp=False, java_script_enabled=False).page
    assert page.locator(".js-only:visible").count() == 0
