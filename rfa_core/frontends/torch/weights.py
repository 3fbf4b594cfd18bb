"""Which constants of a forward pass come from which parameters, and how many those are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from torch import Tensor


class Weights:
    """The parameters of a model by ``id`` (as seen in the forward pass), and what is made of them.

    A parameter is known by its key, which is that ``id``.
    """

    def __init__(self, parameters: Mapping[int, Tensor]) -> None:
        self._parameters = parameters
        self._sources: dict[int, frozenset[int]] = {key: frozenset((key,)) for key in parameters}
        self._counted: set[int] = set()
        self._kept: list[Tensor] = []

    def sources(self, tensor: Tensor) -> frozenset[int]:
        """The keys of the parameters that ``tensor`` was computed from."""
        return self._sources.get(id(tensor), frozenset())

    def follow(self, tensors: Sequence[Tensor], results: Iterable[Tensor]) -> None:
        """Constants ``results`` were computed from ``tensors``."""
        sources = self._sources
        found = [sources[id(tensor)] for tensor in tensors if id(tensor) in sources]
        if not found:
            return
        union = found[0].union(*found[1:])
        for tensor in results:
            if id(tensor) not in sources:
                sources[id(tensor)] = union
                self._kept.append(tensor)

    def count(self, tensors: Iterable[Tensor]) -> int:
        """How many parameters ``tensors`` bring that were not counted before."""
        keys = {key for tensor in tensors for key in self.sources(tensor)} - self._counted
        self._counted |= keys
        return sum(self._parameters[key].numel() for key in keys)
