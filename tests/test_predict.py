"""The predict directive: what the page holds before any script runs."""

import html
import json
import os
import re
from dataclasses import replace

import pytest

import small_book
from descent.checking import solution
from descent.exercises import Choice, checks, find
from descent.exercises.notebook import notebook
from descent.publish import predict

PREDICTIONS = [
    f"ill_conditioning.{name}"
    for name in ("steps_for_thousand", "catapult_end", "catapult_limit", "edge")
]
CHECKS = [check.id for check in checks("ill_conditioning")]
ASKED = PREDICTIONS + CHECKS


def build(root, files):
    return small_book.build(root, files, "predict", "progress")


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    directives = "\n\n".join(f"```{{predict}} {name}\n```" for name in ASKED)
    index = f"# Page\n\n{directives}\n\n```{{toctree}}\nplain\n```\n"
    built = build(tmp_path_factory.mktemp("predict"), {"index.md": index, "plain.md": "# Plain\n"})
    assert built.warnings == ""
    return built.pages


def section(page: dict[str, str], exercise_id: str) -> str:
    name = exercise_id.replace(".", "-").replace("_", "-")
    found = re.search(rf'<section id="predict-{name}".*?</section>', page["index"], re.DOTALL)
    assert found
    return found[0]


@pytest.mark.parametrize("exercise_id", ASKED)
def test_question_and_answer_can_be_read_without_a_script(page, exercise_id):
    exercise, text = find(exercise_id), section(page, exercise_id)
    answer = exercise.question.show(solution(exercise_id))
    visible = html.unescape(re.sub(r"<form.*?</form>|<[^>]+>", "", text, flags=re.DOTALL))
    assert exercise.title in visible
    assert exercise.prompt.strip().split()[0] in visible
    assert "<details" in text
    assert answer.partition("$")[0] in visible
    assert re.search(r"<form[^>]* hidden>", text)
    assert 'role="status" aria-live="polite"' in text
    assert text.count("predict-feedback") == len(exercise.wrong)
    if isinstance(exercise.question, Choice):
        listed = html.unescape(re.search(r"<noscript><ul>.*?</noscript>", text, re.DOTALL)[0])
        assert listed.count("<li>") == len(exercise.question.options)
        for wording in exercise.question.options.values():
            assert wording.partition("$")[0] in listed
    hints = [hint for hint in re.findall(r"<summary[^>]*>Hint (\d)</summary>", text)]
    assert hints == ["1", "2", "3"]


def test_a_form_below_its_task_repeats_neither_task_nor_hints(tmp_path):
    text = f"# Page\n\n```{{predict}} {PREDICTIONS[0]}\n:bare:\n```\n"
    page = build(tmp_path, {"index.md": text}).pages
    assert "Hint" not in section(page, PREDICTIONS[0])
    assert find(PREDICTIONS[0]).title not in re.sub(r"<[^>]+>", "", section(page, PREDICTIONS[0]))


@pytest.mark.parametrize("exercise_id", ASKED)
def test_the_reader_says_how_sure_they_are(page, exercise_id):
    text = section(page, exercise_id)
    levels = re.findall(r'name="[\w-]+-sure" value="(\d+)"', text)
    assert levels == [str(level) for level in predict.CONFIDENCE]
    assert all(f" {level} %</label>" in text for level in levels)
    kind = {"predict": "Predict", "check": "Check"}[find(exercise_id).kind]
    assert f'<p class="admonition-title">{kind}: {find(exercise_id).title}' in html.unescape(text)


@pytest.mark.parametrize("exercise_id", ASKED)
def test_the_page_compares_with_what_python_computed(page, exercise_id):
    exercise = find(exercise_id)
    data = json.loads(
        html.unescape(re.search(r'data-predict="([^"]*)"', section(page, exercise_id))[1])
    )
    right = solution(exercise_id)
    assert data["id"] == exercise_id
    assert set(data["wrong"]) == set(exercise.wrong)
    if isinstance(right, str):
        assert data["right"] == right
        assert right not in data["wrong"].values()
    else:
        low, high = data["right"]
        assert low < right < high
        assert exercise.question.accepts(low, right)
        assert not exercise.question.accepts(high * 1.001, right)
        for wrong_low, wrong_high in data["wrong"].values():
            assert wrong_high < low or wrong_low > high


@pytest.mark.parametrize("exercise_id", ASKED)
def test_every_input_has_a_label(page, exercise_id):
    text = section(page, exercise_id)
    inputs = len(re.findall(r"<input", text))
    assert inputs == len(re.findall(r"<label>(?:(?!</label>).)*<input", text, re.DOTALL)) >= 1
    assert text.count("<legend>") == text.count("<fieldset") >= 1
    assert ("<fieldset>" in text) == isinstance(find(exercise_id).question, Choice)


def test_only_pages_with_a_prediction_load_its_script(page):
    assert "predict.js" in page["index"]
    assert "predict.css" in page["index"]
    assert page["index"].index("study.js") < page["index"].index("predict.js")
    assert "predict." not in page["plain"]


@pytest.mark.parametrize(
    ("exercise_id", "message"),
    [
        ("ill_conditioning.nothing", "must be one of"),
        ("nowhere.step", "must be one of"),
        ("ill_conditioning.newton", "no predict exercise"),
    ],
)
def test_a_wrong_id_fails_the_build(tmp_path, exercise_id, message):
    built = build(tmp_path, {"index.md": f"# Page\n\n```{{predict}} {exercise_id}\n```\n"})
    assert message in built.warnings
    assert "index.md:3" in built.warnings


def test_the_notebook_gets_its_forms(tmp_path):
    files = {
        "index.md": "# Book\n\n```{toctree}\nroom\n```\n",
        "room.ipynb": notebook("ill_conditioning"),
    }
    built = build(tmp_path, files)
    assert built.warnings == ""
    room = built.pages["room"]
    for exercise_id in PREDICTIONS:
        assert f'aria-label="Predict: {find(exercise_id).title}"' in room
        assert f'check(<span class="s2">&quot;{exercise_id}' not in room
    assert "<!-- predict" not in room
    assert room.count('<p class="admonition-title">Predict</p>') == len(PREDICTIONS)
    assert room.count("<details") >= 3 * 13


def test_a_changed_exercise_is_asked_anew(tmp_path, monkeypatch):
    source = tmp_path / "sources" / "ill_conditioning.py"
    source.parent.mkdir()
    source.write_text("first")
    monkeypatch.setattr(predict, "SOURCES", source.parent)
    files = {"index.md": f"# Page\n\n```{{predict}} {PREDICTIONS[1]}\n```\n"}
    assert "Beyond the stability limit" in build(tmp_path, files).pages["index"]
    changed = replace(find(PREDICTIONS[1]), title="Another title")
    monkeypatch.setattr(predict, "find", lambda exercise_id: changed)
    os.utime(source, (2e9, 2e9))
    assert "Another title" in build(tmp_path, {}).pages["index"]
