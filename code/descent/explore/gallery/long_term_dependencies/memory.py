"""How long a recurrent network remembers at the start of training."""

import numpy as np

from descent.explore import Axis, Explorer, Panel, choice, marks, quantiles, readout, table


def memory() -> Explorer:
    """Jacobians through time, over gain and forget bias."""
    from descent.experiments.long_term_dependencies import FORGETS, GAINS, memories

    found = memories()
    edges = (0.0, 1.0)
    simple = {
        **quantiles("gaussian", np.exp(found["gaussian"]), axis=-1, edges=edges),
        **quantiles("orthogonal", np.exp(found["orthogonal"]), axis=-1, edges=edges),
    }
    lag = np.arange(found["gru"].shape[0])
    keep = 1 / (1 + np.exp(-np.array(FORGETS)))
    gated = {
        **quantiles("lstm", np.exp(found["lstm"]), axis=-1, edges=edges),
        "gate": keep[:, None] ** lag,
    }
    gru = quantiles("gru", np.exp(found["gru"]), axis=-1, edges=edges)
    rule = {"power": np.array(GAINS)[:, None] ** lag}
    return Explorer(
        "long_term_dependencies/memory",
        title="How long does a network remember before it has learned anything?",
        question="At which gain does a Gaussian network neither forget nor explode? Does an "
        "orthogonal start do better? Which forget bias makes an LSTM keep a tenth for 100 steps?",
        controls=[
            choice("gain", GAINS, 1.0, label="gain of the recurrent weights"),
            choice("forget", FORGETS, 1, label="bias of the forget gate"),
        ],
        signals=[
            table({**simple, **rule}, axes={"gain": GAINS}, timed=True, precision="relative"),
            table(gated, axes={"forget": FORGETS}, timed=True, precision="relative"),
            table(gru, axes={}, timed=True, precision="relative"),
        ],
        panels=[
            Panel(
                "tanh networks",
                Axis("lag τ", 0, float(lag[-1])),
                Axis("norm of the Jacobian", 1e-24, 1e6, log=True),
                [
                    marks.spread("gaussian", "Gaussian", color=0),
                    marks.spread("orthogonal", "orthogonal", color=1, dash=1),
                    marks.line("power", "gainᵗ", color=4, dash=3),
                ],
            ),
            Panel(
                "Gated networks",
                Axis("lag τ", 0, float(lag[-1])),
                Axis("norm of the Jacobian", 1e-24, 1e6, log=True),
                [
                    marks.spread("lstm", "LSTM", color=3),
                    marks.spread("gru", "GRU", color=2, dash=1),
                    marks.line("gate", "(forget gate)ᵗ", color=4, dash=3),
                ],
            ),
        ],
        readout=[
            readout("Gaussian at the last lag", "gaussian_last", digits=2),
            readout("orthogonal", "orthogonal_last", digits=2),
            readout("LSTM", "lstm_last", digits=2),
            readout("GRU", "gru_last", digits=2),
        ],
        caption="Largest singular value of the Jacobian through time, width 32, random inputs; "
        "median and range of ten networks.",
        play="gaussian",
        clock="lag",
    )
