"""Networks: gradients that grow, sharpness that finds the threshold, and catapults."""

import numpy as np
from torch import Tensor

from descent.explore import (
    Axis,
    Explorer,
    Panel,
    choice,
    marks,
    readout,
    recurrence,
    scalars,
    slider,
    table,
)
from descent.ill_conditioning import catapult_step

WIDTH = 1000
# Standard normal weights give λ close to 2 and an output of order 1.
LAMBDA_0, OUTPUT_0 = 2.0, 1.0


def _seed_words(seeds: tuple[int, ...]) -> list[str]:
    return [f"seed {s}" for s in seeds]


def gradient_norm() -> Explorer:
    """Training loss and gradient norm, with and without wrong labels."""
    from descent.experiments.ill_conditioning import NOISE, SEEDS, gradient_norm_growth

    found = gradient_norm_growth()
    axes = {"noise": NOISE, "seed": SEEDS}
    epochs = np.arange(found["batch_norm"].shape[1]) + 1
    kept = np.linspace(0, len(epochs), found["loss"].shape[1])
    norm = np.moveaxis(found["batch_norm"], 2, 1)
    around = {"norm_low": norm.min(1), "norm_high": norm.max(1)}
    sparse = {k: np.moveaxis(found[k], 2, 1) for k in ("loss", "gain", "cost")}
    return Explorer(
        "ill_conditioning/gradient_norm",
        title="The loss falls and the gradient grows",
        question="How late does the gradient peak with 20 % wrong labels, and how early with none? "
        "Which two curves run together while it is large?",
        controls=[
            choice("noise", NOISE, 0.2, label="wrong labels", words=[f"{n:.0%}" for n in NOISE]),
            choice("seed", SEEDS, 0, label="initial weights", words=_seed_words(SEEDS)),
        ],
        signals=[
            table({"norm": norm}, axes=axes, at=epochs, timed=True),
            table(around, axes={"noise": NOISE}, at=epochs),
            table(sparse, axes=axes, at=kept, timed=True, precision="relative"),
            scalars(lambda norm_max, norm_first: {"growth": norm_max / norm_first}),
        ],
        panels=[
            Panel(
                "Length of the mini-batch gradient",
                Axis("epoch", 0, float(epochs[-1])),
                Axis("mean of |ĝ| over the epoch", 0),
                [
                    marks.band("norm_low", "norm_high", f"range of {len(SEEDS)} seeds", color=1),
                    marks.line("norm", "this seed", color=1),
                ],
            ),
            Panel(
                "Training loss",
                Axis("epoch", 0, float(epochs[-1])),
                Axis("mean cross-entropy", log=True),
                [marks.line("loss", "this seed", color=0)],
            ),
            Panel(
                "Budget of one step",
                Axis("epoch", 0, float(epochs[-1])),
                Axis("change of the loss", log=True),
                [
                    marks.line("gain", "gain, η|g|²", color=2),
                    marks.line("cost", "cost, ½η² ĝᵀHĝ", color=3, dash=1),
                ],
            ),
        ],
        readout=[
            readout("peak / first epoch", "growth", digits=3),
            readout("epoch of the peak", "norm_at_max", digits=1),
            readout("loss at the start", "loss_first", digits=3),
            readout("loss at the end", "loss_last", digits=3),
        ],
        caption="1200 digits, two hidden layers of 128 ReLU units, plain SGD with η = 0.05 and "
        "batches of 32.",
        play="norm",
        clock="epoch",
    )


def edge_of_stability() -> Explorer:
    """Sharpness of a network under full-batch gradient descent."""
    from descent.experiments.ill_conditioning import RATES, SEEDS
    from descent.experiments.ill_conditioning import edge_of_stability as measure

    found = measure()
    axes = {"lr": RATES, "seed": SEEDS}
    step = found["step"]
    sharpness = {"sharpness": np.moveaxis(found["sharpness"], 0, -1)}
    # The last measurement comes after the last step that has a loss of its own.
    shown = np.minimum(step, len(found["loss"]) - 1)
    loss = {"loss": np.moveaxis(found["loss"][shown], 0, -1)}
    return Explorer(
        "ill_conditioning/edge_of_stability",
        title="Training finds the threshold by itself",
        question="Where does the sharpness settle? For which learning rates does it never get "
        "there?",
        controls=[
            choice("lr", RATES, 0.35, label="learning rate η"),
            choice("seed", SEEDS, 0, label="initial weights", words=_seed_words(SEEDS)),
        ],
        signals=[
            scalars(lambda lr: {"limit": 2 / lr}),
            table(sharpness, axes=axes, at=step, timed=True),
            table(loss, axes=axes, at=step, timed=True, precision="relative"),
            scalars(
                lambda lr, sharpness_last, loss_first, loss_last: {
                    "saturation": lr * sharpness_last / 2,
                    "drop": loss_first / loss_last,
                }
            ),
        ],
        panels=[
            Panel(
                "Sharpness",
                Axis("step k", 0, float(step[-1])),
                Axis("largest eigenvalue λ of H", 0),
                [
                    marks.rule("2/η", y="limit", color=2, legend=True),
                    marks.line("sharpness", "λ", color=1),
                ],
            ),
            Panel(
                "Training loss",
                Axis("step k", 0, float(step[-1])),
                Axis("half mean squared error", log=True),
                [marks.line("loss", "loss", color=0)],
            ),
        ],
        readout=[
            readout("2/η", "limit", digits=3),
            readout("λ at the end", "sharpness_last", digits=3),
            readout("ηλ/2 at the end", "saturation", digits=3),
            readout("loss fell by a factor of", "drop", digits=3),
        ],
        caption="500 digits, full batch, plain gradient descent, two hidden layers of 64 tanh "
        "units.",
        play="sharpness",
    )


def _step(h: Tensor, lam: Tensor, lr: Tensor) -> dict[str, Tensor]:
    """Make one step of the two-layer model."""
    after, sharper = catapult_step(h, lam, lr, WIDTH)
    return {"h": after, "lam": sharper, "loss": 0.5 * h**2, "product": lr * lam}


def catapult() -> Explorer:
    """A model thrown out of a sharp valley and caught by a flat one."""
    steps = 40
    return Explorer(
        "ill_conditioning/catapult",
        title="Catapults",
        question="For which ηλ₀ does the loss rise first and then fall to zero? Where does ηλ end?",
        controls=[slider("begin", 0.1, 4.4, 2.5, label="ηλ₀ at the start", include=(2, 4))],
        signals=[
            scalars(lambda begin: {"lr": begin / LAMBDA_0}),
            recurrence(
                _step,
                start={"h": OUTPUT_0, "lam": LAMBDA_0},
                steps=steps,
                record=["loss", "product"],
                loss=["loss"],
            ),
            scalars(lambda loss_max, loss_first: {"growth": loss_max / loss_first}),
        ],
        panels=[
            Panel(
                "Loss",
                Axis("step k", 0, steps),
                Axis("loss ½h²", 1e-8, 1e4, log=True),
                [marks.line("loss", "loss", color=0)],
            ),
            Panel(
                "Learning rate times sharpness",
                Axis("step k", 0, steps),
                Axis("ηλ", 0, 4.6),
                [
                    marks.rule("4: beyond, it diverges", y=4.0, color=3),
                    marks.rule("2: below, it is stable", y=2.0, color=2),
                    marks.line("product", "ηλ", color=1),
                ],
            ),
        ],
        readout=[
            readout("largest loss / first loss", "growth", digits=3),
            readout("last loss", "loss_last", digits=3),
            readout("ηλ at the end", "product_last"),
        ],
        caption=f"Two linear layers of width {WIDTH}, from h = {OUTPUT_0:g} and λ = {LAMBDA_0:g}.",
        play="loss",
    )
