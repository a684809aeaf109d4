"""Every page of the built book: whole, local, light, readable, in every way it is opened."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from descent.publish.progress import CHAPTERS
from descent.publish.toc import documents

ROOT = Path(__file__).parents[2]
PAGES = [f"{name}.html" for name in documents(ROOT)]
EXTRA = ["search.html", "genindex.html"]
TEXT_BUDGET, FIGURE_BUDGET = 250_000, 600_000
PHONE = {"width": 390}

every_page = pytest.mark.parametrize("path", PAGES)
every_page_and_extra = pytest.mark.parametrize("path", PAGES + EXTRA)


def background(page) -> int:
    """Brightness of the page's ground, 0 to 765."""
    color = page.evaluate("getComputedStyle(document.body).backgroundColor")
    return sum(int(number) for number in re.findall(r"\d+", color)[:3])


def overflow(page) -> list[str]:
    """What sticks out of the window on the right."""
    return page.evaluate("""() => {
      const width = document.documentElement.clientWidth;
      if (document.documentElement.scrollWidth <= width) return [];
      return [...document.querySelectorAll("body *")]
        .filter(el => el.getBoundingClientRect().right > width + 1)
        .map(el => el.tagName + "." + el.className).slice(0, 8);
    }""")


@every_page_and_extra
def test_page_loads_whole_and_only_from_its_host(look, path):
    seen = look(path)
    assert seen.faults == []
    assert seen.page.locator("h1").count() == 1
    assert seen.page.locator("link[rel=stylesheet]").count() == 1
    assert background(seen.page) > 600


@every_page_and_extra
def test_page_is_dark_where_the_system_is(look, path):
    seen = look(path, color_scheme="dark", reduced_motion="reduce", **PHONE)
    assert seen.faults == []
    assert background(seen.page) < 200


@every_page_and_extra
def test_page_opens_from_disk(look, html_dir, path):
    seen = look(path, base=html_dir.as_uri() + "/")
    assert seen.faults == []
    assert seen.page.locator("h1").is_visible()


@every_page_and_extra
def test_exactly_one_search_box(look, path):
    assert look(path).page.locator("input[type=search]:visible").count() == 1
    phone = look(path, **PHONE).page
    entries = phone.locator("input[type=search]:visible, .search-link:visible").count()
    assert entries == (2 if path == "search.html" else 1)


@every_page_and_extra
def test_phone_width_needs_no_sideways_scrolling(look, path):
    seen = look(path, **PHONE)
    assert overflow(seen.page) == []
    assert seen.faults == []


@every_page
def test_mathematics_was_rendered(look, path):
    page = look(path).page
    formulas = page.locator(".math").count()
    assert page.locator(".math .katex").count() >= formulas
    assert page.locator(".math annotation").count() >= formulas
    assert page.locator(".katex-error, .math-error").count() == 0


def test_formula_uses_its_own_font(look):
    page = look("book/notation.html").page
    assert page.evaluate("document.fonts.check('16px KaTeX_Math')")
    assert page.locator(".katex-html").first.bounding_box()["height"] > 5


@every_page
def test_page_reads_without_javascript(look, path):
    seen = look(path, java_script_enabled=False)
    text = seen.page.locator("article").inner_text()
    assert len(text) > 20
    assert seen.page.locator("h1").is_visible()
    assert seen.page.locator(".js-only:visible").count() == 0
    assert seen.page.locator(".site-nav a:visible").count() > 5
    for figure in seen.page.locator(".descent-figure").all():
        still = figure.locator("img:visible").first
        still.scroll_into_view_if_needed()
        assert still.evaluate("image => image.decode().then(() => image.naturalWidth)") > 200
        assert len(still.get_attribute("alt")) > 20
    assert seen.faults == []


@every_page
def test_no_markup_is_left_as_it_was_typed(look, path):
    text = look(path).page.evaluate("""() => {
      const copy = document.querySelector(".bd-article").cloneNode(true);
      const other = "pre, code, script, noscript, style, .katex";
      copy.querySelectorAll(other).forEach((el) => el.remove());
      return copy.textContent;
    }""")
    assert re.findall(r".{0,40}(?:\$|:::|\\[a-z]+|\{[a-z]+\}`).{0,40}", text) == []


@every_page
def test_page_is_light(look, html_dir, path):
    seen = look(path)
    opened = seen.responses[: seen.opened]
    first = sum(r.request.sizes()["responseBodySize"] for r in opened)
    figures = seen.page.locator(".descent-figure").count()
    assert 5_000 < first < (FIGURE_BUDGET if figures else TEXT_BUDGET)
    heavy = ("fontawesome", "bootstrap", "require", "mathjax", "thebe", "searchindex")
    assert [url for url in seen.requests if any(name in url.lower() for name in heavy)] == []
    # Read to its end, the page asks for the pictures that were too far away.
    pictures = seen.page.eval_on_selector_all("img.dx-light", "all => all.map(i => i.src)")
    rest = [html_dir / url.removeprefix(seen.base) for url in {*pictures} - {r.url for r in opened}]
    each = (FIGURE_BUDGET - TEXT_BUDGET) / 5
    assert first + sum(file.stat().st_size for file in rest) < TEXT_BUDGET + figures * each


@every_page
def test_links_inside_the_book_lead_somewhere(look, html_dir, path):
    page = look(path).page
    links = page.eval_on_selector_all("a[href]", "all => all.map(a => a.getAttribute('href'))")
    here = (html_dir / path).parent
    for link in links:
        if re.match(r"[a-z]+:", link):
            continue
        target, _, fragment = link.partition("#")
        file = (here / target).resolve() if target else html_dir / path
        assert file.is_file(), link
        if fragment and file.suffix == ".html":
            assert f'id="{fragment}"' in file.read_text("utf-8"), link


every_chapter = pytest.mark.parametrize(
    "path", [path for path in PAGES if path.startswith(CHAPTERS)]
)


@pytest.mark.parametrize("width", [1280, 390])
@every_chapter
def test_link_into_a_page_leads_there_and_stays(visit, html_dir, path, width):
    ids = re.findall(r'<section[^>]* id="([^"]+)"', (html_dir / path).read_text("utf-8"))
    page = visit(f"{path}#{ids[len(ids) // 2]}", width=width, until="networkidle").page
    place = "id => document.getElementById(id).getBoundingClientRect().top"
    below_the_header = (80, 150)
    assert below_the_header[0] < page.evaluate(place, ids[len(ids) // 2]) < below_the_header[1]
    page.evaluate("id => { location.hash = id; }", ids[2])
    page.wait_for_load_state("networkidle")
    assert below_the_header[0] < page.evaluate(place, ids[2]) < below_the_header[1]
    skipped = """all => all.filter(
      (section) => !section.lastElementChild.checkVisibility({ contentVisibilityAuto: true })
    ).length"""
    assert page.eval_on_selector_all(".bd-article > section > section", skipped) > 2


@pytest.mark.parametrize("width", [1280, 390])
@every_chapter
def test_sections_are_about_as_tall_as_they_state(look, path, width):
    page = look(path, **({"width": width} if width < 600 else {})).page
    errors = page.eval_on_selector_all(
        ".bd-article > section > section",
        """all => all.map((section) => {
          const stated = parseFloat(getComputedStyle(section).containIntrinsicBlockSize.slice(5));
          section.style.contentVisibility = "visible";
          const real = section.offsetHeight;
          section.style.contentVisibility = "";
          return stated / real - 1;
        })""",
    )
    assert len(errors) > 3
    assert np.median(np.abs(errors)) < 0.1
    assert np.abs(errors).max() < 0.4


def test_dark_mode_toggles_and_is_remembered(visit, site):
    page = visit("book/index.html", color_scheme="light").page
    button = page.locator(".theme-button")
    assert background(page) > 600
    assert button.get_attribute("aria-pressed") == "false"
    button.click()
    assert background(page) < 200
    page.goto(site + "book/glossary.html")
    assert background(page) < 200
    assert page.locator(".theme-button").get_attribute("aria-pressed") == "true"
    page.locator(".theme-button").click()
    page.reload()
    assert background(page) > 600


@pytest.mark.parametrize("query", ["sharpness", "锐度"])
def test_search_finds_a_glossary_term(visit, query):
    seen = visit("book/index.html")
    seen.page.keyboard.press("/")
    seen.page.keyboard.type(query)
    seen.page.keyboard.press("Enter")
    result = seen.page.locator("#search-results a[href*='glossary.html']").first
    result.wait_for(timeout=30_000)
    result.click()
    assert "glossary.html" in seen.page.url
    # The search was still reading other pages for their first lines.
    assert [fault for fault in seen.faults if "ERR_ABORTED" not in fault] == []


def test_search_from_disk_finds_titles(visit, html_dir):
    seen = visit("search.html?q=sharpness", base=html_dir.as_uri() + "/")
    seen.page.locator("#search-results a[href*='glossary.html']").first.wait_for(timeout=10_000)
    assert seen.faults == []


def test_menu_opens_and_closes_on_a_phone(visit):
    page = visit("book/index.html", width=390, height=844).page
    nav, opener = page.locator("#site-nav"), page.locator(".menu-button")
    assert not nav.is_visible()
    opener.click()
    assert nav.is_visible()
    assert opener.get_attribute("aria-expanded") == "true"
    page.keyboard.press("Escape")
    assert not nav.is_visible()
    opener.click()
    page.locator("#site-nav a", has_text="Glossary").click()
    page.wait_for_url("**/glossary.html")


def test_menu_opens_on_a_phone_without_javascript(visit):
    page = visit("book/index.html", width=390, height=844, java_script_enabled=False).page
    page.locator(".menu-button").click()
    assert page.locator("#site-nav").is_visible()
    page.locator(".close-nav").click()
    assert not page.locator("#site-nav").is_visible()


@every_page_and_extra
def test_every_icon_is_painted(look, path):
    page = look(path).page
    bare = page.evaluate("""() => {
      const masked = (el, pseudo) => getComputedStyle(el, pseudo).maskImage.includes("svg");
      const icons = [...document.querySelectorAll(".icon")].filter(el => !masked(el));
      const titles = [...document.querySelectorAll(".admonition:not(.hide) > .admonition-title")]
        .filter(el => !masked(el, "::before"));
      return [...icons, ...titles].map(el => el.className + " " + el.textContent);
    }""")
    assert bare == []
    assert page.locator(".icon:visible").count() >= 3


def test_copy_button_copies_the_code(visit):
    seen = visit("book/how_to_run.html", permissions=["clipboard-read", "clipboard-write"])
    seen.page.locator(".highlight").first.hover()
    seen.page.locator(".copy-button").first.click()
    seen.page.locator(".copy-button.copied").wait_for()
    copied = seen.page.evaluate("navigator.clipboard.readText()")
    assert copied.startswith("make book")


def test_folded_callouts_open_on_paper(visit):
    page = visit("book/how_to_run.html").page
    page.evaluate("""() => {
      const details = document.createElement("details");
      details.innerHTML = "<summary>s</summary><p id=inside>text</p>";
      document.querySelector("article").append(details);
    }""")
    assert not page.locator("#inside").is_visible()
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    assert page.locator("#inside").is_visible()
    page.evaluate("window.dispatchEvent(new Event('afterprint'))")
    assert not page.locator("#inside").is_visible()


def test_paper_shows_the_text_and_no_controls(visit):
    page = visit("book/glossary.html", color_scheme="dark").page
    page.emulate_media(media="print")
    for control in (".topbar", ".site-nav", ".page-toc", ".prev-next"):
        assert page.locator(control).filter(visible=True).count() == 0
    ink = page.evaluate("getComputedStyle(document.body).color")
    assert sum(int(number) for number in re.findall(r"\d+", ink)[:3]) < 300
