"""Definitions, "From records to a call" 3 to 7: direction, gateway, line, counted, times, answered."""

from itertools import permutations
from typing import Any

import orjson
import pytest

from streams.rules.call import call_image, talk_ms
from streams.rules.legs import Leg
from tests.unit.rule_chain import DIRECTORY, Chain, at, fact, facts, leg


class TestDirectionAndGateway:
    def test_an_inbound_leg_with_a_gateway_goes_before_an_earlier_outbound_one(self) -> None:
        records = [
            leg("r1", start="10:00:00", direction="outbound", gateway="GSM2", callee="+79160000009"),
            leg("r2", start="10:00:05"),
        ]
        call = fact(*records)
        assert (call["direction"], call["gateway"], call["phone"]) == ("inbound", "GSM1", "+79161234567")

    def test_legs_go_in_the_order_of_start_and_record_id(self) -> None:
        records = [
            leg("r3", start="10:00:05", gateway="peer"),
            leg("r2", gateway="GSM2", caller="+79160000007"),
            leg("r10", gateway="GSM1", caller="+79160000008"),
        ]
        for order in permutations(records):
            assert (fact(*order)["gateway"], fact(*order)["phone"]) == ("GSM1", "+79160000008")

    def test_an_inbound_leg_without_a_gateway_decides_nothing(self) -> None:
        call = fact(leg("r1", gateway=None), leg("r2", start="10:00:01", direction="outbound", callee="89160000009"))
        assert (call["direction"], call["phone"]) == ("outbound", "+79160000009")

    def test_without_a_gateway_the_call_is_internal_and_has_no_phone(self) -> None:
        call = fact(leg(gateway=None, answered="10:00:10"))
        assert (call["direction"], call["gateway"], call["phone"], call["reason"]) == ("internal", "", "", "internal")


class TestLine:
    @pytest.mark.parametrize(
        ("start", "service", "reason"),
        [
            ("2026-05-31T20:59:59.999Z", "city", ""),
            ("2026-05-31T21:00:00Z", "", "unmapped"),
            ("2026-06-09T20:59:59.999Z", "", "unmapped"),
            ("2026-06-09T21:00:00Z", "night", ""),
        ],
    )
    def test_the_line_is_that_of_the_day_in_the_servers_zone_and_a_gap_is_unmapped(
        self, start: str, service: str, reason: str
    ) -> None:
        """The server is in Moscow (+3), the service of the second line in Kolkata (+5:30)."""
        call = fact(leg(start=start, end="2026-06-09T21:10:00Z" if "06-09" in start else "2026-05-31T21:10:00Z"))
        assert (call["service"], call["reason"]) == (service, reason)

    def test_the_first_of_the_lines_numbers_is_shown(self) -> None:
        assert fact(leg())["number"] == "+74951110001"

    def test_an_account_name_on_two_servers_never_mixes(self) -> None:
        assert [row["service"] for row in facts(leg(), leg(server="pbx-2"))] == ["city", "wave"]

    def test_a_line_of_a_service_that_the_directory_does_not_know_is_no_line(self) -> None:
        lines = {"server": "pbx-1", "account": "GSM1", "lines": [{"service": "gone", "numbers": ["1"]}]}
        world = DIRECTORY.entities.model_validate({"gateways": [lines]})
        chain = Chain(type(DIRECTORY)(world))
        chain.take(leg())
        assert chain.net()[0]["reason"] == "unmapped"


class TestCounted:
    @pytest.mark.parametrize(
        ("fields", "reason", "organisation"),
        [
            ({}, "", "orbita"),
            ({"caller": "anonymous"}, "", "orbita"),
            ({"gateway": "peer"}, "trunk", ""),
            ({"gateway": "peer", "caller": "101"}, "trunk", ""),
            ({"gateway": "nobody"}, "unmapped", ""),
            ({"gateway": "nobody", "caller": "+79160000001"}, "unmapped", ""),
            ({"server": "nowhere"}, "unmapped", ""),
            ({"caller": "8 916 000-00-01"}, "staff", "orbita"),
            ({"caller": "101"}, "staff", "orbita"),
            ({"caller": "101", "server": "pbx-2"}, "", "volna"),
            ({"direction": "outbound", "callee": "89161234567"}, "outbound", "orbita"),
            ({"direction": "outbound", "callee": "101"}, "outbound", "orbita"),
            ({"direction": "outbound", "gateway": "peer"}, "trunk", ""),
            ({"direction": "outbound", "gateway": "nobody"}, "unmapped", ""),
            ({"gateway": None}, "internal", ""),
        ],
    )
    def test_a_call_is_counted_unless_there_is_a_reason(
        self, fields: dict[str, Any], reason: str, organisation: str
    ) -> None:
        call = fact(leg(**fields))
        assert (call["reason"], call["organisation"], call["counted"]) == (reason, organisation, int(reason == ""))
        assert call["calls_outbound"] == int(call["direction"] == "outbound" and reason != "trunk")
        assert call["calls_staff"] == int(reason == "staff")

    def test_what_belongs_to_nobody_has_no_service_and_no_number(self) -> None:
        for gateway in ("peer", "nobody", None):
            assert (fact(leg(gateway=gateway))["service"], fact(leg(gateway=gateway))["number"]) == ("", "")

    def test_two_tenants_calls_bridged_are_one_call_of_the_leg_that_decides(self) -> None:
        call = fact(
            leg("r1", server="pbx-2", call_id="a", channel_ids=["x"], start="10:00:01"),
            leg("r2", server="pbx-2", call_id="b", channel_ids=["x"], gateway="GSM2"),
        )
        assert (call["id"], call["organisation"]) == ("a", "orbita")


class TestTimes:
    def test_start_is_the_earliest_of_all_legs_and_end_the_latest_with_the_gateway(self) -> None:
        call = fact(
            leg("r1", start="10:00:05", end="10:02:00"),
            leg("r2", start="10:00:10", end="10:03:00", direction="outbound"),
            leg("r3", start="10:00:00", end="10:09:00", gateway=None),
            leg("r4", start="10:00:06", end="10:08:00", gateway="GSM2"),
        )
        assert (call["started_at"], call["ended_at"]) == (at("10:00:00"), at("10:03:00"))

    def test_an_internal_call_ends_with_the_latest_of_all_legs(self) -> None:
        assert fact(leg("r1", gateway=None), leg("r2", gateway=None, end="10:04:00"))["ended_at"] == at("10:04:00")

    @pytest.mark.parametrize(
        ("fields", "local", "offset"),
        [
            ({}, "13:00:00", 180),
            ({"gateway": "GSM2"}, "15:30:00", 330),
            ({"server": "pbx-2"}, "15:00:00", 300),
            ({"server": "pbx-2", "gateway": "nobody"}, "15:00:00", 300),
            ({"server": "nowhere"}, "10:00:00", 0),
        ],
    )
    def test_the_wall_clock_is_the_services_else_the_organisations_else_the_servers_else_utc(
        self, fields: dict[str, Any], local: str, offset: int
    ) -> None:
        call = fact(leg(**fields))
        assert (call["local_time"], call["utc_offset_min"]) == (at(local) // 1000, offset)


class TestAnswered:
    @pytest.mark.parametrize(
        ("fields", "answered"),
        [
            ({"answered": "10:00:59"}, "10:00:59"),
            ({"answered": "10:00:59.001"}, None),
            ({"answered": "10:00:10", "answered_by": "machine"}, None),
            ({"answered": "10:00:10", "answered_by": None}, None),
            ({}, None),
        ],
    )
    def test_inbound_a_leg_answered_by_an_agent_was_connected_for_a_second(
        self, fields: dict[str, Any], answered: str | None
    ) -> None:
        call = fact(leg(**fields))
        assert call["answered_at"] == (None if answered is None else at(answered))
        assert call["calls_answered"] == int(answered is not None)

    def test_the_first_answer_is_the_earliest_of_those_on_any_leg(self) -> None:
        call = fact(
            leg("r1", answered="10:00:01", answered_by="machine"),
            leg("r2", gateway=None, answered="10:00:30"),
            leg("r3", gateway=None, answered="10:00:20"),
            leg("r4", gateway=None, answered="10:00:10", end="10:00:10.999"),
        )
        assert (call["answered_at"], call["wait_answered_ms"]) == (at("10:00:20"), 20_000)

    def test_outbound_a_leg_with_the_gateway_was_connected_for_a_second_whoever_answered(self) -> None:
        call = fact(
            leg("r1", direction="outbound", answered="10:00:20", answered_by=None),
            leg("r2", direction="outbound", gateway=None, answered="10:00:05"),
        )
        assert call["answered_at"] == at("10:00:20")

    def test_an_internal_call_is_never_answered(self) -> None:
        assert fact(leg(gateway=None, answered="10:00:10"))["answered_at"] is None


class TestMeasures:
    @pytest.mark.parametrize(
        ("fields", "measures"),
        [
            ({"answered": "10:00:10"}, (1, 0, 0, 10_000, 0, 50_000)),
            ({"answered": "10:00:00"}, (1, 0, 0, 0, 0, 60_000)),
            ({"answered": "10:00:01", "end": "10:00:02"}, (1, 0, 0, 1_000, 0, 1_000)),
            ({}, (0, 1, 0, 0, 60_000, 0)),
            ({"end": "10:00:05"}, (0, 1, 0, 0, 5_000, 0)),
            ({"end": "10:00:04.999"}, (0, 0, 1, 0, 0, 0)),
            ({"end": "10:00:00"}, (0, 0, 1, 0, 0, 0)),
            ({"caller": "101", "answered": "10:00:10"}, (0, 0, 0, 0, 0, 0)),
            ({"direction": "outbound", "answered": "10:00:10"}, (0, 0, 0, 0, 0, 0)),
        ],
    )
    def test_answered_missed_and_short_add_up_to_calls(self, fields: dict[str, Any], measures: tuple[int, ...]) -> None:
        call = fact(leg(**fields))
        found = call["calls_answered"], call["calls_missed"], call["calls_short"]
        assert (*found, call["wait_answered_ms"], call["wait_missed_ms"], call["talk_ms"]) == measures
        assert sum(found) == call["calls"]

    def test_short_is_what_the_organisation_says(self) -> None:
        chain = Chain(WORLD_WITH_SHORT_CALLS)
        chain.take(leg())
        assert chain.net()[0]["calls_short"] == 1

    def test_talk_time_is_the_union_of_agent_connections_of_a_second(self) -> None:
        call = fact(
            leg("r1", answered="10:00:00", answered_by="machine", end="10:10:00"),
            leg("r2", gateway=None, answered="10:00:10", end="10:00:30"),
            leg("r3", gateway=None, answered="10:00:20", end="10:00:40"),
            leg("r4", gateway=None, answered="10:00:22", end="10:00:25"),
            leg("r5", gateway=None, answered="10:01:00", end="10:01:01"),
            leg("r6", gateway=None, answered="10:02:00", end="10:02:00.999"),
        )
        assert call["talk_ms"] == 31_000

    def test_a_call_without_a_valid_phone_counts_as_no_number(self) -> None:
        for caller, no_number in ((CALLER_HIDDEN, 1), ("+79161234567", 0)):
            call = fact(leg(caller=caller))
            assert (call["calls"], call["calls_no_number"]) == (1, no_number)
        assert fact(leg(gateway="nobody", caller=CALLER_HIDDEN))["calls_no_number"] == 0


class TestImage:
    def test_the_legs_in_any_order_give_the_same_image(self) -> None:
        legs = [_leg("r1", 0), _leg("r2", 0, gateway="GSM2"), _leg("r3", 5, answered_at=7, answered_by="agent")]
        images = [call_image("pbx-1", order, DIRECTORY) for order in permutations(legs)]
        assert all(image == images[0] for image in images)

    def test_the_legs_are_told_in_their_order_with_times_from_the_start_of_the_call(self) -> None:
        call = fact(
            leg("r2", "10:00:05", "10:00:50", gateway=None, answered="10:00:07", agent="101", callee="x" * 99),
            leg("r1", start="10:00:00", end="10:01:00"),
        )
        assert orjson.loads(call["legs"]) == [
            ["r1", "inbound", "GSM1", "+79161234567", "600", 0, None, 60_000, None, None],
            ["r2", "inbound", None, "+79161234567", "x" * 64, 5_000, 7_000, 50_000, "agent", "101"],
        ]

    def test_of_very_many_legs_the_first_ones_are_told(self) -> None:
        image = call_image("pbx-1", [_leg(f"r{n:03}", n) for n in range(300)], DIRECTORY)
        told = [leg[0] for leg in orjson.loads(image["legs"])]
        assert told == [f"r{n:03}" for n in range(200)]

    def test_a_changed_leg_is_told_anew_though_no_number_changes(self) -> None:
        chain = Chain()
        chain.take(leg(callee="600"))
        chain.take(leg(callee="601", revision=1))
        assert [(row["sign"], orjson.loads(row["legs"])[0][4]) for row in chain.facts] == [
            (1, "600"),
            (-1, "600"),
            (1, "601"),
        ]

    def test_a_call_that_joins_two_tenants_says_whose_it_is(self) -> None:
        first, second = leg("r1", server="pbx-2"), leg("r2", server="pbx-2", start="10:00:01", gateway="GSM2")
        assert (fact(first)["bridged"], fact(second)["bridged"]) == ("", "")
        assert (fact(first, second)["organisation"], fact(first, second)["bridged"]) == ("volna", '["orbita","volna"]')
        assert fact(leg("r1"), leg("r2", gateway="GSM2"), leg("r3", gateway="nobody"))["bridged"] == ""

    def test_nobody_talks_where_nobody_is_connected(self) -> None:
        assert talk_ms([]) == 0


CALLER_HIDDEN = "anonymous"
WORLD_WITH_SHORT_CALLS = type(DIRECTORY)(
    DIRECTORY.entities.model_copy(
        update={
            "organisations": tuple(
                each.model_copy(update={"settings": each.settings.model_copy(update={"short_call_ms": 61_000})})
                for each in DIRECTORY.entities.organisations
            )
        }
    )
)


def _leg(record_id: str, start: int, **fields: Any) -> Leg:
    blank: dict[str, Any] = dict.fromkeys(Leg._fields)
    of_all = {"call_id": "c", "revision": 0, "channel_ids": [], "direction": "inbound", "caller": "", "callee": ""}
    own = {"record_id": record_id, "gateway": "GSM1", "started_at": start, "ended_at": start + 60_000}
    return Leg(**(blank | of_all | own | fields))
