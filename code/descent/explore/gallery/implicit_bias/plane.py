"""One equation, two weights: which point of the line of solutions each method finds."""

import torch
from torch import Tensor

from descent.core import Optimizer
from descent.explore import (
    Axis,
    Explorer,
    Grid,
    Panel,
    Plane,
    curve,
    marks,
    point,
    race,
    readout,
    recurrence,
    scalars,
    slider,
    surface,
)
from descent.implicit_bias import Squares, ridge_from, stopped_flow
from descent.optimizers import SGD, Adam, hyperparameters

ROW, STEPS, SPAN = (1.0, 2.0), 240, (-0.8, 1.2)


def _loss(x: Tensor) -> Tensor:
    """Half the square of the one equation's error."""
    return 0.5 * (ROW[0] * x[..., 0] + ROW[1] * x[..., 1] - 1).square()


def _step(z: Tensor) -> dict[str, Tensor]:
    """Make a step of gradient descent in squares."""
    f = Squares(torch.tensor([ROW], dtype=torch.float64), torch.ones(1, dtype=torch.float64))
    return {"z": z - 0.05 * f.grad(z), "w": f.weights(z)}


def _ends(
    gradient_descent_x_last: Tensor, adam_x_last: Tensor, w_last: Tensor, x0: Tensor
) -> dict[str, Tensor]:
    """Measure three ends, and name the solution nearest to the start."""
    row, one = torch.tensor(ROW, dtype=torch.float64), torch.ones((), dtype=torch.float64)
    near = x0 + (one - row @ x0) * row / (row @ row)
    named = {"gd": gradient_descent_x_last, "adam": adam_x_last, "squares": w_last}
    sizes = {f"{k}_l2": (v * v).sum().sqrt() for k, v in named.items()}
    return {
        **sizes,
        **{f"{k}_l1": v.abs().sum() for k, v in named.items()},
        "near_x": near[0],
        "near_y": near[1],
        "off": ((named["gd"] - near) ** 2).sum().sqrt(),
    }


def line_of_solutions() -> Explorer:
    """Three methods from one start, and where each meets the line of solutions."""
    rules: dict[str, Optimizer] = {"gradient descent": SGD(0.05), "Adam": Adam(0.02)}
    bind = {
        name: {field: float(value) for field, value in hyperparameters(rule).items()}
        for name, rule in rules.items()
    }
    runs = race(_loss, rules, start="x0", steps=STEPS, bind=bind)
    return Explorer(
        "implicit_bias/line_of_solutions",
        title="Which solution?",
        question="Every point of the straight line has loss zero. Drag the start: which method "
        "ends at the nearest solution, which ignores the shape of the slope, and what does a "
        "smaller α do to the third?",
        controls=[
            point("x0", (0.0, 0.0), x=SPAN, y=SPAN),
            slider("alpha", 0.003, 2, 0.05, label="start of the squares, α", log=True),
        ],
        signals=[
            scalars(lambda x0, alpha: {"z0": alpha * torch.ones(2, 2, dtype=torch.float64)}),
            surface("f", lambda p: _loss(p), over=Plane("p", SPAN, SPAN, n=60)),
            curve(lambda s: {"line": (1 - ROW[0] * s) / ROW[1]}, over=Grid("s", *SPAN, n=21)),
            *runs.signals,
            recurrence(_step, start={"z": "z0"}, steps=STEPS, record=["w"]),
            scalars(_ends),
        ],
        panels=[
            Panel(
                "Weights",
                Axis("x₁", *SPAN),
                Axis("x₂", *SPAN),
                [
                    marks.contours("f", power=2),
                    marks.line("line", "loss 0", color=4, dash=1),
                    runs.paths,
                    marks.path("w", "squares, from 0", color=3, dash=3),
                    marks.dot("near_x", "near_y", "nearest solution", color=2, marker=2),
                    runs.grip,
                ],
                ratio=1.0,
                equal=True,
            ),
        ],
        readout=[
            readout("gradient descent, distance to the nearest solution", "off", digits=2),
            readout("|x|₂ in the end: gradient descent", "gd_l2", digits=3),
            readout("|x|₂: Adam", "adam_l2", digits=3),
            readout("|x|₁: gradient descent", "gd_l1", digits=3),
            readout("|x|₁: squares", "squares_l1", digits=3),
        ],
        caption=f"One example: x₁ + 2x₂ = 1. {STEPS} steps. The squares x = u² − v² start at "
        "u = v = α, so at x = 0 wherever the handle is.",
        play=runs.play,
    )


def stopping() -> Explorer:
    """The path of the flow and the path of ridge regression, from any start."""

    def place(x0: Tensor, kappa: Tensor, time: Tensor) -> dict[str, Tensor]:
        lam = torch.stack([torch.ones_like(kappa), 1 / kappa])
        goal = torch.ones(2, dtype=torch.float64)
        flow, ridge = stopped_flow(lam, goal, x0, time), ridge_from(lam, goal, x0, 1 / time)
        gap = ((flow - ridge) ** 2).sum().sqrt() / ((x0 - goal) ** 2).sum().sqrt().clamp(min=1e-9)
        return {
            "flow_x": flow[0],
            "flow_y": flow[1],
            "ridge_x": ridge[0],
            "ridge_y": ridge[1],
            "gap": gap,
        }

    def walk(n: Tensor, x0: Tensor, kappa: Tensor, seen: Tensor) -> dict[str, Tensor]:
        lam = torch.stack([torch.ones_like(kappa), 1 / kappa])
        goal = torch.ones(2, dtype=torch.float64)
        time = 10 ** (n / 20 - 2) + 0 * seen
        return {
            "n": n + 1,
            "seen": time,
            "flow": stopped_flow(lam, goal, x0, time),
            "ridge": ridge_from(lam, goal, x0, 1 / time),
        }

    return Explorer(
        "implicit_bias/stopping",
        title="Stopping early and pulling back",
        question="Ridge regression pulls towards the start. At equal t = 1/α, how far apart are "
        "the two points ever? Which of the two is ahead along the flat direction?",
        controls=[
            point("x0", (-0.6, -0.8), x=(-1, 2), y=(-1, 2)),
            slider("time", 0.01, 1e4, 3, label="time t, penalty 1/t", log=True),
            slider("kappa", 1, 100, 12, label="condition number κ", log=True),
        ],
        signals=[
            surface(
                "f",
                lambda p, kappa: (
                    0.5 * ((p[..., 0] - 1).square() + (p[..., 1] - 1).square() / kappa)
                ),
                over=Plane("p", (-1, 2), (-1, 2), n=60),
            ),
            recurrence(
                walk,
                start={"n": 0.0, "seen": 0.0},
                steps=130,
                record=["flow", "ridge"],
            ),
            scalars(place),
        ],
        panels=[
            Panel(
                "Weights",
                Axis("x₁", -1, 2),
                Axis("x₂", -1, 2),
                [
                    marks.contours("f", power=2),
                    marks.path("flow", "gradient flow", color=1),
                    marks.path("ridge", "ridge, all penalties", color=0, dash=1),
                    marks.dot("flow_x", "flow_y", "flow at t", color=1),
                    marks.dot("ridge_x", "ridge_y", "ridge with 1/t", color=0, marker=2),
                    marks.points([(1, 1)], "minimum", color=3),
                    marks.handle("x0"),
                ],
                ratio=1.0,
                equal=True,
            )
        ],
        readout=[
            readout("distance of the two, in units of |x₀ − w|", "gap", digits=2),
        ],
        caption="f = ½(x₁ − 1)² + (x₂ − 1)²/2κ. Ridge: the minimum of f + α|x − x₀|²/2.",
    )
