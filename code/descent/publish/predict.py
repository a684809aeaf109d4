"""Sphinx extension: the `{predict}` directive, a question answered before the answer is shown.

``{predict} ill_conditioning.edge`` asks an exercise of kind *predict*, or a *check* inside a
chapter. The answer is computed by its own solution while the book is built; the page's script
compares two numbers, and notes in the reader's browser what was said and how surely. Without a
script the question can be read, and the answer opened below it.

In an exercise notebook the comment ``<!-- predict: ill_conditioning.edge -->`` stands for the
directive, since JupyterLab would show the directive as text.
"""

import json
import re
from pathlib import Path
from typing import Any

from docutils import nodes
from docutils.parsers.rst import directives
from docutils.statemachine import StringList
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from descent import exercises
from descent.checking import known, solution
from descent.exercises import Exercise, Number, find
from descent.publish.elements import html_element, make

SOURCES = Path(exercises.__file__).parent
_MARKER = re.compile(r"<!-- (?P<directive>predict|passed): (?P<id>[\w.]+) -->")
_WORDS = {"predict": "Predict", "check": "Check"}

# How sure a reader may be, in percent.
CONFIDENCE = (10, 30, 50, 70, 90, 99)


def anchor(exercise_id: str, kind: str = "predict") -> str:
    """Return the id of an exercise's form in its page."""
    return f"{kind}-{exercise_id.replace('.', '-').replace('_', '-')}"


class ExerciseDirective(SphinxDirective):
    """A directive whose one argument is the id of an exercise."""

    required_arguments = 1

    def exercise(self) -> Exercise:
        """Find the exercise, and write the page anew whenever its source changes."""
        try:
            exercise = find(self.arguments[0])
        except ValueError as error:
            raise self.error(f"{self.name}: {error}") from error
        for pattern in (f"{exercise.stem}.py", f"{exercise.stem}/*.py"):
            for source in SOURCES.glob(pattern):
                self.env.note_dependency(str(source))
        return exercise

    def markdown(self, tag: str, text: str, **attributes: str | None) -> html_element:
        """Build an element that holds parsed Markdown."""
        new = make(tag, **attributes)
        self.state.nested_parse(StringList(text.strip().splitlines()), 0, new)
        return new


class PredictDirective(ExerciseDirective):
    """``{predict} <exercise>``; with ``:bare:`` task and hints, which stand above, are left out."""

    option_spec = {"bare": directives.flag}  # noqa: RUF012 - docutils' own interface

    def run(self) -> list[nodes.Node]:
        """Build the form, the feedback and the answer."""
        exercise, bare = self.exercise(), "bare" in self.options
        if exercise.question is None:
            raise self.error(f"predict: {exercise.id} is no predict exercise, it has no question")
        name, word = anchor(exercise.id), _WORDS[exercise.kind]
        title = word if bare else f"{word}: {exercise.title}"
        return [
            make(
                "section",
                make("p", title, class_="admonition-title"),
                *([] if bare else [self.markdown("div", exercise.prompt)]),
                *self._asked(exercise, name),
                *([] if bare else self._hints(exercise)),
                self._outcome(exercise),
                self._answer(exercise),
                id=name,
                class_="predict admonition exercise",
                aria_label=f"{word}: {exercise.title}",
                data_predict=json.dumps(_data(exercise), ensure_ascii=False),
            )
        ]

    def _asked(self, exercise: Exercise, name: str) -> list[html_element]:
        question = exercise.question
        if isinstance(question, Number):
            box = make("input", type="number", step="any", name=name, autocomplete="off")
            unit = f" {question.unit}" if question.unit else ""
            fields = [make("label", "Your prediction: ", box, unit)]
            fields.append(make("small", f"counts when within {100 * question.within:.0f} %"))
            readable = []
        else:
            assert question is not None
            words = [
                self.state.inline_text(text, self.lineno)[0] for text in question.options.values()
            ]
            pairs = zip(question.options, words, strict=True)
            options = [_radio(name, key, make("span", *text)) for key, text in pairs]
            fields = [make("fieldset", make("legend", "Your prediction"), *options)]
            listed = make("ul", *(make("li", *_copies(text)) for text in words))
            readable = [make("noscript", listed)]
        sure = [_radio(f"{name}-sure", str(level), f"{level} %") for level in CONFIDENCE]
        legend = make("legend", "How sure are you?")
        fields.append(make("fieldset", legend, *sure, class_="predict-sure"))
        button = make("button", "Commit", type="submit")
        return [make("form", *fields, button, class_="predict-form", hidden=None), *readable]

    def _hints(self, exercise: Exercise) -> list[html_element]:
        hints = []
        for position, hint in enumerate(exercise.hints, 1):
            summary = make("summary", f"Hint {position}", class_="admonition-title")
            body = self.markdown("div", hint)
            hints.append(make("details", summary, body, class_="admonition hint"))
        return hints

    def _outcome(self, exercise: Exercise) -> html_element:
        # A live region from the start, so that a screen reader speaks what the script reveals.
        outcome = make("div", role="status", aria_live="polite")
        outcome += make("p", class_="predict-verdict")
        for name, wrong in exercise.wrong.items():
            attributes = {"class_": "predict-feedback", "data_wrong": name, "hidden": None}
            outcome += self.markdown("div", wrong.feedback, **attributes)
        outcome += make("p", class_="predict-note")
        return outcome

    def _answer(self, exercise: Exercise) -> html_element:
        assert exercise.question is not None
        answer = exercise.question.show(solution(exercise.id))
        summary = make("summary", "Answer", class_="admonition-title")
        details = make("details", summary, class_="predict-answer admonition solution")
        details += self.markdown("div", f"**{answer}**\n\n{exercise.explanation}")
        code = self.markdown("div", f"```python\n{exercise.solution.strip()}\n```")
        details += make("details", make("summary", "The code that computed it"), code)
        return details


def _radio(name: str, value: str, words: html_element | str) -> html_element:
    return make("label", make("input", type="radio", name=name, value=value), " ", words)


def _copies(words: list[nodes.Node]) -> list[nodes.Node]:
    return [node.deepcopy() for node in words]


def _data(exercise: Exercise) -> dict[str, Any]:
    """What the page's script compares: accepted intervals or choices, all computed here."""
    question, right = exercise.question, solution(exercise.id)
    wrong = {name: known(exercise.id, name) for name in exercise.wrong}
    if isinstance(question, Number):
        return {
            "id": exercise.id,
            "unit": question.unit,
            "answer": question.show(right),
            "within": f"{100 * question.within:.0f} %",
            "right": question.interval(float(right)),
            "wrong": {name: question.interval(float(value)) for name, value in wrong.items()},
        }
    return {"id": exercise.id, "right": right, "wrong": wrong}


def place_forms(app: Sphinx, docname: str, source: list[str]) -> None:
    """Turn the marker comments of an exercise notebook into directives."""
    if not _MARKER.search(source[0]) or not app.env.doc2path(docname).endswith(".ipynb"):
        return
    notebook = json.loads(source[0])
    for cell in notebook["cells"]:
        text = "".join(cell["source"])
        if cell["cell_type"] == "markdown" and (marker := _MARKER.fullmatch(text.strip())):
            option = "\n:bare:" if marker["directive"] == "predict" else ""
            cell["source"] = f"```{{{marker['directive']}}} {marker['id']}{option}\n```"
    source[0] = json.dumps(notebook)


def _load(app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: Any) -> None:
    if 'class="predict ' in context.get("body", ""):
        app.add_css_file("predict.css")
        app.add_js_file("study.js", loading_method="defer")
        app.add_js_file("predict.js", loading_method="defer")


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the directive, and give its pages their script and style."""
    app.setup_extension("descent.publish.elements")
    app.add_directive("predict", PredictDirective)
    app.connect("source-read", place_forms)
    app.connect("html-page-context", _load)
    return {"version": "1", "parallel_read_safe": True}
