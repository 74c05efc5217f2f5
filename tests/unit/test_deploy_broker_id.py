"""The name of a new cluster: one that Kafka's own tool takes."""

from uuid import UUID

from deploy.broker import cluster_id, new_cluster_id


def test_it_is_written_as_kafka_writes_it() -> None:
    assert cluster_id(UUID(int=0)) == "A" * 22
    assert cluster_id(UUID(int=0xFB << 120)).startswith("-")


def test_none_begins_like_an_option() -> None:
    assert not any(new_cluster_id().startswith("-") for _ in range(2_000))
