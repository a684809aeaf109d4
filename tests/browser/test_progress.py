"""The page of progress in a real browser: bars, calibration, file, erasing; and what feeds it."""

import json
from datetime import UTC, datetime

import pytest

from descent.checking import solution
from descent.exercises import checks, find, load

CHAPTER = "book/chapters/ill_conditioning.html"
ROOM = "book/exercises/ill_conditioning.html"
PAGE = "book/progress.html"
ROOMS = ".progress-chapter[data-chapter=ill_conditioning]"
AT = "2026-11-22T07:00:00.000Z"
SECTION = "book/chapters/ill_conditioning#one-step"
CODED = next(exercise for exercise in load("ill_conditioning") if exercise.question is None)
ASKED = [e.id for e in (*load("ill_conditioning"), *checks("ill_conditioning")) if e.question]
SURE = (50, 70, 70, 90, 30, 70, 90, 10, 99)
RIGHT = (True, True, False, True, False, True, True, False, True)


def record(**parts) -> dict:
    blank = {"book": "descent", "version": 1, "sections": {}, "passed": {}}
    return blank | {"predictions": {}, "guesses": {}} | parts


def predictions() -> dict:
    answers = zip(ASKED, SURE, RIGHT, strict=True)
    return {
        name: {"first": {"prediction": 1, "sure": s, "right": r, "at": AT}, "last": None}
        for name, s, r in answers
    }


GUESS = {"prediction": 38, "right": True, "verdict": "✓ You guessed 38.", "at": AT}
FULL = record(
    sections={SECTION: AT},
    passed={CODED.id: AT},
    predictions=predictions(),
    guesses={"momentum/order": GUESS},
)


def keep(seen, value) -> None:
    text = value if isinstance(value, str) else json.dumps(value)
    seen.page.evaluate("text => localStorage.setItem('descent.progress', text)", text)
    seen.page.reload()


def kept(page) -> dict | None:
    return page.evaluate("JSON.parse(localStorage.getItem('descent.progress'))")


def bar(page, kind: str) -> str:
    return page.locator(f"{ROOMS} .progress-bar[data-kind={kind}] .progress-count").inner_text()


def status(page) -> str:
    return page.locator(".progress-file [role=status]").inner_text()


def load_file(page, text: str) -> None:
    file = {"name": "mine.json", "mimeType": "application/json", "buffer": text.encode()}
    page.locator(".progress-import input").set_input_files(file)
    page.wait_for_function("document.querySelector('.progress-file [role=status]').textContent")


def test_an_empty_page_says_so(visit):
    seen = visit(PAGE)
    assert bar(seen.page, "sections").startswith("0 of ")
    assert bar(seen.page, "exercises") == f"0 of {len(load('ill_conditioning'))}"
    assert bar(seen.page, "checks") == f"0 of {len(checks('ill_conditioning'))}"
    assert "No predictions yet" in seen.page.locator(".progress-calibration").inner_text()
    assert kept(seen.page) is None
    assert seen.faults == []


def test_bars_count_what_was_kept(visit):
    seen = visit(PAGE)
    keep(seen, FULL)
    assert bar(seen.page, "sections").startswith("1 of ")
    done = {name for name, right in zip(ASKED, RIGHT, strict=True) if right}
    passed = sum(e.id in done or e.id == CODED.id for e in load("ill_conditioning"))
    assert bar(seen.page, "exercises").startswith(f"{passed} of ")
    right = sum(check.id in done for check in checks("ill_conditioning"))
    assert bar(seen.page, "checks").startswith(f"{right} of ")
    assert seen.faults == []


def test_calibration_is_what_python_computes(visit):
    seen = visit(PAGE, width=390, height=844)
    keep(seen, FULL)
    score = sum((s / 100 - r) ** 2 for s, r in zip(SURE, RIGHT, strict=True)) / len(SURE)
    text = seen.page.locator(".progress-calibration").inner_text()
    assert f"Your Brier score is {score:.2f}, from {len(SURE)} predictions." in text
    assert "You guessed the answer of 1 figure; 1 of 1 right." in text
    rows = seen.page.locator(".progress-curve tbody tr").all_inner_texts()
    cells = [row.split("\t") for row in rows]
    for (level, count, hits, rate), sure in zip(cells, sorted(set(SURE)), strict=True):
        outcomes = [r for s, r in zip(SURE, RIGHT, strict=True) if s == sure]
        assert level == f"{sure} %"
        assert (int(count), int(hits)) == (len(outcomes), sum(outcomes))
        assert rate == f"{100 * sum(outcomes) / len(outcomes):.0f} %"
    spoken = seen.page.locator(".progress-curve svg").get_attribute("aria-label")
    assert "at 70 % sure, 2 of 3 right" in spoken
    assert seen.page.locator(".progress-curve circle").count() == len(set(SURE))


def test_a_section_can_be_corrected_by_keyboard(visit):
    page = visit(PAGE).page
    page.locator(f"{ROOMS} .progress-bar[data-kind=sections] > summary").focus()
    page.keyboard.press("Enter")
    page.locator(f"[data-section='{SECTION}'] input").focus()
    page.keyboard.press("Space")
    assert list(kept(page)["sections"]) == [SECTION]
    assert bar(page, "sections").startswith("1 of ")
    page.keyboard.press("Space")
    assert kept(page)["sections"] == {}


def test_a_section_counts_when_it_was_read_to_its_end(visit):
    seen = visit("book/index.html")
    seen.page.clock.install(time=datetime(2026, 11, 22, 8, tzinfo=UTC))
    seen.page.goto(seen.base + CHAPTER)
    words = seen.page.locator("#one-step").evaluate(
        "s => s.textContent.trim().split(/\\s+/).length"
    )
    seen.page.locator("#one-step h3").first.scroll_into_view_if_needed()
    seen.page.wait_for_timeout(300)
    seen.page.clock.run_for(1000 * (words // 20 + 2))
    assert SECTION not in (kept(seen.page) or record())["sections"], "its end was not seen"
    seen.page.locator("#one-step > .section-end").evaluate("s => s.scrollIntoView()")
    for _ in range(words // 20 + 10):  # a busy machine reports late what is on the screen
        seen.page.wait_for_timeout(50)
        seen.page.clock.run_for(1000)
        if SECTION in kept(seen.page)["sections"]:
            break
    assert SECTION in kept(seen.page)["sections"]
    assert seen.faults == []


def test_a_pass_code_is_taken_by_keyboard_and_can_be_taken_back(visit):
    seen = visit(ROOM)
    form = seen.page.locator(f"#passed-{CODED.id.replace('.', '-').replace('_', '-')}")
    form.locator("input").focus()
    seen.page.keyboard.press("Enter")
    assert "Enter the code" in form.inner_text()
    seen.page.keyboard.type("wrong1")
    seen.page.keyboard.press("Enter")
    assert "WRONG1 is not the code" in form.inner_text()
    form.locator("input").fill(f" {CODED.pass_code.lower()} ")
    form.locator("input").press("Enter")
    assert "✓ Passed on" in form.inner_text()
    assert list(kept(seen.page)["passed"]) == [CODED.id]
    seen.page.reload()
    assert "✓ Passed on" in form.inner_text()
    form.locator("button").click()
    assert kept(seen.page)["passed"] == {}
    assert seen.faults == []


def test_a_check_in_a_chapter_reaches_the_page(visit):
    seen = visit(CHAPTER)
    check = find("ill_conditioning.sum_or_mean")
    part = seen.page.locator("#predict-ill-conditioning-sum-or-mean")
    part.locator("input[type=number]").fill(str(solution(check.id)))
    part.locator(".predict-sure input[value='90']").check()
    part.locator("form button").click()
    seen.page.goto(seen.base + PAGE)
    assert bar(seen.page, "checks").startswith("1 of ")
    assert "at 90 % sure, 1 of 1 right" in seen.page.locator("svg").last.get_attribute("aria-label")


def test_an_exported_file_can_be_imported_elsewhere(visit):
    seen = visit(PAGE)
    keep(seen, FULL)
    with seen.page.expect_download() as download:
        seen.page.locator(".progress-export").click()
    text = download.value.path().read_text("utf-8")
    assert download.value.suggested_filename.startswith("descent-progress-")
    assert json.loads(text) == FULL
    other = visit(PAGE).page
    load_file(other, text)
    assert "Imported 1 section, 1 pass code, 9 predictions, 1 guess." in status(other)
    assert kept(other) == FULL
    assert bar(other, "sections").startswith("1 of ")


def test_what_belongs_to_no_page_is_left_out_and_counted(visit):
    page = visit(PAGE).page
    load_file(page, json.dumps(record(passed={"no.such": AT, CODED.id: AT})))
    assert "1 entry for no page of this book left out" in status(page)
    assert kept(page)["passed"] == {CODED.id: AT}


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("{", "it is not JSON"),
        (json.dumps(FULL | {"version": 2}), "version 2"),
        (json.dumps(record(sections={"<img src=x onerror=alert(1)>#a": AT})), "names"),
        (json.dumps(record(guesses={"a/b": GUESS | {"verdict": 1}})), "no verdict"),
        (" " * 2_000_001, "two megabytes"),
    ],
)
def test_a_bad_file_is_refused_and_nothing_changes(visit, text, reason):
    seen = visit(PAGE)
    keep(seen, FULL)
    load_file(seen.page, text)
    assert status(seen.page).startswith("mine.json was refused")
    assert reason in status(seen.page)
    assert kept(seen.page) == FULL
    assert seen.faults == []


def test_erasing_asks_first(visit):
    seen = visit(PAGE)
    keep(seen, FULL)
    dialog = seen.page.locator(".progress-file dialog")
    seen.page.locator(".progress-erase").focus()
    seen.page.keyboard.press("Enter")
    assert "1 section, 1 pass code, 9 predictions, 1 guess" in dialog.inner_text()
    seen.page.keyboard.press("Escape")
    assert not dialog.is_visible()
    assert kept(seen.page) == FULL
    seen.page.keyboard.press("Enter")
    dialog.locator("button[value=keep]").click()
    assert kept(seen.page) == FULL
    seen.page.locator(".progress-erase").click()
    dialog.locator("button[value=erase]").click()
    assert status(seen.page) == "Everything was erased."
    assert kept(seen.page) is None
    assert bar(seen.page, "sections").startswith("0 of ")


def test_a_damaged_record_is_named(visit):
    seen = visit(PAGE)
    keep(seen, "{")
    assert "cannot be read (it is not JSON)" in seen.page.locator(".progress-note").inner_text()
    assert seen.faults == []


def test_where_storage_is_forbidden_one_line_says_so(visit):
    seen = visit("book/index.html")
    seen.page.add_init_script(
        "Object.defineProperty(window, 'localStorage', {get() { throw new Error('forbidden'); }})"
    )
    seen.page.goto(seen.base + PAGE)
    assert "keeps nothing" in seen.page.locator(".progress-note").inner_text()
    assert seen.faults == []


def test_the_record_is_kept_for_pages_opened_from_disk(visit, html_dir):
    seen = visit(PAGE, base=html_dir.as_uri() + "/")
    keep(seen, FULL)
    assert bar(seen.page, "sections").startswith("1 of ")
    assert "Opened from disk" in seen.page.locator(".progress-note").inner_text()


def test_without_a_script_the_page_is_a_list(visit):
    page = visit(PAGE, java_script_enabled=False).page
    assert "Nothing is kept without JavaScript" in page.locator("article").inner_text()
    page.locator(f"{ROOMS} .progress-bar[data-kind=checks] > summary").click()
    assert page.locator("[data-exercise]:visible").count() == len(checks("ill_conditioning"))
    assert not page.locator(".progress-file").is_visible()
