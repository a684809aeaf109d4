"""Networks: who wins at which budget, learning rates at several widths, and Muon's polynomial."""

import numpy as np
import torch

from descent.adaptive_methods import expected_choice, muon_polynomial
from descent.explore import (
    Axis,
    Explorer,
    Grid,
    Panel,
    choice,
    curve,
    marks,
    readout,
    scalars,
    slider,
    table,
    verdict,
)

TRIALS = (1, 2, 3, 4, 6, 8, 13)


def contest() -> Explorer:
    """Expected loss of tuned rules, by steps and by trials of the search."""
    from descent.experiments.adaptive_methods import CHECKPOINTS, CONTEST
    from descent.experiments.adaptive_methods import contest as measure

    found = {name: torch.from_numpy(array) for name, array in measure().items()}
    tuned, reported = (found[name].mean(-1).movedim(1, 0) for name in ("tuned", "reported"))
    # A run that left the finite numbers counts as a network that guesses among ten classes.
    reported = torch.where(torch.isfinite(reported), reported, np.log(10))
    chosen = torch.stack([expected_choice(tuned, reported, n) for n in TRIALS])
    loss = chosen.permute(2, 0, 1).numpy()  # (checkpoints, trials, rules)
    behind = np.log2(loss / loss.min(-1, keepdims=True))
    shown = {"behind": behind, "winner": loss.argmin(-1).astype(float), "best": loss.min(-1)}
    second = np.sort(loss, -1)[..., 1] / loss.min(-1)
    return Explorer(
        "adaptive_methods/contest",
        title="Who wins depends on the budget",
        question="Who wins after 20 steps with one trial? After 320 steps with thirteen? How many "
        "different winners can you find?",
        controls=[
            choice("steps_", CHECKPOINTS, 80, label="training steps"),
            choice("trials", TRIALS, 13, label="learning rates tried"),
        ],
        signals=[
            table(
                {**shown, "second": second},
                axes={"steps_": CHECKPOINTS, "trials": TRIALS},
            ),
        ],
        panels=[
            Panel(
                "Behind the winner",
                Axis("log₂ of loss / winner's loss", 0, 8),
                Axis("rule", names=tuple(CONTEST)),
                [marks.bars("behind", "expected loss", transpose=True, digits=2)],
                ratio=0.75,
            ),
        ],
        readout=[
            verdict("winner", "winner", tuple(CONTEST)),
            readout("its expected training loss", "best", digits=2),
            readout("second / winner", "second", digits=3),
        ],
        caption="A ReLU network 64-32-10 on 1200 digits. Each rule draws so many of 13 learning "
        "rates, which span three decades; three seeds choose, "
        "others report. 1 on the axis is twice the winner's loss.",
    )


def widths() -> Explorer:
    """Loss against learning rate at three widths, in two parameterizations."""
    from descent.experiments.adaptive_methods import LOG_RATES, WIDTHS, rates_across_widths

    both = [rates_across_widths(transfer=t)["loss"].mean(-1) for t in (False, True)]
    # What has not learned is not distinguished further.
    arrays = np.minimum(np.nan_to_num(np.stack(both), nan=10, posinf=10), 10)
    best = 2.0 ** np.array(LOG_RATES)[arrays.argmin(-1)]
    lines = {f"width_{w}": arrays[:, i] for i, w in enumerate(WIDTHS)}
    bests = {f"best_{w}": best[:, i] for i, w in enumerate(WIDTHS)}
    return Explorer(
        "adaptive_methods/widths",
        title="One learning rate for all widths",
        question="In which parameterization does the best rate stay where it is when the network "
        "grows sixteen times as wide?",
        controls=[
            choice(
                "kind", (0, 1), 0, label="parameterization", words=("standard", "maximal update")
            ),
        ],
        signals=[
            table(
                lines,
                axes={"kind": (0, 1)},
                at=2.0 ** np.array(LOG_RATES),
                precision="relative",
            ),
            table(bests, axes={"kind": (0, 1)}),
        ],
        panels=[
            Panel(
                "Loss after 30 steps of Adam",
                Axis("learning rate η", log=True),
                Axis("training loss", 1e-2, 10, log=True),
                [
                    marks.line(f"width_{w}", f"width {w}", color=i, dash=i)
                    for i, w in enumerate(WIDTHS)
                ],
                ratio=0.6,
            )
        ],
        readout=[readout(f"best rate at width {w}", f"best_{w}", digits=2) for w in WIDTHS],
        caption="Two hidden ReLU layers on 1200 digits, batches of 32, mean of two seeds. The two "
        "parameterizations agree at width 32.",
    )


def singular_values() -> Explorer:
    """What Muon's polynomial makes of singular values."""
    return Explorer(
        "adaptive_methods/singular_values",
        title="All singular values, nearly alike",
        question="How many iterations bring a singular value of 0.01 above 0.5? Does one of 1 end "
        "at 1?",
        controls=[
            choice("rounds", (1, 2, 3, 4, 5, 6, 7, 8), 5, label="iterations"),
            slider("value", 1e-4, 1, 0.01, label="singular value s", log=True),
        ],
        signals=[
            scalars(lambda value, rounds: {"result": _after(value, rounds)}),
            curve(lambda t, rounds: {"now": _after(t, rounds)}, over=Grid("t", 1e-4, 1, 240, True)),
        ],
        panels=[
            Panel(
                "Singular value afterwards",
                Axis("singular value before", 1e-4, 1, log=True),
                Axis("afterwards", 0, 1.3),
                [
                    marks.rule("all equal", y=1.0, color=2),
                    marks.line("now", "after the iterations"),
                    marks.dot("value", "result", "this value"),
                ],
                ratio=0.6,
            )
        ],
        readout=[readout("afterwards", "result", digits=3)],
        caption="A singular value s goes to 3.4445 s − 4.7750 s³ + 2.0315 s⁵ at each iteration. "
        "Muon uses five.",
    )


def _after(value: torch.Tensor, rounds: torch.Tensor) -> torch.Tensor:
    """Return the value after a number of iterations that is a setting."""
    every = torch.stack([muon_polynomial(value, n) for n in range(1, 9)])
    counted = torch.arange(1, 9, dtype=torch.float64).reshape(-1, *(1,) * value.ndim)
    return (every * (counted == rounds).double()).sum(0)
