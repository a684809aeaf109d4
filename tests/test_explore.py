"""Figures: packing, controls, signals, and the script of the page against Python."""

import json
import math
import re
from html.parser import HTMLParser

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from ipywidgets import IntSlider, Widget
from py_mini_racer import MiniRacer

from descent import HeavyBall, run
from descent import ill_conditioning as ill
from descent.explore import (
    Axis,
    Explorer,
    Grid,
    Panel,
    Plane,
    choice,
    curve,
    marks,
    numbers,
    packing,
    point,
    readout,
    recurrence,
    run_map,
    scalars,
    slider,
    surface,
    table,
    trajectory,
    verdict,
)
from descent.explore.assets import PAGE, functions_object
from descent.explore.gallery.ill_conditioning import FIGURES, bowl, catapult, momentum_map
from descent.explore.names import Field, Series
from descent.explore.packing import pack, unpack
from descent.objectives import Quadratic
from descent.publish.figures import place_figures

# --- packing -------------------------------------------------------------------------------------

NUMBERS = st.floats(-1e300, 1e300) | st.sampled_from([np.nan, np.inf, -np.inf])
ANY = arrays.arrays(np.float64, arrays.array_shapes(max_dims=3, max_side=7), elements=NUMBERS)
POSITIVE = arrays.arrays(
    np.float64, arrays.array_shapes(max_dims=2, max_side=7), elements=st.floats(1e-200, 1e200)
)


def same_kind(a, b):
    """Whether NaN and infinities stand in the same places."""
    return np.array_equal(np.where(np.isfinite(a), 0, a), np.where(np.isfinite(b), 0, b), True)


@given(ANY)
def test_quantized_arrays_come_back_within_the_stated_error(array):
    data, header = pack({"a": array})
    back, error = unpack(data, header)["a"], header["arrays"]["a"]["error"]
    finite = np.isfinite(array)
    assert back.shape == array.shape
    assert same_kind(array, back)
    assert np.all(np.abs(back[finite] - array[finite]) <= error)
    known = array[finite]
    if known.size:
        # Half a code step, and the rounding of the arithmetic itself.
        half = (known.max() / 65532 - known.min() / 65532) / 2
        assert error <= half * (1 + 1e-6) + 4 * np.spacing(np.abs(known).max())


@given(POSITIVE)
def test_relative_packing_bounds_the_relative_error(array):
    data, header = pack({"a": array}, "relative")
    back, error = unpack(data, header)["a"], header["arrays"]["a"]["error"]
    assert np.all(np.abs(back - array) <= error * array * (1 + 1e-9))
    span = math.log(array.max()) - math.log(array.min())
    assert error <= math.expm1(span / 65532 / 2) * (1 + 1e-6) + 1e-12


@given(ANY)
def test_floats_come_back_unchanged(array):
    data, header = pack({"a": array, "b": array[..., :1]}, "float64")
    back = unpack(data, header)
    assert np.array_equal(back["a"], array, equal_nan=True)
    assert np.array_equal(back["b"], array[..., :1], equal_nan=True)
    assert header["arrays"]["a"]["error"] == 0


def test_single_precision_states_its_rounding():
    array = np.array([1 / 3, 1e-3, np.inf])
    data, header = pack({"a": array}, {"a": "float32"})
    assert np.array_equal(unpack(data, header)["a"], array.astype(np.float32))
    assert header["arrays"]["a"]["error"] == abs(float(np.float32(1 / 3)) - 1 / 3)


@pytest.mark.parametrize(
    ("array", "precision", "message"),
    [
        ([1.0, 0.0], "relative", "numbers <= 0"),
        ([1.0, -np.inf], "relative", "numbers <= 0"),
        ([1e39], "float32", "too large for float32"),
        ([-1.7e308, 1.7e308], "absolute", "too large a range"),
        ([1.0], "float16", "precision of 'a' is 'float16'"),
    ],
)
def test_unsuitable_precision_is_refused(array, precision, message):
    with pytest.raises(ValueError, match=message):
        pack({"a": array}, precision)


@given(st.data())
def test_damaged_bytes_are_refused(data):
    packed, header = pack({"a": np.arange(12.0).reshape(3, 4), "b": np.ones(3)})
    index = data.draw(st.integers(0, len(packed) - 1))
    flipped = bytearray(packed)
    flipped[index] ^= data.draw(st.integers(1, 255))
    with pytest.raises(ValueError, match="checksum"):
        unpack(bytes(flipped), header)
    with pytest.raises(ValueError, match=f"has {index} bytes"):
        unpack(packed[:index], header)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"dtype": "float16"}, "unknown type"),
        ({"shape": [300]}, "beyond the end"),
        ({"offset": -8}, "beyond the end"),
    ],
)
def test_header_that_does_not_fit_is_refused(change, message):
    packed, header = pack({"a": np.arange(12.0)})
    header["arrays"]["a"] |= change
    with pytest.raises(ValueError, match=message):
        unpack(packed, header)


# --- controls ------------------------------------------------------------------------------------


def test_slider_holds_its_ends_its_start_and_what_it_must_include():
    control = slider("lr", 0.001, 3, 0.1, label="η", log=True, include=(2,))
    assert {0.001, 0.1, 2, 3} <= set(control.values)
    assert np.all(np.diff(control.values) > 0)
    steps = np.diff(np.log(control.values))
    assert steps.max() < 3 * np.median(steps)
    assert control.text(0.0316) == "0.0316"


def test_slider_values_are_short_decimals():
    assert all(len(f"{v:g}") <= 6 for v in slider("b", 0, 0.99, 0, label="β").values)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: slider("a", 1, 1, 1, label=""), "is empty"),
        (lambda: slider("a", 0, 1, 1, label="", log=True), "not positive"),
        (lambda: slider("a", 0, 1, 1, label="").check(1.5), "a is 1.5; it must lie in"),
        (lambda: choice("a", [1, 2], 3, label=""), "start is 3.0"),
        (lambda: choice("a", [2, 1], 1, label=""), "increasing"),
        (lambda: choice("a", [1, 2], 1, label="", words=["x"]), "1 words for 2 values"),
        (lambda: point("p", (0, 0), x=(0, 1), y=(0, 1)).check((0, 2)), "must be a point of"),
        (lambda: Axis("x", 2, 1), "must increase"),
        (lambda: Axis("x", 0, 1, log=True), "be positive"),
        (lambda: Grid("x", 1, 1), "at least 2 increasing"),
        (lambda: marks.rule("r"), "either x or y"),
        (lambda: marks.handle("a", "b", "c"), "one|two"),
        (lambda: Panel("p", Axis("x"), Axis("y"), []), "no marks"),
    ],
)
def test_wrong_parts_are_named(make, message):
    with pytest.raises(ValueError, match=message):
        make()


# --- figures -------------------------------------------------------------------------------------

KEPT = np.array([0.0, 10.0, 20.0, 40.0])
LOSSES = np.array([[[8.0, 4.0, 2.0, 1.0], [8.0, 3.0, np.nan, np.nan]], [[8.0, 6.0, 5.0, 4.5]] * 2])


def shipped() -> Explorer:
    """A figure of each kind of shipped array."""
    rates, seeds = (0.1, 0.3), (0, 1)
    picture = np.arange(2 * 3 * 4.0).reshape(2, 3, 4)
    return Explorer(
        "test/shipped",
        title="A <table>",
        question="Which & why?",
        controls=[choice("lr", rates, 0.3, label="η"), choice("seed", seeds, 1, label="seed")],
        signals=[
            table(
                {"loss": LOSSES},
                axes={"lr": rates, "seed": seeds},
                at=KEPT,
                timed=True,
                precision="relative",
            ),
            table(
                {"picture": picture, "level": np.array([0.25, 0.75])},
                axes={"lr": rates},
                plane=(Grid("u", 0, 1, n=4), Grid("v", 1, 100, n=3, log=True)),
            ),
            table({"spectrum": picture[:, 0]}, axes={"lr": rates}, precision="float64"),
            scalars(lambda lr, loss_now, level: {"answer": lr * loss_now + level}),
        ],
        panels=[
            Panel("Loss", Axis("step"), Axis("loss", log=True), [marks.line("loss", "loss")]),
            Panel(
                "Picture",
                Axis("u"),
                Axis("v", log=True),
                [marks.heat("picture", low=0, high=24, label="value")],
            ),
            Panel(
                "Spectrum",
                Axis("i"),
                Axis("λ"),
                [marks.bars("spectrum", "bars"), marks.cloud("spectrum", "points")],
            ),
        ],
        readout=[readout("answer", "answer"), readout("rows", "loss_steps")],
        play="loss",
    )


def test_table_gives_the_part_of_the_nearest_setting():
    figure = shipped()
    found = figure.evaluate(lr=0.19, seed=1)["signals"]
    assert np.allclose(found["loss"], LOSSES[0, 1], rtol=1e-4, equal_nan=True)
    assert found["loss_steps"] == 1
    assert found["loss_last"] == pytest.approx(3.0, rel=1e-4)
    assert found["picture"].shape == (3, 4)
    assert found["level"] == pytest.approx(0.25, abs=1e-5)


def test_step_is_the_row_of_its_time():
    figure = shipped()
    assert figure.spec["times"] == KEPT.tolist()
    now = [figure.evaluate(step=k, lr=0.3, seed=0)["signals"]["loss_now"] for k in range(4)]
    assert now == pytest.approx([8.0, 6.0, 5.0, 4.5], rel=1e-4)


def test_caption_states_the_rounding():
    percent = re.search(r"rounded by at most ([\d.]+) %", shipped().spec["caption"]).group(1)
    assert 0 < float(percent) < 0.01


def test_trajectory_is_the_run_of_the_core():
    figure = bowl()
    found = figure.evaluate(kappa=50.0, product=1.7, beta=0.4, start=(0.3, -1.0))["signals"]
    f = Quadratic(torch.tensor([1.0, 50.0], dtype=torch.float64))
    x0 = torch.tensor([0.3, -1.0], dtype=torch.float64)
    path = run(f, HeavyBall(lr=1.7 / 50, beta=0.4), x0, 60)
    assert np.allclose(found["path"], path.x, rtol=1e-12)
    assert np.allclose(found["loss"], path.loss, rtol=1e-12)
    rates = ill.contraction(f.eigenvalues, 1.7 / 50, 0.4)
    assert found["rate"] == pytest.approx(float(rates.max()), rel=1e-14)


def test_measured_rate_approaches_the_exact_one():
    for kappa, product in ((30.0, 1.9), (3.0, 0.8), (10.0, 20 / 11)):
        read = bowl().evaluate(kappa=kappa, product=product, beta=0.0)["readout"]
        assert read["factor per step, measured"] == pytest.approx(
            read["factor ρ, theory"], rel=0.02
        )


def test_cell_of_the_map_is_one_run():
    figure = momentum_map()
    names = figure.bindings(kappa=40.0)
    field = names["map"]
    assert isinstance(field, Field)
    for row, col in ((0, 10), (20, 30), (50, 5), (5, 60)):
        product, beta = field.x[col], field.y[row]
        f = Quadratic(torch.tensor([1.0, 40.0], dtype=torch.float64))
        path = run(
            f, HeavyBall(lr=product / 40, beta=beta), torch.ones(2, dtype=f.minima.dtype), 80
        )
        factor = math.log10(path.loss[-1] / path.loss[0]) / 160
        assert field.values[row, col] == pytest.approx(factor, rel=1e-9)
    assert np.all(field.values[:, field.x > 3.9][field.y < 0.9] > 0)


def test_best_pair_is_polyaks():
    found = momentum_map().evaluate(kappa=100.0)["signals"]
    lr, beta, rate = ill.best_heavy_ball(1.0, 100.0)
    assert found["best_product"] == pytest.approx(100 * lr, rel=1e-12)
    assert (found["best_beta"], found["best_rate"]) == pytest.approx((beta, rate), rel=1e-12)


@pytest.mark.parametrize(("begin", "caught"), [(1.0, True), (2.5, True), (3.9, True), (4.3, False)])
def test_catapult_ends_flat_or_diverges(begin, caught):
    figure = catapult()
    found = figure.evaluate(begin=begin)["signals"]
    assert (found["loss_steps"] == figure.spec["steps"]) == caught
    if caught:
        assert found["loss_last"] < 0.1 * found["loss_max"]
        assert found["product_last"] < 2
    assert (found["growth"] > 1) == (begin > 2)


def minimal(**changes):
    """A figure with one slider, with parts exchanged."""
    parts = {
        "title": "t",
        "question": "q",
        "controls": [slider("a", 0, 1, 0.5, label="a")],
        "signals": [scalars(lambda a: {"b": 2 * a})],
        "panels": [Panel("p", Axis("x", 0, 1), Axis("y", 0, 2), [marks.dot("a", "b")])],
        "readout": [readout("b", "b")],
    }
    return Explorer("test/minimal", **{**parts, **changes})


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"signals": [scalars(lambda c: {"b": c})]}, "asks for 'c'"),
        ({"readout": [readout("z", "z")]}, "asks for 'z'; known names are a, b"),
        (
            {"panels": [Panel("p", Axis("x"), Axis("y"), [marks.line("s")])]},
            "panel 'p' asks for 's'",
        ),
        ({"signals": [scalars(lambda a: {"a": a})]}, "a is bound twice"),
        ({"play": "b"}, "not a series over steps"),
        (
            {"controls": [slider(n, 0, 1, 1, label=n) for n in "abcd"]},
            "more than 3 sliders",
        ),
    ],
)
def test_wrong_figures_are_refused(changes, message):
    with pytest.raises(ValueError, match=message):
        minimal(**changes)


def test_wrong_settings_are_refused():
    figure = minimal()
    with pytest.raises(ValueError, match=r"\['c'\] are no controls; they are a"):
        figure.evaluate(c=1)
    with pytest.raises(ValueError, match="a is 2; it must lie in"):
        figure.evaluate(a=2)


def test_unsupported_operation_is_named():
    from descent.trace import UnsupportedOperation

    with pytest.raises(UnsupportedOperation, match="erfinv"):
        minimal(signals=[scalars(lambda a: {"b": torch.erfinv(a)})])


def test_settings_of_the_widget_are_the_defaults_of_evaluate():
    figure = minimal()
    figure.values = {"a": 0.25}
    assert figure.evaluate()["readout"] == {"b": 0.5}
    assert figure.evaluate(a=1.0)["text"] == {"b": "2.000"}


def test_alternative_text_tells_the_numbers():
    figure = bowl()
    read = figure.evaluate()["readout"]
    assert f"factor ρ, theory: {numbers.text(read['factor ρ, theory'])}" in figure.alt
    assert "condition number κ = 30" in figure.alt
    first = figure.evaluate()["signals"]["loss"][0]
    assert f"this run from {numbers.text(first, 3)}" in figure.alt
    assert repr(figure) == figure.alt


def test_words_stand_for_cases():
    shown = verdict("v", "b", ["low", "middle", "high"])
    assert [shown.text({"b": v}) for v in (0.0, 2.0, 3.0, math.nan)] == ["low", "high", "–", "–"]


class Markup(HTMLParser):
    """Collects what a content security policy forbids, and checks nesting."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.bad: list[str] = []

    def handle_starttag(self, tag, attrs):
        self.bad += [name for name, _ in attrs if name == "style" or name.startswith("on")]
        if tag in ("script", "style"):
            self.bad.append(tag)
        if tag not in ("img", "input", "path", "circle", "rect"):
            self.open.append(tag)

    def handle_endtag(self, tag):
        if tag not in ("path", "circle", "rect"):
            assert self.open.pop() == tag


@pytest.mark.parametrize("make", [bowl, momentum_map, shipped])
def test_markup_is_well_formed_and_allows_a_strict_policy(make):
    figure = make()
    parser = Markup()
    parser.feed(figure.html)
    assert parser.open == [] and parser.bad == []
    for label in (c.label for c in figure.controls):
        assert label in figure.html
    for i in range(len(figure.panels)):
        assert f"<!--still:{i}-->" in figure.html
    assert "A <table>" not in figure.html
    json.dumps(figure.spec, allow_nan=False)


def test_view_carries_pictures_and_text():
    figure = minimal()
    bundle = figure._repr_mimebundle_()[0]
    assert bundle["text/plain"] == figure.alt
    assert set(figure.stills) == {"light", "dark"}
    assert all(png[:4] == b"\x89PNG" for theme in figure.stills.values() for png in theme)


# --- placing figures in pages --------------------------------------------------------------------


def written_page(*figures):
    """A page as Sphinx writes it: views in the text, the state of all widgets in the head."""
    views, state = "", {}
    for figure in figures:
        figure._repr_mimebundle_()
        view = json.dumps({"version_major": 2, "version_minor": 0, "model_id": figure.model_id})
        views += f'<script type="application/vnd.jupyter.widget-view+json">{view}</script>\n'
        state |= Widget.get_manager_state(widgets=[figure])["state"]
    text = json.dumps({"version_major": 2, "version_minor": 0, "state": state})
    text = text.replace("</", "<\\/")
    mime = "application/vnd.jupyter.widget-state+json"
    return (
        f'<html><head><script type="{mime}">{text}</script></head>'
        f"<body><p>Text.</p>{views}</body></html>"
    )


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
    assert {"spec", "values"} <= kept["state"].keys()
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


def test_figures_of_different_runs_are_refused(tmp_path):
    old = minimal()
    old._css += " "
    with pytest.raises(ValueError, match=r"a\.html: its figures come from different runs"):
        place_figures(written_page(minimal(), old), tmp_path / "a.html", tmp_path)


# --- the script of the page ----------------------------------------------------------------------


@pytest.fixture(scope="module")
def engine():
    """A JavaScript engine that holds the figures' scripts and some helpers."""
    racer = MiniRacer()
    for part in ("d3.js", "engine.js"):
        racer.eval((PAGE / part).read_text("utf-8"))
    source = (PAGE / "draw.js").read_text("utf-8")
    racer.eval(source[source.index("const SUPERSCRIPT") : source.index("const TICK_FONT")])
    racer.eval(
        """
        const plain = (v) => Array.isArray(v) ? v.map(String)
          : v.values ? Array.from(v.values, String) : String(v);
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
    return racer


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


@pytest.mark.parametrize("name", [*FIGURES, "shipped"])
def test_page_computes_what_python_computes(engine, name):
    figure = shipped() if name == "shipped" else FIGURES[name]()
    start(engine, figure)
    rng = np.random.default_rng(0)
    start_values = {c["name"]: c["start"] for c in figure.spec["controls"]}
    compare(engine, figure, start_values, figure.spec["steps"])
    for _ in range(6):
        step = int(rng.integers(figure.spec["steps"] + 1))
        compare(engine, figure, random_values(figure, rng), step)


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
                {**spec, "signals": [{"kind": "scalars", "fn": "f9", "in": [], "out": []}]},
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
        scaled = abs(value) / 10.0 ** max(exponent - digits + 1, -300)
        if abs(scaled % 1 - 0.5) < 1e-6:
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


def test_plane_is_a_rectangle_of_points():
    figure = bowl()
    field = figure.bindings(kappa=9.0)["f"]
    assert field.values[0, -1] == pytest.approx(0.5 * (1.5**2 + 9 * 1.5**2))
    assert isinstance(Plane("x", (0, 1), (0, 2)).grids[1], Grid)
    assert packing.pack({})[0] == b""
