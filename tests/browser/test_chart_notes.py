"""What people leave on the page and find there again: events, saved views; who is signed in; legs; the quality page."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

Opening = Callable[..., Page]
Api = Callable[..., Any]
MARCH = "/?org=orbita&m=calls&from=2026-03-01&to=2026-04-01"


def note(page: Page, title: str, start: str, end: str = "") -> None:
    page.locator("[data-key=more]").click()
    page.locator(".popover .row").first.click()
    page.locator("[data-key='event title']").fill(title)
    page.locator("[data-key='event from']").fill(start)
    page.locator("[data-key='event until']").fill(end)
    page.locator("[data-key='event save']").click()


def test_a_campaign_stands_on_the_chart_for_its_days_and_leads_to_its_check(opened: Opening) -> None:
    page = opened(MARCH)
    page.locator("[data-key='event campaign/march']").click()
    expect(page.locator(".popover")).to_contain_text("2–29 мар. 2026 г.")
    expect(page.locator(".popover")).to_contain_text("pbx-2/GSM1")
    page.locator(".popover .primary").click()
    page.wait_for_url(re.compile("view=advert.*from=2026-03-02&to=2026-03-30"))


@pytest.mark.parametrize("phone", [False, True])
def test_an_event_is_noted_changed_and_taken_away(opened: Opening, phone: bool) -> None:
    page = opened(MARCH, phone=phone, language="en-GB", scheme="dark")
    note(page, "Storm <b>", "2026-03-10T08:00")
    event = page.locator(".event.incident", has_text="Storm <b>")
    expect(event).to_have_attribute("aria-label", "Event: Storm <b>, 10 Mar 2026 08:00")
    event.click()
    page.locator("[data-key='event until']").fill("2026-03-12T00:00")
    page.locator("[data-key='event save']").click()
    expect(event).to_have_attribute("aria-label", re.compile("10 Mar 2026 08:00 – 12 Mar 2026"))
    event.click()
    page.locator("[data-key='event remove']").click()
    expect(page.locator("[data-key='event remove']")).to_have_text("Really delete?")
    page.locator("[data-key='event remove']").click()
    expect(event).to_have_count(0)


def test_an_event_that_ends_before_it_begins_is_refused_with_the_reason(opened: Opening) -> None:
    page = opened(MARCH)
    note(page, "Гроза", "2026-03-10T08:00", "2026-03-09T08:00")
    expect(page.locator(".popover [role=alert]")).to_contain_text("конец")


def test_a_view_is_saved_opened_again_and_deleted(opened: Opening) -> None:
    page = opened("/?org=orbita&m=orders&by=source&kind=stack&range=90d")
    page.locator("[data-key=saved]").click()
    page.locator("[data-key='saved name']").fill("Заказы за квартал")
    page.locator("[data-key='saved shared']").check()
    page.locator("[data-key='saved save']").click()
    expect(page.locator(".saved-row")).to_contain_text("Заказы за квартал")
    page.keyboard.press("Escape")
    page.locator("[data-key='view calls']").click()
    page.locator("[data-key=saved]").click()
    page.locator(".saved-row .row").click()
    page.wait_for_url(re.compile("m=orders.*range=90d.*by=source.*kind=stack"))
    page.locator("[data-key=saved]").click()
    page.locator(".saved-row .icon").click()
    for _ in range(2):
        page.locator(".saved .danger").click()
    expect(page.locator(".saved-row")).to_have_count(0)


def test_from_a_call_to_its_legs(opened: Opening) -> None:
    page = opened(MARCH)
    page.locator("#chart").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    fold = page.locator("dialog .fold").first
    fold.click()
    legs = page.locator("dialog .legs tbody tr")
    expect(legs).to_have_count(2)
    expect(legs.first).to_contain_text("автомат")
    expect(fold).to_have_attribute("aria-expanded", "true")
    fold.click()
    expect(legs).to_have_count(0)


def test_from_an_order_to_the_call_it_came_from(opened: Opening) -> None:
    page = opened("/?org=orbita&m=orders&source=operator&from=2026-03-01&to=2026-03-08", language="en-GB")
    page.locator("#chart").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    page.locator("dialog .fold").first.click()
    expect(page.locator("dialog .legs")).to_contain_text("machine")


def test_the_quality_page_says_what_is_wrong_and_what_to_do(opened: Opening, api: Api) -> None:
    page = opened()
    page.locator("[data-key=quality]").click()
    expect(page.locator("[data-key=dead_letters]")).to_contain_text("нет такого времени")
    levels = api("quality", **{"from": "2026-03-18", "to": "2026-04-15", "organisation": "orbita"})["levels"]
    expect(page.locator(".levels b").first).to_have_text(re.compile(f"^{round(levels['A'] * 100)}\\s%$"))
    assert page.locator("#chart").is_hidden()
    page.locator("[data-key='view calls']").click()
    expect(page.locator("#chart")).to_be_visible()


def test_a_viewer_sees_his_service_and_no_phones(opened: Opening) -> None:
    page = opened("/?m=calls&from=2026-03-01&to=2026-03-08&by=service", user="vera")
    expect(page.locator(".pill .name")).to_have_text(["Орбита Город"])
    page.locator("[data-key=who]").click()
    expect(page.locator(".popover")).to_contain_text("Орбита Город")
    expect(page.locator(".popover")).to_contain_text("Телефоны клиентов скрыты")
    page.keyboard.press("Escape")
    page.locator("#chart").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    expect(page.locator("dialog tbody tr").first).not_to_contain_text(re.compile(r"\+7916\d{7}"))


def test_who_signs_in_comes_back_to_the_same_chart_and_can_sign_out(opened: Opening, said: list[str]) -> None:
    page = opened("/?m=orders&range=7d", user=None)
    page.wait_for_url(re.compile(r"/sign-in\?next="))
    page.locator("#name").fill("orlov")
    page.locator("#password").fill("of the office")
    page.locator("button.primary").click()
    page.wait_for_selector("html[data-opened]")
    expect(page.locator("[data-key=who]")).to_contain_text("orlov")
    assert page.url.endswith("/?m=orders&range=7d")
    page.locator("[data-key=who]").click()
    page.locator("[data-key=sign-out]").click()
    page.wait_for_url(re.compile("/sign-in"))
    page.locator("#name").wait_for()
    assert all("401" in line for line in said)
    said.clear()


def test_a_session_that_ends_meanwhile_leads_to_the_sign_in(opened: Opening, said: list[str]) -> None:
    page = opened("/?org=orbita&m=calls", language="en-GB")
    page.route("**/timeseries?*", lambda route: route.fulfill(status=401, json={"detail": "not signed in"}))
    page.locator("[data-key='step week']").click()
    page.wait_for_url(re.compile(r"/sign-in\?next=.*step%3Dweek"))
    page.unroute("**/timeseries?*")
    assert all("401" in line for line in said)
    said.clear()
