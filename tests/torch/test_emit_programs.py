"""Hard programs as modules: they agree with their tables, and are written as one would by hand."""

from __future__ import annotations

import ast

import pytest
from emit_help import agreeing
from emit_programs import PROGRAMS


@pytest.mark.parametrize("name", PROGRAMS)
def test_programs_agree_with_their_tables(name: str) -> None:
    agreeing(PROGRAMS[name])


#: Classes, loops of `__init__` and conditions that one would write for a program.
WRITTEN = {
    "kinds_as_values": (2, 0, 0),
    "variants_of_one_block_or_another": (3, 1, 0),
    "blocks_within_blocks": (4, 2, 0),
    "blocks_as_values": (5, 0, 0),
    "zero_copies_in_some": (1, 2, 0),
    "lists_of_other_lengths": (1, 1, 0),
    "guards_within_guards": (1, 0, 2),
    "channels_through_guards": (2, 1, 1),
    "channels_through_branches": (2, 1, 1),
    "channels_through_both": (2, 1, 2),
    "growing_blocks": (2, 1, 0),
    "residual_loops": (2, 1, 0),
    "loops_in_loops_in_loops": (2, 3, 0),
    "counts_from_what_arrives": (2, 4, 0),
    "labels_in_loops": (1, 1, 0),
    "three_more_inputs": (1, 0, 0),
    "sums": (1, 1, 0),
}


@pytest.mark.parametrize("name", WRITTEN)
def test_programs_are_written_as_by_hand(name: str) -> None:
    tree = ast.parse(agreeing(PROGRAMS[name]).text)
    classes = [node for node in tree.body if isinstance(node, ast.ClassDef)]
    inits = [node for one in classes for node in one.body if getattr(node, "name", "") == "__init__"]
    inside = [node for init in inits for node in ast.walk(init)]
    loops = [node for node in inside if isinstance(node, ast.For | ast.comprehension)]
    choices = [node for node in inside if isinstance(node, ast.If)]
    assert (len(classes), len(loops), len(choices)) == WRITTEN[name]
