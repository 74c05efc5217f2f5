"""A store that cannot be reached is named, with why, in one line; its password is not."""

import pytest

from clickhouse.engine import EngineError, connect


def test_a_server_that_does_not_answer_is_named_without_its_password() -> None:
    with pytest.raises(EngineError) as refused:
        connect("http://pulse:s3cret@127.0.0.1:9").writer()
    assert str(refused.value) == "no ClickHouse at 127.0.0.1:9: Connection refused"


@pytest.mark.parametrize("url", ["127.0.0.1:9", "nonsense", "pulse:s3cret@127.0.0.1:9"])
def test_what_is_no_address_is_refused_with_one_that_is(url: str) -> None:
    with pytest.raises(EngineError, match="give one like http://user:password@host:8123") as refused:
        connect(url)
    assert "s3cret" not in str(refused.value)
