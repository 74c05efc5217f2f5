"""The golden examples are what the contracts say: writers and readers on both sides of a border test against these."""

from pathlib import Path
from typing import Any, get_type_hints

import orjson
import pytest
from pydantic import BaseModel, ConfigDict, create_model

import streams.contracts
from streams.contracts.activity import CallActivity, CallImage, activity_key, read_activity
from streams.contracts.directory import KINDS, VERSION_KEY
from streams.contracts.facts import SignedCallFact, fact_key, read_call_fact
from streams.contracts.records import CallRecord, ClientBaseEntry, OrderEvent, Record, Refused, read
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


def _strict(typed: type[Any], **replaced: Any) -> type[BaseModel]:
    """Exactly the fields of a TypedDict, nothing coerced."""
    fields: dict[str, Any] = {name: (hint, ...) for name, hint in (get_type_hints(typed) | replaced).items()}
    return create_model(typed.__name__, __config__=ConfigDict(strict=True, extra="forbid"), **fields)


@pytest.mark.parametrize("example", _named("clients.activity/*.json"))
def test_an_activity_has_exactly_the_fields_of_its_contract(example: Path) -> None:
    contract = _strict(CallActivity, image=_strict(CallImage) | None)
    assert contract.model_validate_json(example.read_bytes())
    activity = read_activity(example.read_bytes())
    assert activity_key(activity) == (b"orbita" if activity["organisation"] else b"pbx-1")


@pytest.mark.parametrize("example", _named("facts.calls/*.json"))
def test_a_fact_has_exactly_the_fields_of_its_contract(example: Path) -> None:
    assert _strict(SignedCallFact).model_validate_json(example.read_bytes())
    assert fact_key(read_call_fact(example.read_bytes())) == b"orbita"


def test_the_statement_and_its_taking_back_differ_in_the_sign_only() -> None:
    stated, taken_back = (orjson.loads(path.read_bytes()) for path in sorted((EXAMPLES / "facts.calls").iterdir()))
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
