"""Rates that fall: how fast they may, and by which schedule."""

import numpy as np
import torch
from torch import Tensor

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
    table,
)
from descent.mini_batching import SCHEDULES, bias_and_variance, power_rates, spread

START, LONG = 5.0, 1000
FIRSTS = (0.1, 0.3, 1.0)
POWERS = tuple(round(0.05 * i, 2) for i in range(41))


def _fall(
    k: Tensor, left: Tensor, stirred: Tensor, first: Tensor, power: Tensor
) -> dict[str, Tensor]:
    """One step of the exact squared bias and variance, at λ = σ = 1."""
    lr = first * (k + 1) ** -power
    return {
        "k": k + 1,
        "left": left * (1 - lr) ** 2,
        "stirred": spread(stirred, lr),
        "both": left + stirred,
    }


def powers() -> Explorer:
    """Robbins and Monro's two sums."""
    ends = []
    for first in FIRSTS:
        rates = torch.stack([power_rates(first, p, LONG) for p in POWERS], 1)
        bias, variance = bias_and_variance(rates)
        ends.append(((START * bias[-1]).square().numpy(), variance[-1].numpy()))
    bias_end, variance_end = (np.stack(part) for part in zip(*ends, strict=True))
    return Explorer(
        "mini_batching/powers",
        title="How fast may the rate fall?",
        question="At which power is the loss lowest in the end? To the right of 1, what is it "
        "that stays: the start, or the noise? And is the theorem's border at ½ visible?",
        controls=[
            slider("power", 0, 2, 1, label="power p of ηₖ = a k⁻ᵖ", include=(0.5, 1.5)),
            choice("first", FIRSTS, 0.3, label="first rate a"),
        ],
        signals=[
            recurrence(
                _fall,
                start={"k": 0.0, "left": START**2, "stirred": 0.0},
                steps=LONG,
                record=["both"],
            ),
            table(
                {
                    "bias_end": bias_end,
                    "variance_end": variance_end,
                    "total_end": bias_end + variance_end,
                },
                axes={"first": FIRSTS},
                at=POWERS,
                precision="relative",
            ),
            scalars(lambda both_last: {"total": both_last}),
        ],
        panels=[
            Panel(
                "Mean of x² during the run",
                Axis("step k", 1, LONG, log=True),
                Axis("mean of x²", 1e-5, 100, log=True),
                [
                    marks.line("both", "mean of x²", color=0),
                    marks.line("left", "what is left of the start", color=1, dash=1),
                    marks.line("stirred", "what noise brought in", color=2, dash=2),
                ],
            ),
            Panel(
                f"After {LONG} steps",
                Axis("power p", 0, 2),
                Axis("mean of x²", 1e-5, 100, log=True),
                [
                    marks.line("total_end", "mean of x²", color=0),
                    marks.line("bias_end", "what is left of the start", color=1, dash=1),
                    marks.line("variance_end", "what noise brought in", color=2, dash=2),
                    marks.rule("½", x=0.5),
                    marks.rule("1", x=1.0),
                    marks.dot("power", "total", "chosen", color=0),
                ],
            ),
        ],
        readout=[
            readout("mean of x² in the end", "both_last", digits=3),
            readout("left of the start", "left_last", digits=3),
            readout("brought in by noise", "stirred_last", digits=3),
        ],
        caption="Curvature 1, unit noise, from x = 5. Between the two lines both of the theorem's "
        "conditions hold.",
        play="both",
    )


STEPS = 300
FLAT, NAMES = 0.1, ("constant", "linear to 0", "cosine", "stairs", "late")
RATES = tuple(float(f"{v:.3g}") for v in np.geomspace(0.01, 1.9, 40))
SIGMAS = (0.0, 0.1, 1.0)


def _factors(part: Tensor) -> Tensor:
    """All schedules at one moment, (schedules,)."""
    return torch.stack([SCHEDULES[name](part) for name in NAMES])


def _mean_loss(steep: Tensor, flat: Tensor) -> Tensor:
    return 0.5 * (steep + FLAT * flat)


def _scheduled(
    k: Tensor, steep: Tensor, flat: Tensor, lr: Tensor, sigma: Tensor
) -> dict[str, Tensor]:
    """One step of the mean squares along both directions, for every schedule."""
    rate = lr * _factors(k / (STEPS - 1))
    loss = _mean_loss(steep, flat)
    return {
        "k": k + 1,
        "steep": spread(steep, rate, 1.0, sigma),
        "flat": spread(flat, rate, FLAT, sigma),
        **{f"loss_{i}": loss[i] for i in range(len(NAMES))},
    }


def _ends() -> np.ndarray:
    """Mean loss after the run, (sigmas, schedules, rates)."""
    lr = torch.tensor(RATES, dtype=torch.float64)
    sigma = torch.tensor(SIGMAS, dtype=torch.float64)[:, None, None]
    shape = (len(SIGMAS), len(NAMES), len(RATES))
    steep, flat = (torch.ones(shape, dtype=torch.float64) for _ in range(2))
    for k in range(STEPS):
        part = torch.tensor(k / (STEPS - 1), dtype=torch.float64)
        rate = _factors(part)[:, None] * lr
        steep, flat = spread(steep, rate, 1.0, sigma), spread(flat, rate, FLAT, sigma)
    return _mean_loss(steep, flat).clamp(min=1e-12).numpy()


def schedules() -> Explorer:
    """Five schedules on a bowl with noise."""
    ends = _ends()
    named = {f"end_{i}": ends[:, i] for i in range(len(NAMES))}
    return Explorer(
        "mini_batching/schedules",
        title="Spend the rate first, then the patience",
        question="With noise: which schedule wins, and does it want the same first rate as the "
        "constant one? Without noise: is there any reason to let the rate fall?",
        controls=[
            slider("lr", RATES[0], RATES[-1], 0.3, label="first rate η₀", log=True),
            choice("sigma", SIGMAS, 0.1, label="noise σ of the gradient"),
        ],
        signals=[
            recurrence(
                _scheduled,
                start={"k": 0.0, "steep": (1.0,) * len(NAMES), "flat": (1.0,) * len(NAMES)},
                steps=STEPS,
                record=[f"loss_{i}" for i in range(len(NAMES))],
            ),
            table(named, axes={"sigma": SIGMAS}, at=RATES, precision="relative"),
            scalars(lambda end_0_min, end_1_min: {"gain": end_0_min / end_1_min}),
        ],
        panels=[
            Panel(
                "One run",
                Axis("step k", 0, STEPS),
                Axis("mean loss", 1e-5, 2, log=True),
                marks.lines({f"loss_{i}": name for i, name in enumerate(NAMES)}),
            ),
            Panel(
                "In the end, for every first rate",
                Axis("first rate η₀", 0.01, 2, log=True),
                Axis("mean loss after 300 steps", 1e-5, 2, log=True),
                [
                    *marks.lines({f"end_{i}": name for i, name in enumerate(NAMES)}),
                    marks.rule(x="lr"),
                ],
            ),
        ],
        readout=[
            *[
                readout(f"in the end, {name}", f"loss_{i}_last", digits=3)
                for i, name in enumerate(NAMES)
            ],
            readout("best constant end over best linear one", "gain", digits=3),
        ],
        caption=f"Two directions, curvatures 1 and {FLAT}; means are exact.",
        play="loss_0",
    )
