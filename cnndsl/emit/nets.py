"""The plan of the net's class: its chains, in the order in which `forward` runs them."""

from __future__ import annotations

import ast as py

from cnndsl.elaborate.program import Program
from cnndsl.emit import plan as plans
from cnndsl.emit.classes import Classes, inside, tapped
from cnndsl.emit.planner import ClassPlan, Parameter, Planner
from cnndsl.emit.scope import Occ
from cnndsl.network import ChainNode, LabelNode, LayerNode, Network, Node
from cnndsl.shape import Shape
from cnndsl.syntax import ast


class NetPlan:
    """The plan of the net's class: its chains, in the order in which `forward` runs them."""

    def __init__(self, classes: Classes, program: Program, networks: list[Network], class_name: str) -> None:
        parameters = [
            Parameter(
                param.name, [network.arguments[param.name] for network in networks], param.default, param.name
            )
            for param in program.params
        ]
        mains = [network.main for network in networks]
        nodes = [chain.node for network in networks for chain in network.chains]
        self._planner = Planner(classes, parameters, tapped(nodes))
        self._planner.uses = len(networks)
        self._planner.lets = self._let
        self.networks = self._networks = networks
        self._program = program
        self._envs = [
            {p.name: p.values[number] for p in self._planner.parameters} for number in range(len(networks))
        ]
        self.chains: dict[str, plans.Sequence] = {}
        self.inputs: dict[str, bool] = {}
        assert program.chain is not None, "only checked networks are planned"
        self._walk("", program.chain, mains)
        for chain in networks[0].chains:
            if chain.kind == "output":
                self._let(chain.name)
        doc = program.net.doc if program.net else ""
        body = plans.Sequence([part for chain in self.chains.values() for part in chain.parts])
        self.plan = ClassPlan(
            class_name,
            doc,
            self._planner.parameters,
            body,
            py.Constant(0),
            self._planner.stored,
            self._planner.locals,
        )

    @property
    def outputs(self) -> list[str]:
        """The names of the further outputs, in order."""
        return [chain.name for chain in self._networks[0].chains if chain.kind == "output"]

    def input_shapes(self, number: int) -> list[Shape]:
        """The shapes of all inputs of one of the networks, in the order of `forward`."""
        chains = {chain.name: chain.node for chain in self._networks[number].chains}
        return [_first_shape(chains[chain]) for chain, fresh in self.inputs.items() if fresh]

    def _let(self, wanted: str) -> None:
        """Plan the chain of a `let` or `output` when it is first taken up."""
        let = self._program.lets.get(wanted)
        if let is None or wanted in self.chains:
            return
        nodes = [next(c.node for c in network.chains if c.name == wanted) for network in self._networks]
        channels = self._walk(wanted, let.body, nodes)
        self._planner.labels[wanted] = (channels, "")

    def _walk(self, chain: str, body: ast.Chain, nodes: list[Node]) -> py.expr:
        self.chains[chain] = plans.Sequence()
        self.inputs[chain] = _starts_with_input(nodes[0])
        occs = [Occ(node, env) for node, env in zip(nodes, self._envs, strict=True)]
        state = self._planner.state(py.Constant(0), flat=False)
        self.chains[chain] = self._planner.sequence(body, occs, state)
        return state.channels


def _first_shape(node: Node) -> Shape:
    while not isinstance(node, LayerNode):
        node = next(inside(node))
    assert node.output is not None, "only checked networks are planned"
    return node.output


def _starts_with_input(node: Node) -> bool:
    match node:
        case ChainNode():
            return _starts_with_input(node.parts[0])
        case LabelNode():
            return _starts_with_input(node.body)
        case LayerNode():
            return node.kind.kind == "INPUT"
    return False
