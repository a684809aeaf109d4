"""The finishing of the pages: mathematics, folding callouts, passes, pruning, icons, serving."""

from __future__ import annotations

import gzip
import re
import threading
import urllib.request
from io import StringIO
from pathlib import Path

import pytest
from docutils import nodes
from hypothesis import given, settings
from hypothesis import strategies as st
from sphinx.application import Sphinx
from sphinx.util.docutils import docutils_namespace

from descent.publish import finish, heights, serve, styles
from descent.publish.math import MACROS, FormulaError, render
from descent.publish.policy import book_policy
from descent.publish.progress import CHAPTERS

ROOT = Path(__file__).parents[1]
STATIC = ROOT / "book" / "_static"
CALLOUTS = ["derivation", "pitfall", "convention", "verified", "gpu", "open-question", "history"]


@pytest.fixture
def build(tmp_path):
    """Build one MyST page with the book's mathematics and callouts."""

    def run(text: str) -> tuple[int, str, str]:
        source, out = tmp_path / "source", tmp_path / "out"
        source.mkdir()
        (source / "index.md").write_text(text, "utf-8")
        warnings = StringIO()
        settings = {
            "extensions": ["myst_parser", "descent.publish.math", "descent.publish.disclosure"],
            "myst_enable_extensions": ["dollarmath", "amsmath", "colon_fence"],
        }
        with docutils_namespace():
            app = Sphinx(
                srcdir=source,
                confdir=None,
                outdir=out,
                doctreedir=tmp_path / "doctrees",
                buildername="html",
                confoverrides=settings,
                status=None,
                warning=warnings,
                warningiserror=True,
                keep_going=True,
            )
            app.build()
        return app.statuscode, (out / "index.html").read_text("utf-8"), warnings.getvalue()

    return run


@pytest.mark.parametrize("display", [False, True])
def test_formula_carries_html_for_the_eye_and_source_for_the_ear(display):
    html = render(r"\frac{1}{2} x\T H x", display)
    assert 'class="katex-html" aria-hidden="true"' in html
    assert r'<annotation encoding="application/x-tex">\frac{1}{2} x\T H x</annotation>' in html
    assert ("katex-display" in html) == display


@pytest.mark.parametrize("macro", MACROS)
def test_every_macro_renders(macro):
    arguments = "{a}" * len(set(re.findall(r"#\d", MACROS[macro])))
    base = "A" if macro == r"\T" else ""
    assert "<math" in render(f"{base}{macro}{arguments} x")


@pytest.mark.parametrize(
    ("tex", "message"),
    [
        (r"\frac{1}{", "Unexpected end of input"),
        (r"\nosuchcommand", "Undefined control sequence"),
        (r"x^2^3", "Double superscript"),
        (r"\begin{align} a &= b \end{align}", "numbers itself"),
        (r"x \label{here}", "numbers itself"),
    ],
)
def test_wrong_formula_is_refused(tex, message):
    with pytest.raises(FormulaError, match=message):
        render(tex)


def test_formula_cannot_link_out_of_the_book():
    html = render(r"\href{http://example.org}{x}")
    assert "href" not in re.sub(r"<annotation.*?</annotation>", "", html).replace(r"\href", "")


@settings(max_examples=40, deadline=None)
@given(st.text(alphabet=st.sampled_from("x12+-^_{}\\ &<>'\"$%#~λ"), max_size=12))
def test_any_text_renders_or_is_refused_and_never_breaks_the_page(tex):
    try:
        html = render(tex)
    except FormulaError:
        return
    assert html.count("<span") == html.count("</span>")
    assert "<script" not in html


def test_wrong_formula_fails_the_build_and_names_its_line(build):
    status, html, warnings = build("# Title\n\nGood $x$.\n\nBad $\\frac{1}{$ here.\n")
    assert status == 1
    assert "index.md:5" in warnings
    assert "Unexpected end of input" in warnings
    assert "math-error" in html


def test_labelled_equation_is_numbered_and_referenced(build):
    status, html, warnings = build(
        "# Title\n\n$$ a = b $$ (one)\n\n$$ c = d \\\\ e = f $$ (two)\n\nSee {eq}`two`.\n"
    )
    assert (status, warnings) == (0, "")
    assert re.findall(r'class="eqno">\((\d)\)', html) == ["1", "2"]
    assert 'href="#equation-two">(2)</a>' in html
    assert html.count("katex-display") == 2


@pytest.mark.parametrize(
    "body", ["a &= b \\\\ c &= d", "a \\\\ b", "a = b\n\nc = d", "\\begin{aligned}a\\end{aligned}"]
)
def test_several_lines_render(build, body):
    status, html, warnings = build(f"# Title\n\n```{{math}}\n{body}\n```\n")
    assert (status, warnings) == (0, "")
    assert html.count("katex-display") == 1


def test_folding_callout_is_a_details_element(build):
    status, html, _ = build(
        "# Title\n\n:::{admonition} Derivation *of* $x$\n"
        ":class: derivation dropdown\n\nText.\n:::\n"
    )
    assert status == 0
    details = re.search(r"<details.*?</details>", html, re.DOTALL).group()
    assert 'class="admonition derivation dropdown"' in details
    assert re.search(r'<summary class="admonition-title">\s*Derivation <em>of</em>', details)
    assert "katex" in details
    assert "<p>Text.</p>" in details


def test_passes_run_once_per_written_page_and_in_order(tmp_path, monkeypatch):
    monkeypatch.setattr(
        finish, "PASSES", [lambda html, *_: html + "a", lambda html, *_: html + "b"]
    )
    page = tmp_path / "page.html"
    page.write_text("<p>")
    for _ in range(2):
        finish.finish_page(page, tmp_path)
        assert page.read_text() == "<p>ab\n" + finish.FINISHED
    page.write_text("<p>new")
    finish.finish_page(page, tmp_path)
    assert page.read_text() == "<p>newab\n" + finish.FINISHED


def test_images_get_their_size(tmp_path):
    header = b"\x89PNG\r\n\x1a\n" + b"\x00\x00\x00\rIHDR" + (640).to_bytes(4) + (480).to_bytes(4)
    (tmp_path / "a.png").write_bytes(header)
    page = tmp_path / "page.html"
    html = finish.size_images('<img alt="A" src="a.png">', page, tmp_path)
    assert html == (
        '<img loading="lazy" decoding="async" width="640" height="480" alt="A" src="a.png">'
    )
    for kept in (
        '<img src="data:image/png;base64,AA==">',
        '<img src="https://example.org/a.png">',
        '<p>src="a.png"</p>',
    ):
        assert finish.size_images(kept, page, tmp_path) == kept
    missing = finish.size_images('<img src="b.png">', page, tmp_path)
    assert "width" not in missing


def test_chinese_terms_name_their_language(tmp_path):
    html = '<dt id="t-1">sharpness<a href="#">#</a></dt><dt id="t-2">锐度<a href="#">#</a></dt>'
    marked = finish.mark_chinese(html, tmp_path / "p.html", tmp_path)
    assert marked.count("lang=") == 1
    assert '<dt lang="zh-Hans" id="t-2">锐度' in marked


def test_each_line_of_code_can_wrap_and_printed_output_cannot(tmp_path):
    html = (
        '<div class="highlight-ipython3 notranslate"><div class="highlight"><pre><span></span>'
        '<span class="k">def</span><span class="w"> </span>f<span class="p">():</span>\n\n'
        "    pass\n</pre></div>\n</div>"
        '<div class="highlight-myst-ansi notranslate"><div class="highlight"><pre>'
        "a  b\n</pre></div></div>"
    )
    marked = finish.mark_code_lines(html, tmp_path / "p.html", tmp_path)
    lines = re.findall(r'<span class="line">(.*?\n)</span>(?=<|$)', marked)
    assert lines == ['<span class="k">def</span> f():\n', "\n", "    pass\n"]
    assert re.sub("<[^>]*>", "", marked) == re.sub("<[^>]*>", "", html)
    assert "<pre>a  b\n</pre>" in marked


def test_sections_of_chapters_state_their_height(tmp_path):
    bare = '<section id="a"><h2>A</h2></section>'
    full = (
        '<section class="c" id="b"><p>' + "word " * 100 + "</p>"
        '<span class="katex-display"><math class="katex-mathml">unseen</math>x</span>'
        '<figure class="descent-figure"><div class="dx-plot"></div><div class="dx-plot"></div>'
        "</figure><details><summary>more</summary><p>" + "folded " * 100 + "</p></details>"
        "<pre>one\ntwo\n</pre><section><h3>part</h3></section></section>"
    )
    inside = f'<section id="top"><h1>T</h1>{bare}{full}</section>'
    html = f'<article class="bd-article">{inside}</article>'
    chapter = tmp_path / CHAPTERS / "a.html"
    stated = heights.state_heights(html, chapter, tmp_path)
    found = re.findall(r'<section style="--wide:(\d+)px;--narrow:(\d+)px"([^>]*)>', stated)
    assert [rest for _, _, rest in found] == [' id="a"', ' class="c" id="b"']
    assert re.sub(r' style="[^"]*"', "", stated) == html
    (wide, narrow), (wider, narrower) = [(int(w), int(n)) for w, n, _ in found]
    assert (wide, narrow) == (81, 101)
    # Two panels stand in one row, or in two.
    parts = [heights.PARTS[k] for k in (".katex-display", ".descent-figure", "pre", "details")]
    letters = len("word " * 100 + "more part")
    for side, seen, rows in ((0, wider, 1), (1, narrower, 2)):
        assert seen == pytest.approx(
            heights.ANY[side]
            + heights.LETTER[side] * letters
            + sum(p[side] for p in parts)
            + rows * heights.PANELS[side]
            + 2 * heights.LINE[side],
            abs=3,
        )
    assert heights.state_heights(html, tmp_path / "index.html", tmp_path) == html


def test_the_style_sheets_of_a_page_become_one(tmp_path):
    static = tmp_path / "_static"
    (static / "vendor/a").mkdir(parents=True)
    (static / "first.css").write_text("a { background: url(data:x), url(b.png) }")
    (static / "vendor/a/second.css").write_text("b { src: url(fonts/c.woff2), url('d.svg') }")
    page = tmp_path / "book" / "page.html"
    page.parent.mkdir()
    links = [
        '<link rel="stylesheet" type="text/css" href="../_static/first.css?v=1" />',
        '<link rel="icon" href="../_static/icon.svg">',
        '<link rel="stylesheet" href="../_static/vendor/a/second.css">',
    ]
    html = styles.join_styles("<head>" + "\n".join(links) + "</head>", page, tmp_path)
    joined = re.search(r'href="../_static/(styles\.\w+\.css)"', html)[1]
    assert html.count("stylesheet") == 1 and links[1] in html
    text = (static / joined).read_text()
    assert text.index("url(b.png)") < text.index(
        "url(vendor/a/fonts/c.woff2), url('vendor/a/d.svg')"
    )
    (static / "first.css").write_text("a { color: red }")
    styles.refresh(static)
    assert "red" in (static / joined).read_text() and "b.png" not in (static / joined).read_text()
    with pytest.raises(FileNotFoundError, match="second"):
        (static / "vendor/a/second.css").unlink()
        styles.refresh(static)


def test_citations_are_items_of_their_list(tmp_path):
    html = '<div role="list"><div class="citation" role="doc-biblioentry">A</div></div>'
    named = finish.name_citations(html, tmp_path / "p.html", tmp_path)
    assert named == '<div role="list"><div class="citation" role="listitem">A</div></div>'


def test_a_page_is_described_by_its_first_paragraph_without_a_formula(tmp_path):
    rest = "one two three four " * 20
    html = "<head></head><h1>T</h1><li><p>goal</p></li><p><span class='katex'>x</span></p>"
    html += f"<p>A <em>b</em>, {rest}</p>"
    head = finish.describe_page(html, tmp_path / "p.html", tmp_path).partition("</head>")[0]
    described = re.fullmatch(r'<head><meta name="description" content="(.*)">\n', head).group(1)
    assert described.startswith("A b, one two")
    assert described.endswith(" …") and len(described) <= 160
    assert finish.describe_page("<h1>T</h1>", tmp_path / "p.html", tmp_path) == "<h1>T</h1>"


def test_a_page_of_practice_is_described_by_its_headings(tmp_path):
    link = '<a class="headerlink" href="#a">#</a>'
    html = (
        f"<head></head><h1>Lab: a &amp; b{link}</h1><p>As in all.</p><h2>1. <em>One</em>{link}</h2>"
    )
    html += f"<h2>2. Two, 3. times{link}</h2><h3>no{link}</h3>"
    for folder in ("labs", "exercises"):
        page = tmp_path / "book" / folder / "a.html"
        described = finish.describe_page(html, page, tmp_path).partition("\n")[0]
        words = "Lab: a &amp; b: One; Two, 3. times."
        assert described == f'<head><meta name="description" content="{words}">'


def test_pruning_removes_what_no_page_loads(tmp_path):
    heavy = ["scripts/fontawesome.js", "styles/theme.css", "deep/a.css.map", "images/logo_x.svg"]
    for name in [*heavy, "descent.css", "vendor/katex/fonts/a.woff2"]:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("")
    finish.prune(tmp_path)
    left = {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file()}
    assert left == {"descent.css", "vendor/katex/fonts/a.woff2"}


def test_only_the_search_page_keeps_the_search_scripts():
    class Inline:
        filename = None
        attributes = {"body": "DOCUMENTATION_OPTIONS.pagename = 'x';"}  # noqa: RUF012

    names = ["_static/doctools.js?v=1", "_static/figure.js", "_static/scripts/sphinx-book-theme.js"]

    def kept(page: str) -> list:
        context = {"script_files": [*names, Inline()], "css_files": ["_static/basic.css"]}
        finish.choose_assets(None, page, "page.html", context, nodes.document)
        assert context["css_files"] == []
        return context["script_files"]

    assert kept("book/index") == ["_static/figure.js"]
    assert kept("search") == ["_static/doctools.js?v=1", "_static/figure.js"]


def test_every_icon_that_is_used_exists_and_every_callout_has_its_own():
    css = (STATIC / "icons.css").read_text("utf-8") + (STATIC / "descent.css").read_text("utf-8")
    defined = set(re.findall(r"(--icon-[\w-]+):", css))
    assert set(re.findall(r"var\((--icon-[\w-]+)\)", css)) <= defined
    templates = "".join(path.read_text() for path in (ROOT / "book/_templates").glob("*.html"))
    scripts = (STATIC / "shell.js").read_text("utf-8")
    for used in set(re.findall(r"icon (icon-[\w-]+)", templates + scripts)):
        assert re.search(rf"\.{used} {{ --icon: var\(--{used}\)", css), used
    others = r"(?:,\s*\.admonition\.[\w-]+)*"
    rule = rf"\.admonition\.([\w-]+){others} \{{ --tone: [^;]+; --icon: var\((.*?)\)"
    rules = dict(re.findall(rule, css))
    assert len({rules[name] for name in CALLOUTS}) == len(CALLOUTS)


def luminance(color: str) -> float:
    channels = [int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    dark, light = sorted([luminance(one), luminance(other)])
    return (light + 0.05) / (dark + 0.05)


def test_text_keeps_its_contrast_in_both_themes():
    css = (STATIC / "descent.css").read_text("utf-8")
    pairs = re.findall(r"--([\w-]+): var\(--light, (#\w+)\) var\(--dark, (#\w+)\)", css)
    colors = {name: (light, dark) for name, light, dark in pairs}
    inks = [name for name in colors if name.startswith(("text", "accent", "tone-"))]
    inks.remove("accent-soft")
    assert len(inks) >= 10
    for theme in (0, 1):
        for ground in ("bg", "bg-soft", "accent-soft"):
            for ink in inks:
                ratio = contrast(colors[ink][theme], colors[ground][theme])
                assert ratio >= 4.5, (ink, ground, theme, ratio)


@pytest.mark.parametrize("page", ["README.md", "book/how_to_run.md"])
def test_the_printed_sessions_run(page, capsys):
    blocks = re.findall(r"```python\n(.*?)```", (ROOT / page).read_text("utf-8"), re.DOTALL)
    assert blocks
    for block in blocks:
        exec(compile(block, page, "exec"), {})


def test_vendored_katex_names_only_files_that_are_there():
    folder = STATIC / "vendor" / "katex"
    named = re.findall(r"url\(([^)]+)\)", (folder / "katex.min.css").read_text("utf-8"))
    assert len(named) == 20
    assert {folder / name for name in named} == set((folder / "fonts").iterdir())
    assert "MIT" in (folder / "LICENSE").read_text("utf-8")


def test_contributing_lists_every_callout():
    text = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    for name in CALLOUTS:
        assert f"`{name}`" in text


@pytest.fixture
def address(tmp_path):
    (tmp_path / "index.html").write_text("<h1>Descent</h1>" * 100)
    (tmp_path / "a.png").write_bytes(b"\x89PNG")
    with serve.server(tmp_path) as book:
        threading.Thread(target=book.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{book.server_port}/"
        book.shutdown()


def fetch(url: str, **headers: str):
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(urllib.request.Request(url, headers=headers)) as answer:
        return answer.headers, answer.read()


def test_server_compresses_text_when_asked(address):
    headers, body = fetch(address, **{"Accept-Encoding": "gzip"})
    assert headers["Content-Encoding"] == "gzip"
    assert len(body) < 200
    assert gzip.decompress(body).startswith(b"<h1>Descent")
    headers, body = fetch(address)
    assert headers["Content-Encoding"] is None
    assert len(body) == 1600
    headers, _ = fetch(address + "a.png", **{"Accept-Encoding": "gzip"})
    assert headers["Content-Encoding"] is None
    assert headers["Content-Type"] == "image/png"


def test_server_sends_the_policy_of_the_book(address, tmp_path):
    for accepted in ("gzip", "identity"):
        headers, _ = fetch(address, **{"Accept-Encoding": accepted})
        assert headers["Content-Security-Policy"] == book_policy(tmp_path)
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "no-referrer"


def test_server_needs_a_built_book(tmp_path):
    with pytest.raises(FileNotFoundError, match="make book"):
        serve.server(tmp_path)
