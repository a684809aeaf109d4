"""A 2 x 2 matrix with one unseen entry, on which every norm diverges."""

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
)
from descent.implicit_bias import runaway as problem

STEPS, RATE = 1500, 0.05


def runaway() -> Explorer:
    """Unseen entry, loss and shape of the product while descent goes on."""
    f = problem()

    def begin(alpha: Tensor, sign: Tensor) -> dict[str, Tensor]:
        eye = torch.eye(2, dtype=torch.float64)
        turned = torch.stack([torch.ones_like(sign), sign]) * eye
        two, three = torch.sqrt(alpha), torch.exp(torch.log(alpha) / 3)
        return {
            "a0": torch.stack([two * eye, two * turned]),
            "b0": torch.stack([three * eye, three * eye, three * turned]),
        }

    def step(a: Tensor, b: Tensor) -> dict[str, Tensor]:
        out = {"a": a - RATE * f.grad(a), "b": b - RATE * f.grad(b)}
        for name, x in (("two", a), ("three", b)):
            w = f.product(x)
            loss = 0.5 * (f.seen * (w - f.truth)).square().sum()
            square = (w * w).sum()
            det = w[0, 0] * w[1, 1] - w[0, 1] * w[1, 0]
            # Squares of singular values: their sum is `square`, their difference `root`.
            root = torch.sqrt((square * square - 4 * det * det).clamp(min=0))
            out |= {
                f"corner_{name}": w[0, 0].abs().clamp(min=1e-6),
                f"loss_{name}": loss.clamp(min=1e-12),
                f"shape_{name}": (2 * det.abs() / (square + root)).clamp(min=1e-6),
            }
        return out

    measured = [f"{kind}_{n}" for kind in ("corner", "loss", "shape") for n in ("two", "three")]
    return Explorer(
        "implicit_bias/runaway",
        title="The loss falls, every norm grows",
        question="The smallest matrix that fits has W₁₁ = 0. Where does W₁₁ go? Now start with a "
        "negative determinant: what has changed?",
        controls=[
            slider("alpha", 0.001, 0.5, 0.1, label="size of the start α", log=True),
            choice(
                "sign", (-1, 1), 1, label="determinant at the start", words=("negative", "positive")
            ),
        ],
        signals=[
            scalars(begin),
            recurrence(step, start={"a": "a0", "b": "b0"}, steps=STEPS, record=measured),
            scalars(
                lambda corner_two_last, loss_two_last, shape_two_last: {
                    "product": corner_two_last * torch.sqrt(loss_two_last),
                    "corner": corner_two_last,
                    "shape": shape_two_last,
                }
            ),
        ],
        panels=[
            Panel(
                "Size of the unseen entry",
                Axis("step k", 1, STEPS, log=True),
                Axis("|W₁₁|", 1e-3, 100, log=True),
                [
                    marks.line("corner_two", "two factors", color=0),
                    marks.line("corner_three", "three factors", color=1, dash=1),
                ],
            ),
            Panel(
                "Loss on the seen entries",
                Axis("step k", 1, STEPS, log=True),
                Axis("ℓ", 1e-4, 2, log=True),
                [
                    marks.line("loss_two", "two factors", color=0),
                    marks.line("loss_three", "three factors", color=1, dash=1),
                ],
            ),
            Panel(
                "How far from rank one",
                Axis("step k", 1, STEPS, log=True),
                Axis("σ₂/σ₁", 1e-6, 2, log=True),
                [
                    marks.line("shape_two", "two factors", color=0),
                    marks.line("shape_three", "three factors", color=1, dash=1),
                ],
            ),
        ],
        readout=[
            readout("|W₁₁| in the end, two factors", "corner", digits=3),
            readout("|W₁₁| √ℓ", "product", digits=3),
            readout("σ₂/σ₁", "shape", digits=2),
        ],
        caption="Seen: W₁₂ = W₂₁ = 1 and W₂₂ = 0. Factors start at α^(1/N) times the identity; for "
        f"a negative determinant one entry changes its sign. Gradient descent, η = {RATE:g}. "
        "A σ₂/σ₁ below 10⁻⁶ counts as 10⁻⁶.",
        play="loss_two",
    )
