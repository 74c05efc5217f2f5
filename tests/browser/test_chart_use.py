"""What a person does with the chart: mouse, keyboard, address, errors, new data; each in the page as it is served."""

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import Contexts

Opening = Callable[..., Page]
Api = Callable[..., Any]
FOLLOW = "() => document.dispatchEvent(new Event('visibilitychange', { bubbles: true }))"
"""What the page does each ten seconds, at once."""
RUSSIAN_DESK: Any = {"language": "ru-RU"}
RUSSIAN_PHONE: Any = {"language": "ru-RU", "scheme": "dark", "phone": True}
ENGLISH_DESK: Any = {"language": "en-GB", "scheme": "dark"}
ENGLISH_PHONE: Any = {"language": "en-GB", "phone": True}
OTHERS = pytest.mark.parametrize("who", [RUSSIAN_DESK, ENGLISH_PHONE], ids=["ru desk light", "en phone light"])
DARK = pytest.mark.parametrize("who", [ENGLISH_DESK, RUSSIAN_PHONE], ids=["en desk dark", "ru phone dark"])


def pressed(page: Page, key: str) -> str | None:
    return page.locator(f"[data-key='{key}']").get_attribute("aria-pressed")


@OTHERS
def test_a_click_on_a_pill_hides_its_line_at_once_and_alt_leaves_it_alone(opened: Opening, who: Any) -> None:
    page = opened("/?org=orbita&from=2026-03-01&to=2026-04-01", **who)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "calls_answered" in request.url else None)
    page.evaluate("() => { window.toolbar = document.querySelector('#toolbar').firstElementChild }")
    page.locator("[data-key='pill calls_missed']").click()
    assert pressed(page, "pill calls_missed") == "false"
    assert "off=calls_missed" in page.url
    assert page.locator("#toolbar").evaluate("element => element.firstElementChild === window.toolbar")
    expect(page.locator("#table thead th")).to_have_count(3)
    page.locator("[data-key='pill calls']").click(modifiers=["Alt"])
    for name, on in (("calls", "true"), ("calls_answered", "false"), ("calls_missed", "false")):
        assert pressed(page, f"pill {name}") == on
    assert asked == []


def test_metrics_are_found_by_words_of_both_languages_and_explained(opened: Opening) -> None:
    page = opened()
    page.locator("[data-key=add]").click()
    page.get_by_label("Найти показатель").fill("revenue")
    choice = page.locator(".choice")
    expect(choice).to_have_count(1)
    expect(choice).to_contain_text("Цены выполненных заказов")
    choice.locator("input").check()
    expect(page.locator(".pill .name").last).to_contain_text("Выручка")
    assert "revenue" in page.url


def test_eight_metrics_at_most_and_the_picker_says_so(opened: Opening) -> None:
    page = opened("/?org=orbita&m=calls,calls_answered,calls_missed,calls_short,orders,revenue,contacts,unique_callers")
    page.locator("[data-key=add]").click()
    expect(page.locator(".picker-head .hint")).to_contain_text("Выбрано 8")
    assert page.locator("[data-key='metric calls_outbound']").is_disabled()


def test_dragging_on_the_chart_zooms_and_the_browser_goes_back(opened: Opening) -> None:
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
    expect(page.locator(".range .preset")).to_have_text("28 дней")
    assert "from=" not in page.url


def test_the_overview_moves_the_range_by_mouse_and_by_keyboard(opened: Opening) -> None:
    page = opened()
    handle = page.get_by_role("slider", name="С", exact=True)
    assert handle.get_attribute("aria-valuetext") == "18 мар. 2026 г."
    handle.focus()
    page.keyboard.press("ArrowLeft")
    page.wait_for_url(re.compile("from=2026-03-17"))
    box = page.locator("#overview").bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + 100, box["y"] + 20)
    page.wait_for_url(re.compile("from=2025-0"))


def test_a_step_that_would_be_too_fine_is_off_and_says_why(opened: Opening) -> None:
    page = opened("/?org=orbita&range=all")
    hour = page.locator("[data-key='step hour']")
    assert hour.get_attribute("aria-disabled") == "true"
    assert "400" in (hour.get_attribute("title") or "")
    before = page.url
    hour.click(force=True)
    expect(page.locator(".toast")).to_contain_text("400")
    assert page.url == before


def test_another_step_keeps_the_range_snapped_outwards(opened: Opening) -> None:
    page = opened("/?org=orbita&from=2026-03-05&to=2026-03-18")
    page.locator("[data-key='step week']").click()
    expect(page.locator(".range .span")).to_have_text("2–22 мар. 2026 г.")
    page.locator("[data-key='step day']").click()
    expect(page.locator(".range .span")).to_have_text("5–17 мар. 2026 г.")


def test_breakdown_filter_comparison_and_kind_stand_in_the_address(opened: Opening) -> None:
    page = opened()
    page.locator("[data-key=by]").select_option("gateway")
    page.locator("[data-key=compare]").select_option("year")
    page.locator("[data-key='kind stack']").click()
    page.locator("[data-key=filters]").click()
    page.locator(".popover .row", has_text="Служба").click()
    page.locator(".popover .choice", has_text="Орбита Город").locator("input").check()
    page.wait_for_url(re.compile("service=city"))
    for word in ("by=gateway", "compare=year", "kind=stack", "service=city"):
        assert word in page.url
    expect(page.locator(".chip")).to_contain_text("Орбита Город")
    again = opened(page.url.split("/", 3)[3].join(["/", ""]))
    expect(page.locator(".pill .name")).to_have_text(again.locator(".pill .name").all_inner_texts())


def test_a_metric_without_the_dimension_is_shown_undivided_and_said_so(opened: Opening) -> None:
    page = opened("/?org=orbita&m=orders,calls&by=source")
    expect(page.locator("#notes")).to_contain_text("Звонки: без разбивки")
    assert "Звонки" in page.locator(".pill .name").last.inner_text()


def test_arrows_walk_along_the_points_and_say_them(opened: Opening, api: Api) -> None:
    page = opened("/?org=orbita&m=calls&from=2026-03-01&to=2026-04-01")
    values = api("timeseries", metric="calls", **{"from": "2026-03-01", "to": "2026-04-01"}, organisation="orbita")[
        "series"
    ][0]["values"]
    page.keyboard.press("g")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    expect(page.locator("#said")).to_have_text(f"пн, 2 марта 2026 г. — Звонки: {values[1]}")
    expect(page.locator(".tip")).to_contain_text(str(values[1]))
    page.keyboard.press("End")
    expect(page.locator("#said")).to_contain_text("31 марта")


def test_single_keys_work_and_can_be_switched_off(opened: Opening) -> None:
    page = opened()
    page.keyboard.press("3")
    expect(page.locator("[data-key='step week']")).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("?")
    page.locator("dialog input[type=checkbox]").uncheck()
    page.keyboard.press("Escape")
    page.keyboard.press("2")
    expect(page.locator("[data-key='step week']")).to_have_attribute("aria-pressed", "true")


def test_the_language_switches_and_is_kept(opened: Opening) -> None:
    page = opened()
    page.locator("[data-key=language]").click()
    expect(page.locator("#views button").first).to_have_text("Calls")
    page.reload()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(page.locator(".fresh")).to_have_text("data up to 12:41")


def test_names_of_the_directory_are_text_whatever_they_hold(opened: Opening) -> None:
    page = opened("/?org=vektor&m=calls&by=service")
    expect(page.locator(".pill .name").first).to_have_text("Вектор <b>Город</b>")
    expect(page.locator("#foot")).to_contain_text("Asia/Yekaterinburg")


def test_an_error_is_said_with_a_way_out_and_the_old_numbers_stay(opened: Opening, said: list[str]) -> None:
    page = opened()
    body = json.dumps({"title": "Unavailable", "status": 503, "detail": "the engine is closed"})

    def fail(route: Route) -> None:
        route.fulfill(status=503, content_type="application/problem+json", body=body)

    page.evaluate("() => Object.defineProperty(document, 'hidden', { get: () => true })")  # else it would ask by itself
    page.route("**/timeseries?*", fail)
    page.locator("[data-key='step week']").click()
    expect(page.locator("[role=alert]")).to_contain_text("Сервер сейчас занят или перезапускается")
    expect(page.locator("[role=alert] .detail")).to_have_text("the engine is closed")
    expect(page.locator("main")).to_have_class("busy")
    assert page.locator("#table tbody tr").count() > 20
    page.unroute("**/timeseries?*", fail)
    page.locator("[role=alert] button").click()
    expect(page.locator("[role=alert]")).to_have_count(0)
    expect(page.locator("[data-key='step week']")).to_have_attribute("aria-pressed", "true")
    assert all("503" in line for line in said)
    said.clear()


def test_a_later_question_ends_the_one_before(opened: Opening) -> None:
    page = opened(**ENGLISH_DESK)
    waiting: list[Route] = []

    def hold(route: Route) -> None:
        waiting.append(route)

    page.route("**/timeseries?*step=week*", hold)
    page.locator("[data-key='step week']").click()
    expect(page.locator("main.busy")).to_have_count(1)
    page.locator("[data-key='step day']").click()
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
    opened: Opening, contexts: Contexts, said: list[str]
) -> None:
    asked: list[Route] = []

    def away_once(route: Route) -> None:
        asked.append(route)
        if len(asked) > 1:
            route.continue_()
        else:
            route.fulfill(status=503, content_type="application/problem+json", body=json.dumps({"detail": "it begins"}))

    context = contexts(True, "en-GB", "light", "provider")
    context.route("**/api/v1/metrics", away_once)
    address = "/?org=orbita&m=calls&from=2026-03-01&to=2026-04-01"
    page = opened(address, **ENGLISH_PHONE)  # which waits until all is there
    context.unroute("**/api/v1/metrics", away_once)
    assert len(asked) == 2
    expect(page.locator("[role=alert]")).to_have_count(0)
    expect(page.locator("#table tbody tr")).to_have_count(32)
    assert all("503" in line for line in said)
    said.clear()


def test_an_empty_range_says_where_the_records_begin(opened: Opening) -> None:
    page = opened("/?org=orbita&m=calls&from=2024-03-01&to=2024-03-08")
    expect(page.locator("#empty")).to_contain_text("10 янв. 2025")
    page.locator("#empty button").click()
    expect(page.locator("#empty")).to_be_hidden()


@DARK
def test_the_picture_is_saved(opened: Opening, who: Any) -> None:
    page = opened(**who)
    page.locator("[data-key=more]").click()
    with page.expect_download() as downloading:
        page.locator(".popover .row", has_text="PNG").click()
    assert downloading.value.path().read_bytes().startswith(b"\x89PNG")
    assert downloading.value.suggested_filename == "pulse 2026-03-18 2026-04-14.png"


@pytest.mark.parametrize(
    ("view", "who"),
    [
        ("calls", RUSSIAN_DESK),
        ("new", RUSSIAN_PHONE),
        ("sources", ENGLISH_DESK),
        ("missed", ENGLISH_PHONE),
        ("advert", RUSSIAN_PHONE),
        ("heat", ENGLISH_PHONE),
    ],
)
def test_each_ready_view_is_one_click_away_and_shows_something(opened: Opening, view: str, who: Any) -> None:
    page = opened(**who)
    page.locator(f"[data-key='view {view}']").click()
    expect(page.locator(f"[data-key='view {view}']")).to_have_attribute("aria-current", "page")
    expect(page.locator("main")).to_have_attribute("aria-busy", "false")
    expect(page.locator("#empty")).to_be_hidden()
    assert page.locator(".heat td, #table td").count() > 20


def test_up_and_down_choose_the_line_whose_list_enter_opens(opened: Opening) -> None:
    page = opened("/?org=orbita&from=2026-03-01&to=2026-04-01", **ENGLISH_DESK)
    page.locator("#chart").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowDown")
    expect(page.locator(".tip .on")).to_contain_text("Answered")
    page.keyboard.press("Enter")
    expect(page.locator("dialog h2")).to_contain_text("Answered")
    expect(page.locator("dialog .list-head")).to_have_text(re.compile(r"^\d+ "))


def test_a_finger_sees_first_and_opens_the_list_by_a_second_touch(opened: Opening) -> None:
    page = opened("/?org=orbita&m=calls&from=2026-03-01&to=2026-03-08", phone=True)
    page.locator("#chart").tap(position={"x": 200, "y": 120})
    expect(page.locator(".tip")).to_be_visible()
    assert page.locator("dialog").count() == 0
    page.locator("#chart").tap(position={"x": 200, "y": 120})
    expect(page.locator("dialog .list-head")).to_have_text(re.compile(r"^\d+ "))


def test_what_is_open_under_a_hand_outlives_new_data(opened: Opening) -> None:
    page = opened("/?org=orbita&view=advert&m=new_clients_organisation&by=number&compare=previous&range=7d")
    page.locator("#advert input").first.fill("2026-03-02")
    page.locator("[data-key=add]").click()
    with page.expect_response("**/timeseries?*"):
        page.evaluate(FOLLOW)
    expect(page.locator("#fresh")).to_be_visible()
    expect(page.locator(".popover")).to_be_visible()
    assert page.locator("#advert input").first.input_value() == "2026-03-02"
    page.locator("[data-key=add]").click()
    expect(page.locator(".popover")).to_have_count(0)
