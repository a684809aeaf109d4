"""Random problems and settings, and the precision in which they are compared."""

import itertools
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from importlib import import_module
from typing import Any
from unittest import mock

import torch
from torch import Tensor, nn

Range = tuple[float, float] | type[bool]
_NADAM = import_module("torch.optim.nadam")  # torch.optim hides the name


def problem(kind: str, seed: int) -> tuple[nn.Module, Callable[[], Tensor]]:
    """Build a small random network in float64 and its loss on random data.

    Args:
        kind: "mlp" or "square".
        seed: Seed of weights and data.

    Returns:
        The network and a function that evaluates its loss.
    """
    g = torch.Generator().manual_seed(seed)
    sizes, bias = ((4, 6, 3), True) if kind == "mlp" else ((5, 5, 5), False)
    layers = [nn.Linear(a, b, bias=bias) for a, b in itertools.pairwise(sizes)]
    net = nn.Sequential(layers[0], nn.Tanh(), layers[1]).to(torch.float64)
    with torch.no_grad():
        for p in net.parameters():
            p.copy_(0.7 * torch.randn(p.shape, generator=g, dtype=torch.float64))
    x = torch.randn(32, sizes[0], generator=g, dtype=torch.float64)
    y = torch.randint(sizes[-1], (32,), generator=g)
    return net, lambda: nn.functional.cross_entropy(net(x), y)


def draw(ranges: Mapping[str, Range], seed: int) -> dict[str, Any]:
    """Draw hyper-parameters from their ranges.

    Args:
        ranges: As in `Comparison`.
        seed: Seed of the draw.

    Returns:
        Name to value.
    """
    g = torch.Generator().manual_seed(seed)
    unit = torch.rand(len(ranges), generator=g, dtype=torch.float64).tolist()
    return drawn_ranges(ranges, dict(zip(ranges, unit, strict=True)))


def drawn_ranges(ranges: Mapping[str, Range], unit: Mapping[str, float]) -> dict[str, Any]:
    """Map numbers in [0, 1] to values in the ranges.

    Args:
        ranges: As in `Comparison`.
        unit: Name to a number in [0, 1].

    Returns:
        Name to value; a range from 0 is uniform, another log-uniform, and `bool` true from 1/2 on.
    """
    values: dict[str, Any] = {}
    for name, r in ranges.items():
        if isinstance(r, tuple):
            low, high = r
            u = unit[name]
            values[name] = high * u if low == 0 else low * (high / low) ** u
        else:
            values[name] = unit[name] >= 0.5
    return values


@contextmanager
def in_float64() -> Iterator[None]:
    """Let code that casts to bfloat16 or float32 inside keep its float64 numbers.

    Yields:
        Nothing.
    """
    cast = torch.Tensor.to

    def keep(tensor: Tensor, *args: Any, **kwargs: Any) -> Tensor:
        low = torch.float32 in (*args, kwargs.get("dtype")) and tensor.dtype == torch.float64
        return tensor if low else cast(tensor, *args, **kwargs)

    with (
        mock.patch.object(torch.Tensor, "to", keep),
        mock.patch.object(torch.Tensor, "bfloat16", torch.Tensor.clone),
        mock.patch.object(torch.Tensor, "float", torch.Tensor.clone),
        mock.patch.object(_NADAM, "_get_scalar_dtype", lambda: torch.float64),
    ):
        yield
