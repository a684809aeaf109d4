"""A cut through two minima, and what a change of coordinates does to it."""

from descent.explore import Axis, Explorer, Grid, Panel, choice, marks, readout, scalars, table


def cut() -> Explorer:
    """From the small-batch minimum to the large-batch one."""
    from descent.experiments.mini_batching import line
    from descent.experiments.mini_batching.minima import GRID, SCALES

    found = line()
    curves = {name: found[name] for name in ("train", "test")}
    ends = {name: found[name] for name in ("small", "large")}
    return Explorer(
        "mini_batching/cut",
        title="A flat minimum beside a sharp one",
        question="Which of the two minima looks flat? Now let the first layer of the small-batch "
        "network grow and the second shrink, which changes nothing that it computes.",
        controls=[
            choice("scale", SCALES, 1, label="first layer × c, second layer ÷ c: c"),
        ],
        signals=[
            table(
                curves,
                axes={"scale": SCALES},
                at=Grid("place", GRID[0], GRID[-1], n=len(GRID)),
                precision="relative",
            ),
            table(ends, axes={"scale": SCALES}, precision="relative"),
            scalars(lambda small, large: {"ratio": large / small}),
        ],
        panels=[
            Panel(
                "Loss along the line",
                Axis("place: 0 small batch, 1 large batch", -1, 2),
                Axis("loss", 1e-2, 30, log=True),
                [
                    marks.line("train", "training loss", color=0),
                    marks.line("test", "test loss", color=1, dash=1),
                    marks.rule(x=0.0),
                    marks.rule(x=1.0),
                ],
                ratio=0.62,
            )
        ],
        readout=[
            readout("largest curvature, small batch", "small", digits=3),
            readout("largest curvature, large batch", "large", digits=3),
            readout("large over small", "ratio", digits=3),
        ],
        caption="400 digits, a fifth of them mislabeled, a 64-64-32-10 ReLU network; batches of 16 "
        "and of all 400, rate 0.1, both stopped at the same training loss.",
    )
