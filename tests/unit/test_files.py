"""The files say what the answer says: in a Russian Excel, in an English one, and without ever being a formula."""

import io
from datetime import datetime
from typing import Any, cast

import pytest
from openpyxl import load_workbook

from clickhouse.queries.answer import Series, Timeseries
from dashboard.files.as_csv import as_csv
from dashboard.files.as_xlsx import as_xlsx
from dashboard.files.list_lines import headings, lines
from dashboard.files.sheet import sheet
from dashboard.files.words import Lang


def series(metric: str, unit: str, values: list[Any], total: Any, **more: Any) -> Series:
    usual = {"group": {}, "rest": False, "label": metric, "comparison": None}
    return cast(Series, usual | {"metric": metric, "unit": unit, "values": values, "total": total} | more)


def answer(buckets: list[str], step: str, *lines: Series) -> Timeseries:
    meta: Any = {
        "from": "2026-10-24T00:00",
        "to": "2026-10-26T00:00",
        "step": step,
        "time_zone": "Europe/Berlin",
        "definitions": 1,
        "read_from": "calls_daily",
        "partial_from": None,
        "provisional_from": None,
        "complete_until": "2026-10-26T10:15:00Z",
        "history_from": None,
        "currency": "RUB",
        "levels": {"A": 0.25},
    }
    return {"meta": meta, "buckets": buckets, "series": list(lines)}


DAYS = ["2026-10-24T00:00+02:00", "2026-10-25T00:00+02:00"]
DAILY = answer(
    DAYS,
    "day",
    series("calls", "calls", [3, None], 3, comparison={"values": [1, 2], "total": 3}),
    series("revenue", "money", [123_450, 0], 123_450, group={"source": "website"}),
    series("wait_answered_avg", "ms", [1_500.0, None], 1_500.0, group={"gateway": "pbx/GSM1"}, label="=cmd|' /C calc'"),
    series("conversion", "share", [0.25, None], 0.25, group={"number": "x"}, rest=True),
)


def test_a_csv_in_russian_has_semicolons_and_decimal_commas() -> None:
    text = as_csv(sheet(DAILY, "ru")).decode()
    first, *rest = text.split("\r\n")
    assert first == (
        "\ufeffДень;Звонки;Звонки, раньше;Выручка · Сайт, RUB;"
        "Ожидание до ответа, среднее · =cmd|' /C calc', с;Конверсия · Остальные"
    )
    assert rest[:3] == [
        "2026-10-24;3;1;1234,5;1,5;0,25",
        "2026-10-25;;2;0;;",
        "Итого;3;3;1234,5;1,5;0,25",
    ]
    assert "Данные до;2026-10-26T10:15:00Z" in rest
    assert "Связь заказов со звонками, уровень A;0,25" in rest


def test_a_csv_in_english_has_decimal_points() -> None:
    assert "2026-10-24;3;1;1234.5;1.5;0.25" in as_csv(sheet(DAILY, "en")).decode()


def test_hours_of_one_name_are_told_apart_by_their_offset() -> None:
    twice = answer(["2026-10-25T02:00+02:00", "2026-10-25T02:00+01:00"], "hour", series("calls", "calls", [1, 2], 3))
    rows = as_csv(sheet(twice, "en")).decode().split("\r\n")
    assert rows[:4] == [
        "\ufeffHour;Offset from UTC;Calls",
        "2026-10-25 02:00;'+02:00;1",
        "2026-10-25 02:00;'+01:00;2",
        "Total;;3",
    ]


@pytest.mark.parametrize(("lang", "said"), [("ru", "Неполные с"), ("en", "Partial from")])
def test_it_is_noted_from_where_on_the_numbers_are_not_whole_yet(lang: Lang, said: str) -> None:
    begun = {**DAILY, "meta": {**DAILY["meta"], "partial_from": DAYS[1]}}
    assert f"{said};{DAYS[1]}" in as_csv(sheet(cast(Timeseries, begun), lang)).decode()
    assert said not in as_csv(sheet(DAILY, lang)).decode()


def test_an_xlsx_has_dates_and_numbers_and_a_sheet_about_them() -> None:
    numbers, about = load_workbook(io.BytesIO(as_xlsx(sheet(DAILY, "ru")))).worksheets
    rows = list(numbers.iter_rows(values_only=True))
    assert rows[1] == (datetime(2026, 10, 24), 3, 1, 1_234.5, 1.5, 0.25)  # noqa: DTZ001
    assert rows[3] == ("Итого", 3, 3, 1_234.5, 1.5, 0.25)
    assert numbers["A2"].is_date
    assert numbers["D2"].number_format == "#,##0.00"
    assert ("Методика, версия", 1) in list(about.iter_rows(values_only=True))
    assert as_xlsx(sheet(DAILY, "ru")) == as_xlsx(sheet(DAILY, "ru"))


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(1)", "\t=1", "\r=1", "https://example.org", "{=1}"])
def test_no_name_is_ever_a_formula(text: str) -> None:
    named = answer(DAYS, "day", series("calls", "calls", [1, 2], 3, group={"service": "s"}, label=text))
    made = sheet(named, "en")
    column = made.columns[1].__class__(text, "text", [text, text, text])
    [page, _] = load_workbook(io.BytesIO(as_xlsx(made.__class__("en", [column], [(text, text)])))).worksheets
    assert {cell.data_type for row in page.iter_rows() for cell in row} <= {"s"}
    cells = lines("calls", [row(gateway=text)], "en").split(";")
    assert cells[5].strip('"')[0] not in "=+-@\t\r"


def row(**changes: Any) -> dict[str, Any]:
    return {
        "time": "2026-10-24T10:00:00.500+02:00",
        "end": "2026-10-24T10:00:32.000+02:00",
        "organisation": "o",
        "service": "city",
        "service_label": "Город",
        "gateway": "pbx/GSM1",
        "number": "+7495",
        "id": "call-1",
        "phone": "+79160000000",
        "direction": "inbound",
        "reason": "",
        "answered": True,
        "wait_ms": 2_500,
        "talk_ms": 0,
        "counts_in": ["calls", "calls_answered"],
    } | changes


def test_a_list_has_a_line_for_each_row() -> None:
    assert headings("calls", "ru").startswith("Время;Конец;Организация;Служба;Название службы;Шлюз;Номер;")
    assert lines("calls", [row()], "ru") == (
        "2026-10-24 10:00:00;2026-10-24 10:00:32;o;city;Город;pbx/GSM1;'+7495;call-1;'+79160000000;"
        "Входящий;;да;2,5;0;Звонки · Отвеченные;'+02:00\r\n"
    )
    assert ";Calls · Answered;" in lines("calls", [row()], "en")
