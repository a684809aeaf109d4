"""Powers of a matrix whose eigenvalues say one thing and whose norms another."""

import torch
from torch import Tensor

from descent.explore import (
    Axis,
    Explorer,
    Grid,
    Panel,
    curve,
    marks,
    point,
    readout,
    recurrence,
    scalars,
    slider,
)

STEPS = 80


def _norm(p: Tensor) -> Tensor:
    """Largest singular value of the matrix (p₀ p₁; p₂ p₃)."""
    size, det = (p**2).sum(-1), p[0] * p[3] - p[1] * p[2]
    return torch.sqrt((size + torch.sqrt(torch.clamp(size**2 - 4 * det**2, min=0))) / 2)


def _step(p: Tensor, h: Tensor, eigenvalue: Tensor, coupling: Tensor) -> dict[str, Tensor]:
    """Multiply the power, and the state, by the matrix once more."""
    top = eigenvalue * p[:2] + coupling * p[2:]
    return {
        "p": torch.cat([top, eigenvalue * p[2:]]),
        "h": torch.stack([eigenvalue * h[0] + coupling * h[1], eigenvalue * h[1]]),
        "norm": _norm(p),
        "length": torch.sqrt((h**2).sum()),
    }


def powers() -> Explorer:
    """Decay in the end, growth before."""
    return Explorer(
        "long_term_dependencies/powers",
        title="Both eigenvalues are below 1. How far does the power grow?",
        question="With eigenvalue 0.9, which coupling makes the peak 10? From which start does the "
        "state never grow, whatever the coupling?",
        controls=[
            slider("eigenvalue", 0.5, 1.05, 0.9, label="both eigenvalues λ", include=(1,)),
            slider("coupling", 0, 10, 10, label="coupling c", include=(0.1, 0.2, 1)),
            point("start", (-0.8, 0.3), x=(-2, 6), y=(-1, 1)),
        ],
        signals=[
            recurrence(
                _step,
                start={"p": (1.0, 0.0, 0.0, 1.0), "h": "start"},
                steps=STEPS,
                record=["norm", "length"],
            ),
            curve(lambda t, eigenvalue: {"decay": eigenvalue**t}, over=Grid("t", 0, STEPS, n=81)),
            scalars(lambda norm_max: {"peak": norm_max}),
        ],
        panels=[
            Panel(
                "Norm of the power",
                Axis("power t", 0, STEPS),
                Axis("‖Wᵗ‖", 1e-3, 1e3, log=True),
                [
                    marks.line("decay", "λᵗ", color=4, dash=1),
                    marks.line("norm", "‖Wᵗ‖", color=0),
                    marks.line("length", "‖hₜ‖", color=1, dash=3),
                ],
            ),
            Panel(
                "The state",
                Axis("h₁", -2, 15),
                Axis("h₂", -1.1, 1.1),
                [
                    marks.path("h", "hₜ", color=1),
                    marks.points([(0, 0)], "rest", color=2),
                    marks.handle("start"),
                ],
            ),
        ],
        readout=[
            readout("highest norm of a power", "peak"),
            readout("at the power", "norm_at_max", digits=2),
            readout("norm after 80 steps", "norm_last", digits=3),
        ],
        caption="W has λ on its diagonal and c above it.",
        play="norm",
    )
