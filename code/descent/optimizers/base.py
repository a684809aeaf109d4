"""What every rule shares: how hyper-parameters line up with a point, and how they are listed."""

from collections.abc import Iterator, Mapping
from dataclasses import fields, replace
from typing import Any, TypeVar

import torch
from torch import Tensor

Hyper = float | Tensor
State = dict[str, Tensor]
Rule = TypeVar("Rule")


def align(x: Tensor, *hypers: Hyper) -> Iterator[Hyper]:
    """Append axes to each tensor hyper-parameter so that it lines up with the left axes of `x`.

    Args:
        x: The point, shape (*batch, *event).
        *hypers: Numbers, or tensors that broadcast against `batch`.

    Yields:
        The hyper-parameters, ready to be multiplied with `x`.

    >>> [lr] = align(torch.zeros(3, 2), torch.tensor([0.1, 0.2, 0.3]))
    >>> lr.shape
    torch.Size([3, 1])
    """
    for h in hypers:
        if isinstance(h, Tensor) and h.ndim:
            yield h.reshape(h.shape + (1,) * (x.ndim - h.ndim))
        else:
            yield h


def hyperparameters(optimizer: object) -> dict[str, Hyper]:
    """Return the fields of an optimizer, in declared order, those of a wrapped rule in its place.

    Args:
        optimizer: A frozen dataclass. A field named `rule` holds the rule that it wraps.

    Returns:
        Name and value of every hyper-parameter.

    >>> from descent import HeavyBall
    >>> hyperparameters(HeavyBall(lr=0.1, beta=0.9))
    {'lr': 0.1, 'beta': 0.9}
    """
    found: dict[str, Hyper] = {}
    for f in fields(optimizer):  # type: ignore[arg-type]
        value = getattr(optimizer, f.name)
        found |= hyperparameters(value) if f.name == "rule" else {f.name: value}
    return found


def with_hyperparameters(optimizer: Rule, values: Mapping[str, Hyper]) -> Rule:
    """Return an optimizer with some of its hyper-parameters replaced, inside a wrapper too.

    Args:
        optimizer: A frozen dataclass.
        values: Names from `hyperparameters`, and their new values.

    Returns:
        A new optimizer of the same kind.

    >>> from descent import SGD, L2
    >>> with_hyperparameters(L2(SGD(lr=0.1), weight_decay=0.01), {"lr": 0.5})
    L2(rule=SGD(lr=0.5), weight_decay=0.01)
    """
    own = {f.name for f in fields(optimizer)}  # type: ignore[arg-type]
    changed: dict[str, Any] = {k: v for k, v in values.items() if k in own}
    if "rule" in own:
        inner = {k: v for k, v in values.items() if k not in own}
        changed["rule"] = with_hyperparameters(optimizer.rule, inner)  # type: ignore[attr-defined]
    return replace(optimizer, **changed)  # type: ignore[type-var]


def floored_root(r: Tensor, eps: Hyper, inside: bool) -> Tensor:
    r"""Take a root that cannot be 0: $\sqrt r + \epsilon$, or $\sqrt{r + \epsilon}$.

    Args:
        r: Mean or sum of squares, >= 0.
        eps: The floor, lined up with `r`.
        inside: Whether it stands inside the root.

    Returns:
        The root, shaped like `r`.
    """
    return torch.sqrt(r + eps) if inside else torch.sqrt(r) + eps
