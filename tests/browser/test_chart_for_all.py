"""The page for everybody: no serious finding of axe, nothing wider than the screen, in every look."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.hands import Hand
from tests.browser.looks import DESK, Look, Words

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


@pytest.mark.looks(count=2)
@pytest.mark.parametrize("view", VIEWS)
def test_everybody_can_use_it(opened: Opening, look: Look, view: str) -> None:
    """In the other scheme only the colours are others."""
    page = opened(VIEWS[view])
    assert findings(page) == []
    assert page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")
    page.emulate_media(color_scheme=look.other_scheme)
    assert findings(page, rules=COLOURS_ONLY) == []


def test_panels_too(opened: Opening, look: Look, hand: Hand) -> None:
    page = opened(VIEWS["chart"])
    for key in ("add", "range", "filters", "more", "help", "saved", "who", "event campaign/march"):
        page.emulate_media(color_scheme=look.scheme)
        hand.press(page.locator(f"[data-key='{key}']"))
        page.wait_for_selector(OPEN)
        assert findings(page, f"'{OPEN}'") == [], key
        page.emulate_media(color_scheme=look.other_scheme)
        assert findings(page, f"'{OPEN}'", COLOURS_ONLY) == [], key
        hand.leave(page)
        page.wait_for_selector(OPEN, state="detached")
        if not look.phone:
            page.wait_for_function("key => document.activeElement.dataset.key === key", arg=key)


def test_on_paper_there_is_nothing_to_press(opened: Opening) -> None:
    page = opened(VIEWS["chart"])
    page.emulate_media(media="print")
    for selector in (".views", ".settings", ".add", ".overview", ".tools"):
        assert not page.locator(selector).is_visible(), selector
    assert page.locator("#chart").is_visible()
    assert page.locator("#table table").is_visible()


@pytest.mark.looks(*DESK, why="a phone has no keyboard")
def test_a_problem_that_stays_is_said_once_and_keeps_the_focus(opened: Opening, words: Words, said: list[str]) -> None:
    page = opened("/?org=orbita&m=calls")
    page.evaluate("() => Object.defineProperty(document, 'hidden', { get: () => true })")  # else it would ask by itself
    page.route("**/timeseries?*", lambda route: route.fulfill(status=503, json={"detail": "the engine is closed"}))
    page.locator("[data-key='step week']").click()
    again = page.get_by_role("alert").get_by_role("button", name=words("retry"))
    again.focus()
    drawn = again.element_handle()
    with page.expect_response("**/timeseries?*"):
        page.keyboard.press("Enter")
    page.locator("[data-key='table line']").evaluate("tab => tab.click()")  # draws all anew
    expect(page.locator("[data-key='table line']")).to_have_attribute("aria-pressed", "true")
    assert drawn is not None
    assert drawn.evaluate("button => document.activeElement === button")
    assert all("503" in line for line in said)
    said.clear()
