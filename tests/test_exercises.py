"""The exercises: every stub fails, every solution passes, every known mistake is recognized."""

import ast
import json
import math
import re
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
import torch

import descent.exercises.__main__ as command
from descent import checking
from descent.checking import check, known, solution
from descent.exercises import (
    Choice,
    Exercise,
    Failed,
    Number,
    Wrong,
    checks,
    find,
    load,
    stems,
)
from descent.exercises.checkpoint import checkpoint
from descent.exercises.measure import array, expect_close, number
from descent.exercises.model import SETUP, NotYet
from descent.exercises.notebook import FOLDER, notebook, write

CHECKS = [exercise for stem in stems() for exercise in checks(stem)]
EXERCISES = [exercise for stem in stems() for exercise in load(stem)] + CHECKS
ASKED = [exercise for exercise in EXERCISES if exercise.question]
WRONG = [(exercise, name) for exercise in EXERCISES for name in exercise.wrong]


def ids(value):
    return value.id if isinstance(value, Exercise) else str(value)


# --- what every exercise promises --------------------------------------------------------------


@pytest.mark.parametrize("exercise", EXERCISES, ids=ids)
def test_the_stub_is_not_yet_an_answer(exercise):
    result = check(exercise.id, exercise.define(exercise.stub))
    assert result.state == "not yet", result
    assert exercise.name in result.text
    assert not result


@pytest.mark.parametrize("exercise", EXERCISES, ids=ids)
def test_the_solution_passes(exercise):
    assert check(exercise.id, solution(exercise.id)).state == "passed"


@pytest.mark.parametrize(("exercise", "name"), WRONG, ids=ids)
def test_a_known_mistake_fails_and_gets_its_own_feedback(exercise, name):
    result = check(exercise.id, known(exercise.id, name))
    assert (result.state, result.mistake) == ("failed", name), result
    assert result.feedback == exercise.wrong[name].feedback
    assert result.feedback in repr(result)


@pytest.mark.parametrize("exercise", EXERCISES, ids=ids)
def test_hints_rise_and_feedback_differs(exercise):
    assert len(exercise.hints) == len(set(exercise.hints)) == 3
    feedback = [wrong.feedback for wrong in exercise.wrong.values()]
    assert len(set(feedback)) == len(feedback) >= 2
    assert exercise.explanation.strip()


@pytest.mark.parametrize("exercise", EXERCISES, ids=ids)
def test_code_fits_the_page(exercise):
    for code in (SETUP, exercise.given, exercise.stub, exercise.solution):
        assert max(map(len, code.splitlines()), default=0) <= 76, code


@pytest.mark.parametrize("junk", [lambda *a: "text", lambda: 1, lambda *a: torch.tensor(math.nan),
                                  lambda *a: [[1.0], [2.0, 3.0]], object(), "text", 7, [], {}],
                         ids=range(9))  # fmt: skip
@pytest.mark.parametrize("exercise", EXERCISES, ids=ids)
def test_nonsense_gets_a_verdict_not_an_exception(exercise, junk):
    result = check(exercise.id, junk)
    if exercise.question is None or junk != 7:
        assert result.state == "failed", result
    assert result.text


def test_each_chapter_has_enough_exercises_of_each_kind():
    for stem in stems():
        kinds = [exercise.kind for exercise in load(stem)]
        assert len(kinds) >= 8
        assert len({exercise.title for exercise in load(stem)}) == len(kinds)
        assert len({exercise.id for exercise in load(stem)}) == len(kinds)
        assert {"prove", "code", "predict", "diagnose", "replicate"} <= set(kinds)


def test_solutions_bring_their_own_imports():
    # In the notebook nothing else has been imported; here other tests might have.
    script = "import descent.exercises.model as model\n" + "\n".join(
        f"exec({SETUP + exercise.given + exercise.solution!r}, {{}})"
        for exercise in EXERCISES
        if exercise.question is None
    )
    subprocess.run([sys.executable, "-W", "error", "-c", script], check=True)


# --- questions: predictions, and checks inside a chapter ---------------------------------------


@pytest.mark.parametrize("exercise", ASKED, ids=ids)
def test_the_right_answer_is_computed_and_not_typed(exercise):
    work = [n for n in ast.walk(ast.parse(exercise.solution))
            if isinstance(n, ast.Call | ast.For | ast.While)]  # fmt: skip
    assert work, "a solution that calls nothing and repeats nothing was typed"


@pytest.mark.parametrize("exercise", CHECKS, ids=ids)
def test_a_check_runs_the_package(exercise):
    imports = [n for n in ast.walk(ast.parse(exercise.solution)) if isinstance(n, ast.ImportFrom)]
    assert any(str(node.module).startswith("descent") for node in imports)


@pytest.mark.parametrize("exercise", [e for e in ASKED if isinstance(e.question, Choice)], ids=ids)
def test_every_option_is_the_answer_or_has_its_own_feedback(exercise):
    wrong = [known(exercise.id, name) for name in exercise.wrong]
    assert sorted([solution(exercise.id), *wrong]) == sorted(exercise.question.options)


@pytest.mark.parametrize("exercise", [e for e in CHECKS if isinstance(e.question, Choice)], ids=ids)
def test_of_the_options_of_a_check_one_holds_and_the_others_do_not(exercise):
    holds = replace(exercise, name="holds").define(exercise.solution)
    assert set(holds) == set(exercise.question.options)
    assert [option for option, true in holds.items() if true] == [solution(exercise.id)]


@pytest.mark.parametrize("stem", stems())
def test_a_chapter_asks_each_of_its_checks_once(stem):
    chapter = (FOLDER.parent / "chapters" / f"{stem}.md").read_text("utf-8")
    asked = re.findall(r"^:::\{predict\} (\S+)$", chapter, re.MULTILINE)
    assert [name for name in asked if find(name).kind == "check"] == [c.id for c in checks(stem)]


def test_a_check_without_exactly_one_true_option_cannot_be_answered():
    parts = {"id": "ill_conditioning.x", "title": "x", "prompt": "x", "explanation": "x",
             "hints": ("a", "b", "c"), "question": Choice({"a": "A", "b": "B"})}  # fmt: skip
    for holds in ({"a": True, "b": True}, {"a": False, "b": False}):
        check = checkpoint(**parts, solution=f"holds = {holds}", wrong={"b": "no"})
        with pytest.raises(ValueError, match="values to unpack"):
            check.define(check.solution)


# --- the checker -------------------------------------------------------------------------------


@pytest.mark.parametrize("wrap", [float, np.float64, torch.tensor, lambda v: torch.tensor([v])])
def test_an_answer_may_use_any_kind_of_number(wrap):
    def largest_step(g, H):
        curvature = float(g @ H @ g)
        return math.inf if curvature <= 0 else wrap(2 * float(g @ g) / curvature)

    assert check("ill_conditioning.largest_step", largest_step)


def test_a_failed_answer_names_the_property_with_numbers():
    result = check("ill_conditioning.largest_step", lambda g, H: 0.001)
    assert result.state == "failed"
    assert "the model is back at its start after the step; yours of 0.001" in result.text
    assert (result.mistake, result.feedback) == ("", "")
    assert repr(result).startswith("✗ ill_conditioning.largest_step: failed.")


def test_the_readers_error_is_part_of_the_verdict():
    result = check("ill_conditioning.newton", lambda g, H, damping: 1 / 0)
    assert "it raised ZeroDivisionError: division by zero" in result.text


def test_the_function_is_asked_for_not_its_value():
    assert "pass `hvp`, not `hvp(...)`" in check("ill_conditioning.hessian_vector", 3.0).text


def test_a_wrong_prediction_says_which_way_but_not_where():
    text = check("ill_conditioning.steps_for_thousand", 300).text
    assert "too small" in text
    assert "346" not in text
    assert "too large" in check("ill_conditioning.steps_for_thousand", 400).text
    assert check("ill_conditioning.steps_for_thousand", 340)
    assert "one of 'flat'" in check("ill_conditioning.catapult_end", "sideways").text


@pytest.mark.parametrize(
    ("exercise_id", "error", "message"),
    [
        ("nowhere.step", ValueError, "stem is 'nowhere'; it must be one of "),
        ("ill_conditioning.nothing", ValueError, "must be one of ill_conditioning.largest_step"),
        ("ill_conditioning", ValueError, "must be one of"),
        (3, TypeError, "exercise_id is a int"),
    ],
)
def test_an_unknown_exercise_is_an_error(exercise_id, error, message):
    with pytest.raises(error, match=message):
        check(exercise_id, None)


@pytest.mark.parametrize(
    "change",
    [
        {"id": "no_room"},
        {"kind": "guess"},
        {"stars": 4},
        {"minutes": 0},
        {"hints": ("a", "a", "b")},
        {"hints": ("a", "b", " ")},
        {"wrong": {}},
        {"checks": ()},
        {"question": Number()},
    ],
    ids=str,
)
def test_an_unusable_exercise_is_refused(change):
    with pytest.raises(ValueError, match="exercise"):
        replace(find("ill_conditioning.largest_step"), **change)


def test_an_exercise_stands_in_its_own_room(monkeypatch):
    import descent.exercises.ill_conditioning as room

    lost = replace(EXERCISES[0], id="elsewhere.largest_step")
    monkeypatch.setattr(room, "EXERCISES", (lost,))
    with pytest.raises(ValueError, match="stands in the room"):
        load.__wrapped__("ill_conditioning")


def test_a_mistake_is_recognized_by_behavior_not_by_text(monkeypatch):
    exercise = find("ill_conditioning.largest_step")
    rewritten = lambda g, H: -torch.inf if False else (g @ g) / (H @ g @ g).clamp(min=0)  # noqa: E731
    assert check(exercise.id, rewritten).mistake == "lowest_point"
    twin = replace(exercise, wrong={"mine": Wrong("x", "f", like=lambda answer: 1 / 0)})
    monkeypatch.setattr(checking, "find", lambda exercise_id: twin)
    assert check(exercise.id, lambda g, H: 1.0).mistake == ""


def test_measures_read_or_refuse():
    assert number(torch.tensor([[2.0]]), "it") == 2.0
    assert array((0.1, 0.2), "it", (2,)).dtype == torch.float64
    with pytest.raises(NotYet):
        array(None, "it")
    for value in ("a", [1, "b"], math.nan, [math.inf]):
        with pytest.raises(Failed, match="it is"):
            array(value, "it")
    with pytest.raises(Failed, match=r"has shape \(3,\); it had \(2,\)"):
        array([1, 2], "it", (3,))
    with pytest.raises(Failed, match="one number"):
        number([1, 2], "it")
    with pytest.raises(Failed, match=r"it is \[1, 2\]; yours was \[1, 2.1\]"):
        expect_close([1, 2.1], [1, 2], "it")


@pytest.mark.parametrize(
    ("value", "digits", "unit", "shown"),
    [(346, 3, "steps", "346 steps"), (1.0137, 2, "", "1.0"), (12345.6, 3, "", "12,346"),
     (0.00123, 2, "", "0.0012"), (-2.5, 2, "", "-2.5"), (9.996, 3, "", "10.0")],
)  # fmt: skip
def test_numbers_are_shown_with_their_digits(value, digits, unit, shown):
    assert Number(unit, digits=digits).show(value) == shown


def test_choices_are_shown_in_words():
    assert Choice({"a": "the first", "b": "the second"}).show("b") == "the second"


# --- the mathematics ---------------------------------------------------------------------------


def test_solutions_agree_with_the_package():
    from descent import ill_conditioning as chapter
    from descent.exercises.ill_conditioning import diagonal, largest_step

    for g, H in largest_step.cases():
        want = chapter.break_even_step(g, H @ g)
        assert solution("ill_conditioning.largest_step")(g, H) == pytest.approx(float(want))
    for g, H, d in diagonal.cases():
        t = float(solution("ill_conditioning.diagonal")(g, H, d))
        change = chapter.preconditioned_change(g, H @ (d * g), d, t)
        assert float(change) == pytest.approx(0, abs=1e-9)


def test_predictions_agree_with_theory():
    assert solution("ill_conditioning.steps_for_thousand") == math.ceil(
        math.log(1000) / math.log(101 / 99)
    )
    assert solution("ill_conditioning.catapult_limit") == pytest.approx(4, rel=0.03)
    assert solution("ill_conditioning.edge") == pytest.approx(1, abs=0.05)
    assert solution("ill_conditioning.catapult_end") == "flat"


# --- the notebook ------------------------------------------------------------------------------


@pytest.mark.parametrize("stem", stems())
def test_the_committed_notebook_is_up_to_date(stem):
    committed = (FOLDER / f"{stem}.ipynb").read_text("utf-8")
    assert committed == notebook(stem), "run `python -m descent.exercises` and commit the result"


@pytest.mark.parametrize("stem", stems())
def test_the_notebook_is_valid_and_serves_both_readers(stem):
    import nbformat

    content = nbformat.reads(notebook(stem), as_version=4)
    nbformat.validate(content)
    cells = {cell.id: cell for cell in content.cells}
    assert len(cells) == len(content.cells)
    for exercise in load(stem):
        name = exercise.id.partition(".")[2].replace("_", "-")
        assert ("★" * exercise.stars) in cells[f"{name}-task"].source
        assert f"about {exercise.minutes} minutes" in cells[f"{name}-task"].source
        assert cells[f"{name}-hints"].source.count("<details") == 3
        assert exercise.solution.strip() in cells[f"{name}-solution"].source
        assert cells[f"{name}-stub"].source == exercise.stub.strip()
        hidden = "remove-cell" in cells[f"{name}-stub"].metadata.get("tags", [])
        assert hidden == (f"{name}-predict" in cells) == (exercise.question is not None)


@pytest.mark.parametrize("stem", stems())
def test_the_untouched_notebook_runs_and_says_not_yet(stem):
    namespace, answers = {}, 0
    for cell in json.loads(notebook(stem))["cells"]:
        if cell["cell_type"] == "code":
            source = "".join(cell["source"])
            if source.startswith("descent.check("):
                assert eval(source, namespace).state == "not yet"
                answers += 1
            else:
                exec(source, namespace)
    assert answers == len(load(stem))


def test_the_command_writes_notebooks(tmp_path, capsys):
    assert command.main([str(tmp_path)]) == 0
    assert (tmp_path / "ill_conditioning.ipynb").read_text("utf-8") == notebook("ill_conditioning")
    assert write("ill_conditioning", tmp_path) == tmp_path / "ill_conditioning.ipynb"
    assert command.main([str(tmp_path / "missing")]) == 1
    assert "does not exist" in capsys.readouterr().out
