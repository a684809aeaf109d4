"""A landscape without minima: locally all is well, globally it is the wrong side."""

from torch import Tensor

from descent.explore import (
    Axis,
    Explorer,
    Grid,
    Panel,
    curve,
    marks,
    readout,
    recurrence,
    scalars,
    slider,
)
from descent.objectives import Hill
from descent.oracles import gradient

LAND, STEPS = Hill(), 400


def _step(x: Tensor, lr: Tensor) -> dict[str, Tensor]:
    """Make one step and measure."""
    place = x[None]
    slope = gradient(LAND, place)[0]
    return {"x": x - lr * slope, "loss": LAND(place), "slope": slope.abs()}


def hill() -> Explorer:
    """Descent on either side of a hill between two plains."""
    return Explorer(
        "saddles/hill",
        title="Downhill on the wrong side",
        question="From which starts does descent find the lower plain? What does the gradient say "
        "on the wrong side, and can any small step tell?",
        controls=[
            slider("begin", -6, 6, -1, label="start", include=(0, 0.3)),
            slider("lr", 0.05, 10, 1, label="learning rate η", log=True),
        ],
        signals=[
            curve(
                lambda p: {"f": LAND(p[None])},
                over=Grid("p", -8, 8, n=201),
            ),
            recurrence(
                _step, start={"x": "begin"}, steps=STEPS, record=["loss", "slope"], loss=["loss"]
            ),
            scalars(lambda x_last: {"side": (x_last > 0).double()}),
        ],
        panels=[
            Panel(
                "Landscape",
                Axis("x", -8, 8),
                Axis("f(x)", 0, 2.2),
                [
                    marks.rule("1", y=1.0),
                    marks.line("f", "f", color=0),
                    marks.dot("x_now", "loss_now", "now", color=1),
                ],
                ratio=0.86,
            ),
            Panel(
                "Loss",
                Axis("step k", 0, STEPS),
                Axis("f(x)", 1e-3, 3, log=True),
                [marks.rule("the left plain", y=1.0), marks.line("loss", "loss", color=1)],
                ratio=0.86,
            ),
            Panel(
                "Slope",
                Axis("step k", 0, STEPS),
                Axis("|f′(x)|", 1e-4, 3, log=True),
                [marks.line("slope", "|f′|", color=2)],
                ratio=0.86,
            ),
        ],
        readout=[
            readout("last loss", "loss_last", digits=4),
            readout("last slope", "slope_last", digits=2),
            readout("last x", "x_last", digits=3),
        ],
        caption="f = 1/(1+eˣ) + 1.5/cosh x. There is no minimum anywhere.",
        play="loss",
    )
