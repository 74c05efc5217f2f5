"""What is downloaded is what the JSON says: the same numbers as CSV and XLSX, and every row of a list."""

import io

import httpx
import pytest
from openpyxl import load_workbook

from tests.integration.test_api_routes import client, engine, sources

__all__ = ["client", "engine", "sources"]
ASKED = {"metric": ["calls", "talk_avg"], "from": "2026-03-01", "to": "2026-03-03", "step": "day", "by": "gateway"}


async def test_the_files_have_the_numbers_of_the_json(client: httpx.AsyncClient) -> None:
    calls, talk = (await client.get("/api/v1/timeseries", params=ASKED)).json()["series"]
    text = await client.get("/api/v1/timeseries.csv", params={**ASKED, "lang": "ru"})
    rows = [line.split(";") for line in text.content.decode("utf-8-sig").split("\r\n")]
    assert text.headers["content-disposition"] == 'attachment; filename="pulse 2026-03-01 2026-03-03.csv"'
    assert rows[0] == ["День", "Звонки · GSM1 · +7495", "Разговор, среднее · GSM1 · +7495, с"]
    assert [int(row[1]) for row in rows[1:4]] == [*calls["values"], calls["total"]]
    assert {row[2] for row in rows[1:4]} == {str(talk["total"] / 1_000).removesuffix(".0").replace(".", ",")}
    book = await client.get("/api/v1/timeseries.xlsx", params=ASKED)
    numbers = load_workbook(io.BytesIO(book.content)).worksheets[0]
    assert [row[1] for row in numbers.iter_rows(min_row=2, values_only=True)] == [*calls["values"], calls["total"]]


async def test_a_list_comes_whole(client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dashboard.api.lists.MAX_PAGE", 7)
    week = {"from": "2026-03-01", "to": "2026-03-08"}
    for name, column in (("calls", 7), ("orders", 8)):
        page = (await client.get(f"/api/v1/{name}", params=week)).json()
        file = await client.get(f"/api/v1/{name}.csv", params=week)
        _, *rows = file.content.decode("utf-8-sig").splitlines()
        assert [row.split(";")[column] for row in rows] == [row["id"] for row in page["rows"]]
        assert len(rows) == page["total"] > 0


@pytest.mark.parametrize(
    ("address", "parameter"),
    [
        ("timeseries.csv?metric=calls&from=2026-03-01&to=2026-03-02&lang=de", "lang"),
        ("timeseries.xlsx?metric=calls&from=2026-03-01", "to"),
        ("timeseries?metric=calls&from=2026-03-01&to=2026-03-02&lang=ru", "lang"),
        ("timeseries.xlsx?metric=calls&metric=contacts&from=2014-01-01&to=2026-01-01&step=hour", "step"),
        ("calls.csv?from=2026-03-01&to=2026-03-02&limit=5", "limit"),
        ("orders.csv?from=2026-03-01", "to"),
    ],
)
async def test_what_is_wrong_is_said_before_any_file_begins(
    client: httpx.AsyncClient, address: str, parameter: str
) -> None:
    answer = await client.get(f"/api/v1/{address}")
    assert (answer.status_code, answer.json()["parameter"]) == (422, parameter)


async def test_a_list_too_long_for_a_file_is_refused(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dashboard.api.lists.MOST_LINES", 29)
    answer = await client.get("/api/v1/calls.csv?from=2026-03-01&to=2026-03-08")
    assert (answer.status_code, answer.json()["parameter"]) == (422, "to")
    assert "30 rows" in answer.json()["detail"]
