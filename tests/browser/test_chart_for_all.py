"""The page for everybody: no serious finding of axe, nothing wider than the screen, in both languages, light and dark,
on a phone and at a desk."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page

Opening = Callable[..., Page]
AXE = (Path(__file__).parent / "vendor" / "axe-4.14.1.min.js").read_text()
OPEN = ".popover, dialog[open]"
VIEWS = {
    "chart": "/?org=orbita&m=calls,wait_answered_p90,revenue&compare=previous&off=revenue",
    "groups": "/?org=orbita&m=calls&by=gateway&kind=stack&service=city",
    "advert": "/?org=orbita&view=advert&m=new_clients_organisation&by=number&compare=previous",
    "heat": "/?org=orbita&m=calls&view=heat",
    "quality": "/?view=quality",
    "empty": "/?org=orbita&m=calls&from=2024-03-01&to=2024-03-08",
}


COLOURS_ONLY = "{ runOnly: ['color-contrast'], resultTypes: ['violations'] }"
EVERYTHING = "{ resultTypes: ['violations'] }"


def findings(page: Page, place: str = "document", rules: str = EVERYTHING) -> list[str]:
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(AXE)
    found = page.evaluate(f"() => axe.run({place}, {rules})")
    return [
        f"{one['id']}: {node['html'][:160]} {node['failureSummary']}"
        for one in found["violations"]
        if one["impact"] in {"serious", "critical"}
        for node in one["nodes"]
    ]


PLACES = [("ru-RU", "desk"), ("ru-RU", "phone"), ("en-GB", "desk"), ("en-GB", "phone")]
CASES = [(view, *place) for view in VIEWS for place in (PLACES if view == "chart" else PLACES[1:3])]


@pytest.mark.parametrize(("view", "language", "place"), CASES)
def test_everybody_can_use_it(opened: Opening, view: str, language: str, place: str) -> None:
    """In the dark only the colours are others."""
    page = opened(VIEWS[view], language=language, phone=place == "phone")
    assert page.locator("html").get_attribute("lang") == language[:2]
    assert findings(page) == []
    assert page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")
    page.emulate_media(color_scheme="dark")
    assert findings(page, rules=COLOURS_ONLY) == []


def test_panels_too(opened: Opening) -> None:
    page = opened(VIEWS["chart"])
    for key in ("add", "range", "filters", "more", "help", "saved", "who", "event campaign/march"):
        page.emulate_media(color_scheme="light")
        page.locator(f"[data-key='{key}']").click()
        page.wait_for_selector(OPEN)
        assert findings(page, f"'{OPEN}'") == [], key
        page.emulate_media(color_scheme="dark")
        assert findings(page, f"'{OPEN}'", COLOURS_ONLY) == [], key
        page.keyboard.press("Escape")
        page.wait_for_selector(OPEN, state="detached")
        assert page.evaluate("() => document.activeElement.dataset.key") == key


def test_on_paper_there_is_nothing_to_press(opened: Opening) -> None:
    page = opened(VIEWS["chart"], scheme="dark")
    page.emulate_media(media="print")
    for selector in (".views", ".settings", ".add", ".overview", ".tools"):
        assert not page.locator(selector).is_visible(), selector
    assert page.locator("#chart").is_visible()
    assert page.locator("#table table").is_visible()
