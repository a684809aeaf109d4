"""In which order the examples come, and how often."""

from typing import Any

import numpy as np
from torch import Tensor

from descent.explore import (
    Axis,
    Explorer,
    Grid,
    Panel,
    choice,
    curve,
    guess,
    marks,
    quantiles,
    readout,
    scalars,
    slider,
    table,
)
from descent.mini_batching import drawn_variance, shuffled_variance


def order() -> Explorer:
    """What a shuffle saves, exactly."""

    def here(lr: Tensor, count: Tensor) -> dict[str, Any]:
        drawn, shuffled = drawn_variance(lr), shuffled_variance(lr, count)
        return {
            "drawn_here": drawn,
            "shuffled_here": shuffled,
            "gain": drawn / shuffled,
            "knee": 1 / count,
        }

    def both(s: Tensor, count: Tensor) -> dict[str, Any]:
        return {"drawn": drawn_variance(s), "shuffled": shuffled_variance(s, count)}

    return Explorer(
        "mini_batching/order",
        title="Errors that cancel within an epoch",
        question="At which learning rate does shuffling begin to pay? How does that place move "
        "with the number of examples?",
        controls=[
            slider("lr", 1e-3, 0.9, 0.01, label="learning rate η", log=True, include=(0.1,)),
            slider("count", 2, 1000, 50, label="examples N", log=True, include=(10, 100)),
        ],
        signals=[
            curve(
                both,
                over=Grid("s", 1e-3, 0.9, n=90, log=True),
            ),
            scalars(here),
        ],
        panels=[
            Panel(
                "Distance from the minimum in the end",
                Axis("learning rate η", 1e-3, 1, log=True),
                Axis("mean of x²", 1e-9, 1, log=True),
                [
                    marks.line("drawn", "drawn anew", color=1),
                    marks.line("shuffled", "shuffled every epoch", color=0, dash=1),
                    marks.rule("η = 1/N", x="knee"),
                    marks.dot("lr", "drawn_here", color=1),
                    marks.dot("lr", "shuffled_here", color=0),
                ],
                ratio=0.62,
            )
        ],
        readout=[
            readout("mean of x², drawn anew", "drawn_here", digits=3),
            readout("mean of x², shuffled", "shuffled_here", digits=3),
            readout("shuffling gains a factor of", "gain", digits=3),
        ],
        caption="The mean of N parabolas, one example at a time, measured at the end of an epoch. "
        "Both lines are exact.",
    )


def orders() -> Explorer:
    """Four orders of the same digits."""
    from descent.experiments.mini_batching import orders as measure
    from descent.experiments.mini_batching.orders import RATES

    found = measure()
    every, epochs = 10, 10
    at = np.arange(found["test"].shape[-1]) * every / 50
    names = ("sorted", "once", "each", "drawn")
    test = dict(zip(names, np.moveaxis(np.median(found["test"], 2), 1, 0), strict=True))
    loss = {
        f"{name}_loss": rows
        for name, rows in zip(names, np.moveaxis(np.median(found["loss"], 2), 1, 0), strict=True)
    }
    labels = ("sorted by class", "shuffled once", "shuffled every epoch", "drawn anew")
    return Explorer(
        "mini_batching/orders",
        title="All zeros first, then all ones",
        question="At the largest rate, how far behind is the sorted order after one epoch, and "
        "after ten? Can you tell one shuffle from a new one every epoch?",
        controls=[choice("rate", RATES, 0.5, label="learning rate η")],
        signals=[
            table({**test, **loss}, axes={"rate": RATES}, at=at, timed=True),
            scalars(lambda sorted_now, each_now: {"gap": each_now - sorted_now}),
        ],
        panels=[
            Panel(
                "On 797 other digits",
                Axis("epoch", 0, epochs),
                Axis("share of right answers", 0, 1),
                marks.lines(dict(zip(names, labels, strict=True))),
            ),
            Panel(
                "On the 1000 that it learns from",
                Axis("epoch", 0, epochs),
                Axis("loss", 0.03, 40, log=True),
                marks.lines(dict(zip(loss, labels, strict=True))),
            ),
        ],
        readout=[
            readout("right, sorted by class", "sorted_now", digits=3),
            readout("right, shuffled once", "once_now", digits=3),
            readout("right, shuffled every epoch", "each_now", digits=3),
            readout("right, drawn anew", "drawn_now", digits=3),
            readout("lost by sorting", "gap", digits=2),
        ],
        caption="A 64-64-10 network on 1000 digits, batches of 20; medians of three seeds.",
        play="sorted",
        clock="epoch",
        guess=guess(
            "sorted_now",
            "Ten epochs over sorted digits: which share of the test digits is right?",
            within=0.25,
            hides=["sorted", "sorted_loss", "gap"],
        ),
    )


def passes() -> Explorer:
    """The same examples again, or new ones."""
    from descent.experiments.mini_batching import passes as measure

    found = measure()
    runs = (0.0, 1.0)
    epochs = found["bias"].shape[-1]
    bias = quantiles("bias", found["bias"], axis=1)
    risks = {
        name: np.median(found[key], 1) for name, key in (("train", "train"), ("true_risk", "true"))
    }
    return Explorer(
        "mini_batching/passes",
        title="The second time, the gradient knows you",
        question="With repeated examples, in which epoch does the gradient stop pointing towards "
        "the true risk? What does a bias of −1 mean?",
        controls=[choice("fresh", runs, 0, label="examples", words=("repeated", "always new"))],
        signals=[
            table(bias, axes={"fresh": runs}, at=np.arange(epochs), timed=True),
            table(risks, axes={"fresh": runs}, at=np.arange(epochs + 1)),
        ],
        panels=[
            Panel(
                "Bias of the coming epoch's gradient",
                Axis("epoch", 0, float(epochs - 1)),
                Axis("relative bias", -1.6, 0.8),
                [
                    marks.rule("unbiased", y=0.0),
                    marks.rule("no progress", y=-1.0),
                    *marks.spread("bias", "median, least and greatest"),
                ],
            ),
            Panel(
                "Risks",
                Axis("epoch", 0, float(epochs)),
                Axis("cross-entropy", 0, 1.2),
                [
                    marks.line("train", "on the examples of the epoch", color=0),
                    marks.line("true_risk", "true risk", color=1, dash=1),
                ],
            ),
        ],
        readout=[
            readout("bias at this epoch", "bias_now", digits=2),
            readout("last loss on the examples", "train_last", digits=3),
            readout("smallest true risk", "true_risk_min", digits=3),
            readout("last true risk", "true_risk_last", digits=3),
        ],
        caption="A 20-100-2 network on 200 examples of a known law, batches of 10, learning rate "
        "0.2; three seeds.",
        play="bias",
        clock="epoch",
    )
