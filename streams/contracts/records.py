"""What the source systems say: raw records as they lie in the raw topics, validated strictly.

Comes in: the bytes of one message. Goes out: a typed record with times as epoch milliseconds, or a `Refused` with one
of the reasons of the contract. Unknown fields are ignored; everything else that is wrong is refused, never repaired.
"""

from typing import Annotated, Literal, LiteralString, Self, TypeVar

import orjson
from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainValidator,
    StringConstraints,
    ValidationError,
    model_validator,
)
from pydantic_core import ErrorDetails, PydanticCustomError

from streams.contracts.times import DAY_MS, format_time, parse_time

Reason = Literal[
    "too_large",
    "not_utf8",
    "not_json",
    "wrong_version",
    "missing_field",
    "wrong_type",
    "bad_value",
    "bad_time",
    "times_out_of_order",
    "time_out_of_range",
    "too_old",
]

MAX_RECORD_BYTES = 900 * 1024
MAX_ID_BYTES = 128
MAX_REVISION = 2**63 - 1
MAX_PRICE = 10**12
EARLIEST_MS = parse_time("2000-01-01T00:00:00Z")
END_OF_TIME_MS = parse_time("2100-01-01T00:00:00Z")
MAX_AHEAD_MS = DAY_MS
MAX_LEG_MS = DAY_MS
MAX_PREORDER_MS = 90 * DAY_MS


R = TypeVar("R", bound="Record")


class Refused(ValueError):  # noqa: N818
    """A record that the contract does not allow: `reason` is the contract's word, `error` says what and where."""

    def __init__(self, reason: Reason, error: str) -> None:
        super().__init__(f"{reason}: {error}")
        self.reason = reason
        self.error = error


def _or(default: object) -> BeforeValidator:
    """A field with a default may be null."""
    return BeforeValidator(lambda value: default if value is None else value)


Instant = Annotated[int, PlainValidator(parse_time)]
Id = Annotated[str, StringConstraints(min_length=1, max_length=MAX_ID_BYTES)]
"""How many bytes the characters make is counted once for all of a record, by `_count_bytes`."""
ServerId = Annotated[Id, StringConstraints(pattern=r"^[^/]*$")]
Revision = Annotated[int, Field(ge=0, le=MAX_REVISION), _or(0)]


class Record(BaseModel):
    """What every raw record has: a version, and the moment in which its producer saw it."""

    model_config = ConfigDict(strict=True, extra="ignore")

    v: Annotated[int, Field(ge=1, le=1)]
    """Not a literal: to that, `true` and 1.0 are 1 as well."""
    observed_at: Instant

    def key(self) -> bytes:
        """The message key: records that must meet carry the same one."""
        raise NotImplementedError


class CallRecord(Record):
    """One record of a PBX about one leg of a call."""

    server: ServerId
    record_id: Id
    revision: Revision = 0
    call_id: Id
    channel_ids: Annotated[list[Id], _or([])] = Field(default_factory=list)
    direction: Literal["inbound", "outbound", "internal"]
    gateway: Id | None = None
    caller: str
    callee: str
    started_at: Instant
    ended_at: Instant
    answered_at: Instant | None = None
    answered_by: Literal["agent", "machine"] | None = None
    agent: str | None = None

    def key(self) -> bytes:
        return self.server.encode()

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        _count_bytes(self.server, self.record_id, self.call_id, self.gateway or "", *self.channel_ids)
        if self.ended_at < self.started_at:
            raise PydanticCustomError("times_out_of_order", "ended_at is before started_at")
        if self.answered_at is not None and not self.started_at <= self.answered_at <= self.ended_at:
            raise PydanticCustomError("times_out_of_order", "answered_at is outside started_at..ended_at")
        if self.ended_at - self.started_at > MAX_LEG_MS:
            raise PydanticCustomError("time_out_of_range", "the leg lasts over 24 h")
        _within(self, self.started_at, self.ended_at)
        return self


class OrderEvent(Record):
    """One state of one order of a dispatch program."""

    organisation: Id
    order_id: Id
    revision: Annotated[int, Field(ge=0, le=MAX_REVISION)]
    occurred_at: Instant
    created_at: Instant
    pickup_at: Instant | None = None
    state: str
    source: str | None = None
    service: str
    phone: str | None = None
    server: ServerId | None = None
    call_id: Id | None = None
    price: Annotated[int, Field(ge=0, le=MAX_PRICE)] | None = None
    currency: Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")] | None = None
    cancel_reason: str | None = None

    def key(self) -> bytes:
        return f"{self.organisation}/{self.order_id}".encode()

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        _count_bytes(self.organisation, self.order_id, self.server or "", self.call_id or "")
        if (self.server is None) != (self.call_id is None):
            raise PydanticCustomError("bad_value", "server and call_id go together: both or neither")
        if self.price is not None and self.currency is None:
            raise PydanticCustomError("bad_value", "a price needs its currency")
        if self.occurred_at < self.created_at:
            raise PydanticCustomError("times_out_of_order", "occurred_at is before created_at")
        _within(self, self.created_at, self.occurred_at)
        if self.pickup_at is not None:
            _pickup_within(self.pickup_at, self.created_at)
        return self


class ClientBaseEntry(Record):
    """A client known from before the records begin."""

    organisation: Id
    phone: str
    service: str | None = None
    first_order_at: Instant

    def key(self) -> bytes:
        return self.organisation.encode()

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        _count_bytes(self.organisation)
        _within(self, self.first_order_at, self.first_order_at)
        return self


def _count_bytes(*identifiers: str) -> None:
    for text in identifiers:
        if not text.isascii() and len(text.encode()) > MAX_ID_BYTES:
            raise PydanticCustomError("bad_value", "an identifier has 1 to 128 bytes, not {text}", {"text": text[:40]})


def _within(record: Record, earliest: int, latest: int) -> None:
    seen = record.observed_at
    for at in (earliest, seen, latest):
        if not EARLIEST_MS <= at < END_OF_TIME_MS:
            raise _out_of_range(record, at, "is before 2000 or after 2099")
    if latest > seen + MAX_AHEAD_MS:
        raise _out_of_range(record, latest, "is more than 24 h after observed_at")


def _out_of_range(record: Record, at: int, why: LiteralString) -> PydanticCustomError:
    """Names the field; what the record has there is known to `_refusal`."""
    field = next(name for name, value in record if name.endswith("_at") and value == at)
    return PydanticCustomError("time_out_of_range", why, {"field": field})


def _pickup_within(pickup_at: int, created_at: int) -> None:
    if not EARLIEST_MS <= pickup_at < END_OF_TIME_MS:
        raise PydanticCustomError("time_out_of_range", "pickup_at is before 2000 or after 2099")
    if pickup_at > created_at + MAX_PREORDER_MS:
        raise PydanticCustomError("time_out_of_range", "pickup_at is more than 90 days after created_at")


def read(contract: type[R], key: bytes | None, raw: bytes | None) -> R:
    """The record in a message; raises `Refused`, also where the key would keep it from meeting its like."""
    record = parse(contract, raw)
    if key != record.key():
        shown = key if key is None else key[:MAX_ID_BYTES]
        raise Refused("bad_value", f"the message key is {shown!r}, it must be {record.key()!r}")
    return record


def parse(contract: type[R], raw: bytes | None) -> R:
    """The record in the bytes of a value; raises `Refused`."""
    if raw is None:
        raise Refused("not_json", "an empty message (null value)")
    if len(raw) > MAX_RECORD_BYTES:
        raise Refused("too_large", f"{len(raw)} bytes, at most {MAX_RECORD_BYTES} are taken")
    try:
        return contract.model_validate_json(raw)
    except ValidationError as error:
        raise _refusal(raw, error.errors(include_url=False)[0]) from error


def canonical(record: Record) -> bytes:
    """The form in which two records of one identity and revision are compared: without observed_at, keys sorted."""
    fields = {
        name: format_time(value) if name.endswith("_at") and value is not None else value
        for name, value in record
        if name != "observed_at"
    }
    return orjson.dumps(fields, option=orjson.OPT_SORT_KEYS)


def _refusal(raw: bytes, found: ErrorDetails) -> Refused:
    field = found.get("ctx", {}).get("field")
    where = f"{field} {found['input'][field]}" if field else ".".join(map(str, found["loc"])) or "record"
    return Refused(_reason(raw, found), f"{where}: {found['msg']}")


def _reason(raw: bytes, found: ErrorDetails) -> Reason:
    kind, of_a_field = found["type"], len(found["loc"]) == 1
    if kind == "json_invalid":
        return "not_json" if _is_utf8(raw) else "not_utf8"
    if kind == "missing" or (of_a_field and found["input"] is None):
        return "missing_field"
    if found["loc"] == ("v",):
        return "wrong_version"
    if kind.endswith("_type") or (kind == "literal_error" and not isinstance(found["input"], str)):
        return "wrong_type"
    return _OWN.get(kind, "bad_value")


_OWN: dict[str, Reason] = {
    "bad_time": "bad_time",
    "times_out_of_order": "times_out_of_order",
    "time_out_of_range": "time_out_of_range",
}


def _is_utf8(raw: bytes) -> bool:
    try:
        raw.decode()
    except UnicodeDecodeError:
        return False
    return True
