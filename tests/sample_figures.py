"""Small figures that tests share: one of shipped tables, one with a single slider."""

import json

import numpy as np
from ipywidgets import Widget

from descent.explore import (
    Axis,
    Explorer,
    Grid,
    Panel,
    choice,
    marks,
    readout,
    scalars,
    slider,
    table,
)

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
            table({"spectrum": picture[:, 0]}, axes={"lr": rates}, tolerance=0),
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


def written_page(*figures):
    """A page as Sphinx writes it: views in the text, the state of all widgets in the head."""
    views, state = "", {}
    for figure in figures:
        figure._repr_mimebundle_()
        view = json.dumps({"version_major": 2, "version_minor": 0, "model_id": figure.model_id})
        views += f'<script type="application/vnd.jupyter.widget-view+json">{view}</script>\n'
        state |= Widget.get_manager_state(widgets=[figure, figure.layout])["state"]
    text = json.dumps({"version_major": 2, "version_minor": 0, "state": state})
    text = text.replace("</", "<\\/")
    mime = "application/vnd.jupyter.widget-state+json"
    return (
        f'<html><head><script type="{mime}">{text}</script></head>'
        f"<body><p>Text.</p>{views}</body></html>"
    )
