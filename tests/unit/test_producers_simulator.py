"""The simulated city: the same seed gives the same bytes anywhere, and it does all that real telephony does."""

import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable
from datetime import date
from functools import cache
from hashlib import sha256
from itertools import islice, pairwise

import orjson
import pytest

from producers.simulator.city import Plan, build
from producers.simulator.disorder import Delivery
from producers.simulator.profile import expected_calls
from producers.simulator.simulate import Simulation
from streams.contracts.records import CallRecord, read
from streams.contracts.times import DAY_MS, HOUR_MS
from streams.contracts.topics import CALL_RECORDS, CLIENT_BASE
from streams.directory import Directory

PLAN = Plan(seed=7, start=date(2026, 3, 1), days=4, calls_per_day=600)
DIGEST = "9f9194ea7ed48665f8230b70516a999ba03ca6672103036aefaa392fef0f5a84"


@cache
def _history() -> tuple[Delivery, ...]:
    return tuple(Simulation(PLAN).history())


@cache
def _records() -> tuple[CallRecord, ...]:
    """Read as the stream reads them: key and value."""
    return tuple(read(CallRecord, each.key, each.value) for each in _history() if each.topic == CALL_RECORDS.name)


def _digest(deliveries: tuple[Delivery, ...]) -> str:
    return sha256(b"\n".join(each.key + b"\t" + each.value for each in deliveries)).hexdigest()


def _share(of: int) -> float:
    return of / len(_records())


def test_the_same_seed_gives_the_same_bytes_on_any_machine() -> None:
    """A digest that is kept: a change of the simulator changes it knowingly, nothing else may."""
    assert _digest(_history()) == DIGEST


def test_neither_hash_seed_nor_time_zone_of_the_machine_get_into_it() -> None:
    script = (
        "from datetime import date; from hashlib import sha256; from producers.simulator.city import Plan;"
        "from producers.simulator.simulate import Simulation;"
        "deliveries = Simulation(Plan(7, date(2026, 3, 1), 4, calls_per_day=600)).history();"
        "print(sha256(b'\\n'.join(each.key + b'\\t' + each.value for each in deliveries)).hexdigest())"
    )
    elsewhere = os.environ | {"PYTHONHASHSEED": "4711", "TZ": "America/St_Johns", "LC_ALL": "C"}
    run = subprocess.run([sys.executable, "-c", script], env=elsewhere, capture_output=True, text=True, check=True)
    assert run.stdout.strip() == _digest(_history())


def test_another_seed_is_another_city() -> None:
    other = Simulation(Plan(seed=8, start=PLAN.start, days=1, calls_per_day=100)).history()
    assert not {each.value for each in other} & {each.value for each in _history()}


def test_every_record_keeps_the_contract_and_comes_in_the_order_in_which_it_is_seen() -> None:
    assert len(_records()) > 5_000
    assert all(one.due <= other.due for one, other in pairwise(_history()))


def test_records_are_repeated_revised_out_of_order_and_late() -> None:
    identities = Counter((record.server, record.record_id) for record in _records())
    assert 0.01 < _share(sum(count - 1 for count in identities.values())) < 0.1
    assert 0.005 < _share(sum(record.revision > 0 for record in _records())) < 0.05
    late = [record.observed_at - record.ended_at for record in _records()]
    assert any(delay > 20 * DAY_MS for delay in late)
    assert 0.02 < _share(sum(delay > 3_000 for delay in late)) < 0.2
    assert any(one.started_at > other.started_at + HOUR_MS for one, other in pairwise(_records()))


def test_a_revision_may_come_before_what_it_revises_and_says_something_else() -> None:
    first: dict[tuple[str, str], CallRecord] = {}
    early = differing = 0
    for record in _records():
        former = first.setdefault((record.server, record.record_id), record)
        early += former.revision > record.revision
        differing += former.ended_at != record.ended_at
    assert early
    assert differing


def test_calls_have_several_legs_answered_by_machine_and_then_by_a_person() -> None:
    by_call: dict[tuple[str, str], set[str | None]] = {}
    for record in _records():
        by_call.setdefault((record.server, record.call_id), set()).add(record.answered_by)
    kinds = Counter(frozenset(kinds) for kinds in by_call.values())
    assert kinds[frozenset({"machine", "agent", None})] > 100
    assert kinds[frozenset({"machine", None})] > 20


def test_transfers_carry_another_call_id_and_share_a_channel() -> None:
    calls = {
        (record.server, record.call_id) for record in _records() if record.gateway and record.direction == "inbound"
    }
    linked = [
        record
        for record in _records()
        if any(channel != record.call_id and (record.server, channel) in calls for channel in record.channel_ids)
    ]
    assert any(
        record.call_id.split(".")[1] != record.channel_ids[1].split(".")[1]
        for record in linked
        if record.channel_ids[1:]
    )


def test_servers_share_account_names_and_every_way_is_taken() -> None:
    ways = {(record.server, record.direction, record.gateway) for record in _records()}
    for server in ("pbx-1", "pbx-2", "pbx-3"):
        for account in ("GSM1", "GSM2", "GSM3", "GSM4"):
            assert (server, "inbound", account) in ways
        assert (server, "internal", None) in ways
        assert (server, "outbound", "GSM1") in ways
    directory = Directory(build(PLAN).entities)
    trunks = [
        record for record in _records() if record.gateway and directory.is_internal_peer(record.server, record.gateway)
    ]
    assert {record.direction for record in trunks} == {"inbound", "outbound"}


def test_only_the_gateway_that_nobody_mapped_and_the_trunks_have_no_line() -> None:
    directory = Directory(build(PLAN).entities)
    without = {
        record.gateway
        for record in _records()
        if record.gateway and not directory.line(record.server, record.gateway, record.started_at)
    }
    assert {gateway for gateway in without if gateway and gateway.startswith("GSM")} == {"GSM9"}


def test_one_line_moves_to_another_service_in_the_middle() -> None:
    directory = Directory(build(PLAN).entities)
    lines = [directory.line("pbx-1", "GSM2", at) for at in (PLAN.start_ms, PLAN.end_ms)]
    assert [line and line.service for line in lines] == ["orbita-city", "orbita-econom"]


def test_callers_are_hidden_invalid_and_spelt_in_every_way() -> None:
    callers = [record.caller for record in _records() if record.gateway and record.direction == "inbound"]
    for sample in ("", "anonymous", "112", "7916123456"):
        assert sample in callers
    for start in ("8", "+7", "9", "7", "8 (", "+7 9", "2"):
        assert any(caller.startswith(start) for caller in callers)
    assert any(len(caller) == 7 and caller.isdigit() for caller in callers)


def test_clients_come_again_and_some_know_several_organisations() -> None:
    directory = Directory(build(PLAN).entities)
    seen: dict[str, set[str]] = {}
    calls = Counter[str]()
    for record in _records():
        line = directory.line(record.server, record.gateway or "", record.started_at)
        if line and record.direction == "inbound" and len(record.caller) >= 10 and record.caller[-10:].isdigit():
            calls[record.caller[-10:]] += 1
            seen.setdefault(record.caller[-10:], set()).add(directory.services[line.service].organisation)
    assert calls.most_common(50)[-1][1] >= 4
    assert sum(len(organisations) > 1 for organisations in seen.values()) > 5
    assert len(seen) > 500


def test_missed_callers_dial_again_within_minutes() -> None:
    missed: dict[str, int] = {}
    redials = 0
    inbound = (
        record for record in _records() if record.gateway and record.direction == "inbound" and len(record.caller) == 11
    )
    for record in sorted(inbound, key=lambda record: record.started_at):
        redials += 0 < record.started_at - missed.get(record.caller, 0) < 12 * 60_000
        if record.answered_at is None:
            missed[record.caller] = record.ended_at
    assert redials > 20


def test_nights_and_weekends_differ_and_a_campaign_brings_calls() -> None:
    plan = Plan(seed=1, start=date(2026, 3, 2), days=28)
    city = build(plan)
    brand = city.brands[0]
    by_day = [
        sum(
            expected_calls(city, brand, plan.start_ms - 3 * HOUR_MS + hour * HOUR_MS)
            for hour in range(24 * day, 24 * day + 24)
        )
        for day in range(28)
    ]
    night, morning = (expected_calls(city, brand, plan.start_ms + (hour - 3) * HOUR_MS) for hour in (3, 8))
    assert morning > 5 * night
    assert by_day[4] > by_day[1]
    assert by_day[27] > by_day[6]
    assert brand.advertised is not None
    during = (brand.advertised[0] - plan.start).days
    assert by_day[during] / by_day[during - 7] > 1.4 > by_day[5] / by_day[4]


def test_a_zone_with_half_an_hour_is_an_option() -> None:
    plan = Plan(seed=3, start=date(2026, 3, 1), days=1, organisations=2, calls_per_day=200, half_hour_zone=True)
    assert any(b'+05:30"' in delivery.value for delivery in Simulation(plan).history())


class Wall:
    """A clock on the wall that only sleeping moves."""

    def __init__(self, now: float) -> None:
        self.now = now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


def test_live_hurries_after_the_history_until_it_is_now_and_then_keeps_pace() -> None:
    behind_s = 3_600
    wall = Wall(PLAN.end_ms / 1_000 + behind_s)
    hurried = kept = 0
    for delivery in islice(Simulation(PLAN).live(lambda: wall.now, wall.sleep, speed=60), 500):
        passed = (delivery.due - PLAN.end_ms) / 1_000
        assert wall.now - PLAN.end_ms / 1_000 == pytest.approx(max(behind_s + passed / 60, passed))
        hurried += passed < behind_s
        kept += passed > behind_s * 1.1
    assert hurried
    assert kept


def test_live_does_not_depend_on_the_clock_and_no_id_meets_one_of_the_history() -> None:
    late, early = (Wall(PLAN.end_ms / 1_000 + lag) for lag in (10**9, 0))
    one = list(islice(Simulation(PLAN).live(lambda: late.now, late.sleep, speed=1e9), 500))
    other = list(islice(Simulation(PLAN).live(lambda: early.now, early.sleep, speed=2), 500))
    assert one == other
    assert all(delivery.due >= PLAN.end_ms for delivery in one)
    assert not _identities(_history()) & _identities(one)


def _identities(deliveries: Iterable[Delivery]) -> set[tuple[bytes, bytes]]:
    """Key and record id; orders have none, their key says it."""
    return {
        (each.key, orjson.loads(each.value).get("record_id", "").encode())
        for each in deliveries
        if each.topic != CLIENT_BASE.name
    }
