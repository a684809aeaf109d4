"""The script and the style sheet of figures, put together from their sources."""

from functools import cache
from pathlib import Path

from descent.explore.style import css_variables

PAGE = Path(__file__).parent / "page"
PARTS = (
    "d3.js",
    "data.js",
    "engine.js",
    "numbers.js",
    "columns.js",
    "scales.js",
    "fields.js",
    "marks.js",
    "panel.js",
    "grip.js",
    "live.js",
    "link.js",
    "sheet.js",
    "guess.js",
    "explorer.js",
)

# What follows this line in a module belongs to one figure; what precedes it is shared by all.
SEAM = "\n//# of one figure\n"


@cache
def runtime() -> str:
    """Return the shared script: one global, `DescentExplorer`, and no other."""
    body = "\n".join((PAGE / part).read_text("utf-8") for part in PARTS)
    return (
        "var DescentExplorer=(()=>{\n'use strict';\n"
        f"{body}\nreturn {{mount,widget,standStill,figures:{{}}}};\n}})();"
    )


@cache
def style_sheet() -> str:
    """Return the style sheet, palette first."""
    return css_variables() + (PAGE / "explorer.css").read_text("utf-8")


def functions_object(functions: dict[str, str]) -> str:
    """Write printed functions as one JavaScript object.

    Args:
        functions: Name to source.

    Returns:
        The object.
    """
    return "{" + ",\n".join(f"{name}:{source}" for name, source in functions.items()) + "}"


def module(functions: dict[str, str]) -> str:
    """Return the ECMAScript module of one figure, as anywidget loads it.

    Args:
        functions: Printed functions by name.

    Returns:
        Source.
    """
    own = f"const traced={functions_object(functions)};\n"
    return f"{runtime()}{SEAM}{own}export default DescentExplorer.widget(traced);\n"
