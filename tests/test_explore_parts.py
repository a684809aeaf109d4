"""Parts from which figures are put together: guesses, races, densities, bands, axes and panels."""

import numpy as np
import pytest

from descent import SGD, HeavyBall, run
from descent.explore import (
    Axis,
    Explorer,
    Panel,
    drawn,
    guess,
    marks,
    point,
    quantiles,
    race,
    scalars,
    slider,
    table,
)
from descent.explore.names import Field, Series
from descent.objectives import Rosenbrock
from sample_figures import minimal
from sample_panels import KINDS, LAYERS, decay

# --- guesses -------------------------------------------------------------------------------------


def test_guess_hides_the_answer_in_text_picture_and_markup():
    asked, told = decay(), decay(guess=None)
    answer = told.evaluate()["text"]["loss after 20 steps"]
    assert answer in told.alt and "loss from" in told.alt
    assert answer not in asked.alt and "loss from" not in asked.alt
    assert "hidden until you commit to a guess: 1 of 1 marks" in asked.alt
    assert ">?</dd>" in asked.html and ">?</dd>" not in told.html
    # Paper and readers without a script get the answer in words, and only there.
    assert asked.html.count(answer) == 1
    assert f"The answer is loss after 20 steps: {answer}." in asked.html
    for figure in (asked, told):
        figure._repr_mimebundle_()
    assert asked.stills["light"][0] == told.stills["light"][0]
    assert asked.stills["light"][1] != told.stills["light"][1]


def test_guess_of_a_verdict_offers_its_words():
    html = decay(guess=guess("grows", "Does it grow?")).html
    assert html.count('type="radio"') == 2
    assert "> shrinks<" in html and 'type="number"' not in html


def test_wrong_guesses_are_refused():
    with pytest.raises(ValueError, match="the guess 'x' is not in the readout"):
        decay(guess=guess("x", "?"))
    with pytest.raises(ValueError, match="within is 0; it must be positive"):
        guess("x", "?", within=0)


# --- runs and distributions ----------------------------------------------------------------------


def test_race_is_the_runs_of_the_core():
    f, rules = Rosenbrock(), {"SGD": SGD(1.0), "heavy ball": HeavyBall(1.0, 0.5)}
    runs = race(f, rules, start="x0", steps=5, bind={"heavy ball": {"lr": "slow"}})
    figure = minimal(
        controls=[
            slider("lr", 1e-4, 1e-3, 5e-4, label="η"),
            slider("slow", 1e-4, 1e-3, 2e-4, label="η"),
            slider("beta", 0, 1, 0.9, label="β"),
            point("x0", (-1.2, 1.0), x=(-2, 2), y=(-1, 3)),
        ],
        signals=list(runs.signals),
        panels=[
            Panel("Paths", "x", "y", [runs.paths, runs.grip]),
            Panel("f", "k", "f", runs.losses),
        ],
        readout=runs.readout,
        play=runs.play,
    )
    found = figure.evaluate()["signals"]
    for name, rule in (("sgd", SGD(5e-4)), ("heavy_ball", HeavyBall(2e-4, 0.9))):
        path = run(f, rule, f.start, 5)
        assert np.allclose(found[f"{name}_x"], path.x, rtol=1e-12)
        assert np.allclose(found[f"{name}_loss"], path.loss, rtol=1e-12)
    looks = {m.look for m in (*runs.paths, *runs.losses)}
    assert len(looks) == 4


def test_distribution_is_that_of_the_vector():
    figure = KINDS["particles"]()
    names = figure.bindings(step=7)
    counts, smooth, q = names["counts"], names["smooth"], names["q_now"]
    edges = np.linspace(-2.0, 2.0, 11)
    expected = np.histogram(q, edges)[0] / (len(q) * 0.4)
    assert isinstance(counts, Series) and isinstance(smooth, Series)
    assert np.allclose(counts.values, expected)
    bumps = np.exp(-(((smooth.at[:, None] - q) / 0.25) ** 2) / 2) / (0.25 * np.sqrt(2 * np.pi))
    assert np.allclose(smooth.values, bumps.mean(1))


def test_quantiles_bound_the_runs():
    runs = np.random.default_rng(0).normal(size=(4, 9, 5))
    found = quantiles("loss", runs, axis=1)
    assert np.array_equal(found["loss"], np.median(runs, axis=1))
    assert np.array_equal(found["loss_low"], runs.min(1))
    assert np.array_equal(found["loss_high"], runs.max(1))


# --- what is drawn -------------------------------------------------------------------------------


def test_series_of_vectors_is_a_field_of_rows():
    names = KINDS["gantt"]().bindings()
    field = drawn.field(names, "norms")
    series = names["norms"]
    assert isinstance(field, Field) and isinstance(series, Series)
    assert field.values.shape == (len(LAYERS), len(series.at))
    assert np.array_equal(field.values[1], series.values[:, 1])
    with pytest.raises(ValueError, match="'ratio' is a float"):
        drawn.field(names, "ratio")


def test_cells_of_a_logarithmic_axis_are_even_in_the_logarithm():
    edges = drawn.cell_edges(np.array([1.0, 10.0, 100.0]), log=True)
    assert np.allclose(np.log10(edges), [-0.5, 0.5, 1.5, 2.5])
    assert np.array_equal(drawn.cell_edges(np.array([3.0]), log=False), [2.5, 3.5])


def test_texts_name_what_is_drawn():
    eigen, layers = KINDS["eigenvalues"](), KINDS["gantt"]()
    assert "unit circle of radius 1.00 around (0.00, 0.00)" in eigen.alt
    assert "eigenvalues: 8 points" in eigen.alt
    now = layers.bindings()["norms_now"]
    assert f"now: embedding {now[0]:.4f}, hidden 1 {now[1]:.4f}" in layers.alt
    assert "where factor is 0.800, 1.50" in KINDS["sweep"]().alt


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Axis("layer", 0, names=["a", "b"]), "has names; its ends"),
        (lambda: Axis("layer", log=True, names=["a"]), "has names; its ends"),
        (lambda: marks.heat("f", label="h", low=2, high=1), "must increase"),
        (lambda: marks.heat("f", label="h", low=0, log=True), "be positive"),
        (lambda: marks.lines({str(i): str(i) for i in range(6)}), "at most 5"),
        (
            lambda: Panel("p", "x", "y", [marks.line("a", "a"), marks.line("b", "b", color=1)]),
            "nothing but their color",
        ),
    ],
)
def test_wrong_parts_are_refused(make, message):
    with pytest.raises(ValueError, match=message):
        make()


def test_marks_in_lists_count_as_marks_of_the_panel():
    panel = Panel("p", "x", "y", [marks.spread("a", "a"), marks.bars("b"), marks.bars("c")])
    kinds = [m["kind"] for m in panel.spec()["marks"]]
    assert kinds == ["band", "line", "bars", "bars"]
    assert [m.get("place") for m in panel.spec()["marks"]] == [None, None, [0, 2], [1, 2]]


def test_table_without_axes_never_changes():
    figure = minimal(
        signals=[
            table({"still": np.arange(3.0)}, axes={}),
            scalars(lambda a, still_max: {"b": a * still_max}),
        ],
        panels=[Panel("p", "i", "y", [marks.line("still")])],
    )
    assert isinstance(figure, Explorer)
    assert figure.evaluate(a=0.25)["readout"]["b"] == pytest.approx(0.5, rel=1e-4)
