"""Callouts of class `dropdown` become `<details>`, which open and close without any script."""

from __future__ import annotations

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.transforms.post_transforms import SphinxPostTransform


class disclosure(nodes.Element):
    """A callout that the reader opens; its first child is the `summary`."""


class summary(nodes.TextElement):
    """The line of a `disclosure` that is always visible."""


class Disclose(SphinxPostTransform):
    """Replace every `{admonition}` of class `dropdown` by a `disclosure`."""

    default_priority = 400
    formats = ("html",)

    def run(self, **kwargs: object) -> None:
        """Transform the document in place."""
        for node in list(self.document.findall(nodes.admonition)):
            if "dropdown" in node["classes"]:
                node.replace_self(_disclosure(node))


def _disclosure(node: nodes.admonition) -> disclosure:
    title, *body = node.children
    classes = ["admonition", *node["classes"]]
    new = disclosure(ids=node["ids"], names=node["names"], classes=classes)
    new += summary("", "", *title.children, classes=["admonition-title"])
    new += body
    return new


def setup(app: Sphinx) -> None:
    """Register the two elements and the transform."""
    app.add_node(disclosure, html=(_open("details"), _close("details")))
    app.add_node(summary, html=(_open("summary"), _close("summary")))
    app.add_post_transform(Disclose)


def _open(tag: str):
    def visit(translator, node: nodes.Element) -> None:
        translator.body.append(translator.starttag(node, tag))

    return visit


def _close(tag: str):
    def depart(translator, node: nodes.Element) -> None:
        translator.body.append(f"</{tag}>\n")

    return depart
