"""Clicks through the page of `cnndsl report` in headless Chromium, where there is one.

`CNNDSL_BROWSER=required`, as in continuous integration, makes a missing browser a failure.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from selenium.webdriver import ActionChains, Chrome, ChromeOptions
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

import cnndsl
from cnndsl.api import read_source
from cnndsl.webpage import webpage

FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--window-size=1800,1200",
)


@pytest.fixture(scope="module")
def browser() -> Iterator[Chrome]:
    program, driver = shutil.which("chromium"), shutil.which("chromedriver")
    if not (program and driver):
        assert os.environ.get("CNNDSL_BROWSER") != "required", "chromium and chromedriver are not installed"
        pytest.skip("chromium and chromedriver are not installed")
    options = ChromeOptions()
    options.binary_location = program
    for flag in FLAGS:
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    chrome = Chrome(options=options, service=Service(driver))
    yield chrome
    chrome.quit()


def opened(browser: Chrome, folder: Path, name: str) -> None:
    page = folder / f"{name}.html"
    page.write_text(webpage(cnndsl.check(read_source(name))), encoding="utf-8")
    browser.get(page.as_uri())


def explanation(browser: Chrome) -> str:
    return browser.find_element(By.ID, "explanation").text


def picked(browser: Chrome) -> set[str]:
    """The layers that all marked parts of the page stand for; some stand for several."""
    marked = browser.find_elements(By.CSS_SELECTOR, ".picked")
    paths = [{*(one.get_attribute("data-path") or "").split(" ")} for one in marked]
    return set.intersection(*paths) if paths else set()


def test_a_layer_is_explained_wherever_it_is_clicked_on(browser: Chrome, tmp_path: Path) -> None:
    opened(browser, tmp_path, "alexnet")
    assert "Click on a layer" in explanation(browser)
    for place in ("#layers", "#bars", "#field .sight svg + figcaption, #field"):
        browser.execute_script(
            "document.querySelectorAll('.picked').forEach(e => e.classList.remove('picked'))"
        )
        one = browser.find_element(By.CSS_SELECTOR, f"{place.split(',')[-1].strip()} [data-path='conv2']")
        browser.execute_script("arguments[0].dispatchEvent(new MouseEvent('click', {bubbles: true}))", one)
        assert "27 + 2·2 − 5" in explanation(browser)
        assert picked(browser) == {"conv2"}
    assert len(browser.find_elements(By.CSS_SELECTOR, ".picked")) >= 4  # table, bars and both drawings
    assert browser.current_url.endswith("#conv2")


def test_the_arrow_keys_walk_through_the_layers(browser: Chrome, tmp_path: Path) -> None:
    opened(browser, tmp_path, "alexnet")
    ActionChains(browser).send_keys(Keys.DOWN, Keys.DOWN).perform()
    assert picked(browser) == {"conv1"}
    ActionChains(browser).send_keys(Keys.UP).perform()
    assert picked(browser) == {"input1"}


@pytest.mark.parametrize("name", ["alexnet", "alexnet_slide", "googlenet", "m5", "c3d"])
def test_nothing_goes_wrong_and_nothing_leaves_the_window(browser: Chrome, tmp_path: Path, name: str) -> None:
    opened(browser, tmp_path, name)
    assert browser.get_log("browser") == []  # type: ignore[no-untyped-call]
    wide = browser.execute_script("return [document.body.scrollWidth, innerWidth]")
    assert wide[0] <= wide[1]
    shot = tmp_path / "shot.png"
    assert browser.save_screenshot(str(shot))
    assert shot.stat().st_size > 20_000  # not an empty window
