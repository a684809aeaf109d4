"""The book for readers who listen, who use the keyboard alone, or who see colors differently."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

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
# The second look repeats the rules that depend on color and width; the others read the markup.
LOOK_RULES = ["color-contrast", "link-in-text-block", "scrollable-region-focusable", "target-size"]
# A stroke, a dash, a circle: what a figure draws besides color to tell one mark from another.
SHAPES = "path, circle, rect"


# What a control changes is drawn and said in the next frame.
FRAME = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"


def read(page) -> None:
    """Open what folds, and read the page to its end: its parts start when they come near."""
    page.evaluate("""async () => {
      document.querySelectorAll("details").forEach((all) => { all.open = true; });
      const frame = () => new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
      for (let y = 0; y < document.documentElement.scrollHeight; y += innerHeight / 2) {
        scrollTo({ top: y, behavior: "instant" });
        await frame();
      }
    }""")
    for figure in page.locator(".descent-figure").all():
        figure.scroll_into_view_if_needed()
        figure.locator("canvas:visible").first.wait_for()


@pytest.mark.parametrize("name", LOOKS)
@every_page
def test_axe_finds_nothing(look, path, name):
    page = look(path, **AT_REST, **LOOKS[name]).page
    read(page)
    options: dict = {"resultTypes": ["violations"]}
    if LOOKS[name]:
        options["runOnly"] = {"type": "rule", "values": LOOK_RULES}
    found = Axe().run(page, options=options).response["violations"]
    assert [
        (fault["id"], node["target"], node["failureSummary"])
        for fault in found
        for node in fault["nodes"]
    ] == []


@every_figure_page
def test_every_slider_speaks_and_obeys_the_keyboard(look, path):
    page = look(path, **AT_REST).page
    read(page)
    for slider in page.locator(".dx-slider input").all():
        assert slider.get_attribute("aria-label")
        slider.focus()
        page.keyboard.press("End")
        page.keyboard.press("Home")
        page.evaluate(FRAME)
        first = slider.get_attribute("aria-valuetext")
        page.keyboard.press("ArrowRight")
        expect(slider).not_to_have_attribute("aria-valuetext", first)
        spoken = slider.get_attribute("aria-valuetext")
        output = slider.locator("xpath=../output").inner_text()
        assert re.search(r"\w", spoken)
        assert spoken == output


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
    page = look(path, **PHONE).page
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
