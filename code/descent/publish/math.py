"""Render mathematics while the book is built, so that a page needs no script for it.

KaTeX runs inside the embedded V8 of mini-racer. Each formula becomes HTML for the eye and
MathML, which carries the LaTeX source, for the screen reader. A formula that KaTeX rejects is a
warning with its place in the source, and the book is built with warnings as errors.
"""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path

from docutils import nodes
from py_mini_racer import JSEvalException, MiniRacer
from sphinx.application import Sphinx
from sphinx.util import logging
from sphinx.util.math import get_node_equation_number

from descent.publish.engine import javascript_engine

logger = logging.getLogger(__name__)

KATEX = Path(__file__).parent / "vendor" / "katex.min.js"

MACROS = {
    r"\R": r"\mathbb{R}",
    r"\E": r"\operatorname{\mathbb{E}}",
    r"\Var": r"\operatorname{Var}",
    r"\Cov": r"\operatorname{Cov}",
    r"\tr": r"\operatorname{tr}",
    r"\diag": r"\operatorname{diag}",
    r"\rank": r"\operatorname{rank}",
    r"\sign": r"\operatorname{sign}",
    r"\argmin": r"\operatorname*{arg\,min}",
    r"\argmax": r"\operatorname*{arg\,max}",
    r"\abs": r"\left|#1\right|",
    r"\norm": r"\left\lVert#1\right\rVert",
    r"\inner": r"\left\langle#1,\,#2\right\rangle",
    r"\T": r"^{\top}",
    r"\dd": r"\mathop{}\!\mathrm{d}",
}

# KaTeX numbers these itself, in its own sequence, which would clash with the book's numbers.
NUMBERED = re.compile(r"\\begin\{(equation|align|gather|alignat|multline)\}|\\(label|tag)\b")


class FormulaError(ValueError):
    """A formula that KaTeX cannot render; the message says what and where in the formula."""


@cache
def _engine() -> MiniRacer:
    engine = javascript_engine()
    engine.eval(KATEX.read_text("utf-8"))
    engine.eval(f"const macros = {json.dumps(MACROS)};")
    engine.eval("""function render(tex, displayMode) {
      return katex.renderToString(tex, {
        displayMode, macros: {...macros}, output: "htmlAndMathml", strict: "error", trust: false,
      });
    }""")
    return engine


@cache
def render(tex: str, display: bool = False) -> str:
    r"""Typeset one formula.

    Args:
        tex: LaTeX source without dollar signs; the book's `MACROS` are known.
        display: Whether the formula stands on a line of its own.

    Returns:
        HTML and MathML, ready to be placed in a page.

    Raises:
        FormulaError: If KaTeX rejects the formula.

    Example:
        >>> "<math" in render(r"\kappa = L / \mu")
        True
        >>> render(r"\frac{1}{")
        Traceback (most recent call last):
        ...
        descent.publish.math.FormulaError: ... Unexpected end of input ...
    """
    if found := NUMBERED.search(tex):
        raise FormulaError(
            f"{found.group()} numbers itself; use the starred or 'ed' form, and $$ ... $$ (label)"
        )
    try:
        return str(_engine().call("render", tex, display))
    except JSEvalException as error:
        message = next(line for line in str(error).splitlines() if "Error: " in line)
        raise FormulaError(message.partition("Error: ")[2]) from error


def _displayed(tex: str) -> str:
    r"""Lay out several lines as the sources write them: split at ``\\`` and at blank lines."""
    parts = [_lines(part.strip()) for part in tex.split("\n\n") if part.strip()]
    if len(parts) == 1:
        return parts[0]
    return r"\begin{gathered}" + r"\\".join(parts) + r"\end{gathered}"


def _lines(part: str) -> str:
    if r"\\" not in part or part.startswith(r"\begin{"):
        return part
    layout = "aligned" if "&" in part else "gathered"
    return rf"\begin{{{layout}}}{part}\end{{{layout}}}"


def _typeset(node: nodes.Element, tex: str, display: bool) -> str:
    try:
        return render(tex, display)
    except FormulaError as error:
        logger.warning("formula %r: %s", tex, error, location=node, type="math", subtype="katex")
        return f'<code class="math-error">{nodes.unescape(tex)}</code>'


def visit_inline(translator, node: nodes.math) -> None:
    """Write an inline formula."""
    tag = translator.starttag(node, "span", "", CLASS="math notranslate nohighlight")
    translator.body.append(tag + _typeset(node, node.astext(), display=False) + "</span>")
    raise nodes.SkipNode


def visit_display(translator, node: nodes.math_block) -> None:
    """Write a displayed formula, with its number and permanent link when it has a label."""
    translator.body.append(translator.starttag(node, "div", CLASS="math notranslate nohighlight"))
    tex = node.astext() if node.get("nowrap") else _displayed(node.astext())
    translator.body.append(_typeset(node, tex, display=True))
    if node.get("number"):
        number = get_node_equation_number(translator, node)
        translator.body.append(f'<span class="eqno">({number})')
        translator.add_permalink_ref(node, "Link to this equation")
        translator.body.append("</span>")
    translator.body.append("</div>\n")
    raise nodes.SkipNode


def setup(app: Sphinx) -> None:
    """Make KaTeX the renderer of mathematics, in place of MathJax in the reader's browser."""
    app.add_html_math_renderer("katex", (visit_inline, None), (visit_display, None))
    app.connect("config-inited", lambda _, config: _choose(config))


def _choose(config) -> None:
    config.html_math_renderer = "katex"
    config.myst_update_mathjax = False
