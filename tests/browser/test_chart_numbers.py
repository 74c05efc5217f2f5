"""What the page shows is what the API answers: in pills, in the table, in the file, in the list behind a point."""

import csv
import io
import json
import re
import zipfile
from collections.abc import Callable
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.hands import Hand
from tests.browser.looks import FAR, Look, Words

Opening = Callable[..., Page]
Api = Callable[..., Any]

MARCH = {"from": "2026-03-01", "to": "2026-04-01", "organisation": "orbita"}


def rows(page: Page) -> list[list[str]]:
    read = "rows => rows.map(row => [...row.cells].map(cell => cell.innerText))"
    found: list[list[str]] = page.locator("#table tbody tr").evaluate_all(read)
    return found


@pytest.mark.parametrize("step", ["day", "week", "month"])
def test_the_table_has_the_numbers_of_the_api(opened: Opening, api: Api, look: Look, hand: Hand, step: str) -> None:
    page = opened(f"/?org=orbita&m=calls,orders,unique_callers&from=2026-01-01&to=2026-04-14&step={step}")
    bounds = {
        "day": ("2026-01-01", "2026-04-14"),
        "week": ("2025-12-29", "2026-04-20"),
        "month": ("2026-01-01", "2026-05-01"),
    }
    start, end = bounds[step]
    answer = api(
        "timeseries",
        metric=["calls", "orders", "unique_callers"],
        **{"from": start, "to": end},
        step=step,
        organisation="orbita",
    )
    more = page.locator("[data-key='more-rows']")
    if more.count():
        hand.press(more)
    total, *buckets = rows(page)
    assert [look.number(cell) for cell in total[1:]] == [series["total"] for series in answer["series"]]
    assert len(buckets) == len(answer["buckets"])
    for index, row in enumerate(buckets):
        assert [look.number(cell) for cell in row[1:]] == [series["values"][index] for series in answer["series"]]


def test_pills_show_the_totals_of_the_api(opened: Opening, api: Api, look: Look, words: Words) -> None:
    page = opened("/?org=orbita&m=calls&by=gateway&top=3&from=2026-03-01&to=2026-04-01")
    answer = api("timeseries", metric="calls", by="gateway", top=3, **MARCH)
    shown = [look.number(text) for text in page.locator(".pill .figures b").all_inner_texts()]
    assert shown == [series["total"] for series in answer["series"]]
    assert page.locator(".pill .name").last.inner_text() == words("rest")


def test_the_list_behind_a_point_is_as_long_as_the_point_is_high(
    opened: Opening, look: Look, hand: Hand, words: Words
) -> None:
    page = opened("/?org=orbita&m=calls_missed&from=2026-03-01&to=2026-04-01")
    total, *buckets = rows(page)
    day = buckets[9]
    hand.open_list(page, 9)
    expect(page.locator("dialog .list-head")).to_have_text(re.compile(rf"^{day[1]}\D"))
    assert page.locator("dialog tbody tr").count() == look.number(day[1])
    missed = page.locator("dialog tbody tr").first.locator(".worse")
    assert missed.evaluate("cell => getComputedStyle(cell).color !== getComputedStyle(cell.parentElement).color")
    assert total[0] == words("whole_range")


def test_a_long_list_comes_page_by_page(opened: Opening, look: Look, hand: Hand) -> None:
    page = opened("/?org=orbita&m=calls&by=gateway&top=3&gateway=pbx-1/GSM1&from=2026-03-01&to=2026-04-01&step=month")
    high = look.number(page.locator(".pill .figures b").first.inner_text())
    hand.open_list(page, 0)
    expect(page.locator("dialog tbody tr")).to_have_count(100)
    scroll = page.locator("dialog .scroll")
    scroll.evaluate("list => { list.scrollTop = 200; }")
    while page.locator("[data-key='list more']").count():
        before = page.locator("dialog tbody tr").count()
        hand.press(page.locator("[data-key='list more']"))
        expect(page.locator("dialog tbody tr")).not_to_have_count(before)
    assert page.locator("dialog tbody tr").count() == high
    assert scroll.evaluate("list => list.scrollTop") == 200


def test_the_file_has_the_same_numbers_and_opens_in_a_russian_excel(
    opened: Opening, api: Api, look: Look, hand: Hand
) -> None:
    page = opened("/?org=orbita&m=calls,orders,wait_answered_avg&off=orders&from=2026-03-01&to=2026-04-01")
    with page.expect_download() as downloading:
        hand.press(page.locator("[data-key=csv]"))
    assert downloading.value.suggested_filename == "pulse 2026-03-01 2026-04-01.csv"
    raw = downloading.value.path().read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")
    heading, *lines = csv.reader(io.StringIO(raw.decode("utf-8-sig"), newline=""), delimiter=";")
    answer = api("timeseries", metric=["calls", "wait_answered_avg"], **MARCH)
    calls, wait = answer["series"]
    assert len(heading) == 3
    assert [int(line[1]) for line in lines[:31]] == calls["values"]
    assert look.of(",", ".") in lines[0][2]
    assert float(lines[0][2].replace(",", ".")) == pytest.approx(wait["values"][0] / 1_000, abs=1e-3)
    assert int(lines[31][1]) == calls["total"]


def test_the_workbook_is_one(opened: Opening, hand: Hand) -> None:
    page = opened("/?org=orbita&m=calls&from=2026-03-01&to=2026-03-08")
    with page.expect_download() as downloading:
        hand.press(page.locator("[data-key=xlsx]"))
    assert downloading.value.suggested_filename == "pulse 2026-03-01 2026-03-08.xlsx"
    with zipfile.ZipFile(downloading.value.path()) as book:
        assert "xl/worksheets/sheet1.xml" in book.namelist()


def test_sorting_keeps_the_whole_range_on_top(
    opened: Opening, look: Look, hand: Hand, words: Words, labels: dict[str, str]
) -> None:
    page = opened("/?org=orbita&m=calls&from=2026-03-01&to=2026-04-01")
    hand.press(page.locator("[data-key='sort calls']"))
    total, *buckets = rows(page)
    values = [look.number(row[1]) for row in buckets]
    assert total[0] == words("whole_range")
    assert values == sorted(values, key=lambda value: -(value or 0))
    assert page.locator("th[aria-sort=descending]").inner_text().startswith(labels["calls"])


def test_the_advert_in_march_brought_new_clients_through_its_number(
    opened: Opening, api: Api, look: Look, hand: Hand
) -> None:
    """The owner's question, by clicks only."""
    page = opened("/?org=orbita")
    hand.press(page.locator("[data-key='view advert']"))
    page.locator("#advert input").first.fill("2026-03-02")
    page.locator("#advert input").last.fill("2026-03-29")
    hand.press(page.locator("#advert .primary"))
    asked = {"from": "2026-03-02", "to": "2026-03-30", "organisation": "orbita", "compare": "previous"}
    (whole,) = api("timeseries", metric="new_clients_organisation", **asked)["series"]
    expect(page.locator(".headline")).to_contain_text(
        f"{whole['total']} {look.of('против', 'against')} {whole['comparison']['total']}"
    )
    expect(page.locator(".verdict")).to_contain_text("+74952000005")
    assert page.locator(".headline.better").count() == 1
    assert "view=advert" in page.url


def test_a_campaign_of_the_directory_is_checked_by_one_click(opened: Opening, look: Look, hand: Hand) -> None:
    page = opened("/?org=orbita&view=advert&m=new_clients_organisation&by=number&compare=previous", user="orlov")
    hand.press(page.locator("[data-key='campaign campaign/march']"))
    page.wait_for_url(re.compile("from=2026-03-02&to=2026-03-30"))
    expect(page.locator(".verdict")).to_contain_text("+74952000005")
    expect(page.locator(".verdict")).to_contain_text(look.of("Потрачено 120 000 ₽", "Spent ₽120,000"))


def test_the_running_bucket_is_marked_and_what_has_not_come_is_no_zero(
    opened: Opening, look: Look, words: Words
) -> None:
    page = opened("/?org=orbita&m=calls&range=today")
    _, *hours = rows(page)
    assert words("mark_running") in hours[12][0]
    assert hours[13][1] == "–"
    assert hours[3][1] != "–"
    expect(page.locator(".fresh")).to_have_text(look.of("данные до 12:41", "data up to 12:41"))
    expect(page.locator("#foot")).to_contain_text("Europe/Moscow")
    expect(page.locator("#foot")).to_contain_text(look.of("Методика, версия 1", "Definitions, version 1"))


def test_the_mean_hour_of_the_heat_map_is_that_of_the_api(opened: Opening, api: Api, look: Look) -> None:
    page = opened("/?org=orbita&m=calls&view=heat&from=2026-03-02&to=2026-03-30")
    days = {"from": "2026-03-02", "to": "2026-03-30", "organisation": "orbita"}
    answer = api("timeseries", metric="calls", step="hour", **days)
    mondays = answer["series"][0]["values"][8 :: 24 * 7]
    assert len(mondays) == 4
    cell = page.locator(".heat tbody tr").first.locator("td").nth(8)
    assert look.number(cell.inner_text()) == pytest.approx(sum(mondays) / 4, abs=0.051)


@pytest.mark.looks(*FAR, why="where the browser's clock is that of UTC nothing can go wrong")
def test_the_hours_of_several_zones_are_not_those_of_the_browser(opened: Opening) -> None:
    page = opened("/?m=calls&from=2026-03-02&to=2026-03-03&step=hour")
    _, *hours = rows(page)
    assert hours[0][0].endswith("00:00–01:00")
    assert hours[8][0].endswith("08:00–09:00")


@pytest.mark.looks(*FAR, why="where the browser's clock is that of UTC nothing can go wrong")
def test_the_quality_page_has_the_times_of_the_office_also_where_it_is_opened_first(opened: Opening, api: Api) -> None:
    page = opened("/?org=orbita&view=quality")
    first = api("quality", **MARCH)["freshness"]["servers"][0]
    last = datetime.fromisoformat(first["last_call"]).astimezone(ZoneInfo("Europe/Moscow"))
    cells = page.locator("[data-key=fresh_servers] tbody tr").first.locator("td")
    expect(cells.nth(0)).to_have_text(first["server"])
    expect(cells.nth(1)).to_have_text(re.compile(f"{last:%H:%M}$"))


def test_the_spend_of_a_campaign_is_not_that_of_clients_of_other_services(
    opened: Opening, look: Look, hand: Hand
) -> None:
    days = "view=advert&m=new_clients_organisation&by=number&compare=previous&from=2026-03-02&to=2026-03-30"
    page = opened(f"/?org=orbita&{days}")
    button, spend = page.locator("[data-key='campaign campaign/march']"), look.of("Потрачено", "Spent")
    expect(page.locator(".verdict")).to_contain_text("+74952000005")
    expect(page.locator(".verdict")).not_to_contain_text(spend)
    expect(button).to_have_attribute("aria-pressed", "false")
    hand.press(button)
    expect(page.locator(".verdict")).to_contain_text(spend)
    expect(button).to_have_attribute("aria-pressed", "true")
    page.go_back()
    expect(button).to_have_attribute("aria-pressed", "false")


def test_the_number_that_gained_most_is_named_though_it_is_none_of_the_largest(opened: Opening) -> None:
    def with_another(route: Route) -> None:
        answer = route.fetch()
        body = answer.json()
        last = body["series"][-1]
        more = {
            "group": {"number": "+1"},
            "label": "+1",
            "total": 9_999,
            "comparison": {**last["comparison"], "total": 0},
        }
        body["series"].append({**last, **more, "rest": False})
        route.fulfill(response=answer, body=json.dumps(body))

    days = "view=advert&m=new_clients_organisation&by=number&top=3&compare=previous&from=2026-03-02&to=2026-03-30"
    page = opened("/?org=orbita")
    page.route("**/timeseries?*top=500*", with_another)
    page.goto(f"{page.url.partition('?')[0]}?org=orbita&{days}")
    expect(page.locator(".verdict")).to_contain_text("+1 (+9")
    expect(page.locator("#pills")).not_to_contain_text("+1 ")


def test_calls_are_not_stacked_on_their_own_parts(opened: Opening, words: Words, labels: dict[str, str]) -> None:
    page = opened("/?org=orbita&kind=stack")
    expect(page.locator("#notes")).to_have_text(words("kind_stack_counted", names=labels["calls"]))
