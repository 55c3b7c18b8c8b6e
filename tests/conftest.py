"""Golden files: `golden("alexnet.txt", text)` compares with tests/golden; `--update-goldens` writes them."""

from __future__ import annotations

import signal

import pytest
from goldens import GOLDEN, Golden


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-goldens", action="store_true", help="write what the golden files should hold")


def pytest_configure() -> None:
    """Heed interrupts: a shell has what it runs in the background ignore them, and all that this starts."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Golden:
    update = request.config.getoption("--update-goldens")

    def compare(name: str, text: str) -> None:
        path = GOLDEN / name
        if update:
            path.parent.mkdir(exist_ok=True, parents=True)
            path.write_text(text, encoding="utf-8")
        assert path.exists(), f"{path} is missing: run pytest --update-goldens and read what it writes"
        assert text == path.read_text(encoding="utf-8"), (
            f"{path} differs: pytest --update-goldens, if it should"
        )

    return compare
