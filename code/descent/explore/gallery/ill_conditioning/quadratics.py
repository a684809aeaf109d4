"""Many steps on a bowl, and what Newton's step costs."""

import math

import torch
from torch import Tensor

from descent.explore import (
    Axis,
    Explorer,
    Grid,
    Panel,
    Plane,
    choice,
    curve,
    marks,
    point,
    readout,
    recurrence,
    run_map,
    scalars,
    slider,
    surface,
    table,
    trajectory,
    verdict,
)
from descent.ill_conditioning import contraction
from descent.objectives import Quadratic
from descent.optimizers import HeavyBall
from descent.oracles import gradient

SIDE = (-1.5, 1.5)
STEPS = 60
LOSS = Axis("loss f(x)", 1e-10, 1e3, log=True)
# Batch sizes: Newton's step at the largest condition number needs more than 10,000 examples have.
ENDS = (1, 1e6)
OUTCOMES = ("converges", "does not converge")


def _spectrum(kappa: Tensor) -> Tensor:
    """Return the curvatures 1 and κ."""
    return torch.stack([torch.ones_like(kappa), kappa])


def _bowl(kappa: Tensor) -> Quadratic:
    """Return the bowl whose second coordinate is κ times as steep."""
    return Quadratic(_spectrum(kappa))


def _theory(lr: Tensor, beta: Tensor, kappa: Tensor) -> dict[str, Tensor]:
    """Return the exact factor per step, and whether it is below 1."""
    rate = contraction(_spectrum(kappa), lr, beta).amax(-1)
    return {"rate": rate, "outcome": (rate >= 1).double()}


def _measured(loss_half: Tensor, loss_last: Tensor, loss_steps: Tensor) -> dict[str, Tensor]:
    """Return the mean factor per step on the distance, over the second half of a run."""
    count = loss_steps - torch.floor(loss_steps / 2)
    return {"measured": (loss_last / loss_half) ** (0.5 / count)}


def bowl() -> Explorer:
    """A quadratic bowl: condition number, learning rate and momentum."""
    return Explorer(
        "ill_conditioning/bowl",
        title="A bowl, its condition number and the learning rate",
        question="Keep β at 0. Which ηL gives the smallest factor at κ = 30, and what happens "
        "beyond 2?",
        controls=[
            slider("kappa", 1, 1000, 30, label="condition number κ", log=True),
            slider("product", 0.05, 2.1, 1.9, label="learning rate × L", include=(1, 2)),
            slider("beta", 0, 0.99, 0, label="momentum β"),
            point("start", (-1.2, 0.6), x=SIDE, y=SIDE),
        ],
        signals=[
            scalars(lambda product, kappa: {"lr": product / kappa, "limit": 2 / kappa}),
            scalars(_theory),
            surface("f", lambda x, kappa: _bowl(kappa)(x), over=Plane("x", SIDE, SIDE)),
            trajectory(
                _bowl, HeavyBall(1.0, 0.5), start="start", steps=STEPS, rename={"x": "path"}
            ),
            scalars(_measured),
            curve(
                lambda step, rate, loss_first: {"predicted": loss_first * rate ** (2 * step)},
                over=Grid("step", 0, STEPS, n=STEPS + 1),
            ),
        ],
        panels=[
            Panel(
                "Path on the level lines",
                Axis("x₁, curvature 1", *SIDE),
                Axis("x₂, curvature κ", *SIDE),
                [
                    marks.contours("f"),
                    marks.path("path", "iterates"),
                    marks.points([(0, 0)], "minimum"),
                    marks.handle("start"),
                ],
                ratio=0.86,
            ),
            Panel(
                "Loss",
                Axis("step k", 0, STEPS),
                LOSS,
                [
                    marks.line("loss", "this run", color=1),
                    marks.line("predicted", "theory, ρ²ᵏ", color=0, dash=1),
                ],
                ratio=0.86,
            ),
        ],
        readout=[
            readout("factor per step, measured", "measured"),
            readout("factor ρ, theory", "rate"),
            readout("learning rate η", "lr", digits=3),
            readout("2/L", "limit", digits=3),
            verdict("outcome", "outcome", OUTCOMES),
        ],
        caption="The measured factor is the mean over the second half of the run. Drag the start "
        "point, or move it with the arrow keys.",
        play="path",
    )


def _best(kappa: Tensor) -> dict[str, Tensor]:
    """Return Polyak's constants for curvatures 1 and κ, with the rate times L."""
    root = kappa.sqrt()
    rate = (root - 1) / (root + 1)
    return {"best_rate": rate, "best_beta": rate**2, "best_product": 4 * kappa / (root + 1) ** 2}


def _heavy_ball(
    x: Tensor, v: Tensor, product: Tensor, beta: Tensor, kappa: Tensor
) -> dict[str, Tensor]:
    """Make one step of heavy ball on the bowl."""
    f = _bowl(kappa)
    dx, state = HeavyBall(product / kappa, beta).update(gradient(f, x), {"v": v}, x)
    return {"x": x + dx, "v": state["v"], "loss": f(x)}


def momentum_map() -> Explorer:
    """Heavy ball over all learning rates and momenta."""
    start, steps = {"x": (1.0, 1.0), "v": (0.0, 0.0)}, 80
    one = recurrence(_heavy_ball, start=start, steps=steps, record=["loss"], loss=["loss"])
    every = recurrence(_heavy_ball, start=start, steps=steps, record=["loss"], loss=["loss"])
    over = (Grid("product", 0.02, 4, n=64), Grid("beta", 0, 0.99, n=56))
    return Explorer(
        "ill_conditioning/momentum_map",
        title="Which learning rates and momenta converge",
        question="Find the pair that converges fastest. Where does it go when κ grows?",
        controls=[
            slider("kappa", 1, 1000, 30, label="condition number κ", log=True),
            slider("product", 0.02, 4, 1, label="learning rate × L", include=(2,)),
            slider("beta", 0, 0.99, 0.5, label="momentum β"),
        ],
        signals=[
            scalars(lambda product, kappa: {"lr": product / kappa}),
            scalars(_theory),
            scalars(_best),
            run_map(
                "map",
                every,
                over=over,
                value=lambda loss_first, loss_last, steps: (
                    torch.log(loss_last / loss_first) / (2 * math.log(10) * steps)
                ),
            ),
            curve(lambda b: {"edge": 2 * (1 + b)}, over=Grid("b", 0, 0.99, n=40)),
            one,
            scalars(_measured),
        ],
        panels=[
            Panel(
                f"Factor per step over {steps} steps",
                Axis("learning rate × L", 0, 4),
                Axis("momentum β", 0, 1),
                [
                    marks.heat(
                        "map", low=-0.2, high=0.2, ramp="diverging", label="log₁₀ of factor"
                    ),
                    marks.line("edge", "ηL = 2(1 + β)", color=4, transpose=True),
                    marks.dot("best_product", "best_beta", "best in theory", color=2, marker=3),
                    marks.handle("product", "beta", label="chosen pair"),
                ],
                ratio=0.86,
            ),
            Panel(
                "Loss at the chosen pair",
                Axis("step k", 0, steps),
                LOSS,
                [marks.line("loss", "this run", color=1)],
                ratio=0.86,
            ),
        ],
        readout=[
            readout("factor per step, measured", "measured"),
            readout("factor ρ, theory", "rate"),
            readout("best factor in theory", "best_rate"),
            verdict("outcome", "outcome", OUTCOMES),
        ],
        caption="Blue cells converge, orange cells do not. Tap the map to choose a pair.",
        play="loss",
    )


def _needed(gradient_theory_first: Tensor, newton_theory_first: Tensor, goal: Tensor) -> dict:
    """Return the batch sizes at which the error, which falls like 1/√B, meets the goal."""
    need = {
        "gradient_batch": (gradient_theory_first / goal) ** 2,
        "newton_batch": (newton_theory_first / goal) ** 2,
    }
    return {**need, "ratio": need["newton_batch"] / need["gradient_batch"]}


def _error_lines(
    batch: Tensor, gradient_theory_first: Tensor, newton_theory_first: Tensor
) -> dict[str, Tensor]:
    """Return the relative errors at any batch size; the tables start at a batch of one."""
    return {
        "gradient_line": gradient_theory_first / batch.sqrt(),
        "newton_line": newton_theory_first / batch.sqrt(),
    }


def newton_batch() -> Explorer:
    """How large a batch the gradient needs, and how large a batch Newton's step needs."""
    from descent.experiments.ill_conditioning import BATCHES, KAPPAS, sampling_error

    return Explorer(
        "ill_conditioning/newton_batch",
        title="How large a batch a Newton step needs",
        question="At which condition number does Newton's step need a hundred times the batch of "
        "the gradient step for the same error?",
        controls=[
            choice("kappa", KAPPAS, 100, label="condition number κ"),
            slider("goal", 0.01, 1, 0.1, label="error wanted", log=True),
        ],
        signals=[
            table(
                sampling_error(),
                axes={"kappa": KAPPAS},
                at=BATCHES,
                precision="relative",
                live=lambda kappa: {k: v[0] for k, v in sampling_error(kappas=(kappa,)).items()},
            ),
            scalars(_needed),
            curve(_error_lines, over=Grid("batch", *ENDS, n=13, log=True)),
        ],
        panels=[
            Panel(
                "Error of a mini-batch step",
                Axis("batch size B", *ENDS, log=True),
                Axis("relative error", 1e-2, 1e2, log=True),
                [
                    marks.rule("error wanted", y="goal"),
                    marks.line("gradient_line", "gradient, theory", color=0),
                    marks.cloud("gradient", "gradient, measured", color=0),
                    marks.line("newton_line", "Newton, theory", color=1, dash=1),
                    marks.cloud("newton", "Newton, measured", color=1, marker=1),
                ],
                ratio=0.7,
            ),
        ],
        readout=[
            readout("batch for the gradient", "gradient_batch", digits=3),
            readout("batch for Newton's step", "newton_batch", digits=3),
            readout("ratio", "ratio", digits=3),
        ],
        caption="Linear regression with ten weights. The error of a step is its root mean square "
        "distance from the full-batch step, over the length of that step.",
    )
