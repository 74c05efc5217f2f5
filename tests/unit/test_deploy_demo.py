"""The demo's choices: a folder keeps its city, the history ends with yesterday, the table names every gateway."""

import json
from dataclasses import asdict
from datetime import date
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from deploy.broker import FOLDER
from deploy.demo import FILE, Asked, City, asked_by_gateway, begin, city_of, refuse_city, remember
from deploy.overview import COLUMNS, bars, by_gateway
from deploy.supervisor import StartError

TODAY = date(2026, 3, 10)
HELD = City(1, 7, "2026-02-01", sent=True)


@pytest.fixture
def held(tmp_path: Path) -> Path:
    (tmp_path / FILE).write_text(json.dumps(asdict(HELD)))
    (tmp_path / FOLDER).mkdir()
    return tmp_path


def test_in_a_new_folder_the_history_ends_with_yesterday(tmp_path: Path) -> None:
    assert city_of(tmp_path, Asked(1, 7), TODAY) == City(1, 7, "2026-03-03")


def test_a_folder_goes_on_with_its_city_on_another_day(held: Path) -> None:
    assert city_of(held, Asked(1, 7), TODAY) == HELD
    assert city_of(held, Asked(1, 7, date(2026, 2, 1)), TODAY) == HELD


@pytest.mark.parametrize("asked", [Asked(2, 7), Asked(1, 8), Asked(1, 7, date(2026, 2, 2))])
def test_another_city_is_refused(held: Path, asked: Asked) -> None:
    with pytest.raises(StartError, match=r"holds another city .--seed 1 --days 7 --start 2026-02-01."):
        city_of(held, asked, TODAY)


def test_a_folder_with_records_of_others_gets_no_city(tmp_path: Path) -> None:
    (tmp_path / FOLDER).mkdir()
    with pytest.raises(StartError, match=r"holds records that are not the demo's: choose another --data"):
        city_of(tmp_path, Asked(1, 7), TODAY)


def test_a_folder_with_a_city_takes_no_records_of_others(held: Path) -> None:
    with pytest.raises(StartError, match=r"the demo's invented city: choose another --data .* remove .*demo.json"):
        refuse_city(held)


def test_a_demo_killed_before_its_first_record_is_still_the_demo(tmp_path: Path) -> None:
    begin(tmp_path, HELD)
    (tmp_path / FOLDER).mkdir()
    begin(tmp_path, City(2, 8, "2026-02-02"))
    assert city_of(tmp_path, Asked(1, 7), TODAY) == HELD


def test_one_that_could_not_start_has_left_the_folder_to_any(tmp_path: Path) -> None:
    begin(tmp_path, HELD)
    refuse_city(tmp_path)
    assert city_of(tmp_path, Asked(2, 8), TODAY) == City(2, 8, "2026-03-02")
    begin(tmp_path, City(2, 8, "2026-03-02"))
    (tmp_path / FOLDER).mkdir()
    assert city_of(tmp_path, Asked(2, 8), TODAY).seed == 2


def test_a_kill_while_the_city_is_noted_leaves_the_former_note(held: Path) -> None:
    """What is written in place is empty for a moment; what was opened before stays whole where it is replaced."""
    with (held / FILE).open() as former:
        remember(held, City(1, 7, "2026-02-01"))
        assert City(**json.load(former)) == HELD
    assert city_of(held, Asked(1, 7), TODAY) == City(1, 7, "2026-02-01")


@pytest.mark.parametrize("torn", ["", "{", "[]", '{"seed": 1}'])
def test_a_note_that_says_nothing_is_one_clear_line(held: Path, torn: str) -> None:
    (held / FILE).write_text(torn)
    with pytest.raises(StartError, match=r"demo.json does not say which city .*: choose another --data"):
        city_of(held, Asked(1, 7), TODAY)


def test_an_api_that_has_ended_is_one_clear_line() -> None:
    with pytest.raises(StartError, match=r"the report by gateway cannot be had from http://127\.0\.0\.1:1: "):
        asked_by_gateway("http://127.0.0.1:1", None, HELD)


def test_the_last_day_is_asked_for_in_every_zone() -> None:
    assert City(1, 3, "2026-02-27").end == "2026-03-03"


def test_bars_are_shares_of_the_highest_and_blank_where_nothing_is_known() -> None:
    assert bars([0, 7, 14, None]) == "▁▄█ "
    assert bars([0, 0]) == "▁▁"
    assert bars([]) == ""


def test_the_table_has_a_row_for_each_gateway() -> None:
    text = StringIO()
    Console(file=text, width=140).print(by_gateway(answer("pbx-1/GSM1", "pbx-2/GSM1")))
    rows = [line.split("│")[1:4] for line in text.getvalue().splitlines() if "GSM1" in line]
    assert [[cell.strip() for cell in row] for row in rows] == [
        ["pbx-1/GSM1", "+7495", "3"],
        ["pbx-2/GSM1", "+7495", "3"],
    ]


def answer(*gateways: str) -> dict[str, Any]:
    series = [
        {"metric": metric, "group": {"gateway": name}, "label": "GSM1 · +7495", "values": [1, 2], "total": 3}
        for name in gateways
        for metric in COLUMNS
    ]
    return {"meta": {"from": "2026-03-01T00:00", "to": "2026-03-03T00:00"}, "series": series}
