r"""Learning rates that change during a run, as functions of the part $s\in[0,1]$ that is done.

Each returns the factor on the first learning rate $\eta_0$. Written in torch, so that the figures
of the page run them too.
"""

import math
from collections.abc import Callable

import torch
from torch import Tensor

from descent import validate

Schedule = Callable[[Tensor], Tensor]


def constant(part: Tensor) -> Tensor:
    """Return 1 all along."""
    return torch.ones_like(part)


def linear(part: Tensor, last: float = 0.0) -> Tensor:
    r"""Go down a straight line, $1-s+s\,\eta_\tau/\eta_0$.

    Args:
        part: Part of the run that is done, any shape.
        last: Factor $\eta_\tau/\eta_0$ in the end; 0.01 is the old textbook advice.

    Returns:
        The factor.
    """
    return 1 - (1 - last) * part


def cosine(part: Tensor) -> Tensor:
    r"""Go down half a wave, $\tfrac12(1+\cos\pi s)$.

    Args:
        part: Part of the run that is done, any shape.

    Returns:
        The factor.

    Reference: Loshchilov and Hutter (2017), arXiv:1608.03983, equation 5 without restarts.
    """
    return (1 + torch.cos(math.pi * part)) / 2


def stairs(part: Tensor, factor: float = 0.25) -> Tensor:
    """Multiply by a factor at one half and at three quarters of the run.

    Args:
        part: Part of the run that is done, any shape.
        factor: The factor, in (0, 1].

    Returns:
        The factor so far.
    """
    done = (part >= 0.5).to(part.dtype) + (part >= 0.75).to(part.dtype)
    return factor**done


def late(part: Tensor, start: float = 0.8) -> Tensor:
    """Stay constant, then go down a straight line to 0: "warm-up, stable, decay" less its warm-up.

    Args:
        part: Part of the run that is done, any shape.
        start: Where the way down begins.

    Returns:
        The factor.
    """
    return torch.clamp((1 - part) / (1 - start), max=1.0)


def warmed(schedule: Schedule, share: float) -> Schedule:
    """Begin a schedule with a straight way up from 0.

    Args:
        schedule: What follows, over the rest of the run.
        share: Part of the run that the way up takes, in [0, 1).

    Returns:
        The longer schedule.
    """
    validate.fraction("share", share)
    if share == 0:
        return schedule

    def both(part: Tensor) -> Tensor:
        rest = torch.clamp((part - share) / (1 - share), min=0.0)
        return torch.clamp(part / share, max=1.0) * schedule(rest)

    return both


SCHEDULES: dict[str, Schedule] = {
    "constant": constant,
    "linear to 1 %": lambda part: linear(part, 0.01),
    "linear to 0": linear,
    "cosine": cosine,
    "stairs": stairs,
    "late": late,
}
