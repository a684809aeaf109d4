"""Figures in Python: controls, signals, readout, text and markup."""

import json
import math
import re
from html.parser import HTMLParser

import numpy as np
import pytest
import torch

from descent import HeavyBall, run
from descent import ill_conditioning as ill
from descent.explore import (
    Axis,
    Grid,
    Panel,
    Plane,
    choice,
    marks,
    numbers,
    point,
    readout,
    scalars,
    slider,
    verdict,
)
from descent.explore.gallery.ill_conditioning import bowl, catapult, momentum_map
from descent.explore.names import Field
from descent.objectives import Quadratic
from descent.trace import UnsupportedOperation
from sample_figures import KEPT, LOSSES, minimal, shipped

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


def test_plane_is_a_rectangle_of_points():
    figure = bowl()
    field = figure.bindings(kappa=9.0)["f"]
    assert field.values[0, -1] == pytest.approx(0.5 * (1.5**2 + 9 * 1.5**2))
    assert isinstance(Plane("x", (0, 1), (0, 2)).grids[1], Grid)
