"""Which dimensions of a reshape are made of which."""

from __future__ import annotations

from math import prod

from rfa_core.graph.model import Shape

Groups = list[tuple[range, range]]


def regrouped(
    source: Shape, target: Shape, changed: Shape
) -> tuple[Shape, list[frozenset[int]]] | None:
    """The target of a reshape whose source has become ``changed``, and per dimension of it those
    that it is made of.

    None where a dimension that has changed is split, which leaves open how.
    """
    shape, origins = list(target), [frozenset[int]()] * len(target)
    for before, after in _groups(source, target):
        for dim in after:
            origins[dim] = frozenset(before)
        if all(source[dim] == changed[dim] for dim in before):
            continue
        wide = [dim for dim in after if target[dim] > 1] or list(after)[:1]
        if len(wide) != 1:
            return None
        shape[wide[0]] = prod(changed[dim] for dim in before)
    return (tuple(shape), origins) if prod(shape) == prod(changed) else None


def _groups(source: Shape, target: Shape) -> Groups:
    """The smallest runs of dimensions with as many elements before as after."""
    found: Groups = []
    i = j = 0
    while i < len(source) or j < len(target):
        first, other = i, j
        sizes = [1, 1]
        while True:
            if sizes[0] <= sizes[1] and i < len(source):
                sizes[0] *= source[i]
                i += 1
            elif j < len(target):
                sizes[1] *= target[j]
                j += 1
            else:
                break
            if sizes[0] == sizes[1] and i > first and j > other:
                break
        while i < len(source) and source[i] == 1 and (j == len(target) or target[j] != 1):
            i += 1
        while j < len(target) and target[j] == 1 and (i == len(source) or source[i] != 1):
            j += 1
        found.append((range(first, i), range(other, j)))
    return found
