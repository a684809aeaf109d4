"""Separable examples: three geometries of the step, three margins."""

import torch
from torch import Tensor

from descent.cost_functions import MarginObjective, hard_margin
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
)
from descent.implicit_bias import steepest, widest

# Inputs times labels.
ROWS = ((0.6, 1.0), (1.5, 1.6), (2.2, 1.2), (1.0, 2.2), (2.6, 1.9), (0.3, 1.9))
STEPS, LIMIT = 200, 9.0
NAMES = {"l2": "gradient descent", "linf": "sign descent", "l1": "one coordinate at a time"}


def _sizes(x: Tensor) -> dict[str, Tensor]:
    """Return the three norms of two weights."""
    a = x.abs()
    return {"l2": (x * x).sum().sqrt(), "linf": torch.maximum(a[0], a[1]), "l1": a.sum()}


def _chosen(norm: Tensor, values: dict[str, Tensor]) -> Tensor:
    """Return the value of the geometry with a number."""
    last = torch.where(norm == 1, values["linf"], values["l1"])
    return torch.where(norm == 0, values["l2"], last)


def margin_of_geometry() -> Explorer:
    """Three rules and their margins, measured in a norm of choice."""
    rows = torch.tensor(ROWS, dtype=torch.float64)
    objective = MarginObjective(rows)
    best = {
        "l2": hard_margin(rows),
        "linf": widest(rows, "linf"),
        "l1": widest(rows, "l1"),
    }

    widths = {name: torch.tensor(m, dtype=torch.float64) for name, (_, m) in best.items()}

    def step(a: Tensor, b: Tensor, c: Tensor, k: Tensor, lr: Tensor, norm: Tensor):
        pace = lr / torch.sqrt(k)
        out = {"k": k + 1}
        for name, x, rule in (("a", a, "l2"), ("b", b, "linf"), ("c", c, "l1")):
            sizes = _sizes(x)
            size = _chosen(norm, sizes)
            least = (rows @ x).amin()
            out[f"part_{name}"] = least / size / _chosen(norm, widths)
            out[name] = x + pace * steepest(objective.grad(x), rule)  # type: ignore[arg-type]
        return out

    start = [0.8, 0.1]
    rays = {
        name: [(float(w[0]) * s, float(w[1]) * s) for s in (1.5, 3.0, 4.5, 6.0)]
        for name, (w, _) in ((g, (x / x.norm(), m)) for g, (x, m) in best.items())
    }
    return Explorer(
        "implicit_bias/margin_of_geometry",
        title="A margin for every kind of step",
        question="Measure the margin in each norm in turn. Which rule wins each time? Is it the "
        "one whose steps have that norm?",
        controls=[
            choice(
                "norm",
                (0, 1, 2),
                0,
                label="norm of the margin",
                words=("Euclidean", "largest coordinate", "sum of coordinates"),
            ),
            slider("lr", 0.1, 1, 0.4, label="first rate η", log=True),
        ],
        signals=[
            recurrence(
                step,
                start={"a": start, "b": start, "c": start, "k": 1.0},
                steps=STEPS,
                record=["part_a", "part_b", "part_c"],
            ),
            scalars(
                lambda part_a_last, part_b_last, part_c_last: {
                    "last_a": part_a_last,
                    "last_b": part_b_last,
                    "last_c": part_c_last,
                }
            ),
        ],
        panels=[
            Panel(
                "Weights",
                Axis("w₁", 0, LIMIT),
                Axis("w₂", 0, LIMIT),
                [
                    marks.points(rays["l2"], "widest: Euclidean", color=0, marker=1),
                    marks.points(rays["linf"], "largest coordinate", color=1, marker=2),
                    marks.points(rays["l1"], "sum", color=3, marker=3),
                    marks.path("a", NAMES["l2"], color=0),
                    marks.path("b", NAMES["linf"], color=1, dash=1),
                    marks.path("c", NAMES["l1"], color=3, dash=2),
                ],
                ratio=1.0,
                equal=True,
            ),
            Panel(
                "Margin in the chosen norm",
                Axis("step k", 1, STEPS, log=True),
                Axis("part of the widest", 0.3, 1.05),
                [
                    marks.rule("widest", y=1.0),
                    marks.line("part_a", NAMES["l2"], color=0),
                    marks.line("part_b", NAMES["linf"], color=1, dash=1),
                    marks.line("part_c", NAMES["l1"], color=3, dash=2),
                ],
            ),
        ],
        readout=[
            readout(NAMES["l2"], "last_a", digits=3),
            readout(NAMES["linf"], "last_b", digits=3),
            readout(NAMES["l1"], "last_c", digits=3),
        ],
        caption="Six examples, drawn nowhere; marks lie on the ray of widest margin in each norm. "
        "Logistic loss, steps of length η/√k in the rule's own norm.",
        play="part_a",
    )
