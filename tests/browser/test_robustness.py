"""Cut, altered and hostile data: the picture stays, and one line says why."""

from __future__ import annotations

import base64
import json
import re
import shutil
from pathlib import Path

import pytest

from descent.publish.figures import STATE, place_figures
from sample_figures import shipped, written_page

HOST = Path(__file__).parents[2] / "book" / "_static" / "descent-host.js"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A page of its own with one figure of shipped tables."""
    folder = tmp_path_factory.mktemp("book")
    (folder / "_static").mkdir()
    shutil.copy(HOST, folder / "_static")
    html = place_figures(written_page(shipped()), folder / "whole.html", folder)
    (folder / "whole.html").write_text(html, "utf-8")
    return folder


@pytest.fixture
def damaged(folder, visit):
    """Open the page after its text was changed."""

    def go(change):
        page = folder / "damaged.html"
        page.write_text(change((folder / "whole.html").read_text("utf-8")), "utf-8")
        return visit(page.name, base=folder.as_uri() + "/")

    return go


def with_state(change):
    """Turn a change of the widget's entry into a change of the page's text."""

    def changed(html: str) -> str:
        found = STATE.search(html)
        state = json.loads(found.group(1))
        entry = next(e for e in state["state"].values() if "spec" in e["state"])
        change(entry)
        text = json.dumps(state).replace("</", "<\\/")
        return html[: found.start(1)] + text + html[found.end(1) :]

    return changed


def spec(path: str, value):
    """Replace one part of the figure's description, such as "signals/0/kind"."""

    def change(entry):
        *way, last = (int(k) if k.isdigit() else k for k in path.split("/"))
        part = entry["state"]["spec"]
        for key in way:
            part = part[key]
        part[last] = value

    return with_state(change)


def array(key: str, value):
    """Replace one part of what is said of the array `loss`."""
    return spec(f"data/arrays/loss/{key}", value)


def flipped(entry):
    packed = bytearray(base64.b64decode(entry["buffers"][0]["data"]))
    packed[0] ^= 1
    entry["buffers"][0]["data"] = base64.b64encode(packed).decode()


def cut(entry):
    packed = base64.b64decode(entry["buffers"][0]["data"])
    entry["buffers"][0]["data"] = base64.b64encode(packed[:-3]).decode()


CASES = {
    "bytes cut": (with_state(cut), r"has \d+ bytes, not \d+"),
    "bytes altered": (with_state(flipped), "the shipped data is damaged"),
    "bytes gone": (with_state(lambda e: e.pop("buffers")), "has 0 bytes"),
    "bytes no base64": (
        with_state(lambda e: e["buffers"][0].update(data="<&%>")),
        "description is damaged",
    ),
    "array gone": (spec("data/arrays", {}), "lacks “loss”"),
    "code unknown": (array("code", "float8"), "unknown code"),
    "shape too large": (array("shape", [2**40]), "no length"),
    "shape negative": (array("shape", [2, -2, 4]), "no length"),
    "shape of another": (array("shape", [4, 2, 2]), "does not have the shape"),
    "offset beyond": (array("offset", 10**6), "beyond the end"),
    "order absurd": (array("order", 31), "damaged|ends too early"),
    "axis absurd": (array("along", [7]), "damaged"),
    "axes endless": (array("along", [0] * 10**5), "damaged"),
    "kind unknown": (spec("signals/0/kind", "constructor"), "no kind of signal"),
    "function unknown": (spec("signals/3/fn", "eval"), "the function eval is missing"),
    "input unknown": (spec("signals/3/in", ["nowhere"]), "description is damaged"),
    "input huge": (spec("signals/3/size", 2**50), "no length"),
    "grid endless": (spec("signals/1/arrays/0/x/n", 2**50), "no length|does not have the shape"),
    "signals gone": (spec("signals", None), "description is damaged"),
    "panels gone": (spec("panels", 7), "description is damaged"),
    "mark unknown": (spec("panels/0/marks", [{"kind": "nothing"}]), "nothing is no kind of mark"),
    "mark names nothing": (
        spec("panels/0/marks/0/y", "nowhere"),
        "description is damaged",
    ),
    "readout hostile": (spec("readout/0/digits", 1000), "description is damaged"),
    "spec gone": (with_state(lambda e: e["state"].pop("spec")), "description is damaged"),
    "spec a text": (with_state(lambda e: e["state"].update(spec="x")), "description is damaged"),
    "state no object": (with_state(lambda e: e.update(state=None)), "description is damaged"),
    "state cut": (lambda html: STATE.sub(lambda m: m[0][:200] + "</script>", html), "damaged"),
    "state gone": (lambda html: STATE.sub("", html), "its data is missing"),
    "model unknown": (
        lambda html: re.sub(r'data-model="[^"]+"', 'data-model="__proto__"', html),
        "its data is missing",
    ),
    "figure unknown": (
        lambda html: re.sub(r'data-figure="[^"]+"', 'data-figure="other"', html),
        "its functions are missing",
    ),
    "script gone": (
        lambda html: re.sub(r'data-figures="[^"]+"', 'data-figures="gone.js"', html),
        "its script could not be loaded",
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_damaged_figure_keeps_its_picture_and_says_why(damaged, case):
    change, reason = CASES[case]
    seen = damaged(change)
    root = seen.page.locator(".descent-figure")
    root.scroll_into_view_if_needed()
    notice = root.locator(".dx-notice:visible")
    notice.wait_for(timeout=30_000)
    text = notice.inner_text()
    assert re.search(reason, text), text
    assert text.startswith("This figure stays a still picture: ")
    assert "\n" not in text and len(text) < 250
    assert root.locator(".dx-plot img:visible").count() == root.locator(".dx-plot").count() == 3
    assert root.locator("canvas:visible, button:visible, input:visible").count() == 0
    assert not [fault for fault in seen.faults if "exception" in fault]


def test_whole_figure_starts(damaged):
    seen = damaged(lambda html: html)
    seen.page.locator(".descent-figure.dx-alive").wait_for(timeout=30_000)
    assert seen.faults == []


def test_setting_between_the_stored_ones_shows_the_nearest_and_says_so(damaged):
    seen = damaged(with_state(lambda e: e["state"]["values"].update(lr=0.24)))
    root = seen.page.locator(".descent-figure.dx-alive")
    root.wait_for(timeout=30_000)
    stored = root.locator(".dx-stored")
    assert stored.inner_text() == "Stored results for η = 0.3, the nearest to η = 0.24."
    names = root.evaluate("(root) => root.explorer.snapshot().names")
    assert names["level"] == 0.75
    root.locator("input[data-control=lr]").press("Home")
    stored.wait_for(state="hidden")
    assert root.evaluate("(root) => root.explorer.snapshot().names")["level"] == 0.25


def test_figure_that_breaks_while_it_runs_gets_its_picture_back(damaged):
    seen = damaged(lambda html: html)
    root = seen.page.locator(".descent-figure")
    seen.page.locator(".descent-figure.dx-alive").wait_for(timeout=30_000)
    root.evaluate("(root) => { root.explorer.engine.update = () => { throw new Error('gone'); }; }")
    root.locator("input[data-control=lr]").press("Home")
    root.locator(".dx-notice:visible").wait_for()
    assert root.locator(".dx-notice").inner_text() == "This figure stays a still picture: gone."
    assert root.locator(".dx-plot img:visible").count() == 3
    assert seen.faults == []


def test_tab_key_starts_a_figure_far_below(damaged):
    high = '<body><a href="#">first</a><div style="height: 9000px"></div>'
    seen = damaged(lambda html: html.replace("<body>", high))
    page = seen.page
    assert page.locator(".descent-figure.dx-alive").count() == 0
    page.locator("a").first.focus()
    page.keyboard.press("Tab")
    page.locator(".descent-figure.dx-alive").wait_for(timeout=30_000)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('.descent-figure') !== null")
    assert page.evaluate("document.activeElement.tagName") in {"INPUT", "BUTTON"}
    page.keyboard.press("Shift+Tab")
    assert page.evaluate("document.activeElement.textContent") == "first"
