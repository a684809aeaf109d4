"""A network that trains in the reader's page."""

import torch
from torch import Tensor

from descent.data import digits
from descent.explore import Axis, Explorer, Grid, Panel, choice, marks, readout, slider, training
from descent.networks import MLP, Empirical
from descent.optimizers import HeavyBall

STEPS = 400
PIXELS = (Grid("column", 0, 7, n=8), Grid("row", 0, 7, n=8))


def _first_unit(f: Empirical, x: Tensor) -> Tensor:
    return x[:64].reshape(8, 8).flip(0)  # top row last, as the axis counts


def train_here() -> Explorer:
    """A small network on digits, a fifth of them with wrong labels, trained while one watches."""
    data = digits(300, 200, seed=0, label_noise=0.2, dtype=torch.float64)
    return Explorer(
        "ill_conditioning/train_here",
        title="Train a network, here and now",
        question="Raise η until the loss no longer falls smoothly. Does β move that place? And "
        "which of the three does the gradient's norm follow: the loss, the accuracy, or neither?",
        controls=[
            slider("lr", 1e-3, 1.0, 0.2, label="learning rate η", log=True),
            choice("beta", (0.0, 0.5, 0.9), 0.0, label="momentum β"),
            choice("seed", (0, 1, 2, 3), 0, label="seed of weights and batches"),
        ],
        signals=[
            training(
                Empirical(MLP((64, 16, 10)), data),
                HeavyBall(0.2, 0.0),
                batch=32,
                steps=STEPS,
                every=10,
                observe={
                    "test": lambda f, x: f.test.accuracy(x),
                    "gradient": lambda f, x: f.grad(x).norm(),
                    "filters": _first_unit,
                },
                planes={"filters": PIXELS},
            )
        ],
        panels=[
            Panel(
                "Loss and gradient on all 300 digits",
                Axis("step k", 0, STEPS),
                Axis("value", 1e-2, 100, log=True),
                [
                    marks.line("loss", "loss", color=0),
                    marks.line("gradient", "norm of the gradient", color=1, dash=1),
                ],
            ),
            Panel(
                "Share of right answers",
                Axis("step k", 0, STEPS),
                Axis("share", 0, 1),
                [
                    marks.rule("right labels", y=0.8),
                    marks.line("accuracy", "training digits", color=0),
                    marks.line("test", "new digits", color=2, dash=1),
                ],
            ),
            Panel(
                "Weights into the first hidden unit",
                Axis("column", -0.5, 7.5),
                Axis("row from below", -0.5, 7.5),
                [marks.heat("filters", low=-1, high=1, label="weight", ramp="diverging")],
            ),
        ],
        readout=[
            readout("last loss", "loss_last", digits=3),
            readout("last norm of the gradient", "gradient_last", digits=3),
            readout("right, training digits", "accuracy_last", digits=3),
            readout("right, new digits", "test_last", digits=3),
        ],
        caption="A 64-16-10 tanh network on 300 digits, of which a fifth have wrong labels; "
        "batches of 32. Nothing is stored: the training runs in this page.",
        play="loss",
    )
