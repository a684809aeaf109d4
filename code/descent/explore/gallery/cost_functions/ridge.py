"""Early stopping and ridge regression, side by side in closed form."""

import torch
from torch import Tensor

from descent.cost_functions import flow_filter, ridge_filter, shrinkage_risk
from descent.explore import Axis, Explorer, Grid, Panel, curve, marks, readout, scalars, slider

DIM = 12


def _spectrum(kappa: Tensor) -> Tensor:
    """Curvatures from 1/kappa to 1, evenly spaced in the logarithm."""
    part = torch.arange(DIM, dtype=torch.float64) / (DIM - 1)
    return kappa[..., None] ** (part - 1)


def _risks(t: Tensor, variance: Tensor, kappa: Tensor) -> dict[str, Tensor]:
    """Return the risks of the flow at time t and of ridge at 1/t; each true weight is 1."""
    lam, time = _spectrum(kappa), t[..., None]
    ones = torch.ones(DIM, dtype=torch.float64)
    flow, ridge = flow_filter(lam, time), ridge_filter(lam, 1 / time)
    each = variance[..., None]
    return {
        "flow": shrinkage_risk(flow, lam, ones, each),
        "ridge": shrinkage_risk(ridge, lam, ones, each),
    }


def _now(time: Tensor, variance: Tensor, kappa: Tensor) -> dict[str, Tensor]:
    """Return the two risks at the chosen time."""
    found = _risks(time, variance, kappa)
    ratio = found["flow"] / found["ridge"]
    return {"flow_here": found["flow"], "ridge_here": found["ridge"], "ratio": ratio}


def _kept(s: Tensor, time: Tensor) -> dict[str, Tensor]:
    """Return the two filters; a slope too small to see keeps their highest points unique."""
    tilt = 1e-9 * s
    return {
        "kept_flow": flow_filter(s, time) + tilt,
        "kept_ridge": ridge_filter(s, 1 / time) + tilt,
    }


def ridge() -> Explorer:
    """Risk over time and over penalty, and the two filters."""
    return Explorer(
        "cost_functions/ridge",
        title="Stopping early is a penalty in disguise",
        question="How far apart do the two curves ever get? Where does the best time move when "
        "the noise grows tenfold?",
        controls=[
            slider("time", 0.1, 1e4, 20, label="stopping time t = ηk", log=True),
            slider("variance", 1e-4, 1, 0.01, label="noise σ²/n", log=True),
            slider("kappa", 1, 1e4, 300, label="condition number κ", log=True),
        ],
        signals=[
            scalars(_now),
            curve(_risks, over=Grid("t", 0.1, 1e4, n=121, log=True)),
            curve(
                _kept,
                over=Grid("s", 1e-4, 1, n=121, log=True),
            ),
            scalars(lambda flow_min, ridge_min: {"best_ratio": flow_min / ridge_min}),
        ],
        panels=[
            Panel(
                "Distance to the true weights",
                Axis("time t, or 1/penalty", 0.1, 1e4, log=True),
                Axis("mean squared distance", log=True),
                [
                    marks.line("flow", "stopped at t", color=1),
                    marks.line("ridge", "ridge, penalty 1/t", color=0, dash=1),
                    marks.dot("time", "flow_here", "chosen time", color=1),
                ],
            ),
            Panel(
                "What is kept of a component",
                Axis("curvature λ", 1e-4, 1, log=True),
                Axis("factor", 0, 1.05),
                [
                    marks.line("kept_flow", "1 − exp(−tλ)", color=1),
                    marks.line("kept_ridge", "λ/(λ + 1/t)", color=0, dash=1),
                ],
            ),
        ],
        readout=[
            readout("stopped at t", "flow_here", digits=3),
            readout("ridge with penalty 1/t", "ridge_here", digits=3),
            readout("ratio", "ratio", digits=3),
            readout("ratio of the two best", "best_ratio", digits=3),
        ],
        caption=f"Linear regression with {DIM} directions of curvature 1/κ to 1 and true weights "
        "1. Exact means over the noise.",
    )
