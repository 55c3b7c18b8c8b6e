"""The geometry of pictures over random networks, sound and broken."""

from __future__ import annotations

from random import Random

import pytest
from oracle.strategies import drawn
from picture_help import fitting, flaws, paths

from cnndsl.analysis.rows import rows
from cnndsl.api import check
from cnndsl.drawing import picture

pytestmark = pytest.mark.filterwarnings("ignore:Using padding='same' with even kernel")


@pytest.mark.parametrize("seed", range(4))
def test_random_networks_are_drawn_without_flaws(seed: int) -> None:
    dice = Random(seed)
    for _ in range(40):
        text = drawn(dice).text()
        for network in check(text).networks:
            for style in fitting(network):
                scene = picture(network, style=style)
                assert flaws(scene) == [], text
                assert {row.path for row in rows(network)} <= set(paths(scene.items)), text
            assert flaws(picture(network, style="graph", expand=True)) == [], text
