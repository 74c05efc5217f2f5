"""The golden examples are what the contracts say: writers and readers on both sides of a border test against these."""

from pathlib import Path
from typing import Any, get_args, get_type_hints

import orjson
import pytest
from pydantic import BaseModel, ConfigDict, create_model

import streams.contracts
from streams.contracts.activity import (
    CallActivity,
    CallImage,
    ClientActivity,
    ClientImage,
    OrderActivity,
    OrderImage,
    activity_key,
    read_activity,
)
from streams.contracts.directory import KINDS, VERSION_KEY
from streams.contracts.facts import SignedCallFact, SignedOrderFact, fact_key, read_call_fact, read_order_fact
from streams.contracts.generations import Generations
from streams.contracts.records import CallRecord, ClientBaseEntry, OrderEvent, Reason, Record, Refused, read
from streams.contracts.topics import TOPICS
from streams.directory_topic import fold

EXAMPLES = Path(streams.contracts.__file__).parent / "examples"
RAW: dict[str, tuple[type[Record], bytes]] = {
    "telephony.call-records": (CallRecord, b"pbx-1"),
    "dispatch.order-events": (OrderEvent, b"orbita/A-100500"),
    "provider.client-base": (ClientBaseEntry, b"orbita"),
}


def _named(pattern: str) -> list[Any]:
    return [pytest.param(path, id=f"{path.parent.name}/{path.stem}") for path in sorted(EXAMPLES.glob(pattern))]


def _raw(kind: str) -> list[Any]:
    return [example for topic in RAW for example in _named(f"{topic}/{kind}.*.json")]


@pytest.mark.parametrize("example", _raw("good"))
def test_a_good_record_is_read_under_its_key(example: Path) -> None:
    contract, key = RAW[example.parent.name]
    assert read(contract, key, example.read_bytes()).key() == key


@pytest.mark.parametrize("example", _raw("refused"))
def test_a_refused_record_is_refused_with_the_reason_in_its_name(example: Path) -> None:
    contract, key = RAW[example.parent.name]
    with pytest.raises(Refused) as refusal:
        read(contract, key, example.read_bytes())
    assert refusal.value.reason == example.name.split(".")[1]
    assert refusal.value.error


@pytest.mark.parametrize("topic", RAW)
def test_every_reason_that_a_record_can_give_has_an_example(topic: str) -> None:
    """Not those that its size and its age give; a client base entry has no times that could contradict each other."""
    reasons = {path.name.split(".")[1] for path in EXAMPLES.glob(f"{topic}/refused.*.json")}
    possible = set(get_args(Reason)) - {"too_large", "too_old"}
    assert reasons == possible - ({"times_out_of_order"} if topic == "provider.client-base" else set())


@pytest.mark.parametrize("example", _named("generations/good.*.json"))
def test_what_is_published_of_the_generations_is_read_as_it_was_written(example: Path) -> None:
    published = Generations.model_validate_json(example.read_bytes())
    assert orjson.loads(published.model_dump_json()) == orjson.loads(example.read_bytes())


def test_a_switch_turns_the_one_example_into_the_other() -> None:
    filling, switched = (
        Generations.model_validate_json((EXAMPLES / "generations" / f"good.{name}.json").read_bytes())
        for name in ("filling", "switched")
    )
    assert filling.switched() == switched


def _strict(typed: type[Any], **replaced: Any) -> type[BaseModel]:
    """Exactly the fields of a TypedDict, nothing coerced."""
    fields: dict[str, Any] = {name: (hint, ...) for name, hint in (get_type_hints(typed) | replaced).items()}
    return create_model(typed.__name__, __config__=ConfigDict(strict=True, extra="forbid"), **fields)


ACTIVITIES = {
    "call": _strict(CallActivity, image=_strict(CallImage) | None),
    "order": _strict(OrderActivity, image=_strict(OrderImage) | None),
    "client": _strict(ClientActivity, image=_strict(ClientImage) | None),
}


@pytest.mark.parametrize("example", _named("clients.activity/*.json"))
def test_an_activity_has_exactly_the_fields_of_its_contract(example: Path) -> None:
    activity = read_activity(example.read_bytes())
    assert ACTIVITIES[activity["kind"]].model_validate_json(example.read_bytes())
    assert activity_key(activity) == (activity["organisation"] or "pbx-1").encode()


def test_every_kind_of_activity_has_an_example() -> None:
    kinds = {orjson.loads(path.read_bytes())["kind"] for path in (EXAMPLES / "clients.activity").iterdir()}
    assert kinds == set(ACTIVITIES)


def test_an_order_of_an_organisation_that_nobody_knows_is_of_none_inside_the_image() -> None:
    activity = orjson.loads((EXAMPLES / "clients.activity/good.order-of-nobody.json").read_bytes())
    assert (activity["organisation"], activity["image"]["organisation"]) == ("lunohod", "")


@pytest.mark.parametrize("example", _named("facts.calls/*.json"))
def test_a_fact_of_a_call_has_exactly_the_fields_of_its_contract(example: Path) -> None:
    assert _strict(SignedCallFact).model_validate_json(example.read_bytes())
    assert fact_key(read_call_fact(example.read_bytes())) == b"orbita"


@pytest.mark.parametrize("example", _named("facts.orders/*.json"))
def test_a_fact_of_an_order_has_exactly_the_fields_of_its_contract(example: Path) -> None:
    assert _strict(SignedOrderFact).model_validate_json(example.read_bytes())
    assert fact_key(read_order_fact(example.read_bytes())) == b"orbita"


@pytest.mark.parametrize("topic", ["facts.calls", "facts.orders"])
def test_the_statement_and_its_taking_back_differ_in_the_sign_only(topic: str) -> None:
    stated, taken_back = (orjson.loads(path.read_bytes()) for path in sorted((EXAMPLES / topic).iterdir()))
    assert stated == taken_back | {"sign": 1}


def test_a_published_directory_is_read_back() -> None:
    examples = [orjson.loads(path.read_bytes()) for path in (EXAMPLES / "provider.directory").glob("good.*.json")]
    messages = {example["key"].encode(): orjson.dumps(example["value"]) for example in examples}
    version = messages.pop(VERSION_KEY)
    directory = fold([*messages.items(), (VERSION_KEY, version)])
    assert directory is not None
    assert {key.encode() for key, _ in directory.entities.keyed()} == set(messages)
    assert {key.decode().partition("/")[0] for key in messages} == set(KINDS)


def test_every_topic_between_stages_has_examples() -> None:
    topics = {topic.name for topic in TOPICS if not topic.name.endswith(".changelog")}
    assert topics <= {folder.name for folder in EXAMPLES.iterdir()}
