"""Argument checks whose messages name the argument, the value and what is allowed."""

import math
import sys
from collections.abc import Callable
from numbers import Real

import torch
from torch import Tensor

Number = float | Tensor


def positive(name: str, value: Number) -> None:
    """Require every entry of `value` to be finite and greater than 0.

    Args:
        name: What the caller calls the argument.
        value: A real number, or a tensor of them.

    Raises:
        TypeError: If `value` is not a real number or a floating-point tensor.
        ValueError: If an entry is not finite or not positive.

    >>> positive("lr", -1)
    Traceback (most recent call last):
    ...
    ValueError: lr is -1; it must be finite and > 0
    """
    _every(name, value, lambda v: v > 0, "finite and > 0")


def at_least(name: str, value: Number, low: float) -> None:
    """Require every entry of `value` to be finite and at least `low`.

    Args:
        name: What the caller calls the argument.
        value: A real number, or a tensor of them.
        low: Smallest allowed value.

    Raises:
        TypeError: If `value` is not a real number or a floating-point tensor.
        ValueError: If an entry is not finite or below `low`.
    """
    _every(name, value, lambda v: v >= low, f"finite and >= {low:g}")


def fraction(name: str, value: Number) -> None:
    """Require every entry of `value` to lie in [0, 1).

    Args:
        name: What the caller calls the argument.
        value: A real number, or a tensor of them.

    Raises:
        TypeError: If `value` is not a real number or a floating-point tensor.
        ValueError: If an entry is outside [0, 1).
    """
    _every(name, value, lambda v: (v >= 0) & (v < 1), "in [0, 1)")


def count(name: str, value: int, low: int = 1) -> int:
    """Require an integer of at least `low`, and return it as an `int`.

    Args:
        name: What the caller calls the argument.
        value: A whole number; `True`, `3.0` and `"3"` are not.
        low: Smallest allowed value.

    Returns:
        The value.

    Raises:
        TypeError: If `value` is not an integer.
        ValueError: If it is below `low`.
    """
    if isinstance(value, bool) or not hasattr(value, "__index__"):
        raise TypeError(f"{name} is {value!r}; it must be an integer >= {low}")
    value = value.__index__()
    if value < low:
        raise ValueError(f"{name} is {value}; it must be an integer >= {low}")
    return value


def point(name: str, x: Tensor) -> Tensor:
    """Require a finite floating-point tensor with at least one axis and one element.

    Args:
        name: What the caller calls the argument.
        x: The point or batch of points, shape (*batch, dim).

    Returns:
        The tensor, detached from any graph.

    Raises:
        TypeError: If `x` is not a tensor of a floating-point dtype.
        ValueError: If it has no axis, no element, or an entry that is not finite.
    """
    if not isinstance(x, Tensor):
        raise TypeError(f"{name} is a {type(x).__name__}; it must be a floating-point torch.Tensor")
    if not x.dtype.is_floating_point:
        raise TypeError(
            f"{name} has dtype {x.dtype}; it must be floating point, e.g. torch.float64"
        )
    if x.ndim == 0 or x.numel() == 0:
        raise ValueError(
            f"{name} has shape {tuple(x.shape)}; it must be (*batch, dim) with at least one element"
        )
    if not torch.isfinite(x).all():
        bad = int((~torch.isfinite(x)).sum())
        raise ValueError(f"{name} has {bad} entries that are NaN or infinite; all must be finite")
    return x.detach()


def _every(name: str, value: Number, allowed: Callable, words: str) -> None:
    """Apply one condition to a scalar or to every entry of a tensor."""
    if isinstance(value, Tensor) and value.dtype.is_floating_point:
        if _symbolic(value):
            return  # While a graph is being traced there is no number to look at.
        ok = torch.isfinite(value) & allowed(value)
        if not bool(ok.all()):
            raise ValueError(
                f"{name} has the entry {value[~ok].flatten()[0]:g}; it must be {words}"
            )
    elif isinstance(value, Real) and not isinstance(value, bool):
        if not (math.isfinite(value) and allowed(value)):
            raise ValueError(f"{name} is {value}; it must be {words}")
    else:
        kind = value.dtype if isinstance(value, Tensor) else type(value).__name__
        raise TypeError(f"{name} is a {kind}; it must be a real number or a floating-point tensor")


def _symbolic(value: Tensor) -> bool:
    """Whether `value` stands for a number that a tracer or `vmap` will fill in later."""
    if torch.compiler.is_compiling() or torch._C._functorch.is_functorch_wrapped_tensor(value):
        return True
    # Looked up, not imported: without a tracer this module is not loaded, and loading it is slow.
    proxies = sys.modules.get("torch.fx.experimental.proxy_tensor")
    return proxies is not None and proxies.get_proxy_mode() is not None


def spectrum(name: str, values: Tensor) -> None:
    """Require a finite floating-point tensor of eigenvalues, (*batch, dim).

    Args:
        name: What the caller calls the argument.
        values: The eigenvalues.

    Raises:
        TypeError: If `values` is not a floating-point tensor.
        ValueError: If it is empty or not finite.
    """
    if isinstance(values, Tensor) and values.dtype.is_floating_point and _symbolic(values):
        return
    point(name, values)


def orthogonal(name: str, matrix: Tensor, dim: int) -> None:
    """Require an orthogonal matrix of a given size.

    Args:
        name: What the caller calls the argument.
        matrix: The matrix, (dim, dim).
        dim: Its size.

    Raises:
        ValueError: If it has another shape, or its columns are not orthonormal.
    """
    if matrix.shape != (dim, dim):
        raise ValueError(f"{name} has shape {tuple(matrix.shape)}; it must be {(dim, dim)}")
    if _symbolic(matrix):
        return
    eye = torch.eye(dim, dtype=matrix.dtype, device=matrix.device)
    error = float((matrix.mT @ matrix - eye).abs().max())
    if not error <= 1e-5:
        raise ValueError(f"{name} misses orthogonality by {error:.1e}; it must be orthogonal")
