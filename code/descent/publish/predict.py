"""Sphinx extension: the `{predict}` directive, a question answered before the answer is shown.

``{predict} ill_conditioning.edge`` asks an exercise of kind *predict* in the page. The answer is
computed by the exercise's own solution while the book is built; the page's script only compares
two numbers. Without a script the question can be read, and the answer opened below it.

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
from descent.exercises import Choice, Exercise, Number, find
from descent.exercises.notebook import explained

SOURCES = Path(exercises.__file__).parent
_MARKER = re.compile(r"<!-- predict: (?P<id>[\w.]+) -->")


class html_element(nodes.Element):
    """An HTML element with the given `tag` and `attributes`; `None` gives one without a value."""


def make(tag: str, *children: nodes.Node | str, **attributes: str | None) -> html_element:
    """Build an HTML element; underscores in the names of attributes become hyphens."""
    named = {name.strip("_").replace("_", "-"): value for name, value in attributes.items()}
    new = html_element("", tag=tag, attributes=named)
    new += [nodes.Text(child) if isinstance(child, str) else child for child in children]
    return new


class PredictDirective(SphinxDirective):
    """``{predict} <exercise>``; with ``:bare:`` the task is not repeated."""

    required_arguments = 1
    option_spec = {"bare": directives.flag}  # noqa: RUF012 - docutils' own interface

    def run(self) -> list[nodes.Node]:
        """Build the form, the feedback and the answer."""
        try:
            exercise = find(self.arguments[0])
        except ValueError as error:
            raise self.error(f"predict: {error}") from error
        if exercise.question is None:
            raise self.error(f"predict: {exercise.id} is no predict exercise, it has no question")
        # A changed exercise must be asked anew, though the page's own text is unchanged.
        for source in (
            *SOURCES.glob(f"{exercise.stem}.py"),
            *SOURCES.glob(f"{exercise.stem}/*.py"),
        ):
            self.env.note_dependency(str(source))
        name = f"predict-{exercise.id.replace('.', '-').replace('_', '-')}"
        title = "Predict" if "bare" in self.options else f"Predict: {exercise.title}"
        return [
            make(
                "section",
                make("p", title, class_="admonition-title"),
                *([] if "bare" in self.options else [self._markdown("div", exercise.prompt)]),
                self._form(exercise, name),
                self._outcome(exercise),
                self._answer(exercise),
                id=name,
                class_="predict admonition exercise",
                aria_label=f"Predict: {exercise.title}",
                data_predict=json.dumps(_data(exercise), ensure_ascii=False),
            )
        ]

    def _markdown(self, tag: str, text: str, **attributes: str | None) -> html_element:
        new = make(tag, **attributes)
        self.state.nested_parse(StringList(text.strip().splitlines()), 0, new)
        return new

    def _form(self, exercise: Exercise, name: str) -> html_element:
        question = exercise.question
        button = make("button", "Commit", type="submit")
        if isinstance(question, Number):
            box = make("input", type="number", step="any", name=name, autocomplete="off")
            unit = f" {question.unit}" if question.unit else ""
            fields = [make("label", "Your prediction: ", box, unit)]
        else:
            assert question is not None
            legend = make("legend", "Your prediction")
            fields = [make("fieldset", legend, *self._options(question, name))]
        return make("form", *fields, button, class_="predict-form", hidden=None)

    def _options(self, question: Choice, name: str) -> list[html_element]:
        options = []
        for key, wording in question.options.items():
            words = self.state.inline_text(wording, self.lineno)[0]
            radio = make("input", type="radio", name=name, value=key)
            options.append(make("label", radio, " ", make("span", *words)))
        return options

    def _outcome(self, exercise: Exercise) -> html_element:
        # A live region from the start, so that a screen reader speaks what the script reveals.
        outcome = make("div", role="status", aria_live="polite")
        outcome += make("p", class_="predict-verdict")
        for name, wrong in exercise.wrong.items():
            attributes = {"class_": "predict-feedback", "data_wrong": name, "hidden": None}
            outcome += self._markdown("div", wrong.feedback, **attributes)
        return outcome

    def _answer(self, exercise: Exercise) -> html_element:
        answer = _words(exercise)
        body = f"**{answer}**\n\n{explained(exercise)}"
        summary = make("summary", "Answer", class_="admonition-title")
        details = make("details", summary, class_="predict-answer admonition solution")
        details += self._markdown("div", body)
        return details


def _words(exercise: Exercise) -> str:
    assert exercise.question is not None
    return exercise.question.show(solution(exercise.id))


def _data(exercise: Exercise) -> dict[str, Any]:
    """What the page's script compares: accepted intervals or choices, all computed here."""
    question, right = exercise.question, solution(exercise.id)
    wrong = {name: known(exercise.id, name) for name in exercise.wrong}
    if isinstance(question, Number):
        return {
            "id": exercise.id,
            "unit": question.unit,
            "answer": question.show(right),
            "within": f"{question.within:.0%}",
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
            cell["source"] = f"```{{predict}} {marker['id']}\n:bare:\n```"
    source[0] = json.dumps(notebook)


def _visit(translator: Any, node: html_element) -> None:
    tag, attributes = node["tag"], node["attributes"]
    written = "".join(
        f" {name}" if value is None else f' {name}="{translator.attval(value)}"'
        for name, value in attributes.items()
    )
    translator.body.append(f"<{tag}{written}>")


def _depart(translator: Any, node: html_element) -> None:
    if node["tag"] != "input":
        translator.body.append(f"</{node['tag']}>\n")


def _load(app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: Any) -> None:
    if 'class="predict ' in context.get("body", ""):
        app.add_css_file("predict.css")
        app.add_js_file("predict.js", loading_method="defer")


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the directive, and give its pages their script and style."""
    app.add_node(html_element, html=(_visit, _depart))
    app.add_directive("predict", PredictDirective)
    app.connect("source-read", place_forms)
    app.connect("html-page-context", _load)
    return {"version": "1", "parallel_read_safe": True}
