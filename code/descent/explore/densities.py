"""How values are distributed: histograms and densities of clouds, and bands over seeds."""

from collections.abc import Callable, Mapping, Sequence
from inspect import Parameter, Signature

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from descent.explore.grids import Grid
from descent.explore.signals import Curve


def _asking(fn: Callable[[Tensor, Tensor], Tensor], name: str, of: str, over: Grid) -> Curve:
    """Make a curve of a function of a place and a cloud, which asks for both by their names."""

    def named(**given: Tensor) -> dict[str, Tensor]:
        return {name: fn(given[over.name], given[of].reshape(-1))}

    kinds = [Parameter(part, Parameter.KEYWORD_ONLY) for part in (over.name, of)]
    named.__signature__ = Signature(kinds)  # type: ignore[attr-defined]
    return Curve(named, over)


def histogram(name: str, of: str, *, over: Grid) -> Curve:
    r"""Count the values of a vector in bins, as a density.

    $$\hat p(t) = \frac{1}{n h} \, \#\{i : t - h/2 \le x_i < t + h/2\}$$

    Args:
        name: Name that the series is bound to.
        of: Name of a vector of n values, such as `<series>_now`.
        over: Centers of the bins, evenly spaced by h.

    Returns:
        The signal.
    """
    width = (over.high - over.low) / (over.n - 1)

    def bin_of(t: Tensor, x: Tensor) -> Tensor:
        t = t[..., None]
        held = (x >= t - width / 2).double() * (x < t + width / 2).double()
        return held.sum(-1) / (x.shape[0] * width)

    return _asking(bin_of, name, of, over)


def density(name: str, of: str, *, over: Grid, width: float) -> Curve:
    r"""Smooth the values of a vector into a density, by Gaussian kernels.

    $$\hat p(t) = \frac{1}{n \sigma \sqrt{2\pi}} \sum_i e^{-(t - x_i)^2 / 2\sigma^2}$$

    Args:
        name: Name that the series is bound to.
        of: Name of a vector of n values.
        over: Where the density is computed.
        width: Standard deviation σ of a kernel.

    Returns:
        The signal.
    """

    def smooth(t: Tensor, x: Tensor) -> Tensor:
        bumps = torch.exp(-(((t[..., None] - x) / width) ** 2) / 2)
        return bumps.sum(-1) / (x.shape[0] * width * np.sqrt(2 * np.pi))

    return _asking(smooth, name, of, over)


def quantiles(
    name: str, runs: NDArray, *, axis: int, edges: Sequence[float] = (0.0, 1.0)
) -> Mapping[str, NDArray]:
    """Return the middle and the edges of many runs, for a table that `marks.spread` draws.

    Args:
        name: Name of the middle, the median.
        runs: Any array.
        axis: Axis of the runs, such as that of the seeds.
        edges: Quantiles of the two edges; (0, 1) gives the least and the greatest.

    Returns:
        `name`, `<name>_low` and `<name>_high`, without that axis.

    >>> quantiles("loss", np.array([[3.0], [1.0], [5.0]]), axis=0)
    {'loss': array([3.]), 'loss_low': array([1.]), 'loss_high': array([5.])}
    """
    low, middle, high = np.quantile(runs, (edges[0], 0.5, edges[1]), axis=axis)
    return {name: middle, f"{name}_low": low, f"{name}_high": high}
