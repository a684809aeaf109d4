"""Figures in pages: where they are placed, and what their script computes, against Python."""

import json
import math
import re

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from ipywidgets import IntSlider

from descent import HeavyBall
from descent.explore import (
    Axis,
    Explorer,
    Grid,
    Panel,
    curve,
    drawn,
    marks,
    numbers,
    point,
    readout,
    recurrence,
    run_map,
    scalars,
    slider,
    surface,
    trajectory,
)
from descent.explore.assets import PAGE, functions_object
from descent.explore.gallery.ill_conditioning import FIGURES, bowl
from descent.explore.names import Field, Series
from descent.objectives import Quadratic
from descent.publish.engine import javascript_engine
from descent.publish.figures import place_figures
from sample_figures import minimal, shipped, written_page
from sample_panels import KINDS

# --- placing figures in pages --------------------------------------------------------------------


def test_page_gets_pictures_first_and_scripts_once(tmp_path):
    page = tmp_path / "book" / "chapters" / "a.html"
    page.parent.mkdir(parents=True)
    figures = [shipped(), minimal()]
    html = place_figures(written_page(*figures), page, tmp_path)
    assert html == place_figures(written_page(*figures), page, tmp_path)
    assert html.count("<figure ") == 2
    assert "widget-view+json" not in html and "_esm" not in html
    head, _, body = html.partition("</head>")
    assert head.count("descent-host.js") == 1
    assert body.index("Text.") < body.index("<figure ") < body.index("widget-state+json")
    for source in re.findall(r'(?:src|href|data-runtime|data-figures)="([^"]+)"', html):
        if not source.endswith("descent-host.js"):
            assert (page.parent / source).is_file(), source
    for tag in re.findall(r"<img [^>]+>", html):
        assert re.search(r'width="440" height="\d+" alt="[^"]*\d', tag)
    assert html.count("<img ") == 2 * (3 + 1)
    assert len(list((tmp_path / "_static").glob("descent-explorer.*.js"))) == 1
    state = json.loads(re.search(r'state\+json">(.*?)</script>', html, re.DOTALL).group(1))["state"]
    kept = state[figures[0].model_id]
    assert kept["state"].keys() == {"spec", "values"}
    assert state.keys() == {figure.model_id for figure in figures}
    assert [b["path"] for b in kept["buffers"]] == [["data"]]


def test_figure_shown_twice_keeps_ids_apart(tmp_path):
    figure = minimal()
    html = place_figures(written_page(figure, figure), tmp_path / "a.html", tmp_path)
    ids = re.findall(r'<figure [^>]*? id="([^"]+)"', html)
    assert ids == ["figure-minimal", "figure-minimal-2"]


def test_pages_without_figures_are_left_alone(tmp_path):
    plain = "<html><head></head><body>Text</body></html>"
    assert place_figures(plain, tmp_path / "a.html", tmp_path) == plain
    other = written_page(IntSlider())
    assert place_figures(other, tmp_path / "a.html", tmp_path) == other
    assert list(tmp_path.iterdir()) == []


def test_other_widgets_keep_their_state(tmp_path):
    figure, other = minimal(), IntSlider()
    page = tmp_path / "a.html"
    html = place_figures(written_page(figure, other), page, tmp_path)
    state = json.loads(re.search(r'state\+json">(.*?)</script>', html, re.DOTALL).group(1))["state"]
    assert {figure.model_id, other.model_id, other.layout.model_id} <= state.keys()
    assert "_model_name" in state[other.model_id]["state"]


def test_figures_of_different_runs_are_refused(tmp_path):
    old = minimal()
    old._css += " "
    with pytest.raises(ValueError, match=r"a\.html: its figures come from different runs"):
        place_figures(written_page(minimal(), old), tmp_path / "a.html", tmp_path)


# --- the script of the page ----------------------------------------------------------------------


@pytest.fixture(scope="module")
def engine():
    """A JavaScript engine that holds the figures' scripts and some helpers."""
    racer = javascript_engine()
    for part in ("d3.js", "data.js", "engine.js", "numbers.js", "columns.js"):
        racer.eval((PAGE / part).read_text("utf-8"))
    racer.eval(
        """
        const plain = (v) => Array.isArray(v) ? v.map(String)
          : v.values ? Array.from(v.values, String) : String(v);
        function drawn(mark) {
          const field = mark.field && fieldOf(figure.names, mark.field);
          const rows = field ? [field.x, field.y, field.values] : columnsOf(figure.names, mark);
          return JSON.stringify(rows.map((row) => Array.from(row, String)));
        }
        let figure;
        function start(spec, bytes, traced) {
          const view = new DataView(Uint8Array.from(bytes).buffer);
          figure = createEngine(spec, view, traced);
        }
        function names(values, time) {
          figure.update(values, time);
          const found = [...figure.names].map(([k, v]) => [k, plain(v)]);
          return JSON.stringify(Object.fromEntries(found));
        }
        """
    )
    yield racer
    racer.close()


def start(racer, figure):
    functions = {
        k: v for i, s in enumerate(figure.signals) for k, v in s.functions(f"f{i}").items()
    }
    spec, data = json.dumps(figure.spec), json.dumps(list(figure.data))
    racer.eval(f"start({spec}, {data}, {functions_object(functions)})")


def compare(racer, figure, values, step, rtol=1e-9):
    """Compare every name in the page with Python."""
    time = figure._time(step) if figure.spec["timed"] else 1e9  # where time is no matter
    found = json.loads(racer.eval(f"names({json.dumps(values)}, {json.dumps(time)})"))
    expected = figure.bindings(step=step if figure.spec["timed"] else None, **values)
    assert found.keys() == expected.keys()
    for name, value in expected.items():
        want = value.values if isinstance(value, Series | Field) else np.asarray(value)
        got = np.asarray(found[name]).astype(np.float64).ravel()
        scale = np.abs(want[np.isfinite(want)]).max(initial=0)
        assert np.allclose(got, want.ravel(), rtol=rtol, atol=1e-12 * scale, equal_nan=True), name


def random_values(figure, rng):
    values = {}
    for control in figure.spec["controls"]:
        if control["kind"] == "slider":
            values[control["name"]] = float(rng.choice(control["values"]))
        else:
            values[control["name"]] = [float(rng.uniform(*control[axis])) for axis in "xy"]
    return values


@pytest.mark.parametrize("name", [*FIGURES, "shipped", *KINDS])
def test_page_computes_what_python_computes(engine, name):
    figure = {**FIGURES, **KINDS, "shipped": shipped}[name]()
    start(engine, figure)
    rng = np.random.default_rng(0)
    start_values = {c["name"]: c["start"] for c in figure.spec["controls"]}
    compare(engine, figure, start_values, figure.spec["steps"])
    for _ in range(6):
        step = int(rng.integers(figure.spec["steps"] + 1))
        compare(engine, figure, random_values(figure, rng), step)


@pytest.mark.parametrize("name", KINDS)
def test_page_draws_what_python_draws(engine, name):
    figure = KINDS[name]()
    start(engine, figure)
    rng = np.random.default_rng(1)
    for _ in range(2):
        values, step = random_values(figure, rng), int(rng.integers(figure.spec["steps"] + 1))
        compare(engine, figure, values, step)
        names = figure.bindings(step=step if figure.spec["timed"] else None, **values)
        for mark in (m for panel in figure.spec["panels"] for m in panel["marks"]):
            if "field" in mark:
                field = drawn.field(names, mark["field"])
                wanted = [field.x, field.y, field.values.ravel()]
            elif mark["kind"] in drawn.COLUMNS:
                wanted = drawn.columns(mark, names)
            else:
                continue
            found = json.loads(engine.eval(f"drawn({json.dumps(mark)})"))
            for got, want in zip(found, wanted, strict=True):
                assert np.allclose(np.array(got, float), want, rtol=1e-8, atol=1e-12), mark


def test_only_what_changed_is_computed_again(engine):
    figure = bowl()
    start(engine, figure)
    values = {c["name"]: c["start"] for c in figure.spec["controls"]}
    engine.eval(f"names({json.dumps(values)}, 60)")
    version = engine.eval("figure.names.get('f').version")
    engine.eval(f"names({json.dumps({**values, 'product': 0.5})}, 60)")
    assert engine.eval("figure.names.get('f').version") == version
    engine.eval(f"names({json.dumps({**values, 'kappa': 10})}, 60)")
    assert engine.eval("figure.names.get('f').version") == version + 1


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda spec, data: (spec, data[:-8]), "has \\d+ bytes"),
        (lambda spec, data: (spec, bytes([data[0] ^ 1]) + data[1:]), "damaged"),
        (
            lambda spec, data: (
                {**spec, "signals": [{**spec["signals"][-1], "fn": "f9"}]},
                data,
            ),
            "f9 is missing",
        ),
    ],
)
def test_page_refuses_damaged_figures(engine, damage, message):
    figure = shipped()
    spec, data = damage(figure.spec, figure.data)
    with pytest.raises(Exception, match=message):
        engine.eval(f"start({json.dumps(spec)}, {json.dumps(list(data))}, {{}})")


@settings(max_examples=300)
@given(st.floats(allow_nan=True, allow_infinity=True), st.integers(1, 6), st.booleans())
def test_page_writes_numbers_like_python(engine, value, digits, trim):
    # Exact ties round to even in Python and away from zero in JavaScript: both are right.
    if math.isfinite(value) and value != 0:
        exponent = int(f"{value:e}".split("e")[1])
        last = max(exponent - digits + 1, -300)  # place of the last digit, or the unit
        if any(abs(abs(value) / 10.0**k % 1 - 0.5) < 1e-6 for k in (last, min(last, 0))):
            return
    literal = {"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}.get(str(value), repr(value))
    written = engine.eval(f"numberText({literal}, {digits}, {str(trim).lower()})")
    assert written == numbers.text(value, digits, trim=trim)


# --- other kinds of signals ----------------------------------------------------------------------


def test_every_kind_of_input_reaches_its_function(engine):
    figure = Explorer(
        "test/inputs",
        title="t",
        question="q",
        controls=[slider("a", 0, 1, 0.5, label="a"), point("p", (1, 2), x=(0, 3), y=(0, 3))],
        signals=[
            scalars(lambda p, a: {"turned": torch.stack([-p[1], p[0]]) * a, "size": p.norm()}),
            curve(lambda t, turned: {"wave": torch.sin(t) * turned[0]}, over=Grid("t", 0, 6, n=9)),
            surface(
                "s",
                lambda u, w, a: u * w + a,
                over=(Grid("u", 1, 10, n=5, log=True), Grid("w", 0, 1, n=4)),
            ),
            recurrence(
                lambda q, a: {"q": q * a + 1, "twice": 2 * q},
                start={"q": "turned"},
                steps=5,
                record=["twice"],
                rename={"q": "orbit"},
            ),
            trajectory(
                lambda: Quadratic(torch.tensor([1.0, 4.0], dtype=torch.float64)),
                HeavyBall(1.0, 0.5),
                start="p",
                steps=7,
                bind={"lr": 0.1, "beta": "a"},
                observe={"slope": lambda f, x: f.grad(x).norm()},
            ),
            run_map(
                "m",
                recurrence(
                    lambda z, c, d: {"z": z**2 + c, "far": d * z.abs()},
                    start={"z": 0.0},
                    steps=12,
                    record=["far"],
                ),
                over=(Grid("c", -2, 1, n=6), Grid("d", 1, 2, n=3)),
                value=lambda steps, far_last: steps + far_last,
            ),
        ],
        panels=[
            Panel("p", Axis("x"), Axis("y"), [marks.path("orbit"), marks.line("wave")]),
            Panel(
                "f",
                Axis("u"),
                Axis("w"),
                [marks.contours("s"), marks.heat("m", low=0, high=9, label="m")],
            ),
        ],
        readout=[readout("size", "size"), readout("slope", "slope_last")],
    )
    start(engine, figure)
    for a, p in ((0.5, [1.0, 2.0]), (0.9, [0.1, 2.5]), (0.0, [3.0, 0.0])):
        compare(engine, figure, {"a": a, "p": p}, 0)
    found = figure.evaluate(a=0.25, p=(1.0, 2.0))["signals"]
    assert found["turned"].tolist() == [-0.5, 0.25]
    assert np.allclose(found["orbit"][1], [0.875, 1.0625])
    assert np.allclose(found["twice"], 2 * found["orbit"])
    assert found["s"][3, 4] == pytest.approx(10.25)
    assert found["slope"][0] == pytest.approx(math.hypot(1, 8))
    # z² − 2 stays at 2 from 0: never diverges, |z| = 2 after the last step, weight d = 1.
    assert found["m"][0, 0] == pytest.approx(14)
    assert found["m"][2, 5] < 14 or found["m"][2, 5] > 1e3
