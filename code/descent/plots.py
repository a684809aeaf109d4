"""Still pictures of figures with matplotlib: arrays in, pictures out, no mathematics.

A panel is drawn from the same description that the page draws from. The same call writes the same
bytes, so that two builds of the book are equal.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from matplotlib.transforms import Bbox
from PIL import Image

from descent.explore import drawn
from descent.explore.style import THEMES, Theme
from descent.plot_marks import DRAW, Names, Spec

# A panel is 4.4 inches wide; 100 units of the page are one inch.
PANEL_INCHES = 4.4
DPI = 200
COLORS = 96

# Marks that reach to the ends of the panel on their own, and fields that fill it.
EDGED = ("line", "band", "rule", "handle")
GROUND = ("contours", "heat")


@contextmanager
def _styled(theme: Theme) -> Iterator[None]:
    """Set colors and sizes for one picture."""
    settings: dict[str, Any] = {
        "font.family": "DejaVu Sans",
        "font.size": 8.6,
        "axes.edgecolor": theme["muted"],
        "axes.labelcolor": theme["ink"],
        "axes.titlesize": 9.5,
        "axes.titlelocation": "left",
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.linewidth": 0.7,
        "xtick.color": theme["muted"],
        "ytick.color": theme["muted"],
        "text.color": theme["ink"],
        "grid.color": theme["grid"],
        "legend.frameon": False,
        "svg.hashsalt": "descent",
    }
    with mpl.rc_context(settings):  # type: ignore[arg-type]
        yield


def _scale(axis: Spec, ax: Axes, which: str) -> None:
    """Set the scale and the label of one axis."""
    getattr(ax, f"set_{which}label")(axis["label"])
    if axis["log"]:
        getattr(ax, f"set_{which}scale")("log")
    elif "names" in axis:
        getattr(ax, f"set_{which}ticks")(range(len(axis["names"])), axis["names"])
    else:
        getattr(ax, f"{which}axis").set_major_locator(MaxNLocator(6, steps=[1, 2, 5, 10]))


def _ends(panel: Spec, names: Names, ax: Axes, which: str) -> None:
    """Set the ends of one axis; a field fills the panel where the axis gives none."""
    axis = panel[which]
    low, high = axis["low"], axis["high"]
    ground = [m for m in panel["marks"] if m["kind"] in GROUND]
    for at in (getattr(drawn.field(names, m["field"]), which) for m in ground):
        edges = drawn.cell_edges(at, axis["log"]) if ground[0]["kind"] == "heat" else at
        low, high = (edges[0] if low is None else low), (edges[-1] if high is None else high)
    getattr(ax, f"set_{which}lim")(low, high)
    if which == "y" and "names" in axis:
        ax.invert_yaxis()


def draw_panel(ax: Axes, panel: Spec, names: Names, theme: Theme) -> None:
    """Draw one panel.

    Args:
        ax: Where to draw.
        panel: Description of the panel.
        names: What its marks ask for.
        theme: Colors.
    """
    ax.set_facecolor(theme["ground"])
    filled = any(mark["kind"] in GROUND for mark in panel["marks"])
    if not filled:
        ax.grid(True, linewidth=0.6)
        ax.set_axisbelow(True)
    for which in "xy":
        _scale(panel[which], ax, which)
    if all(mark["kind"] in EDGED for mark in panel["marks"]):
        ax.margins(x=0)
    if panel.get("equal"):
        ax.set_aspect("equal")
    for mark in panel["marks"]:
        DRAW[mark["kind"]](ax, mark, names, theme)
    for which in "xy":
        _ends(panel, names, ax, which)


def draw_panel_pictures(panel: Spec, names: Names) -> dict[str, bytes]:
    """Draw one panel, without title and legend, which the page writes as text.

    Args:
        panel: Description of the panel.
        names: What its marks ask for.

    Returns:
        A PNG file for each theme; the first one's layout, which takes longest, serves them all.
    """
    pictures: dict[str, bytes] = {}
    places: list[Bbox] = []
    for theme, colors in THEMES.items():
        with _styled(colors):
            size = (PANEL_INCHES, PANEL_INCHES * panel["ratio"])
            figure = Figure(size, facecolor=colors["ground"])
            figure.set_layout_engine("none" if places else "constrained")
            draw_panel(figure.subplots(), panel, names, colors)
            for ax, place in zip(figure.axes, places, strict=False):
                ax.set_position(place)
            pictures[theme] = _png(figure)
            places = [ax.get_position(original=True) for ax in figure.axes]
    return pictures


def draw_figure(spec: Spec, names: Names, theme: str = "light", format: str = "png") -> bytes:
    """Draw all panels side by side, with titles and legends.

    Args:
        spec: Description of the figure.
        names: What its marks ask for.
        theme: "light" or "dark".
        format: "png" or "svg".

    Returns:
        A file, the same at every call.
    """
    colors, panels = THEMES[theme], spec["panels"]
    height = PANEL_INCHES * max(p["ratio"] for p in panels)
    with _styled(colors):
        size = (PANEL_INCHES * len(panels), height + 0.5)
        figure = Figure(size, facecolor=colors["ground"], layout="constrained")
        axes = figure.subplots(1, len(panels), squeeze=False)[0]
        for ax, panel in zip(axes, panels, strict=True):
            draw_panel(ax, panel, names, colors)
            ax.set_title(panel["title"])
            if ax.get_legend_handles_labels()[0]:
                ax.legend(loc="best", fontsize=8)
        if format == "svg":
            out = BytesIO()
            figure.savefig(out, format="svg", metadata={"Date": None, "Creator": None})
            return out.getvalue()
        return _png(figure)


def _png(figure: Figure) -> bytes:
    """Write a PNG with a small palette: a third of the size, and the same look."""
    canvas = FigureCanvasAgg(figure)
    figure.set_dpi(DPI)
    canvas.draw()
    image = Image.fromarray(np.asarray(canvas.buffer_rgba())[..., :3])
    out = BytesIO()
    image.quantize(COLORS, dither=Image.Dither.NONE).save(out, "PNG", optimize=True)
    return out.getvalue()
