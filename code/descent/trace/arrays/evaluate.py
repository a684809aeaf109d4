"""Nests evaluated in torch: the meaning that the printed code is tested against."""

from __future__ import annotations

import itertools

import torch
from torch import Tensor

from descent.trace.arrays.memory import Storage
from descent.trace.arrays.nest import COUNTER, Access, Nest
from descent.trace.scalars import DTYPES


def fresh(storages: list[Storage]) -> list[Tensor]:
    """Memory in which constants are in place and all else is zero."""
    return [
        torch.zeros(s.size, dtype=DTYPES[s.kind])
        if s.data is None
        else torch.from_numpy(s.data).to(DTYPES[s.kind])
        for s in storages
    ]


def evaluate(nest: Nest, memory: list[Tensor]) -> None:
    """Do what a nest says.

    Args:
        nest: The loops.
        memory: One flat tensor for each storage; changed in place.
    """
    outer = len(nest.extents) - nest.inner
    totals = [torch.tensor(f.start, dtype=DTYPES[_kind(nest, f.total)]) for f in nest.folds]
    for turn in itertools.product(*(range(n) for n in nest.extents[outer:])):
        known: dict[int, Tensor] = {}
        for place, i in sorted(nest.loads.items(), key=lambda item: item[1]):
            known[i] = _load(nest, place, turn, known, memory)
        known |= {f.total: t for f, t in zip(nest.folds, totals, strict=True)}
        wanted = [f.combined for f in nest.folds]
        found = _values(nest, [*wanted, *nest.stores.values()], known)
        totals = [found[i] for i in wanted]
        for place, i in nest.stores.items():
            memory[place.storage][_where(nest, place, turn, known)] = found[i]
    for fold, total in zip(nest.folds, totals, strict=True):
        if fold.target is not None:
            memory[fold.target.storage][_where(nest, fold.target, (), {})] = total


def _kind(nest: Nest, i: int) -> str:
    return nest.graph.nodes[i].kind


def _values(nest: Nest, wanted: list[int], known: dict[int, Tensor]) -> dict[int, Tensor]:
    return nest.graph.evaluate([i for i in wanted if i not in known], known) | known


def _load(
    nest: Nest, place: Access, turn: tuple[int, ...], known: dict[int, Tensor], memory: list[Tensor]
) -> Tensor:
    at = _where(nest, place, turn, known)
    return at.to(torch.int32) if place.storage == COUNTER else memory[place.storage][at]


def _where(nest: Nest, place: Access, turn: tuple[int, ...], known: dict[int, Tensor]) -> Tensor:
    """The elements that a place visits in the outer loops, at one turn of the inner ones."""
    outer = len(nest.extents) - nest.inner
    inside = sum(t * s for t, s in zip(turn, place.strides[outer:], strict=False))
    at = torch.full(nest.extents[:outer], place.offset + inside)
    for d, (n, stride) in enumerate(zip(nest.extents[:outer], place.strides, strict=False)):
        at = at + (torch.arange(n) * stride).reshape(-1, *(1,) * (outer - d - 1))
    for i, n in place.index:
        at = at + _values(nest, [i], known)[i].long() * n
    return at
