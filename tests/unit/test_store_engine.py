"""A store that cannot be reached is named, its password is not."""

import pytest

from clickhouse.engine import EngineError, connect


def test_a_server_that_does_not_answer_is_named_without_its_password() -> None:
    with pytest.raises(EngineError) as refused:
        connect("http://pulse:s3cret@127.0.0.1:9").writer()
    assert "no ClickHouse at 127.0.0.1:9" in str(refused.value)
    assert "s3cret" not in str(refused.value)
