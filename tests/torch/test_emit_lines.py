"""Emitted files are about as long as torchvision's own for the same networks, or shorter."""

from __future__ import annotations

import re
from importlib.util import find_spec
from pathlib import Path

import pytest
from emit_specs import report_of
from model_lines import ours, theirs

from cnndsl.emit import emit

#: Each spec's file in torchvision, and the functions there that build its networks.
SAME = {
    "alexnet_torchvision": ("alexnet.py", r"alexnet"),
    "convnext": ("convnext.py", r"convnext"),
    "densenet": ("densenet.py", r"densenet"),
    "efficientnet": ("efficientnet.py", r"efficientnet_b"),
    "efficientnet_v2": ("efficientnet.py", r"efficientnet_v2"),
    "googlenet_torchvision": ("googlenet.py", r"googlenet"),
    "inception_v3": ("inception.py", r"inception"),
    "mnasnet": ("mnasnet.py", r"mnasnet"),
    "mobilenet_v2": ("mobilenetv2.py", r"mobilenet"),
    "mobilenet_v3": ("mobilenetv3.py", r"mobilenet"),
    "regnet": ("regnet.py", r"regnet"),
    "resnet": ("resnet.py", r"resnet\d"),
    "resnext": ("resnet.py", r"resnext"),
    "shufflenet_v2": ("shufflenetv2.py", r"shufflenet"),
    "squeezenet": ("squeezenet.py", r"squeezenet"),
    "vgg": ("vgg.py", r"vgg"),
    "wide_resnet": ("resnet.py", r"wide"),
}
#: How much longer a file may be.
MOST = 1.3


def lines(name: str) -> tuple[int, int]:
    """The lines of the emitted file, and of torchvision's."""
    found = find_spec("torchvision")
    if found is None or found.origin is None:
        pytest.skip("torchvision is not installed")
    module, pattern = SAME[name]
    folder = Path(found.origin).parent
    return ours(emit(report_of(name))), theirs(folder, module, lambda built: bool(re.match(pattern, built)))


@pytest.mark.parametrize("name", SAME)
def test_no_longer_than_torchvision(name: str) -> None:
    emitted, written = lines(name)
    assert emitted <= MOST * written, f"{emitted} lines for torchvision's {written}"
