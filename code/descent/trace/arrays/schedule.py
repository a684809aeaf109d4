"""Which nests share a pass over memory, which stores nobody needs, and how loops are cut."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from descent.trace.arrays.nest import Access, Nest
from descent.trace.ir import Graph

# Running values of a product of matrices that are held at the same time, rows by columns.
TILE = (4, 2)


def schedule(nests: Iterable[Nest], kept: set[int]) -> list[Nest]:
    """Fuse nests in order, without changing what is computed.

    Args:
        nests: As recorded.
        kept: Storages whose contents are asked for afterwards.

    Returns:
        Nests that do the same with fewer passes over memory.
    """
    groups: list[Nest] = []
    for nest in nests:
        nest = _fresh(_without_units(nest))
        home = _home(groups, nest)
        if home is None:
            groups.append(nest)
        else:
            home.absorb(nest)
            home.inner = max(home.inner, nest.inner)
    _drop_dead(groups, kept)
    tiles = [t for g in groups if g.stores or g.folds for t in _tiled(_collapsed(_fresh(g)))]
    return tiles


def _home(groups: list[Nest], nest: Nest) -> Nest | None:
    """The group that can also do this nest: no group after it touches the same memory."""
    best = None
    for group in reversed(groups):
        fits = group.extents == nest.extents and not group.folds
        clash = _clash(group, nest)
        if fits and clash is not None:
            best = group
        if clash is not False:
            break
    return best


def _clash(group: Nest, nest: Nest) -> bool | None:
    """Whether one needs the other done: False if not, None if at different places, else True."""
    mine = {p.storage for p in group.writes()}
    theirs = {p.storage for p in nest.writes()}
    shared = (mine & (theirs | {p.storage for p in nest.reads()})) | (
        theirs & {p.storage for p in group.reads()}
    )
    if not shared:
        return False
    places: dict[int, set[Access]] = {}
    for one in (group, nest):
        for place in (*one.reads(), *one.writes()):
            places.setdefault(place.storage, set()).add(place)
    same = all(len(places[s]) == 1 and not next(iter(places[s])).index for s in shared)
    return True if same else None


def _drop_dead(groups: list[Nest], kept: set[int]) -> None:
    """Forget stores that no later group reads, and what was computed for them alone."""
    wanted = set(kept)
    for group in reversed(groups):
        group.stores = {p: v for p, v in group.stores.items() if p.storage in wanted}
        group.folds = [f for f in group.folds if f.target is None or f.target.storage in wanted]
        if not any(f.target for f in group.folds):
            group.folds = []
        if not group.folds:
            group.inner = 0
        wanted |= {p.storage for p in group.reads()}


def _fresh(nest: Nest) -> Nest:
    """The same nest with a graph of its own, without what is no longer needed."""
    new = Nest(nest.extents, nest.inner)
    new.absorb(nest)
    return new


def _reshaped(nest: Nest, extents: tuple[int, ...], axes: list[int], inner: int) -> Nest:
    """Keep some of the loops; the others turn once, or are part of those that stay."""

    def keep(place: Access) -> Access:
        return replace(place, strides=tuple(place.strides[d] for d in axes))

    return Nest(
        extents,
        inner,
        nest.graph,
        {keep(p): i for p, i in nest.loads.items()},
        {keep(p): i for p, i in nest.stores.items()},
        [replace(f, target=keep(f.target) if f.target else None) for f in nest.folds],
    )


def _without_units(nest: Nest) -> Nest:
    axes = [d for d, n in enumerate(nest.extents) if n != 1]
    inner = sum(d >= len(nest.extents) - nest.inner for d in axes)
    return _reshaped(nest, tuple(nest.extents[d] for d in axes), axes, inner)


def _collapsed(nest: Nest) -> Nest:
    """Make one loop of two where every place moves through them evenly."""
    border = len(nest.extents) - nest.inner
    for d in range(len(nest.extents) - 1):
        n = nest.extents[d + 1]
        places = [*nest.loads, *nest.writes()]
        if d + 1 != border and all(p.strides[d] == n * p.strides[d + 1] for p in places):
            axes = [a for a in range(len(nest.extents)) if a != d]
            extents = list(nest.extents)
            extents[d : d + 2] = [extents[d] * n]
            inner = nest.inner - (d >= border)
            return _collapsed(_reshaped(nest, tuple(extents), axes, inner))
    return nest


def _tiled(nest: Nest) -> list[Nest]:
    """Hold several running values at once, so that what was read is used several times."""
    kept = len(nest.extents) - nest.inner
    if not nest.folds or nest.stores or any(f.target is None for f in nest.folds):
        return [nest]
    pieces = [nest]
    for axis, most in zip(range(kept)[-2:], TILE, strict=False):
        pieces = [t for piece in pieces for t in _cut(piece, axis, most)]
    return pieces


def _cut(nest: Nest, axis: int, most: int) -> list[Nest]:
    """Do `size` turns of a loop in one; what is left over becomes a nest of its own."""
    n = nest.extents[axis]
    size = next((t for t in (most, most + 1, most - 1) if t > 1 and n % t == 0), most)
    rest = n % size
    whole = _unrolled(nest, axis, 0, n - rest, size) if n > rest else None
    left = _unrolled(nest, axis, n - rest, n, rest) if rest else None
    return [piece for piece in (whole, left) if piece is not None]


def _unrolled(nest: Nest, axis: int, begin: int, end: int, size: int) -> Nest:
    """Turns `begin` to `end` of a loop, `size` at a time."""
    extents = list(nest.extents)
    extents[axis] = (end - begin) // size
    out = Nest(tuple(extents), nest.inner, Graph())
    for by in range(size):
        out.absorb(nest, axis, begin + by)

    def stretched(place: Access) -> Access:
        strides = list(place.strides)
        strides[axis] *= size
        return replace(place, strides=tuple(strides))

    out.loads = {stretched(p): i for p, i in out.loads.items()}
    out.folds = [replace(f, target=stretched(f.target)) for f in out.folds if f.target]
    return out
