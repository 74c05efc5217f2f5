"""The chart under mouse, keyboard and finger."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.hands import Finger, Hand
from tests.browser.looks import DESK, PHONE, Look, Words

Opening = Callable[..., Page]
Api = Callable[..., Any]
LONGER_THAN_HELD_MS = 700
"""By then a finger that stays has been taken for one."""


def put_down(finger: Finger, on: Locator) -> tuple[float, float]:
    """Near its upper left corner; says where."""
    box = on.bounding_box()
    assert box is not None
    x, y = box["x"] + min(120, box["width"] / 3), box["y"] + min(100, box["height"] / 2)
    finger.down(x, y)
    return x, y


def along(finger: Finger, x: float, y: float) -> None:
    for further in (30, 60, 90, 120):
        finger.move(x + further, y)


@pytest.mark.looks(*DESK, why="a finger on the chart scrolls the page")
def test_dragging_on_the_chart_zooms_and_the_browser_goes_back(opened: Opening, words: Words) -> None:
    page = opened()
    box = page.locator("#chart").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 300, box["y"] + 100)
    page.mouse.down()
    page.mouse.move(box["x"] + 700, box["y"] + 120, steps=5)
    expect(page.locator(".selection")).to_be_visible()
    page.mouse.up()
    page.wait_for_url(re.compile("from=2026-03-2"))
    page.go_back()
    expect(page.locator(".range .preset")).to_have_text(words("range_28d"))
    assert "from=" not in page.url


def test_a_press_on_the_overview_moves_the_range(opened: Opening, hand: Hand) -> None:
    page = opened()
    hand.press(page.locator("#overview"), {"x": 100, "y": 20})
    page.wait_for_url(re.compile("from=2025-0"))


@pytest.mark.looks(*DESK, why="a phone has no keyboard")
def test_the_handles_of_the_overview_go_by_keyboard(opened: Opening, look: Look, words: Words) -> None:
    page = opened()
    handle = page.get_by_role("slider", name=words("range_from"), exact=True)
    assert handle.get_attribute("aria-valuetext") == look.of("18 мар. 2026 г.", "18 Mar 2026")
    handle.focus()
    page.keyboard.press("ArrowLeft")
    page.wait_for_url(re.compile("from=2026-03-17"))


@pytest.mark.looks(*DESK, why="a phone has no keyboard")
def test_arrows_walk_along_the_points_and_say_them(opened: Opening, api: Api, look: Look) -> None:
    page = opened("/?org=orbita&m=calls&from=2026-03-01&to=2026-04-01")
    values = api("timeseries", metric="calls", **{"from": "2026-03-01", "to": "2026-04-01"}, organisation="orbita")[
        "series"
    ][0]["values"]
    page.keyboard.press("g")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    expect(page.locator("#said")).to_have_text(
        f"{look.of('пн, 2 марта 2026 г. — Звонки', 'Mon, 2 March 2026 — Calls')}: {values[1]}"
    )
    expect(page.locator(".tip")).to_contain_text(str(values[1]))
    page.keyboard.press("End")
    expect(page.locator("#said")).to_contain_text(look.of("31 марта", "31 March"))


@pytest.mark.looks(*DESK, why="a phone has no keyboard")
def test_single_keys_work_and_can_be_switched_off(opened: Opening) -> None:
    page = opened()
    page.keyboard.press("3")
    expect(page.locator("[data-key='step week']")).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("?")
    page.locator("dialog input[type=checkbox]").uncheck()
    page.keyboard.press("Escape")
    page.keyboard.press("2")
    expect(page.locator("[data-key='step week']")).to_have_attribute("aria-pressed", "true")


@pytest.mark.looks(*DESK, why="a phone has no keyboard")
def test_up_and_down_choose_the_line_whose_list_enter_opens(opened: Opening, labels: dict[str, str]) -> None:
    page = opened("/?org=orbita&from=2026-03-01&to=2026-04-01")
    page.locator("#chart").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowDown")
    expect(page.locator(".tip .on")).to_contain_text(labels["calls_answered"])
    page.keyboard.press("Enter")
    expect(page.locator("dialog h2")).to_contain_text(labels["calls_answered"])
    expect(page.locator("dialog .list-head")).to_have_text(re.compile(r"^\d+ "))


@pytest.mark.looks(*PHONE, why="a mouse shows what is there without a press")
def test_a_finger_sees_first_and_opens_the_list_by_a_second_touch(opened: Opening) -> None:
    page = opened("/?org=orbita&m=calls&from=2026-03-01&to=2026-03-08")
    page.locator("#chart").tap(position={"x": 200, "y": 120})
    expect(page.locator(".tip")).to_be_visible()
    assert page.locator("dialog").count() == 0
    page.locator("#chart").tap(position={"x": 200, "y": 120})
    expect(page.locator("dialog .list-head")).to_have_text(re.compile(r"^\d+ "))


@pytest.mark.looks(*PHONE, why="a mouse drags at once")
def test_a_finger_that_stays_on_the_chart_and_moves_on_chooses_a_part(opened: Opening, hand: Hand) -> None:
    page = opened("/?org=orbita&m=calls&from=2026-03-01&to=2026-04-01")
    finger = hand.touch(page)
    x, y = put_down(finger, page.locator("#chart"))
    expect(page.locator(".selection")).to_be_visible()
    along(finger, x, y)
    finger.up()
    page.wait_for_url(re.compile("from=2026-03-(0[2-9]|1)"))
    assert page.locator("dialog").count() == 0


@pytest.mark.looks(*PHONE, why="a mouse drags at once")
def test_a_finger_that_moves_at_once_sees_point_after_point(opened: Opening, hand: Hand) -> None:
    page = opened("/?org=orbita&m=calls&from=2026-03-01&to=2026-04-01")
    finger = hand.touch(page)
    page.clock.install()
    page.clock.pause_at(datetime.now(UTC) + timedelta(seconds=1))  # however slow the machine: no time passes by itself
    x, y = put_down(finger, page.locator("#chart"))
    finger.move(x + 30, y)
    first = page.locator(".tip-head").inner_text()
    along(finger, x + 30, y)
    expect(page.locator(".tip-head")).not_to_have_text(first)
    page.clock.run_for(LONGER_THAN_HELD_MS)
    expect(page.locator(".selection")).to_be_hidden()
    finger.up()
    assert "from=2026-03-01" in page.url


@pytest.mark.looks(*PHONE, why="a mouse does it with Alt")
def test_a_finger_that_stays_on_a_series_leaves_it_alone(opened: Opening, hand: Hand) -> None:
    page = opened("/?org=orbita&m=calls,calls_answered,calls_missed")
    finger = hand.touch(page)
    put_down(finger, page.locator(".pill .toggle").nth(1))
    expect(page.locator(".pill.off")).to_have_count(2)
    finger.up()
    expect(page.locator(".pill .toggle").nth(1)).to_have_attribute("aria-pressed", "true")
    expect(page.locator(".pill.off")).to_have_count(2)


def test_the_help_shows_keys_as_keys_and_words_as_words(opened: Opening, hand: Hand, words: Words) -> None:
    page = opened()
    hand.press(page.locator("[data-key=help]"))
    way = words("hold_drag" if hand.phone else "drag")
    expect(page.locator("dialog dt", has_text=way)).to_have_text(way)
    assert not set(page.locator("dialog kbd").all_inner_texts()) & set(way.split())


@pytest.mark.looks(*PHONE, why="at a desk the first field has the focus")
def test_a_panel_does_not_bring_up_the_keys_of_a_phone(opened: Opening, hand: Hand) -> None:
    page = opened()
    hand.press(page.locator("[data-key=add]"))
    expect(page.locator(".popover")).to_be_focused()


@pytest.mark.looks(*DESK, why="a finger opens a list by a second touch only")
def test_a_press_on_a_stack_opens_the_list_of_the_part_under_it(opened: Opening, labels: dict[str, str]) -> None:
    page = opened("/?org=orbita&m=revenue,calls_answered,calls_missed&kind=share&from=2026-03-02&to=2026-03-09")
    chart = page.locator("#chart")
    chart.hover(position={"x": 700, "y": 100})
    middle = page.locator(".cross").evaluate("cross => parseFloat(cross.style.left)")
    for across, y, name in ((-20, 200, "revenue"), (20, 200, "calls_answered"), (20, 20, "calls_missed")):
        chart.click(position={"x": middle + across, "y": y})
        expect(page.locator("dialog h2")).to_contain_text(labels[name])
        page.keyboard.press("Escape")
        expect(page.locator("dialog")).to_have_count(0)
