"""The phase diagram of one eigen-direction, its two roots, and what they do."""

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
    surface,
    verdict,
)
from descent.momentum import REGIMES, Mode, explicit, heavy_ball, nesterov

RULES = ("heavy ball", "Nesterov", "position first")
STEPS = 40
P, B = Grid("p", 0.001, 4, n=100), Grid("b", 0, 0.999, n=70)


def _mode(product: Tensor, beta: Tensor, rule: Tensor) -> Mode:
    """Return the mode of the chosen rule."""
    made = [make(product, beta) for make in (heavy_ball, nesterov, explicit)]
    trace, det = (
        torch.where(
            rule < 0.5,
            getattr(made[0], part),
            torch.where(rule < 1.5, getattr(made[1], part), getattr(made[2], part)),
        )
        for part in ("trace", "det")
    )
    return Mode(trace, det)


def _radius(p: Tensor, b: Tensor, rule: Tensor) -> Tensor:
    """Return the factor per step over the map, as far as colors go."""
    return _mode(p, b, rule).radius


def _roots(product: Tensor, beta: Tensor, rule: Tensor) -> dict[str, Tensor]:
    """Return the two roots and what they mean."""
    mode = _mode(product, beta, rule)
    large, small, turn = mode.roots
    return {
        "reals": torch.stack([large, small]),
        "imaginaries": torch.stack([turn, -turn]),
        "radius": mode.radius,
        "root_beta": torch.sqrt(beta),
        "regime": mode.regime,
    }


def _edges(s: Tensor, rule: Tensor) -> dict[str, Tensor]:
    """Return the boundaries as curves p(β), s = β."""
    root = torch.sqrt(s)
    ball, looking = (rule < 0.5), (rule < 1.5)
    nothing = torch.full_like(s, torch.nan)
    ahead = ((1 - s) / (1 + s)) ** 2
    limit = torch.where(ball, 2 * (1 + s), torch.where(looking, 2 * (1 + s) / (1 + 2 * s), 1 - s))
    late = (1 - s) ** 2 / 4
    return {
        "limit": limit,
        "critical": torch.where(ball, (1 - root) ** 2, torch.where(looking, ahead, late)),
        "critical_far": torch.where(ball, (1 + root) ** 2, nothing),
    }


def _step(x: Tensor, before: Tensor, product: Tensor, beta: Tensor, rule: Tensor) -> dict:
    """Make one step of the recurrence."""
    mode = _mode(product, beta, rule)
    return {"x": mode.trace * x - mode.det * before, "before": x}


def phases() -> Explorer:
    """Where a component decays, ripples, alternates or diverges."""
    return Explorer(
        "momentum/phases",
        title="Two numbers decide how a component moves",
        question="Find the β at which the component ηλ = 0.04 decays fastest. What do the roots do "
        "there, and what does more momentum change?",
        controls=[
            slider("product", 0.001, 4, 0.04, label="ηλ", include=(0.01, 1, 2)),
            slider("beta", 0, 0.999, 0.9, label="momentum β", include=(0.64, 0.5)),
            choice("rule", (0, 1, 2), 0, label="method", words=RULES),
        ],
        signals=[
            surface("map", _radius, over=(P, B)),
            curve(_edges, over=Grid("s", 0, 0.999, n=60)),
            scalars(_roots),
            recurrence(_step, start={"x": 1.0, "before": 1.0}, steps=STEPS),
        ],
        panels=[
            Panel(
                "Factor per step",
                Axis("ηλ", 0, 4),
                Axis("momentum β", 0, 1),
                [
                    marks.heat("map", low=0.5, high=1.5, ramp="diverging", label="factor per step"),
                    marks.line("critical", "roots meet", color=4, dash=1, transpose=True),
                    marks.line("critical_far", color=4, dash=1, transpose=True),
                    marks.line("limit", "stability limit", color=4, transpose=True),
                    marks.handle("product", "beta", label="chosen pair"),
                ],
                ratio=0.86,
            ),
            Panel(
                "Roots in the complex plane",
                Axis("real part", -1.6, 1.6),
                Axis("imaginary part", -1.6, 1.6),
                [
                    marks.circle(1.0, "1: below, it is stable"),
                    marks.circle("root_beta", "√β", color=2, dash=3),
                    marks.cloud("reals", "roots", y="imaginaries", color=1),
                ],
                ratio=0.86,
                equal=True,
            ),
            Panel(
                "The component, from 1 at rest",
                Axis("step k", 0, STEPS),
                Axis("component", -1.5, 1.5),
                [marks.rule(y=0.0), marks.line("x", "component", color=1)],
                ratio=0.86,
            ),
        ],
        readout=[
            readout("factor per step", "radius"),
            readout("√β", "root_beta"),
            verdict("the component", "regime", REGIMES),
        ],
        caption="Drag the point on the map, or move it with the arrow keys. Blue cells shrink, "
        "orange cells grow.",
        play="x",
    )
