"""New data, errors and restarts: what the page does by itself, and what it leaves as it was."""

import json
import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import Contexts
from tests.browser.hands import Hand
from tests.browser.looks import DESK, PHONE, Look, Words

Opening = Callable[..., Page]
FOLLOW = "() => document.dispatchEvent(new Event('visibilitychange', { bubbles: true }))"
"""What the page does each ten seconds, at once."""


def test_an_error_is_said_with_a_way_out_and_the_old_numbers_stay(
    opened: Opening, hand: Hand, words: Words, said: list[str]
) -> None:
    page = opened()
    body = json.dumps({"title": "Unavailable", "status": 503, "detail": "the engine is closed"})

    def fail(route: Route) -> None:
        route.fulfill(status=503, content_type="application/problem+json", body=body)

    page.evaluate("() => Object.defineProperty(document, 'hidden', { get: () => true })")  # else it would ask by itself
    page.route("**/timeseries?*", fail)
    hand.press(page.locator("[data-key='step week']"))
    expect(page.locator("[role=alert]")).to_contain_text(words("problem_503"))
    expect(page.locator("[role=alert] .detail")).to_have_text("the engine is closed")
    expect(page.locator("main")).to_have_class("busy")
    assert page.locator("#table tbody tr").count() > 20
    page.unroute("**/timeseries?*", fail)
    hand.press(page.locator("[role=alert] button"))
    expect(page.locator("[role=alert]")).to_have_count(0)
    expect(page.locator("[data-key='step week']")).to_have_attribute("aria-pressed", "true")
    assert all("503" in line for line in said)
    said.clear()


def test_a_later_question_ends_the_one_before(opened: Opening, hand: Hand) -> None:
    page = opened()
    waiting: list[Route] = []

    def hold(route: Route) -> None:
        waiting.append(route)

    page.route("**/timeseries?*step=week*", hold)
    hand.press(page.locator("[data-key='step week']"))
    expect(page.locator("main.busy")).to_have_count(1)
    hand.press(page.locator("[data-key='step day']"))
    expect(page.locator("main.busy")).to_have_count(0)
    assert len(waiting) == 1
    expect(page.locator("#table tbody tr")).to_have_count(29)


def test_new_data_comes_by_itself_without_a_jump_and_not_while_hidden(opened: Opening) -> None:
    page = opened("/?org=orbita&m=calls&range=today")
    changed: list[int] = []

    def more(route: Route) -> None:
        answer = route.fetch()
        body = answer.json()
        body["series"][0]["total"] = 777
        changed.append(1)
        route.fulfill(response=answer, body=json.dumps(body))

    page.route("**/timeseries?*", more)
    page.locator("#table .scroll").evaluate("element => element.scrollTop = 120")
    page.evaluate(FOLLOW)
    expect(page.locator(".pill .figures b")).to_have_text("777")
    assert page.locator("#table .scroll").evaluate("element => element.scrollTop") == 120
    asked = len(changed)
    page.evaluate("() => Object.defineProperty(document, 'hidden', { get: () => true })")
    page.evaluate(FOLLOW)
    expect(page.locator(".fresh.live")).to_have_count(0)
    assert len(changed) == asked


def test_live_data_comes_back_by_itself_after_a_restart(opened: Opening, said: list[str]) -> None:
    page = opened("/?org=orbita&m=calls&range=today")

    def away(route: Route) -> None:
        route.fulfill(status=503, content_type="application/problem+json", body=json.dumps({"detail": "it ends"}))

    page.route("**/timeseries?*", away)
    page.evaluate(FOLLOW)
    expect(page.locator("[role=alert]")).to_have_count(1)
    page.unroute("**/timeseries?*", away)
    page.evaluate(FOLLOW)
    expect(page.locator("[role=alert]")).to_have_count(0)
    assert all("503" in line for line in said)
    said.clear()


def test_a_page_opened_while_the_server_is_away_asks_again_by_itself(
    opened: Opening, contexts: Contexts, look: Look, said: list[str]
) -> None:
    asked: list[Route] = []

    def away_once(route: Route) -> None:
        asked.append(route)
        if len(asked) > 1:
            route.continue_()
        else:
            route.fulfill(status=503, content_type="application/problem+json", body=json.dumps({"detail": "it begins"}))

    context = contexts(look, "provider")
    context.route("**/api/v1/metrics", away_once)
    address = "/?org=orbita&m=calls&from=2026-03-01&to=2026-04-01"
    page = opened(address)  # which waits until all is there
    context.unroute("**/api/v1/metrics", away_once)
    assert len(asked) == 2
    expect(page.locator("[role=alert]")).to_have_count(0)
    expect(page.locator("#table tbody tr")).to_have_count(32)
    assert all("503" in line for line in said)
    said.clear()


def test_what_is_open_under_a_hand_outlives_new_data(opened: Opening, hand: Hand) -> None:
    page = opened("/?org=orbita&view=advert&m=new_clients_organisation&by=number&compare=previous&range=7d")
    page.locator("#advert input").first.fill("2026-03-02")
    hand.press(page.locator("[data-key=add]"))
    page.evaluate("() => { window.headline = document.querySelector('.headline') }")
    with page.expect_response("**/timeseries?*"):
        page.evaluate(FOLLOW)
    expect(page.locator("#fresh")).to_be_visible()
    assert page.evaluate("() => window.headline.isConnected")  # what is the same is not read aloud anew
    expect(page.locator(".popover")).to_be_visible()
    assert page.locator("#advert input").first.input_value() == "2026-03-02"
    hand.press(page.locator("[data-key=add]"))
    expect(page.locator(".popover")).to_have_count(0)


@pytest.mark.looks(*DESK, why="a finger presses where it leaves the page")
def test_a_press_during_which_new_data_comes_is_a_press(opened: Opening) -> None:
    page = opened("/?org=orbita&m=calls,orders")
    pill = page.locator(".pill .toggle").first
    pill.hover()
    page.evaluate("() => { window.before = document.querySelector('.pill .toggle') }")
    page.mouse.down()
    page.evaluate(FOLLOW)
    page.wait_for_function("() => !window.before.isConnected")
    page.mouse.up()
    expect(pill).to_have_attribute("aria-pressed", "false")
    pill.click()
    expect(pill).to_have_attribute("aria-pressed", "true")


def test_what_is_marked_in_the_table_stays_marked_while_other_cells_change(opened: Opening) -> None:
    page = opened("/?org=orbita&m=calls&range=today")

    def more(route: Route) -> None:
        answer = route.fetch()
        body = answer.json()
        body["series"][0]["total"] = 777
        route.fulfill(response=answer, body=json.dumps(body))

    page.route("**/timeseries?*", more)
    page.evaluate("() => { window.cell = document.querySelectorAll('#table tbody td')[9] }")
    page.evaluate("() => getSelection().selectAllChildren(window.cell)")
    page.evaluate(FOLLOW)
    expect(page.locator("#table tr.total td")).to_have_text("777")
    assert page.evaluate("() => window.cell.isConnected && getSelection().toString() === window.cell.innerText")


def test_what_was_opened_and_closed_on_the_quality_page_outlives_new_data(opened: Opening, hand: Hand) -> None:
    page = opened("/?org=orbita")

    def silent(route: Route) -> None:
        answer = route.fetch()
        gateway = {"gateway": "pbx-1/GSM1", "service": "city", "last_call": "2026-03-01", "days": 40}
        route.fulfill(response=answer, body=json.dumps({**answer.json(), "silent_gateways": [gateway] * 15}))

    page.route("**/quality?*", silent)
    hand.press(page.locator("[data-key=quality]"))
    hand.press(page.locator("[data-key='all silent_gateways']"))
    hand.press(page.locator("[data-key='card dead_letters']"))
    hand.press(page.locator("[data-key='card fresh_servers']"))
    page.evaluate("() => { window.before = document.querySelector('#quality summary') }")
    page.evaluate(FOLLOW)
    page.wait_for_function("() => !window.before.isConnected")
    expect(page.locator("[data-key=dead_letters]")).not_to_have_attribute("open")
    expect(page.locator("[data-key=fresh_servers]")).to_have_attribute("open", "")
    expect(page.locator("[data-key=silent_gateways] tbody tr")).to_have_count(15)
    assert page.evaluate("() => document.activeElement.dataset.key") == "card fresh_servers"


@pytest.mark.looks(*PHONE, why="at a desk the whole day is in view")
def test_the_hours_of_the_heat_map_that_are_in_view_stay_so_with_new_data(opened: Opening) -> None:
    page = opened("/?org=orbita&m=calls&view=heat")
    scroll = page.locator("#heat .scroll")
    scroll.evaluate("element => { element.scrollLeft = 200 }")
    page.evaluate("() => { window.before = document.querySelector('#heat table') }")
    page.evaluate(FOLLOW)
    page.wait_for_function("() => !window.before.isConnected")
    assert scroll.evaluate("element => element.scrollLeft") == 200


def test_numbers_that_end_over_an_hour_ago_do_not_look_like_those_of_now(
    opened: Opening, words: Words, look: Look
) -> None:
    page = opened("/?org=orbita&m=calls&range=7d")
    expect(page.locator(".fresh.live")).to_have_text(look.of("данные до 12:41", "data up to 12:41"))

    def behind(route: Route) -> None:
        answer = route.fetch()
        body = answer.json()
        body["meta"]["complete_until"] = "2026-04-14T08:40:00Z"
        route.fulfill(response=answer, body=json.dumps(body))

    page.route("**/timeseries?*", behind)
    page.evaluate(FOLLOW)
    expect(page.locator(".fresh.late")).to_have_text(look.of("данные только до 11:40", "data only up to 11:40"))
    expect(page.locator(".fresh")).to_have_attribute("title", re.compile(re.escape(words("late_title"))))


def test_numbers_that_were_those_of_then_are_not_late_because_nobody_asked_again(opened: Opening) -> None:
    page = opened("/?org=orbita&m=calls&from=2026-03-01&to=2026-03-08")
    expect(page.locator(".fresh")).to_be_visible()
    page.clock.set_fixed_time("2026-04-14T11:41:00Z")
    page.evaluate(FOLLOW)
    page.evaluate("() => Object.defineProperty(document, 'hidden', { get: () => true })")
    page.evaluate(FOLLOW)
    expect(page.locator(".fresh.late")).to_have_count(0)
