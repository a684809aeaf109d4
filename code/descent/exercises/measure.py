"""Measure a reader's answer: turn what it returned into numbers, or say what is wrong with it."""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from descent.exercises.model import Failed, NotYet


def array(value: Any, what: str, shape: Sequence[int] | None = None) -> Tensor:
    """Read a returned value as finite float64 numbers.

    Args:
        value: A number, a sequence, a NumPy array or a tensor.
        what: What the value is, to begin the sentence of a failure.
        shape: The shape it must have; any by default.

    Returns:
        The numbers, detached, on the CPU.

    Raises:
        NotYet: If the value is None or `...`: the stub returns nothing.
        Failed: If it cannot be read, has another shape, or is not finite.
    """
    if value is None or value is ...:
        raise NotYet(what)
    try:
        numbers = torch.as_tensor(value, dtype=torch.float64).detach().cpu()
    except (TypeError, ValueError, RuntimeError):
        raise Failed(f"{what} is made of numbers; it was {value!r}") from None
    if shape is not None and tuple(numbers.shape) != tuple(shape):
        raise Failed(f"{what} has shape {tuple(shape)}; it had {tuple(numbers.shape)}")
    if not torch.isfinite(numbers).all():
        raise Failed(f"{what} is finite; it was {show(numbers)}")
    return numbers


def number(value: Any, what: str) -> float:
    """Read a returned value as one finite number; a one-element array counts."""
    numbers = array(value, what)
    if numbers.numel() != 1:
        raise Failed(f"{what} is one number; it had shape {tuple(numbers.shape)}")
    return float(numbers.reshape(()))


def expect_close(got: Any, want: Any, what: str, rtol: float = 1e-6, atol: float = 1e-9) -> None:
    """Fail unless two arrays agree, naming both.

    Args:
        got: The reader's numbers.
        want: The right ones.
        what: What they are, to begin the sentence.
        rtol: Relative distance allowed, on the largest entry.
        atol: Absolute distance allowed.

    Raises:
        Failed: If they differ by more; the sentence holds both.
    """
    want = torch.as_tensor(want, dtype=torch.float64)
    got = array(got, what, want.shape)
    error = float((got - want).abs().max())
    if error > atol + rtol * float(want.abs().max()):
        raise Failed(f"{what} is {show(want)}; yours was {show(got)}")


def expect(holds: Any, sentence: str) -> None:
    """Fail with the sentence unless the property holds."""
    if not bool(holds):
        raise Failed(sentence)


def show(numbers: Tensor) -> str:
    """Print numbers briefly: four digits, and of a long array only its beginning."""
    if numbers.ndim == 0:
        return f"{float(numbers):.4g}"
    flat = [f"{entry:.4g}" for entry in numbers.flatten()[:4].tolist()]
    return f"[{', '.join(flat)}{', …' if numbers.numel() > 4 else ''}]"
