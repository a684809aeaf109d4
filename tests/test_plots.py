"""Still pictures: the same bytes at every call, the right size, and every mark drawn."""

from io import BytesIO

import numpy as np
import pytest
from matplotlib.figure import Figure
from PIL import Image

from descent import plots
from descent.explore import Axis, Panel, marks
from descent.explore.marks import KINDS
from descent.explore.names import Field, Series
from descent.explore.style import DARK, LIGHT, SEQUENTIAL, ramp
from descent.plot_marks import DRAW
from descent.plots import draw_figure, draw_panel, draw_panel_pictures

AT = np.linspace(0, 1, 5)
NAMES = {
    "curve": Series(AT, AT**2, 5),
    "above": Series(AT, AT**2 + 0.3, 5),
    "orbit": Series(AT, np.stack([AT, 1 - AT], 1), 5, True),
    "hill": Field(AT, AT, np.outer(AT, AT)),
    "place": np.array([0.25, 0.75]),
    "half": 0.5,
}
EVERY = {
    "contours": marks.contours("hill"),
    "heat": marks.heat("hill", low=0, high=1, label="height"),
    "band": marks.band("curve", "above"),
    "line": marks.line("curve", dash=1),
    "path": marks.path("orbit"),
    "rule": marks.rule("here", x="half"),
    "points": marks.points([(0.2, 0.2)]),
    "cloud": marks.cloud("orbit"),
    "dot": marks.dot("half", 0.1),
    "bars": marks.bars("curve"),
    "handle": marks.handle("place"),
    "iso": marks.iso("hill", [0.2, 0.6]),
    "circle": marks.circle("half"),
}


def panel(*drawn, title="A panel"):
    return Panel(title, Axis("x", -0.2, 1.2), Axis("y", -0.2, 1.4), drawn or [EVERY["line"]])


def pixels(png):
    return np.asarray(Image.open(BytesIO(png)).convert("RGB")).astype(int)


def test_both_renderers_know_every_kind_of_mark():
    assert set(KINDS) == set(DRAW) == set(EVERY)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("kind", KINDS)
def test_mark_leaves_ink(kind, theme):
    blank = Panel("p", Axis("x", -0.2, 1.2), Axis("y", -0.2, 1.4), [marks.dot(9.0, 9.0)])
    drawn = panel(EVERY[kind])
    empty = pixels(draw_panel_pictures(blank.spec(), NAMES)[theme])
    full = pixels(draw_panel_pictures(drawn.spec(), NAMES)[theme])
    assert (np.abs(full - empty).sum(-1) > 60).mean() > 3e-4


def test_picture_is_the_same_at_every_call():
    spec = {"panels": [panel(EVERY["contours"], EVERY["path"]).spec(), panel().spec()]}
    for form in ("png", "svg"):
        assert draw_figure(spec, NAMES, "light", form) == draw_figure(spec, NAMES, "light", form)
    assert draw_panel_pictures(spec["panels"][0], NAMES) == draw_panel_pictures(
        spec["panels"][0], NAMES
    )


@pytest.mark.parametrize("kind", ["line", "heat"])
def test_both_themes_have_one_layout(kind, monkeypatch):
    seen = draw_panel_pictures(panel(EVERY[kind]).spec(), NAMES)
    # With the order of the themes turned round, the other one is laid out.
    monkeypatch.setattr(plots, "THEMES", dict(reversed(plots.THEMES.items())))
    assert draw_panel_pictures(panel(EVERY[kind]).spec(), NAMES) == seen


def test_picture_has_the_shape_of_the_canvas():
    tall = Panel("p", Axis("x"), Axis("y"), [EVERY["line"]], ratio=1.25)
    size = Image.open(BytesIO(draw_panel_pictures(tall.spec(), NAMES)["light"])).size
    assert size == (880, 1100)


def test_theme_sets_ground_and_ink():
    for theme, colors in (("light", LIGHT), ("dark", DARK)):
        corner = pixels(draw_panel_pictures(panel().spec(), NAMES)[theme])[2, 2]
        wanted = [int(colors["ground"][i : i + 2], 16) for i in (1, 3, 5)]
        assert np.abs(corner - wanted).max() <= 4


def test_figure_names_panels_and_series():
    drawn = panel(marks.line("curve", "the curve"), title="Left of all")
    svg = draw_figure({"panels": [drawn.spec()]}, NAMES, "light", "svg").decode()
    assert "Left of all" in svg and "the curve" in svg


def test_axis_without_ends_holds_its_data():
    ax = Figure().subplots()
    spec = Panel("p", Axis("x"), Axis("y", 0.0), [EVERY["line"], EVERY["band"]]).spec()
    draw_panel(ax, spec, NAMES, LIGHT)
    assert ax.get_ylim()[0] == 0 and ax.get_ylim()[1] >= 1.3
    assert ax.get_xlim()[0] <= 0 and ax.get_xlim()[1] >= 1


def contrast(a, b):
    """Contrast ratio of two colors, by the definition of the accessibility guidelines."""

    def light(color):
        parts = np.array([int(color[i : i + 2], 16) for i in (1, 3, 5)]) / 255
        linear = np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)
        return linear @ [0.2126, 0.7152, 0.0722]

    low, high = sorted((light(a), light(b)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_colors_stand_out(theme):
    for name in ("ink", "muted"):
        assert contrast(theme[name], theme["ground"]) >= 4.5, name
    for name in ("c0", "c1", "c2", "c3", "c4", "accent"):
        assert contrast(theme[name], theme["ground"]) >= 4.5, name
        for tint in (theme["low"], theme["high"]):
            assert contrast(theme[name], tint) >= 3, (name, tint)


# Projection of linear RGB onto what remains without one kind of cone (Viénot et al., 1999).
CONES = np.array(
    [[17.8824, 43.5161, 4.11935], [3.45565, 27.1554, 3.86714], [0.0299566, 0.184309, 1.46709]]
)
MISSING = {
    "protan": [[0, 2.02344, -2.52581], [0, 1, 0], [0, 0, 1]],
    "deutan": [[1, 0, 0], [0.494207, 0, 1.24827], [0, 0, 1]],
}


def seen(color, kind):
    """Lab color as somebody with one kind of cone missing sees it."""
    parts = np.array([int(color[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    linear = np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)
    shift = np.linalg.inv(CONES) @ np.array(MISSING[kind]) @ CONES if kind else np.eye(3)
    rgb = np.clip(shift @ linear, 0, 1)
    xyz = (
        np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
        @ rgb
        / [0.9505, 1, 1.089]
    )
    f = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


@pytest.mark.parametrize("kind", [None, "protan", "deutan"])
@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_series_colors_differ_for_color_blind_readers(theme, kind):
    shown = [seen(theme[f"c{i}"], kind) for i in range(5)]
    gaps = [np.linalg.norm(a - b) for i, a in enumerate(shown) for b in shown[:i]]
    assert min(gaps) > 20


def test_ramps_run_from_low_to_high():
    assert ramp("sequential", LIGHT) == SEQUENTIAL
    assert ramp("diverging", DARK)[1] == DARK["middle"]
    with pytest.raises(ValueError, match="ramp is 'rainbow'"):
        ramp("rainbow", LIGHT)
