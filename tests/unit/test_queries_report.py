"""A report shows the answer's numbers and no others: 0 and not known differ, totals are the answer's."""

import io
from typing import Any

import pytest
from rich.console import Console

from dashboard.money import amount
from dashboard.report import as_csv, as_table
from dashboard.report_list import list_as_csv, list_as_table


def answer(series: int, *, compared: bool = False) -> dict[str, Any]:
    one = {
        "metric": "talk_p50",
        "unit": "ms",
        "values": [0, None, 61_500.0],
        "total": 1_234_000,
        "comparison": {"values": [None, 5, 6], "total": 7} if compared else None,
    }
    return {
        "meta": {
            "from": "2026-03-01T00:00",
            "to": "2026-03-04T00:00",
            "step": "day",
            "time_zone": "Europe/Moscow",
            "definitions": 1,
            "complete_until": "2026-03-05T00:00:00Z",
            "currency": "RUB",
        },
        "buckets": [f"2026-03-0{day}T00:00+03:00" for day in (1, 2, 3)],
        "series": [{**one, "group": {"gateway": f"pbx/GSM{n}"}, "label": f"[red]{n} · 🚕"} for n in range(series)],
    }


def test_shares_are_percents_and_money_is_in_its_currency() -> None:
    series = {"values": [0.125, None, 1], "total": 0.5, "comparison": None, "group": {}, "label": ""}
    shown = answer(0) | {"series": [{**series, "metric": "conversion", "unit": "share"}]}
    assert cells(shown) == ["12.5 %", "–", "100.0 %", "50.0 %"]
    money = {**series, "values": [0, None, 123_450], "total": 123_450, "metric": "revenue", "unit": "money"}
    assert cells(answer(0) | {"series": [money]}) == ["0.00 RUB", "–", "1,234.50 RUB", "1,234.50 RUB"]
    assert amount(1_234, "JPY") == "1,234 JPY"


def cells(shown: dict[str, Any]) -> list[str]:
    file = io.StringIO()
    as_table(shown, Console(file=file))
    return [line.split("│")[2].strip() for line in file.getvalue().splitlines() if line.startswith("│")]


PAGE = {
    "meta": {"metric": "revenue", "from": "2026-03-01T00:00", "to": "2026-03-02T00:00", "bucket": None},
    "total": 2,
    "sum": 900,
    "rows": [
        {"time": "2026-03-01T10:00:00.000+03:00", "service": "city", "price": None, "counts_in": ["orders", "revenue"]}
    ],
    "next_cursor": "WzFd",
}


def test_a_list_shows_its_rows_how_many_there_are_and_where_it_goes_on() -> None:
    assert list_as_csv(PAGE).splitlines() == [
        "time,service,price,counts_in",
        "2026-03-01T10:00:00.000+03:00,city,,orders revenue",
    ]
    file = io.StringIO()
    list_as_table(PAGE, Console(file=file))
    first, *table, counted, more = file.getvalue().splitlines()
    assert (first, counted) == ("revenue, 2026-03-01T00:00 to 2026-03-02T00:00, all of it", "1 of 2 rows, sum 900")
    assert [part.strip() for part in table[3].split("│")[1:-1]] == [PAGE["rows"][0]["time"], "–", "orders revenue"]  # type: ignore[index]
    assert more == "more: --cursor WzFd"
    assert list_as_csv(PAGE | {"rows": []}) == ""


def printed(width: int | None, series: int) -> list[str]:
    """None is a file; else a terminal of that width."""
    file = io.StringIO()
    terminal = {"force_terminal": True, "width": width, "color_system": None} if width else {}
    as_table(answer(series), Console(file=file, **terminal))  # type: ignore[arg-type]
    return file.getvalue().splitlines()


def test_a_line_of_csv_for_every_value_and_the_totals_last() -> None:
    assert as_csv(answer(1, compared=True)).splitlines() == [
        "metric,group,label,unit,bucket,value,comparison",
        "talk_p50,pbx/GSM0,[red]0 · 🚕,ms,2026-03-01T00:00+03:00,0,",
        "talk_p50,pbx/GSM0,[red]0 · 🚕,ms,2026-03-02T00:00+03:00,,5",
        "talk_p50,pbx/GSM0,[red]0 · 🚕,ms,2026-03-03T00:00+03:00,61500.0,6",
        "talk_p50,pbx/GSM0,[red]0 · 🚕,ms,total,1234000,7",
    ]


def test_nothing_and_not_known_are_told_apart() -> None:
    cells = [line.split("│")[2].strip() for line in printed(None, 1) if line.startswith("│")]
    assert cells == ["0.0 s", "–", "61.5 s", "1,234.0 s"]


@pytest.mark.parametrize(("width", "tables"), [(80, 3), (40, 9), (None, 1)])
def test_a_terminal_gets_as_many_tables_as_fit_it_and_a_file_one(width: int | None, tables: int) -> None:
    lines = printed(width, 9)
    assert sum(line.startswith("┏") for line in lines) == tables
    assert width is None or max(map(len, lines[1:-1])) <= width
    assert sum(line.count("61.5 s") for line in lines) == 9
    assert sum(line.count("[red]") for line in lines) == 9


def test_no_name_is_a_formula_in_a_csv_that_a_table_of_numbers_opens() -> None:
    named = answer(1)
    named["series"][0] |= {"label": "=cmd|' /C calc'", "group": {"number": "+74951110001"}, "values": [-1, None, 5]}
    lines = as_csv(named).splitlines()
    assert lines[1].startswith("talk_p50,'+74951110001,'=cmd|' /C calc',ms,2026-03-01T00:00+03:00,-1")
    page = PAGE | {"rows": [{"phone": "+79160000000", "id": "@SUM(1)", "price": -5, "counts_in": ["-x"]}]}
    assert list_as_csv(page).splitlines()[1] == "'+79160000000,'@SUM(1),-5,'-x"
