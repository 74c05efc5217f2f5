"""What a person does on the page in a look: with a finger on a phone, with mouse and keyboard at a desk."""

from playwright.sync_api import CDPSession, Locator, Page, Position

from tests.browser.looks import Look

MOST_TAPS = 20
HEIGHT = 120
"""Of the taps on the chart: within its upper half."""


class Finger:
    """One that is put down, moved and taken up; Playwright itself can only tap."""

    def __init__(self, session: CDPSession) -> None:
        self._session = session

    def down(self, x: float, y: float) -> None:
        self._say("touchStart", {"x": x, "y": y})

    def move(self, x: float, y: float) -> None:
        self._say("touchMove", {"x": x, "y": y})

    def up(self) -> None:
        self._say("touchEnd")

    def _say(self, what: str, *at: dict[str, float]) -> None:
        self._session.send("Input.dispatchTouchEvent", {"type": what, "touchPoints": list(at)})


class Hand:
    def __init__(self, look: Look) -> None:
        self.phone = look.phone

    def press(self, what: Locator, at: Position | None = None, *, off: bool = False) -> None:
        """What is off can be pressed too: it says why it is."""
        act = what.tap if self.phone else what.click
        act(position=at, force=off)

    def touch(self, page: Page) -> "Finger":
        return Finger(page.context.new_cdp_session(page))

    def leave(self, page: Page) -> None:
        """What is open over the page is closed: by Escape, or by a tap beside it."""
        if self.phone:
            page.touchscreen.tap(5, 5)
        else:
            page.keyboard.press("Escape")

    def open_list(self, page: Page, nth: int) -> None:
        """The one behind the nth point of a chart with one line."""
        chart = page.locator("#chart")
        if self.phone:
            chart.tap(position={"x": self._found(page, nth), "y": HEIGHT})
            return
        chart.focus()
        for _ in range(nth + 1):
            page.keyboard.press("ArrowRight")
        page.keyboard.press("Enter")

    def _found(self, page: Page, nth: int) -> float:
        """Taps here and there until the panel names the bucket, as one looks for a day; says where that was."""
        names = page.locator("#table tbody tr:not(.total) th").all_inner_texts()
        width = page.locator("#chart").bounding_box()["width"]  # type: ignore[index]
        x = width / 2
        for _ in range(MOST_TAPS):
            page.locator("#chart").tap(position={"x": x, "y": HEIGHT})
            found = names.index(page.locator(".tip-head").inner_text())
            if found == nth:
                return x
            x = min(max(x + (nth - found) * width / (len(names) + 1), 24), width - 12)
        raise AssertionError(f"no tap finds {names[nth]}")
