"""Predictions in a real browser: by keyboard, without storage, without a script, on paper."""

import pytest
from playwright.sync_api import expect

from descent.checking import known, solution
from descent.exercises import find

PAGE = "book/exercises/ill_conditioning.html"
CHAPTER = "book/chapters/ill_conditioning.html"
NUMBER, CHOICE = "ill_conditioning.steps_for_thousand", "ill_conditioning.catapult_end"
CHECK, CHECK_NUMBER = "ill_conditioning.wrong_turn", "ill_conditioning.sum_or_mean"
RECORD = "JSON.parse(localStorage.getItem('descent.progress'))"


def form(page, exercise_id: str):
    """A question, in view: a far section of a chapter is laid out when it comes near."""
    part = page.locator("#predict-" + exercise_id.replace(".", "-").replace("_", "-"))
    part.scroll_into_view_if_needed()
    expect(part).not_to_have_text("", use_inner_text=True)
    return part


def sure(part, level: int) -> None:
    part.locator(f".predict-sure input[value='{level}']").focus()
    part.page.keyboard.press("Space")


def commit_number(part, value, level: int = 70) -> None:
    part.locator("input[type=number]").focus()
    part.page.keyboard.type(str(value))
    sure(part, level)
    part.page.keyboard.press("Enter")


def commit_choice(part, key: str, level: int = 70) -> None:
    part.locator(f"input[value={key}]").focus()
    part.page.keyboard.press("Space")
    sure(part, level)
    part.page.keyboard.press("Enter")


def test_the_answer_is_hidden_until_the_reader_commits(visit):
    seen = visit(PAGE)
    part = form(seen.page, NUMBER)
    assert part.locator("form").is_visible()
    assert not part.locator("details.predict-answer").is_visible()
    assert part.locator(".predict-verdict").inner_text() == ""
    assert seen.faults == []


def test_a_right_number_by_keyboard(visit):
    part = form(visit(PAGE).page, NUMBER)
    commit_number(part, solution(NUMBER))
    verdict = part.locator(".predict-verdict").inner_text()
    assert verdict.startswith("✓")
    assert find(NUMBER).question.show(solution(NUMBER)) in verdict
    assert part.locator("details.predict-answer").evaluate("d => d.open && !d.hidden")
    assert part.locator(".predict-feedback:visible").count() == 0


@pytest.mark.parametrize("name", list(find(NUMBER).wrong))
def test_a_known_wrong_number_gets_its_feedback(visit, name):
    part = form(visit(PAGE).page, NUMBER)
    commit_number(part, known(NUMBER, name))
    assert part.locator(".predict-verdict").inner_text().startswith("✗")
    shown = part.locator(".predict-feedback:visible")
    assert [shown.nth(i).get_attribute("data-wrong") for i in range(shown.count())] == [name]


@pytest.mark.parametrize(
    ("path", "exercise_id", "key"),
    [(PAGE, CHOICE, key) for key in find(CHOICE).question.options]
    + [(CHAPTER, CHECK, key) for key in find(CHECK).question.options],
)
def test_each_choice_gets_its_verdict(visit, path, exercise_id, key):
    part = form(visit(path).page, exercise_id)
    commit_choice(part, key)
    right = key == solution(exercise_id)
    assert part.locator(".predict-verdict").inner_text().startswith("✓" if right else "✗")
    assert part.locator(".predict-feedback:visible").count() == (0 if right else 1)


def test_an_empty_prediction_is_asked_for(visit):
    page = visit(PAGE).page
    for exercise_id, words in ((NUMBER, "Enter a number"), (CHOICE, "Choose an answer")):
        part = form(page, exercise_id)
        part.locator("form button").click()
        assert words in part.locator(".predict-verdict").inner_text()
        assert not part.locator("details.predict-answer").is_visible()


def test_a_confidence_is_asked_for(visit):
    part = form(visit(PAGE).page, NUMBER)
    part.locator("input[type=number]").fill("200")
    part.locator("form button").click()
    assert "how sure" in part.locator(".predict-verdict").inner_text()
    assert part.locator(".predict-sure input").first.evaluate("i => i === document.activeElement")
    for _ in range(3):  # arrow keys walk through the levels
        part.page.keyboard.press("ArrowRight")
    part.page.keyboard.press("Enter")
    assert "You were 70 % sure" in part.locator(".predict-verdict").inner_text()


def test_a_check_inside_a_chapter_has_hints_and_keeps_its_answer_hidden(visit):
    part = form(visit(CHAPTER).page, CHECK_NUMBER)
    part.scroll_into_view_if_needed()
    assert [h.inner_text() for h in part.locator("summary:visible").all()] == [
        "Hint 1",
        "Hint 2",
        "Hint 3",
    ]
    part.locator("summary", has_text="Hint 1").click()
    assert "divided by 64" in part.inner_text()
    commit_number(part, solution(CHECK_NUMBER), 90)
    assert part.locator(".predict-verdict").inner_text().startswith("✓")
    assert part.locator("details.predict-answer").evaluate("d => d.open && !d.hidden")


def test_choices_are_big_enough_for_a_thumb(visit):
    part = form(visit(PAGE, width=390, height=844).page, NUMBER)
    for label in part.locator(".predict-sure label").all():
        box = label.bounding_box()
        assert min(box["width"], box["height"]) >= 32


def test_a_prediction_is_kept_in_this_browser_and_can_be_taken_back(visit):
    seen = visit(PAGE, until="networkidle")
    commit_number(form(seen.page, NUMBER), 200)
    seen.page.reload()
    part = form(seen.page, NUMBER)
    assert "You predicted 200 steps" in part.locator(".predict-verdict").inner_text()
    assert seen.page.evaluate("Object.keys(localStorage)") == ["descent.progress"]
    part.locator("form button").click()
    assert not part.locator("details.predict-answer").is_visible()
    assert part.locator("input[type=number]").is_enabled()
    seen.page.reload()
    assert part.locator(".predict-verdict").inner_text() == ""


def test_the_first_prediction_stays_in_the_calibration(visit):
    seen = visit(PAGE)
    part = form(seen.page, NUMBER)
    commit_number(part, 200, 90)
    part.locator("form button").click()
    assert "stays your first prediction, at 90 %" in part.locator(".predict-note").inner_text()
    part.locator("input[type=number]").fill("")
    commit_number(part, solution(NUMBER), 99)
    kept = seen.page.evaluate(RECORD)["predictions"][NUMBER]
    assert (kept["first"]["prediction"], kept["first"]["right"]) == (200, False)
    assert (kept["last"]["sure"], kept["last"]["right"]) == (99, True)


@pytest.mark.parametrize("junk", ["{", "null", "3", '{"prediction": "x"}', '{"version": 99}'])
def test_damaged_storage_is_ignored(visit, junk):
    seen = visit(PAGE, until="networkidle")
    seen.page.evaluate("v => localStorage.setItem('descent.progress', v)", junk)
    seen.page.reload()
    assert form(seen.page, NUMBER).locator(".predict-verdict").inner_text() == ""
    assert seen.faults == []


def test_predictions_work_where_storage_is_forbidden(visit):
    seen = visit("book/index.html", until="networkidle")
    seen.page.add_init_script(
        "Object.defineProperty(window, 'localStorage', {get() { throw new Error('forbidden'); }})"
    )
    seen.page.goto(seen.base + PAGE)
    part = form(seen.page, NUMBER)
    commit_number(part, solution(NUMBER))
    assert part.locator(".predict-verdict").inner_text().startswith("✓")
    assert "keeps nothing" in part.locator(".predict-note").inner_text()
    assert seen.faults == []


def test_without_a_script_question_and_answer_can_be_read(visit):
    part = form(visit(PAGE, java_script_enabled=False).page, NUMBER)
    assert not part.locator("form").is_visible()
    assert part.locator("summary.admonition-title").is_visible()
    part.locator("summary.admonition-title").click()
    assert (
        find(NUMBER).question.show(solution(NUMBER))
        in part.locator("details.predict-answer").inner_text()
    )


def test_on_paper_the_answer_is_printed(visit):
    seen = visit(PAGE)
    part = form(seen.page, NUMBER)
    seen.page.emulate_media(media="print")
    seen.page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert part.locator("details.predict-answer div").first.is_visible()
    assert not part.locator("form button").is_visible()
    seen.page.evaluate("dispatchEvent(new Event('afterprint'))")
    seen.page.emulate_media(media="screen")
    assert not part.locator("details.predict-answer").is_visible()
