"""The index of the search page, and the plain text that it is made of."""

import json

import pytest
from docutils import nodes

import small_book
from descent.exercises import checks, load
from descent.exercises.notebook import notebook
from descent.publish.elements import make
from descent.publish.plain import formula, plain

STEM = "ill_conditioning"
CHECK = checks(STEM)[0]
CHAPTER = f"""# Ill $\\kappa$

The rate is {{claim}}`0.98 <x-rate>`
at {{claim}}`100 <x-kappa>` with $\\eta = \\frac{{2}}{{L+\\mu}}$.

```{{predict}} {CHECK.id}
```
"""
TESTS = "def test_rate():\n    claimed('x-rate').matches(1)\n    claimed('x-kappa').matches(2)\n"
FILES = {
    "_toc.yml": f"root: index\nchapters:\n  - file: book/chapters/{STEM}\n",
    "index.md": "# Book\n\n```{toctree}\nbook/glossary\nbook/ledger\n"
    f"book/chapters/{STEM}\nbook/exercises/{STEM}\n```\n",
    "book/glossary.md": "# Glossary\n\n```{glossary}\nsharpness\n锐度\n"
    "  The largest eigenvalue $\\lambda_{\\max}$.\n```\n",
    "book/ledger.md": "# Ledger\n\n```{ledger}\n```\n",
    f"book/chapters/{STEM}.md": CHAPTER,
    f"book/exercises/{STEM}.ipynb": notebook(STEM),
    "tests/test_x.py": TESTS,
}


@pytest.fixture(scope="module")
def book(tmp_path_factory):
    root = tmp_path_factory.mktemp("book")
    parts = ("ledger", "predict", "progress", "finder")
    built = small_book.build(root, FILES, *parts)
    assert built.warnings == ""
    script = (built.out / "_static/finder-index.js").read_text("utf-8")
    built.entries = json.loads(script.partition("finderIndex = ")[2].rstrip(";\n"))
    return built


def test_a_term_is_found_in_both_languages(book):
    [term] = [entry for entry in book.entries if entry["kind"] == "term"]
    assert term["title"] == "sharpness · 锐度"
    assert term["text"] == "The largest eigenvalue λ_max."
    assert term["url"] == "book/glossary.html#term-sharpness"


def test_a_sentence_of_two_claims_is_listed_once(book):
    [claim] = [entry for entry in book.entries if entry["kind"] == "claim"]
    assert claim["title"] == "The rate is 0.98 at 100 with η = 2/(L+μ)."
    assert claim["text"] == "verified by test_rate"
    assert claim["page"] == "Ill κ"
    assert claim["url"] == f"book/chapters/{STEM}.html#claim-x-rate"


def test_every_exercise_and_check_is_listed_with_its_task(book):
    listed = [entry for entry in book.entries if entry["kind"] not in {"term", "claim"}]
    wanted = [*load(STEM), *checks(STEM)]
    assert [entry["title"] for entry in listed] == [exercise.title for exercise in wanted]
    assert [entry["kind"] for entry in listed] == [exercise.kind for exercise in wanted]
    first = next(entry for entry in listed if entry["title"] == CHECK.title)
    assert first["text"].startswith("A colleague sums the loss")
    for entry in listed[: len(load(STEM))]:
        assert 20 < len(entry["text"]) < 270
        assert "\\" not in entry["text"]


def test_every_entry_leads_to_its_place(book):
    for entry in book.entries:
        page, _, fragment = entry["url"].partition("#")
        if fragment.startswith("predict-") and not fragment.endswith("sum-or-mean"):
            continue  # the small chapter asks one check only
        assert f'id="{fragment}"' in book.pages[page.removesuffix(".html")], entry["url"]


@pytest.mark.parametrize(
    ("tex", "signs"),
    [
        (r"\eta\lambda_{\max}/2", "ηλ_max/2"),
        (r"\sqrt\kappa", "√κ"),
        (r"\sqrt{\kappa+1}", "√(κ+1)"),
        (r"\frac{a+b}{2\eta}", "(a+b)/(2η)"),
        (r"\tfrac12\kappa\ln 1000", "1/2 κln1000"),
        (r"\norm{g}^2", "∥g∥^2"),
        (r"x_{k+1} \approx \hat g", "x_(k+1) ≈ ĝ"),
        (r"\begin{pmatrix}1 & 2\\3 & 4\end{pmatrix}", "(1 2; 3 4; )"),
        (r"\nosuchmacro", r"\nosuchmacro"),
    ],
)
def test_formulas_are_written_in_signs(tex, signs):
    assert formula(tex) == signs


def test_plain_text_leaves_code_and_controls_out():
    math = nodes.math("", r"\kappa")
    code = nodes.literal_block("", "import torch")
    form = make("form", "Your prediction")
    tree = nodes.container("", nodes.paragraph("", "", nodes.Text("At "), math, nodes.Text(" .")))
    tree += [code, form, nodes.paragraph("", "Then.")]
    assert plain(tree) == "At κ. Then."
