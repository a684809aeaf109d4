"""What a reader has done: the pages that ask and list, and the script that keeps the record."""

import html
import json
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import small_book
from claims import ROOT
from descent.checking import check, known, solution
from descent.exercises import checks, load
from descent.exercises.notebook import notebook
from scripts import engine

STEM = "ill_conditioning"
CHECK = checks(STEM)[1]
FILES = {
    "_toc.yml": f"root: index\nchapters:\n  - file: book/chapters/{STEM}\n",
    "index.md": "# Book\n\n```{toctree}\nbook/progress\nbook/chapters/ill_conditioning\n"
    "book/exercises/ill_conditioning\nbook/plain\n```\n",
    "book/plain.md": "# Plain\n",
    "book/progress.md": "# Progress\n\n## Chapters\n\n```{progress} chapters\n```\n\n"
    "```{progress} calibration\n```\n\n```{progress} file\n```\n",
    f"book/chapters/{STEM}.md": "# Ill\n\n## One $\\kappa$\n\n### Deeper\n\ntext\n\n## Two\n\n"
    f"```{{predict}} {CHECK.id}\n```\n",
    f"book/exercises/{STEM}.ipynb": notebook(STEM),
}


@pytest.fixture(scope="module")
def book(tmp_path_factory):
    built = small_book.build(tmp_path_factory.mktemp("book"), FILES, "predict", "progress")
    assert built.warnings == ""
    return built


# --- pages -------------------------------------------------------------------------------------


def test_the_page_lists_every_section_exercise_and_check(book):
    page = html.unescape(book.pages["book/progress"])
    listed = re.findall(r'data-section="([^"]*)"', page)
    assert listed == [f"book/chapters/{STEM}#one-kappa", f"book/chapters/{STEM}#two"]
    tasks = re.findall(r'data-exercise="([^"]*)"', page)
    assert tasks == [exercise.id for exercise in (*load(STEM), *checks(STEM))]
    counts = re.findall(r'<progress max="(\d+)" value="0" aria-label="([^"]*)"', page)
    assert [(int(n), name) for n, name in counts] == [
        (2, "Sections read"),
        (len(load(STEM)), "Exercises passed"),
        (len(checks(STEM)), "Checks right"),
    ]


def test_every_link_of_the_page_leads_to_its_place(book):
    page = book.pages["book/progress"].partition('class="progress-chapter"')[2]
    links = [link for link in re.findall(r'href="([^"]*)"', page) if "ill_conditioning" in link]
    assert len(links) >= 2 + len(load(STEM))
    for link in links:
        target, _, fragment = link.partition("#")
        if fragment.startswith("predict-") and not fragment.endswith("wrong-turn"):
            continue  # the small chapter asks one check only
        text = book.pages[str(Path("book", target).with_suffix(""))]
        assert not fragment or f'id="{fragment}"' in text, link


def test_a_new_section_reaches_the_page_in_the_next_build(tmp_path):
    small_book.build(tmp_path, FILES, "predict", "progress")
    chapter = f"book/chapters/{STEM}.md"
    more = {chapter: FILES[chapter] + "\n## Three\n\ntext\n"}
    again = small_book.build(tmp_path, more, "predict", "progress")
    assert f'data-section="book/chapters/{STEM}#three"' in again.pages["book/progress"]


def test_each_page_loads_what_it_needs_and_the_record_first(book):
    def scripts(page):
        found = re.findall(r'src="[^"]*_static/([\w-]+)\.js', book.pages[page])
        return [name for name in found if name in OURS]

    OURS = {"study", "predict", "passed", "reading", "progress"}
    assert scripts(f"book/chapters/{STEM}") == ["study", "predict", "reading"]
    assert scripts(f"book/exercises/{STEM}") == ["study", "predict", "passed"]
    assert scripts("book/progress") == ["study", "progress"]
    assert scripts("book/plain") == []


def test_each_exercise_that_runs_in_python_takes_its_code(book):
    page = html.unescape(book.pages[f"book/exercises/{STEM}"])
    forms = [json.loads(found) for found in re.findall(r'data-passed="(\{.*?\})"', page)]
    expected = [(e.id, e.pass_code) for e in load(STEM) if e.question is None]
    assert [(form["id"], form["code"]) for form in forms] == expected
    assert "<!-- passed" not in page
    assert len(re.findall(r'<form id="passed-[^>]* hidden>', page)) == len(expected)


@pytest.mark.parametrize(
    ("text", "message"),
    [("{progress} nothing", "must be one of chapters"), ("{passed} nowhere.x", "must be one of")],
)
def test_a_wrong_argument_fails_the_build(tmp_path, text, message):
    page = f"# Page\n\n```{text}\n```\n"
    assert message in small_book.build(tmp_path, {"index.md": page}, "predict", "progress").warnings


# --- pass codes --------------------------------------------------------------------------------


def test_a_pass_prints_its_code_and_nothing_else_does():
    exercise = next(e for e in load(STEM) if e.question is None)
    assert exercise.pass_code in repr(check(exercise.id, solution(exercise.id)))
    wrong = next(iter(exercise.wrong))
    assert exercise.pass_code not in repr(check(exercise.id, known(exercise.id, wrong)))
    assert "code" not in repr(check(CHECK.id, solution(CHECK.id)))


def test_codes_differ_and_can_be_typed():
    codes = [exercise.pass_code for exercise in load(STEM)]
    assert len(set(codes)) == len(codes)
    assert all(re.fullmatch(r"[A-HJ-NP-Z2-9]{6}", code) for code in codes)


# --- the record --------------------------------------------------------------------------------

AT = "2026-11-22T07:00:00.000Z"
SAID = {"prediction": 3.5, "sure": 70, "right": True, "at": AT}
GUESS = {"prediction": 38, "right": False, "verdict": "✗ You guessed 38.", "at": AT}
RECORD = {
    "book": "descent",
    "version": 1,
    "sections": {"book/chapters/ill_conditioning#one-step": AT},
    "passed": {"ill_conditioning.newton": AT},
    "predictions": {"ill_conditioning.edge": {"first": SAID, "last": None}},
    "guesses": {"momentum/order": GUESS},
}


@pytest.fixture(scope="module")
def parse():
    engine().eval((ROOT / "book/_static/study.js").read_text("utf-8"))

    def run(text: str):
        script = """(text => {
          try { return JSON.stringify({ record: study.parse(text) }); }
          catch (error) { return JSON.stringify({ refused: error.message, kind: error.name }); }
        })"""
        return json.loads(engine().eval(f"{script}({json.dumps(text)})"))

    return run


def changed(**parts) -> dict:
    return RECORD | parts


def said(**parts) -> dict:
    first = {name: value for name, value in (SAID | parts).items() if value != "gone"}
    return changed(predictions={"a.b": {"first": first, "last": None}})


def guessed(name: str = "a/b", **parts) -> dict:
    return changed(guesses={name: GUESS | parts})


def test_a_record_from_before_there_were_guesses_is_read(parse):
    older = {name: value for name, value in RECORD.items() if name != "guesses"}
    assert parse(json.dumps(older)) == {"record": changed(guesses={})}


def test_a_record_comes_back_as_it_was(parse):
    assert parse(json.dumps(RECORD)) == {"record": RECORD}
    choice = said(prediction="flat")
    assert parse(json.dumps(choice)) == {"record": choice}


REFUSED = {
    "no JSON": ("{", "not JSON"),
    "a number": ("3", "not a record of this book"),
    "nothing": ("null", "not a record of this book"),
    "a list": ("[]", "not a record of this book"),
    "another book": (changed(book="other"), "not a record of this book"),
    "no version": (changed(version=None), "of version null; this book reads 1"),
    "a later version": (changed(version=2), "of version 2; this book reads 1"),
    "a part too many": (changed(extra=1), "unknown part “extra”"),
    "a guess that is no number": (guessed(prediction="3"), "“a/b” holds no number"),
    "a guess without a verdict": (guessed(verdict=None), "“a/b” has no verdict"),
    "a guess on no figure": (guessed("<b>"), "names “<b>”"),
    "a part too few": ({k: RECORD[k] for k in ("book", "version")}, "“sections” is not a record"),
    "sections as a list": (changed(sections=[AT]), "“sections” is not a record"),
    "a script for a name": (changed(sections={"<img src=x>#a": AT}), "names “<img src=x>#a”"),
    "a way out": (changed(sections={"../../x#a": AT}), "names"),
    "an address": (changed(sections={"http://x/y#a": AT}), "names"),
    "no date": (changed(passed={"a.b": "yesterday"}), "no date"),
    "an impossible date": (changed(passed={"a.b": "2026-13-45T99:00:00.000Z"}), "no date"),
    "a date that is none": (changed(passed={"a.b": 5}), "no date"),
    "an exercise without a room": (changed(passed={"ab": AT}), "names “ab”"),
    "a prediction of its own": (changed(predictions={"a.b": SAID}), "unknown part"),
    "too sure": (said(sure=101), "0 to 100"),
    "half sure": (said(sure=50.5), "0 to 100"),
    "sure in words": (said(sure="70"), "0 to 100"),
    "neither right nor wrong": (said(right="yes"), "neither right nor wrong"),
    "no answer": (said(prediction=None), "no answer"),
    "an endless answer": (said(prediction="x" * 81), "no answer"),
    "a missing answer": (said(prediction="gone"), "no answer"),
    "too many": (changed(passed={f"a.b{k}": AT for k in range(10_001)}), "more than 10000"),
    "too large": (" " * 2_000_001, "two megabytes"),
}


@pytest.mark.parametrize(("value", "reason"), REFUSED.values(), ids=REFUSED)
def test_a_damaged_or_hostile_record_is_refused_with_a_reason(parse, value, reason):
    text = value if isinstance(value, str) else json.dumps(value)
    refused = parse(text)
    assert refused["kind"] == "TypeError"
    assert reason in refused["refused"]


def test_no_name_reaches_the_prototype(parse):
    text = json.dumps(RECORD).replace('"sections": {', '"sections": {"__proto__": {"x": 1}, ')
    assert "__proto__" in parse(text)["refused"]
    assert engine().eval("({}).x === undefined")


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner),
    max_leaves=8,
)


@given(name=st.sampled_from([*RECORD, "other"]), value=JUNK)
def test_whatever_stands_in_a_part_is_a_record_or_a_reason(parse, name, value):
    answer = parse(json.dumps(RECORD | {name: value}))
    if "record" in answer:
        assert parse(json.dumps(answer["record"])) == answer
    else:
        assert (answer["kind"], bool(answer["refused"])) == ("TypeError", True)


@given(cut=st.integers(0, len(json.dumps(RECORD)) - 1))
def test_a_truncated_file_is_refused(parse, cut):
    assert parse(json.dumps(RECORD)[:cut])["refused"] == "it is not JSON"


def test_of_two_records_the_earlier_entries_stay(parse):
    assert "record" in parse(json.dumps(RECORD))
    later = AT.replace("07:", "09:")
    mine = changed(passed={"a.b": later, "a.c": AT})
    theirs = changed(passed={"a.b": AT, "a.c": later, "a.d": later}, sections={})
    mine["predictions"] = {"a.b": {"first": SAID | {"at": later}, "last": None}}
    theirs["predictions"] = {"a.b": {"first": SAID, "last": SAID}}
    script = "((a, b) => { study.merge(a, b); return JSON.stringify(a); })"
    merged = json.loads(engine().eval(f"{script}({json.dumps(mine)}, {json.dumps(theirs)})"))
    assert merged["passed"] == {"a.b": AT, "a.c": AT, "a.d": later}
    assert merged["sections"] == RECORD["sections"]
    assert merged["predictions"] == {"a.b": {"first": SAID, "last": SAID}}
