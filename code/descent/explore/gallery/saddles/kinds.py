"""Kinds of critical points, and which of them Newton's method prefers."""

import math

import torch
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
    recurrence,
    scalars,
    slider,
    surface,
    verdict,
)
from descent.objectives import Himmelblau
from descent.oracles import gradient
from descent.saddles import KINDS, planar_direction, planar_eigenvalues

SIDE = (-1.5, 1.5)


def _matrix(a: Tensor, b: Tensor, c: Tensor) -> Tensor:
    return torch.stack([torch.stack([a, c]), torch.stack([c, b])])


def _kind(low: Tensor, high: Tensor) -> Tensor:
    """Position in `KINDS` of a point with these eigenvalues, without the function's loops."""
    flat = torch.minimum(low.abs(), high.abs()) < 1e-9
    one_sided = torch.where(low > 0, torch.zeros_like(low), torch.zeros_like(low) + 2)
    either = torch.where(flat, torch.zeros_like(low) + 3, one_sided)
    return torch.where((low < 0) & (high > 0) & ~flat, torch.ones_like(low), either)


def _seen(a: Tensor, b: Tensor, c: Tensor) -> dict[str, Tensor]:
    """Return the curvatures along the eigenvectors, and the verdict."""
    low, high = planar_eigenvalues(_matrix(a, b, c))
    return {"low": low, "high": high, "kind": _kind(low, high)}


def _along(angle: Tensor, a: Tensor, b: Tensor, c: Tensor) -> dict[str, Tensor]:
    """Return the curvature in a direction, in degrees from the x axis."""
    turn = angle * math.pi / 180
    across, up = torch.cos(turn), torch.sin(turn)
    return {"bend": a * across**2 + 2 * c * across * up + b * up**2}


def curvatures() -> Explorer:
    """Curvature along every direction of a quadratic form."""
    return Explorer(
        "saddles/curvatures",
        title="A saddle that no axis shows",
        question="Both axes curve up. From which c on is the point a saddle all the same? Can both "
        "axes have curvature zero at a saddle?",
        controls=[
            slider("a", -3, 3, 2, label="curvature along x, a", include=(0,)),
            slider("b", -3, 3, 2, label="curvature along y, b", include=(0,)),
            slider("c", -4, 4, -3, label="mixed derivative c", include=(0,)),
        ],
        signals=[
            scalars(_seen),
            surface(
                "f",
                lambda p, a, b, c: 0.5 * (a * p[0] ** 2 + b * p[1] ** 2) + c * p[0] * p[1],
                over=Plane("p", SIDE, SIDE, n=60),
            ),
            curve(_along, over=Grid("angle", 0, 180, n=91)),
        ],
        panels=[
            Panel(
                "f = ½ax² + cxy + ½by²",
                Axis("x", *SIDE),
                Axis("y", *SIDE),
                [
                    marks.heat("f", label="f", low=-3, high=3, ramp="diverging"),
                    marks.iso("f", [-2, -1, 0, 1, 2], "level lines"),
                ],
                ratio=0.86,
            ),
            Panel(
                "Curvature along a direction",
                Axis("angle to the x axis", 0, 180, unit="degrees"),
                Axis("curvature", -7, 7),
                [
                    marks.rule(y=0.0),
                    marks.rule("y axis", x=90.0),
                    marks.rule("eigenvalues", y="low", color=2, legend=True),
                    marks.rule(y="high", color=2),
                    marks.line("bend", "curvature", color=1),
                ],
                ratio=0.86,
            ),
        ],
        readout=[
            readout("smaller eigenvalue", "low", digits=3),
            readout("larger eigenvalue", "high", digits=3),
            verdict("the point is a", "kind", ["minimum", "saddle", "maximum", "open case"]),
        ],
        caption="The ends of the curve are the eigenvalues; the axes are two directions among all.",
    )


LAND = Himmelblau()
STEPS = 25
RULES = {"g": "gradient descent", "n": "Newton", "s": "saddle-free Newton"}


def _walk(g: Tensor, n: Tensor, s: Tensor, share: Tensor) -> dict[str, Tensor]:
    """Make one step of each of the three methods, and say how each point curves."""
    newton = planar_direction(LAND.hessian(n), gradient(LAND, n), lambda v: 1 / v)
    free = planar_direction(
        LAND.hessian(s), gradient(LAND, s), lambda v: 1 / v.abs().clamp(min=1.0)
    )
    after = {"g": g - 0.01 * gradient(LAND, g), "n": n + share * newton, "s": s + share * free}
    for name, x in (("g", g), ("n", n), ("s", s)):
        low, high = planar_eigenvalues(LAND.hessian(x))
        after |= {f"{name}_low": low, f"{name}_kind": _kind(low, high)}
    return after


def newton() -> Explorer:
    """Gradient descent, Newton's method and its saddle-free version from one start."""
    x, y = LAND.domain
    kinds = [f"{name}_kind" for name in RULES]
    lows = {f"{name}_low": label for name, label in RULES.items()}
    return Explorer(
        "saddles/newton",
        title="Newton goes to the nearest critical point, of whatever kind",
        question="From where does Newton's method climb to the maximum in the middle? Find a start "
        "from which it ends at a saddle, and look where the other two go.",
        controls=[
            point("start", (0.4, -0.6), x=x, y=y),
            slider("share", 0.1, 1, 1, label="part of Newton's step", include=(0.5,)),
        ],
        signals=[
            surface("f", lambda p: LAND(p), over=Plane("p", x, y, n=80)),
            recurrence(
                _walk,
                start=dict.fromkeys(RULES, "start"),
                steps=STEPS,
                record=[*kinds, *lows],
            ),
        ],
        panels=[
            Panel(
                "Paths",
                Axis("x₁", *x),
                Axis("x₂", *y),
                [
                    marks.contours("f", power=3),
                    marks.points(LAND.minima.tolist(), "minima", marker=4),
                    marks.paths(RULES),
                    marks.handle("start"),
                ],
                ratio=0.9,
            ),
            Panel(
                "Smallest eigenvalue on the way",
                Axis("step k", 0, STEPS),
                Axis("smallest eigenvalue of H", -90, 90),
                [marks.rule(y=0.0), marks.lines(lows)],
                ratio=0.9,
            ),
        ],
        readout=[
            *(
                verdict(f"{label} ends at a", f"{name}_kind_last", KINDS)
                for name, label in RULES.items()
            ),
            readout("smallest eigenvalue where Newton ends", "n_low_last", digits=3),
        ],
        caption="Himmelblau's function has four minima, four saddles and one maximum. Gradient "
        "descent with η = 0.01; the saddle-free step takes every curvature to be at least 1.",
        play="g",
    )
