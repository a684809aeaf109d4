"""Two small problems on which adaptive rules go wrong."""

import torch
from torch import Tensor

from descent.adaptive_methods import RareFeatures, cycle_averages, cycle_drift
from descent.explore import (
    Axis,
    Explorer,
    Grid,
    Panel,
    marks,
    readout,
    recurrence,
    scalars,
    slider,
    surface,
    verdict,
)
from descent.optimizers import SGD, Adam

CYCLES, FITTED = 1200, 500
CS, MEMORIES = (2.0, 10.0), (0.0, 0.99)


def _cycle(
    x: Tensor, y: Tensor, v: Tensor, peak: Tensor, k: Tensor, c: Tensor, beta2: Tensor
) -> dict[str, Tensor]:
    """Go once around the cycle with Adam (x) and with AMSGrad (y), both without momentum."""
    slope = (c - 2) / 3
    measured = {"regret": slope * (x + 1), "regret_amsgrad": slope * (y + 1)}
    for j in range(3):
        g = c if j == 0 else -torch.ones_like(c)
        v = beta2 * v + (1 - beta2) * g * g
        peak = torch.maximum(peak, v)
        rate = 0.5 * (3 * k + j + 1) ** -0.5
        x = (x - rate * g / torch.sqrt(v)).clamp(-1, 1)
        y = (y - rate * g / torch.sqrt(peak)).clamp(-1, 1)
    return {"x": x, "y": y, "v": v, "peak": peak, "k": k + 1, **measured}


def _theory(c: Tensor, beta2: Tensor) -> dict[str, Tensor]:
    """Return the drifts of the settled cycle, and the steps that it is made of."""
    roots = torch.sqrt(cycle_averages(c, beta2))
    drift = cycle_drift(c, beta2)
    return {
        "drift": drift,
        "drift_amsgrad": cycle_drift(c, beta2, longest=True),
        "outcome": (drift >= 0).double(),
        "large": c / roots[0],
        "small": 1 / roots[1],
        "smaller": 1 / roots[2],
    }


def cycle() -> Explorer:
    """Adam walks to the worst point, AMSGrad to the best."""
    return Explorer(
        "adaptive_methods/cycle",
        title="One large gradient, two small ones",
        question="The best point is −1. For which memories β₂ does Adam end at +1? Where does "
        "AMSGrad end?",
        controls=[
            slider("c", *CS, 3, label="large gradient C"),
            slider("beta2", *MEMORIES, 0.1, label="memory β₂", include=(0.9,)),
        ],
        signals=[
            scalars(_theory),
            surface(
                "map",
                lambda c_, memory: cycle_drift(c_, memory),
                over=(Grid("c_", *CS, n=60), Grid("memory", *MEMORIES, n=60)),
            ),
            recurrence(
                _cycle,
                start={"x": 0.0, "y": 0.0, "v": 0.0, "peak": 0.0, "k": 0.0},
                steps=CYCLES,
                record=["regret", "regret_amsgrad"],
            ),
        ],
        panels=[
            Panel(
                "Drift of Adam in one cycle",
                Axis("large gradient C", *CS),
                Axis("memory β₂", 0, 1),
                [
                    marks.heat("map", low=-1, high=1, ramp="diverging", label="Δx / η"),
                    marks.iso("map", [0.0], "no drift"),
                    marks.handle("c", "beta2", label="chosen cycle"),
                ],
            ),
            Panel(
                "Iterate",
                Axis("cycle", 0, CYCLES),
                Axis("x", -1.1, 1.1),
                [
                    marks.rule("best", y=-1.0, color=2),
                    marks.line("x", "Adam", color=1),
                    marks.line("y", "AMSGrad", color=0, dash=1),
                ],
            ),
        ],
        readout=[
            readout("large step down / η", "large", digits=3),
            readout("first small step up / η", "small", digits=3),
            readout("second small step up / η", "smaller", digits=3),
            readout("drift of a cycle / η, Adam", "drift", digits=3),
            readout("the same, AMSGrad", "drift_amsgrad", digits=3),
            verdict("Adam goes to", "outcome", ["−1, the best point", "+1, the worst point"]),
        ],
        caption="Gradients C, −1, −1 in turn, on [−1, 1], with β₁ = 0 and rates 0.5/√t. Orange "
        "cells drift to the worst point. Tap the map to choose a cycle.",
        play="x",
    )


def _fit(
    x: Tensor,
    y: Tensor,
    m: Tensor,
    v: Tensor,
    w: Tensor,
    u: Tensor,
    share: Tensor,
    eps: Tensor,
) -> dict[str, Tensor]:
    """Make one step of gradient descent (x) and of Adam (y) on the four weights."""
    problem = RareFeatures(share)
    dx, _ = SGD(0.2).update(problem.grad(x), {}, x)
    given = {"m": m, "v": v, "w": w, "u": u}
    dy, state = Adam(0.003, eps=eps).update(problem.grad(y), given, y)
    return {
        "x": x + dx,
        "y": y + dy,
        **state,
        "loss": problem(x),
        "loss_adam": problem(y),
    }


def _unseen(x_now: Tensor, y_now: Tensor, share: Tensor) -> dict[str, Tensor]:
    """Return the scores of unseen examples, positive and negative, and the test errors."""
    problem = RareFeatures(share)
    return {
        "scores": torch.stack([x_now[0] + 2 * x_now[1], -x_now[0] + 2 * x_now[1]]),
        "scores_adam": torch.stack([y_now[0] + 2 * y_now[1], -y_now[0] + 2 * y_now[1]]),
        "error": problem.test_error(x_now),
        "error_adam": problem.test_error(y_now),
    }


def rare_features() -> Explorer:
    """Two rules that fit the data, and what they say of data they have not seen."""
    zeros = (0.0, 0.0, 0.0, 0.0)
    weights = ("label", "constant", "own, +1", "own, −1")
    return Explorer(
        "adaptive_methods/rare_features",
        title="Both fit the training data",
        question="Which rule is right about unseen examples with label −1? How large must ε be "
        "before Adam is right too?",
        controls=[
            slider("share", 0.55, 0.95, 0.75, label="share p of labels +1"),
            slider("eps", 1e-8, 10, 1e-8, label="Adam's ε", log=True),
        ],
        signals=[
            recurrence(
                _fit,
                start={"x": zeros, "y": zeros, "m": zeros, "v": zeros, "w": 0.0, "u": 0.0},
                steps=FITTED,
                record=["loss", "loss_adam"],
            ),
            scalars(_unseen),
        ],
        panels=[
            Panel(
                "Weights of the four groups",
                Axis("weight", -0.5, 1.25),
                Axis("group of features", names=weights),
                [
                    marks.bars("x_now", "gradient descent", transpose=True, digits=2),
                    marks.bars("y_now", "Adam", color=1, transpose=True, digits=2),
                ],
            ),
            Panel(
                "Score of an unseen example",
                Axis("score", -1.2, 1.2),
                Axis("its label", names=("+1", "−1")),
                [
                    marks.bars("scores", "gradient descent", transpose=True, digits=2),
                    marks.bars("scores_adam", "Adam", color=1, transpose=True, digits=2),
                ],
            ),
            Panel(
                "Training loss",
                Axis("step k", 0, FITTED),
                Axis("half mean squared error", 1e-12, 1, log=True),
                [
                    marks.line("loss", "gradient descent", color=0),
                    marks.line("loss_adam", "Adam", color=1, dash=1),
                ],
            ),
        ],
        readout=[
            readout("test error, gradient descent", "error", digits=2),
            readout("test error, Adam", "error_adam", digits=2),
        ],
        caption="200 examples with 1003 features. Weights that start at 0 stay equal within each "
        "group, so four numbers are the whole run.",
        play="loss",
    )
