"""Early stopping: when a validation curve says that training is over."""

from dataclasses import dataclass

import torch
from torch import Tensor

from descent import validate


@dataclass(frozen=True, eq=False)
class Stopped:
    """Where runs halt and which of their iterates they return.

    Args:
        at: Index of the evaluation at which a run halts, (*batch,).
        best: Index of the lowest value up to there, (*batch,).
    """

    at: Tensor
    best: Tensor

    def of(self, values: Tensor) -> Tensor:
        """Return another recorded quantity where it was best.

        Args:
            values: (evaluations, *batch).

        Returns:
            (*batch,).
        """
        return values.gather(0, self.best[None])[0]


def stop(values: Tensor, patience: int) -> Stopped:
    r"""Halt when `patience` evaluations in a row brought no new minimum.

    $$t_{\text{stop}} = \min\{t : t - \argmin_{s\le t} v_s \ge \text{patience}\}$$

    Args:
        values: Validation risks, (evaluations, *batch), at even intervals.
        patience: Evaluations without a new minimum that are tolerated, at least 1.

    Returns:
        Where each run halts, at the last evaluation if patience never runs out, and its best.

    Raises:
        ValueError: If `patience` is below 1 or there is no evaluation.

    Example:
        >>> halted = stop(torch.tensor([3.0, 2.0, 2.5, 2.4, 1.0]), patience=2)
        >>> halted.at, halted.best
        (tensor(3), tensor(1))

    Reference: Goodfellow, Bengio, Courville (2016), section 7.8.
    """
    validate.count("patience", patience)
    if values.ndim < 1 or len(values) < 1:
        raise ValueError(f"values has shape {tuple(values.shape)}; it needs an evaluation")
    since = torch.arange(len(values)).reshape(-1, *[1] * (values.ndim - 1))
    lowest = values.cummin(0).values
    fresh = torch.ones_like(values, dtype=torch.bool)
    fresh[1:] = values[1:] < lowest[:-1]
    newest = torch.where(fresh, since, torch.zeros_like(since)).cummax(0).values
    tired = since - newest >= patience
    tired[-1] = True
    at = tired.int().argmax(0)
    return Stopped(at, newest.gather(0, at[None])[0])
