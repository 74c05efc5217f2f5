"""A state goes on with the directory that it was derived with, and with no other; a fresh one with any."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from aiokafka import TopicPartition

from streams.chunks import Outputs
from streams.contracts.directory import Entities, Organisation
from streams.contracts.stages import Stage
from streams.contracts.topics import ACTIVITY, BASE_CHANGELOG, CLIENT_BASE, DEAD_LETTERS
from streams.delivery.lease import DirectoryChangedError, Lease
from streams.delivery.limits import Limits
from streams.delivery.state import Mark, Store
from streams.delivery.takeover import Taken
from streams.directory import Directory
from tests.unit.test_delivery_bounds import Sized

STAGE = Stage("announce_clients", CLIENT_BASE, BASE_CHANGELOG, (ACTIVITY,), DEAD_LETTERS)


def of(organisation: str) -> Directory:
    office = Organisation(
        id=organisation, name="O", time_zone="Europe/Moscow", region="RU", history_from=date(2026, 1, 1)
    )
    return Directory(Entities(organisations=(office,)), 1)


@pytest.fixture
def lease(tmp_path: Path) -> Lease:
    nobody: Any = None
    made = Lease(STAGE, Taken(TopicPartition(STAGE.source_topic, 0), nobody, None, 0, 0, {}), tmp_path, "", Limits())
    made._store = Store(tmp_path / "state")
    return made


def worked_with(lease: Lease, directory: Directory) -> None:
    """A chunk of which nothing was kept: entries of an organisation that the directory does not know."""
    assert lease._store is not None
    lease._store.apply({}, 2, Mark(1, directory.digest))


def test_what_has_worked_through_nothing_yet_goes_on_with_any(lease: Lease) -> None:
    lease.check_directory(of("orbita"))


def test_what_kept_nothing_of_a_chunk_has_still_derived_it(lease: Lease) -> None:
    worked_with(lease, of("orbta"))
    lease.check_directory(of("orbta"))
    with pytest.raises(DirectoryChangedError, match=r"Derive everything anew \(pulse rebuild\)"):
        lease.check_directory(of("orbita"))


def test_what_was_refused_as_a_whole_is_derived_with_none(lease: Lease) -> None:
    """Refusing depends on no directory: what is malformed is so under any."""
    messages, outputs = [Sized(b"{", b"pbx", 7)], Outputs()
    outputs.refuse(messages[0], "not_json", "")
    assert lease._derived_with(messages, of("orbta"), outputs) == ""
    worked_with(lease, of("orbita"))
    assert lease._derived_with(messages, of("orbta"), outputs) == of("orbita").digest
    assert lease._derived_with(messages, of("orbta"), Outputs()) == of("orbta").digest


def test_what_only_refused_goes_on_with_any(lease: Lease) -> None:
    assert lease._store is not None
    lease._store.apply({}, 2, Mark(1, ""))
    lease.check_directory(of("orbita"))
