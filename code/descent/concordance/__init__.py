"""How other libraries write the same rules, and the conversions that make them agree."""

from typing import Any

import numpy as np
import torch

from descent.concordance.conventions import (
    Array,
    averaged_momentum,
    keras_adam,
    keras_momentum,
    optax_rmsprop,
    optax_trace,
    paper_adamw,
)
from descent.core import Optimizer, run
from descent.objectives import Rosenbrock
from descent.optimizers import Adam, AdamW, HeavyBall, Nesterov, RMSProp
from descent.oracles import gradient


def conversions(steps: int = 100) -> list[dict[str, Any]]:
    """Run every convention beside the book's rule, converted and as it stands.

    Args:
        steps: Number of updates on Rosenbrock's valley.

    Returns:
        One row a convention: topic, library, what to set, the difference after converting, and the
        difference when the numbers are copied instead.
    """
    rows: list[dict[str, Any]] = []

    def row(
        topic: str, library: str, how: str, right: Optimizer, naive: Optimizer, path: list[Array]
    ) -> None:
        theirs = torch.tensor(np.array(path))
        differences = [_difference(rule, theirs) for rule in (right, naive)]
        rows.append(
            dict(topic=topic, library=library, how=how)
            | dict(zip(("converted", "copied"), differences, strict=True))
        )

    w, lr, beta = _start(), 2e-4, 0.9
    for nesterov, kind in ((False, HeavyBall), (True, Nesterov)):
        name = "Nesterov" if nesterov else "momentum"
        path = keras_momentum(_slope, w, steps, learning_rate=lr, momentum=beta, nesterov=nesterov)
        row(name, "Keras", "same lr, same beta", kind(lr, beta), kind(lr, beta), path)
        path = optax_trace(_slope, w, steps, learning_rate=lr, decay=beta, nesterov=nesterov)
        row(name, "optax", "same lr, same beta", kind(lr, beta), kind(lr, beta), path)
    path = averaged_momentum(_slope, w, steps, learning_rate=10 * lr, beta=beta)
    how = "lr of the average times 1 - beta"
    row("momentum", "as an average", how, HeavyBall(lr, beta), HeavyBall(10 * lr, beta), path)
    eps = 1e-3
    adam, goal = Adam(1e-2, eps=eps), "epsilon times sqrt(1 - beta2^t), at every t"
    path = keras_adam(
        _slope, w, steps, learning_rate=1e-2, epsilon=lambda t: eps * (1 - 0.999**t) ** 0.5
    )
    same = keras_adam(_slope, w, steps, learning_rate=1e-2, epsilon=lambda t: eps)
    row("bias correction", "Keras", goal, adam, adam, path)
    rows[-1]["copied"] = _difference(adam, torch.tensor(np.array(same)))
    path = optax_rmsprop(_slope, w, steps, learning_rate=1e-3, decay=0.9, eps=1e-2)
    inside, outside = RMSProp(1e-3, 0.9, 1e-2, inside=True), RMSProp(1e-3, 0.9, 1e-2)
    row("epsilon", "optax; Goodfellow et al.", "inside=True", inside, outside, path)
    path = paper_adamw(_slope, w, steps, alpha=1e-2, decay=1e-3)
    right, naive = AdamW(1e-2, weight_decay=0.1), AdamW(1e-2, weight_decay=1e-3)
    row("decay", "the AdamW paper", "weight_decay = decay / lr", right, naive, path)
    return rows


def concordance_table() -> str:
    """Print the conversions.

    Returns:
        An HTML table.
    """
    body = "".join(
        f"<tr><td>{r['topic']}, {r['library']}</td><td>{r['converted']:.0e}</td>"
        f"<td>{r['copied']:.0e}</td><td>{r['how'].replace('_', '_<wbr>')}</td></tr>"
        for r in conversions()
    )
    names = ("convention", "converted", "copied", "how to convert")
    head = "".join(f"<th>{name}</th>" for name in names)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _start() -> Array:
    return Rosenbrock().start.numpy()


def _slope(w: Array) -> Array:
    return gradient(Rosenbrock(), torch.tensor(w)).numpy()


def _difference(rule: Optimizer, theirs: torch.Tensor) -> float:
    ours = run(Rosenbrock(), rule, Rosenbrock().start, len(theirs) - 1).x
    return float((ours - theirs).abs().max())
