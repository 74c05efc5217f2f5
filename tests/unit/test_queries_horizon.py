"""What is said of buckets before the records begin: what did happen, and nothing where nothing is known."""

from dataclasses import replace
from datetime import UTC, datetime

from clickhouse.queries.horizon import Horizon
from clickhouse.queries.parse import parse
from clickhouse.queries.scope import scope
from clickhouse.queries.tenant import PROVIDER
from streams.contracts.directory import Entities
from streams.directory import Directory

LATER = datetime(2030, 1, 1, tzinfo=UTC)
RAW = {"metric": ["calls"], "from": ["2026-03-01"], "to": ["2026-03-04"], "step": ["day"]}


def test_before_the_records_begin_only_what_is_empty_is_unknown() -> None:
    """A share of 0 is a finding: there were calls."""
    asked = replace(scope(parse(RAW), Directory(Entities()), PROVIDER), history_from=datetime(2026, 3, 3, tzinfo=UTC))
    horizon = Horizon(asked, asked.buckets, LATER)
    first, *_ = asked.buckets
    assert horizon.line({first: 0.0}, None) == [0.0, None, None]
    assert horizon.line({first: 7}, 0) == [7, None, 0]
