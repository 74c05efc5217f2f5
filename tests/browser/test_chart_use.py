"""What a person does with the chart by its buttons, pills and choices, and what of it stands in the address."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.hands import Hand
from tests.browser.looks import DESK, Look, Words

Opening = Callable[..., Page]
FOCUS = "() => document.activeElement.dataset.key"


def pressed(page: Page, key: str) -> str | None:
    return page.locator(f"[data-key='{key}']").get_attribute("aria-pressed")


def test_a_press_on_a_pill_hides_its_line_at_once(opened: Opening, hand: Hand) -> None:
    page = opened("/?org=orbita&from=2026-03-01&to=2026-04-01")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "calls_answered" in request.url else None)
    page.evaluate("() => { window.toolbar = document.querySelector('#toolbar').firstElementChild }")
    hand.press(page.locator("[data-key='pill calls_missed']"))
    assert pressed(page, "pill calls_missed") == "false"
    assert "off=calls_missed" in page.url
    assert page.locator("#toolbar").evaluate("element => element.firstElementChild === window.toolbar")
    expect(page.locator("#table thead th")).to_have_count(3)
    assert asked == []


@pytest.mark.looks(*DESK, why="a phone has no Alt")
def test_alt_and_a_click_leave_a_line_alone(opened: Opening) -> None:
    page = opened("/?org=orbita&from=2026-03-01&to=2026-04-01")
    page.locator("[data-key='pill calls']").click(modifiers=["Alt"])
    for name, on in (("calls", "true"), ("calls_answered", "false"), ("calls_missed", "false")):
        assert pressed(page, f"pill {name}") == on


def test_metrics_are_found_by_words_of_both_languages_and_explained(
    opened: Opening, look: Look, hand: Hand, words: Words, labels: dict[str, str]
) -> None:
    page = opened()
    hand.press(page.locator("[data-key=add]"))
    page.get_by_label(words("search_metrics")).fill(look.of("revenue", "выручка"))
    choice = page.locator(".choice")
    expect(choice).to_have_count(1)
    expect(choice).to_contain_text(look.of("Цены выполненных заказов", "Prices of completed orders"))
    choice.locator("input").check()
    expect(page.locator(".pill .name").last).to_have_text(labels["revenue"])
    assert "revenue" in page.url


def test_eight_metrics_at_most_and_the_picker_says_so(opened: Opening, hand: Hand, words: Words) -> None:
    page = opened("/?org=orbita&m=calls,calls_answered,calls_missed,calls_short,orders,revenue,contacts,unique_callers")
    hand.press(page.locator("[data-key=add]"))
    expect(page.locator(".picker-head .hint")).to_have_text(words("most_metrics", n=8))
    assert page.locator("[data-key='metric calls_outbound']").is_disabled()


def test_a_step_that_would_be_too_fine_is_off_and_says_why(opened: Opening, hand: Hand, words: Words) -> None:
    page = opened("/?org=orbita&range=all")
    hour = page.locator("[data-key='step hour']")
    assert hour.get_attribute("aria-disabled") == "true"
    why = words("too_many_buckets", days=460)
    assert hour.get_attribute("title") == why
    before = page.url
    hand.press(hour, off=True)
    expect(page.locator(".toast")).to_have_text(why)
    assert page.url == before


def test_another_step_keeps_the_range_snapped_outwards(opened: Opening, look: Look, hand: Hand) -> None:
    page = opened("/?org=orbita&from=2026-03-05&to=2026-03-18")
    hand.press(page.locator("[data-key='step week']"))
    expect(page.locator(".range .span")).to_have_text(look.of("2–22 мар. 2026 г.", "2 – 22 Mar 2026"))
    hand.press(page.locator("[data-key='step day']"))
    expect(page.locator(".range .span")).to_have_text(look.of("5–17 мар. 2026 г.", "5 – 17 Mar 2026"))


def test_breakdown_filter_comparison_and_kind_stand_in_the_address(opened: Opening, hand: Hand, words: Words) -> None:
    page = opened()
    page.locator("[data-key=by]").select_option("gateway")
    page.locator("[data-key=compare]").select_option("year")
    hand.press(page.locator("[data-key='kind stack']"))
    hand.press(page.locator("[data-key=filters]"))
    hand.press(page.locator(".popover .row", has_text=words("by_service")))
    page.locator(".popover .choice", has_text="Орбита Город").locator("input").check()
    page.wait_for_url(re.compile("service=city"))
    for word in ("by=gateway", "compare=year", "kind=stack", "service=city"):
        assert word in page.url
    expect(page.locator(".chip")).to_contain_text("Орбита Город")
    again = opened(page.url.split("/", 3)[3].join(["/", ""]))
    expect(page.locator(".pill .name")).to_have_text(again.locator(".pill .name").all_inner_texts())


def test_a_metric_without_the_dimension_is_shown_undivided_and_said_so(
    opened: Opening, words: Words, labels: dict[str, str]
) -> None:
    page = opened("/?org=orbita&m=orders,calls&by=source")
    expect(page.locator("#notes")).to_contain_text(words("not_divided", names=labels["calls"]))
    assert labels["calls"] in page.locator(".pill .name").last.inner_text()


def test_the_language_switches_and_is_kept(opened: Opening, look: Look, hand: Hand) -> None:
    page = opened()
    hand.press(page.locator("[data-key=language]"))
    expect(page.locator("#views button").first).to_have_text(look.of("Calls", "Звонки"))
    page.reload()
    expect(page.locator("html")).to_have_attribute("lang", look.of("en", "ru"))
    expect(page.locator(".fresh")).to_have_text(look.of("data up to 12:41", "данные до 12:41"))


def test_names_of_the_directory_are_text_whatever_they_hold(opened: Opening) -> None:
    page = opened("/?org=vektor&m=calls&by=service")
    expect(page.locator(".pill .name").first).to_have_text("Вектор <b>Город</b>")
    expect(page.locator("#foot")).to_contain_text("Asia/Yekaterinburg")


def test_an_empty_range_says_where_the_records_begin(opened: Opening, look: Look, hand: Hand, words: Words) -> None:
    page = opened("/?org=orbita&m=calls&from=2024-03-01&to=2024-03-08")
    expect(page.locator("#empty")).to_contain_text(words("empty_range", day=look.of("10 янв. 2025 г.", "10 Jan 2025")))
    hand.press(page.locator("#empty button"))
    expect(page.locator("#empty")).to_be_hidden()


def test_the_picture_is_saved(opened: Opening, hand: Hand) -> None:
    page = opened()
    hand.press(page.locator("[data-key=more]"))
    with page.expect_download() as downloading:
        hand.press(page.locator(".popover .row", has_text="PNG"))
    assert downloading.value.path().read_bytes().startswith(b"\x89PNG")
    assert downloading.value.suggested_filename == "pulse 2026-03-18 2026-04-14.png"


@pytest.mark.parametrize("view", ["calls", "new", "sources", "missed", "advert", "heat"])
def test_each_ready_view_is_one_click_away_and_shows_something(
    opened: Opening, hand: Hand, words: Words, view: str
) -> None:
    page = opened()
    hand.press(page.locator(f"[data-key='view {view}']"))
    expect(page.locator(".views [aria-current=page]")).to_have_text(words(f"view_{view}"))
    expect(page.locator("main")).to_have_attribute("aria-busy", "false")
    expect(page.locator("#empty")).to_be_hidden()
    assert page.locator(".heat td, #table td").count() > 20


def test_a_link_that_cannot_be_copied_is_shown_to_be_copied_by_hand(opened: Opening, hand: Hand, words: Words) -> None:
    page = opened("/?m=calls&from=2026-03-01&to=2026-04-01&org=orbita")
    page.evaluate("() => Object.defineProperty(navigator, 'clipboard', { get: () => undefined })")  # plain http
    hand.press(page.locator("[data-key=more]"))
    hand.press(page.locator(".popover .row", has_text=words("copy_link")))
    expect(page.locator("dialog [data-key=link]")).to_have_value(page.url)


def test_a_file_that_the_server_refuses_is_said_with_its_reason(
    opened: Opening, hand: Hand, words: Words, said: list[str]
) -> None:
    page = opened("/?org=orbita&m=calls&from=2026-03-01&to=2026-04-01")
    refused = {"detail": "too many for XLSX: take CSV", "status": 422}
    page.route("**/timeseries.xlsx?*", lambda route: route.fulfill(status=422, json=refused))
    hand.press(page.locator("[data-key=xlsx]"))
    expect(page.locator("dialog [role=alert]")).to_contain_text(words("problem_422"))
    expect(page.locator("dialog [role=alert]")).to_contain_text("take CSV")
    assert all("422" in line for line in said)
    said.clear()


def test_who_removes_a_filter_is_still_at_its_place(opened: Opening, hand: Hand) -> None:
    page = opened("/?org=orbita&m=calls,calls_missed&service=city")
    hand.press(page.locator(".chip .remove"))
    expect(page.locator(".chip")).to_have_count(0)
    assert page.evaluate(FOCUS) == "filters"


@pytest.mark.looks(*DESK, why="a finger scrolls")
def test_a_press_on_the_strip_that_moves_nothing_changes_nothing(opened: Opening) -> None:
    page = opened("/?org=orbita&m=calls")
    page.locator("#overview .handle").first.click()
    page.locator("#overview .window").click()
    assert page.url.endswith("/?org=orbita&m=calls")
    page.locator("#overview .handle").first.press("ArrowLeft")
    page.wait_for_url(re.compile("from=2026-03-17"))
    page.locator("#overview .handle").first.press("ArrowLeft")
    page.wait_for_url(re.compile("from=2026-03-16"))
    page.go_back()
    page.wait_for_url("**/?org=orbita&m=calls")


@pytest.mark.looks(*DESK, why="a phone has no keys")
def test_keys_change_nothing_that_is_not_shown(opened: Opening) -> None:
    page = opened("/?org=orbita&view=quality")
    for key in "etckg":
        page.keyboard.press(key)
    assert page.url.endswith("/?org=orbita&view=quality")
    expect(page.locator(".popover")).to_have_count(0)


def test_days_before_the_records_are_no_measure_for_growth(opened: Opening, words: Words) -> None:
    page = opened("/?org=orbita&m=calls&compare=previous&from=2025-01-20&to=2025-02-10")
    expect(page.locator(".pill .delta")).to_have_text("–")
    expect(page.locator(".pill .delta")).to_have_attribute("title", words("delta_no_records"))
    expect(page.locator("#table tr.total td").last).to_have_text("–")
    later = opened("/?org=orbita&m=calls&compare=previous&from=2025-02-10&to=2025-03-03")
    expect(later.locator(".pill .delta")).to_contain_text("%")


def test_who_removes_a_metric_is_still_at_its_place(opened: Opening, hand: Hand) -> None:
    page = opened("/?org=orbita&m=calls,calls_missed")
    hand.press(page.locator("[data-key='remove calls_missed']"))
    expect(page.locator(".pill .name")).to_have_count(1)
    assert page.evaluate(FOCUS) == "add"


def test_where_no_metric_fits_the_filters_nothing_old_stays_and_another_can_be_added(
    opened: Opening, hand: Hand, words: Words
) -> None:
    page = opened("/?org=orbita&m=orders&source=website&from=2026-03-01&to=2026-04-01")
    hand.press(page.locator("[data-key=add]"))
    hand.press(page.locator("[data-key='metric calls']"))
    hand.press(page.locator("[data-key='metric orders']"))
    hand.leave(page)
    expect(page.locator("#empty")).to_contain_text(words("empty_groups"))
    expect(page.locator("main")).to_have_attribute("aria-busy", "false")
    expect(page.locator("#chart")).not_to_have_class(re.compile("skeleton"))
    for part in ("#table-part", "#events", "#advert"):
        expect(page.locator(part)).to_be_hidden()
    hand.press(page.locator("[data-key=add]"))
    hand.press(page.locator("[data-key='metric orders']"))
    expect(page.locator("#empty")).to_be_hidden()
    expect(page.locator("#table tbody tr")).to_have_count(32)


def test_a_file_of_the_heat_map_has_its_hours_and_there_is_no_picture_of_it(
    opened: Opening, hand: Hand, words: Words
) -> None:
    page = opened("/?org=orbita&view=heat&m=calls&by=gateway&compare=previous&from=2026-03-02&to=2026-03-30")
    hand.press(page.locator("[data-key=more]"))
    expect(page.locator(".popover .row", has_text=words("copy_link"))).to_have_count(1)
    expect(page.locator(".popover .row", has_text="PNG")).to_have_count(0)
    with page.expect_download() as downloading:
        hand.press(page.locator(".popover .row", has_text="CSV"))
    heading, *lines = downloading.value.path().read_text("utf-8-sig").splitlines()
    assert heading.count(";") == 1
    assert sum(line.startswith("2026-03-") for line in lines) >= 28 * 24
