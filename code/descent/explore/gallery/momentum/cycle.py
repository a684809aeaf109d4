"""The heavy ball on a convex function that is no quadratic."""

from torch import Tensor

from descent.explore import (
    Axis,
    Explorer,
    Grid,
    Panel,
    choice,
    curve,
    marks,
    readout,
    recurrence,
    scalars,
    slider,
)
from descent.momentum import Staircase
from descent.optimizers import HeavyBall, Nesterov

STEPS = 60
STAIRS = Staircase()


def _step(x: Tensor, v: Tensor, y: Tensor, w: Tensor, lr: Tensor, beta: Tensor) -> dict:
    """Make one step of the heavy ball, and one of Nesterov's method."""
    ball, state = HeavyBall(lr, beta).update(STAIRS.grad(x), {"v": v}, x)
    ahead, other = Nesterov(1 / 25, 2 / 3).update(STAIRS.grad(y), {"v": w}, y)
    return {
        "x": x + ball,
        "v": state["v"],
        "y": y + ahead,
        "w": other["v"],
        "size": x.abs(),
        "size_ahead": y.abs(),
    }


def cycle() -> Explorer:
    """A cycle where the curvature switches between 25 and 1."""
    return Explorer(
        "momentum/cycle",
        title="Best on every quadratic, lost on a convex function",
        question="With the constants that are best for quadratics, which starts are caught in the "
        "cycle? How much smaller must η be for the heavy ball to come home from 3.2?",
        controls=[
            slider("start", -4, 4, 3.2, label="start"),
            slider("share", 0.1, 1, 1, label="η / best η"),
            choice("order", (0, 1), 1, label="momentum", words=("β = 0", "β = 4/9")),
        ],
        signals=[
            scalars(lambda share, order: {"lr": share / 9, "beta": order * 4 / 9}),
            recurrence(
                _step,
                start={"x": "start", "v": 0.0, "y": "start", "w": 0.0},
                steps=STEPS,
                record=["size", "size_ahead"],
            ),
            curve(
                lambda place: {"slope": STAIRS.grad(place[None])[0]},
                over=Grid("place", -4, 4, n=161),
            ),
        ],
        panels=[
            Panel(
                "Slope of the function",
                Axis("x", -4, 4),
                Axis("f′(x)", -100, 100),
                [
                    marks.rule(y=0.0),
                    marks.line("slope", "f′", color=0),
                    marks.rule("now", x="x_now", color=1),
                ],
            ),
            Panel(
                "Position",
                Axis("step k", 0, STEPS),
                Axis("x", -4, 4),
                [
                    marks.rule("minimum", y=0.0, legend=True),
                    marks.line("x", "heavy ball", color=1),
                    marks.line("y", "Nesterov", color=2, dash=2),
                ],
            ),
        ],
        readout=[
            readout("heavy ball, last |x|", "size_last", digits=3),
            readout("Nesterov, last |x|", "size_ahead_last", digits=3),
            readout("η", "lr", digits=3),
        ],
        caption="The curvature is 25, then 1 between 1 and 2, then 25 again. Nesterov's method "
        "runs with its own constants, η = 1/25 and β = 2/3.",
        play="x",
    )
