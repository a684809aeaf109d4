"""Figures of long runs: predictors, sparse weights, and completed matrices."""

import numpy as np

from descent.explore import Axis, Explorer, Panel, choice, marks, quantiles, readout, scalars, table

FLOOR = 1e-9


def predictors() -> Explorer:
    """Four functions through the same five points."""
    from descent.experiments.implicit_bias import DECAYS, PLACES, SPREADS, VALUES
    from descent.experiments.implicit_bias import predictors as fit

    found = fit()
    at = np.linspace(0, 1, found["zero"].shape[-1])
    alone = {name: found[name] for name in ("zero", "adam", "squares")}
    points = list(zip(PLACES, VALUES, strict=True))
    return Explorer(
        "implicit_bias/predictors",
        title="Five examples, training error zero, four answers",
        question="All four curves fit the five examples exactly. Which of them would you trust "
        "between the points? Which change with the scale of the features, and which with the "
        "start?",
        controls=[
            choice(
                "decay",
                DECAYS,
                0.5,
                label="fall of the features",
                words=[f"(1 + j)^−{p:g}" if p else "none" for p in DECAYS],
            ),
            choice("size", SPREADS, 0.3, label="random start of the second"),
        ],
        signals=[
            table(alone, axes={"decay": DECAYS}, at=at),
            table({"start": found["start"]}, axes={"decay": DECAYS, "size": SPREADS}, at=at),
        ],
        panels=[
            Panel(
                "What was learned",
                Axis("input t", 0, 1),
                Axis("output", -2.5, 2),
                [
                    marks.line("start", "gradient descent, random start", color=4, dash=3),
                    marks.line("adam", "Adam, from 0", color=1, dash=1),
                    marks.line("squares", "squares, small start", color=3, dash=2),
                    marks.line("zero", "gradient descent, from 0", color=0),
                    marks.points(points, "examples", color=2),
                ],
                ratio=0.6,
            )
        ],
        readout=[
            readout("largest value, gradient descent from 0", "zero_max", digits=3),
            readout("from the random start", "start_max", digits=3),
            readout("Adam", "adam_max", digits=3),
            readout("squares", "squares_max", digits=3),
        ],
        caption="A linear model on 40 cosines, (1 + j)^−p cos(jπt). Gradient descent and the "
        "squares (from α = 0.001) by their closed forms, Adam by 6000 steps.",
    )


def sparse_start() -> Explorer:
    """What the size of the start does to the weights that are found."""
    from descent.experiments.implicit_bias import START_SIZES, sparse

    found = sparse()
    error = np.maximum(found["error"], FLOOR)
    middle = np.median(error, 1)
    return Explorer(
        "implicit_bias/sparse_start",
        title="The size of the start chooses the norm",
        question="Three of forty weights matter, and there are twenty examples. From which α on "
        "does the flow find them? What does it find when α is large?",
        controls=[choice("alpha", START_SIZES, START_SIZES[4], label="size of the start α")],
        signals=[
            table({"weights": found["weights"][:, 0]}, axes={"alpha": START_SIZES}),
            table({"here": middle}, axes={"alpha": START_SIZES}, precision="relative"),
            table(
                quantiles("error", error, axis=1),
                axes={},
                at=np.array(START_SIZES),
                precision="relative",
            ),
            scalars(lambda alpha: {"plain": 0 * alpha + float(np.median(found["plain"]))}),
        ],
        panels=[
            Panel(
                "Weights of the first problem",
                Axis("coordinate", -0.5, 39.5),
                Axis("weight", -1.2, 1.2),
                [
                    marks.bars("weights", "found", color=0),
                    marks.points([(0, 1), (1, -1), (2, 1)], "true weights that matter", color=1),
                ],
            ),
            Panel(
                "Error over the size of the start",
                Axis("α", 1e-4, 10, log=True),
                Axis("relative squared error", 1e-8, 2, log=True),
                [
                    marks.rule("smallest Euclidean norm", y="plain", color=4),
                    marks.spread("error", "eight problems", color=0),
                    marks.dot("alpha", "here", "chosen start", color=1),
                ],
            ),
        ],
        readout=[
            readout("median error", "here", digits=2),
            readout("smallest Euclidean norm", "plain", digits=3),
        ],
        caption="Twenty Gaussian examples without noise. Limits of the flow of x = u² − v² in "
        "closed form; line: median, band: range.",
    )


def spectra() -> Explorer:
    """Singular values and errors while products of matrices complete a matrix."""
    from descent.experiments.implicit_bias import FACTORS, SCALES, completions, convex

    runs = [[completions(depth, scale) for scale in SCALES] for depth in FACTORS]
    step, truth, size = runs[0][0]["step"], convex(), 4
    axes = {"depth": FACTORS, "scale": range(len(SCALES))}

    def stacked(name: str) -> np.ndarray:
        return np.stack([np.stack([run[name][:, 0] for run in row]) for row in runs])

    values, error = np.maximum(stacked("spectrum"), 1e-4), np.maximum(stacked("error"), FLOOR)
    shipped = {f"s{i + 1}": values[..., i] for i in range(size)}
    shipped |= {"seen": error[..., 0], "unseen": error[..., 1]}
    return Explorer(
        "implicit_bias/spectra",
        title="The rank grows one by one",
        question="How many singular values have risen when the seen entries fit? When does the "
        "fourth one come, if it comes? Compare two factors with three.",
        controls=[
            choice("depth", FACTORS, 3, label="factors", words=("two", "three", "four")),
            choice("scale", (0, 1), 0, label="size of the start", words=("0.001", "0.00001")),
        ],
        signals=[table(shipped, axes=axes, at=step, timed=True, precision="relative")],
        panels=[
            Panel(
                "Singular values of the product",
                Axis("step k", 0, float(step[-1])),
                Axis("σ", 1e-3, 100, log=True),
                [
                    *(marks.rule(y=float(s)) for s in truth["spectrum"][0, :3]),
                    *marks.lines({f"s{i + 1}": f"number {i + 1}" for i in range(size)}),
                ],
            ),
            Panel(
                "Relative squared error",
                Axis("step k", 0, float(step[-1])),
                Axis("error", 1e-8, 10, log=True),
                [
                    marks.rule("nuclear norm, unseen", y=float(truth["unseen"][0]), legend=True),
                    marks.line("seen", "seen entries", color=0, dash=2),
                    marks.line("unseen", "unseen entries", color=1),
                ],
            ),
        ],
        readout=[
            readout("third singular value in the end", "s3_last", digits=3),
            readout("fourth", "s4_last", digits=2),
            readout("unseen error in the end", "unseen_last", digits=2),
        ],
        caption="One 50 × 50 matrix of rank 3, of which 600 entries are seen; thin lines: its "
        "singular values. Steps of one rate for all factors, as in the paper; the rate falls from "
        "0.05 to 0.0025.",
        play="s1",
    )


def seen_fraction() -> Explorer:
    """Unseen error of four methods over the share of entries that are seen."""
    from descent.experiments.implicit_bias import SEEN, fractions

    found = {name: np.maximum(values, 1e-8) for name, values in fractions().items()}
    names = {
        "nuclear": "smallest nuclear norm",
        "deep2": "two factors",
        "deep3": "three factors",
        "adam2": "two factors, Adam",
    }
    words = ("median", "first", "second", "third", "fourth")
    axes = {"matrix": range(len(words))}
    curves = {
        name: np.concatenate([np.median(values, 1)[None], values.T])
        for name, values in found.items()
    }
    return Explorer(
        "implicit_bias/seen_fraction",
        title="Who needs how many entries?",
        question="In which range do three factors beat the nuclear norm? What happens to them with "
        "far too few entries, and who wins when half of them are seen?",
        controls=[choice("matrix", range(len(words)), 0, label="matrix", words=words)],
        signals=[table(curves, axes=axes, at=np.array(SEEN), precision="relative")],
        panels=[
            Panel(
                "Error on the unseen entries",
                Axis("share of entries that are seen", 0.08, 0.52),
                Axis("relative squared error", 1e-8, 10, log=True),
                [marks.rule("predict 0", y=1.0), *marks.lines(names)],
                ratio=0.62,
            )
        ],
        readout=[
            readout("with half of the entries, nuclear norm", "nuclear_last", digits=2),
            readout("two factors", "deep2_last", digits=2),
            readout("three factors", "deep3_last", digits=2),
            readout("two factors, Adam", "adam2_last", digits=2),
        ],
        caption="Four 30 × 30 matrices of rank 2: each has 116 degrees of freedom, an eighth of "
        "its 900 entries. Two factors start at 0.00001, three at 0.0001. An error below "
        "10⁻⁸ counts as 10⁻⁸.",
    )
