"""The markup of a figure: written here once, for pages and for JupyterLab.

Everything that later changes has its place and its size from the start, so that nothing on the
page moves when a figure comes alive. `<!--still:0-->` marks where the picture of panel 0 goes.
"""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from descent.explore import forms
from descent.explore.controls import Control, Slider
from descent.explore.style import DASHES, MARKERS

# Width of a panel in the units of its canvas; style sheets scale it.
WIDTH = 440

_SHAPES = {
    "circle": '<circle cx="15" cy="6" r="3.6"/>',
    "square": '<rect x="11.6" y="2.6" width="6.8" height="6.8"/>',
    "triangle": '<path d="M15 1.6 19.4 9.4H10.6Z"/>',
    "diamond": '<path d="M15 1.2 19.8 6 15 10.8 10.2 6Z"/>',
    "cross": '<path d="M11 2 19 10M11 10 19 2" class="dx-stroke"/>',
}


def figure_html(
    spec: Mapping[str, Any],
    controls: Sequence[Control],
    values: Mapping[str, Any],
    *,
    texts: Sequence[str],
    alts: Sequence[str],
    settings: str,
    question: str = "",
) -> str:
    """Write the markup of a figure.

    Args:
        spec: What the page knows of the figure.
        controls: Its controls.
        values: Settings of the first frame.
        texts: Readout of the first frame.
        alts: Text alternative of each panel.
        settings: The settings in words, and the answer to a guess, for print.
        question: What the reader guesses, "" for nothing.

    Returns:
        A `figure` element.
    """
    panels = "".join(_panel(i, p, alts[i]) for i, p in enumerate(spec["panels"]))
    sliders = "".join(forms.slider(c, values[c.name]) for c in controls if isinstance(c, Slider))
    cells = "".join(
        f'<div><dt>{escape(item["label"])}</dt><dd data-readout="{i}">{escape(text)}</dd>'
        f'<dd class="dx-was" data-was="{i}" hidden></dd></div>'
        for i, (item, text) in enumerate(zip(spec["readout"], texts, strict=True))
    )
    name = escape(spec["id"].rpartition("/")[2], quote=True)
    caption = f"<figcaption>{escape(spec['caption'])}</figcaption>" if spec["caption"] else ""
    return (
        f'<figure class="descent-figure" id="figure-{name}" '
        f'data-figure="{escape(spec["id"], quote=True)}" '
        f'aria-label="{escape(spec["title"], quote=True)}">'
        f'<p class="dx-title">{escape(spec["title"])}</p>'
        f'<p class="dx-question"><b>Question.</b> {escape(spec["question"])}</p>'
        f'<div class="dx-body"><div class="dx-panels" data-count="{len(spec["panels"])}">'
        f'{panels}</div><div class="dx-controls"><div class="dx-sliders">{sliders}</div>'
        f'{forms.buttons(spec)}<p class="dx-pinned" hidden></p></div></div>'
        f"{forms.guess_form(spec, question) if question else ''}"
        f'<p class="dx-settings">{escape(settings)}</p>'
        f'<dl class="dx-readout">{cells}</dl>{_stored(spec)}'
        f'<details class="dx-data"><summary {forms.KEYS}>Data table</summary>'
        '<div class="dx-sheets" tabindex="0" role="group" aria-label="Data table"></div></details>'
        f'<p class="dx-live" aria-live="polite"></p><p class="dx-notice" hidden></p>{caption}'
        "</figure>"
    )


def _stored(spec: Mapping[str, Any]) -> str:
    """Make room for the line that names the stored setting, where that is not the reader's."""
    tables = any(signal["kind"] == "table" for signal in spec["signals"])
    return '<p class="dx-stored" aria-live="polite"></p>' if tables else ""


def _panel(index: int, panel: Mapping[str, Any], alt: str) -> str:
    """Write one panel: title, legend, picture, canvas and the grips upon it."""
    keyed = (m for m in panel["marks"] if m["kind"] in _KEYED or m.get("legend"))
    keys = "".join(_key(m) for m in keyed if m.get("label"))
    legend = f'<ul class="dx-legend">{keys}</ul>'
    height = round(WIDTH * panel["ratio"])
    grips = "".join(_grip(m) for m in panel["marks"] if m["kind"] == "handle")
    return (
        f'<div class="dx-panel"><p class="dx-panel-title">{escape(panel["title"])}</p>{legend}'
        f'<div class="dx-plot"><!--still:{index}-->'
        f'<canvas data-panel="{index}" width="{WIDTH}" height="{height}" role="img" '
        f'aria-label="{escape(alt, quote=True)}"></canvas>{grips}</div></div>'
    )


def _grip(mark: Mapping[str, Any]) -> str:
    names = escape(" ".join(mark["controls"]), quote=True)
    label = escape(mark["label"], quote=True)
    return (
        f'<div class="dx-grip" data-handle="{names}" role="slider" tabindex="0" {forms.KEYS} '
        f'hidden aria-label="{label}" aria-valuenow="0"></div>'
    )


_KEYED = ("line", "path", "band", "points", "cloud", "dot", "bars", "circle", "iso")


def _key(mark: Mapping[str, Any]) -> str:
    """Write one entry of a legend, with the dash and the marker that the drawing uses."""
    stroke = ""
    if mark["kind"] in ("line", "path", "rule", "circle", "iso"):
        dash = " ".join(map(str, DASHES[mark.get("dash", 1)]))
        stroke = f'<path d="M1 6H29" class="dx-stroke"{_dashes(dash)}/>'
    shape = ""
    if mark["kind"] in ("path", "points", "cloud", "dot"):
        shape = _SHAPES[MARKERS[mark["marker"]]]
    if mark["kind"] == "band" or (mark["kind"] == "bars" and not mark.get("place", [0])[0]):
        shape = '<rect x="4" y="1" width="22" height="10" opacity=".45"/>'
    elif mark["kind"] == "bars":
        shape = '<path d="M4 1H26V11H4ZM6 11 15 1M14 11 23 1" class="dx-stroke"/>'
    svg = '<svg viewBox="0 0 30 12" width="30" height="12" aria-hidden="true">'
    label = escape(mark["label"])
    return f'<li class="dx-c{mark["color"]}">{svg}{stroke}{shape}</svg>{label}</li>'


def _dashes(dash: str) -> str:
    return f' stroke-dasharray="{dash}"' if dash else ""
