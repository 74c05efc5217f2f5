"""The published directory: what changed, in one apply that ends with the version, on which readers switch."""

from pathlib import Path

import orjson
import pytest

from producers.directory import compare, read_directory_file
from producers.directory.publish import messages
from streams.contracts.directory import VERSION_KEY, Entities, Server
from streams.directory import Directory
from streams.directory_topic import DirectoryError, fold

EXAMPLE = read_directory_file(Path("deploy/directory.example.yaml"))


def _renamed(entities: Entities) -> Entities:
    first = entities.organisations[0].model_copy(update={"name": "New name"})
    return entities.model_copy(update={"organisations": (first,)})


def _without_gateways(entities: Entities) -> Entities:
    return entities.model_copy(update={"gateways": (), "campaigns": ()})


def test_what_is_published_is_read_back_as_it_was() -> None:
    directory = fold(messages(compare(None, EXAMPLE)))
    assert directory is not None
    assert (directory.version, directory.digest) == (1, Directory(EXAMPLE).digest)
    assert dict(directory.entities.keyed()) == dict(EXAMPLE.keyed())


def test_the_version_is_the_last_record_and_each_value_carries_it() -> None:
    sent = messages(compare(None, EXAMPLE))
    assert [key for key, _ in sent].index(VERSION_KEY) == len(sent) - 1
    assert all(orjson.loads(value)["version"] == 1 for key, value in sent[:-1] if value)
    assert orjson.loads(sent[-1][1] or b"") == {"number": 1, "digest": Directory(EXAMPLE).digest}


def test_applying_the_same_again_publishes_nothing() -> None:
    changes = compare(fold(messages(compare(None, EXAMPLE))), EXAMPLE)
    assert (changes.nothing, changes.version, changes.changes_numbers) == (True, 1, False)


def test_only_what_changed_is_sent_and_what_vanished_is_removed() -> None:
    former = fold(messages(compare(None, EXAMPLE)))
    sent = messages(compare(former, _without_gateways(_renamed(EXAMPLE))))
    assert [(key.decode(), value is None) for key, value in sent] == [
        ("campaign/spring", True),
        ("gateway/pbx-1/GSM1", True),
        ("gateway/pbx-1/GSM2", True),
        ("organisation/orbita", False),
        ("version/current", False),
    ]


def test_a_rename_is_a_new_version_that_changes_no_number() -> None:
    former = fold(messages(compare(None, EXAMPLE)))
    changes = compare(former, _renamed(EXAMPLE))
    assert (changes.version, changes.changes_numbers) == (2, False)
    assert compare(former, _without_gateways(EXAMPLE)).changes_numbers


def test_two_applies_add_up() -> None:
    first = messages(compare(None, EXAMPLE))
    second = messages(compare(fold(first), _without_gateways(EXAMPLE)))
    directory = fold([*first, *second])
    assert directory is not None
    assert (directory.version, directory.entities.gateways) == (2, ())


def test_what_stands_after_the_last_version_belongs_to_none() -> None:
    whole = messages(compare(None, EXAMPLE))
    more = (b"server/pbx-9", Server(id="pbx-9", time_zone="UTC").model_dump_json().encode())
    assert fold([*whole, more]) == fold(whole)
    assert fold(whole[:-1]) is None
    assert fold([]) is None


@pytest.mark.parametrize(
    ("key", "value"), [(None, b"{}"), (b"planet/mars", b"{}"), (b"server/x", b"{"), (b"server/x", b'{"id":"x"}')]
)
def test_what_nobody_should_have_written_there_is_an_error_not_a_guess(key: bytes | None, value: bytes) -> None:
    with pytest.raises(DirectoryError):
        fold([(key, value), *messages(compare(None, EXAMPLE))])
