"""What people leave on the page and find there again: events, saved views; who is signed in; legs; the quality page."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.hands import Hand
from tests.browser.looks import DESK, Look, Words

Opening = Callable[..., Page]
Api = Callable[..., Any]
MARCH = "/?org=orbita&m=calls&from=2026-03-01&to=2026-04-01"


def note(page: Page, hand: Hand, title: str, start: str, end: str = "") -> None:
    hand.press(page.locator("[data-key=more]"))
    hand.press(page.locator(".popover .row").first)
    page.locator("[data-key='event title']").fill(title)
    page.locator("[data-key='event from']").fill(start)
    page.locator("[data-key='event until']").fill(end)
    hand.press(page.locator("[data-key='event save']"))


def test_a_campaign_stands_on_the_chart_for_its_days_and_leads_to_its_check(
    opened: Opening, api: Api, look: Look, hand: Hand
) -> None:
    page = opened(f"{MARCH}&step=month&by=gateway")
    hand.press(page.locator("[data-key='event campaign/march']"))
    expect(page.locator(".popover")).to_contain_text(look.of("2–29 мар. 2026 г.", "2 – 29 Mar 2026"))
    expect(page.locator(".popover")).to_contain_text("pbx-2/GSM1")
    hand.press(page.locator(".popover .primary"))
    page.wait_for_url(
        re.compile("view=advert&m=new_clients_organisation&from=2026-03-02&to=2026-03-30.*service=comfort")
    )
    days = {"from": "2026-03-02", "to": "2026-03-30", "compare": "previous", "service": "comfort"}
    (whole,) = api("timeseries", metric="new_clients_organisation", **days)["series"]
    expect(page.locator(".headline")).to_contain_text(look.of("Новых клиентов больше на", "more new clients"))
    expect(page.locator(".headline")).to_contain_text(
        f"{whole['total']} {look.of('против', 'against')} {whole['comparison']['total']}"
    )


def test_an_event_is_noted_changed_and_taken_away(opened: Opening, look: Look, hand: Hand, words: Words) -> None:
    page = opened(MARCH)
    note(page, hand, "Storm <b>", "2026-03-10T08:00")
    event = page.locator(".event.incident", has_text="Storm <b>")
    expect(event).to_have_attribute(
        "aria-label", look.of("Событие: Storm <b>, 10 мар. 2026 г. 08:00", "Event: Storm <b>, 10 Mar 2026 08:00")
    )
    hand.press(event)
    page.locator("[data-key='event until']").fill("2026-03-12T00:00")
    hand.press(page.locator("[data-key='event save']"))
    expect(event).to_have_attribute(
        "aria-label", re.compile(look.of("10 мар. 2026 г. 08:00 – 12 мар.", "10 Mar 2026 08:00 – 12 Mar"))
    )
    hand.press(event)
    hand.press(page.locator("[data-key='event remove']"))
    expect(page.locator("[data-key='event remove']")).to_have_text(words("delete_sure"))
    hand.press(page.locator("[data-key='event remove']"))
    expect(event).to_have_count(0)


def test_an_event_that_ends_before_it_begins_is_refused_with_the_reason(
    opened: Opening, hand: Hand, words: Words
) -> None:
    page = opened(MARCH)
    note(page, hand, "Гроза", "2026-03-10T08:00", "2026-03-09T08:00")
    expect(page.locator(".popover [role=alert]")).to_have_text(words("bad_event"))


def test_a_view_is_saved_opened_again_and_deleted(opened: Opening, hand: Hand) -> None:
    page = opened("/?org=orbita&m=orders&by=source&kind=stack&range=90d")
    hand.press(page.locator("[data-key=saved]"))
    page.locator("[data-key='saved name']").fill("Заказы за квартал")
    page.locator("[data-key='saved shared']").check()
    hand.press(page.locator("[data-key='saved save']"))
    expect(page.locator(".saved-row")).to_contain_text("Заказы за квартал")
    hand.leave(page)
    hand.press(page.locator("[data-key='view calls']"))
    hand.press(page.locator("[data-key=saved]"))
    hand.press(page.locator(".saved-row .row"))
    page.wait_for_url(re.compile("m=orders.*range=90d.*by=source.*kind=stack"))
    hand.press(page.locator("[data-key=saved]"))
    hand.press(page.locator(".saved-row .icon"))
    for _ in range(2):
        hand.press(page.locator(".saved .danger"))
    expect(page.locator(".saved-row")).to_have_count(0)


def test_from_a_call_to_its_legs(opened: Opening, hand: Hand, words: Words) -> None:
    page = opened(MARCH)
    hand.open_list(page, 0)
    fold = page.locator("dialog .fold").first
    hand.press(fold)
    legs = page.locator("dialog .legs tbody tr")
    expect(legs).to_have_count(2)
    expect(legs.first).to_contain_text(words("leg_by_machine"))
    expect(fold).to_have_attribute("aria-expanded", "true")
    hand.press(fold)
    expect(legs).to_have_count(0)


def test_from_an_order_to_the_call_it_came_from(opened: Opening, hand: Hand, words: Words) -> None:
    page = opened("/?org=orbita&m=orders&source=operator&from=2026-03-01&to=2026-03-08")
    hand.open_list(page, 0)
    hand.press(page.locator("dialog .fold").first)
    expect(page.locator("dialog .legs")).to_contain_text(words("leg_by_machine"))


def test_the_quality_page_says_what_is_wrong_and_what_to_do(
    opened: Opening, api: Api, look: Look, hand: Hand, words: Words
) -> None:
    page = opened()
    hand.press(page.locator("[data-key=quality]"))
    expect(page.locator("[data-key=dead_letters]")).to_contain_text(words("reason_bad_time"))
    levels = api("quality", **{"from": "2026-03-18", "to": "2026-04-15", "organisation": "orbita"})["levels"]
    percent = look.of(r"\s%", "%")
    expect(page.locator(".levels b").first).to_have_text(re.compile(f"^{round(levels['A'] * 100)}{percent}$"))
    assert page.locator("#chart").is_hidden()
    hand.press(page.locator("[data-key='view calls']"))
    expect(page.locator("#chart")).to_be_visible()


def test_a_viewer_sees_his_service_and_no_phones(opened: Opening, hand: Hand, words: Words) -> None:
    page = opened("/?m=calls&from=2026-03-01&to=2026-03-08&by=service", user="vera")
    expect(page.locator(".pill .name")).to_have_text(["Орбита Город"])
    hand.press(page.locator("[data-key=who]"))
    expect(page.locator(".popover")).to_contain_text("Орбита Город")
    expect(page.locator(".popover")).to_contain_text(words("phones_masked"))
    hand.leave(page)
    hand.open_list(page, 0)
    expect(page.locator("dialog tbody tr").first).not_to_contain_text(re.compile(r"\+7916\d{7}"))


def test_who_signs_in_comes_back_to_the_same_chart_and_can_sign_out(
    opened: Opening, look: Look, hand: Hand, said: list[str]
) -> None:
    page = opened("/?m=orders&range=7d", user=None)
    page.wait_for_url(re.compile(r"/sign-in\?next="))
    expect(page.locator("html")).to_have_attribute("lang", look.language)
    page.locator("#name").fill("orlov")
    page.locator("#password").fill("of the office")
    hand.press(page.locator("button.primary"))
    page.wait_for_selector("html[data-opened]")
    expect(page.locator("[data-key=who]")).to_have_attribute(
        "aria-label", look.of("Вы вошли как orlov", "Signed in as orlov")
    )
    assert page.url.endswith("/?m=orders&range=7d")
    hand.press(page.locator("[data-key=who]"))
    hand.press(page.locator("[data-key=sign-out]"))
    page.wait_for_url(re.compile("/sign-in"))
    page.locator("#name").wait_for()
    assert all("401" in line for line in said)
    said.clear()


def test_a_session_that_ends_meanwhile_leads_to_the_sign_in(opened: Opening, hand: Hand, said: list[str]) -> None:
    page = opened("/?org=orbita&m=calls")
    page.route("**/timeseries?*", lambda route: route.fulfill(status=401, json={"detail": "not signed in"}))
    hand.press(page.locator("[data-key='step week']"))
    page.wait_for_url(re.compile(r"/sign-in\?next=.*step%3Dweek"))
    page.unroute("**/timeseries?*")
    assert all("401" in line for line in said)
    said.clear()


def test_the_provider_is_told_that_an_event_of_no_organisation_is_seen_by_all(
    opened: Opening, hand: Hand, words: Words
) -> None:
    def offered(path: str, user: str) -> str:
        page = opened(path, user=user)
        hand.press(page.locator("[data-key=more]"))
        hand.press(page.locator(".popover .row").first)
        return page.locator("[data-key='event service'] option").first.inner_text()

    assert offered("/?m=calls", "provider") == words("every_organisation")
    assert offered("/?org=orbita&m=calls", "provider") == words("whole_organisation")
    assert offered("/?m=calls", "orlov") == words("whole_organisation")


def test_who_could_not_be_signed_out_hears_it(opened: Opening, hand: Hand, words: Words, said: list[str]) -> None:
    page = opened("/?m=calls")
    page.route("**/api/v1/session", lambda route: route.fulfill(status=503, json={"detail": "it ends"}))
    hand.press(page.locator("[data-key=who]"))
    hand.press(page.locator("[data-key=sign-out]"))
    expect(page.locator(".popover [role=alert]")).to_contain_text(words("problem_503"))
    assert "sign-in" not in page.url
    assert all("503" in line for line in said)
    said.clear()


def test_the_verdict_of_another_metric_is_of_the_days_of_the_campaign_and_bears_its_name(
    opened: Opening, api: Api, look: Look, labels: dict[str, str]
) -> None:
    page = opened("/?org=orbita&view=advert&m=orders&compare=previous&step=month&from=2026-03-02&to=2026-03-30")
    days = {"from": "2026-03-02", "to": "2026-03-30", "compare": "previous", "organisation": "orbita"}
    (whole,) = api("timeseries", metric="orders", step="day", **days)["series"]
    said = page.locator(".headline").inner_text()
    assert said.startswith(f"{labels['orders']}: ")
    assert [look.number(one) for one in re.findall(r"\d[\d,\s\xa0\u202f]*\d", said)[-2:]] == [
        whole["total"],
        whole["comparison"]["total"],
    ]


@pytest.mark.looks(*DESK, why="of two quick taps a phone makes no double click")
def test_a_double_click_or_a_key_that_is_held_saves_once_and_takes_nothing_away(opened: Opening, words: Words) -> None:
    page = opened(MARCH)
    sent: list[str] = []
    page.on("request", lambda asked: sent.append(asked.method) if "/annotations" in asked.url else None)
    page.locator("[data-key=more]").click()
    page.locator(".popover .row").first.click()
    page.locator("[data-key='event title']").fill("Twice")
    page.locator("[data-key='event save']").dblclick()
    event = page.locator(".event.incident", has_text="Twice")
    expect(event).to_have_count(1)
    remove = page.locator("[data-key='event remove']")
    event.click()
    remove.dblclick()
    expect(remove).to_have_text(words("delete_sure"))
    page.keyboard.press("Escape")
    event.click()
    remove.focus()
    for _ in range(3):
        page.keyboard.down("Enter")
    page.keyboard.up("Enter")
    expect(remove).to_have_text(words("delete_sure"))
    assert [method for method in sent if method != "GET"] == ["POST"]
    remove.press("Enter")
    expect(event).to_have_count(0)
    assert [method for method in sent if method != "GET"] == ["POST", "DELETE"]


def test_what_somebody_else_has_noted_is_not_said_to_be_of_the_directory(
    opened: Opening, hand: Hand, words: Words
) -> None:
    own = opened(MARCH, user="orlov")
    hand.press(own.locator("[data-key='event campaign/march']"))
    expect(own.locator(".popover")).to_contain_text(words("from_directory"))
    hand.leave(own)
    note(own, hand, "Обрыв", "2026-03-20T08:00")
    event = own.locator(".event.incident", has_text="Обрыв")
    expect(event).to_have_count(1)
    theirs = opened(MARCH, user="vera")
    hand.press(theirs.locator(".event.incident", has_text="Обрыв"))
    expect(theirs.locator(".popover")).to_contain_text("Обрыв")
    expect(theirs.locator(".popover")).not_to_contain_text(words("from_directory"))
    hand.press(event)
    hand.press(own.locator("[data-key='event remove']"))
    expect(own.locator("[data-key='event remove']")).to_have_text(words("delete_sure"))
    own.locator("[data-key='event remove']").press("Enter")
    expect(event).to_have_count(0)
