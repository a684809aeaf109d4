"""HTML elements in a document, for the parts of a page that Markdown has no words for."""

from typing import Any

from docutils import nodes
from sphinx.application import Sphinx


class html_element(nodes.Element):
    """An HTML element with the given `tag` and `attributes`; `None` gives one without a value."""


def make(tag: str, *children: nodes.Node | str, **attributes: str | None) -> html_element:
    """Build an HTML element; underscores in the names of attributes become hyphens."""
    named = {name.strip("_").replace("_", "-"): value for name, value in attributes.items()}
    new = html_element("", tag=tag, attributes=named)
    new += [nodes.Text(child) if isinstance(child, str) else child for child in children]
    return new


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


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the element."""
    app.add_node(html_element, html=(_visit, _depart))
    return {"version": "1", "parallel_read_safe": True}
