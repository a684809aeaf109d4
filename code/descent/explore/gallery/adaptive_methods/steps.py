"""How long a step is: a constant gradient, the floor under the root, and decay."""

from typing import Any

import torch
from torch import Tensor

from descent.adaptive_methods import (
    adagrad_step,
    adam_step,
    floored_step,
    kept_by_decay,
    kept_by_l2,
    knee,
    rmsprop_step,
)
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
from descent.optimizers import Adam, AdamW
from descent.trace.noise import normals

LAST = 1000
RATE, DECAYED = 0.004, 800


def _lengths(k: Tensor, beta1: Tensor, beta2: Tensor, share: Tensor) -> dict[str, Any]:
    """Return the step of each rule over its rate, for a gradient that the floor shortens."""
    return {
        "adagrad": share * adagrad_step(k),
        "rmsprop": share * rmsprop_step(k, beta2),
        "adam": share * adam_step(k, beta1, beta2),
        "uncorrected": share * adam_step(k, beta1, beta2, corrected=False),
    }


def _kept(size: Tensor) -> dict[str, Any]:
    """Return the share of the step that the floor leaves at one size of gradient."""
    floor = 1e-8
    return {
        "share": floored_step(size, floor, inside=False),
        "share_inside": floored_step(size, floor, inside=True),
        "knee_outside": knee(torch.as_tensor(floor), inside=False),
        "knee_inside": knee(torch.as_tensor(floor), inside=True),
    }


def _floors(g: Tensor) -> dict[str, Any]:
    """Return the share of the step that either floor leaves."""
    return {name: floored_step(g, 1e-8, inside=name == "inside") for name in ("outside", "inside")}


def constant_gradient() -> Explorer:
    """Steps of the adaptive rules on a gradient that does not change."""
    return Explorer(
        "adaptive_methods/constant_gradient",
        title="One gradient, again and again",
        question="How long is RMSProp's first step at β₂ = 0.999? How small must the gradient be "
        "before the two places of ε disagree?",
        controls=[
            slider(
                "beta2", 0.5, 0.9999, 0.999, label="memory of squares ρ, β₂", include=(0.9, 0.99)
            ),
            slider("beta1", 0, 0.99, 0.9, label="memory of the mean β₁"),
            slider("size", 1e-11, 1, 1, label="size of the gradient |g|", log=True),
        ],
        signals=[
            scalars(_kept),
            curve(_lengths, over=Grid("k", 1, LAST, n=120, log=True)),
            curve(_floors, over=Grid("g", 1e-11, 1, n=120, log=True)),
        ],
        panels=[
            Panel(
                "Length of step k over the learning rate",
                Axis("step k", 1, LAST, log=True),
                Axis("|Δx| / η", 1e-4, 100, log=True),
                [
                    marks.line("adagrad", "AdaGrad, 1/√k", color=0),
                    marks.line("rmsprop", "RMSProp", color=1, dash=1),
                    marks.line("adam", "Adam", color=2, dash=2),
                    marks.line("uncorrected", "Adam, not corrected", color=3, dash=3),
                ],
            ),
            Panel(
                "What ε = 10⁻⁸ leaves of a step",
                Axis("size of the gradient |g|", 1e-11, 1, log=True),
                Axis("share of the step", 0, 1.05),
                [
                    marks.line("outside", "√r + ε", color=0),
                    marks.line("inside", "√(r + ε)", color=1, dash=1),
                    marks.rule("knee", x="knee_outside", color=0),
                    marks.rule("knee", x="knee_inside", color=1),
                    marks.dot("size", "share", "this gradient"),
                ],
            ),
        ],
        readout=[
            readout("RMSProp's first step / η", "rmsprop_first", digits=3),
            readout("longest step of uncorrected Adam / η", "uncorrected_max", digits=3),
            readout("share left, ε outside the root", "share", digits=3),
            readout("share left, ε inside the root", "share_inside", digits=3),
        ],
        caption="The left panel multiplies every step by the share that is left when ε stands "
        "outside the root, as in Adam.",
    )


def _decaying(
    x: Tensor,
    m: Tensor,
    v: Tensor,
    w: Tensor,
    u: Tensor,
    y: Tensor,
    n: Tensor,
    s: Tensor,
    k: Tensor,
    sigma: Tensor,
    decay: Tensor,
) -> dict[str, Tensor]:
    """Make one step of Adam with a penalty (x) and of AdamW (y) on the same noise."""
    noise = sigma * normals(7.0, k, 1)[0]
    dx, one = Adam(RATE).update(noise + decay * x, {"m": m, "v": v, "w": w, "u": u}, x)
    two = {"m": n, "v": s, "w": w, "u": u}
    dy, two = AdamW(RATE, weight_decay=decay).update(noise, two, y)
    after = {"x": x + dx, "m": one["m"], "v": one["v"], "w": one["w"], "u": one["u"]}
    return {**after, "y": y + dy, "n": two["m"], "s": two["v"], "k": k + 1}


def _expected(t: Tensor, sigma: Tensor, decay: Tensor) -> dict[str, Any]:
    """Return the mean of either weight after t steps."""
    return {"through": kept_by_l2(t, RATE, decay, sigma), "beside": kept_by_decay(t, RATE, decay)}


def decay() -> Explorer:
    """Weight decay through Adam's denominator, and beside it."""
    start = dict.fromkeys(("m", "v", "w", "u", "n", "s", "k"), 0.0)
    return Explorer(
        "adaptive_methods/decay",
        title="Who decays the weight",
        question="The gradient is pure noise of size σ. At which σ do the two curves agree? What "
        "does the penalty do at σ = 10?",
        controls=[
            slider("sigma", 0.1, 10, 10, label="size of the noise σ", log=True, include=(1,)),
            slider("decay", 0, 2, 1, label="coefficient λ", include=(0,)),
        ],
        signals=[
            recurrence(_decaying, start={"x": 1.0, "y": 1.0, **start}, steps=DECAYED),
            curve(_expected, over=Grid("t", 0, DECAYED, n=61)),
        ],
        panels=[
            Panel(
                "Weight under noise alone",
                Axis("step k", 0, DECAYED),
                Axis("weight x", -0.5, 1.5),
                [
                    marks.line("x", "penalty in the gradient", color=1),
                    marks.line("y", "decoupled, AdamW", color=0, dash=1),
                    marks.line("through", "theory, (1 − ηλ/σ)ᵏ", color=3, dash=3),
                    marks.line("beside", "theory, (1 − ηλ)ᵏ", color=2, dash=2),
                ],
                ratio=0.6,
            )
        ],
        readout=[
            readout("left of the weight, penalty", "x_last", digits=3),
            readout("penalty, in theory", "through_last", digits=3),
            readout("left of the weight, AdamW", "y_last", digits=3),
            readout("AdamW, in theory", "beside_last", digits=3),
        ],
        caption=f"One seeded run each on the same noise; η = {RATE:g}. The theory gives the mean "
        "and holds while λ|x| is small beside σ.",
        play="x",
    )
