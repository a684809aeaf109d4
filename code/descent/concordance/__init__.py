"""How other libraries write the same rules, and the conversions that make them agree."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import torch

from descent.concordance.conventions import (
    Array,
    Rate,
    averaged_momentum,
    keras_adam,
    keras_momentum,
    optax_rmsprop,
    optax_trace,
    paper_adamw,
    paper_nesterov,
    torch_dampened,
)
from descent.core import Optimizer, run
from descent.objectives import Rosenbrock
from descent.optimizers import Adam, AdamW, DampedMomentum, HeavyBall, Nesterov, RMSProp
from descent.oracles import gradient
from descent.torch_bridge import torch_optimizer


def conversions(steps: int = 100) -> list[dict[str, Any]]:
    """Run every convention beside the book's rule, converted and as it stands.

    Args:
        steps: Number of updates on Rosenbrock's valley.

    Returns:
        One row a convention: topic, library, what to set, the difference after converting, and the
        difference when the numbers are copied instead.
    """
    parts = (_momenta, _schedules, _look_aheads, _floors, _decays)
    return [row for part in parts for row in part(steps)]


def _row(
    topic: str,
    library: str,
    how: str,
    rule: Optimizer,
    path: list[Array],
    naive: Optimizer | None = None,
    copied: list[Array] | None = None,
    rate: Rate | None = None,
) -> dict[str, Any]:
    """Compare rule and path, and what stands in their places when nothing is converted."""
    pairs = {"converted": (rule, path), "copied": (naive or rule, copied or path)}
    differences = {
        k: _difference(r, torch.tensor(np.array(p)), rate) for k, (r, p) in pairs.items()
    }
    return dict(topic=topic, library=library, how=how) | differences


def _momenta(steps: int) -> Iterator[dict[str, Any]]:
    w, lr, beta, same = _start(), 2e-4, 0.9, "same lr, same beta"
    ball = HeavyBall(lr, beta)
    path = keras_momentum(
        _slope, w, steps, learning_rate=lambda t: lr, momentum=beta, nesterov=False
    )
    yield _row("momentum", "Keras; Goodfellow et al.", same, ball, path)
    path = optax_trace(_slope, w, steps, learning_rate=lambda t: lr, decay=beta, nesterov=False)
    yield _row("momentum", "optax; PyTorch", same, ball, path)
    path = averaged_momentum(_slope, w, steps, learning_rate=10 * lr, beta=beta)
    how = "lr of the average times 1 - beta"
    yield _row("momentum", "as an average", how, ball, path, HeavyBall(10 * lr, beta))
    path = torch_dampened(_slope, w, steps, lr=10 * lr, momentum=beta, dampening=beta)
    damped, how = DampedMomentum(10 * lr, beta, beta), "DampedMomentum, the same dampening"
    yield _row("dampening", "PyTorch", how, damped, path, HeavyBall(10 * lr, beta))


def _schedules(steps: int) -> Iterator[dict[str, Any]]:
    w, beta, topic = _start(), 0.9, "momentum, rate cut to a tenth midway"

    def rate(t: int) -> float:
        return 2e-4 if t < steps // 2 else 2e-5

    ball, damped = HeavyBall(rate(0), beta), DampedMomentum(rate(0), beta)
    path = keras_momentum(_slope, w, steps, learning_rate=rate, momentum=beta, nesterov=False)
    yield _row(topic, "Keras; Goodfellow et al.", "HeavyBall", ball, path, damped, rate=rate)
    path = optax_trace(_slope, w, steps, learning_rate=rate, decay=beta, nesterov=False)
    yield _row(topic, "optax; PyTorch", "DampedMomentum", damped, path, ball, rate=rate)


def _look_aheads(steps: int) -> Iterator[dict[str, Any]]:
    w, lr, beta, same = _start(), 2e-4, 0.9, "same lr, same beta"
    rule = Nesterov(lr, beta)
    path = keras_momentum(
        _slope, w, steps, learning_rate=lambda t: lr, momentum=beta, nesterov=True
    )
    yield _row("Nesterov", "Keras", same, rule, path)
    path = optax_trace(_slope, w, steps, learning_rate=lambda t: lr, decay=beta, nesterov=True)
    yield _row("Nesterov", "optax; PyTorch", same, rule, path)
    theta, v = paper_nesterov(_slope, w, steps, epsilon=lr, mu=beta)
    ahead = [t + beta * u for t, u in zip(theta, v, strict=True)]
    how = "x is theta + beta v, the point ahead"
    yield _row("Nesterov", "Sutskever et al.; Goodfellow et al.", how, rule, ahead, copied=theta)


def _floors(steps: int) -> Iterator[dict[str, Any]]:
    w, eps = _start(), 1e-3
    adam, how = Adam(1e-2, eps=eps), "epsilon times sqrt(1 - beta2^t), at every t"
    path, same = (
        keras_adam(_slope, w, steps, learning_rate=1e-2, epsilon=floor)
        for floor in (lambda t: eps * (1 - 0.999**t) ** 0.5, lambda t: eps)
    )
    yield _row("bias correction", "Keras; the Adam paper, section 2", how, adam, path, copied=same)
    path = optax_rmsprop(_slope, w, steps, learning_rate=1e-3, decay=0.9, eps=1e-2)
    inside, outside = RMSProp(1e-3, 0.9, 1e-2, inside=True), RMSProp(1e-3, 0.9, 1e-2)
    yield _row("epsilon", "optax; Goodfellow et al.", "inside=True", inside, path, outside)


def _decays(steps: int) -> Iterator[dict[str, Any]]:
    path = paper_adamw(_slope, _start(), steps, alpha=1e-2, decay=1e-3)
    right, naive = AdamW(1e-2, weight_decay=0.1), AdamW(1e-2, weight_decay=1e-3)
    yield _row("decay", "the AdamW paper", "weight_decay = decay / lr", right, path, naive)


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


def _tensor() -> torch.Tensor:
    return Rosenbrock().start.clone()


def _start() -> Array:
    return _tensor().numpy()


def _slope(w: Array) -> Array:
    return gradient(Rosenbrock(), torch.tensor(w)).numpy()


def _difference(rule: Optimizer, theirs: torch.Tensor, rate: Rate | None) -> float:
    steps = len(theirs) - 1
    ours = _scheduled(rule, rate, steps) if rate else run(Rosenbrock(), rule, _tensor(), steps).x
    return float((ours - theirs).abs().max())


def _scheduled(rule: Optimizer, rate: Rate, steps: int) -> torch.Tensor:
    """Return the iterates of a rule whose learning rate is set anew before each step."""
    x = torch.nn.Parameter(_tensor())
    optimizer, path = torch_optimizer(rule, [x]), [x.detach().clone()]
    for t in range(steps):
        optimizer.param_groups[0]["lr"] = rate(t)
        x.grad = gradient(Rosenbrock(), x.detach())
        optimizer.step()
        path.append(x.detach().clone())
    return torch.stack(path)
