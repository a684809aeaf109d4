"""Singular values of a product on their way, in closed form."""

import torch
from torch import Tensor

from descent.explore import Axis, Explorer, Panel, marks, readout, recurrence, scalars, slider

TARGETS, STEPS = (1.0, 0.6, 0.3), 160
# Where the curves end: logit of the share of the target that is reached.
END = 5.0


def _slowness(place: Tensor, target: float, depth: Tensor) -> Tensor:
    r"""Return dt/dl at $\sigma = s/(1+e^{-l})$, the inverse of a mode's speed there."""
    return (target * torch.sigmoid(place)) ** (2 / depth - 1) / (depth * target)


def _begin(scale: Tensor, depth: Tensor) -> dict[str, Tensor]:
    """Return where each mode starts and how far its variable moves in a step."""
    first = [torch.log(scale / (s - scale)) for s in TARGETS]
    out = {f"l{i}": one for i, one in enumerate(first)}
    out |= {f"d{i}": (END - one) / STEPS for i, one in enumerate(first)}
    fine = (torch.arange(2000, dtype=torch.float64) + 0.5) / 2000
    ends = torch.stack([torch.log(torch.full_like(scale, p / (1 - p))) for p in (0.1, 0.9)])
    times = [
        (_slowness(first[0] + fine * (end - first[0]), 1.0, depth)).mean() * (end - first[0])
        for end in ends
    ]
    return {**out, "t10": times[0], "t90": times[1], "rise": (times[1] - times[0]) / times[1]}


def modes() -> Explorer:
    """Three singular values over time, for real depths between 1 and 5."""

    def step(
        t0: Tensor,
        t1: Tensor,
        t2: Tensor,
        p0: Tensor,
        p1: Tensor,
        p2: Tensor,
        d0: Tensor,
        d1: Tensor,
        d2: Tensor,
        depth: Tensor,
    ) -> dict[str, Tensor]:
        out = {}
        for i, (t, p, d) in enumerate(((t0, p0, d0), (t1, p1, d1), (t2, p2, d2))):
            out[f"p{i}"] = p + d
            out[f"t{i}"] = t + d * _slowness(p + d / 2, TARGETS[i], depth)
            out[f"mode{i}"] = torch.stack([t, TARGETS[i] * torch.sigmoid(p)])
        return out

    start: dict[str, float | str] = {
        **{f"t{i}": 0.0 for i in range(3)},
        **{f"p{i}": f"l{i}" for i in range(3)},
    }
    return Explorer(
        "implicit_bias/modes",
        title="One singular value after another",
        question="With one factor all three rise together. How many factors does it take until "
        "each waits for the one before? What does a smaller start do at depth 2, and at depth 3?",
        controls=[
            slider("depth", 1, 5, 3, label="number of factors N", include=(2, 3, 4), stops=80),
            slider("scale", 1e-6, 0.1, 1e-3, label="size of the start σ(0)", log=True),
        ],
        signals=[
            scalars(_begin),
            recurrence(step, start=start, steps=STEPS, record=[f"mode{i}" for i in range(3)]),
        ],
        panels=[
            Panel(
                "Singular values of the product",
                Axis("time t", 0),
                Axis("σ", 0, 1.4),
                [
                    *(marks.rule(y=s) for s in TARGETS),
                    marks.path("mode0", "target 1", color=0),
                    marks.path("mode1", "target 0.6", color=1, dash=1),
                    marks.path("mode2", "target 0.3", color=3, dash=2),
                ],
                ratio=0.6,
            )
        ],
        readout=[
            readout("first one reaches 10 % at t", "t10", digits=3),
            readout("and 90 % at t", "t90", digits=3),
            readout("share of that time spent rising", "rise", digits=3),
        ],
        caption="The flow of N balanced factors towards a matrix with singular values 1, 0.6 and "
        "0.3, all of it seen. N need not be whole: the equation makes sense between.",
    )
