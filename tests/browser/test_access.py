"""The book for readers who listen, who use the keyboard alone, or who see colors differently."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe

from descent.publish.progress import CHAPTERS, EXERCISES, LABS
from descent.publish.toc import documents

ROOT = Path(__file__).parents[2]
PAGES = [f"{name}.html" for name in documents(ROOT)]
FIGURES = [path for path in PAGES if path.startswith((CHAPTERS, EXERCISES, LABS))]
every_page = pytest.mark.parametrize("path", [*PAGES, "search.html", "genindex.html"])
every_figure_page = pytest.mark.parametrize("path", FIGURES)

# No rule of the style sheets joins a theme to a width, so two looks cover both of each.
LOOKS = {"light, desktop": {}, "dark, phone": {"width": 390, "color_scheme": "dark"}}
AT_REST = {"reduced_motion": "reduce"}
PHONE = {"width": 390}
# The second look repeats the rules that depend on width; the others read the markup.
LOOK_RULES = ["link-in-text-block", "scrollable-region-focusable", "target-size"]
CONTRAST = "color-contrast"
# Axe, whose work grows with the page, need not see all of it. A test of its own shows that a
# formula's thousands of glyphs have the ink of their text; of the groups in the ledger and of the
# rows in a figure's table, each kind written by one function, axe sees the first three.
REPEATED = ".katex-html > *, .ledger-group:nth-of-type(n + 4), .dx-sheets tbody tr:nth-child(n + 4)"
TAKE_OUT = """(all) => {
  window.out = all.map((el) => [el, document.createComment("")]);
  for (const [el, place] of window.out) el.replaceWith(place);
}"""
PUT_BACK = "() => { for (const [el, place] of window.out.splice(0)) place.replaceWith(el); }"
# Contrast is the slow rule, and thousands of words and cells look alike: mark the first with each
# ink, size and ground. Parents come before their children.
MARK_INKS = """() => {
  const grounds = new Map([[document, ""]]), seen = new Set();
  for (const el of document.querySelectorAll("*")) {
    const style = getComputedStyle(el);
    const { backgroundColor, backgroundImage, opacity, position, visibility, display } = style;
    const own = [backgroundColor, backgroundImage, opacity, position, visibility, display];
    grounds.set(el, grounds.get(el.parentNode) + own + (el.inert || el.disabled ? "off" : ""));
    const words = [...el.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
    if (!words && !el.matches("input, textarea, select")) continue;
    const look = [style.color, style.fontSize, style.fontWeight, grounds.get(el)].join();
    if (!seen.has(look)) el.dataset.ink = "";
    seen.add(look);
  }
  return seen.size;
}"""
WIPE_INKS = "all => all.forEach((el) => { delete el.dataset.ink; })"
# A stroke, a dash, a circle: what a figure draws besides color to tell one mark from another.
SHAPES = "path, circle, rect"


def read(page) -> None:
    """Open what folds, and come to every figure: it starts when the reader is near."""
    page.eval_on_selector_all(
        "details", "all => all.forEach((details) => { details.open = true; })"
    )
    for figure in page.locator(".descent-figure").all():
        figure.scroll_into_view_if_needed()
        figure.locator("canvas:visible").first.wait_for()


def faults(page, **options) -> list[tuple]:
    """What axe finds: the rule, the place, and what is wrong there."""
    options |= {"resultTypes": ["violations"], "rules": {CONTRAST: {"enabled": False}}}
    found = Axe().run(page, options=options).response["violations"]
    page.evaluate(MARK_INKS)
    marked, only = {"include": [["[data-ink]"]]}, {"type": "rule", "values": [CONTRAST]}
    found += Axe().run(page, context=marked, options={"runOnly": only}).response["violations"]
    page.eval_on_selector_all("[data-ink]", WIPE_INKS)
    return [(f["id"], n["target"], n["failureSummary"]) for f in found for n in f["nodes"]]


@pytest.mark.parametrize("name", LOOKS)
@every_page
def test_axe_finds_nothing(look, path, name):
    page = look(path, **AT_REST, **LOOKS[name]).page
    read(page)
    page.eval_on_selector_all(REPEATED, TAKE_OUT)
    some = {"runOnly": {"type": "rule", "values": LOOK_RULES}} if LOOKS[name] else {}
    found = faults(page, **some)
    page.evaluate(PUT_BACK)
    assert found == []


def test_axe_finds_faint_ink_among_words_that_look_alike(visit):
    page = visit("book/index.html").page
    page.locator("main p").last.evaluate("el => { el.style.color = '#bbb'; }")
    assert {rule for rule, *_ in faults(page)} == {CONTRAST}


@pytest.mark.parametrize("name", LOOKS)
@every_page
def test_a_formula_has_the_ink_of_its_text(look, path, name):
    other = """all => all.filter((formula) => {
      const ink = (el) => getComputedStyle(el).color + getComputedStyle(el).backgroundColor;
      const text = getComputedStyle(formula.parentElement).color + "rgba(0, 0, 0, 0)";
      return [...formula.querySelectorAll(".katex-html *")].some((el) => ink(el) !== text);
    }).map((formula) => formula.textContent)"""
    page = look(path, **AT_REST, **LOOKS[name]).page
    assert page.eval_on_selector_all(".katex", other) == []


@every_figure_page
def test_every_panel_says_its_numbers(look, path):
    page = look(path).page
    for canvas in page.locator(".descent-figure canvas").all():
        assert canvas.get_attribute("role") == "img"
        assert re.search(r"\d", canvas.get_attribute("aria-label"))


@every_figure_page
def test_nothing_is_told_by_color_alone(look, path):
    for legend in look(path).page.locator(".dx-legend").all():
        keys = [
            key.evaluate(f"el => [...el.querySelectorAll('{SHAPES}')].map(s => s.outerHTML).join()")
            for key in legend.locator("li").all()
        ]
        assert all(keys)
        assert len(set(keys)) == len(keys)


@every_page
def test_nothing_moves_for_who_asked_for_rest(look, path):
    page = look(path, **AT_REST).page
    assert page.evaluate("getComputedStyle(document.documentElement).scrollBehavior") == "auto"
    moving = page.evaluate("""() => [...document.querySelectorAll("body *")].filter((el) => {
      const { animationName, transitionDuration } = getComputedStyle(el);
      return animationName !== "none" || transitionDuration.split(", ").some(parseFloat);
    }).map((el) => el.className)""")
    assert moving == []


@every_page
def test_what_scrolls_in_its_box_is_reached_by_the_keyboard(look, path):
    page = look(path, **AT_REST, **LOOKS["dark, phone"]).page
    read(page)
    unreached = page.evaluate("""() => [...document.querySelectorAll("main *")].filter((el) => {
      const scrolls = getComputedStyle(el).overflowX === "auto" && el.scrollWidth > el.clientWidth;
      return scrolls && el.tabIndex < 0;
    }).map((el) => el.outerHTML.slice(0, 200))""")
    assert unreached == []


@pytest.mark.parametrize("where", [{}, PHONE], ids=["desktop", "phone"])
@every_page
def test_code_stays_in_its_column(look, path, where):
    page = look(path, **where).page
    wide = page.evaluate("""() => [...document.querySelectorAll("pre:has(.line)")]
      .filter((el) => el.scrollWidth > el.clientWidth).map((el) => el.textContent)""")
    assert wide == []


@every_page
def test_formulas_fit_their_column_on_a_desktop(look, path):
    wide = look(path).page.eval_on_selector_all(
        ".katex-display",
        "all => all.filter(el => el.scrollWidth > el.clientWidth + 1).map(el => el.textContent)",
    )
    assert wide == []
