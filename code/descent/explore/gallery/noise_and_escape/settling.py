"""Entropy of a cloud that settles, and layers that forget or do not."""

import numpy as np
import torch
from torch import Tensor

from descent.explore import (
    Axis,
    Explorer,
    Grid,
    Panel,
    choice,
    curve,
    marks,
    quantiles,
    readout,
    scalars,
    slider,
    table,
)
from descent.noise_and_escape import gaussian_entropy, settling_variance


def entropy() -> Explorer:
    """The entropy of a cloud in a bowl, and the story of exponential decay."""

    def paths(t: Tensor, start: Tensor, lam: Tensor, heat: Tensor) -> dict[str, Tensor]:
        v = settling_variance(start, lam, heat, t)
        begin = gaussian_entropy(start)
        # The story: dH/dt = -beta E|grad|^2 H, with the mean square gradient at the start.
        rate = lam**2 * start / heat
        return {
            "true": gaussian_entropy(v),
            "story": begin * torch.exp(-rate * t),
            "made": heat / v,
            "lost": lam + 0.0 * v,
        }

    return Explorer(
        "noise_and_escape/entropy",
        title="Entropy settles; it does not decay",
        question="Where does the entropy end, and can it end below zero? At what moment do the "
        "two curves on the right meet? Start with a cloud that is too narrow.",
        controls=[
            slider("start", 0.01, 10, 4, label="variance at the start, v₀", log=True),
            slider("lam", 0.3, 3, 1, label="curvature λ", log=True, include=(1,)),
            slider("heat", 0.02, 2, 0.2, label="temperature T", log=True),
        ],
        signals=[
            curve(paths, over=Grid("t", 0, 4, n=121)),
            scalars(
                lambda start, lam, heat: {
                    "rest": gaussian_entropy(heat / lam),
                    "begin": gaussian_entropy(start),
                }
            ),
        ],
        panels=[
            Panel(
                "Entropy",
                Axis("time t", 0, 4),
                Axis("S (nats)", -2.5, 3),
                [
                    marks.rule(y=0.0),
                    marks.rule("Gibbs", y="rest", color=2),
                    marks.line("story", "exponential story", color=3, dash=1),
                    marks.line("true", "exact", color=1),
                ],
            ),
            Panel(
                "What makes and what takes entropy",
                Axis("time t", 0, 4),
                Axis("nats per unit of time", 1e-2, 1e2, log=True),
                [
                    marks.line("made", "diffusion makes T/v", color=1),
                    marks.line("lost", "curvature takes λ", color=0, dash=1),
                ],
            ),
        ],
        readout=[
            readout("entropy at the start", "begin", digits=3),
            readout("entropy in the end", "rest", digits=3),
            readout("entropy at t = 4", "true_last", digits=3),
        ],
        caption="A Gaussian cloud in the bowl ½λw², in closed form.",
    )


def information_plane() -> Explorer:
    """Bits that each layer keeps while networks train, with and without noise."""
    from descent.experiments.noise_and_escape import KINDS, SIZES, compression

    found = compression()
    steps = np.arange(found["accuracy"].shape[-1]) * 50.0
    axes = {"kind": range(len(KINDS)), "size": range(len(SIZES))}
    curves: dict[str, np.ndarray] = {}
    for i in range(5):
        curves |= quantiles(f"layer{i + 1}", found["kept"][..., i], axis=2)
    curves |= quantiles("accuracy", found["accuracy"], axis=2)
    plane = np.stack([found["kept"], found["label"]], -1).mean(2)
    shipped = {f"track{i + 1}": plane[..., i, :] for i in (0, 2, 4)}
    names = {"layer1": "layer 1", "layer3": "layer 3", "layer5": "layer 5"}
    return Explorer(
        "noise_and_escape/information_plane",
        title="Who forgets?",
        question="Does the last layer lose bits after it has learned? Take the noise away: is it "
        "still so? Take ReLU: does a network that answers as well forget, too?",
        controls=[
            choice("kind", (0, 1), 0, label="activation", words=("tanh", "ReLU")),
            choice("size", (0, 1), 0, label="batch", words=("all 4096: no noise", "256")),
        ],
        signals=[
            table(curves, axes=axes, at=steps, timed=True),
            table(shipped, axes=axes, at=steps),
            scalars(lambda layer5_max, layer5_last: {"lost": layer5_max - layer5_last}),
        ],
        panels=[
            Panel(
                "Bits that a layer keeps of its input",
                Axis("step k", 0, float(steps[-1])),
                Axis("H of the binned layer (bits)", 0, 12.5),
                [
                    m
                    for i, (name, label) in enumerate(names.items())
                    for m in marks.spread(name, label, color=(0, 2, 1)[i], dash=i)
                ],
            ),
            Panel(
                "Information plane",
                Axis("about the input (bits)", 0, 12.5),
                Axis("about the label (bits)", 0, 1.05),
                [
                    marks.path("track1", "layer 1", color=0, marker=1),
                    marks.path("track3", "layer 3", color=2, marker=2, dash=1),
                    marks.path("track5", "layer 5", color=1, dash=2),
                ],
            ),
        ],
        readout=[
            readout("largest, last layer", "layer5_max", digits=3, unit="bits"),
            readout("at the end, last layer", "layer5_last", digits=3, unit="bits"),
            readout("lost", "lost", digits=3, unit="bits"),
            readout("accuracy at the end", "accuracy_last", digits=3),
        ],
        caption="12-10-7-5-4-3-2 networks on all 4096 inputs of 12 bits, Adam with rate 0.002. "
        "Medians and ranges of three seeds on the left, means on the right.",
        play="layer5",
    )
