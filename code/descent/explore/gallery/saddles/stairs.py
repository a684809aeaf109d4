"""A loss that stands still: a linear autoencoder, and a network on digits, from small starts."""

import numpy as np
import torch
from torch import Tensor

from descent.explore import (
    Axis,
    Explorer,
    Panel,
    choice,
    marks,
    quantiles,
    readout,
    recurrence,
    scalars,
    slider,
    table,
)
from descent.saddles import LinearAutoencoder

SIZE, WIDTH, STEPS, RATE = 4, 3, 400, 0.2
# A loss just below that of guessing all ten classes alike.
LEFT = 2.2
# Directions of the start, drawn once.
_DRAWN = torch.randn(
    2 * SIZE * WIDTH, generator=torch.Generator().manual_seed(4), dtype=torch.float64
)


def _model(decay: Tensor) -> LinearAutoencoder:
    """Return the autoencoder whose variances fall by the factor `decay`."""
    return LinearAutoencoder(decay ** torch.arange(SIZE, dtype=torch.float64), WIDTH)


def _levels(decay: Tensor, scale: Tensor) -> dict[str, Tensor]:
    """Return the start, and the losses that remain once 0, 1, 2 and 3 components are kept."""
    spectrum = decay ** torch.arange(SIZE, dtype=torch.float64)
    left = [0.5 * spectrum[kept:].sum() for kept in range(WIDTH + 1)]
    return {"x0": scale * _DRAWN, **{f"level{kept}": value for kept, value in enumerate(left)}}


def _step(x: Tensor, decay: Tensor) -> dict[str, Tensor]:
    """Make one step of gradient descent and measure the present point."""
    f = _model(decay)
    g = f.grad(x)
    first, second = f.split(x)
    learned = (second @ first).diagonal()
    kept = {f"part{i}": learned[i] for i in range(SIZE)}
    return {"x": x - RATE * g, "loss": f(x), "slope": (g * g).sum().sqrt(), **kept}


def stairs() -> Explorer:
    """Plateaus of a linear autoencoder, each at the height of a saddle."""
    parts = [f"part{i}" for i in range(SIZE)]
    return Explorer(
        "saddles/stairs",
        title="Stuck? Wait.",
        question="Where does the loss stand still, and for how long if the start is a thousand "
        "times smaller? Which of the plateaus is the end?",
        controls=[
            slider("scale", 1e-8, 0.3, 1e-3, label="size of the initial weights", log=True),
            slider("decay", 0.2, 0.9, 0.5, label="ratio of neighboring variances"),
        ],
        signals=[
            scalars(_levels),
            recurrence(
                _step,
                start={"x": "x0"},
                steps=STEPS,
                record=["loss", "slope", *parts],
                loss=["loss"],
            ),
        ],
        panels=[
            Panel(
                "Loss",
                Axis("step k", 0, STEPS),
                Axis("loss", 0),
                [
                    *(marks.rule(y=f"level{kept}") for kept in range(WIDTH)),
                    marks.rule("critical levels", y=f"level{WIDTH}", legend=True),
                    marks.line("loss", "loss", color=1),
                ],
            ),
            Panel(
                "Length of the gradient",
                Axis("step k", 0, STEPS),
                Axis("|g|", 1e-8, 3, log=True),
                [marks.line("slope", "|g|", color=2)],
            ),
            Panel(
                "What the network reproduces",
                Axis("step k", 0, STEPS),
                Axis("share of each component", -0.1, 1.1),
                marks.lines({p: f"component {i + 1}" for i, p in enumerate(parts)}),
            ),
        ],
        readout=[
            readout("loss here", "loss_now", digits=3),
            readout("length of the gradient here", "slope_now", digits=2),
            readout("smallest possible loss", "level3", digits=3),
        ],
        caption=f"{SIZE} inputs, {WIDTH} hidden linear units, {SIZE} outputs; gradient descent "
        f"with η = {RATE}.",
        play="loss",
    )


def stalled() -> Explorer:
    """A network on digits beside the saddle at the origin."""
    from descent.experiments.saddles import GAINS, SEEDS
    from descent.experiments.saddles import stalled as measure

    # Settings rise; the experiment lists the usual size first.
    gains = GAINS[::-1]
    found = {name: values[::-1] if values.ndim else values for name, values in measure().items()}
    axes = {"gain": gains}
    left = (found["loss"] < LEFT).argmax(-1).mean(-1)
    decade = float(np.log(10) / np.log1p(0.1 * found["pull"]))
    predicted = left[0] + decade * np.log10(gains[0] / np.array(gains))
    return Explorer(
        "saddles/stalled",
        title="A network that seems stuck at ln 10",
        question="How many steps does each factor of ten in the initial weights cost? Could you "
        "tell from the first 80 steps at 0.0001 that this is no minimum?",
        controls=[
            choice(
                "gain",
                gains,
                0.001,
                label="size of the initial weights",
                words=[f"{g:g} × usual" for g in gains],
            ),
        ],
        signals=[
            table(
                quantiles("loss", found["loss"], axis=1),
                axes=axes,
                timed=True,
                precision="relative",
            ),
            table(
                quantiles("slope", found["slope"], axis=1),
                axes=axes,
                timed=True,
                precision="relative",
            ),
            table({"left": left, "predicted": predicted}, axes=axes),
        ],
        panels=[
            Panel(
                "Training loss",
                Axis("step k", 0, found["loss"].shape[-1]),
                Axis("cross-entropy", 0, 2.5),
                [
                    marks.rule("ln 10", y=float(np.log(10)), legend=True),
                    marks.rule("predicted", x="predicted", color=2),
                    marks.spread("loss", f"{len(SEEDS)} seeds", color=1),
                ],
                ratio=0.8,
            ),
            Panel(
                "Length of the gradient",
                Axis("step k", 0, found["loss"].shape[-1]),
                Axis("|g|", 0.01, 1, log=True),
                [marks.spread("slope", f"{len(SEEDS)} seeds", color=2)],
                ratio=0.8,
            ),
        ],
        readout=[
            readout(f"steps until the loss is below {LEFT}", "left", digits=3),
            readout("predicted from the slowest start", "predicted", digits=3),
        ],
        caption="500 digits, one hidden layer of 16 tanh units, full batch, η = 0.1. Prediction: "
        f"{decade:.1f} steps for each factor of ten, from the curvature at the origin.",
        play="loss",
    )
