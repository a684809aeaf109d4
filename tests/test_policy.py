"""The policy under which the book works: computed from its pages, strict about scripts."""

import base64
from hashlib import sha256

import pytest

from descent.publish.policy import book_policy, policy


def source(text):
    return f"'sha256-{base64.b64encode(sha256(text.encode()).digest()).decode()}'"


def rules(*pages):
    return dict(rule.split(" ", 1) for rule in policy(pages).split("; "))


def test_scripts_and_styles_of_a_page_are_named_by_their_hash():
    page = "<style>a{}</style><script>\nlet a = '<b>';\n</script><script type='module'>b</script>"
    found = rules(page, page)
    assert found["style-src"] == f"'self' {source('a{}')}"
    scripts = sorted([source("\nlet a = '<b>';\n"), source("b")])
    assert found["script-src"] == " ".join(["'self'", *scripts])


@pytest.mark.parametrize(
    "tag",
    [
        '<script defer src="_static/a.js"></script>',
        '<script type="application/vnd.jupyter.widget-state+json">{"a": 1}</script>',
        "<p>&lt;script&gt;alert()&lt;/script&gt;</p>",
    ],
)
def test_files_and_data_need_no_hash(tag):
    assert rules(tag) == rules()


def test_nothing_else_is_allowed():
    found = rules()
    assert found["default-src"] == "'none'"
    assert found["script-src"] == found["style-src"] == "'self'"
    assert not any("http" in value or "*" in value for value in found.values())
    assert "eval" not in policy([])


def test_one_policy_serves_all_pages(tmp_path):
    (tmp_path / "deep").mkdir()
    (tmp_path / "a.html").write_text("<script>a</script>")
    (tmp_path / "deep" / "b.html").write_text("<script>b</script>")
    assert book_policy(tmp_path) == policy(["<script>a</script>", "<script>b</script>"])
