"""Writing a graph node by node: what frontends share that translate one operation after another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import prod

from rfa_core.graph import operations as op
from rfa_core.graph.model import Location, Node, Shape


@dataclass(frozen=True, slots=True)
class Origin:
    """Where an operation comes from: the fields of ``Node`` of the same names.

    ``atomic`` says that ``layer`` is a layer of the framework, whose operations all carry its
    name; other operations are named after the module ``layer`` and what they do.
    """

    layer: str = ""
    type: str = ""
    call: int = 0
    constructed: tuple[Location, ...] = ()
    called: Location | None = None
    atomic: bool = True


class Draft:
    """The nodes of a graph so far.

    Of the nodes written next, ``origin`` says where they come from and ``item`` how many bytes an
    element has; the first that is no constant is given the ``pending`` parameters.
    ``separator`` stands between a module and an operation in it, as in the framework's own paths.
    """

    def __init__(self, separator: str = ".") -> None:
        self.nodes: list[Node] = []
        self._separator = separator
        self.origin = Origin()
        self.item = 4
        self.pending = 0
        self._by_name: dict[str, Node] = {}
        self._named: dict[str, int] = {}

    def add(
        self,
        operation: op.Operation,
        operands: Sequence[str],
        shape: Sequence[int],
        kind: str,
        *,
        weighted: bool = False,
        parameters: int = 0,
        macs: int = 0,
    ) -> str:
        """Write a node and return its name."""
        origin = self.origin
        if not isinstance(operation, op.Constant):
            parameters, self.pending = parameters + self.pending, 0
        node = Node(
            f"{kind}_{len(self.nodes)}",
            operation,
            tuple(operands),
            tuple(shape),
            origin.layer if origin.atomic else self._functional(kind),
            kind,
            origin.type if origin.atomic else kind,
            weighted,
            origin.call,
            parameters,
            macs,
            prod(shape) * self.item,
            origin.constructed or ((origin.called,) if origin.called else ()),
            origin.called,
        )
        self.nodes.append(node)
        self._by_name[node.name] = node
        return node.name

    def node(self, name: str) -> Node:
        """A node that was written."""
        return self._by_name[name]

    def shape(self, name: str) -> Shape:
        """The shape of a node that was written."""
        return self._by_name[name].shape

    def layer(self, name: str) -> str:
        """The layer of a node that was written."""
        return self._by_name[name].layer

    def operation(self, name: str) -> op.Operation:
        """The operation of a node that was written."""
        return self._by_name[name].operation

    def operands(self, name: str) -> tuple[str, ...]:
        """What a node that was written reads."""
        return self._by_name[name].operands

    def constant(self, shape: Sequence[int]) -> str:
        """A node for a tensor that depends on no input position."""
        return self.add(op.Constant(), (), shape, "constant")

    def layer_of_its_own(self, kind: str) -> Origin:
        """The origin for all nodes of one operation ``kind`` in the module of ``origin``."""
        return replace(self.origin, layer=self._functional(kind), type=kind, atomic=True)

    def count(self, name: str, parameters: int) -> None:
        """Say that node ``name`` uses ``parameters`` more than was known when it was written."""
        at = next(at for at, node in enumerate(self.nodes) if node.name == name)
        node = self._by_name[name]
        self.nodes[at] = replace(node, parameters=node.parameters + parameters)
        self._by_name[name] = self.nodes[at]

    def forget(self, kept: int) -> None:
        """Take back all nodes but the first ``kept``."""
        for node in self.nodes[kept:]:
            del self._by_name[node.name]
        del self.nodes[kept:]

    def _functional(self, kind: str) -> str:
        """``block.add``, and ``block.add_2`` for the second one in the module."""
        path = f"{self.origin.layer}{self._separator}{kind}" if self.origin.layer else kind
        count = self._named[path] = self._named.get(path, 0) + 1
        return path if count == 1 else f"{path}_{count}"
