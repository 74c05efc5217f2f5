"""Delivery, stage 1: nothing is lost and nothing counted twice, whatever dies, pauses or joins."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.delivery_rig import Rig, names

pytestmark = pytest.mark.timeout(90)


@pytest.fixture
def rig(bootstrap: str, tmp_path: Path) -> Iterator[Rig]:
    made = Rig(bootstrap, f"delivery-{next(names)}", tmp_path)
    made.create_topics()
    yield made
    made.stop()


def test_two_stages_count_every_record_once(rig: Rig) -> None:
    rig.send(range(5_000), repeats=2)
    worker = rig.start()
    rig.await_facts()
    worker.stop()
