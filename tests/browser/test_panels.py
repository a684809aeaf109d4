"""Every kind of panel in a browser: what is drawn against Python, and what a reader can do."""

from __future__ import annotations

import re
from functools import cache

import numpy as np
import pytest
from playwright.sync_api import expect

from descent.explore import drawn, numbers
from sample_panels import KINDS

PHONE = {"width": 390, "height": 844, "has_touch": True, "is_mobile": True}
every_kind = pytest.mark.parametrize("kind", KINDS)

LOOK = """async (root) => {
  await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
  const text = (v) => Array.isArray(v) ? v.map(text) : typeof v === 'number' ? String(v) : v;
  const { values, names, pinned, drawn } = root.explorer.snapshot();
  const plain = (all) => Object.fromEntries(Object.entries(all).map(([k, v]) => [k, text(v)]));
  return {
    values, step: root.explorer.step, names: plain(names), drawn: text(drawn),
    pinned: pinned && { values: pinned.values, names: plain(pinned.names) },
    pictures: [...root.querySelectorAll('canvas')].map((canvas) => canvas.toDataURL()),
    read: [...root.querySelectorAll('dd[data-readout]')].map((cell) => cell.textContent),
  };
}"""

# Press play, and pause as soon as the figure has moved on; returns what the button said meanwhile.
PLAY_A_LITTLE = """async (root) => {
  const button = root.querySelector('[data-action="play"]');
  button.click();
  const from = root.explorer.step;
  while (root.explorer.step < from + 2) await new Promise((done) => requestAnimationFrame(done));
  const said = button.innerText;
  button.click();
  return said;
}"""

# Paint the same setting again; returns what that changed in the document.
PAINT_AGAIN = """(root) => {
  const watcher = new MutationObserver(() => {});
  watcher.observe(root, { attributes: true, childList: true, characterData: true, subtree: true });
  root.explorer.paint();
  return watcher.takeRecords().map((change) => `${change.type} ${change.target.outerHTML}`);
}"""


@cache
def figure(kind: str):
    return KINDS[kind]()


@pytest.fixture(scope="module")
def desk(open_samples):
    """One page for the tests that only operate a figure, which they reset."""
    with open_samples() as go:
        yield go("index.html")


def wake_reset(seen, kind: str):
    """Wake a figure of the shared page with its defaults."""
    root = wake(seen.page, kind)
    root.locator('[data-action="reset"]').click()
    return root


def wake(page, kind: str):
    """Scroll to a figure and wait until it is alive."""
    root = page.locator(f'[data-figure="sample/{kind}"]')
    root.scroll_into_view_if_needed()
    page.locator(f'[data-figure="sample/{kind}"].dx-alive').wait_for(timeout=20_000)
    return root


def as_numbers(values) -> np.ndarray:
    return np.array(values, dtype=float).ravel()


def assert_names(found, expected) -> None:
    assert found.keys() == expected.keys()
    for name, value in expected.items():
        want = as_numbers(getattr(value, "values", value))
        scale = np.abs(want[np.isfinite(want)]).max(initial=0)
        got = as_numbers(found[name])
        assert np.allclose(got, want, rtol=1e-8, atol=1e-12 * scale, equal_nan=True), name


def assert_as_python(kind: str, seen: dict) -> None:
    """Compare every name and every drawn column with Python."""
    source = figure(kind)
    step = seen["step"] if source.spec["timed"] else None
    names = source.bindings(step=step, **seen["values"])
    assert_names(seen["names"], names)
    for panel, columns in zip(source.spec["panels"], seen["drawn"], strict=True):
        shown = [m for m in panel["marks"] if len(columns) == len(panel["marks"])]
        for mark, found in zip(shown, columns, strict=len(shown) > 0):
            if mark["kind"] not in drawn.COLUMNS:
                assert found is None
                continue
            for got, want in zip(found, drawn.columns(mark, names), strict=True):
                assert np.allclose(as_numbers(got), want, rtol=1e-8, atol=1e-9, equal_nan=True)


@every_kind
def test_what_is_drawn_is_what_python_says(desk, kind):
    root = wake_reset(desk, kind)
    first = root.evaluate(LOOK)
    assert_as_python(kind, first)
    assert all(len(picture) > 4000 for picture in first["pictures"])
    for slider in root.locator("input[data-control]").all():
        before = root.evaluate(LOOK)
        slider.press("End")
        after = root.evaluate(LOOK)
        assert after["values"] != before["values"] and after["pictures"] != before["pictures"]
        assert_as_python(kind, after)
    assert desk.faults == []


@every_kind
def test_a_frame_touches_only_what_changed(desk, kind):
    root = wake_reset(desk, kind)
    root.evaluate(LOOK)  # Lets the reset be painted.
    assert root.evaluate(PAINT_AGAIN) == []
    assert desk.faults == []


@every_kind
def test_time_moves_by_keyboard(desk, kind):
    root = wake_reset(desk, kind)
    clock = root.locator("input[data-time]")
    assert clock.count() == bool(figure(kind).spec["timed"])
    if not clock.count():
        return
    clock.press("Home")
    start = root.evaluate(LOOK)
    clock.press("ArrowRight")
    later = root.evaluate(LOOK)
    assert (start["step"], later["step"]) == (0, 1)
    assert clock.get_attribute("aria-valuetext") == root.locator(".dx-clock").inner_text()
    assert_as_python(kind, later)


@pytest.mark.parametrize("kind", [kind for kind in KINDS if figure(kind).spec["timed"]])
def test_play_and_pause(desk, kind):
    root = wake_reset(desk, kind)
    root.locator("input[data-time]").press("Home")
    assert "Pause" in root.evaluate(PLAY_A_LITTLE)
    assert "Play" in root.locator('[data-action="play"]').inner_text()
    paused = root.evaluate(LOOK)
    assert 1 < paused["step"] <= figure(kind).spec["steps"]
    assert root.evaluate(LOOK)["step"] == paused["step"]
    assert_as_python(kind, paused)


@pytest.mark.parametrize("kind", ["optimizers", "sweep"])
def test_grip_follows_the_pointer(desk, kind):
    root = wake_reset(desk, kind)
    before, grip = root.evaluate(LOOK), root.locator(".dx-grip")
    box = grip.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    desk.page.mouse.move(x, y)
    desk.page.mouse.down()
    desk.page.mouse.move(x + 40, y + 25, steps=4)
    desk.page.mouse.up()
    moved, place = root.evaluate(LOOK), grip.bounding_box()
    assert moved["values"] != before["values"]
    # On a sweep the grip comes to rest on the nearest shipped point.
    assert place["x"] + place["width"] / 2 == pytest.approx(
        x + 40, abs=6 if kind == "optimizers" else 20
    )
    assert_as_python(kind, moved)


@pytest.mark.parametrize("kind", ["optimizers", "sweep"])
def test_finger_drags_a_grip_and_taps_a_place(visit_samples, kind):
    root = wake(visit_samples("index.html", **PHONE).page, kind)
    canvas = root.locator(".dx-plot:has(.dx-grip) canvas").first
    # A finger on the grip drags it; a finger anywhere else still scrolls the page.
    touch = "el => getComputedStyle(el).touchAction"
    assert root.locator(".dx-grip").evaluate(touch) == "none"
    assert canvas.evaluate(touch) == "auto"
    before = root.evaluate(LOOK)["values"]
    canvas.tap(position={"x": 200, "y": 120})
    assert root.evaluate(LOOK)["values"] != before


@pytest.mark.parametrize("kind", ["optimizers", "sweep"])
def test_grip_chooses_by_keyboard_and_by_tap(desk, kind):
    root = wake_reset(desk, kind)
    before = root.evaluate(LOOK)
    root.locator(".dx-grip").press("ArrowRight")
    root.locator(".dx-grip").press("ArrowUp")
    moved = root.evaluate(LOOK)
    assert moved["values"] != before["values"]
    assert_as_python(kind, moved)
    root.locator("canvas").first.click(position={"x": 90, "y": 250})
    tapped = root.evaluate(LOOK)
    assert tapped["values"] != moved["values"]
    assert tapped["pictures"][1] != moved["pictures"][1]
    assert_as_python(kind, tapped)


@every_kind
def test_pinned_setting_stays_beside_the_next(desk, kind):
    root = wake_reset(desk, kind)
    pin = root.locator('[data-action="pin"]')
    pin.click()
    slider = root.locator("input[data-control]").first
    held = root.evaluate(LOOK)["values"]
    slider.press("End")
    both = root.evaluate(LOOK)
    assert both["pinned"]["values"] == held != both["values"]
    assert_names(both["pinned"]["names"], figure(kind).bindings(**held))
    control = figure(kind).controls[0]
    assert f"{control.label} = {control.text(held[control.name])}" in (
        root.locator(".dx-pinned").inner_text()
    )
    assert root.locator(".dx-was:visible").count() == len(both["read"])
    assert pin.get_attribute("aria-pressed") == "true"
    pin.click()
    alone = root.evaluate(LOOK)
    assert alone["pinned"] is None and alone["pictures"] != both["pictures"]
    assert root.locator(".dx-was:visible, .dx-pinned:visible").count() == 0


def test_link_restores_every_figure(visit_samples):
    seen = visit_samples("index.html", permissions=["clipboard-read", "clipboard-write"])
    first = wake(seen.page, "optimizers")
    first.locator('[data-action="pin"]').click()
    first.locator("input[data-control]").press("PageUp")
    first.locator(".dx-grip").press("ArrowUp")
    first.locator("input[data-time]").press("Home")
    second = wake(seen.page, "sweep")
    second.locator(".dx-grip").press("ArrowLeft")
    wanted = [root.evaluate(LOOK) for root in (first, second)]
    second.locator('[data-action="share"]').click()
    second.get_by_role("button", name="Copied").wait_for()
    link = seen.page.evaluate("navigator.clipboard.readText()")
    assert re.search(r"#sweep=[^&]+&optimizers=[^&]+&optimizers\.pin=", link)
    again = visit_samples(link.removeprefix(seen.base))
    for kind, want in zip(("optimizers", "sweep"), wanted, strict=True):
        found = wake(again.page, kind).evaluate(LOOK)
        for key in ("values", "step", "names", "pinned"):
            assert found[key] == want[key], (kind, key)
    assert again.faults == []


@pytest.mark.parametrize(
    ("fragment", "reason"),
    [
        ("optimizers=lr:7", "learning rate η cannot be “7”"),
        ("optimizers=lr:NaN", "cannot be “NaN”"),
        ("optimizers=lr", "cannot be “”"),
        ("optimizers=start:1", "start point cannot be “1”"),
        ("optimizers=constructor:1", "no setting “constructor”"),
        ("optimizers=step:999", "no setting “step”"),
        ("optimizers.pin=lr:1e9", "cannot be “1e9”"),
        ("optimizers=" + "9" * 3000, "no setting “9999"),
    ],
)
def test_wrong_address_is_ignored_with_a_reason(visit_samples, fragment, reason):
    seen = visit_samples(f"index.html#{fragment}")
    root = wake(seen.page, "optimizers")
    assert reason in root.locator(".dx-notice").inner_text()
    found = root.evaluate(LOOK)
    start = {
        c.name: list(c.start) if c.name == "start" else c.start
        for c in figure("optimizers").controls
    }
    assert found["values"] == start and found["pinned"] is None
    assert seen.faults == []


def test_address_that_changes_is_followed(visit_samples):
    page = visit_samples("index.html#other").page
    root = wake(page, "optimizers")
    assert root.locator(".dx-notice").is_hidden()
    page.evaluate("location.hash = '#optimizers=lr:0.001,step:3'")
    page.wait_for_function("root => root.explorer.step === 3", arg=root.element_handle())
    assert root.evaluate(LOOK)["values"]["lr"] == 0.001


def test_answer_stays_hidden_until_the_guess(visit_samples):
    seen = visit_samples("index.html")
    root = wake(seen.page, "decay")
    answer = figure("decay").evaluate()["text"]["loss after 20 steps"]
    asked = root.evaluate(LOOK)
    assert asked["read"][0] == "?" and asked["drawn"][1] == []
    root.locator("summary").click()
    assert answer not in root.inner_text() and answer not in root.locator("canvas").nth(
        1
    ).get_attribute("aria-label")
    form = root.locator("form.dx-guess")
    form.get_by_role("button").click()
    assert form.locator(".dx-verdict").inner_text() == "Enter a number first."
    form.get_by_role("spinbutton").fill("0.0000665")
    form.get_by_role("spinbutton").press("Enter")
    told = root.evaluate(LOOK)
    assert told["read"][0] == answer and len(told["drawn"][1]) == 1
    assert_as_python("decay", told)
    assert form.locator(".dx-verdict").inner_text().startswith("✓ You guessed")
    seen.page.reload()
    root = wake(seen.page, "decay")
    assert root.evaluate(LOOK)["read"][0] == answer
    form.get_by_role("button", name="Guess again").click()
    assert root.evaluate(LOOK)["read"][0] == "?"
    form.get_by_role("spinbutton").fill("5")
    form.get_by_role("button").click()
    assert form.locator(".dx-verdict").inner_text().startswith("✗ You guessed")
    assert seen.faults == []


def test_data_table_holds_the_numbers_that_are_drawn(visit_samples):
    root = wake(visit_samples("index.html").page, "gantt")
    root.locator("summary").press("Enter")
    tables = root.locator(".dx-sheets table")
    expect(tables).to_have_count(2)
    cells = [row.inner_text().split("\t") for row in tables.nth(1).locator("tbody tr").all()]
    names = figure("gantt").bindings()
    for i, (layer, now, start) in enumerate(cells):
        assert layer == figure("gantt").panels[1].y.names[i]
        assert now == numbers.text(float(names["norms_now"][i]))
        assert start == numbers.text(float(names["norms_first"][i]))
    before = tables.nth(1).inner_text()
    root.locator("input[data-control]").press("End")
    root.evaluate(LOOK)
    assert tables.nth(1).inner_text() != before


@every_kind
def test_panel_fits_a_phone_in_both_themes(visit_samples, kind):
    page = visit_samples("index.html", **PHONE).page
    root = wake(page, kind)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    for canvas in root.locator("canvas").all():
        assert canvas.bounding_box()["width"] > 280
    for target in root.locator("button:visible, input:visible, .dx-grip, summary").all():
        assert target.bounding_box()["height"] >= 40 or target.get_attribute("type") == "radio"
    light = root.evaluate(LOOK)["pictures"]
    page.evaluate("document.documentElement.dataset.theme = 'dark'")
    dark = root.evaluate(LOOK)["pictures"]
    assert all(a != b for a, b in zip(light, dark, strict=True))
