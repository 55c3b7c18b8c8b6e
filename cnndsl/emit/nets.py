"""The plan of the net's class: its chains, in the order in which `forward` runs them."""

from __future__ import annotations

import ast as py

from cnndsl.elaborate.program import Program
from cnndsl.emit import plan as plans
from cnndsl.emit.attempt import drop
from cnndsl.emit.calls import kept
from cnndsl.emit.classes import Classes
from cnndsl.emit.derived import derive
from cnndsl.emit.planner import ClassPlan, Planner
from cnndsl.emit.scope import Occ, Varies
from cnndsl.emit.uses import inside, tapped
from cnndsl.network import ChainNode, LabelNode, LayerNode, Network, Node
from cnndsl.shape import Shape
from cnndsl.syntax import ast


class NetPlan:
    """The plan of the net's class: its chains, in the order in which `forward` runs them."""

    def __init__(self, classes: Classes, program: Program, networks: list[Network], class_name: str) -> None:
        assert program.chain is not None, "only checked networks are planned"
        self.networks, self._program, self._classes = networks, program, classes
        self.chains: dict[str, plans.Sequence] = {}
        frozen = frozenset[str]()
        while True:
            self._planner = self._new_planner(frozen)
            self.plan = self._planned(program.chain, class_name)
            held = {p.source_name for p in kept(self.plan)} & self._planner.frozen
            if not held:
                break
            frozen |= held  # again, without them: the class would not do what the file says for others
            drop(classes, self._planner.parts)

    def _new_planner(self, frozen: frozenset[str]) -> Planner:
        networks = self.networks
        parameters = [
            self._classes.parameter(
                param, [network.arguments[param.name] for network in networks], self._program
            )
            for param in self._program.params
        ]
        nodes = [chain.node for network in networks for chain in network.chains]
        planner = Planner(self._classes, parameters, tapped(nodes), frozen=frozen)
        planner.uses = len(networks)
        planner.lets = self._let
        planner.roots = [network.main for network in networks]
        values = self._classes.values
        self._envs = [
            values | {p.name: p.values[number] for p in parameters} for number in range(len(networks))
        ]
        occs = [Occ(node, self._envs[number], number) for number, node in enumerate(planner.roots)]
        derive(planner, occs, None, flat=False)
        return planner

    def _planned(self, main: ast.Chain, class_name: str) -> ClassPlan:
        self.chains = {}
        self._walk("", main, self._planner.roots)
        for name in self.outputs:
            self._let(name)
        doc = self._program.net.doc if self._program.net else ""
        body = plans.Sequence([part for chain in self.chains.values() for part in chain.parts])
        return self._planner.finished(class_name, doc, body, py.Constant(0))

    @property
    def outputs(self) -> list[str]:
        """The names of the further outputs, in order."""
        return [chain.name for chain in self.networks[0].chains if chain.kind == "output"]

    @property
    def inputs(self) -> list[str]:
        """The chains that start with an INPUT: the main one, "", then the others as the file has them."""
        chains = {chain.name: chain.node for chain in self.networks[0].chains}
        others = [name for name in self._program.lets if name in self.chains]
        return ["", *(name for name in others if starts_with_input(chains[name]))]

    def input_shapes(self, number: int) -> list[Shape]:
        """The shapes of all inputs of one of the networks, in the order of `forward`."""
        chains = {chain.name: chain.node for chain in self.networks[number].chains if chain.kind != "main"}
        mains = {"": self.networks[number].main}
        return [first_shape((chains | mains)[chain]) for chain in self.inputs]

    def _let(self, wanted: str) -> None:
        """Plan the chain of a `let` or `output` when it is first taken up."""
        let = self._program.lets.get(wanted)
        if let is None or wanted in self.chains:
            return
        nodes = [next(c.node for c in network.chains if c.name == wanted) for network in self.networks]
        self._planner.labels[wanted] = (self._walk(wanted, let.body, nodes), "")
        self._planner.lets_walked += 1

    def _walk(self, chain: str, body: ast.Chain, nodes: list[Node]) -> py.expr:
        occs = [Occ(node, self._envs[number], number) for number, node in enumerate(nodes)]
        state = self._planner.state(py.Constant(0), flat=False)
        self.chains[chain] = plans.Sequence()  # its place, before those that it takes up
        try:
            self.chains[chain] = plans.spoken(self._planner.sequence(body, occs, state))
        except Varies:
            del self.chains[chain]
            raise
        return state.channels


def first_shape(node: Node) -> Shape:
    while not isinstance(node, LayerNode):
        node = next(inside(node))
    assert node.output is not None, "only checked networks are planned"
    return node.output


def starts_with_input(node: Node) -> bool:
    match node:
        case ChainNode():
            return starts_with_input(node.parts[0])
        case LabelNode():
            return starts_with_input(node.body)
        case LayerNode():
            return node.kind.kind == "INPUT"
    return False
