"""The separate calculation of `pulse verify` holds every sentence of the definitions, "From records to a call"."""

from itertools import permutations
from typing import Any

import orjson
import pytest

from streams.contracts.directory import Entities
from streams.contracts.facts import CallFact
from streams.contracts.records import CallRecord
from tests.unit.net_facts import net_facts

DIRECTORY = Entities.model_validate(
    {
        "organisations": [
            {
                "id": "orbita",
                "name": "Орбита",
                "time_zone": "Europe/Moscow",
                "region": "RU",
                "area_code": "495",
                "staff_numbers": ["+79160000001", "101", "8-916-000-00-02"],
            },
            {"id": "berlin", "name": "Berlin", "time_zone": "Europe/Berlin", "region": "DE", "area_code": "0000"},
        ],
        "services": [
            {"id": "city", "organisation": "orbita", "name": "Город"},
            {
                "id": "ural",
                "organisation": "orbita",
                "name": "Урал",
                "time_zone": "Asia/Yekaterinburg",
                "area_code": "343",
            },
            {"id": "taxi", "organisation": "berlin", "name": "Taxi"},
        ],
        "servers": [
            {"id": "pbx-1", "time_zone": "Europe/Moscow", "internal_peers": ["peer", "mapped-peer"]},
            {"id": "pbx-2", "time_zone": "Asia/Kolkata"},
        ],
        "gateways": [
            {
                "server": "pbx-1",
                "account": "GSM1",
                "lines": [
                    {"service": "city", "numbers": ["+74951110001", "+74951110002"], "until": "2026-06-01"},
                    {"service": "ural", "numbers": ["+73431110001"], "from": "2026-06-02"},
                ],
            },
            {"server": "pbx-1", "account": "GSM2", "lines": [{"service": "city", "numbers": ["+74951110003"]}]},
            {"server": "pbx-1", "account": "mapped-peer", "lines": [{"service": "city", "numbers": ["+74951110004"]}]},
            {"server": "pbx-1", "account": "BER", "lines": [{"service": "taxi", "numbers": ["+493011111111"]}]},
        ],
    }
)


def leg(record_id: str = "r1", start: str = "10:00:00", end: str = "10:01:00", **fields: Any) -> CallRecord:
    """A counted, unanswered call of a minute, unless told otherwise; times are of the 1st of March in UTC."""
    record = {
        "v": 1,
        "server": "pbx-1",
        "record_id": record_id,
        "call_id": "c1",
        "direction": "inbound",
        "gateway": "GSM1",
        "caller": "+79161234567",
        "callee": "100",
        "started_at": _moment(start),
        "ended_at": _moment(end),
        "observed_at": _moment(end),
        **{name: _moment(value) if name == "answered_at" else value for name, value in fields.items()},
    }
    return CallRecord.model_validate_json(orjson.dumps(record))


def _moment(text: str | None) -> str | None:
    return text if text is None or "T" in text else f"2026-03-01T{text}Z"


def facts(*legs: CallRecord) -> list[CallFact]:
    return net_facts(legs, DIRECTORY).calls


def fact(*legs: CallRecord) -> CallFact:
    (only,) = facts(*legs)
    return only


def ms(text: str) -> int:
    return leg(start=text, end="23:59:59.999").started_at


class TestWinner:
    def test_the_highest_revision_wins_in_any_order(self) -> None:
        records = [leg(revision=1, gateway="GSM2"), leg(revision=10), leg(revision=2, gateway="GSM2")]
        assert all(fact(*order)["gateway"] == "GSM1" for order in permutations(records))

    def test_at_equal_revision_the_greatest_canonical_form_wins(self) -> None:
        """Keys are sorted, so `callee` decides before `caller`."""
        records = [leg(callee="100", caller="+79161234569"), leg(callee="200", caller="+79161234561")]
        assert all(fact(*order)["phone"] == "+79161234561" for order in permutations(records))

    def test_the_canonical_form_is_compared_as_bytes(self) -> None:
        """'я' is two bytes above every ASCII letter; a null sorts as the text null, after a quoted one."""
        records = [leg(agent="z", caller="+79161234561"), leg(agent="я", caller="+79161234562"), leg()]
        assert all(fact(*order)["phone"] == "+79161234567" for order in permutations(records))

    def test_a_later_observation_is_no_change(self) -> None:
        assert fact(leg(), leg(observed_at="2026-03-02T00:00:00Z")) == fact(leg())

    def test_identities_are_of_one_server(self) -> None:
        assert len(facts(leg(), leg(server="pbx-2"))) == 2

    def test_links_of_losers_do_not_count(self) -> None:
        bridge = leg("b", call_id="c2", channel_ids=["x", "y"])
        first, third = leg("r1", channel_ids=["x"]), leg("r3", call_id="c3", channel_ids=["y"])
        assert len(facts(first, bridge, third)) == 1
        assert len(facts(first, bridge, third, leg("b", call_id="c2", revision=1))) == 3


class TestCall:
    def test_one_call_id_is_one_call(self) -> None:
        assert fact(leg("r1"), leg("r2"))["id"] == "c1"

    def test_shared_channels_join_and_the_smallest_call_id_by_code_point_names_it(self) -> None:
        joined = facts(leg("r1", call_id="я", channel_ids=["x"]), leg("r2", call_id="Z", channel_ids=["x"]))
        assert [call["id"] for call in joined] == ["Z"]
        assert facts(leg("r1", call_id="10"), leg("r2", call_id="9"))[0]["id"] == "10"

    def test_a_third_bridges_two(self) -> None:
        legs = [
            leg("r1", call_id="c1", channel_ids=["x"]),
            leg("r2", call_id="c2", channel_ids=["y"]),
            leg("r3", call_id="c3", channel_ids=["y", "x"]),
        ]
        assert all(fact(*order)["id"] == "c1" for order in permutations(legs))

    def test_long_chains_are_one_call(self) -> None:
        legs = [leg(f"r{n}", call_id=f"c{n:02}", channel_ids=[f"x{n}", f"x{n + 1}"]) for n in range(40)]
        assert fact(*reversed(legs))["id"] == "c00"

    def test_a_call_id_equal_to_a_channel_links_nothing(self) -> None:
        assert len(facts(leg("r1", call_id="c1"), leg("r2", call_id="c2", channel_ids=["c1"]))) == 2

    def test_servers_are_apart(self) -> None:
        legs = [leg("r1", channel_ids=["x"]), leg("r2", server="pbx-2", call_id="c2", channel_ids=["x"])]
        assert len(facts(*legs)) == 2

    def test_the_same_phone_within_seconds_stays_two_calls(self) -> None:
        assert len(facts(leg("r1"), leg("r2", call_id="c2", start="10:00:01"))) == 2


class TestDirectionAndGateway:
    def test_the_first_inbound_leg_with_a_gateway_decides(self) -> None:
        call = fact(
            leg("r1", start="10:00:02", gateway="GSM2", caller="+79161111111"),
            leg("r2", start="10:00:01", gateway="GSM1", caller="+79162222222"),
            leg("r0", start="10:00:00", gateway=None, caller="+79163333333"),
        )
        assert (call["direction"], call["gateway"], call["phone"]) == ("inbound", "GSM1", "+79162222222")

    def test_legs_of_one_start_go_by_record_id(self) -> None:
        assert fact(leg("r2", gateway="GSM2"), leg("r10", gateway="GSM1"))["gateway"] == "GSM1"

    def test_inbound_goes_before_an_earlier_outbound_leg(self) -> None:
        call = fact(leg("r1", direction="outbound", gateway="GSM2"), leg("r2", start="10:00:30"))
        assert (call["direction"], call["gateway"]) == ("inbound", "GSM1")

    def test_else_outbound_with_the_callee_as_phone(self) -> None:
        call = fact(leg(direction="outbound", callee="8 (916) 765-43-21"), leg("r2", gateway=None))
        assert (call["direction"], call["gateway"], call["phone"]) == ("outbound", "GSM1", "+79167654321")

    def test_else_internal(self) -> None:
        call = fact(leg(direction="internal"), leg("r2", gateway=None), leg("r3", gateway=None, direction="outbound"))
        assert (call["direction"], call["gateway"], call["phone"]) == ("internal", "", "")


class TestLine:
    def test_gives_service_and_the_first_number(self) -> None:
        call = fact(leg())
        assert (call["organisation"], call["service"], call["number"]) == ("orbita", "city", "+74951110001")

    @pytest.mark.parametrize(
        ("start", "service"),
        [
            ("2026-05-31T20:59:59.999Z", "city"),
            ("2026-05-31T21:00:00Z", ""),  # the 1st of June in Moscow, a gap
            ("2026-06-01T20:59:59.999Z", ""),
            ("2026-06-01T21:00:00Z", "ural"),
        ],
    )
    def test_counts_in_half_open_days_of_the_servers_zone(self, start: str, service: str) -> None:
        assert fact(leg(start=start, end=start))["service"] == service

    def test_the_day_is_that_of_the_calls_start(self) -> None:
        inner = leg("r0", gateway=None, start="2026-05-31T20:59:59Z", end="2026-05-31T21:10:00Z")
        assert fact(inner, leg(start="2026-05-31T21:00:01Z", end="2026-05-31T21:10:00Z"))["service"] == "city"

    def test_an_account_of_another_server_is_another_gateway(self) -> None:
        assert fact(leg(server="pbx-2"))["reason"] == "unmapped"


class TestCounted:
    @pytest.mark.parametrize(
        ("fields", "reason", "organisation"),
        [
            ({}, "", "orbita"),
            ({"direction": "internal", "gateway": None}, "internal", ""),
            ({"gateway": "peer"}, "trunk", ""),
            ({"gateway": "mapped-peer"}, "trunk", ""),
            ({"gateway": "GSM9"}, "unmapped", ""),
            ({"caller": "8 916 000-00-01"}, "staff", "orbita"),
            ({"caller": "101"}, "staff", "orbita"),
            ({"caller": "8-916-000-00-02"}, "staff", "orbita"),
            ({"caller": "8 916 000 00 02"}, "", "orbita"),
            ({"caller": "101", "gateway": "BER"}, "", "berlin"),
            ({"caller": "101", "gateway": "GSM9"}, "unmapped", ""),
            ({"direction": "outbound"}, "outbound", "orbita"),
            ({"direction": "outbound", "callee": "101"}, "outbound", "orbita"),
            ({"direction": "outbound", "gateway": "peer"}, "trunk", ""),
            ({"direction": "outbound", "gateway": "GSM9"}, "unmapped", ""),
        ],
    )
    def test_reasons(self, fields: dict[str, Any], reason: str, organisation: str) -> None:
        call = fact(leg(**fields))
        assert (call["reason"], call["organisation"]) == (reason, organisation)
        assert call["counted"] == call["calls"] == int(reason == "")

    def test_what_is_of_nobody_has_no_service_and_no_number(self) -> None:
        call = fact(leg(gateway="mapped-peer"))
        assert (call["service"], call["number"], call["gateway"]) == ("", "", "mapped-peer")

    def test_bridged_calls_are_of_the_leg_that_decides(self) -> None:
        legs = [leg("r1", gateway="BER", channel_ids=["x"]), leg("r2", call_id="c2", channel_ids=["x"])]
        assert fact(*legs)["organisation"] == "berlin"

    @pytest.mark.parametrize(
        ("fields", "outbound", "staff"),
        [
            ({}, 0, 0),
            ({"caller": "101"}, 0, 1),
            ({"direction": "outbound"}, 1, 0),
            ({"direction": "outbound", "gateway": "GSM9"}, 1, 0),
            ({"direction": "outbound", "gateway": "peer"}, 0, 0),
        ],
    )
    def test_outbound_and_staff_calls_are_counted_apart(
        self, fields: dict[str, Any], outbound: int, staff: int
    ) -> None:
        call = fact(leg(**fields))
        assert (call["calls_outbound"], call["calls_staff"]) == (outbound, staff)


class TestTimes:
    def test_start_is_the_earliest_of_all_legs_and_end_the_latest_with_the_gateway(self) -> None:
        call = fact(
            leg("r1", start="10:00:05", end="10:01:00"),
            leg("r2", start="10:00:06", end="10:02:00"),
            leg("r3", start="10:00:00", end="10:05:00", gateway=None),
            leg("r4", start="10:00:07", end="10:06:00", gateway="GSM2"),
        )
        assert (call["started_at"], call["ended_at"]) == (ms("10:00:00"), ms("10:02:00"))

    def test_without_a_gateway_the_end_is_the_latest_of_all(self) -> None:
        call = fact(leg(gateway=None), leg("r2", gateway=None, end="10:07:00"))
        assert call["ended_at"] == ms("10:07:00")

    @pytest.mark.parametrize(
        ("fields", "local", "offset"),
        [
            ({}, "13:00:00", 180),
            ({"gateway": "BER"}, "11:00:00", 60),
            ({"gateway": "GSM9"}, "13:00:00", 180),
            ({"server": "pbx-2"}, "15:30:00", 330),
            ({"server": "pbx-9"}, "10:00:00", 0),
        ],
    )
    def test_the_wall_clock_is_the_services_else_the_servers_else_utc(
        self, fields: dict[str, Any], local: str, offset: int
    ) -> None:
        call = fact(leg(**fields))
        assert (call["local_time"], call["utc_offset_min"]) == (ms(local) // 1000, offset)

    def test_a_services_own_zone_goes_before_its_organisations(self) -> None:
        call = fact(leg(start="2026-06-10T10:00:00.999Z", end="2026-06-10T10:01:00Z"))
        assert call["utc_offset_min"] == 300
        assert call["local_time"] == call["started_at"] // 1000 + 5 * 3600

    @pytest.mark.parametrize(("start", "offset"), [("2026-03-29T00:59:59Z", 60), ("2026-03-29T01:00:00Z", 120)])
    def test_clocks_change(self, start: str, offset: int) -> None:
        call = fact(leg(gateway="BER", start=start, end="2026-03-29T01:30:00Z"))
        assert call["utc_offset_min"] == offset


class TestAnswered:
    @pytest.mark.parametrize(
        ("fields", "answered"),
        [
            ({"answered_at": "10:00:59", "answered_by": "agent"}, "10:00:59"),
            ({"answered_at": "10:00:59.001", "answered_by": "agent"}, None),
            ({"answered_at": "10:00:10", "answered_by": "machine"}, None),
            ({"answered_at": "10:00:10"}, None),
        ],
    )
    def test_inbound_by_an_agent_for_a_second(self, fields: dict[str, Any], answered: str | None) -> None:
        call = fact(leg(**fields))
        assert call["answered_at"] == (ms(answered) if answered else None)
        assert call["calls_answered"] == int(answered is not None)

    def test_the_first_answer_is_the_earliest_of_those_on_any_leg(self) -> None:
        call = fact(
            leg("r1", answered_at="10:00:01", answered_by="machine"),
            leg("r2", gateway=None, answered_at="10:00:30", answered_by="agent"),
            leg("r3", gateway=None, answered_at="10:00:20", answered_by="agent"),
            leg("r4", gateway=None, answered_at="10:00:10", end="10:00:10.999", answered_by="agent"),
        )
        assert call["answered_at"] == ms("10:00:20")

    def test_outbound_on_a_leg_with_the_gateway_whoever_answers(self) -> None:
        call = fact(
            leg("r1", direction="outbound", answered_at="10:00:20"),
            leg("r2", direction="outbound", gateway=None, answered_at="10:00:05", answered_by="agent"),
        )
        assert call["answered_at"] == ms("10:00:20")


class TestMeasures:
    @pytest.mark.parametrize(
        ("fields", "measures"),
        [
            ({"answered_at": "10:00:10", "answered_by": "agent"}, (1, 0, 0, 10_000, 0, 50_000)),
            ({}, (0, 1, 0, 0, 60_000, 0)),
            ({"end": "10:00:05"}, (0, 1, 0, 0, 5_000, 0)),
            ({"end": "10:00:04.999"}, (0, 0, 1, 0, 0, 0)),
            ({"caller": "101", "answered_at": "10:00:10", "answered_by": "agent"}, (0, 0, 0, 0, 0, 0)),
            ({"direction": "outbound", "answered_at": "10:00:10", "answered_by": "agent"}, (0, 0, 0, 0, 0, 0)),
        ],
    )
    def test_answered_missed_and_short_add_up(self, fields: dict[str, Any], measures: tuple[int, ...]) -> None:
        call = fact(leg(**fields))
        found = call["calls_answered"], call["calls_missed"], call["calls_short"]
        assert (*found, call["wait_answered_ms"], call["wait_missed_ms"], call["talk_ms"]) == measures
        assert sum(found) == call["calls"]

    def test_talk_is_the_union_of_agent_connections_of_a_second(self) -> None:
        call = fact(
            leg("r1", answered_at="10:00:00", answered_by="machine", end="10:10:00"),
            leg("r2", answered_at="10:00:10", answered_by="agent", end="10:00:30"),
            leg("r3", answered_at="10:00:20", answered_by="agent", end="10:00:40"),
            leg("r4", answered_at="10:00:22", answered_by="agent", end="10:00:25"),
            leg("r5", answered_at="10:01:00", answered_by="agent", end="10:01:01"),
            leg("r6", answered_at="10:02:00", answered_by="agent", end="10:02:00.999"),
        )
        assert call["talk_ms"] == 31_000


class TestPhone:
    @pytest.mark.parametrize(
        "text", ["89161234567", "9161234567", "8 (916) 123-45-67", "81079161234567", "+7 916 123-45-67"]
    )
    def test_all_spellings_of_a_number_are_one(self, text: str) -> None:
        assert fact(leg(caller=text))["phone"] == "+79161234567"

    @pytest.mark.parametrize("text", ["", "112", "anonymous", "7916123456", "123456789012345678901", "+7", "x" * 5000])
    def test_what_is_not_valid_is_no_number_and_the_call_counts(self, text: str) -> None:
        call = fact(leg(caller=text))
        assert (call["phone"], call["calls"], call["calls_no_number"]) == ("", 1, 1)

    def test_exactly_the_local_digits_take_the_area_code(self) -> None:
        assert fact(leg(caller="2345678"))["phone"] == "+74952345678"
        assert fact(leg(caller="234-56-78"))["phone"] == ""
        assert fact(leg(caller="234567"))["phone"] == ""

    def test_the_services_area_code_goes_before_the_organisations(self) -> None:
        june = {"start": "2026-06-10T10:00:00Z", "end": "2026-06-10T10:01:00Z"}
        assert fact(leg(caller="2345678", **june))["phone"] == "+73432345678"

    def test_where_the_area_code_makes_nothing_valid_it_is_read_as_written(self) -> None:
        assert fact(leg(gateway="BER", caller="0301234"))["phone"] == "+49301234"

    def test_the_region_is_the_services(self) -> None:
        assert fact(leg(gateway="BER", caller="030 12345678"))["phone"] == "+493012345678"
        assert fact(leg(gateway="BER", caller="89161234567"))["phone"] != "+79161234567"

    def test_without_a_service_only_international_spellings_are_read(self) -> None:
        assert fact(leg(gateway="GSM9", caller="+79161234567"))["phone"] == "+79161234567"
        assert fact(leg(gateway="GSM9", caller="89161234567"))["phone"] == ""
        assert fact(leg(gateway="GSM9", caller="89161234567"))["calls_no_number"] == 0
