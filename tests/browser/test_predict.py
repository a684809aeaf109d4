"""Predictions in a real browser: by keyboard, without storage, without a script, on paper."""

import pytest

from descent.checking import known, solution
from descent.exercises import find

PAGE = "book/exercises/ill_conditioning.html"
NUMBER, CHOICE = "ill_conditioning.steps_for_thousand", "ill_conditioning.catapult_end"


def form(page, exercise_id: str):
    return page.locator("#predict-" + exercise_id.replace(".", "-").replace("_", "-"))


def commit_number(part, value) -> None:
    part.locator("input").focus()
    part.page.keyboard.type(str(value))
    part.page.keyboard.press("Enter")


def commit_choice(part, key: str) -> None:
    part.locator(f"input[value={key}]").focus()
    part.page.keyboard.press("Space")
    part.page.keyboard.press("Enter")


def test_the_answer_is_hidden_until_the_reader_commits(visit):
    seen = visit(PAGE)
    part = form(seen.page, NUMBER)
    assert part.locator("form").is_visible()
    assert not part.locator("details").is_visible()
    assert part.locator(".predict-verdict").inner_text() == ""
    assert seen.faults == []


def test_a_right_number_by_keyboard(visit):
    part = form(visit(PAGE).page, NUMBER)
    commit_number(part, solution(NUMBER))
    verdict = part.locator(".predict-verdict").inner_text()
    assert verdict.startswith("✓")
    assert find(NUMBER).question.show(solution(NUMBER)) in verdict
    assert part.locator("details").evaluate("d => d.open && !d.hidden")
    assert part.locator(".predict-feedback:visible").count() == 0


@pytest.mark.parametrize("name", list(find(NUMBER).wrong))
def test_a_known_wrong_number_gets_its_feedback(visit, name):
    part = form(visit(PAGE).page, NUMBER)
    commit_number(part, known(NUMBER, name))
    assert part.locator(".predict-verdict").inner_text().startswith("✗")
    shown = part.locator(".predict-feedback:visible")
    assert [shown.nth(i).get_attribute("data-wrong") for i in range(shown.count())] == [name]


@pytest.mark.parametrize("key", list(find(CHOICE).question.options))
def test_each_choice_gets_its_verdict(visit, key):
    part = form(visit(PAGE).page, CHOICE)
    commit_choice(part, key)
    right = key == solution(CHOICE)
    assert part.locator(".predict-verdict").inner_text().startswith("✓" if right else "✗")
    assert part.locator(".predict-feedback:visible").count() == (0 if right else 1)


def test_an_empty_prediction_is_asked_for(visit):
    page = visit(PAGE).page
    for exercise_id, words in ((NUMBER, "Enter a number"), (CHOICE, "Choose an answer")):
        part = form(page, exercise_id)
        part.locator("form button").click()
        assert words in part.locator(".predict-verdict").inner_text()
        assert not part.locator("details").is_visible()


def test_a_prediction_is_kept_in_this_browser_and_can_be_taken_back(visit):
    seen = visit(PAGE, until="networkidle")
    commit_number(form(seen.page, NUMBER), 200)
    seen.page.reload()
    part = form(seen.page, NUMBER)
    assert "You predicted 200 steps" in part.locator(".predict-verdict").inner_text()
    assert seen.page.evaluate("Object.keys(localStorage)") == [f"descent.predict.{NUMBER}"]
    part.locator("form button").click()
    assert not part.locator("details").is_visible()
    assert part.locator("input").is_enabled()
    assert seen.page.evaluate("Object.keys(localStorage)") == []


@pytest.mark.parametrize("junk", ["{", "null", "3", '{"prediction": "x"}', '{"prediction": null}'])
def test_damaged_storage_is_ignored(visit, junk):
    seen = visit(PAGE, until="networkidle")
    seen.page.evaluate(
        "([k, v]) => localStorage.setItem(k, v)", [f"descent.predict.{NUMBER}", junk]
    )
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
    assert seen.faults == []


def test_without_a_script_question_and_answer_can_be_read(visit):
    part = form(visit(PAGE, java_script_enabled=False).page, NUMBER)
    assert not part.locator("form").is_visible()
    assert part.locator("summary").is_visible()
    part.locator("summary").click()
    assert find(NUMBER).question.show(solution(NUMBER)) in part.locator("details").inner_text()


def test_on_paper_the_answer_is_printed(visit):
    seen = visit(PAGE)
    part = form(seen.page, NUMBER)
    seen.page.emulate_media(media="print")
    seen.page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert part.locator("details div").first.is_visible()
    assert not part.locator("form button").is_visible()
    seen.page.evaluate("dispatchEvent(new Event('afterprint'))")
    seen.page.emulate_media(media="screen")
    assert not part.locator("details").is_visible()
