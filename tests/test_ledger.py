"""The claims ledger: reading printed numbers, holding them to account, failing the build."""

import ast
from io import StringIO
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sphinx.application import Sphinx
from sphinx.util.docutils import docutils_namespace

from claims import ROOT, Claimed, claimed
from descent.publish.bindings import Binding, read_tests
from descent.publish.claims import Ledger, read_page, split_role
from descent.publish.printed import read_numbers
from descent.publish.toc import documents, stems

HERE = Path("page.md")


def printed_claim(text: str) -> Claimed:
    (claim,) = read_page(f"{{claim}}`{text} <a-claim>`", HERE)
    return Claimed(claim)


# --- numbers in a text ------------------------------------------------------------------------

SUPERSCRIPT = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")
POWERS = [
    lambda m, p: f"{m}e{p}",
    lambda m, p: f"{m}E{p}".replace("-", "−"),
    lambda m, p: f"{m} × 10{str(p).translate(SUPERSCRIPT)}",
    lambda m, p: f"${m}\\times10^{{{p}}}$",
    lambda m, p: f"{m}\u202f·\u202f10^{p}",
]


@given(
    digits=st.integers(0, 10**9),
    places=st.integers(0, 8),
    power=st.one_of(st.none(), st.integers(-12, 12)),
    style=st.sampled_from(POWERS),
    minus=st.sampled_from(["", "-", "−"]),
    separator=st.sampled_from(["", ",", "\u2009", "\u202f", "\u00a0"]),
)
def test_every_way_of_printing_a_number_is_read(digits, places, power, style, minus, separator):
    whole, fraction = divmod(digits, 10**places)
    grouped = f"{whole:,}".replace(",", separator)
    mantissa = f"{grouped}.{fraction:0{places}d}" if places else grouped
    text = minus + (mantissa if power is None else style(mantissa, power))
    (number,) = read_numbers(f"about {text} of them")
    shift = (power or 0) - places
    assert number.value == (-digits if minus else digits) * read_numbers("1")[0].value.scaleb(shift)
    assert number.half_unit == read_numbers("0.5")[0].value.scaleb(shift)


@given(value=st.floats(-1e6, 1e6), places=st.integers(0, 8))
def test_a_value_agrees_with_its_own_rounding_and_not_with_the_next(value, places):
    (number,) = read_numbers(f"{value:.{places}f}")
    unit = 10.0**-places
    assert number.rounds_from(value)
    assert not number.rounds_from(float(number.value) + 0.51 * unit)
    assert not number.rounds_from(float(number.value) - 0.51 * unit)


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("between 1.00 and 1.01", [1.0, 1.01]),
        ("1.00–1.01", [1.0, 1.01]),
        ("1.00-1.01", [1.0, 1.01]),
        ("×3.34, ×3.50 and ×3.67", [3.34, 3.5, 3.67]),
        ("3.5x faster", [3.5]),
        ("$\\kappa = 100$ gives $0.98$", [100, 0.98]),
        ("10{,}000 draws", [10_000]),
        ("25 %, 2.5\\% and −3 percent", [0.25, 0.025, -0.03]),
        ("10⁻⁵", [1e-5]),
        (".05", [0.05]),
        ("ends at 5.", [5]),
        ("MNIST-1D on an H100 in 2-D, 1D, E5.3 and κ²", []),
        ("κ²=100, x−3 and (a)−2", [100, 3, 2]),
        ("64-128-10", [64, 128, 10]),
        ("no number", []),
    ],
)
def test_phrases(text, values):
    found = [float(number.value) for number in read_numbers(text) if number.value != 0]
    assert found == pytest.approx(values, rel=1e-15)


@pytest.mark.parametrize("text", ["10 000", "1 234 567", "2⁵", "2^{5}", "007"])
def test_ambiguous_numbers_are_refused(text):
    with pytest.raises(ValueError, match="claim text"):
        read_numbers(text)


# --- holding a measurement against the print ---------------------------------------------------


def test_matches_accepts_what_rounds_to_the_print():
    printed_claim("0.9802").matches(99 / 101)
    printed_claim("between 1.00 and 1.01").matches(1.004, 1.0051)
    printed_claim("25 %").matches(0.2549)


@pytest.mark.parametrize("measured", [0.98015 - 1e-6, 0.98025 + 1e-6, float("nan"), float("inf")])
def test_matches_refuses_the_rest(measured):
    with pytest.raises(AssertionError):
        printed_claim("0.9802").matches(measured)


def test_the_failure_names_claim_place_print_and_measurement():
    with pytest.raises(AssertionError, match=r"a-claim \(page.md:1\) prints 0.98, measured 0.5"):
        printed_claim("0.98").matches(0.5)


def test_the_count_of_numbers_is_part_of_the_claim():
    with pytest.raises(AssertionError, match="prints 2 numbers"):
        printed_claim("1 and 2").matches(1)
    with pytest.raises(AssertionError, match="prints 2 numbers"):
        _ = printed_claim("1 and 2").value
    assert printed_claim("1 and 2").values == (1, 2)


def test_a_tolerance_needs_a_reason_and_must_leave_room_to_fail():
    claim = printed_claim("1.00")
    claim.matches(1.02, tol=0.03, reason="spread over three seeds is 0.02")
    with pytest.raises(AssertionError):
        claim.matches(1.04, tol=0.03, reason="spread over three seeds is 0.02")
    with pytest.raises(ValueError, match="needs reason"):
        claim.matches(1.02, tol=0.03)
    with pytest.raises(ValueError, match="nothing can fail"):
        claim.matches(1.02, tol=1.0, reason="anything")
    with pytest.raises(ValueError, match="tol must be a finite number"):
        claim.matches(1.02, tol=float("nan"), reason="anything")


def test_a_range_holds_every_value_and_is_not_wider_than_they_are():
    claim = printed_claim("between 1.00 and 1.05")
    claim.holds_for([1.001, 1.02, 1.049])
    claim.holds_for([1.02, 1.03], slack=0.025, reason="other machines")
    with pytest.raises(AssertionError, match="upper end"):
        claim.holds_for([1.001, 1.2])
    with pytest.raises(AssertionError, match="lower end"):
        claim.holds_for([0.9, 1.049])
    with pytest.raises(AssertionError, match="lower end"):
        claim.holds_for([1.02, 1.049])
    with pytest.raises(AssertionError, match="no measured value"):
        claim.holds_for([])


def test_one_sided_claims():
    printed_claim("at least 2.5 times").at_least([3.3, 2.6], slack=0.2, reason="three seeds")
    printed_claim("at most 0.3").at_most([0.28, 0.1])
    with pytest.raises(AssertionError):
        printed_claim("at least 2.5 times").at_least([2.3, 2.6])
    with pytest.raises(AssertionError):
        printed_claim("at least 2.5 times").at_least([3.3], slack=0.2, reason="three seeds")
    with pytest.raises(AssertionError):
        printed_claim("at most 0.3").at_most([0.4])


# --- reading pages and tests -------------------------------------------------------------------


def test_a_page_gives_claims_with_place_and_sentence():
    page = (
        "# Title\n\nFirst one. Gradient descent shrinks by\n"
        "{claim}`0.98 <gd-rate>` a step (momentum, e.g. at {claim}`$0.8$ <hb-rate>`)[^1]. Last.\n\n"
        "- an item\n- and {claim}`a third, 3.5\ntimes <third-one>` here\n"
    )
    first, second, third = read_page(page, HERE)
    sentence = "Gradient descent shrinks by **0.98** a step (momentum, e.g. at $0.8$)."
    assert (first.id, first.line, first.sentence) == ("gd-rate", 4, sentence)
    assert second.sentence == sentence.replace("**0.98**", "0.98").replace("$0.8$", "**$0.8$**")
    assert (third.text, third.sentence) == (
        "a third, 3.5\ntimes",
        "and **a third, 3.5 times** here",
    )


def test_a_sentence_begins_after_closing_markup_and_passes_abbreviations():
    page = "**Cost.** Cohen et al. found {claim}`1.0 <a-level>` (i.e. the *edge.*) Then more."
    (claim,) = read_page(page, HERE)
    assert claim.sentence == "Cohen et al. found **1.0** (i.e. the *edge.*)"


def test_examples_in_code_are_not_claims():
    fenced = "```text\n{claim}`1.0 <in-code>`\n```\n~~~{code-cell}\n{claim}`1.0 <in-cell>`\n~~~\n"
    directive = ":::{note}\n{claim}`1.0 <in-note>`\n:::\n```{tip}\n{claim}`2.0 <in-tip>`\n```\n"
    assert [claim.id for claim in read_page(fenced + directive, HERE)] == ["in-note", "in-tip"]
    empty = "```{predict} room.name\n```\n\nThen {claim}`1.0 <after-it>`.\n\n"
    found = read_page(empty + empty.replace("after-it", "after-both") + fenced, HERE)
    assert [claim.id for claim in found] == ["after-it", "after-both"]


@pytest.mark.parametrize(
    "content", ["0.98", "0.98 <>", "0.98 <one>", "0.98 <Upper-Case>", "<no-text>", "0.98 <a b-c>"]
)
def test_a_malformed_role_is_a_problem(content):
    with pytest.raises(ValueError, match="claim role"):
        split_role(content)
    (problem,) = read_page(f"\n{{claim}}`{content}`", HERE)
    assert problem.line == 2
    assert "claim role" in problem.message


TEST_FILE = """
import pytest
from claims import claimed

@pytest.mark.parametrize("k", [1, 2])
def test_one(k):
    claimed("one-a").matches(k)

class TestGroup:
    def test_two(self):
        for claim in [claimed("two-a"), claims.claimed("two-b")]:
            claim.matches(2)
"""


def test_bindings_are_literal_calls_inside_tests():
    bindings = list(read_tests(TEST_FILE, HERE))
    assert [(b.claim_id, b.test) for b in bindings] == [
        ("one-a", "test_one"),
        ("two-a", "TestGroup::test_two"),
        ("two-b", "TestGroup::test_two"),
    ]
    assert bindings[0].source.startswith("@pytest.mark.parametrize")
    ast.parse(bindings[0].source)


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("def test_x():\n    claimed(name).matches(1)", "literal"),
        ("def test_x():\n    claimed('a-b', 2)", "literal"),
        ("def helper():\n    claimed('a-b').matches(1)", "outside a test"),
        ("claimed('a-b').matches(1)", "outside a test"),
        ("@pytest.mark.skip\ndef test_x():\n    claimed('a-b').matches(1)", "pytest.mark.skip"),
        ("@xfail\ndef test_x():\n    claimed('a-b').matches(1)", "xfail"),
        ("def test_x():\n    claimed('a-b')", "alone compares nothing"),
    ],
)
def test_a_call_that_verifies_nothing_is_a_problem(source, message):
    (problem,) = read_tests(source, HERE)
    assert message in problem.message


# --- the build ---------------------------------------------------------------------------------

PAGE = "# Rates\n\nIt shrinks by {claim}`$0.98$ <gd-rate>` a step.\n"
TEST = "def test_rate():\n    claimed('gd-rate').matches(0.98)\n"


def project(root: Path, page: str = PAGE, test: str = TEST) -> Path:
    files = {
        "book/index.md": "# Book\n\n```{toctree}\nchapters/rates\nledger\n```\n",
        "book/chapters/rates.md": page,
        "book/ledger.md": "# Ledger\n\n```{ledger}\n```\n",
        "tests/test_rates.py": test,
    }
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")
    return root


def build(root: Path) -> SimpleNamespace:
    warnings = StringIO()
    settings = {
        "extensions": ["myst_parser", "descent.publish.ledger"],
        # Sphinx keeps its default suffixes for the whole process; other tests add to them.
        "source_suffix": {".md": "markdown"},
        "root_doc": "book/index",
        "html_theme": "basic",
        "myst_enable_extensions": ["dollarmath", "colon_fence"],
        "exclude_patterns": ["out", "tests"],
    }
    with docutils_namespace():
        app = Sphinx(
            root, None, root / "out", root / "out/doctrees", "html",
            confoverrides=settings, status=None, warning=warnings,
        )  # fmt: skip
        app.build()
    pages = {path.stem: path.read_text("utf-8") for path in (root / "out").rglob("*.html")}
    return SimpleNamespace(warnings=warnings.getvalue(), code=app.statuscode, pages=pages)


def test_a_sound_ledger_builds_without_a_warning_and_links_both_ways(tmp_path):
    built = build(project(tmp_path))
    assert built.warnings == ""
    chapter, ledger = built.pages["rates"], built.pages["ledger"]
    assert 'href="../ledger.html#ledger-gd-rate"' in chapter
    assert 'title="verified by tests/test_rates.py::test_rate"' in chapter
    assert 'id="claim-gd-rate"' in chapter
    assert "✓</a>" in chapter
    assert 'href="chapters/rates.html#claim-gd-rate"' in ledger
    assert 'id="ledger-gd-rate"' in ledger
    assert "It shrinks by" in ledger
    assert "tests/test_rates.py::test_rate" in ledger
    assert "def" in ledger
    assert "<h2>Rates" in ledger


@pytest.mark.parametrize(
    ("page", "test", "message"),
    [
        (PAGE, "", "claim 'gd-rate' has no test"),
        (
            "# Rates\n\nNothing.\n",
            TEST,
            "test_rate asks for the claim 'gd-rate', which no page prints",
        ),
        (PAGE + "\nAgain {claim}`0.98 <gd-rate>`.\n", TEST, "'gd-rate' is used 2 times"),
        (
            PAGE.replace("$0.98$", "a little"),
            TEST,
            "claim 'gd-rate': the text 'a little' holds no number",
        ),
        (PAGE.replace(" <gd-rate>", ""), TEST, "must be 'text <id>'"),
        (PAGE, "@skip\n" + TEST, "the test is marked skip"),
    ],
)
def test_the_build_fails_on_every_loose_end(tmp_path, page, test, message):
    built = build(project(tmp_path, page, test))
    assert message in built.warnings
    assert "rates" in built.warnings.partition(message)[0].splitlines()[-1]


def test_a_claim_without_a_ledger_page_fails_the_build(tmp_path):
    root = project(tmp_path)
    (root / "book/ledger.md").unlink()
    assert "there is no page 'book/ledger'" in build(root).warnings


def test_a_changed_test_refreshes_the_pages_that_show_it(tmp_path):
    build(project(tmp_path))
    renamed = TEST.replace("test_rate", "test_speed")
    built = build(project(tmp_path, test=renamed))
    assert built.warnings == ""
    assert "test_rates.py::test_speed" in built.pages["rates"]
    assert "test_rates.py::test_speed" in built.pages["ledger"]
    # An unchanged text must not hide a loose end that a changed test has made.
    assert "has no test" in build(project(tmp_path, test="")).warnings


def test_pages_stand_in_reading_order(tmp_path):
    root = project(tmp_path)
    (root / "book/chapters/about.md").write_text("# About\n\n{claim}`2 <two-two>` here.\n")
    (root / "tests/test_about.py").write_text("def test_two():\n    claimed('two-two').matches(2)")
    toc = (
        "root: book/index\nchapters:\n  - file: book/chapters/rates\n  - file: book/chapters/about"
    )
    (root / "_toc.yml").write_text(toc)
    (root / "book/index.md").write_text(
        "# Book\n\n```{toctree}\nchapters/rates\nchapters/about\nledger\n```\n"
    )
    ledger = build(root).pages["ledger"]
    assert ledger.index("<h2>Rates") < ledger.index("<h2>About")
    assert stems(root) == ["rates", "about"]
    assert documents(tmp_path / "nowhere") == []


# --- this book ---------------------------------------------------------------------------------


def test_the_ledger_of_this_book_is_complete():
    ledger = Ledger.read(ROOT)
    assert [str(problem) for problem in ledger.problems] == []
    assert all(isinstance(binding, Binding) for binding in ledger.bindings)


def test_an_unknown_claim_names_those_that_exist():
    with pytest.raises(KeyError, match="no page prints the claim 'no-such-claim'"):
        Ledger.read(ROOT)["no-such-claim"]
    assert callable(claimed)
