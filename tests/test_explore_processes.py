"""Figures that run on in the page compute what Python computes, in slices."""

import json

import numpy as np
import pytest
import torch

from descent.data import Dataset
from descent.explore import Grid, scalars, simulation, slider, training
from descent.networks import MLP, Empirical
from descent.optimizers import SGD
from sample_figures import minimal
from sample_processes import particles_in_two_wells, trained
from test_explore_page import compare, engine, random_values, start  # noqa: F401 (a fixture)

SMALL = {
    "trained": lambda: trained(examples=120, steps=60),
    "particles": lambda: particles_in_two_wells(count=40, steps=60),
}


@pytest.mark.parametrize("name", SMALL)
def test_page_computes_what_python_computes(engine, name):  # noqa: F811
    figure = SMALL[name]()
    start(engine, figure)
    rng = np.random.default_rng(0)
    for _ in range(3):
        values, step = random_values(figure, rng), int(rng.integers(figure.spec["steps"] + 1))
        values["lr"] = min(values.get("lr", 0.0), 0.03)  # beyond, rounding decides
        values = {k: v for k, v in values.items() if k in figure.values}
        compare(engine, figure, values, step)


def test_the_page_works_in_slices(engine):  # noqa: F811
    """With no time at all, an update starts the run and leaves the rest for the next frames."""
    figure = SMALL["trained"]()
    start(engine, figure)
    values = json.dumps(dict(figure.values))
    assert engine.eval(f"figure.update({values}, 60, 0)") is True
    assert engine.eval("figure.names.get('loss').count") == 1
    turns = 1
    while engine.eval(f"figure.update({values}, 60, 1)"):
        turns += 1
    assert turns > 1 and engine.eval("figure.names.get('loss').count") == 7
    compare(engine, figure, dict(figure.values), 6)


def test_divergence_ends_a_run(engine):  # noqa: F811
    figure = minimal(
        controls=[slider("a", 1, 3, 2, label="a")],
        signals=[
            simulation(
                lambda a: {"x": torch.ones(2).double() * a, "n": a * 0},
                lambda x, n, a: {"x": x * 1e100, "n": n + 1},
                lambda x, n: {"size": x.norm(), "n": n, "x": x[None]},
                steps=6,
            ),
            scalars(lambda size_last, n_now: {"b": size_last / 1e300 + n_now}),
        ],
        play="size",
    )
    start(engine, figure)
    compare(engine, figure, {"a": 2.0}, 6)
    assert figure.bindings()["size"].count == 2


def test_wrong_use_is_refused():
    data = torch.randn(20, 3, dtype=torch.float64)
    objective = Empirical(MLP((3, 2)), Dataset(data, (data[:, 0] > 0).long()))
    good = {"batch": 4, "steps": 4, "every": 2, "bind": {"lr": 0.1, "seed": 0}}
    with pytest.raises(ValueError, match="multiple of every"):
        training(objective, SGD(0.1), **{**good, "every": 3})
    plane = (Grid("u", 0, 1, n=2), Grid("v", 0, 1, n=3))
    with pytest.raises(ValueError, match="'weights', which is not measured"):
        minimal(signals=[training(objective, SGD(0.1), **good, planes={"weights": plane})])
    look = {"weights": lambda f, x: x[:6].reshape(2, 3)}
    with pytest.raises(ValueError, match=r"'weights' is \(2, 3\); its plane is \(3, 2\)"):
        minimal(
            signals=[training(objective, SGD(0.1), **good, observe=look, planes={"weights": plane})]
        )
