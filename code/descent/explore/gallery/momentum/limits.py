"""What no method can beat, and how restarts come close without knowing the problem."""

from collections.abc import Callable, Mapping
from inspect import Parameter, Signature
from typing import get_args

import numpy as np
import torch
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
    table,
)
from descent.explore.signals import Source
from descent.momentum import Accelerated
from descent.momentum.accelerated import Restart
from descent.objectives import Quadratic
from descent.optimizers import Nesterov

SHOWN = (1, 2, 5, 10, 20, 50)
METHODS = {"cg": "conjugate gradients", "fast": "Nesterov", "plain": "gradient descent"}


def worst_function() -> Explorer:
    """The worst function, built anew for each number of steps."""
    from descent.experiments.momentum import worst_functions

    found = worst_functions(SHOWN)
    one = {name: np.where(found[name] > 1e-12, found[name], np.nan) for name in METHODS}
    one["formula"] = found["formula"]
    every = {f"{name}_each": found[f"{name}_each"] for name in (*METHODS, "bound")}
    ends = {name: found[name] for name in ("cg_end", "fast_end", "bound_end")}
    steps = one["formula"].shape[1] - 1
    budgets = found["budget"]
    return Explorer(
        "momentum/worst_function",
        title="A function that defeats every method, for k steps",
        question="At which step does Nesterov's method fall below the formula of the bound on one "
        "fixed function, and why is that no contradiction? Who comes close to the bound?",
        controls=[choice("k", SHOWN, 10, label="built for k steps")],
        signals=[
            table(one, axes={"k": SHOWN}, at=np.arange(steps + 1), precision="relative"),
            table(every, axes={}, at=budgets, precision="relative"),
            table(ends, axes={"k": SHOWN}, precision="relative"),
            scalars(
                lambda k, cg_end, fast_end, bound_end: {
                    "dimension": 2 * k + 1,
                    "cg_ratio": cg_end / bound_end,
                    "fast_ratio": fast_end / bound_end,
                }
            ),
        ],
        panels=[
            Panel(
                "One function, many steps",
                Axis("step", 0, steps),
                Axis("gap to the minimum", 1e-8, 0.2, log=True),
                [
                    marks.rule("k", x="k"),
                    marks.line("formula", "formula of the bound", color=4, dash=1),
                    marks.line("cg", METHODS["cg"], color=2, dash=3),
                    marks.line("fast", METHODS["fast"], color=0),
                    marks.line("plain", METHODS["plain"], color=1, dash=2),
                    marks.dot("k", "bound_end", "the bound, true here", color=3, marker=3),
                ],
                ratio=0.86,
            ),
            Panel(
                "A new function for each k",
                Axis("number of steps k", 1, float(budgets[-1]), log=True),
                Axis("gap after k steps, over |x*|²", log=True),
                [
                    marks.line("bound_each", "lower bound", color=4, dash=1),
                    marks.line("cg_each", METHODS["cg"], color=2, dash=3),
                    marks.line("fast_each", METHODS["fast"], color=0),
                    marks.line("plain_each", METHODS["plain"], color=1, dash=2),
                ],
                ratio=0.86,
            ),
        ],
        readout=[
            readout("coordinates, 2k + 1", "dimension", digits=3),
            readout("lower bound after k steps", "bound_end", digits=3),
            readout("conjugate gradients / bound", "cg_ratio", digits=3),
            readout("Nesterov / bound", "fast_ratio", digits=3),
        ],
        caption="L = 1 and the start is 0. Conjugate gradients are the best that gradients allow.",
    )


DIM, STEPS = 8, 500
RESTARTS = get_args(Restart)


def _bowl(kappa: Tensor) -> Quadratic:
    """Return a bowl with curvatures from 1/κ to 1, evenly in the logarithm."""
    part = torch.arange(DIM, dtype=torch.float64) / (DIM - 1)
    return Quadratic(kappa ** (part - 1))


def _race(kappa: Tensor, **state: Tensor) -> dict[str, Tensor]:
    """Make one step of each method."""
    f = _bowl(kappa)
    after: dict[str, Tensor] = {}
    for name in RESTARTS:
        rule = Accelerated(1.0, name, f)
        x, theta, t = state[f"x_{name}"], state[f"theta_{name}"], state[f"t_{name}"]
        dx, new = rule.update(f.grad(x), {"theta": theta, "t": t[None]}, x)
        after |= {f"x_{name}": x + dx, f"theta_{name}": new["theta"], f"t_{name}": new["t"][0]}
        after[f"loss_{name}"] = f(theta)
    root = kappa.sqrt()
    x = state["x_told"]
    dx, new = Nesterov(1.0, (root - 1) / (root + 1)).update(f.grad(x), {"v": state["v_told"]}, x)
    return {**after, "x_told": x + dx, "v_told": new["v"], "loss_told": f(x)}


def _step() -> tuple[dict[str, Source], Callable[..., Mapping[str, Tensor]]]:
    """Return the start of the race, and its step with one named argument for each part."""
    ones = (1.0,) * DIM
    start: dict[str, Source] = {"x_told": ones, "v_told": (0.0,) * DIM}
    for name in RESTARTS:
        start |= {f"x_{name}": ones, f"theta_{name}": ones, f"t_{name}": 1.0}

    def step(**given: Tensor) -> dict[str, Tensor]:
        return _race(**given)

    kinds = [Parameter(name, Parameter.KEYWORD_ONLY) for name in ("kappa", *start)]
    step.__signature__ = Signature(kinds)  # type: ignore[attr-defined]
    return start, step


def restarts() -> Explorer:
    """Nesterov's method with growing momentum, and when to let it go."""
    start, step = _step()
    losses = [f"loss_{name}" for name in (*RESTARTS, "told")]
    return Explorer(
        "momentum/restarts",
        title="Ripples say when to let go",
        question="How does the distance between two ripples grow with κ? Which restart needs no "
        "value of f, and how far is it behind the method that was told κ?",
        controls=[slider("kappa", 10, 10_000, 300, label="condition number κ", log=True)],
        signals=[
            scalars(lambda kappa: {"root": kappa.sqrt()}),
            recurrence(step, start=start, steps=STEPS, record=losses, loss=losses),
            curve(
                lambda i, loss_told_first: {"square": 4 * loss_told_first / (i + 1) ** 2},
                over=Grid("i", 0, STEPS, n=101),
            ),
        ],
        panels=[
            Panel(
                "Loss",
                Axis("step k", 0, STEPS),
                Axis("loss f(x)", 1e-14, 10, log=True),
                [
                    marks.line("square", "falls like 1/k²", color=4, dash=3),
                    marks.line("loss_never", "no restart", color=1),
                    marks.line("loss_gradient", "restart by gradient", color=0, dash=1),
                    marks.line("loss_function", "restart by value", color=2, dash=2),
                    marks.line("loss_told", "κ is known", color=3, dash=4),
                ],
                ratio=0.6,
            )
        ],
        readout=[
            readout("√κ", "root", digits=3),
            readout("last loss, no restart", "loss_never_last", digits=2),
            readout("by gradient", "loss_gradient_last", digits=2),
            readout("by value", "loss_function_last", digits=2),
            readout("κ is known", "loss_told_last", digits=2),
        ],
        caption=f"{DIM} curvatures from 1/κ to 1, η = 1.",
        play="loss_never",
    )
