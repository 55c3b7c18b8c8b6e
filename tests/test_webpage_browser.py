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
from selenium.webdriver.common.actions.action_builder import ActionBuilder
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement

import cnndsl
from cnndsl.api import read_source
from cnndsl.begun import begun
from cnndsl.source import Source
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


PARTS = ("picture", "layers", "bars", "field")

#: A point of a drawing that no other drawing covers, once it is in the middle of the window.
FREE = """
const [one] = arguments;
const drawn = one.querySelector(":scope > :is(rect, polygon)");
drawn.scrollIntoView({ block: "center", inline: "center" });
const box = drawn.getBoundingClientRect();
const sides = [0.5, 0.9, 0.1];
const places = sides.flatMap((x) => sides.map((y) => [x, y]));
return places.map(([x, y]) => [Math.round(box.left + x * box.width), Math.round(box.top + y * box.height)])
  .find(([x, y]) => document.elementFromPoint(x, y)?.closest("[data-path]") === one);
"""


def opened(browser: Chrome, folder: Path, name: str, *variants: str, width: int = 1800) -> None:
    source = read_source(name) if name.isidentifier() else Source("net.cnn", name)
    report = cnndsl.check(source, variants=variants)
    page = folder / "page.html"
    page.write_text(webpage(report, begun(report)), encoding="utf-8")
    browser.set_window_size(width, 1200)
    browser.get("about:blank")
    browser.get(page.as_uri())


def explanation(browser: Chrome) -> str:
    return browser.find_element(By.ID, "explanation").text


def picked(browser: Chrome) -> set[str]:
    """The layers that all marked parts of the page stand for; some stand for several."""
    marked = browser.find_elements(By.CSS_SELECTOR, ".picked")
    paths = [{*(one.get_attribute("data-path") or "").split(" ")} for one in marked]
    return set.intersection(*paths) if paths else set()


def found(browser: Chrome, place: str, path: str) -> WebElement:
    return browser.find_element(By.CSS_SELECTOR, f'{place} [data-path~="{path}"]')


def click(browser: Chrome, element: WebElement) -> None:
    """A click as a reader's: the mouse goes there and presses its button."""
    browser.execute_script("arguments[0].scrollIntoView({block: 'center', inline: 'center'})", element)
    ActionChains(browser, duration=0).move_to_element(element).click().perform()


def test_a_layer_is_explained_wherever_it_is_clicked_on(browser: Chrome, tmp_path: Path) -> None:
    opened(browser, tmp_path, "alexnet")
    assert "Click on a layer" in explanation(browser)
    for place in ("#layers", "#picture", "#bars", "#field figure:last-child"):
        ActionChains(browser).send_keys(Keys.ESCAPE).perform()
        assert picked(browser) == set()
        assert "Click on a layer" in explanation(browser)
        element = found(browser, place, "conv2")
        shapes = element.find_elements(By.CSS_SELECTOR, ":scope > :is(td, rect, polygon)")
        click(browser, shapes[0])
        assert "27 + 2·2 − 5" in explanation(browser)
        assert picked(browser) >= {"conv2"}
    counts = [len(browser.find_elements(By.CSS_SELECTOR, f"#{place} .picked")) for place in PARTS]
    assert counts == [2, 1, 1, 2]  # the map and the words below it; of the field the frame and the column
    assert browser.current_url.endswith("#conv2")


@pytest.mark.parametrize(
    ("name", "variants"),
    [
        ("alexnet", ()),
        ("lenet5", ("Digits",)),
        ("alexnet_groups", ()),
        ("unet", ("UNetPadded",)),
        ("googlenet", ()),
        ("resnet", ("ResNet18",)),
        ("INPUT(3@64x64) → CONV(8, 3) → [FOO(3, 4) → BN]*2 → CONV(8, 99) → FC(10)", ()),
    ],
)
def test_a_click_in_the_picture_explains_what_is_drawn_there(
    browser: Chrome, tmp_path: Path, name: str, variants: tuple[str, ...]
) -> None:
    opened(browser, tmp_path, name, *variants)
    drawings = browser.find_elements(By.CSS_SELECTOR, "#picture [data-path]:has(> rect, > polygon)")
    assert len(drawings) > 4
    for drawing in drawings:
        point = browser.execute_script(FREE, drawing)
        paths = (drawing.get_attribute("data-path") or "").split(" ")
        assert point, f"{paths} cannot be clicked on"
        mouse = ActionBuilder(browser, duration=0)
        mouse.pointer_action.move_to_location(*point).click()  # type: ignore[no-untyped-call]
        mouse.perform()
        assert f"{paths[0]} of " in explanation(browser).replace(" ", "\xa0").replace("\xa0of\xa0", " of ")
        assert paths[0] in picked(browser)


def test_the_first_dense_layer_is_explained_not_the_flatten_before_it(
    browser: Chrome, tmp_path: Path
) -> None:
    opened(browser, tmp_path, "alexnet")
    click(browser, found(browser, "#picture", "fc1[0]").find_element(By.CSS_SELECTOR, "rect, polygon"))
    assert explanation(browser).startswith("fc1[0] of AlexNet: FC(4096)")


def press(browser: Chrome, *keys: str) -> None:
    ActionChains(browser).send_keys(*keys).perform()


def test_the_arrow_keys_walk_through_the_layers(browser: Chrome, tmp_path: Path) -> None:
    opened(browser, tmp_path, "alexnet")
    press(browser, Keys.DOWN, Keys.DOWN)
    assert picked(browser) == {"conv1"}
    press(browser, Keys.UP)
    assert picked(browser) == {"input1"}
    press(browser, Keys.ESCAPE)
    assert "Click on a layer" in explanation(browser)
    assert "#" not in browser.current_url


def test_the_arrow_keys_come_past_blocks_and_steps_that_are_written_alike(
    browser: Chrome, tmp_path: Path
) -> None:
    opened(browser, tmp_path, "block B(c) = CONV(c, 3) → BN\nINPUT(3@8x8) → B(4) → FOO → FOO → FC(2)")
    walked = []
    for _ in range(8):
        press(browser, Keys.DOWN)
        walked.append(browser.current_url.partition("#")[2])
    assert walked == ["input1", "b1", "b1.conv1", "b1.bn1", "FOO", "FOO", "fc1.flatten", "fc1"]


def test_a_link_to_a_layer_opens_the_page_at_it(browser: Chrome, tmp_path: Path) -> None:
    opened(browser, tmp_path, "INPUT(3@8x8) → CONV(4, 3) → FOO(3, 4) → FC(2)")
    click(browser, found(browser, "#layers", "FOO(3,\xa04)"))
    assert "there is no layer or block `FOO`" in explanation(browser)
    browser.refresh()
    assert "there is no layer or block `FOO`" in explanation(browser)
    assert picked(browser) == {"FOO(3,\xa04)"}


def test_bars_are_as_long_as_their_numbers_say(browser: Chrome, tmp_path: Path) -> None:
    opened(browser, tmp_path, "alexnet")
    bars = browser.find_elements(By.CSS_SELECTOR, "i.activations")
    rows = [bar.find_element(By.XPATH, "ancestor::tr").get_attribute("data-path") for bar in bars]
    wide = dict(zip(rows, (bar.rect["width"] for bar in bars), strict=True))
    assert wide["conv1"] / wide["conv2"] == pytest.approx(96 * 55 * 55 / (256 * 27 * 27), rel=0.01)
    assert wide["conv1"] / wide["pool1"] == pytest.approx(55 * 55 / (27 * 27), rel=0.01)


@pytest.mark.parametrize("width", [1800, 900, 500])
@pytest.mark.parametrize(
    "name",
    [
        "alexnet",
        "alexnet_slide",
        "googlenet",
        "m5",
        "c3d",
        "INPUT(3@HxW) → CONV(16, 3, s=2, p=1) → ReLU → POOL(2) → TCONV(8, 2, s=2) → CONV(4, 1)",
        "INPUT(3@8x8) → CONV(8, 3) ReLU → FC(10)",
        "block A = CONV(",
    ],
)
def test_nothing_goes_wrong_and_nothing_leaves_the_window(
    browser: Chrome, tmp_path: Path, name: str, width: int
) -> None:
    opened(browser, tmp_path, name, width=width)
    assert browser.get_log("browser") == []  # type: ignore[no-untyped-call]
    wide = browser.execute_script("return [document.body.scrollWidth, innerWidth]")
    assert wide[0] <= wide[1]
    head = browser.execute_script(
        "return [...document.querySelectorAll('header *')].map((one) => one.getBoundingClientRect().right)"
    )
    assert max(head) <= wide[1]
    shot = tmp_path / "shot.png"
    assert browser.save_screenshot(str(shot))
    assert shot.stat().st_size > 10_000  # not an empty window
