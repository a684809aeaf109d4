"""The same bowl, turned: who needs the axes, and what the rates of the coordinates become."""

import math

import torch
from torch import Tensor

from descent.adaptive_methods import effective_rate, equilibrated_condition, turned_bowl
from descent.core import Optimizer
from descent.explore import (
    Axis,
    Explorer,
    Panel,
    Plane,
    choice,
    marks,
    race,
    readout,
    recurrence,
    scalars,
    slider,
    surface,
    table,
)
from descent.objectives.quadratic import rotation
from descent.optimizers import SGD, AdaGrad, Adam, RMSProp
from descent.oracles import gradient

STEPS = 300
SIDE = (-1.5, 1.5)
RULES: dict[str, Optimizer] = {
    "gradient descent": SGD(1.0),
    "AdaGrad": AdaGrad(1.0),
    "RMSProp": RMSProp(1.0),
    "Adam": Adam(1.0),
}
NAMES = ("plain", "adagrad", "rmsprop", "adam")
RATE = 0.4


def _bowl(kappa: Tensor, degrees: Tensor):
    """Return the bowl turned by so many degrees."""
    return turned_bowl(kappa, degrees * math.pi / 180)


def _start(kappa: Tensor, degrees: Tensor) -> dict[str, Tensor]:
    """Return a start with half of the loss in each eigenvector, turned with the bowl."""
    eigen = torch.stack([torch.ones_like(kappa), kappa**-0.5])
    left = equilibrated_condition(kappa, degrees * math.pi / 180)
    return {"begin": rotation(degrees * math.pi / 180) @ eigen, "left": left}


def turn() -> Explorer:
    """Four tuned rules on a bowl that the reader turns."""
    from descent.experiments.adaptive_methods import DEGREES, KAPPAS, PLANE, turned_bowls

    found = turned_bowls()
    at = [list(PLANE).index(name) for name in RULES]
    rates = {f"{n}_lr": found["lr"][i] for n, i in zip(NAMES, at, strict=True)}
    counts = {"counts": found["steps"][at].transpose(1, 2, 0)}
    fixed = {"rho": 0.9, "beta1": 0.9, "beta2": 0.999, "eps": 1e-8, "start": 0.0}
    runs = race(
        _bowl,
        RULES,
        start="begin",
        steps=STEPS,
        bind={
            label: {"lr": f"{n}_lr"} | {k: v for k, v in fixed.items() if hasattr(rule, k)}
            for (label, rule), n in zip(RULES.items(), NAMES, strict=True)
        },
    )
    return Explorer(
        "adaptive_methods/turn",
        title="The same bowl, turned",
        question="At κ = 100, which rule needs the fewest steps at 0°, and which the most at 45°? "
        "Whose count never changes?",
        controls=[
            choice("degrees", DEGREES, 0.0, label="turn of the bowl", unit="°"),
            choice("kappa", KAPPAS, 100.0, label="condition number κ"),
        ],
        signals=[
            table({**rates, **counts}, axes={"kappa": KAPPAS, "degrees": DEGREES}),
            scalars(_start),
            surface(
                "f",
                lambda x, kappa, degrees: _bowl(kappa, degrees)(x),
                over=Plane("x", SIDE, SIDE),
            ),
            *runs.signals,
        ],
        panels=[
            Panel(
                "Paths on the level lines",
                Axis("x₁", *SIDE),
                Axis("x₂", *SIDE),
                [marks.contours("f"), runs.paths, marks.points([(0, 0)], "minimum")],
                equal=True,
            ),
            Panel(
                "Loss",
                Axis("step k", 0, STEPS),
                Axis("loss f(x)", 1e-6, 10, log=True),
                [marks.rule("a thousandth", y=1e-3), runs.losses],
            ),
            Panel(
                "Steps to a thousandth of the loss",
                Axis("steps", 1, 10000, log=True),
                Axis("rule", names=tuple(RULES)),
                [marks.bars("counts", "median of five starts", transpose=True, digits=4)],
            ),
        ],
        readout=[readout("κ that a rate per coordinate leaves", "left", digits=3)],
        caption="Each rule has the learning rate that gets it to a thousandth first, found anew "
        "for every setting; whether it stays there is another question. The path starts with half "
        "of the loss in each principal direction, and the start turns with the bowl.",
        play=runs.play,
    )


def _both(
    x: Tensor, r: Tensor, y: Tensor, s: Tensor, kappa: Tensor, degrees: Tensor
) -> dict[str, Tensor]:
    """Make one step of AdaGrad (x, r) and of RMSProp (y, s), and record the rates they use."""
    f = _bowl(kappa, degrees)
    ada, rms = AdaGrad(RATE), RMSProp(RATE / 4)
    dx, one = ada.update(gradient(f, x), {"r": r}, x)
    dy, two = rms.update(gradient(f, y), {"r": s}, y)
    return {
        "x": x + dx,
        "r": one["r"],
        "y": y + dy,
        "s": two["r"],
        "adagrad_rates": effective_rate(RATE, one["r"]),
        "rmsprop_rates": effective_rate(RATE / 4, two["r"]),
        "loss": f(x),
        "loss_rmsprop": f(y),
    }


def _ratios(adagrad_rates_now: Tensor, rmsprop_rates_now: Tensor, kappa: Tensor, degrees: Tensor):
    """Return how unequal the two rates are, and the curvatures that the coordinates see."""
    angle = degrees * math.pi / 180
    s, c = torch.sin(angle) ** 2, torch.cos(angle) ** 2
    seen = torch.stack([c + kappa * s, s + kappa * c])
    return {
        "ratio": adagrad_rates_now[0] / adagrad_rates_now[1],
        "ratio_rmsprop": rmsprop_rates_now[0] / rmsprop_rates_now[1],
        "curvatures": seen,
        "unequal": seen[1] / seen[0],
    }


def rates() -> Explorer:
    """Rates that AdaGrad and RMSProp give to the two coordinates of a turned bowl."""
    steps = 60
    return Explorer(
        "adaptive_methods/rates",
        title="The rate that each coordinate really has",
        question="Turn the bowl from 0° to 45°. How unequal are the two rates at either end, and "
        "what has become of the condition number?",
        controls=[
            slider("degrees", 0, 45, 0, label="turn of the bowl", unit="°"),
            slider("kappa", 1, 300, 30, label="condition number κ", log=True),
        ],
        signals=[
            scalars(_start),
            surface(
                "f",
                lambda z, kappa, degrees: _bowl(kappa, degrees)(z),
                over=Plane("z", SIDE, SIDE),
            ),
            recurrence(
                _both,
                start={"x": "begin", "r": (0.0, 0.0), "y": "begin", "s": (0.0, 0.0)},
                steps=steps,
                record=["adagrad_rates", "rmsprop_rates", "loss", "loss_rmsprop"],
                loss=["loss", "loss_rmsprop"],
            ),
            scalars(_ratios),
        ],
        panels=[
            Panel(
                "Paths on the level lines",
                Axis("x₁", *SIDE),
                Axis("x₂", *SIDE),
                [
                    marks.contours("f"),
                    marks.paths({"x": "AdaGrad", "y": "RMSProp"}),
                    marks.points([(0, 0)], "minimum"),
                ],
                equal=True,
            ),
            Panel(
                "Effective rate of each coordinate",
                Axis("η / √r", 0),
                Axis("coordinate", names=("x₁", "x₂")),
                [
                    marks.bars("adagrad_rates_now", "AdaGrad", transpose=True, digits=2),
                    marks.bars("rmsprop_rates_now", "RMSProp", color=1, transpose=True, digits=2),
                ],
            ),
        ],
        readout=[
            readout("rate of x₁ / rate of x₂, AdaGrad", "ratio", digits=3),
            readout("the same, RMSProp", "ratio_rmsprop", digits=3),
            readout("curvature along x₂ / along x₁", "unequal", digits=3),
            readout("κ that a rate per coordinate leaves", "left", digits=3),
        ],
        caption=f"AdaGrad with η = {RATE:g}, RMSProp with η = {RATE / 4:g} and ρ = 0.9. The best "
        "that rates for the coordinates can do is to make the two curvatures equal.",
        play="x",
    )
