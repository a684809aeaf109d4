"""Every figure of the built book, in a browser without a kernel, against Python."""

from __future__ import annotations

import json
import math
import re
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from descent.explore import Explorer
from descent.publish.figures import OWN, SEAM, STATE
from descent.publish.toc import documents, stems

ROOT = Path(__file__).parents[2]
HTML = ROOT / "_build" / "html"
FIGURE = re.compile(r'<figure [^>]*data-figure="([^"]+)"')


def pages_with_figures() -> list[str]:
    """Pages of the built book that hold figures; empty when it is not built."""
    names = [f"{name}.html" for name in documents(ROOT)]
    written = [name for name in names if (HTML / name).is_file()]
    return [name for name in written if FIGURE.search((HTML / name).read_text("utf-8"))]


PAGES = pages_with_figures()
EVERY = [
    (page, figure)
    for page in PAGES
    for figure in sorted(set(FIGURE.findall((HTML / page).read_text("utf-8"))))
]
# A figure that stands on several pages is worked once, where it comes first.
ONCE = [(page, figure) for figure, page in {f: p for p, f in reversed(EVERY)}.items()]
every_page = pytest.mark.parametrize("path", PAGES)
every_figure = pytest.mark.parametrize(("path", "figure"), sorted(ONCE))

# What a figure draws and says, read after the next two frames; a network that trains needs some
# more. As text: Chromium hands over a long text faster than many numbers.
LOOK = """async (root) => {
  do await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
  while (root.explorer.frame);
  const drawn = [...root.querySelectorAll("canvas")].map((canvas) => canvas.toDataURL());
  const grips = [...root.querySelectorAll(".dx-grip:not([hidden])")].map((g) => g.style.cssText);
  const read = [...root.querySelectorAll("dd[data-readout]")].map((cell) => ({
    text: cell.textContent,
    value: cell.dataset.value,
  }));
  const said = Object.fromEntries([...root.querySelectorAll("input[data-control]")].map(
    (slider) => [slider.dataset.control, {
      index: Number(slider.value),
      text: slider.getAttribute("aria-valuetext"),
      shown: root.querySelector(`output[data-of="${slider.dataset.control}"]`).innerText,
      label: slider.getAttribute("aria-label"),
    }]));
  const { values, names } = root.explorer.snapshot();
  const asText = (v) => Array.isArray(v) ? v.map(String) : String(v);
  return JSON.stringify({
    drawn, grips, read, values, said,
    step: root.explorer.step,
    names: Object.fromEntries(Object.entries(names).map(([k, v]) => [k, asText(v)])),
  });
}"""


@cache
def explorer(path: str, figure: str):
    """The figure that Python builds under the id of the page's figure."""
    stem, name = figure.split("/")
    if find_spec(f"descent.explore.gallery.{stem}"):
        return import_module(f"descent.explore.gallery.{stem}").FIGURES[name]()
    return notebook_figures(path)[figure]


@cache
def notebook_figures(path: str) -> dict[str, Explorer]:
    """The figures that a notebook keeps in variables, by id; its cells are run for this."""
    cells = json.loads((ROOT / path).with_suffix(".ipynb").read_text("utf-8"))["cells"]
    names: dict[str, object] = {}
    for cell in cells:
        if cell["cell_type"] == "code":
            exec("".join(cell["source"]), names)
    return {v.spec["id"]: v for v in names.values() if isinstance(v, Explorer)}


def wake(page, figure: str, *, reset: bool = True):
    """Scroll to a figure, wait until it is alive, and set it to its defaults."""
    root = page.locator(f'[data-figure="{figure}"]').first
    root.scroll_into_view_if_needed()
    page.locator(f'[data-figure="{figure}"].dx-alive').first.wait_for(timeout=20_000)
    if reset:
        root.locator('[data-action="reset"]').click()
        answer(root)
    return root


def answer(root) -> None:
    """Commit to some guess, so that the figure hides nothing."""
    form = root.locator("form.dx-guess")
    button = form.get_by_role("button", name="Commit", exact=True)
    if not button.count():
        return
    if form.get_by_role("radio").count():
        form.get_by_role("radio").first.check()
    else:
        form.get_by_role("spinbutton").fill("1")
    button.click()


def look_at(root) -> dict:
    return json.loads(root.evaluate(LOOK))


def assert_as_python(path: str, figure: str, seen: dict) -> None:
    """Compare readout and signals with what Python computes for the same settings."""
    source = explorer(path, figure)
    step = seen["step"] if source.spec["timed"] else None
    wanted = source.evaluate(step=step, **seen["values"])
    for (label, value), shown in zip(wanted["readout"].items(), seen["read"], strict=True):
        got = float(shown["value"].replace("Infinity", "inf"))
        assert got == pytest.approx(value, rel=1e-8, abs=1e-290, nan_ok=True), label
        text, there = wanted["text"][label], shown["text"]
        assert there == text or math.isclose(_number(there), _number(text), rel_tol=2e-3), label
    assert wanted["signals"].keys() == seen["names"].keys()
    for name, value in wanted["signals"].items():
        want = np.asarray(value, dtype=float).ravel()
        got = np.array(seen["names"][name], dtype=float).ravel()
        scale = np.abs(want[np.isfinite(want)]).max(initial=0)
        assert np.allclose(got, want, rtol=1e-8, atol=1e-12 * scale, equal_nan=True), name


def _number(text: str) -> float:
    """Read a number as it is written in a readout; exact ties may round either way."""
    plain = text.replace("−", "-").split(" × 10")
    exponent = plain[1].translate(str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")) if plain[1:] else "0"
    return float(plain[0].split()[0]) * 10.0 ** int(exponent)


NUMBER = re.compile(r"-?\d+\.?\d*(?:e[-+]?\d+)?")


@cache
def shipped(path: str) -> dict[str, tuple[str, dict]]:
    """Program and description of each figure, as one page of the built book holds them."""
    html = (HTML / path).read_text("utf-8")
    script = HTML / Path(path).parent / re.search(r'data-figures="([^"]+)"', html).group(1)
    programs = re.split(r';\n?DescentExplorer\.figures\["(.*?)"\]=', ";" + script.read_text()[:-1])
    state = json.loads(STATE.search(html).group(1))
    specs = [model["state"]["spec"] for model in state["state"].values()]
    program = dict(zip(programs[1::2], programs[2::2], strict=True))
    return {spec["id"]: (program[spec["id"]], spec) for spec in specs}


def outline(program: str, spec: dict) -> tuple[list[str], np.ndarray]:
    """A figure's words and its numbers, but for the packed tables, whose last digits may differ."""
    text = program + json.dumps({**spec, "data": sorted(spec["data"]["arrays"])}, sort_keys=True)
    return NUMBER.split(text), np.array(NUMBER.findall(text), dtype=float)


def assert_shipped(page: str, source: Explorer) -> None:
    """A lab stores its figures; the page then shows what the package computes no more."""
    program = OWN.match(source._esm.partition(SEAM)[2]).group(1)
    words, values = outline(*shipped(page)[source.spec["id"]])
    want_words, want_values = outline(program, json.loads(json.dumps(source.spec)))
    assert words == want_words, f"{page}: run the lab again"
    assert np.allclose(values, want_values, rtol=1e-6, atol=1e-12), f"{page}: run the lab again"


def test_every_chapter_has_figures(html_dir):
    figures = [figure.split("/")[0] for _, figure in ONCE]
    assert all(figures.count(stem) >= 4 for stem in stems(ROOT))


@every_page
def test_figures_start_without_kernel_and_network(look, path):
    seen = look(path)
    roots = seen.page.locator(".descent-figure")
    for i in range(roots.count()):
        root = roots.nth(i)
        root.scroll_into_view_if_needed()
        root.locator("xpath=self::*[contains(@class,'dx-alive')]").wait_for(timeout=20_000)
        assert all(len(picture) > 4000 for picture in look_at(root)["drawn"])
        assert root.locator(".dx-notice").is_hidden()
    assert seen.faults == []
    assert not [url for url in seen.requests if "require" in url or "html-manager" in url]


@every_page
def test_figures_start_from_disk(look, html_dir, path):
    seen = look(path, base=html_dir.as_uri() + "/")
    wake(seen.page, dict(reversed(EVERY))[path])
    assert seen.faults == []


@every_page
def test_page_without_its_figures_in_view_loads_no_script_for_them(look, path):
    seen = look(path)
    seen.page.evaluate("scrollTo({ top: 0, behavior: 'instant' })")
    if seen.page.locator(".descent-figure").first.bounding_box()["y"] < 900 + 600:
        seen.page.locator(".descent-figure.dx-alive").first.wait_for(timeout=20_000)
        return
    opened = [response.url for response in seen.responses[: seen.opened]]
    assert not [url for url in opened if "descent-explorer" in url and url.endswith(".js")]


@every_figure
def test_figure_obeys_its_controls_and_agrees_with_python(look, path, figure):
    spec = explorer(path, figure).spec
    assert spec["id"] == figure
    for page in [page for page, other in EVERY if other == figure]:
        assert_shipped(page, explorer(path, figure))
    root = wake(look(path).page, figure)
    fresh = look_at(root)
    start = {c["name"]: np.ravel(c["start"]).tolist() for c in spec["controls"]}
    assert {k: np.ravel(v).tolist() for k, v in fresh["values"].items()} == start
    assert_as_python(path, figure, fresh)

    before = fresh
    for control in spec["controls"]:
        if control["kind"] != "slider":
            continue
        name, drawing, readout = control["name"], [], []
        for key in ("ArrowRight", "End", "Home", "PageUp"):
            root.locator(f'input[data-control="{name}"]').press(key)
            after = look_at(root)
            said = after["said"][name]
            assert after["values"][name] == control["values"][said["index"]]
            assert (
                said["label"] and re.search(r"\w", said["text"]) and said["text"] == said["shown"]
            )
            if key in ("End", "Home"):
                assert_as_python(path, figure, after)
            drawing.append((after["drawn"], after["grips"]) != (before["drawn"], before["grips"]))
            readout.append(after["read"] != before["read"])
            before = after
        assert any(drawing) and any(readout), name

    for grip in root.locator(".dx-grip").all():
        assert grip.get_attribute("tabindex") == "0"
        for key in ("ArrowRight", "Shift+ArrowUp"):
            said = grip.get_attribute("aria-valuetext")
            grip.press(key)
            after = look_at(root)
            assert after["values"] != before["values"] and after["grips"] != before["grips"]
            assert grip.get_attribute("aria-valuetext") != said
            before = after
        assert_as_python(path, figure, after)

    if spec["timed"]:
        for step in (0, 1):
            root.get_by_role("button", name="Step").click()
            early = look_at(root)
            assert early["step"] == step
        assert_as_python(path, figure, early)
    root.get_by_role("button", name="Reset").click()
    assert look_at(root) == fresh


@every_page
def test_figures_fit_a_phone(visit, path):
    seen = visit(path, width=390, height=844, has_touch=True, is_mobile=True)
    for figure in dict.fromkeys(f for p, f in EVERY if p == path):
        root = wake(seen.page, figure)
        box = root.bounding_box()
        assert 0 <= box["x"] and box["x"] + box["width"] <= 390
        for canvas in root.locator("canvas").all():
            assert canvas.bounding_box()["width"] > 280
        for target in root.locator("button, input, .dx-grip").all():
            assert target.bounding_box()["height"] >= 40
    assert seen.faults == []


@every_page
def test_nothing_moves_when_figures_come_alive(visit, path):
    page = visit(path).page
    page.evaluate(
        """() => { window.shift = 0; new PerformanceObserver((list) => {
          for (const e of list.getEntries()) if (!e.hadRecentInput) window.shift += e.value;
        }).observe({ type: "layout-shift", buffered: true }); }"""
    )
    heights = "() => [...document.querySelectorAll('.descent-figure')].map(f => f.offsetHeight)"
    before = page.evaluate(heights)
    for figure in dict.fromkeys(f for p, f in EVERY if p == path):
        wake(page, figure, reset=False)
    assert np.allclose(page.evaluate(heights), before, atol=1.5)
    assert page.evaluate("window.shift") < 0.02


STILLS = """(roots, scheme) => roots.map((root) => {
  const shown = (el) => el.getBoundingClientRect().width > 0;
  const all = (selector) => [...root.querySelectorAll(selector)];
  return {
    plots: all(".dx-plot").length,
    pictures: all(`img.dx-${scheme}`).filter(shown).map((picture) => picture.alt),
    controls: all(".dx-controls").filter(shown).length,
    settings: all(".dx-settings").filter(shown).length,
  };
})"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
@every_page
def test_still_pictures_serve_readers_without_script(look, path, scheme):
    dark = {"color_scheme": "dark"} if scheme == "dark" else {}
    page = look(path, java_script_enabled=False, **dark).page
    figures = page.eval_on_selector_all(".descent-figure", STILLS, scheme)
    assert figures
    for figure in figures:
        assert len(figure["pictures"]) == figure["plots"] > 0
        assert all(re.search(r"\d", text) for text in figure["pictures"])
        assert figure["controls"] == 0
        assert figure["settings"] == 1


@every_page
def test_print_shows_still_pictures_and_no_controls(look, path):
    page = look(path).page
    for figure in dict.fromkeys(f for p, f in EVERY if p == path):
        wake(page, figure, reset=False)
    page.emulate_media(media="print")
    assert page.locator(".dx-controls:visible, .dx-grip:visible").count() == 0
    plots = page.locator(".dx-plot").count()
    assert page.locator(".dx-plot img.dx-light:visible").count() == plots
    assert page.locator(".dx-plot canvas:visible").count() == 0
    page.emulate_media(media="screen")


@every_page
def test_figure_without_its_script_keeps_its_picture_and_says_why(visit, html_dir, path):
    page = visit("book/index.html").page
    page.route("**/_static/figures/*.js", lambda route: route.abort())
    page.goto(page.url.replace("book/index.html", path))
    root = page.locator(".descent-figure").first
    root.scroll_into_view_if_needed()
    root.locator(".dx-notice:visible").wait_for(timeout=20_000)
    assert (
        "still picture: its script could not be loaded" in root.locator(".dx-notice").inner_text()
    )
    assert root.locator(".dx-plot img:visible").count() == root.locator(".dx-plot").count()


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        ("entry.state.spec.signals[0].in = ['nowhere']", "undefined|not iterable"),
        ("delete entry.state.spec", "undefined"),
        ("entry.state.spec.panels[0].marks[0] = {kind: 'line', y: 'nowhere'}", "undefined"),
        ("delete models[id]", "missing from the page"),
        ("entry.state.spec.data.bytes = 7; entry.state.spec.data.adler32 = 1", "bytes, not 7"),
    ],
)
def test_damaged_state_leaves_the_picture(visit, html_dir, damage, reason):
    path, figure = EVERY[0]
    page = visit("book/index.html").page
    page.add_init_script(
        "const parse = JSON.parse; JSON.parse = (text) => { const found = parse(text);"
        "const models = found && found.state; if (models) for (const id of Object.keys(models)) {"
        "const entry = models[id]; if (entry.state && entry.state.spec "
        f"&& entry.state.spec.id === '{figure}') {{ {damage} }} }} return found; }};"
    )
    page.goto(page.url.replace("book/index.html", path))
    root = page.locator(f'[data-figure="{figure}"]').first
    root.scroll_into_view_if_needed()
    root.locator(".dx-notice:visible").wait_for(timeout=20_000)
    assert re.search(reason, root.locator(".dx-notice").inner_text())
    assert root.locator(".dx-plot img:visible").count() == root.locator(".dx-plot").count()


def test_link_carries_the_setting(visit, html_dir):
    path, figure = EVERY[0]
    seen = visit(path, permissions=["clipboard-read", "clipboard-write"])
    root = wake(seen.page, figure)
    root.locator("input[data-control]").first.press("Home")
    root.locator('[data-action="share"]').click()
    seen.page.wait_for_url(f"**#{figure.split('/')[1]}=*")
    values = look_at(root)["values"]
    again = visit(seen.page.url.removeprefix(seen.base))
    assert look_at(wake(again.page, figure, reset=False))["values"] == values
    assert again.faults == []


def test_reduced_motion_shows_the_end_at_once(visit, html_dir):
    path, figure = next((p, f) for p, f in EVERY if explorer(p, f).spec["timed"])
    page = visit(path, reduced_motion="reduce").page
    root = wake(page, figure)
    root.get_by_role("button", name="Step").click()
    assert look_at(root)["step"] == 0
    root.locator('[data-action="play"]').click()
    assert look_at(root)["step"] == explorer(path, figure).spec["steps"]
