"""One gradient step: what slope promises and curvature takes back."""

from torch import Tensor

from descent.explore import (
    Axis,
    Explorer,
    Grid,
    Panel,
    Plane,
    curve,
    marks,
    point,
    readout,
    scalars,
    slider,
    surface,
    trajectory,
    verdict,
)
from descent.explore.runs import Run
from descent.ill_conditioning import break_even_step, directional_curvature, predicted_change
from descent.objectives import Rosenbrock
from descent.optimizers import SGD
from descent.oracles import gradient

VALLEY = Rosenbrock()
RATES = (1e-4, 1.0)


def _costs(x: Tensor, lr: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Return the cost before a step, after it, and after it by the second-order model."""
    g = gradient(VALLEY, x)
    before = VALLEY(x)
    model = before + predicted_change(g, VALLEY.hessian(x) @ g, lr)
    return before, VALLEY(x - lr * g), model


def _numbers(here: Tensor, lr: Tensor) -> dict[str, Tensor]:
    """Return what the readout shows."""
    g = gradient(VALLEY, here)
    hg = VALLEY.hessian(here) @ g
    before, after, model = _costs(here, lr)
    return {
        "curvature": directional_curvature(g, hg),
        "limit": break_even_step(g, hg),
        "ratio": after / before,
        "change": after - before,
        "model_change": model - before,
        "rises": (after > before).double(),
    }


def _ratios(here: Tensor, rate: Tensor) -> dict[str, Tensor]:
    """Return the cost after a step over the cost before, exactly and by the model."""
    before, after, model = _costs(here, rate)
    return {"exact": after / before, "model": model / before}


def _one_step(lr: str, path: str) -> Run:
    """Return the path of one step with the learning rate of that name."""
    return trajectory(
        lambda: Rosenbrock(),
        SGD(lr=1.0),
        start="here",
        steps=1,
        bind={"lr": lr},
        rename={"x": path, "loss": f"{path}_loss"},
    )


def step_budget() -> Explorer:
    """One gradient step in Rosenbrock's valley, and the cost along the gradient."""
    x, y = VALLEY.domain
    minimum = tuple(VALLEY.minima[0].tolist())

    return Explorer(
        "ill_conditioning/step_budget",
        title="What one step gains and what it costs",
        question="From which learning rate on does the step raise the cost? Compare it with the "
        "threshold, high on a wall and down on the valley floor.",
        controls=[
            slider("lr", *RATES, 5e-4, label="learning rate η", log=True),
            point("here", (-1.2, 1.0), x=x, y=y, label="point x"),
        ],
        signals=[
            surface("f", lambda x: VALLEY(x), over=Plane("x", x, y, n=120)),
            scalars(_numbers),
            curve(_ratios, over=Grid("rate", *RATES, n=160, log=True)),
            _one_step("limit", "ray"),
            _one_step("lr", "step"),
        ],
        panels=[
            Panel(
                "One step on the level lines",
                Axis("x₁", *x),
                Axis("x₂", *y),
                [
                    marks.contours("f", power=5),
                    marks.path("ray", "to the threshold", color=2, marker=1, dash=1),
                    marks.path("step", "step"),
                    marks.points([minimum], "minimum", color=3),
                    marks.handle("here", label="point x"),
                ],
                ratio=0.86,
            ),
            Panel(
                "Cost after the step",
                Axis("learning rate η", *RATES, log=True),
                Axis("cost after / cost before", 0, 3),
                [
                    marks.rule("no change", y=1.0),
                    marks.rule("threshold", x="limit", color=2),
                    marks.line("exact", "exact", color=1),
                    marks.line("model", "second order", color=0, dash=1),
                    marks.dot("lr", "ratio", "step"),
                ],
                ratio=0.86,
            ),
        ],
        readout=[
            readout("gᵀHg / gᵀg", "curvature"),
            readout("threshold 2 gᵀg / gᵀHg", "limit", digits=3),
            readout("change, exact", "change", digits=3),
            readout("change, model", "model_change", digits=3),
            verdict("the step", "rises", ["lowers f", "raises f"]),
        ],
        caption="The model is f − η gᵀg + ½ η² gᵀHg. Drag the point x, or move it with the arrow "
        "keys.",
    )
