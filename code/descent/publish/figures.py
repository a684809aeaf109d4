"""Place the figures in the pages: still pictures first, scripts once, no kernel.

A page that Sphinx has written holds the widgets of its cells in the standard form: one script with
their state, and one script per view. Here each view of a figure becomes the figure's own markup
with its still pictures, what all figures share goes to one script and one style sheet, and the
state keeps only what belongs to a figure alone. Everything is taken from the state, so that a page
agrees with itself even if the package has changed since its cells ran.
"""

from __future__ import annotations

import base64
import io
import json
import os
import re
import struct
from collections import Counter
from dataclasses import dataclass, field
from hashlib import sha256
from html import escape
from pathlib import Path
from typing import Any

from PIL import Image

STATE = re.compile(
    r'<script type="application/vnd\.jupyter\.widget-state\+json">(.*?)</script>', re.DOTALL
)
VIEW = re.compile(
    r'<script type="application/vnd\.jupyter\.widget-view\+json">(.*?)</script>', re.DOTALL
)
STILL = re.compile(r'<!--still:(\d+)--><canvas [^>]*?aria-label="([^"]*)"')
SEAM = "\n//# of one figure\n"
OWN = re.compile(r"const traced=(.*);\nexport default ", re.DOTALL)
CLASS = "descent.explore.widget.Explorer"


@dataclass
class _Place:
    """Where files of one page go."""

    page: Path
    outdir: Path
    functions: dict[str, str] = field(default_factory=dict)
    shown: Counter[str] = field(default_factory=Counter)

    def write(self, folder: str, stem: str, suffix: str, content: bytes) -> str:
        """Write a file named by its content, and return its address as seen from the page."""
        digest = sha256(content).hexdigest()[:10]
        path = self.outdir / folder / f"{stem}.{digest}{suffix}"
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            path.write_bytes(content)
        return os.path.relpath(path, self.page.parent).replace(os.sep, "/")


def figures_of(models: dict[str, Any]) -> dict[str, Any]:
    """Pick the figures among the widgets of a page or a notebook.

    Args:
        models: State of each widget by its id.

    Returns:
        The widgets that are figures, by id and in their order.
    """
    return {k: m for k, m in models.items() if m["state"].get("_anywidget_id") == CLASS}


def place_figures(html: str, page: Path, outdir: Path) -> str:
    """Turn the widget views of one page into figures.

    Args:
        html: Text of the page.
        page: Where the page stands.
        outdir: Folder of the whole book.

    Returns:
        The page with its figures.

    Raises:
        ValueError: If the figures of the page were made by different versions of their script.
    """
    found = STATE.search(html)
    if found is None:
        return html
    state = json.loads(found.group(1))
    figures = figures_of(state["state"])
    if not figures:
        return html
    place = _Place(page, outdir)
    shared = {(m["state"]["_esm"].partition(SEAM)[0], m["state"]["_css"]) for m in figures.values()}
    if len(shared) > 1:
        raise ValueError(f"{page.name}: its figures come from different runs; execute it again")
    html = STATE.sub("", html, count=1)
    html = VIEW.sub(lambda view: _figure(view, figures, place), html)
    return _scripts(html, state, shared.pop(), place)


def _figure(view: re.Match[str], figures: dict[str, Any], place: _Place) -> str:
    """Return the markup of one figure, or the view as it is if it shows something else."""
    model_id = json.loads(view.group(1))["model_id"]
    if model_id not in figures:
        return view.group(0)
    model = figures[model_id]
    stills = _take_stills(model)
    figure_id = model["state"]["spec"]["id"]
    source = model["state"]["_esm"].partition(SEAM)[2]
    place.functions[figure_id] = OWN.match(source).group(1)  # type: ignore[union-attr]
    stem = "figure-" + figure_id.replace("/", "-")

    def still(match: re.Match[str]) -> str:
        index, alt = int(match.group(1)), match.group(2)
        canvas = match.group(0).partition("-->")[2]
        pictures = ""
        for theme, files in stills.items():
            png = files[index]
            address = place.write("_images", f"{stem}-{index}-{theme}", ".webp", _webp(png))
            pictures += _image(theme, address, png, alt)
        return pictures + canvas

    markup = STILL.sub(still, model["state"]["html"])
    place.shown[figure_id] += 1
    if (again := place.shown[figure_id]) > 1:  # An element's id stands once on a page.
        markup = re.sub(r' id="([^"]+)"', rf' id="\1-{again}"', markup, count=1)
    return markup.replace("<figure ", f'<figure data-model="{escape(model_id, quote=True)}" ', 1)


def _take_stills(model: dict[str, Any]) -> dict[str, list[bytes]]:
    """Remove the still pictures from a model's buffers, and return them by theme and panel."""
    stills: dict[str, list[bytes]] = {}
    rest = []
    for buffer in model.get("buffers", []):
        if buffer["path"][0] != "stills":
            rest.append(buffer)
            continue
        stills.setdefault(buffer["path"][1], []).append(base64.b64decode(buffer["data"]))
    model["buffers"] = rest
    return stills


def _webp(png: bytes) -> bytes:
    """Return the same picture, dot for dot, in a quarter less room."""
    file = io.BytesIO()
    Image.open(io.BytesIO(png)).convert("RGB").save(file, "WEBP", lossless=True, method=6)
    return file.getvalue()


def _image(theme: str, address: str, png: bytes, alt: str) -> str:
    """Write one picture; its file has two dots for each unit of the page."""
    width, height = (side // 2 for side in struct.unpack(">II", png[16:24]))
    return (
        f'<img class="dx-{theme}" src="{escape(address, quote=True)}" width="{width}" '
        f'height="{height}" alt="{alt}" loading="lazy" decoding="async">'
    )


def _scripts(html: str, state: dict[str, Any], shared: tuple[str, str], place: _Place) -> str:
    """Write the shared files, and name them in the page; the state goes last, behind the text."""
    runtime, css = shared
    script = place.write("_static", "descent-explorer", ".js", runtime.encode())
    style = place.write("_static", "descent-explorer", ".css", css.encode())
    lines = [f"DescentExplorer.figures[{json.dumps(k)}]={v};" for k, v in place.functions.items()]
    name = place.page.relative_to(place.outdir).with_suffix("").as_posix().replace("/", "-")
    own = place.write("_static/figures", name, ".js", "\n".join(lines).encode())
    host = os.path.relpath(place.outdir / "_static/descent-host.js", place.page.parent)
    state["state"] = _own_state(state["state"], alone=VIEW.search(html) is None)
    head = (
        f'<link rel="stylesheet" href="{style}">\n'
        f'<script defer src="{host.replace(os.sep, "/")}" data-runtime="{script}" '
        f'data-figures="{own}"></script>\n</head>'
    )
    text = json.dumps(state, separators=(",", ":")).replace("</", "<\\/")
    body = f'<script type="application/vnd.jupyter.widget-state+json">{text}</script>\n</body>'
    before, _, after = html.replace("</head>", head, 1).rpartition("</body>")
    return before + body + after


def _own_state(models: dict[str, Any], *, alone: bool) -> dict[str, Any]:
    """Keep of each figure what is its own; of other models all, unless nothing shows them."""
    kept = {}
    for model_id, model in models.items():
        if model["state"].get("_anywidget_id") == CLASS:
            own = {key: model["state"][key] for key in ("spec", "values")}
            kept[model_id] = {**model, "state": own}
        elif not alone:
            kept[model_id] = model
    return kept
