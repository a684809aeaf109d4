"""Figures of the chapter on ill-conditioning."""

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
    run_map,
    scalars,
    slider,
    surface,
    trajectory,
    verdict,
)
from descent.objectives import Quadratic, Rosenbrock
from descent.optimizers import SGD, HeavyBall
from descent.oracles import gradient

STEPS = 60


def _bowl(kappa: Tensor) -> Quadratic:
    """Return the bowl with curvatures 1 and κ; the second coordinate is steep."""
    return Quadratic(torch.stack([torch.ones_like(kappa), kappa]))


def _radius(lr: Tensor, beta: Tensor, curvature: Tensor) -> Tensor:
    r"""Return the larger root of $z^2 - (1+\beta-\eta\lambda)z + \beta$ in absolute value."""
    middle = 1 + beta - lr * curvature
    square = middle**2 - 4 * beta
    real = (middle.abs() + square.clamp(min=0).sqrt()) / 2
    return torch.where(square < 0, beta.sqrt(), real)


def _theory(lr: Tensor, beta: Tensor, kappa: Tensor) -> dict[str, Tensor]:
    """Return the exact rate of heavy ball on the bowl, and which side of 1 it lies on."""
    rate = torch.maximum(_radius(lr, beta, torch.ones_like(lr)), _radius(lr, beta, kappa))
    return {"rate": rate, "outcome": (rate >= 1).double()}


def _measured(loss_half: Tensor, loss_last: Tensor, loss_steps: Tensor) -> dict[str, Tensor]:
    """Return the mean factor per step on the distance, over the second half of the run."""
    count = loss_steps - torch.floor(loss_steps / 2)
    return {"measured": (loss_last / loss_half) ** (0.5 / count)}


def bowl() -> Explorer:
    """A quadratic bowl: condition number, learning rate and momentum."""
    side = (-1.5, 1.5)
    return Explorer(
        "ill_conditioning/bowl",
        title="A bowl, its condition number and the learning rate",
        question="Set β = 0. Which ηL converges fastest for κ = 30, and what happens beyond 2?",
        controls=[
            slider("kappa", 1, 1000, 30, label="condition number κ", log=True),
            slider("eta_L", 0.05, 2.1, 1.9, label="learning rate × L", include=(1, 2)),
            slider("beta", 0, 0.99, 0, label="momentum β"),
            point("start", (-1.2, 0.6), x=side, y=side),
        ],
        signals=[
            scalars(lambda eta_L, kappa: {"lr": eta_L / kappa, "limit": 2 / kappa}),
            scalars(_theory),
            surface("f", lambda x, kappa: _bowl(kappa)(x), over=Plane("x", side, side)),
            trajectory(
                _bowl, HeavyBall(lr=1.0, beta=0.5), start="start", steps=STEPS, rename={"x": "path"}
            ),
            scalars(_measured),
            curve(
                lambda step, rate, loss_first: {"predicted": loss_first * rate ** (2 * step)},
                over=Grid("step", 0, STEPS, n=STEPS + 1),
            ),
        ],
        panels=[
            Panel(
                "Path over the level lines",
                Axis("x₁, curvature 1", *side),
                Axis("x₂, curvature κ", *side),
                [
                    marks.contours("f"),
                    marks.path("path", "gradient descent"),
                    marks.points([(0, 0)], "minimum"),
                    marks.handle("start"),
                ],
                ratio=0.86,
            ),
            Panel(
                "Loss",
                Axis("step k", 0, STEPS),
                Axis("loss f(x)", 1e-10, 1e3, log=True),
                [
                    marks.line("loss", "measured", color=1),
                    marks.line("predicted", "theory, rate²ᵏ", color=0, dash=1),
                ],
                ratio=0.86,
            ),
        ],
        readout=[
            readout("factor per step, measured", "measured"),
            readout("factor per step, theory", "rate"),
            readout("learning rate η", "lr", digits=3),
            readout("limit 2/L at β = 0", "limit", digits=3),
            verdict("outcome", "outcome", ["converges", "does not converge"]),
        ],
        caption="The factor is the mean over the second half of the run. Drag the start point.",
        play="path",
    )


def _budget(point: Tensor, eps: Tensor) -> dict[str, Tensor]:
    r"""Return the parts of $f - \epsilon g^\top g + \frac12\epsilon^2 g^\top Hg$, and the truth."""
    f = Rosenbrock()
    g = gradient(f, point)
    slope, bend = (g * g).sum(), g @ f.hessian(point) @ g
    value, after = f(point), f(point - eps * g)
    model = value - eps * slope + 0.5 * eps**2 * bend
    limit = torch.where(bend > 0, 2 * slope / bend, torch.inf)
    return {
        "slope": slope,
        "bend": bend,
        "limit": limit,
        "now": after / value,
        "true_change": after - value,
        "model_change": model - value,
    }


def _budget_curve(point: Tensor, step: Tensor) -> dict[str, Tensor]:
    """Return loss after over loss before, exactly and by the second-order model."""
    f = Rosenbrock()
    g = gradient(f, point)
    value = f(point)
    bend = g @ f.hessian(point) @ g
    model = value - step * (g * g).sum() + 0.5 * step**2 * bend
    return {"exact": f(point - step * g) / value, "model": model / value}


def step_budget() -> Explorer:
    """One gradient step on Rosenbrock's valley: what slope promises and curvature takes back."""
    x, y = Rosenbrock.domain
    ends = (1e-5, 1e-1)
    return Explorer(
        "ill_conditioning/step_budget",
        title="What one step gains and what it costs",
        question="At which step length does the step begin to increase the loss? Compare it with "
        "2 gᵀg / gᵀHg, on the valley floor and on a wall.",
        controls=[
            slider("eps", *ends, 5e-4, label="step length ε", log=True),
            point("point", (-1.2, 1.6), x=x, y=y, label="point x"),
        ],
        signals=[
            scalars(_budget),
            curve(_budget_curve, over=Grid("step", *ends, n=160, log=True)),
            surface("f", lambda x: Rosenbrock()(x), over=Plane("x", x, y)),
            trajectory(
                lambda: Rosenbrock(),
                SGD(lr=1.0),
                start="point",
                steps=1,
                bind={"lr": "eps"},
                rename={"x": "step_path", "loss": "step_loss"},
            ),
            trajectory(
                lambda: Rosenbrock(),
                SGD(lr=1.0),
                start="point",
                steps=1,
                bind={"lr": "limit"},
                rename={"x": "ray", "loss": "ray_loss"},
            ),
        ],
        panels=[
            Panel(
                "The step",
                Axis("x₁", *x),
                Axis("x₂", *y),
                [
                    marks.contours("f", power=5),
                    marks.path("ray", "up to the threshold", color=2, marker=1, dash=1),
                    marks.path("step_path", "one gradient step"),
                    marks.points([(1, 1)], "minimum"),
                    marks.handle("point", label="point x"),
                ],
                ratio=0.86,
            ),
            Panel(
                "Loss after the step",
                Axis("step length ε", *ends, log=True),
                Axis("f(x − εg) / f(x)", 0, 3),
                [
                    marks.rule("no change", y=1.0),
                    marks.rule("2 gᵀg / gᵀHg", x="limit", color=2),
                    marks.line("exact", "exact", color=1),
                    marks.line("model", "second-order model", color=0, dash=1),
                    marks.dot("eps", "now", "this step"),
                ],
                ratio=0.86,
            ),
        ],
        readout=[
            readout("gᵀg", "slope"),
            readout("gᵀHg", "bend"),
            readout("threshold 2 gᵀg / gᵀHg", "limit", digits=3),
            readout("change, exact", "true_change"),
            readout("change, model", "model_change"),
        ],
        caption="The step is too long where ½ ε² gᵀHg exceeds ε gᵀg.",
    )


def momentum_map() -> Explorer:
    """Heavy ball over all learning rates and momenta."""
    lr, beta = Grid("eta_L", 0.02, 4, n=64), Grid("beta", 0, 0.99, n=56)
    rule = HeavyBall(lr=1.0, beta=0.5)
    scaled = {"lr": "lr"}

    def step(x: Tensor, v: Tensor, eta_L: Tensor, beta: Tensor, kappa: Tensor) -> dict[str, Tensor]:
        f = _bowl(kappa)
        dx, state = HeavyBall(lr=eta_L / kappa, beta=beta).update(gradient(f, x), {"v": v}, x)
        return {"x": x + dx, "v": state["v"], "loss": f(x)}

    every = recurrence(
        step, start={"x": (1.0, 1.0), "v": (0.0, 0.0)}, steps=80, record=["loss"], loss=["loss"]
    )

    def best(kappa: Tensor) -> dict[str, Tensor]:
        root = kappa.sqrt()
        rate = (root - 1) / (root + 1)
        return {"best_rate": rate, "best_beta": rate**2, "best_eta_L": 4 * kappa / (root + 1) ** 2}

    return Explorer(
        "ill_conditioning/momentum_map",
        title="Which learning rates and momenta converge",
        question="Find the pair that converges fastest. How does it move when κ grows?",
        controls=[
            slider("kappa", 1, 1000, 30, label="condition number κ", log=True),
            slider("eta_L", 0.02, 4, 1, label="learning rate × L", include=(2,)),
            slider("beta", 0, 0.99, 0.5, label="momentum β"),
        ],
        signals=[
            scalars(lambda eta_L, kappa: {"lr": eta_L / kappa}),
            scalars(_theory),
            scalars(best),
            run_map(
                "map",
                every,
                over=(lr, beta),
                value=lambda loss_first, loss_last, steps: (
                    torch.log(loss_last / loss_first) / (2 * 2.302585092994046 * steps)
                ),
            ),
            curve(lambda b: {"edge": 2 * (1 + b)}, over=Grid("b", 0, 0.99, n=40)),
            scalars(lambda: {"origin": torch.ones(2, dtype=torch.float64)}),
            trajectory(_bowl, rule, start="origin", steps=80, bind=scaled, rename={"x": "path"}),
            scalars(_measured),
        ],
        panels=[
            Panel(
                "Factor per step over 80 steps",
                Axis("learning rate × L", 0, 4),
                Axis("momentum β", 0, 1),
                [
                    marks.heat(
                        "map", low=-0.2, high=0.2, ramp="diverging", label="log₁₀ of factor"
                    ),
                    marks.line("edge", "ηL = 2(1 + β)", color=4, transpose=True),
                    marks.dot("best_eta_L", "best_beta", "best in theory", color=2, marker=3),
                    marks.handle("eta_L", "beta", label="chosen pair"),
                ],
                ratio=0.86,
            ),
            Panel(
                "Loss at the chosen pair",
                Axis("step k", 0, 80),
                Axis("loss f(x)", 1e-10, 1e3, log=True),
                [marks.line("loss", "heavy ball", color=1)],
                ratio=0.86,
            ),
        ],
        readout=[
            readout("factor per step, measured", "measured"),
            readout("factor per step, theory", "rate"),
            readout("best factor in theory", "best_rate"),
            readout("best β in theory", "best_beta", digits=3),
            verdict("outcome", "outcome", ["converges", "does not converge"]),
        ],
        caption="Blue cells converge, orange cells do not. Tap the map to choose a pair.",
        play="loss",
    )


def catapult() -> Explorer:
    """A two-layer linear model thrown out of a sharp valley and caught by a flat one."""
    width = 1000.0

    def step(f: Tensor, s: Tensor) -> dict[str, Tensor]:
        q = f**2 / width
        return {"f": f * (1 - s + q), "s": s + q * (s - 4), "loss": 0.5 * f**2}

    return Explorer(
        "ill_conditioning/catapult",
        title="Catapults",
        question="For which ηλ₀ does the loss first rise and then fall to zero? Where does ηλ end?",
        controls=[slider("s0", 0.1, 4.4, 2.5, label="ηλ₀ at the start", include=(2, 4))],
        signals=[
            recurrence(
                step,
                start={"f": 1.0, "s": "s0"},
                steps=100,
                record=["loss"],
                loss=["loss"],
                rename={"s": "sharpness"},
            ),
        ],
        panels=[
            Panel(
                "Loss",
                Axis("step k", 0, 100),
                Axis("loss ½f²", 1e-8, 1e4, log=True),
                [marks.line("loss", "loss", color=1)],
            ),
            Panel(
                "Sharpness times learning rate",
                Axis("step k", 0, 100),
                Axis("ηλ", 0, 4.5),
                [
                    marks.rule("2: stable below", y=2.0, color=2),
                    marks.rule("4: diverges above", y=4.0, color=3),
                    marks.line("sharpness", "ηλ", color=0),
                ],
            ),
        ],
        readout=[
            readout("largest loss", "loss_max"),
            readout("last loss", "loss_last"),
            readout("ηλ at the end", "sharpness_last"),
        ],
        caption="The model u·v/√m with m = 1000 and target 0, from f = 1.",
        play="loss",
    )


FIGURES = {
    "bowl": bowl,
    "step_budget": step_budget,
    "momentum_map": momentum_map,
    "catapult": catapult,
}
