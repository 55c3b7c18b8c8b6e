"""What blocks need of the net: `default BN(eps = eps)` gives their layers one of its parameters.

Where variants differ in it, it is an argument of each class with such layers in it, and is handed on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cnndsl.emit.syntax import names_of

if TYPE_CHECKING:
    from cnndsl.elaborate.program import BlockDef
    from cnndsl.network import LayerNode, Network
    from cnndsl.syntax import ast

#: Marks the names of the net's parameters among a block's own.
FROM_NET = "="


class FromNet:
    """Finds the net's parameters that blocks need, while their bodies are collected."""

    def __init__(self, networks: list[Network]) -> None:
        self._networks = networks
        program = networks[0].program
        self._program = program
        values = {param.name: [repr(n.arguments[param.name]) for n in networks] for param in program.params}
        self._varying = {name for name, found in values.items() if len(set(found)) > 1}
        self._needs: dict[BlockDef, set[str]] = {}
        self._calls: dict[BlockDef, set[BlockDef]] = {}
        self._network_of: dict[int, Network] = {}

    def defaults(self, node: LayerNode) -> dict[str, ast.Expr]:
        """What `default`s of the net's file give a layer with names in it, by hyperparameter."""
        found: dict[str, ast.Expr] = {}
        for statement in self._program.defaults.get(node.kind.kind, ()):
            for item in statement.arguments.items:
                spec = node.kind.spellings().get(item.name or "")
                name = next((name for name, one in node.kind.hypers().items() if one is spec), "")
                if name and name not in node.sources and names_of(item.value) & self._varying:
                    found[name] = item.value
        return found

    def reads(self, node: LayerNode, block: BlockDef) -> None:
        """Note what a layer in a block's body reads."""
        if block.program is self._program:
            for expr in self.defaults(node).values():
                self._needs.setdefault(block, set()).update(names_of(expr) & self._varying)

    def calls(self, outer: BlockDef, inner: BlockDef) -> None:
        """Note that one block is used in another's body."""
        self._calls.setdefault(outer, set()).add(inner)

    def uses(self, body: object, network: Network) -> None:
        """Note whose a use is."""
        self._network_of[id(body)] = network

    def needed(self, block: BlockDef) -> list[str]:
        """The net's parameters that a block needs, with those of the blocks in it."""
        found, waiting, seen = set[str](), [block], {block}
        while waiting:
            one = waiting.pop()
            found |= self._needs.get(one, set())
            more = self._calls.get(one, set()) - seen
            seen |= more
            waiting += more
        return sorted(found)

    def value(self, body: object, name: str) -> Any:
        """A parameter of the net that a use is in."""
        return self._network_of[id(body)].arguments[name]
