"""How good a sample is, what a batch buys, and how that changes during training."""

from typing import Any

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
from descent.mini_batching import Hyperbola, standard_error


def tradeoff() -> Explorer:
    """Steps and examples to a target loss, batch size by batch size."""
    from descent.experiments.mini_batching import steps_to_target
    from descent.experiments.mini_batching.sizes import BATCHES, TARGETS

    steps = steps_to_target()["steps"]
    middle = np.median(steps, -1)
    fits = [Hyperbola.fit(BATCHES, row) for row in middle]
    numbers = {
        "fewest": np.array([float(fit.steps) for fit in fits]),
        "least": np.array([float(fit.examples) for fit in fits]),
        "critical": np.array([float(fit.critical) for fit in fits]),
    }
    pairs = np.stack([middle, middle * np.array(BATCHES)], -1)
    back = tuple(reversed(TARGETS))

    def here(fewest: Tensor, critical: Tensor, batch: Tensor) -> dict[str, Tensor]:
        need = fewest * (1 + critical / batch)
        return {
            "need": need,
            "examples": need * batch,
            "more_steps": 1 + critical / batch,
            "more_examples": 1 + batch / critical,
        }

    return Explorer(
        "mini_batching/tradeoff",
        title="What a larger batch buys",
        question="Double the batch, starting at 1. Up to where does that halve the steps? "
        "Where does it only cost examples? Then change the target: which way does the bend move?",
        controls=[
            choice("target", back, back[0], label="training loss to reach"),
            slider("batch", 1, 512, 4, label="batch size B", log=True, include=(8, 64)),
        ],
        signals=[
            table(
                {name: values[::-1].copy() for name, values in numbers.items()},
                axes={"target": back},
            ),
            table(
                {
                    "measured": middle[::-1].copy(),
                    "pairs": pairs[::-1].copy(),
                },
                axes={"target": back},
                at=BATCHES,
                precision="relative",
            ),
            scalars(here),
            curve(
                lambda b, fewest, critical: {"fitted": fewest * (1 + critical / b)},
                over=Grid("b", 1, 512, n=80, log=True),
            ),
            curve(
                lambda s, fewest, least: {"hyper": least * s / torch.clamp(s - fewest, min=1e-3)},
                over=Grid("s", 8, 1500, n=400, log=True),
            ),
        ],
        panels=[
            Panel(
                "Steps",
                Axis("batch size B", 1, 600, log=True),
                Axis("steps to the target", 8, 1500, log=True),
                [
                    marks.cloud("measured", "measured, best rate", color=1),
                    marks.line("fitted", "hyperbola", color=0),
                    marks.rule("critical", x="critical"),
                    marks.dot("batch", "need", color=2),
                ],
            ),
            Panel(
                "Steps against examples",
                Axis("steps S", 8, 1500, log=True),
                Axis("examples E = B · S", 60, 40_000, log=True),
                [
                    marks.cloud("pairs", "measured, best rate", color=1),
                    marks.line("hyper", "(S/S₀ − 1)(E/E₀ − 1) = 1", color=0),
                    marks.rule("E₀", y="least"),
                    marks.rule("S₀", x="fewest"),
                    marks.dot("need", "examples", color=2),
                ],
            ),
        ],
        readout=[
            readout("critical batch size", "critical", digits=2),
            readout("steps at this batch size, by the fit", "need", digits=3),
            readout("examples, by the fit", "examples", digits=3),
            readout("times the fewest steps", "more_steps", digits=3),
            readout("times the fewest examples", "more_examples", digits=3),
        ],
        caption="A 64-64-10 network on 1000 digits; each batch size with the best of seven "
        "learning rates; medians of three seeds.",
    )


POPULATIONS = (50, 200, 1000)
SIZES = np.unique(np.geomspace(1, 1000, 25).round().astype(int))
DRAWS = 2000


def _sampled(population: int) -> tuple[np.ndarray, np.ndarray]:
    """Measured standard errors with and without replacement; no number beyond the population."""
    generator = torch.Generator().manual_seed(population)
    values = torch.randn(population, generator=generator, dtype=torch.float64)
    values = (values - values.mean()) / values.std(correction=0)
    drawn = values[torch.randint(population, (DRAWS, SIZES[-1]), generator=generator)]
    shuffled = values[torch.rand(DRAWS, population, generator=generator).argsort(-1)]
    out = []
    for rows in (drawn, shuffled):
        means = rows.cumsum(-1) / torch.arange(1, rows.shape[-1] + 1)
        spread = means.square().mean(0).sqrt().numpy()
        out.append(np.array([spread[n - 1] if n <= len(spread) else np.nan for n in SIZES]))
    out[1][population <= SIZES] = np.nan  # nothing left to chance
    return out[0], out[1]


def estimate() -> Explorer:
    """The standard error of a mean, with and without replacement."""
    found = [_sampled(population) for population in POPULATIONS]
    arrays = {
        "drawn": np.stack([row[0] for row in found]),
        "shuffled": np.stack([row[1] for row in found]),
    }

    def errors(n: Tensor, population: Tensor) -> dict[str, Any]:
        inside = torch.clamp(n, max=population)
        return {
            "with_replacement": standard_error(1.0, n),
            "without": standard_error(1.0, inside, population),
        }

    return Explorer(
        "mini_batching/estimate",
        title="A hundred times the work, ten times the precision",
        question="How many examples must be added to halve the error at n = 10? And at n = 100, "
        "when the whole data set has 200?",
        controls=[
            slider("n", 1, 1000, 10, label="examples drawn n", log=True, include=(100,)),
            choice("population", POPULATIONS, 200, label="examples there are N"),
        ],
        signals=[
            table(arrays, axes={"population": POPULATIONS}, at=SIZES, precision="relative"),
            curve(
                lambda m, population: {
                    "law": 1 / torch.sqrt(m),
                    "finite": torch.sqrt(
                        torch.clamp(population - m, min=0.0) / (population - 1) / m
                    ),
                },
                over=Grid("m", 1, 1000, n=241, log=True),
            ),
            scalars(errors),
            scalars(lambda with_replacement: {"more": (2 / with_replacement) ** 2}),
        ],
        panels=[
            Panel(
                "Error of the mean of n examples",
                Axis("examples drawn n", 1, 1000, log=True),
                Axis("standard error / σ", 0.01, 1.2, log=True),
                [
                    marks.cloud("drawn", "measured, with replacement", color=1),
                    marks.line("law", "1/√n", color=1),
                    marks.cloud("shuffled", "measured, without", color=0, marker=1),
                    marks.line("finite", "without replacement", color=0, dash=1),
                    marks.rule("n", x="n"),
                    marks.rule("N", x="population"),
                ],
                ratio=0.62,
            )
        ],
        readout=[
            readout("error, with replacement", "with_replacement", digits=3),
            readout("error, without", "without", digits=3),
            readout("examples for half the error, with replacement", "more", digits=4),
        ],
        caption=f"Points: spread of {DRAWS} means. Lines: theory.",
    )


def growth() -> Explorer:
    """Signal, noise and their ratio along a run."""
    from descent.experiments.mini_batching import noise_scales
    from descent.experiments.mini_batching.sizes import NOISE, STEPS

    found = noise_scales()
    scale = found["trace"] / found["square"]
    shown = {name: np.median(found[name], 1) for name in ("trace", "square", "loss")}
    at = np.array(STEPS, float)
    at[0] = 1.0  # the start, on a logarithmic axis
    return Explorer(
        "mini_batching/growth",
        title="The useful batch grows while the loss falls",
        question="Which of the two grows: the noise, or the ratio? What changes when a fifth of "
        "the labels are wrong?",
        controls=[choice("wrong", NOISE, 0.0, label="wrong labels", words=("none", "a fifth"))],
        signals=[
            table(
                {**shown, **quantiles("scale", scale, axis=1)},
                axes={"wrong": NOISE},
                at=at,
                precision="relative",
            ),
            scalars(lambda scale_first, scale_last: {"times": scale_last / scale_first}),
        ],
        panels=[
            Panel(
                "Signal and noise",
                Axis("step k (the start at 1)", 1, 1280, log=True),
                Axis("squared length", 3e-3, 100, log=True),
                [
                    marks.line("trace", "noise of one example, tr Σ", color=1),
                    marks.line("square", "signal, |g|²", color=0, dash=1),
                    marks.line("loss", "loss", color=2, dash=2),
                ],
            ),
            Panel(
                "Their ratio",
                Axis("step k (the start at 1)", 1, 1280, log=True),
                Axis("noise scale tr Σ / |g|²", 20, 3000, log=True),
                [*marks.spread("scale", "median, least and greatest")],
            ),
        ],
        readout=[
            readout("noise scale at the start", "scale_first", digits=2),
            readout("noise scale in the end", "scale_last", digits=2),
            readout("growth", "times", digits=2),
            readout("last loss", "loss_last", digits=2),
        ],
        caption="A 64-64-10 network on 1000 digits, batches of 32, learning rate 0.2; three seeds.",
    )
