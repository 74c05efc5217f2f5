"""The page for everybody: no serious finding of axe, nothing wider than the screen, in both languages, light and dark,
on a phone and at a desk."""

from collections.abc import Callable
from itertools import product
from pathlib import Path

import pytest
from playwright.sync_api import Page

Opening = Callable[..., Page]
AXE = (Path(__file__).parent / "vendor" / "axe-4.14.1.min.js").read_text()
VIEWS = {
    "chart": "/?org=orbita&m=calls,wait_answered_p90,revenue&compare=previous&off=revenue",
    "groups": "/?org=orbita&m=calls&by=gateway&kind=stack&service=city",
    "advert": "/?org=orbita&view=advert&m=new_clients_organisation&by=number&compare=previous",
    "heat": "/?org=orbita&m=calls&view=heat",
    "empty": "/?org=orbita&m=calls&from=2024-03-01&to=2024-03-08",
}


def findings(page: Page) -> list[str]:
    page.evaluate(AXE)
    found = page.evaluate("() => axe.run(document, { resultTypes: ['violations'] })")
    return [
        f"{one['id']}: {node['html'][:160]} {node['failureSummary']}"
        for one in found["violations"]
        if one["impact"] in {"serious", "critical"}
        for node in one["nodes"]
    ]


EVERY = list(product(["ru-RU", "en-GB"], ["light", "dark"], ["desk", "phone"]))
PAIRS = [("ru-RU", "light", "phone"), ("ru-RU", "dark", "desk"), ("en-GB", "light", "desk"), ("en-GB", "dark", "phone")]
"""Each two of them together once: what one alone would break shows in these, and the chart itself has them all."""
CASES = [(view, *case) for view in VIEWS for case in (EVERY if view == "chart" else PAIRS)]


@pytest.mark.parametrize(("view", "language", "scheme", "place"), CASES)
def test_everybody_can_use_it(opened: Opening, view: str, language: str, scheme: str, place: str) -> None:
    page = opened(VIEWS[view], language=language, scheme=scheme, phone=place == "phone")
    assert page.locator("html").get_attribute("lang") == language[:2]
    assert findings(page) == []
    assert page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("key", ["add", "range", "filters", "more", "help"])
def test_panels_too(opened: Opening, scheme: str, key: str) -> None:
    page = opened(VIEWS["chart"], scheme=scheme)
    page.locator(f"[data-key={key}]").click()
    page.wait_for_selector(".popover, dialog[open]")
    assert findings(page) == []
    page.keyboard.press("Escape")
    assert page.evaluate("() => document.activeElement.dataset.key") == key


def test_on_paper_there_is_nothing_to_press(opened: Opening) -> None:
    page = opened(VIEWS["chart"], scheme="dark")
    page.emulate_media(media="print")
    for selector in (".views", ".settings", ".add", ".overview", ".tools"):
        assert not page.locator(selector).is_visible(), selector
    assert page.locator("#chart").is_visible()
    assert page.locator("#table table").is_visible()
