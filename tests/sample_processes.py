"""Figures that run on in the page: a network that trains, and a cloud of particles."""

import torch

from descent.data import digits
from descent.explore import (
    Axis,
    Explorer,
    Grid,
    Panel,
    choice,
    marks,
    readout,
    simulation,
    slider,
    training,
)
from descent.networks import MLP, Empirical
from descent.optimizers import Adam
from descent.trace import noise

PIXELS = (Grid("column", 0, 7, n=8), Grid("row", 0, 7, n=8))
COUNT = 1000


def trained(examples: int = 300, steps: int = 300) -> Explorer:
    """Digits learned by a small network while the reader watches."""
    network = MLP((64, 16, 10))
    data = digits(examples, 100, seed=0, dtype=torch.float64)

    def filters(f: Empirical, x: torch.Tensor) -> torch.Tensor:
        return x[:64].reshape(8, 8).flip(0)  # the first hidden unit, top row last

    return Explorer(
        "test/trained",
        title="A network that trains on this page",
        question="Which learning rate fits the training digits, and does the test accuracy follow?",
        controls=[
            slider("lr", 1e-4, 1.0, 0.01, label="learning rate η", log=True),
            choice("seed", (0, 1, 2, 3), 0, label="seed"),
        ],
        signals=[
            training(
                Empirical(network, data),
                Adam(0.01),
                batch=32,
                steps=steps,
                every=10,
                bind={"beta1": 0.9, "beta2": 0.999, "eps": 1e-8},
                observe={"test": lambda f, x: f.test.accuracy(x), "filters": filters},
                planes={"filters": PIXELS},
            )
        ],
        panels=[
            Panel(
                "Loss on all training digits",
                Axis("step k", 0, steps),
                Axis("loss", 1e-3, 10, log=True),
                [marks.line("loss", "loss")],
            ),
            Panel(
                "Accuracy",
                Axis("step k", 0, steps),
                Axis("fraction right", 0, 1),
                [marks.line("accuracy", "training"), marks.line("test", "test", color=1, dash=1)],
            ),
            Panel(
                "Weights into the first hidden unit",
                Axis("column", -0.5, 7.5),
                Axis("height", -0.5, 7.5),
                [marks.heat("filters", low=-1, high=1, label="weight", ramp="diverging")],
            ),
        ],
        readout=[
            readout("last loss", "loss_last", digits=3),
            readout("training accuracy", "accuracy_last", digits=3),
            readout("test accuracy", "test_last", digits=3),
        ],
        play="loss",
    )


def particles_in_two_wells(count: int = COUNT, steps: int = 400) -> Explorer:
    """A thousand particles over a double well, each with noise of its own."""

    def start(seed):
        x = noise.normals(seed, torch.arange(count), 2)
        return {"x": torch.stack([0.2 * x[:, 0] - 1.0, 0.5 * x[:, 1]], 1)}

    def step(x, seed, heat, step):
        kick = noise.normals(seed, (step + 1.0) * count + torch.arange(count), 2)
        force = torch.stack([x[:, 0] ** 3 - x[:, 0], x[:, 1]], 1)
        return {"x": x - 0.05 * force + torch.sqrt(0.1 * heat) * kick}

    def observe(x):
        return {"right": (x[:, 0] > 0).double().mean(), "x": x}

    return Explorer(
        "test/particles",
        title="Particles in two wells",
        question="How hot must it be for half of them to cross within the time shown?",
        controls=[
            slider("heat", 0.02, 1.0, 0.2, label="temperature T", log=True),
            choice("seed", (0, 1, 2), 0, label="seed"),
        ],
        signals=[simulation(start, step, observe, steps=steps, every=10)],
        panels=[
            Panel("Particles", Axis("x", -2.5, 2.5), Axis("y", -2.5, 2.5), [marks.cloud("x")]),
            Panel(
                "Share in the right well",
                Axis("step k", 0, steps),
                Axis("share", 0, 1),
                [marks.line("right", "share")],
            ),
        ],
        readout=[readout("share on the right", "right_last", digits=3)],
        play="right",
    )


FIGURES = {"trained": trained, "particles_in_two_wells": particles_in_two_wells}
