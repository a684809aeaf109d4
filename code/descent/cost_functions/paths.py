"""The straight line from one point to another, and how far the loss rises along it."""

from torch import Tensor


def on_the_line(start: Tensor, end: Tensor, parts: Tensor) -> Tensor:
    r"""Return points $(1-\alpha)\,x_0 + \alpha\,x_1$.

    Args:
        start: $x_0$, (*batch, d).
        end: $x_1$, the same shape.
        parts: Values of $\alpha$, (n,); 0 is the start and 1 the end.

    Returns:
        Points, (n, *batch, d).

    Raises:
        ValueError: If the two ends differ in shape.

    Example:
        >>> import torch
        >>> on_the_line(torch.zeros(1), torch.ones(1), torch.tensor([0.0, 0.25])).flatten()
        tensor([0.0000, 0.2500])

    Reference: Goodfellow, Vinyals, Saxe (2015), arXiv:1412.6544.
    """
    if start.shape != end.shape:
        raise ValueError(
            f"start has shape {tuple(start.shape)} and end {tuple(end.shape)}; they must agree"
        )
    parts = parts.to(start.dtype).reshape(-1, *[1] * start.ndim)
    return start + parts * (end - start)


def largest_rise(values: Tensor) -> Tensor:
    r"""Return how far a curve ever climbs above an earlier value, $\max_{i<j}(f_j-f_i)$, or 0.

    Args:
        values: Values along a path, (n, *batch).

    Returns:
        The largest rise, (*batch,); 0 for a curve that never rises.

    Example:
        >>> import torch
        >>> largest_rise(torch.tensor([3.0, 1.0, 1.5, 0.0]))
        tensor(0.5000)
    """
    return (values - values.cummin(0).values).amax(0)
