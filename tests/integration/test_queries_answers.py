"""What an answer says about few, hand-made calls: null and 0, the rest beside the top, comparisons, repeated hours."""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import product
from typing import Any, cast
from zoneinfo import ZoneInfo

import pytest
from clickhouse_connect.driver.client import Client

from clickhouse.engine import Engine, open_embedded
from clickhouse.loader.batch import Batch, Entry
from clickhouse.loader.mapping import CALLS, MAPPINGS, ORDERS
from clickhouse.loader.store import FactStore
from clickhouse.metrics.metric import ListName
from clickhouse.migrate import migrate
from clickhouse.queries.answer import Series, Timeseries
from clickhouse.queries.lists import Page, rows_behind
from clickhouse.queries.query import BadParameter
from clickhouse.queries.run import Store
from clickhouse.queries.tenant import PROVIDER
from clickhouse.queries.timeseries import timeseries
from streams.contracts.directory import Entities, Gateway, Line, Organisation, Server, Service
from streams.contracts.facts import CallFact, OrderFact
from streams.contracts.times import wall_clock
from streams.directory import Directory

NEW_YEAR_2100_MS = int(datetime(2100, 1, 1, tzinfo=UTC).timestamp() * 1_000)
LATER = datetime(2030, 1, 1, tzinfo=UTC)
ODD = "x'); DROP TABLE call_facts_g1; -- {top:Array(String)} \\ \n"

DIRECTORY = Directory(
    Entities(
        organisations=(
            Organisation(id="o", name="O", time_zone="Europe/Berlin", region="DE", history_from=date(2026, 1, 10)),
            Organisation(id="p", name="P", time_zone="Asia/Kolkata", region="IN", currency="INR"),
            Organisation(id="w", name="W", time_zone="Europe/Berlin", region="DE", history_from=date(2026, 1, 10)),
        ),
        services=(
            Service(id="city", organisation="o", name="City"),
            Service(id="hill", organisation="p", name="Hill"),
            Service(id="east", organisation="w", name="East"),
            Service(id="west", organisation="w", name="West", time_zone="America/New_York"),
        ),
        servers=(Server(id="pbx", time_zone="Europe/Berlin"),),
        gateways=(
            Gateway(
                server="pbx",
                account="GSM1",
                lines=(
                    Line(service="city", numbers=("+491",), until=date(2026, 2, 1)),
                    Line(service="city", numbers=("+492", "+493"), start=date(2026, 2, 1)),
                ),
            ),
        ),
    )
)
ZONES = {"city": "Europe/Berlin", "hill": "Asia/Kolkata"}


def call(at: str, gateway: str = "GSM1", phone: str = "+490", service: str = "city", **measures: Any) -> CallFact:
    """A missed call, unless the measures say otherwise; `at` is local and may carry an offset."""
    local = datetime.fromisoformat(at)
    zone = ZoneInfo(ZONES[service])
    start = int((local if local.tzinfo else local.replace(tzinfo=zone)).timestamp() * 1_000)
    local_time, offset = wall_clock(start, zone)
    fact = dict.fromkeys(CallFact.__annotations__, 0) | {
        "organisation": "o" if service == "city" else "p",
        "service": service,
        "server": "pbx",
        "gateway": gateway,
        "number": "+491",
        "id": f"{at} {gateway} {phone}",
        "phone": phone,
        "direction": "inbound",
        "reason": "",
        "counted": 1,
        "calls": 1,
        "calls_missed": 1,
        "started_at": start,
        "ended_at": start,
        "answered_at": None,
        "local_time": local_time,
        "utc_offset_min": offset,
        "legs": "[]",
        "bridged": "",
    }
    return cast(CallFact, fact | measures)


def order(at: str, source: str = "operator", service: str = "city", **measures: Any) -> dict[str, Any]:
    """A completed order, of no call unless the measures say otherwise."""
    local = datetime.fromisoformat(at).replace(tzinfo=ZoneInfo(ZONES[service]))
    created = int(local.timestamp() * 1_000)
    local_time, offset = wall_clock(created, ZoneInfo(ZONES[service]))
    empty = dict.fromkeys(("server", "gateway", "number", "phone", "currency", "attribution", "call", "unmapped"), "")
    fact = dict.fromkeys(OrderFact.__annotations__, 0) | empty
    return (
        fact
        | {
            "organisation": "o" if service == "city" else "p",
            "service": service,
            "id": f"{at} {source}",
            "source": source,
            "state": "completed",
            "created_at": created,
            "closed_at": None,
            "pickup_at": None,
            "price": None,
            "local_time": local_time,
            "utc_offset_min": offset,
            "orders": 1,
            "orders_completed": 1,
        }
        | measures
    )


class Asked:
    """A store of its own: calls go in as the loader puts them, questions are asked as the API asks them."""

    def __init__(self, engine: Engine) -> None:
        engine.create_database()
        self.writer: Client = engine.writer()
        self.reader = engine.reader()
        migrate(self.writer)
        self.offset = 0

    def insert(self, *facts: CallFact | dict[str, Any], sign: int = 1) -> None:
        """All of one kind."""
        entries = [Entry(self.offset + n, {**f, "sign": sign, "observed_at": 0}) for n, f in enumerate(facts)]
        mapping = ORDERS if "orders" in facts[0] else CALLS
        store = FactStore(self.writer, mapping, 1, f"topic of {mapping.name}")
        store.insert(Batch(0, self.offset, entries[-1].offset, entries), store.clock_ms() + 60_000)
        self.offset += len(facts)

    def ask(self, start: str, end: str, until: datetime = LATER, /, **given: str | Sequence[str]) -> Timeseries:
        raw = {"metric": "calls", "from": start, "to": end, "step": "day", **given}
        listed = {name: [value] if isinstance(value, str) else list(value) for name, value in raw.items()}
        return timeseries(Store(self.reader, 1, PROVIDER), DIRECTORY, listed, until)

    def rows(self, name: ListName, start: str, end: str, /, **given: str | Sequence[str]) -> Page:
        listed = {n: [value] if isinstance(value, str) else list(value) for n, value in given.items()}
        raw = {"from": [start], "to": [end], "step": ["day"], **listed}
        return rows_behind(name, Store(self.reader, 1, PROVIDER), DIRECTORY, raw, LATER)

    def only(self, start: str, end: str, until: datetime = LATER, /, **given: str | Sequence[str]) -> Series:
        [series] = self.ask(start, end, until, **given)["series"]
        return series


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asked]:
    with open_embedded(tmp_path_factory.mktemp("clickhouse")) as engine:
        opened = Asked(engine)
        yield opened
        opened.reader.close()
        opened.writer.close()


@pytest.fixture
def asked(opened: Asked) -> Asked:
    """Empty; offsets go on, so that no insert is taken for a repeated one."""
    for mapping in MAPPINGS:
        for table in mapping.tables(1):
            opened.writer.command(f"TRUNCATE TABLE {table}")
    return opened


def test_nothing_happened_is_0_and_a_ratio_or_percentile_of_nothing_is_null(asked: Asked) -> None:
    asked.insert(call("2026-03-02T10:00", calls_missed=0, calls_answered=1, wait_answered_ms=1_000, talk_ms=60_000))
    metrics = ["calls", "talk_time", "unique_callers", "wait_answered_avg", "talk_p90"]
    series = asked.ask("2026-03-01", "2026-03-03", metric=metrics)["series"]
    assert [one["values"][0] for one in series] == [0, 0, 0, None, None]
    assert [one["values"][1] for one in series[:4]] == [1, 60_000, 1, 1_000.0]
    assert series[4]["total"] == pytest.approx(60_000, rel=0.05)


def test_null_before_the_records_begin_where_nothing_counts(asked: Asked) -> None:
    asked.insert(call("2026-01-08T10:00"), call("2026-01-11T10:00"))
    answer = asked.ask("2026-01-07", "2026-01-12", organisation="o")
    assert answer["series"][0]["values"] == [None, 1, None, 0, 1]
    assert answer["meta"]["history_from"] == "2026-01-10"


def test_the_day_the_records_begin_is_that_of_the_first_clock_that_gets_there(asked: Asked) -> None:
    """Midnight in Berlin is six in the evening of the day before in New York."""
    answer = asked.ask("2026-01-07", "2026-01-12", organisation="w")
    assert answer["series"][0]["values"] == [None, None, 0, 0, 0]
    assert answer["meta"]["history_from"] == "2026-01-09"


def test_null_after_what_is_through_and_the_bucket_in_between_is_partial(asked: Asked) -> None:
    asked.insert(call("2026-03-02T10:00"), call("2026-03-03T10:00"))
    until = datetime(2026, 3, 2, 12, tzinfo=UTC)
    answer = asked.ask("2026-03-01", "2026-03-05", until, organisation="o")
    assert answer["series"][0]["values"] == [0, 1, None, None]
    assert answer["series"][0]["total"] == 2
    assert answer["meta"]["partial_from"] == "2026-03-02T00:00+01:00"
    assert answer["meta"]["complete_until"] == "2026-03-02T12:00:00Z"
    assert asked.ask("2026-03-01", "2026-03-02", until)["meta"]["partial_from"] is None


@pytest.mark.parametrize(
    ("start", "end", "label"),
    [
        ("2026-01-12", "2026-02-01", "GSM1 · +491"),
        ("2026-01-12", "2026-02-02", "GSM1 · +492"),
        ("2026-02-01", "2026-02-02", "GSM1 · +492"),
    ],
)
def test_a_gateway_is_named_with_the_last_line_that_it_had_in_the_range(
    asked: Asked, start: str, end: str, label: str
) -> None:
    asked.insert(call("2026-01-12T10:00"), call("2026-02-01T10:00"))
    assert asked.only(start, end, by="gateway")["label"] == label


def test_groups_without_rows_are_absent_also_where_all_was_taken_back(asked: Asked) -> None:
    moved = call("2026-03-02T10:00", "GSM2")
    asked.insert(moved, call("2026-03-02T11:00", "GSM3", calls=0, calls_missed=0, calls_outbound=1))
    asked.insert(moved, sign=-1)
    asked.insert(call("2026-03-02T10:00", "GSM1"))
    series = asked.ask("2026-03-01", "2026-03-03", by="gateway")["series"]
    assert [one["group"] for one in series] == [{"gateway": "pbx/GSM1"}, {"gateway": "pbx/GSM3"}]
    assert [one["label"] for one in series] == ["GSM1 · +492", "pbx/GSM3"]
    assert [one["values"] for one in series] == [[0, 1], [0, 0]]
    assert asked.only("2026-03-01", "2026-03-03", by="none", gateway="pbx/GSM9")["values"] == [0, 0]
    for step in ("hour", "day"):
        for top, rest in (("1", [True]), ("2", []), ("3", [])):
            beside = asked.ask("2026-03-01", "2026-03-03", by="gateway", top=top, step=step)["series"]
            groups = [one["group"] for one in beside if not one["rest"]]
            assert groups == [{"gateway": "pbx/GSM1"}, {"gateway": "pbx/GSM3"}][: int(top)]
            assert [one["rest"] for one in beside if one["rest"]] == rest


def test_the_rest_beside_the_top_is_counted_not_summed(asked: Asked) -> None:
    """Ivan calls through two gateways of the rest: there he is one caller."""
    asked.insert(*(call(f"2026-03-02T1{hour}:00", "GSM1", "+491") for hour in range(3)))
    asked.insert(call("2026-03-02T10:00", "GSM2", "+499"), call("2026-03-02T10:00", "GSM3", "+499"))
    answer = asked.ask("2026-03-02", "2026-03-03", metric=["calls", "unique_callers"], by="gateway", top="1")
    found = [(one["metric"], one["group"]["gateway"], one["rest"], one["values"]) for one in answer["series"]]
    assert found == [
        ("calls", "pbx/GSM1", False, [3]),
        ("calls", "other", True, [2]),
        ("unique_callers", "pbx/GSM1", False, [1]),
        ("unique_callers", "other", True, [1]),
    ]


def test_uniques_of_a_range_are_no_sum_of_its_days(asked: Asked) -> None:
    asked.insert(*(call(f"2026-03-0{day}T10:00", phone=phone) for day in (2, 3, 4) for phone in ("+491", f"+49{day}")))
    series = asked.only("2026-03-02", "2026-03-05", metric="unique_callers")
    assert (series["values"], series["total"]) == ([2, 2, 2], 4)
    assert asked.only("2026-03-02", "2026-03-09", metric="unique_callers", step="week")["values"] == [4]


def test_previous_is_the_same_length_before_and_from_a_week_up_the_same_weekday(asked: Asked) -> None:
    asked.insert(call("2026-03-02T10:00"), call("2026-03-03T10:00"), call("2026-02-16T10:00"), call("2026-02-23T10:00"))
    two_days = asked.only("2026-03-03", "2026-03-05", compare="previous")
    assert two_days["comparison"] == {"values": [0, 1], "total": 1}
    week = asked.only("2026-03-02", "2026-03-09", compare="previous")
    assert week["comparison"] == {"values": [1, 0, 0, 0, 0, 0, 0], "total": 1}
    nine_days = asked.only("2026-03-02", "2026-03-11", compare="previous")
    assert nine_days["comparison"] == {"values": [1, 0, 0, 0, 0, 0, 0, 1, 0], "total": 2}


def test_previous_is_as_long_however_the_bounds_are_written(asked: Asked) -> None:
    """From midnight to midnight in Berlin, the second time as a moment."""
    asked.insert(call("2026-03-01T00:10"), call("2026-03-01T00:30"), call("2026-03-02T00:30"))
    for end in ("2026-03-03", "2026-03-03T00:00+01:00", "2026-03-02T23:00Z"):
        day = asked.only("2026-03-02T00:00+01:00", end, compare="previous", organisation="o")
        assert (day["values"], day["comparison"]) == ([1], {"values": [2], "total": 2})


def test_last_year_is_the_same_dates_at_any_step(asked: Asked) -> None:
    asked.insert(call("2027-02-28T10:00"), call("2027-03-01T00:00"), call("2028-02-29T10:00"))
    for step in ("hour", "day", "week", "month"):
        series = asked.only("2028-02-28", "2028-03-02", compare="year", step=step, organisation="o")
        assert series["total"] == 1
        assert series["comparison"] is not None
        assert series["comparison"]["total"] == sum(n or 0 for n in series["comparison"]["values"]) == 2
    days = asked.only("2028-02-28", "2028-03-02", compare="year", organisation="o")
    assert days["comparison"] == {"values": [1, None, 1], "total": 2}


def test_last_years_29th_of_february_is_compared_with_nothing(asked: Asked) -> None:
    asked.insert(call("2028-02-28T10:00"), call("2028-02-29T10:00"), call("2028-02-29T11:00"), call("2028-03-01T10:00"))
    asked.insert(call("2029-02-10T10:00"))
    for step, by in product(("hour", "day", "week", "month"), ("none", "gateway")):
        series = asked.only("2029-02-01", "2029-04-01", compare="year", step=step, by=by, organisation="o")
        assert series["comparison"] is not None
        assert series["comparison"]["total"] == sum(n or 0 for n in series["comparison"]["values"]) == 2
    days = asked.only("2029-02-27", "2029-03-02", compare="year", organisation="o")
    assert days["comparison"] == {"values": [0, 1, 1], "total": 2}


def test_an_hour_that_occurs_twice_is_two_buckets_in_one_zone_and_one_in_several(asked: Asked) -> None:
    asked.insert(call("2026-10-25T02:30+02:00"), call("2026-10-25T02:10+01:00"), call("2026-10-25T02:20+01:00"))
    asked.insert(call("2026-10-25T02:40", service="hill"))
    night = ("2026-10-25T01:00", "2026-10-25T04:00")
    assert asked.only(*night, step="hour", organisation="o")["values"] == [0, 1, 2, 0]
    assert asked.only(*night, step="hour")["values"] == [0, 4, 0]
    assert asked.only("2026-10-25T02:00+01:00", "2026-10-26", organisation="o")["values"] == [2]
    assert asked.only("2026-10-25", "2026-10-25T02:00+01:00", organisation="o")["total"] == 1
    before = asked.only("2026-10-25T01:00", "2026-10-25T04:00", step="hour", organisation="o", compare="previous")
    assert before["comparison"] == {"values": [0, 0, None, 0], "total": 0}


def test_over_an_hour_that_the_clock_skipped_there_is_nothing_to_compare_with(asked: Asked) -> None:
    asked.insert(call("2026-03-29T03:30"), call("2026-03-30T02:30"))
    day = asked.only("2026-03-30", "2026-03-31", step="hour", organisation="o", compare="previous")
    assert day["values"][1:4] == [0, 1, 0]
    assert day["comparison"] is not None
    assert day["comparison"]["values"][1:4] == [0, None, 1]
    year = asked.only("2027-03-29", "2027-03-30", step="hour", organisation="o", compare="year")
    assert year["comparison"] == {"values": [0, 0, None, 1, *[0] * 20], "total": 1}


def test_one_moment_for_several_zones_is_one_moment(asked: Asked) -> None:
    asked.insert(call("2026-03-02T12:00+01:00"), call("2026-03-02T18:00+05:30", service="hill"))
    hours = ("2026-03-02T11:30+00:00", "2026-03-02T13:30+00:00")
    with pytest.raises(ValueError, match="finer than an hour"):
        asked.ask(*hours)
    whole = ("2026-03-02T12:30+05:30", "2026-03-02T18:30+05:30")
    with pytest.raises(ValueError, match="finer than an hour"):
        asked.ask(*whole)
    assert asked.only("2026-03-02T11:00Z", "2026-03-02T12:00Z", organisation="o")["total"] == 1
    assert asked.only("2026-03-02T12:00+05:30", "2026-03-02T19:00+05:30", organisation="p")["total"] == 1


def test_values_are_bound_and_never_become_sql(asked: Asked) -> None:
    asked.insert(call("2026-03-02T10:00", ODD, number=ODD))
    day = ("2026-03-02", "2026-03-03")
    for filters in (
        {"gateway": f"pbx/{ODD}"},
        {"number": ODD},
        {"gateway": [f"pbx/{ODD}", "pbx/'"], "number": [ODD, "']"]},
    ):
        assert asked.only(*day, **filters)["values"] == [1]
    assert asked.only(*day, number="' OR 1 = 1 --")["values"] == [0]
    answer = asked.ask(*day, metric=["calls", "unique_callers"], by="gateway", top="1", compare="year")
    assert {one["group"]["gateway"] for one in answer["series"]} == {f"pbx/{ODD}"}
    assert asked.only(*day)["values"] == [1]


def test_sums_are_the_same_at_every_step(asked: Asked) -> None:
    asked.insert(*(call(f"2026-0{month}-{day:02d}T{day % 24:02d}:15") for month in range(1, 8) for day in range(1, 29)))
    for step in ("hour", "day", "week", "month"):
        series = asked.only("2026-01-09T05:00", "2026-07-03T11:00", organisation="o", step=step)
        assert (sum(cast(int, value or 0) for value in series["values"]), series["total"]) == (163, 163)


WEEK = ("2026-03-02", "2026-03-09")


def test_calls_and_orders_stand_in_one_answer_each_read_from_its_own_table(asked: Asked) -> None:
    asked.insert(call("2026-03-02T10:00", "GSM1"), call("2026-03-03T10:00", "GSM2"))
    asked.insert(order("2026-03-02T11:00", server="pbx", gateway="GSM1"), order("2026-03-02T12:00", "website"))
    answer = asked.ask(*WEEK, metric=["calls", "orders"], by="gateway")
    assert answer["meta"]["read_from"] == "calls_daily, orders_daily"
    totals = {(one["metric"], one["group"]["gateway"]): one["total"] for one in answer["series"]}
    assert totals == {
        ("calls", ""): 0,
        ("calls", "pbx/GSM1"): 1,
        ("calls", "pbx/GSM2"): 1,
        ("orders", ""): 1,
        ("orders", "pbx/GSM1"): 1,
        ("orders", "pbx/GSM2"): 0,
    }
    assert asked.only(*WEEK, metric="orders", gateway="")["total"] == 1
    for parameter in ("by", "source"):
        with pytest.raises(BadParameter, match="the metric calls has no source") as refused:
            asked.ask(*WEEK, metric=["orders", "calls"], **{parameter: "source"})
        assert refused.value.parameter == parameter


def test_the_rest_is_not_the_source_of_that_name(asked: Asked) -> None:
    sources = ["other", "other", "app", "website"]
    asked.insert(*(order(f"2026-03-02T1{hour}:00", source) for hour, source in enumerate(sources)))
    series = asked.ask(*WEEK, metric="orders", by="source", top="1")["series"]
    assert [(one["group"], one["rest"], one["label"], one["total"]) for one in series] == [
        ({"source": "other"}, False, "other", 2),
        ({"source": "other"}, True, "the rest", 2),
    ]


def test_money_of_several_currencies_cannot_be_asked(asked: Asked) -> None:
    asked.insert(order("2026-03-02T10:00", revenue=500), order("2026-03-02T10:00", service="hill", revenue=7))
    with pytest.raises(BadParameter, match=r"several currencies \(INR, RUB\)") as refused:
        asked.ask(*WEEK, metric="revenue")
    assert refused.value.parameter == "metric"
    for narrowed, currency, total in (({"organisation": "o"}, "RUB", 500), ({"service": "hill"}, "INR", 7)):
        answer = asked.ask(*WEEK, metric="revenue", **narrowed)
        assert (answer["meta"]["currency"], answer["series"][0]["total"]) == (currency, total)
    assert asked.ask(*WEEK, metric="orders")["meta"]["currency"] is None


def test_contacts_may_still_be_recovered_for_half_an_hour(asked: Asked) -> None:
    asked.insert(call("2026-03-02T10:00", contacts=1, contacts_missed=1, contacts_lost=1))
    until = datetime(2026, 3, 2, 23, 20, tzinfo=UTC)  # 00:20 of the 3rd in Berlin
    answer = asked.ask(*WEEK, until, metric="contacts_lost", organisation="o")
    assert answer["meta"]["provisional_from"] == "2026-03-02T00:00+01:00"
    assert answer["meta"]["partial_from"] == "2026-03-03T00:00+01:00"
    assert asked.ask(*WEEK, until, organisation="o")["meta"]["provisional_from"] is None
    assert asked.ask(*WEEK, metric="contacts_lost", organisation="o")["meta"]["provisional_from"] is None


def test_a_contact_is_provisional_from_its_first_call_as_long_as_its_last_one_is_young(asked: Asked) -> None:
    """Somebody who redials every ten minutes, over midnight, on another gateway each time."""
    missed: Any = {"contacts": 1, "contacts_missed": 1, "contacts_lost": 1}
    asked.insert(call("2026-03-02T22:00", **missed), call("2026-03-02T15:00", **missed))
    redialled = [datetime(2026, 3, 2, 22) + timedelta(minutes=minutes) for minutes in range(10, 180, 10)]  # noqa: DTZ001
    asked.insert(*(call(at.isoformat(), f"GSM{number}") for number, at in enumerate(redialled)))
    asked.insert(call("2026-03-02T12:00", "taken back", **missed, ended_at=NEW_YEAR_2100_MS))
    asked.insert(call("2026-03-02T12:00", "taken back", **missed, ended_at=NEW_YEAR_2100_MS), sign=-1)

    def provisional_from(hour: int, step: str, **filters: str) -> str | None:
        until = datetime(2026, 3, 3, hour, tzinfo=ZoneInfo("Europe/Berlin"))
        of_lost = {"metric": "contacts_lost", "organisation": "o", "step": step, **filters}
        found = asked.ask("2026-03-01", "2026-03-05", until, **of_lost)
        return found["meta"]["provisional_from"]

    assert provisional_from(1, "day") == "2026-03-02T00:00+01:00"
    assert provisional_from(1, "hour") == "2026-03-02T22:00+01:00"
    assert provisional_from(1, "hour", gateway="pbx/GSM1", service="city") == "2026-03-02T22:00+01:00"
    assert provisional_from(2, "hour") == "2026-03-03T01:00+01:00", "settled: only what is yet to come may change"


def test_a_conversion_says_how_sure_it_is_which_calls_brought_the_orders(asked: Asked) -> None:
    asked.insert(call("2026-03-02T10:00", contacts=1, contacts_demand=1, contacts_converted=1))
    asked.insert(call("2026-03-02T12:00", phone="+491", contacts=1, contacts_demand=1))
    attributed: list[dict[str, Any]] = [{f"attributed_{level}": 1} for level in "aabd"]
    asked.insert(*(order(f"2026-03-02T1{n}:00", **measure) for n, measure in enumerate(attributed)))
    asked.insert(order("2026-03-02T20:00", "website"))
    answer = asked.ask(*WEEK, metric=["conversion", "contacts_converted"], gateway="pbx/GSM1")
    assert [one["total"] for one in answer["series"]] == [0.5, 1]
    assert answer["meta"]["levels"] == {"A": 0.5, "B": 0.25, "C": 0.0, "D": 0.25}
    assert asked.ask("2026-03-03", "2026-03-09", metric="conversion")["meta"]["levels"] is None
    assert asked.ask(*WEEK, metric="contacts")["meta"]["levels"] is None


def test_a_list_shows_what_a_person_needs(asked: Asked) -> None:
    asked.insert(call("2026-03-02T10:00", "GSM1", calls_missed=1, new_callers_service=1, contacts=1, contacts_missed=1))
    brought = {"server": "pbx", "gateway": "GSM1", "number": "+491", "call": "pbx/c", "attribution": "A"}
    asked.insert(order("2026-03-02T10:05", price=900, currency="RUB", revenue=900, **brought))
    [shown] = asked.rows("calls", *WEEK, metric="calls_missed")["rows"]
    assert shown == {
        "time": "2026-03-02T10:00:00.000+01:00",
        "end": "2026-03-02T10:00:00.000+01:00",
        "organisation": "o",
        "service": "city",
        "service_label": "City",
        "gateway": "pbx/GSM1",
        "number": "+491",
        "id": "2026-03-02T10:00 GSM1 +490",
        "phone": "+490",
        "direction": "inbound",
        "reason": "",
        "answered": False,
        "wait_ms": 0,
        "talk_ms": 0,
        "counts_in": ["calls", "calls_missed", "new_callers_service", "contacts", "contacts_missed"],
    }
    assert asked.rows("contacts", *WEEK)["rows"] == [shown]
    [ordered] = asked.rows("orders", *WEEK, gateway="pbx/GSM1")["rows"]
    assert (ordered["time"], ordered["closed"]) == ("2026-03-02T10:05:00.000+01:00", None)
    assert (ordered["state"], ordered["price"], ordered["call"]) == ("completed", 900, "pbx/c")
    assert ordered["counts_in"] == ["orders", "orders_completed", "revenue"]
    page = asked.rows("orders", *WEEK, metric="revenue", organisation="o")
    assert (page["total"], page["sum"]) == (1, 900)


def test_what_was_taken_back_is_in_no_list_and_pages_follow_each_other(asked: Asked) -> None:
    calls = [call(f"2026-03-0{day}T10:00") for day in (2, 3, 4, 5)]
    asked.insert(*calls)
    asked.insert(calls[1], sign=-1)
    first = asked.rows("calls", *WEEK, limit="2")
    assert (first["total"], [row["id"][:10] for row in first["rows"]]) == (3, ["2026-03-02", "2026-03-04"])
    asked.insert(call("2026-03-02T09:00"))  # comes late, before the page that was read
    cursor = first["next_cursor"]
    assert cursor
    last = asked.rows("calls", *WEEK, limit="2", cursor=cursor)
    assert ([row["id"][:10] for row in last["rows"]], last["next_cursor"]) == (["2026-03-05"], None)


def test_the_bucket_of_a_list_is_named_as_on_the_chart(asked: Asked) -> None:
    twice = [call("2026-10-25T02:10+02:00"), call("2026-10-25T02:10+01:00")]
    asked.insert(*twice)
    day = ("2026-10-25", "2026-10-26")
    only = {"service": "city", "step": "hour"}
    for offset, fact in zip(("+02:00", "+01:00"), twice, strict=True):
        page = asked.rows("calls", *day, bucket=f"2026-10-25T02:00{offset}", **only)
        assert [row["id"] for row in page["rows"]] == [fact["id"]]
    assert asked.rows("calls", *day, bucket="2026-10-25T02:00", **only)["total"] == 2
    assert asked.rows("calls", *day, bucket="2026-10-25T00:00", step="day")["total"] == 2


@pytest.mark.parametrize(
    ("name", "parameter", "given"),
    [
        ("calls", "metric", {"metric": "orders"}),
        ("calls", "metric", {"metric": "contacts_lost"}),
        ("calls", "metric", {"metric": ["calls", "calls_missed"]}),
        ("orders", "metric", {"metric": "revenue"}),
        ("calls", "by", {"by": "gateway"}),
        ("calls", "source", {"source": "app"}),
        ("calls", "bucket", {"bucket": "2026-03-02T10:00"}),
        ("calls", "bucket", {"bucket": "2026-03-09"}),
        ("calls", "bucket", {"bucket": "2026-03-02T00:00+05:00", "organisation": "o"}),
        ("calls", "bucket", {"bucket": "2026-03-02T00:00+01:00"}),
        ("calls", "cursor", {"cursor": "nonsense"}),
        ("calls", "cursor", {"cursor": "WzEsMl0"}),
        ("calls", "limit", {"limit": "0"}),
        ("calls", "limit", {"limit": "10001"}),
    ],
)
def test_what_a_list_cannot_be_asked(
    asked: Asked, name: ListName, parameter: str, given: dict[str, str | list[str]]
) -> None:
    with pytest.raises(BadParameter) as refused:
        asked.rows(name, *WEEK, **given)
    assert refused.value.parameter == parameter


def test_the_list_of_what_has_no_service_is_as_long_as_its_point_where_services_have_a_zone_of_their_own(
    asked: Asked,
) -> None:
    """The chart is in the services' zone, the list in the organisation's: a bucket is the same wall clock in both."""
    berlin, ural = Organisation(id="o", name="O", time_zone="Europe/Berlin", region="DE"), "Asia/Yekaterinburg"
    service = Service(id="city", organisation="o", name="City", time_zone=ural)
    directory = Directory(Entities(organisations=(berlin,), services=(service,)))
    asked.insert(*(order(f"2026-03-{day}T23:30", source="app") | {"service": ""} for day in ("02", "03")))
    store = Store(asked.reader, 1, PROVIDER)
    point = {"metric": ["orders"], "from": ["2026-03-01"], "to": ["2026-03-08"], "organisation": ["o"]}
    for step in ("hour", "day", "week"):
        chart = timeseries(store, directory, {**point, "step": [step], "by": ["service"]}, LATER)
        [values] = [series["values"] for series in chart["series"] if series["group"] == {"service": ""}]
        assert sum(value or 0 for value in values) == 2
        for bucket, value in zip(chart["buckets"], values, strict=True):
            if value:
                assert bucket.endswith("+05:00")
                behind = {**point, "step": [step], "service": [""], "bucket": [bucket[:16]]}
                assert rows_behind("orders", store, directory, behind, LATER)["total"] == value
