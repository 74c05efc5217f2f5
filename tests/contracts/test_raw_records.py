"""Validation of raw records: one test per sentence of the contracts that the golden examples cannot hold alone."""

from typing import Any

import orjson
import pytest

from streams.contracts.records import (
    MAX_RECORD_BYTES,
    CallRecord,
    ClientBaseEntry,
    OrderEvent,
    Record,
    Refused,
    canonical,
    parse,
    read,
)
from streams.contracts.times import format_time, parse_time

CALL: dict[str, Any] = {
    "v": 1,
    "server": "pbx-1",
    "record_id": "r",
    "call_id": "c",
    "direction": "inbound",
    "caller": "",
    "callee": "",
    "started_at": "2026-03-01T10:00:00Z",
    "ended_at": "2026-03-01T10:01:00Z",
    "observed_at": "2026-03-01T10:01:01Z",
}
ORDER: dict[str, Any] = {
    "v": 1,
    "organisation": "orbita",
    "order_id": "A/1",
    "revision": 0,
    "occurred_at": "2026-03-01T10:00:00Z",
    "created_at": "2026-03-01T10:00:00Z",
    "state": "created",
    "service": "",
    "observed_at": "2026-03-01T10:01:01Z",
}


def _call(**changed: Any) -> CallRecord:
    return parse(CallRecord, orjson.dumps(CALL | changed))


def _reason(raw: bytes | None) -> str:
    with pytest.raises(Refused) as refusal:
        parse(CallRecord, raw)
    return refusal.value.reason


def _call_reason(**changed: Any) -> str:
    return _reason(orjson.dumps(CALL | changed))


def test_absent_and_null_give_the_same_record() -> None:
    nothing = dict.fromkeys(("revision", "channel_ids", "gateway", "answered_at", "answered_by", "agent"))
    assert _call() == _call(**nothing)
    assert (_call().revision, _call().channel_ids) == (0, [])


def test_the_canonical_form_leaves_out_who_saw_it_and_how_it_was_spelt() -> None:
    one = _call(started_at="2026-03-01T13:00:00.0009+03:00", observed_at="2026-03-01T10:05:00Z", extra="x", agent="ё")
    other = _call(agent="ё", revision=None)
    assert canonical(one) == canonical(other)
    assert canonical(one).decode() == (
        '{"agent":"ё","answered_at":null,"answered_by":null,"call_id":"c","callee":"","caller":"","channel_ids":[],'
        '"direction":"inbound","ended_at":"2026-03-01T10:01:00.000Z","gateway":null,"record_id":"r","revision":0,'
        '"server":"pbx-1","started_at":"2026-03-01T10:00:00.000Z","v":1}'
    )


@pytest.mark.parametrize(
    ("text", "canonical_text"),
    [
        ("2026-03-01t10:00:00z", "2026-03-01T10:00:00.000Z"),
        ("2026-03-01T10:00:00.9999999999Z", "2026-03-01T10:00:00.999Z"),
        ("2026-03-01T10:00:00.1Z", "2026-03-01T10:00:00.100Z"),
        ("2026-03-01T10:00:00.123456+05:30", "2026-03-01T04:30:00.123Z"),
        ("2026-02-28T23:30:00-00:30", "2026-03-01T00:00:00.000Z"),
        ("2024-02-29T00:00:00-00:00", "2024-02-29T00:00:00.000Z"),
        ("2000-01-01T00:00:00Z", "2000-01-01T00:00:00.000Z"),
        ("2026-03-01T10:00:00+23:59", "2026-02-28T10:01:00.000Z"),
    ],
)
def test_times_are_utc_with_milliseconds_and_finer_is_cut(text: str, canonical_text: str) -> None:
    assert format_time(parse_time(text)) == canonical_text


@pytest.mark.parametrize(
    "text",
    [
        "2026-03-01T10:00:00",
        "2026-03-01 10:00:00Z",
        "2026-03-01T10:00Z",
        "2026-03-01T10:00:00,5Z",
        "2026-03-01T10:00:00.Z",
        "2026-03-01T10:00:00+0300",
        "2026-03-01T10:00:00+24:00",
        "2026-03-01T24:00:00Z",
        "2026-03-01T10:00:60Z",
        "2016-12-31T23:59:60Z",
        "2026-02-30T10:00:00Z",
        "2025-02-29T10:00:00Z",
        "0000-01-01T00:00:00Z",
        "20260301T100000Z",
        " 2026-03-01T10:00:00Z",
        "2026-03-01T10:00:00Z\n",
        "٢٠٢٦-03-01T10:00:00Z",
        "",
    ],
)
def test_a_time_without_offset_or_that_never_was_is_bad(text: str) -> None:
    assert _call_reason(started_at=text) == "bad_time"


@pytest.mark.parametrize("value", [5, 1.5, True, [], {}])
def test_a_time_that_is_no_text_is_of_a_wrong_type(value: object) -> None:
    assert _call_reason(started_at=value) == "wrong_type"


@pytest.mark.parametrize("name", ["server", "record_id", "call_id", "gateway"])
def test_identifiers_have_1_to_128_bytes_of_utf8(name: str) -> None:
    for good in ("x" * 128, "é" * 64, " "):
        assert getattr(_call(**{name: good}), name) == good
    for bad in ("", "x" * 129, "é" * 64 + "x"):
        assert _call_reason(**{name: bad}) == "bad_value"


@pytest.mark.parametrize("raw", [b"", b"{", b"\xef\xbb\xbf{}", b"{} {}", b"nul", b'{"v":1,}', None])
def test_what_is_not_json(raw: bytes | None) -> None:
    assert _reason(raw) == "not_json"


def test_what_is_not_utf8() -> None:
    assert _reason(orjson.dumps(CALL)[:-1] + b',"x":"\xff"}') == "not_utf8"
    assert _reason(bytes(range(128, 256))) == "not_utf8"


@pytest.mark.parametrize("raw", [b"[]", b"null", b"5", b'"text"', b"true"])
def test_no_object_is_of_a_wrong_type(raw: bytes) -> None:
    assert _reason(raw) == "wrong_type"


@pytest.mark.parametrize("version", ["0", "2", '"1"', "1.0", "true", "[1]", "1" * 30])
def test_only_the_whole_number_1_is_version_1(version: str) -> None:
    assert _reason(orjson.dumps(CALL).replace(b'"v":1', b'"v":' + version.encode())) == "wrong_version"


@pytest.mark.parametrize("name", [name for name in CALL if name != "v"])
def test_a_required_field_absent_or_null_is_missing(name: str) -> None:
    assert _call_reason(**{name: None}) == "missing_field"
    assert _reason(orjson.dumps({key: value for key, value in CALL.items() if key != name})) == "missing_field"


@pytest.mark.parametrize(
    "changed",
    [{"revision": "0"}, {"revision": 0.5}, {"revision": True}, {"caller": 5}, {"gateway": 5}, {"channel_ids": "x"},
     {"channel_ids": [None]}, {"direction": 1}, {"answered_by": False}],
)  # fmt: skip
def test_nothing_is_coerced(changed: dict[str, Any]) -> None:
    assert _call_reason(**changed) == "wrong_type"


@pytest.mark.parametrize(
    "changed", [{"direction": "in"}, {"answered_by": "human"}, {"server": "a/b"}, {"revision": -1}, {"revision": 2**63}]
)
def test_values_that_mean_nothing(changed: dict[str, Any]) -> None:
    assert _call_reason(**changed) == "bad_value"


def test_over_900_kib_is_too_large_whatever_is_in_it() -> None:
    fits = orjson.dumps(CALL | {"agent": ""})
    filled = orjson.dumps(CALL | {"agent": "x" * (MAX_RECORD_BYTES - len(fits))})
    assert len(filled) == 900 * 1024
    assert parse(CallRecord, filled)
    assert _reason(filled + b" ") == "too_large"


def test_ended_before_started_and_answered_outside() -> None:
    assert _call(ended_at=CALL["started_at"], answered_at=CALL["started_at"])
    assert _call(answered_at=CALL["ended_at"])
    assert _call_reason(ended_at="2026-03-01T09:59:59.999Z") == "times_out_of_order"
    assert _call_reason(answered_at="2026-03-01T09:59:59.999Z") == "times_out_of_order"
    assert _call_reason(answered_at="2026-03-01T10:01:00.001Z") == "times_out_of_order"


def test_a_leg_of_24_hours_is_the_longest() -> None:
    seen = {"observed_at": "2026-03-02T10:00:00Z"}
    assert _call(ended_at="2026-03-02T10:00:00Z", **seen)
    assert _call_reason(ended_at="2026-03-02T10:00:00.001Z", **seen) == "time_out_of_range"


def test_times_lie_in_the_century_and_not_more_than_a_day_ahead_of_who_saw_them() -> None:
    assert _call(observed_at="2026-02-28T10:01:00Z")
    assert _call_reason(observed_at="2026-02-28T10:00:59.999Z") == "time_out_of_range"
    old = {"started_at": "1999-12-31T23:59:59.999Z", "ended_at": "2000-01-01T00:00:00Z"}
    assert _call_reason(**old) == "time_out_of_range"
    assert _call_reason(observed_at="1990-01-01T00:00:00Z") == "time_out_of_range"
    last = {"started_at": "2099-12-31T23:59:59Z", "ended_at": "2099-12-31T23:59:59.999Z"}
    assert _call(**last, observed_at="2099-12-31T23:59:59.999Z")
    assert _call_reason(**last, observed_at="2100-01-01T00:00:00Z") == "time_out_of_range"


def test_a_message_under_another_key_would_not_meet_its_like() -> None:
    raw = orjson.dumps(CALL)
    assert read(CallRecord, b"pbx-1", raw)
    for key in (None, b"", b"pbx-2", b"x" * 1_000_000):
        with pytest.raises(Refused) as refusal:
            read(CallRecord, key, raw)
        assert refusal.value.reason == "bad_value"
        assert len(refusal.value.error) < 1_000


def test_of_a_field_given_twice_the_last_counts() -> None:
    assert parse(CallRecord, orjson.dumps(CALL)[:-1] + b',"revision":1,"revision":2}').revision == 2


def test_states_of_one_order_meet_under_organisation_and_order() -> None:
    assert parse(OrderEvent, orjson.dumps(ORDER)).key() == b"orbita/A/1"


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"server": "pbx-1"}, "bad_value"),
        ({"call_id": "c"}, "bad_value"),
        ({"price": 5}, "bad_value"),
        ({"price": 5, "currency": "rub"}, "bad_value"),
        ({"revision": None}, "missing_field"),
        ({"source": 5}, "wrong_type"),
        ({"created_at": "2026-03-01T10:00:00.001Z"}, "times_out_of_order"),
        ({"pickup_at": "2026-05-30T10:00:00.001Z"}, "time_out_of_range"),
        ({"pickup_at": "1999-05-30T10:00:00Z"}, "time_out_of_range"),
    ],
)
def test_orders_that_contradict_themselves(changed: dict[str, Any], reason: str) -> None:
    with pytest.raises(Refused) as refusal:
        parse(OrderEvent, orjson.dumps(ORDER | changed))
    assert refusal.value.reason == reason


def test_an_order_for_in_90_days_is_taken() -> None:
    assert parse(OrderEvent, orjson.dumps(ORDER | {"pickup_at": "2026-05-30T10:00:00Z", "price": 0, "currency": "RUB"}))


BASE: dict[str, Any] = {
    "v": 1,
    "organisation": "orbita",
    "phone": "89161234567",
    "first_order_at": "2026-03-01T10:00:00Z",
    "observed_at": "2026-03-01T10:01:01Z",
}


@pytest.mark.parametrize("contract", [OrderEvent, ClientBaseEntry])
def test_sizes_bytes_and_versions_are_refused_alike_in_every_contract(contract: type[Record]) -> None:
    good = orjson.dumps(ORDER if contract is OrderEvent else BASE)
    assert parse(contract, good)
    for raw, reason in (
        (good + b" " * MAX_RECORD_BYTES, "too_large"),
        (good.replace(b"orbita", b"orbit\xe0"), "not_utf8"),
        (good[:-1], "not_json"),
        (None, "not_json"),
        (b"[]", "wrong_type"),
        (good.replace(b'"v":1', b'"v":true'), "wrong_version"),
    ):
        with pytest.raises(Refused) as refusal:
            parse(contract, raw)
        assert refusal.value.reason == reason


@pytest.mark.parametrize(
    ("contract", "name"),
    [(OrderEvent, name) for name in ORDER if name != "v"] + [(ClientBaseEntry, name) for name in BASE if name != "v"],
)
def test_a_required_field_of_orders_and_of_the_client_base_is_missing(contract: type[Record], name: str) -> None:
    good = ORDER if contract is OrderEvent else BASE
    for raw in (good | {name: None}, {key: value for key, value in good.items() if key != name}):
        with pytest.raises(Refused) as refusal:
            parse(contract, orjson.dumps(raw))
        assert refusal.value.reason == "missing_field"


def test_an_order_is_seen_at_most_a_day_before_what_is_told_of_it_but_its_pickup() -> None:
    seen = {"observed_at": "2026-02-28T10:00:00Z"}
    assert parse(OrderEvent, orjson.dumps(ORDER | seen | {"pickup_at": "2026-05-30T10:00:00Z"}))
    for changed in ({"occurred_at": "2026-03-01T10:00:00.001Z"}, {"observed_at": "2026-02-28T09:59:59.999Z"}):
        with pytest.raises(Refused) as refusal:
            parse(OrderEvent, orjson.dumps(ORDER | seen | changed))
        assert refusal.value.reason == "time_out_of_range"


def test_of_two_revisions_alike_the_greater_canonical_form_is_told_by_fields_in_the_order_of_their_names() -> None:
    one, other = (parse(OrderEvent, orjson.dumps(ORDER | changed)) for changed in ({"phone": "9"}, {"state": "x"}))
    assert canonical(one).startswith(b'{"call_id":null,"cancel_reason":null,"created_at":"2026-03-01T10:00:00.000Z"')
    assert canonical(one) < canonical(other), "null is greater than any text"


def test_entries_of_a_client_base_meet_under_their_organisation() -> None:
    assert parse(ClientBaseEntry, orjson.dumps(BASE)).key() == b"orbita"
    assert parse(ClientBaseEntry, orjson.dumps(BASE | {"first_order_at": "2026-03-02T10:01:01Z"}))
    with pytest.raises(Refused):
        parse(ClientBaseEntry, orjson.dumps(BASE | {"first_order_at": "2026-03-02T10:01:01.001Z"}))
