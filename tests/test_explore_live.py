"""Settings between the shipped ones: what a kernel computes, and what the page makes of it."""

import re

import numpy as np
import pytest

from descent.explore import choice, scalars, table
from descent.explore.live import answer, finer
from page_engine import PageEngine
from sample_figures import minimal

RATES, SEEDS, STEPS = (0.1, 0.2, 0.5), (0, 1), np.arange(6.0)


def decay(lr, seed):
    """A series and a number, at one setting."""
    return {"loss": (1 - lr) ** STEPS * (1 + seed), "rate": 1 - lr}


def swept(live=decay):
    found = [[decay(lr, seed) for seed in SEEDS] for lr in RATES]
    arrays = {k: np.array([[one[k] for one in row] for row in found]) for k in ("loss", "rate")}
    axes = {"lr": RATES, "seed": SEEDS}
    return table(arrays, axes=axes, precision="relative", live=live)


CONTROLS = (
    choice("lr", RATES, 0.2, label="η", unit="1/s"),
    choice("seed", SEEDS, 0, label="seed", words=["first", "second"]),
)


def figure(live=decay):
    half = scalars(lambda rate: {"b": rate / 2})
    return minimal(controls=CONTROLS, signals=[swept(live), half], panels=[])


def test_kernel_computes_a_setting_between():
    reply, buffers = answer(
        CONTROLS, [swept()], {"ask": "numbers", "signal": 0, "settings": [0.3, 1]}
    )
    assert reply == {"reply": "numbers", "signal": 0, "settings": [0.3, 1]}
    assert np.frombuffer(buffers[0]).tolist() == decay(0.3, 1)["loss"].tolist()
    assert np.frombuffer(buffers[1]).tolist() == [0.7]


def test_kernel_frees_the_sliders_that_have_something_between():
    reply, buffers = answer(CONTROLS, [scalars(lambda lr: {"b": lr}), swept()], {"ask": "ready"})
    assert reply["tables"] == [1] and buffers == []
    assert reply["controls"].keys() == {"lr"}
    assert set(RATES) < set(reply["controls"]["lr"])


def test_kernel_is_silent_where_it_has_nothing_to_say():
    assert answer(CONTROLS, [swept(live=None)], {"ask": "ready"}) is None
    assert answer(CONTROLS, [swept()], {"ask": "other"}) is None
    assert answer(CONTROLS, [swept()], {}) is None


@pytest.mark.parametrize(
    ("asked", "reason"),
    [
        ({"signal": 0, "settings": [0.6, 0]}, r"lr is 0\.6; it must lie in \[0\.1, 0\.5\]"),
        ({"signal": 0, "settings": [float("nan"), 0]}, "lr is nan"),
        ({"signal": 0, "settings": [0.3]}, "shorter"),
        ({"signal": 0, "settings": ["x", 0]}, "could not convert"),
        ({"signal": 0, "settings": None}, "NoneType"),
        ({"signal": 7, "settings": [0.3, 0]}, "7"),
        ({"signal": [], "settings": [0.3, 0]}, "unhashable"),
        ({"settings": [0.3, 0]}, "signal"),
    ],
)
def test_hostile_question_gets_a_reason(asked, reason):
    reply, buffers = answer(CONTROLS, [swept()], {"ask": "numbers", **asked})
    assert reply["reply"] == "failed" and buffers == []
    assert re.search(reason, reply["reason"])


def test_function_of_another_shape_is_named():
    wrong = swept(live=lambda lr, seed: {"loss": STEPS[1:], "rate": 0.0})
    with pytest.raises(ValueError, match=r"'loss' has shape \(5,\); it must be \(6,\)"):
        wrong.compute([0.3, 0])
    with pytest.raises(ValueError, match="stored numbers only"):
        swept(live=None).compute([0.3, 0])


@pytest.mark.parametrize("values", [(0.1, 0.3), (1, 10, 100, 1000), (-1, 0, 5), (0.0, 1e-9)])
def test_finer_values_increase_and_hold_the_given(values):
    fine = finer(values)
    assert set(values) <= set(fine) and fine == sorted(set(fine))
    assert fine[0] == values[0] and fine[-1] == values[-1]
    assert 100 <= len(fine) <= 220


def test_figure_answers_through_its_channel(monkeypatch):
    sent = []
    one = figure()
    monkeypatch.setattr(one, "send", lambda *message: sent.append(message))
    one._handle_custom_msg({"ask": "ready"}, [])
    one._handle_custom_msg({"ask": "numbers", "signal": 0, "settings": [0.3, 0]}, [])
    one._handle_custom_msg({"ask": "nothing"}, [])
    assert [content["reply"] for content, _ in sent] == ["ready", "numbers"]


@pytest.fixture(scope="module")
def engine():
    one = PageEngine()
    yield one
    one.racer.close()


def test_page_shows_the_nearest_until_the_numbers_arrive(engine):
    one = figure()
    engine.start(one)
    shown = engine.names({"lr": 0.3, "seed": 1})
    assert shown["b"] == pytest.approx(0.4, rel=1e-4)
    between = {"index": 0, "axes": ["lr", "seed"], "wanted": [0.3, 1], "used": [0.2, 1]}
    assert engine.between() == [{**between, "computed": False}]
    engine.accept(0, [0.3, 1], decay(0.3, 1).values())
    shown = engine.names({"lr": 0.3, "seed": 1})
    assert shown["b"] == 0.35
    assert np.array_equal(shown["loss"], decay(0.3, 1)["loss"])
    assert engine.between() == [{**between, "computed": True}]
    # An answer that comes late is not taken for another setting.
    engine.accept(0, [0.4, 1], decay(0.4, 1).values())
    assert engine.names({"lr": 0.3, "seed": 1})["b"] == pytest.approx(0.4, rel=1e-4)
    assert engine.names({"lr": 0.4, "seed": 1})["b"] == 0.3
    assert engine.names({"lr": 0.5, "seed": 1})["b"] == pytest.approx(0.25, rel=1e-4)
    assert engine.between() == []


def test_page_refuses_an_answer_of_another_length(engine):
    engine.start(figure())
    engine.names({"lr": 0.3, "seed": 1})
    with pytest.raises(Exception, match="the kernel sent 16 bytes for “loss”, not 48"):
        engine.accept(0, [0.3, 1], [np.ones(2), np.ones(1)])
    assert engine.names({"lr": 0.3, "seed": 1})["b"] == pytest.approx(0.4, rel=1e-4)
