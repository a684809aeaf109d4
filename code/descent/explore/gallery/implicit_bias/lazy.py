"""Lazy and rich: what the output scale does to errors and to neurons."""

import numpy as np

from descent.explore import Axis, Explorer, Panel, choice, marks, quantiles, readout, table


def output_scale() -> Explorer:
    """Test error, drift and movement against the output scale."""
    from descent.experiments.implicit_bias import ALPHAS, output_scales

    found = output_scales()
    names = ("test", "drift", "movement")
    curves = {k: v for name in names for k, v in quantiles(f"{name}s", found[name], axis=1).items()}
    chosen = {name: np.median(found[name], 1) for name in names}
    kernel = float(np.median(found["kernel"]))
    return Explorer(
        "implicit_bias/output_scale",
        title="One number between a kernel and a network that learns features",
        question="At which α does the network begin to beat its kernel? How far have its weights "
        "moved by then?",
        controls=[choice("alpha", ALPHAS, 1.0, label="output scale α")],
        signals=[
            table(curves, axes={}, at=np.array(ALPHAS)),
            table(chosen, axes={"alpha": ALPHAS}),
        ],
        panels=[
            Panel(
                "Error on new inputs",
                Axis("output scale α", 0.025, 12, log=True),
                Axis("mean square", 0, 0.4),
                [
                    marks.rule("kernel of infinite width", y=kernel, color=2, legend=True),
                    *marks.spread("tests", "network", color=0),
                    marks.dot("alpha", "test", "chosen α", color=1),
                ],
            ),
            Panel(
                "How far training moves them",
                Axis("output scale α", 0.025, 12, log=True),
                Axis("relative change", 0.005, 20, log=True),
                [
                    *marks.spread("drifts", "kernel", color=0),
                    *marks.spread("movements", "first layer", color=3, dash=1),
                    marks.dot("alpha", "drift", "chosen α", color=1),
                ],
            ),
        ],
        readout=[
            readout("error on new inputs", "test", digits=3),
            readout("kernel moves by", "drift", digits=2),
            readout("first layer moves by", "movement", digits=2),
        ],
        caption="Targets are a sum of three neurons of 20 inputs; 100 examples, 128 hidden units. "
        "Medians and ranges of three draws of data and weights.",
    )


def moving_neurons() -> Explorer:
    """Neurons of a network with two inputs, at different output scales."""
    from descent.experiments.implicit_bias import ALPHAS, STOPS, neurons

    found = neurons()
    place, axes = found["place"], {"alpha": ALPHAS, "moment": STOPS}
    size = np.abs(place[:, -1]).max((1, 2))
    begin = np.broadcast_to(place[:, :1], place.shape)
    # Every scale has a frame of its own: what matters is where neurons point, not their size.
    frame = size[:, None, None, None]
    lines = [np.array([-ray, ray]) for ray in found["directions"] * 1.1]
    return Explorer(
        "implicit_bias/moving_neurons",
        title="Neurons that turn, and neurons that stay",
        question="The targets come from three neurons, which look along the three lines. For which "
        "α do the hundred neurons turn to them? Which fit the targets without turning?",
        controls=[
            choice("alpha", ALPHAS, 0.03, label="output scale α"),
            choice("moment", STOPS, 2000, label="step k"),
        ],
        signals=[
            table({"now": place / frame, "begin": begin / frame}, axes=axes),
            table({name: found[name] for name in ("error", "aligned")}, axes=axes),
            table({f"ray{i}": ray for i, ray in enumerate(lines)}, axes={}),
        ],
        panels=[
            Panel(
                "Neurons: weights in, times the size of the weight out",
                Axis("first input", -1.2, 1.2),
                Axis("second input", -1.2, 1.2),
                [
                    *(
                        marks.path(f"ray{i}", "made the targets" if i == 0 else "", color=4,
                                   marker=4, dash=i)
                        for i in range(len(lines))
                    ),
                    marks.cloud("begin", "at the start", color=2, marker=1),
                    marks.cloud("now", "now", color=0),
                ],
                equal=True,
            )
        ],
        readout=[
            readout("within 10° of a line", "aligned", digits=2),
            readout("mean square training error", "error", digits=2),
        ],
        caption="100 ReLU neurons, 40 examples on the circle. A neuron and its opposite bend the "
        "function along the same line. Each α has its own unit of length: "
        "the farthest neuron at the end is at 1.",
    )  # fmt: skip
