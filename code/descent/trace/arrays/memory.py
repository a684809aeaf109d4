"""Where traced tensors live: torch's own storages, each with a number."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from descent.trace.arrays.nest import Access
from descent.trace.refusal import UnsupportedOperation
from descent.trace.rules import KINDS
from descent.trace.scalars import FLOAT


@dataclass
class Storage:
    """One piece of memory.

    Args:
        size: Number of elements.
        kind: What they are: float64, int32 or bool.
        data: The elements, if they never change.
        keep: Whether what is written there is asked for later.
    """

    size: int
    kind: str
    data: np.ndarray | None = None
    keep: bool = False


class Memory:
    """Numbers the storages that a trace meets."""

    def __init__(self) -> None:
        self.storages: list[Storage] = []
        self._numbers: dict[int, int] = {}
        self._constants: dict[Any, int] = {}
        # Tensors are kept, so that torch does not use the same storage again during the trace.
        self.alive: list[Tensor] = []

    def knows(self, tensor: Tensor) -> bool:
        """Whether a tensor lives in memory that depends on an input."""
        return self._place(tensor) in self._numbers

    def number(self, tensor: Tensor, *, keep: bool = False) -> int:
        """The number of the storage behind a tensor, which is from now on not constant."""
        place = self._place(tensor)
        if place not in self._numbers:
            if tensor.dtype not in KINDS:
                raise UnsupportedOperation(
                    "a tensor", f"its dtype is {tensor.dtype}; use float64, int32, int64 or bool"
                )
            size = tensor.untyped_storage().nbytes() // tensor.element_size()
            self._numbers[place] = self._add(Storage(size, KINDS[tensor.dtype]))
            self.alive.append(tensor)
        number = self._numbers[place]
        self.storages[number].keep |= keep
        return number

    def access(self, tensor: Tensor, shape: tuple[int, ...] | None = None) -> Access:
        """The place of a tensor's elements in loops over `shape`, or over its own."""
        number = self.number(tensor)
        wide = tensor if shape is None else tensor.expand(shape)
        kind = self.storages[number].kind
        return Access(number, int(tensor.storage_offset()), tuple(wide.stride()), kind)

    def constant(self, tensor: Tensor, shape: tuple[int, ...]) -> Access:
        """The place of a copy of a tensor's present elements."""
        dense = tensor.detach()
        for d, stride in enumerate(dense.stride()):
            dense = dense.narrow(d, 0, 1) if stride == 0 else dense
        dense = dense.contiguous()
        array = dense.numpy().copy()
        key = (str(array.dtype), array.tobytes())
        if key not in self._constants:
            kind = KINDS.get(tensor.dtype, FLOAT)
            self._constants[key] = self._add(Storage(array.size, kind, array.reshape(-1)))
        number = self._constants[key]
        strides = tuple(dense.expand(shape).stride())
        return Access(number, 0, strides, self.storages[number].kind)

    def _add(self, storage: Storage) -> int:
        self.storages.append(storage)
        return len(self.storages) - 1

    @staticmethod
    def _place(tensor: Tensor) -> int:
        return tensor.untyped_storage()._cdata


def uniform(tensor: Tensor) -> float | int | bool | None:
    """The one number that a constant tensor consists of, or None."""
    flat = tensor.flatten()
    same = flat.numel() and bool(((flat == flat[0]) | (flat.isnan() & flat[0].isnan())).all())
    signs = flat.is_floating_point() and bool((torch.signbit(flat) != torch.signbit(flat[0])).any())
    return flat[0].item() if same and not signs else None
