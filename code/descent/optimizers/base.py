"""What every rule shares: how hyper-parameters line up with a point, and how they are listed."""

from collections.abc import Iterator
from dataclasses import fields

import torch
from torch import Tensor

Hyper = float | Tensor
State = dict[str, Tensor]


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
    """Return the fields of an optimizer, in declared order.

    Args:
        optimizer: A frozen dataclass.

    Returns:
        Name and value of every hyper-parameter.

    >>> from descent import HeavyBall
    >>> hyperparameters(HeavyBall(lr=0.1, beta=0.9))
    {'lr': 0.1, 'beta': 0.9}
    """
    return {f.name: getattr(optimizer, f.name) for f in fields(optimizer)}  # type: ignore[arg-type]


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
