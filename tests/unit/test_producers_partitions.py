"""Every producer puts a key into the same partition: records that must meet do, whoever sent them."""

from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from producers.sending import RememberingPartitioner
from streams.delivery.routing import partition_of


@given(key=st.binary(max_size=300), partitions=st.integers(1, 64))
def test_a_key_goes_where_the_delivery_layer_would_put_it(key: bytes, partitions: int) -> None:
    cluster = SimpleNamespace(partitions_for_topic=lambda _: set(range(partitions)))
    assert RememberingPartitioner().partition("t", key, key, None, None, cluster) == partition_of(key, partitions)


def test_a_key_is_put_again_where_a_topic_has_another_number_of_partitions() -> None:
    placed = {
        RememberingPartitioner().partition("t", b"pbx-1", b"pbx-1", None, None, _cluster(count))
        for count in range(1, 9)
    }
    assert len(placed) > 1


@pytest.mark.parametrize("count", [1, 4])
def test_without_a_key_any_partition_will_do(count: int) -> None:
    assert RememberingPartitioner().partition("t", None, None, b"x", b"x", _cluster(count)) in range(count)


def _cluster(count: int) -> SimpleNamespace:
    return SimpleNamespace(
        topics=lambda: {"t"},
        partitions_for_topic=lambda _: set(range(count)),
        available_partitions_for_topic=lambda _: set(range(count)),
    )
