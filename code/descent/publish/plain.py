"""Plain text of a document's nodes, for places that show no markup, such as the search index."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from unicodedata import normalize
from xml.etree import ElementTree

from docutils import nodes
from sphinx import addnodes

from descent.publish.elements import html_element
from descent.publish.math import FormulaError, render

_SHOWN_ELSEWHERE = (nodes.literal_block, nodes.system_message, nodes.comment, nodes.raw)


def plain(node: nodes.Node) -> str:
    """Return what a reader would read aloud, on one line.

    Args:
        node: Any part of a document.

    Returns:
        Its text; formulas in signs such as ``2/η``, no code and no controls.
    """
    return re.sub(r"\s+([.,;:!?)])", r"\1", " ".join(_text(node).split()))


def _text(node: nodes.Node) -> str:
    if isinstance(node, nodes.math | nodes.math_block):
        return formula(node.astext())
    if isinstance(node, nodes.Text):
        return str(node)
    if isinstance(node, addnodes.pending_xref) and node.get("refdomain") == "cite":
        return re.sub(
            r"([a-z]+)(\d{4})\w*", lambda key: f"{key[1].title()} ({key[2]})", node.astext()
        )
    # A mark that leads elsewhere, such as the sign of a claim, has no text of its own.
    if isinstance(node, _SHOWN_ELSEWHERE) or _is_control(node):
        return " "
    gap = "" if isinstance(node, nodes.Inline | nodes.TextElement) else " "
    return gap.join(_text(child) for child in node.children)


def _is_control(node: nodes.Node) -> bool:
    return isinstance(node, html_element) and node["tag"] in {"form", "details", "noscript"}


@cache
def formula(tex: str) -> str:
    r"""Write a formula in one line of signs.

    Args:
        tex: LaTeX, with the book's macros.

    Returns:
        Its signs; a formula that cannot be rendered stays LaTeX, since its page reports it.

    Example:
        >>> formula(r"\tfrac{\kappa-1}{2\eta} \le \sqrt{L}")
        '(κ−1)/(2η) ≤ √L'
    """
    try:
        markup = re.search(r"<math.*?</math>", render(tex), re.DOTALL)
    except FormulaError:
        return tex
    assert markup is not None
    root = ElementTree.fromstring(re.sub(r' xmlns="[^"]*"', "", markup[0]))
    text = re.sub(r"\s*([=<>≤≥≈≫≪→←∝∈])\s*", r" \1 ", _flat(root).replace("\u200b", ""))
    return normalize("NFC", " ".join(text.split()))


def _flat(part: ElementTree.Element) -> str:
    """Write one element of MathML, arguments of its sign in brackets where they need them."""
    if part.tag == "annotation":
        return ""
    # KaTeX marks a function by an invisible sign, which would count as an argument.
    inner = [_flat(child) for child in part if child.text != "\u2061"]
    if part.tag in _SIGNS:
        return _SIGNS[part.tag](*inner)
    return (part.text or "") + "".join(inner)


def _bracket(text: str) -> str:
    return text if re.fullmatch(r"[^\W_]|[\d.,]+|[A-Za-z]+|[^\w\s]", text) else f"({text})"


_SIGNS: dict[str, Callable[..., str]] = {
    "mfrac": lambda above, below: f" {_bracket(above)}/{_bracket(below)} ",
    "msqrt": lambda *inside: f"√{_bracket(''.join(inside))}",
    "msup": lambda base, power: f"{base}^{_bracket(power)}",
    "msub": lambda base, index: f"{base}_{_bracket(index)}",
    "msubsup": lambda base, index, power: f"{base}_{_bracket(index)}^{_bracket(power)}",
    "munder": lambda base, index: f"{base}_{_bracket(index)}",
    "munderover": lambda base, low, high: f"{base}_{_bracket(low)}^{_bracket(high)}",
    "mover": lambda base, accent: base + {"^": "\u0302", "ˉ": "\u0304"}.get(accent, ""),
    "mtr": lambda *cells: " ".join(cells) + "; ",
    "mspace": lambda *_: " ",
}
